// Take a picture of each page; fail on any error in the browser's console.
const {chromium} = await import(process.env.PLAYWRIGHT_MODULE);
const {OUT, URL: BASE} = process.env;
const WIDE = {width: 1400, height: 900};
const PHONE = {width: 390, height: 844};

// name, login, path, and what to do or wait for
const ROW = "tbody tr.o_data_row td.o_data_cell[name]";
const action = (name) => `/odoo/action-power_service_base.${name}`;
// Widths a page is looked at in; the office's screens are wide.
const BOTH = ["wide", "phone"];
const PAGES = [
    {name: "customers", login: "staff", path: "/odoo/power-customers"},
    {name: "customer_form", login: "staff", path: "/odoo/power-customers", open: ROW},
    {name: "supply_points", login: "staff", path: "/odoo/supply-points"},
    {name: "point_form", login: "staff", path: "/odoo/supply-points", open: ROW},
    {name: "contracts", login: "staff", path: "/odoo/supply-contracts"},
    {name: "contract_form", login: "staff", path: "/odoo/supply-contracts", open: ROW},
    {name: "contacts", login: "staff", path: action("power_customer_contact_action")},
    {name: "field_tasks", login: "chief", path: "/odoo/field-tasks"},
    {name: "field_board", login: "chief", path: "/odoo/field-board"},
    {name: "field_task_form", login: "chief", path: "/odoo/field-tasks", open: ROW},
    {name: "notices", login: "staff", path: "/odoo/power-notices"},
    {name: "notice_form", login: "staff", path: "/odoo/power-notices", open: ROW},
    {name: "changes", login: "staff", path: "/odoo/power-change-requests"},
    {name: "grid_areas", login: "chief", path: "/odoo/grid-areas"},
    {name: "area_form", login: "chief", path: "/odoo/grid-areas", open: ROW},
    {name: "network", login: "chief", path: "/odoo/network-elements"},
    {name: "responsibilities", login: "chief", path: "/odoo/power-responsibilities"},
    {name: "stations", login: "manager", path: action("hr_department_action_power")},
    {name: "commitments", login: "manager", path: "/odoo/power-commitments"},
    {name: "prices", login: "manager", path: "/odoo/power-prices"},
    {name: "procedures", login: "manager", path: "/odoo/power-procedures"},
    {name: "outlets", login: "manager", path: "/odoo/power-outlets"},
    {name: "purposes", login: "manager", path: action("power_notice_purpose_action")},
    {name: "gateways", login: "manager", path: action("power_message_gateway_action")},
    {name: "reminders", login: "manager", path: action("power_reminder_rule_action")},
    {name: "jobs", login: "manager", path: action("power_job_run_action")},
    {name: "portal_home", login: "customer", path: "/my", widths: BOTH},
    {name: "portal_points", login: "customer", path: "/my/supply-points", widths: BOTH},
    {name: "portal_data", login: "customer", path: "/my/contact-data", widths: BOTH},
    {name: "service", path: "/service", widths: BOTH},
    {name: "service_commitments", path: "/service/commitments", widths: BOTH},
    {name: "service_prices", path: "/service/prices", widths: BOTH},
    {name: "service_procedures", path: "/service/procedures", widths: BOTH},
    {name: "service_outlets", path: "/service/outlets", widths: BOTH},
];

async function login(context, user) {
    const page = await context.newPage();
    await page.goto(`${BASE}/web/login`);
    await page.fill("input[name=login]", user);
    await page.fill("input[name=password]", process.env.PASSWORD || "demo");
    await page.click("button[type=submit]");
    await page.waitForURL((url) => !url.pathname.includes("/web/login"));
    return page;
}

const wanted = process.argv[2] || "";
const errors = [];
const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ],
});
async function look({name, login: user, path, open}, suffix, width) {
    const label = `${name}${suffix || "_zh"}${width === "phone" ? "_phone" : ""}`;
    const context = await browser.newContext({
        viewport: width === "phone" ? PHONE : WIDE,
        hasTouch: width === "phone",
        locale: suffix ? "en-US" : "zh-CN",
        timezoneId: "Asia/Shanghai",
    });
    const page = user ? await login(context, user + suffix) : await context.newPage();
    page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) {
            errors.push(`${label}: ${message.text()}`);
        }
    });
    page.on("pageerror", (error) => errors.push(`${label}: ${error}`));
    await page.goto(BASE + path);
    if (path.startsWith("/odoo")) {
        await page.locator(".o_action_manager > *").first().waitFor();
    }
    if (open) {
        await page.locator(open).first().click();
        await page.locator(".o_form_view").waitFor();
    }
    await page.waitForTimeout(1200);
    await page.screenshot({path: `${OUT}/${label}.png`});
    console.log(`${OUT}/${label}.png`);
    await context.close();
}

for (const page of PAGES.filter(({name}) => name.includes(wanted))) {
    for (const width of page.widths || ["wide"]) {
        for (const suffix of ["", "_en"]) {
            await look(page, suffix, width).catch((error) =>
                errors.push(`${page.name}${suffix} (${width}): ${error}`)
            );
        }
    }
}
await browser.close();
if (errors.length) {
    console.error(errors.join("\n"));
    process.exit(1);
}
