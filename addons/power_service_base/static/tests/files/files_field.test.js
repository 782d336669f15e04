import {defineMailModels, startServer} from "@mail/../tests/mail_test_helpers";
import {
    contains,
    defineModels,
    fields,
    models,
    mountView,
} from "@web/../tests/web_test_helpers";
import {expect, test} from "@odoo/hoot";
import {queryOne} from "@odoo/hoot-dom";

class Ticket extends models.Model {
    proof_ids = fields.Many2many({relation: "ir.attachment"});
}
defineMailModels();
defineModels([Ticket]);

async function mountFiles() {
    const server = await startServer();
    const files = server["ir.attachment"].create([
        {name: "meter.png", mimetype: "image/png"},
        {name: "list.xlsx", mimetype: "application/vnd.ms-excel"},
        {name: "pole.jpg", mimetype: "image/jpeg"},
    ]);
    const ticket = server.ticket.create({proof_ids: files});
    await mountView({
        type: "form",
        resModel: "ticket",
        resId: ticket,
        arch: `<form><field name="proof_ids" widget="power_files"/></form>`,
    });
}

test("a picture opens over the page, and the next one after it", async () => {
    await mountFiles();
    expect(".o-FileViewer").toHaveCount(0);
    await contains(".o_attachment:eq(0) .o_image_box a").click();
    expect(".o-FileViewer").toHaveCount(1);
    expect(".o-FileViewer-header").toHaveText(/meter\.png/);
    await contains(".o-FileViewer [aria-label='Next']").click();
    expect(".o-FileViewer-header").toHaveText(/pole\.jpg/);
});

test("its name opens it too", async () => {
    await mountFiles();
    await contains(".o_attachment:eq(2) .caption a:eq(0)").click();
    expect(".o-FileViewer-header").toHaveText(/pole\.jpg/);
});

test("what can't be shown is downloaded", async () => {
    await mountFiles();
    const click = (selector) => {
        const link = queryOne(selector);
        const event = new MouseEvent("click", {bubbles: true, cancelable: true});
        // Where it leads isn't followed here.
        link.removeAttribute("href");
        link.dispatchEvent(event);
        return event;
    };
    expect(".o_attachment:eq(1) .o_image_box a").toHaveAttribute(
        "href",
        /download=true$/
    );
    expect(click(".o_attachment:eq(1) .o_image_box a").defaultPrevented).toBe(false);
    expect(".o-FileViewer").toHaveCount(0);
    expect(click(".o_attachment:eq(0) .o_image_box a").defaultPrevented).toBe(true);
});
