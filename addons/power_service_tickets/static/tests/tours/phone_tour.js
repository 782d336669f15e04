import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/** Of a board's columns those that are drawn. */
const getShown = () =>
    [...document.querySelectorAll(".o_kanban_group")].filter(
        (group) => group.offsetParent
    );

tours.add("power_phone_board", {
    steps: () => [
        {
            content: "stages without tickets take no room",
            trigger: ".o_kanban_group .o_kanban_record:contains(Lamp)",
            run() {
                if (!document.querySelector(".o_kanban_group.o_kanban_no_records")) {
                    throw new Error("There is no stage without tickets to be hidden");
                }
                const names = getShown()
                    .filter((group) => !group.querySelector(".o_kanban_record"))
                    .map((group) => group.innerText);
                if (names.length) {
                    throw new Error(`Columns without tickets: ${names}`);
                }
            },
        },
    ],
});

tours.add("power_phone_board_of_nobody", {
    steps: () => [
        {
            content: "what nobody has stands in its column, without a tap",
            trigger: ".o_kanban_group .o_kanban_record:contains(Lamp of nobody)",
        },
        {
            trigger: ".o_kanban_group:not(:has(.o_kanban_load_more)):first",
        },
    ],
});

tours.add("power_phone_callback", {
    steps: () => [
        {
            content: "what a call can lead to: two and two, equally large",
            trigger: ".o_kanban_record button[name=action_refused]",
            run() {
                const [card] = document.querySelectorAll(".o_kanban_record");
                const boxes = [...card.querySelectorAll("button[name^=action_]")].map(
                    (button) => button.getBoundingClientRect()
                );
                const sizes = new Set(
                    boxes.map(({width, height}) => `${Math.round(width)}x${height}`)
                );
                const rows = new Set(boxes.map(({top}) => Math.round(top)));
                if (boxes.length !== 4 || sizes.size !== 1 || rows.size !== 2) {
                    throw new Error(
                        `${boxes.length} buttons of ${[...sizes]} in ${rows.size} rows`
                    );
                }
            },
        },
    ],
});

tours.add("power_phone_duty", {
    steps: () => [
        {
            content: "one day, not seven narrow ones",
            trigger: ".o_calendar_view .fc-timeGridDay-view .fc-event",
        },
    ],
});
