import {beforeEach, expect, test} from "@odoo/hoot";
import {queryAllTexts} from "@odoo/hoot-dom";
import {advanceTime, animationFrame, mockDate} from "@odoo/hoot-mock";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {formatSpan, ticker} from "@power_service_tickets/countdown/countdown_field";
import {
    defineModels,
    fields,
    makeMockEnv,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

class Ticket extends models.Model {
    deadline = fields.Datetime();
    is_at_risk = fields.Boolean();
    is_paused = fields.Boolean();

    _records = [
        {id: 1, deadline: "2026-03-05 05:30:00"},
        {id: 2, deadline: "2026-03-02 04:30:30", is_at_risk: true},
        {id: 3, deadline: "2026-03-02 02:00:30"},
        {id: 4, deadline: "2026-03-02 01:00:00"},
        {id: 5, deadline: false},
        {id: 6, deadline: false, is_paused: true},
    ];
}
defineMailModels();
defineModels([Ticket]);
beforeEach(() => {
    onRpc("has_group", () => true);
});

const arch = `
    <list>
        <field name="deadline" widget="power_countdown"/>
        <field name="is_at_risk" column_invisible="1"/>
        <field name="is_paused" column_invisible="1"/>
    </list>`;

test("counts down in the browser, without asking the server", async () => {
    // 10:00 in China
    mockDate("2026-03-02 02:00:00", 0);
    let calls = 0;
    onRpc(() => {
        calls++;
    });
    await mountView({type: "list", resModel: "ticket", arch});
    const texts = queryAllTexts(".o_data_cell");
    expect(texts[0]).toBe("3d 3h");
    expect(texts[1]).toBe("2h 30min");
    expect(texts[2]).toMatch(/^0min [0-3]\ds$/);
    expect(texts[3]).toBe("1h 0min late");
    expect(texts[4]).toBe("");
    // Time that stands still is no time that is gone.
    expect(texts[5]).toBe("Paused");
    expect(".o_data_row:eq(1) .o_power_countdown").toHaveClass("text-warning");
    expect(".o_data_row:eq(2) .o_power_countdown").not.toHaveClass("text-danger");
    expect(".o_data_row:eq(3) .o_power_countdown").toHaveClass("text-danger");
    const before = calls;
    await advanceTime(40_000);
    await animationFrame();
    expect(queryAllTexts(".o_data_cell")[2]).toMatch(/^0min \d\ds late$/);
    expect(".o_data_row:eq(2) .o_power_countdown").toHaveClass("text-danger");
    expect(before).toBeGreaterThan(0);
    expect(calls).toBe(before);
});

test("one timer for all, and none when nobody counts", async () => {
    mockDate("2026-03-02 02:00:00", 0);
    await mountView({type: "list", resModel: "ticket", arch});
    expect(ticker.listeners.size).toBe(6);
    expect(Boolean(ticker.timer)).toBe(true);
});

test("spans are said as people say them", async () => {
    await makeMockEnv();
    expect(String(formatSpan(0))).toBe("0min 00s");
    expect(String(formatSpan(59 * 60 + 59))).toBe("59min 59s");
    expect(String(formatSpan(3600))).toBe("1h 0min");
    expect(String(formatSpan(-86400 - 3600))).toBe("1d 1h");
});
