/* global document */
// Take a picture of every screen, in both languages and widths, and say what is wrong:
// an error or warning in the browser's console, an answer of 400 or more, a page wider
// than the phone, a title that is cut off, English words on a Chinese screen.
//
// Arguments: words that the screens' names hold (none: all). LANGUAGES=zh,en and
// WIDTHS=wide,phone choose among those; ADDON=power_service_base: only its menus.
const {chromium} = await import(process.env.PLAYWRIGHT_MODULE);
const {OUT, URL: BASE} = process.env;
const WIDE = {width: 1400, height: 900};
const PHONE = {width: 390, height: 844};
const LANGUAGES = (process.env.LANGUAGES || "zh,en").split(",");
const WIDTHS = (process.env.WIDTHS || "wide,phone").split(",");
const ADDON = process.env.ADDON || "";
const PASSWORD = process.env.PASSWORD || "demo";

const action = (name) => `/odoo/action-power_service_base.${name}`;
const report = (name) => `/report/html/power_service_base.${name}`;
// The invented rows of an empty list can't be opened.
const REAL = ":not(.o_view_sample_data *)";
const CELL = `tbody tr.o_data_row${REAL} td.o_data_cell:not(.o_list_record_selector, .o_handle_cell, .o_priority_cell)`;
const CARD = `.o_kanban_record:not(.o_kanban_ghost)${REAL}`;
const SHOWN = ".o_action_manager > *, .modal .o_form_view";
const OPEN = `${CELL}, ${CARD}`;
const named = (...names) =>
    names.map((name) => `button:has-text("${name}"):visible`).join(", ");
const ENTRY = named("登记实际情况", "Enter What Happened");
// What a phone keeps its further buttons behind.
const MORE = ".o_statusbar_buttons button:has(.oi-ellipsis-v)";
const FORM_TABS = ".o_form_view .o_notebook_headers .nav-link";

const TICKETS = "/odoo/action-power_service_tickets.";
const ticketReport = (name) => `/report/html/power_service_tickets.${name}/1`;
// One of the demo's tickets by what it is about, and what its buttons and menu open.
const ticket = (subject) => `tr.o_data_row:has-text("${subject}") td[name=subject]`;
const COG = ".o_cp_action_menus .dropdown-toggle:has(.fa-cog)";
const button = (zh, en) =>
    [zh, en].map((word) => `button:has(span:text-is("${word}")):visible`).join(", ");
const item = (zh, en) =>
    [zh, en].map((word) => `.o-dropdown-item:text-is("${word}")`).join(", ");
const ticketWindow = (name, subject, ...click) => ({
    name: `ticket_${name}_wizard`,
    login: "chief",
    path: `${TICKETS}power_ticket_action?view_type=list`,
    click: [ticket(subject), ...click],
    wait: ".modal .o_form_view",
    widths: ["wide"],
});
const COMPLAINT = "停电没有提前通知";
const FAULT = "家中断电";

