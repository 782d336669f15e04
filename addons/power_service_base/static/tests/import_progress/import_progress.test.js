import {beforeEach, expect, test} from "@odoo/hoot";
import {queryOne, queryText} from "@odoo/hoot-dom";
import {advanceTime, animationFrame} from "@odoo/hoot-mock";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import {ConnectionLostError} from "@web/core/network/rpc";

class PowerImport extends models.Model {
    _name = "power.import";

    state = fields.Selection({
        selection: [
            ["running", "Running"],
            ["done", "Done"],
        ],
    });

    _records = [
        {id: 1, state: "running"},
        {id: 2, state: "done"},
    ];
}
defineMailModels();
defineModels([PowerImport]);

const arch = `
    <form>
        <field name="state" readonly="1"/>
        <widget name="power_import_progress" invisible="state != 'running'"/>
    </form>`;
const BAR = ".o_power_import_progress .progress-bar";
const READING = {
    state: "running",
    step: "Reading the file",
    percent: 12.5,
    rows: 2500,
    total: 0,
    rate: 1000,
    seconds_left: 95,
};
let answers = [];
let asked = 0;

beforeEach(() => {
    asked = 0;
    onRpc("has_group", () => true);
    onRpc("power.import", "get_progress", ({args}) => {
        expect(args[0]).toEqual([1]);
        asked++;
        const answer = answers.shift();
        if (answer instanceof Error) {
            throw answer;
        }
        return answer;
    });
});

async function nextSecond() {
    await advanceTime(1000);
    await animationFrame();
}

test("a running import's bar moves once a second, to its end", async () => {
    answers = [
        READING,
        {
            ...READING,
            step: "Importing",
            percent: 40,
            rows: 4000,
            total: 10000,
            seconds_left: 6,
        },
        {...READING, step: "Checking", percent: null, rows: 10000, total: 10000},
        {...READING, state: "done", percent: 100},
    ];
    await mountView({type: "form", resModel: "power.import", resId: 1, arch});
    expect(queryOne(BAR).style.width).toBe("12.5%");
    expect(BAR).toHaveAttribute("aria-valuenow", "12.5");
    expect(BAR).toHaveText("12.5 %");
    const text = queryText(".o_power_import_progress");
    expect(text).toMatch(/Reading the file/);
    expect(text).toMatch(/2,500 rows · 1,000 rows\/s · 2 min left/);

    await nextSecond();
    expect(queryOne(BAR).style.width).toBe("40%");
    expect(queryText(".o_power_import_progress")).toMatch(
        /4,000 of 10,000 rows · 1,000 rows\/s · 6 s left/
    );

    // A step in one go: the bar is full, without a figure.
    await nextSecond();
    expect(queryOne(BAR).style.width).toBe("100%");
    expect(BAR).not.toHaveAttribute("aria-valuenow");
    expect(BAR).toHaveText("");
    expect(queryText(".o_power_import_progress")).toMatch(/10,000 rows/);

    // At the end the form is read again, and nobody asks any more.
    onRpc("power.import", "web_read", () => [{id: 1, state: "done"}]);
    await nextSecond();
    await animationFrame();
    expect(".o_power_import_progress").toHaveCount(0);
    expect(".o_field_widget[name=state]").toHaveText(/Done/);
    expect(asked).toBe(4);
    await advanceTime(5000);
    expect(asked).toBe(4);
});

test("a server that is away is asked again", async () => {
    answers = [READING, new ConnectionLostError("/web/dataset/call_kw"), READING];
    await mountView({type: "form", resModel: "power.import", resId: 1, arch});
    await nextSecond();
    expect(BAR).toHaveCount(1);
    await nextSecond();
    expect(asked).toBe(3);
});

test("an ended import has no bar and asks nothing", async () => {
    await mountView({type: "form", resModel: "power.import", resId: 2, arch});
    expect(".o_power_import_progress").toHaveCount(0);
    await advanceTime(3000);
    expect(asked).toBe(0);
});
