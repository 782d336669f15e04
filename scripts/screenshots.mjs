// Take a picture of each page; fail on any error in the browser's console.
const {chromium} = await import(process.env.PLAYWRIGHT_MODULE);
const {OUT, URL: BASE} = process.env;
const WIDE = {width: 1400, height: 900};
const PHONE = {width: 390, height: 844};

// name, login, path, and what to do or wait for
const PAGES = [
    {name: "customers", login: "staff", path: "/odoo/power-customers"},
    {name: "supply_points", login: "staff", path: "/odoo/supply-points"},
    {name: "contracts", login: "staff", path: "/odoo/supply-contracts"},
    {name: "grid_areas", login: "chief", path: "/odoo/grid-areas"},
    {name: "network", login: "chief", path: "/odoo/network-elements"},
    {
        name: "customer_form",
        login: "staff",
        path: "/odoo/power-customers",
        open: "tbody tr.o_data_row td[name=name]",
        tab: "power_service",
    },
    {
        name: "point_form",
        login: "staff",
        path: "/odoo/supply-points",
        open: "tbody tr.o_data_row td[name=name]",
    },
    {
        name: "area_form",
        login: "chief",
        path: "/odoo/grid-areas",
        open: "tbody tr.o_data_row td[name=name]",
    },
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
for (const {name, login: user, path, open, tab, phone} of PAGES) {
    if (!name.includes(wanted)) {
        continue;
    }
    for (const suffix of ["", "_en"]) {
        const context = await browser.newContext({
            viewport: phone ? PHONE : WIDE,
            hasTouch: Boolean(phone),
            locale: suffix ? "en-US" : "zh-CN",
            timezoneId: "Asia/Shanghai",
        });
        const page = user
            ? await login(context, user + suffix)
            : await context.newPage();
        const label = `${name}${suffix || "_zh"}`;
        page.on("console", (message) => {
            if (["error", "warning"].includes(message.type())) {
                errors.push(`${label}: ${message.text()}`);
            }
        });
        page.on("pageerror", (error) => errors.push(`${label}: ${error}`));
        await page.goto(BASE + path);
        await page.waitForLoadState("load");
        if (path.startsWith("/odoo")) {
            await page.locator(".o_action_manager > *").first().waitFor();
        }
        await page.waitForTimeout(1500);
        if (open) {
            await page.locator(open).first().click();
            await page.locator(".o_form_view").waitFor();
        }
        if (tab) {
            await page.locator(`.nav-link[name=${tab}]`).click();
        }
        await page.waitForTimeout(600);
        await page.screenshot({path: `${OUT}/${label}.png`});
        console.log(`${OUT}/${label}.png`);
        await context.close();
    }
}
await browser.close();
if (errors.length) {
    console.error(errors.join("\n"));
    process.exit(1);
}