// Screens that no menu opens. name, login, path, what to click one after the other.
const PAGES = [
    {name: "portal_home", login: "customer", path: "/my"},
    {name: "portal_account", login: "customer", path: "/my/account"},
    {name: "portal_points", login: "customer", path: "/my/supply-points"},
    {
        name: "portal_point",
        login: "customer",
        path: "/my/supply-points",
        click: [".o_portal_my_doc_table a, a[href*='/my/supply-points/']"],
    },
    {name: "portal_data", login: "customer", path: "/my/contact-data"},
    {name: "portal_notices", login: "customer", path: "/my/notices"},
    {name: "service", path: "/service"},
    {name: "service_commitments", path: "/service/commitments"},
    {name: "service_prices", path: "/service/prices"},
    {name: "service_procedures", path: "/service/procedures"},
    {name: "service_outlets", path: "/service/outlets"},
    {name: "login", path: "/web/login"},
    {
        name: "task_entry_wizard",
        login: "chief",
        path: "/odoo/field-tasks",
        click: [OPEN, ENTRY],
    },
    {
        name: "responsibility_transfer_wizard",
        login: "chief",
        path: "/odoo/power-responsibilities",
        click: [OPEN, 'button[name="action_transfer"]'],
    },
    {
        name: "notice_outcome_wizard",
        login: "staff",
        path: action("power_notice_action_by_hand"),
        click: [OPEN, 'button[name="action_record_outcome"]'],
    },
    {
        name: "notice_channel_wizard",
        login: "staff",
        path: action("power_notice_action_by_hand"),
        click: [OPEN, 'button[name="action_change_channel"]'],
    },
    {
        name: "notice_compose_wizard",
        login: "staff",
        path: "/odoo/power-customers",
        click: [
            "tbody .o_list_record_selector input",
            ".o_cp_action_menus .dropdown-toggle:has(.fa-cog)",
            ".o-dropdown-item:has-text('发送通知'), .o-dropdown-item:has-text('Send a Notice')",
        ],
        widths: ["wide"],
    },
    {
        name: "contact_card",
        login: "chief",
        path: report("report_contact_card/1"),
        widths: ["wide"],
    },
    {name: "my_work_field", login: "field", path: "/odoo/my-work"},
    ticketWindow("dispatch", COMPLAINT, button("派单", "Dispatch")),
    ticketWindow("transfer", COMPLAINT, button("转派", "Pass On")),
    ticketWindow("return", COMPLAINT, button("退单", "Return")),
    ticketWindow("chase", COMPLAINT, button("催办", "Chase")),
    ticketWindow("reply", COMPLAINT, 'button[name="action_write_reply"]'),
    ticketWindow("review", "态度生硬", 'button[name="action_review_reply"]'),
    ticketWindow("send_crew", "申请校验电表", button("派人到场", "Send a Crew")),
    ticketWindow("answer", "电费比上月", button("答复", "Answer")),
    ticketWindow("reopen", "峰谷电价", button("重新办理", "Reopen")),
    ticketWindow(
        "charge",
        FAULT,
        '.nav-link[name="charges"]',
        button("告知费用", "Tell a Charge")
    ),
    ticketWindow("merge", FAULT, COG, item("合并", "Merge")),
    ticketWindow("contact", COMPLAINT, COG, item("联系客户", "Customer Contacted")),
    ticketWindow("arrive", FAULT, COG, item("到达现场", "Crew on Site")),
    ticketWindow("restore", FAULT, COG, item("恢复供电", "Supply Restored")),
    ticketWindow("pause", COMPLAINT, COG, item("等待", "Wait")),
    ticketWindow("reclassify", COMPLAINT, COG, item("重新定性", "Reclassify")),
    ticketWindow("extend", COMPLAINT, COG, item("延期", "Extend")),
    ticketWindow("explain", COMPLAINT, COG, item("说明", "Explain")),
    ticketWindow("exempt", COMPLAINT, COG, item("免责", "Exempt")),
    ticketWindow("end_service", COMPLAINT, COG, item("终止服务", "End Service")),
    ticketWindow("cancel", COMPLAINT, COG, item("取消", "Cancel")),
    {
        ...ticketWindow("extend_asked", "电费比上月", COG, item("延期", "Extend")),
        login: "staff",
    },
    {
        name: "callback_outcome_wizard",
        login: "staff",
        path: `${TICKETS}power_ticket_callback_action?view_type=kanban`,
        click: ['button[name="action_unsatisfied"]'],
    },
    {
        name: "duty_handover_wizard",
        login: "chief",
        path: `${TICKETS}power_duty_shift_action_now?view_type=list`,
        click: [CELL, 'button[name="action_note_handover"]'],
    },
    {
        name: "connection_entry_wizard",
        login: "chief",
        path: `${TICKETS}power_connection_action?view_type=list`,
        click: [CELL, 'button[name="action_enter_step"]:visible'],
        widths: ["wide"],
    },
    {
        name: "connection_visit_wizard",
        login: "chief",
        path: `${TICKETS}power_connection_action?view_type=list`,
        click: [CELL, 'button[name="action_plan_visit"]'],
        widths: ["wide"],
    },
    {
        name: "inspection_reason_wizard",
        login: "chief",
        path: `${TICKETS}power_inspection_action?view_type=list`,
        click: [CELL, 'button[name="action_ask_reason"]'],
        widths: ["wide"],
    },
    {
        name: "inspection_running_form",
        login: "chief",
        path: `${TICKETS}power_inspection_action?view_type=kanban`,
        click: [`${CARD}:has-text("进行中"), ${CARD}:has-text("Under Way")`],
    },
    {name: "portal_requests", login: "customer", path: "/my/requests"},
    {name: "portal_request_new", login: "customer", path: "/my/requests/new"},
    {
        name: "portal_request_new_fault",
        login: "customer",
        path: "/my/requests/new?type=fault",
    },
    {
        name: "portal_request",
        login: "customer",
        path: "/my/requests",
        click: ["a[href*='/my/requests/']:not([href*='/new'])"],
    },
    {
        name: "portal_request_answered",
        login: "customer",
        path: "/my/requests",
        click: ["tr:has(.badge) a:text('峰谷电价'), tr:has(.badge) a:text('复电')"],
    },
    {
        name: "portal_request_connection",
        login: "customer",
        path: "/my/requests",
        click: ["tr:has-text('业扩') a, tr:has-text('Connection') a"],
    },
    {
        name: "report_case",
        login: "quality",
        path: ticketReport("report_power_case"),
        widths: ["wide"],
    },
    {
        name: "report_ticket",
        login: "chief",
        path: ticketReport("report_power_ticket"),
        widths: ["wide"],
    },
    {
        name: "report_inspection",
        login: "chief",
        path: ticketReport("report_power_inspection"),
        widths: ["wide"],
    },
    {
        name: "report_meeting",
        login: "chief",
        path: ticketReport("report_power_service_meeting"),
        widths: ["wide"],
    },
];

