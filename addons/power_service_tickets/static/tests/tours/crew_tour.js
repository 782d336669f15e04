import {registry} from "@web/core/registry";
import {inputFiles} from "@web/../tests/utils";
import {MyWork} from "@power_service_base/my_work/my_work";
import {click, confirmEntry, makePhoto} from "./tour_steps";

// A crew on a phone that was sent for a ticket; no word of a language.
const tours = registry.category("web_tour.tours");
const SENT = {trigger: ".o_power_my_work:not(:has(.o_power_waiting, .o_power_undo))"};

const goAndDo = () => [
    {
        trigger: ".o_power_card [data-step=start]",
        run() {
            MyWork.undoTime = 100;
            navigator.geolocation.getCurrentPosition = (onPosition) =>
                onPosition({coords: {latitude: 30, longitude: 120, accuracy: 8}});
        },
    },
    click(".o_power_card[data-state=planned] [data-step=start]"),
    click(".o_power_card[data-state=started] [data-step=arrive]"),
    {
        content: "a photo by the camera",
        trigger: ".o_power_card[data-state=arrived] [data-step=done]",
        async run() {
            await inputFiles(
                ".o_power_card[data-state=arrived] .o_power_tool_photo input",
                [makePhoto("meter")]
            );
        },
    },
    {trigger: ".o_power_photos[data-photos='1']"},
    SENT,
    click(".o_power_card[data-state=arrived] .o_power_other"),
    {trigger: ".o_power_result textarea", run: "edit Set right on site"},
    click(".o_power_confirm"),
    {trigger: "[data-section=done] .o_power_card[data-state=done]"},
    SENT,
];

tours.add("power_road_crew", {steps: goAndDo});

tours.add("power_road_crew_takes_it", {
    steps: () => [
        {
            content: "nobody's yet: the crew accepts it",
            trigger: "[data-section=free] [data-step=take]",
            run() {
                MyWork.undoTime = 100;
            },
        },
        click("[data-section=free] [data-step=take]"),
        ...goAndDo(),
    ],
});

tours.add("power_road_hotline", {
    steps: () => [
        {trigger: ".o_form_view [name=lookup] input", run: "edit 13800000001"},
        {
            content: "the caller is known by the phone",
            trigger: ".o_form_view [name=subject] input",
            run: "edit No light in the yard",
        },
        {
            trigger: ".o_form_view [name=partner_id] input:value(/Wang Wei/)",
        },
        click(".o_form_view button[name=action_create]"),
        click(".o_form_view button.o_power_entry_send_crew"),
        {
            content: "whoever of the station is free may take it",
            trigger: ".modal [name=note] textarea",
            run: "edit Look at the pole",
        },
        ...confirmEntry(),
        {trigger: ".o_form_view button[name=action_open_field_tasks]"},
    ],
});

tours.add("power_road_hotline_answer", {
    steps: () => [
        click(".o_form_view button.o_power_entry_answer"),
        {trigger: ".modal [name=note] textarea", run: "edit The lamp burns again"},
        ...confirmEntry(),
        {trigger: ".o_form_view [name=answered_at]"},
    ],
});