// Words that a Chinese screen may hold.
const NAMES = new RegExp(
    [
        "https?:\\S+|www\\.\\S+|\\S+@\\S+|[\\w.-]+\\.(csv|xlsx|pdf|com|cn)",
        "[A-Z]+[0-9][-\\w]*|S01\\S*|kVA|kWh|kW|kV|CSV|XLSX|PDF|Excel|GBK|UTF-?8|UTC|VIP|API",
        "HTTP|JSON|URL|SMS|Odoo\\w*|Power Service|OdooBot|SHA-\\d+|PIN|CIM|RFID|GPS|ID|SQL",
        // what a text is filled in with
        "\\{\\{[^}]*\\}\\}",
        // codes and keys
        "[a-z]+(?:[/_][a-z0-9]+)+|reconnect|fault|received",
        // the demo's users with English names, and what they are reminded of
        "“[^”]*”\\s*分派给",
        "Ma Wenpeng|Liu Huihan|Liu Jinxiang|Liu Xiaopeng|Lv Lilin",
        // what the customer who reads English was told
        "We have your request|Answer to your request|Your request\\s|is closed",
        "Your supply scheme|Are you satisfied with our answer",
        // what Odoo noted when one of the users with English names made it
        "Work Journal created",
        "Asia/Shanghai|Ctrl|Alt|Shift|HTML|OK|QR|Week|Add Star|Brandom Freeman|BE0477472701",
    ].join("|"),
    "g"
);

const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ],
});

async function login(context, user) {
    const page = await context.newPage();
    await page.goto(`${BASE}/web/login`);
    await page.fill("input[name=login]", user);
    await page.fill("input[name=password]", PASSWORD);
    await page.click("button[type=submit]");
    await page.waitForURL((url) => !url.pathname.includes("/web/login"));
    await page.close();
}

// One browser context (so one login) per user, language and width.
const contexts = new Map();
async function getContext(user, language, width) {
    const key = `${user}/${language}/${width}`;
    if (!contexts.has(key)) {
        const context = await browser.newContext({
            viewport: width === "phone" ? PHONE : WIDE,
            hasTouch: width === "phone",
            isMobile: width === "phone",
            locale: language === "en" ? "en-US" : "zh-CN",
            timezoneId: "Asia/Shanghai",
        });
        if (user) {
            const suffix = language === "en" && !user.includes("@") ? "_en" : "";
            await login(context, user.replace("@", "") + suffix);
        }
        const page = await context.newPage();
        page.setDefaultTimeout(15000);
        watch(page);
        contexts.set(key, {context, page});
    }
    return contexts.get(key);
}

// What is wrong, each line with the name of the screen that is being looked at.
let count = 0;
let label = "";

function tell(problem) {
    count += 1;
    console.error(`! ${label}: ${problem}`);
}

function watch(page) {
    page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) {
            tell(`console: ${message.text()}`);
        }
    });
    page.on("pageerror", (error) => tell(error));
    page.on("response", (answer) => {
        if (answer.status() >= 400) {
            tell(`${answer.status()} ${answer.url()}`);
        }
    });
}

// What a look at the page finds: too wide, cut-off titles, all its words.
function findings(width) {
    const found = [];
    const root = document.documentElement;
    if (root.scrollWidth > width + 1) {
        found.push(`page is ${root.scrollWidth} px wide`);
    }
    for (const title of document.querySelectorAll(
        ".o_list_renderer thead th > div > span, .o_stat_text, .o_arrow_button"
    )) {
        if (title.offsetParent && title.scrollWidth > title.clientWidth + 1) {
            found.push(`cut off: ${title.textContent.trim()}`);
        }
    }
    const words = [document.body.innerText];
    for (const element of document.querySelectorAll("[placeholder], [title]")) {
        if (element.offsetParent) {
            words.push(element.getAttribute("placeholder"), element.title);
        }
    }
    return {found, words: words.filter(Boolean).join("\n")};
}

async function settle(page) {
    await page.waitForLoadState();
    await page
        .waitForFunction(
            () => !document.querySelector(".o_loading_indicator, .o_blockUI"),
            null,
            {timeout: 10000}
        )
        .catch(() => null);
    await page.waitForTimeout(500);
}

async function shoot(page, language, fullPage = false) {
    await settle(page);
    const {found, words} = await page.evaluate(findings, page.viewportSize().width);
    found.forEach(tell);
    if (language === "zh") {
        const english = new Set(
            words.replace(NAMES, " ").match(/[A-Za-z][A-Za-z' -]{2,}[A-Za-z]/g)
        );
        if (english.size) {
            tell(`English: ${[...english].join(" | ")}`);
        }
    }
    await page.screenshot({path: `${OUT}/${label}.png`, fullPage});
    console.log(`${label}`);
}

const wanted = process.argv.slice(2);
const isWanted = (name) => !wanted.length || wanted.some((word) => name.includes(word));
const suffixOf = (language, width) =>
    `_${language}${width === "phone" ? "_phone" : ""}`;

async function look({name, login: user, path, click = [], wait}, language, width) {
    const {page} = await getContext(user, language, width);
    label = name + suffixOf(language, width);
    try {
        await page.goto(BASE + path);
        if (path.startsWith("/odoo")) {
            await page.locator(SHOWN).first().waitFor();
        }
        for (const selector of click) {
            await settle(page);
            const target = page.locator(selector).first();
            const more = page.locator(MORE).first();
            await target.or(more).first().waitFor();
            if (!(await target.isVisible()) && (await more.isVisible())) {
                await more.click();
                await settle(page); // it slides in
            }
            await target.click();
        }
        if (wait) {
            await page.locator(wait).first().waitFor();
        }
        await shoot(page, language, !path.startsWith("/odoo"));
    } catch (error) {
        tell(error);
    }
}

// All view types of all menus, as the one who sees the most menus.
async function getMenus(context, ask) {
    const menus = await (
        await context.request.get(`${BASE}/web/webclient/load_menus`)
    ).json();
    const root = Object.values(menus).find(
        ({xmlid}) => xmlid === "power_service_base.power_service_menu_root"
    );
    const found = [];
    const walk = async (menu) => {
        const ofAddon = !ADDON || menu.xmlid.startsWith(`${ADDON}.`);
        if (menu.actionID && menu !== root && ofAddon) {
            const {views = [], res_model: model} = await ask("/web/action/load", {
                action_id: menu.actionID,
            });
            found.push({
                name: menu.xmlid.split(".")[1].replace(/_menu(?=_|$)/, ""),
                path: `/odoo/action-${menu.actionID}`,
                model,
                views: views
                    .map(([, type]) => type)
                    .filter((type) => type !== "search"),
            });
        }
        for (const child of menu.children) {
            await walk(menus[child]);
        }
    };
    await walk(root);
    return found;
}

// A phone opens an action with its cards, whatever its address asks for.
async function switchView(page, view, views) {
    if (page.viewportSize().width > PHONE.width || !view) return;
    await settle(page);
    if (await page.locator(`.o_${view}_view`).count()) return;
    const switchable = views.filter((type) => type !== "form");
    if (switchable.includes(view)) {
        await page.locator(".o_cp_switch_buttons > button").click();
        const choices = page.locator(".o_bottom_sheet .o-dropdown-item");
        await choices.nth(switchable.indexOf(view)).click();
        await page.locator(`.o_${view}_view`).first().waitFor();
    }
}

// As high as the form is, so that the picture holds all of it.
async function fitForm(page) {
    const height = await page.evaluate(() => {
        const parts = document.querySelectorAll(
            ".o_action .o_content, .o_form_renderer, .o_form_sheet_bg"
        );
        return 150 + Math.max(0, ...[...parts].map((part) => part.scrollHeight));
    });
    const size = page.viewportSize();
    if (height > size.height) {
        await page.setViewportSize({...size, height: Math.min(height, 3000)});
    }
}

async function lookAtView({page, ask}, menu, view, language, width) {
    const {name, path, model, views} = menu;
    const onlyForm = views.length === 1;
    label = `${name}_${view}${suffixOf(language, width)}`;
    if (view === "form" && !onlyForm) {
        const from = ["list", "kanban"].find((type) => views.includes(type));
        if (!from) return;
        await page.goto(`${BASE}${path}?view_type=${from}`);
        await page.locator(SHOWN).first().waitFor();
        await settle(page);
        const group = page.locator("tr.o_group_header");
        const record = page.locator(`:is(${OPEN}):visible`);
        // The first group with records, and the first of those below it.
        for (let index = 0; index < (await group.count()); index++) {
            if (await record.count()) break;
            if ((await group.nth(index).innerText()).includes("(0)")) continue;
            await group.nth(index).click();
            await settle(page);
        }
        if (!(await record.count())) {
            console.log(`${label}: no record to open`);
            return;
        }
        await record.first().click();
        await settle(page);
        if (await page.locator(".o_selected_row").count()) {
            // Its rows are edited in place: the form has an address only.
            const [id] = await ask("/web/dataset/call_kw", {
                model,
                method: "search",
                args: [[]],
                kwargs: {limit: 1},
            });
            await page.goto(`${BASE}${path}/${id}`);
        }
        await page.locator(".o_form_view").first().waitFor();
    } else {
        await page.goto(`${BASE}${path}${view ? `?view_type=${view}` : ""}`);
        await page.locator(SHOWN).first().waitFor();
        await switchView(page, view, views);
    }
    if (view === "form") await fitForm(page);
    await shoot(page, language);
    if (view === "form" || onlyForm) {
        const tabs = page.locator(FORM_TABS);
        for (let index = 1; index < (await tabs.count()); index++) {
            await tabs.nth(index).click();
            await settle(page);
            await fitForm(page);
            label = `${name}_${view}_tab${index}${suffixOf(language, width)}`;
            await shoot(page, language);
        }
    }
}

async function lookAtMenus(language, width) {
    const user = process.env.MENU_LOGIN || (width === "phone" ? "chief" : "manager");
    const {context, page} = await getContext(user, language, width);
    const ask = async (url, params) => {
        const answer = await context.request.post(BASE + url, {
            data: {jsonrpc: "2.0", method: "call", params},
        });
        return (await answer.json()).result;
    };
    const size = page.viewportSize();
    for (const menu of await getMenus(context, ask)) {
        const views = menu.views.length ? menu.views : ["client"];
        for (const view of views.filter((type) => isWanted(`${menu.name}_${type}`))) {
            await page.setViewportSize(size);
            const type = view === "client" ? "" : view;
            await lookAtView({page, ask}, menu, type, language, width).catch((error) =>
                tell(error)
            );
        }
    }
}

for (const width of WIDTHS) {
    for (const language of LANGUAGES) {
        for (const page of PAGES.filter(
            ({name, widths = WIDTHS}) => isWanted(name) && widths.includes(width)
        )) {
            await look(page, language, width);
        }
        await lookAtMenus(language, width);
    }
}
await browser.close();
if (count) {
    console.error(`${count} problems`);
    process.exit(1);
}
