import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

const field = (name) => `.o_form_view .o_field_widget[name=${name}]`;

// Press the button of the next step, and confirm the window that it opens.
const enterStep = (label, next, ...inWindow) => [
    {
        trigger: `.o_statusbar_buttons button:contains(${label}):not(:contains(Another))`,
        run: "click",
    },
    ...inWindow,
    {
        trigger: ".modal:not(.o_inactive_modal) button[name=action_confirm]",
        run: "click",
    },
    {
        content: `${next} is next`,
        trigger: `body:not(:has(.modal)) .o_power_connection_steps .text-bg-primary:contains(${next})`,
    },
];

registry.category("web_tour.tours").add("power_connection_household", {
    steps: () => [
        {
            content: "the application and what is missing for it",
            trigger: `.o_form_view .alert-warning:contains(Identity card)`,
        },
        {
            content:
                "papers that were seen are ticked; one click edits the row and ticks",
            trigger: `${field("paper_ids")} .o_data_row:eq(0) td[name=is_received]`,
            run: "click",
        },
        {
            trigger: `${field("paper_ids")} .o_data_row:eq(0) td[name=is_received] input:checked`,
        },
        {
            trigger: `${field("paper_ids")} .o_data_row:eq(1) td[name=is_received]`,
            run: "click",
        },
        {
            trigger: `${field("paper_ids")} .o_data_row:eq(1) td[name=is_received] input:checked`,
        },
        {
            trigger: `${field("paper_ids")} .o_data_row:eq(2) td[name=is_received]`,
            run: "click",
        },
        {
            trigger: `${field("paper_ids")} .o_data_row:eq(2) td[name=is_received] input:checked`,
        },
        ...stepUtils.saveForm(),
        {
            content: "nothing is missing any more",
            trigger: ".o_form_view:not(:has(.alert-warning))",
        },
        ...enterStep("Papers Complete", "Survey"),
        ...enterStep("Enter Survey", "Supply scheme", {
            trigger: ".modal .o_field_widget[name=note] textarea",
            run: "edit Pole 12, 30 m",
        }),
        {
            content: "the scheme: source and metering",
            trigger: ".o_notebook .nav-link:contains(Survey and Scheme)",
            run: "click",
        },
        {
            trigger: `${field("survey_note")} textarea:value(Pole 12, 30 m)`,
        },
        {
            trigger: `${field("scheme_metering")} input, ${field("scheme_metering")} select`,
            run: "click",
        },
        {
            trigger:
                ".o-dropdown-item:contains(Low voltage, direct), .o_select_menu_item:contains(Low voltage, direct)",
            run: "click",
        },
        {
            trigger: `${field("source_ids")} .o_field_x2many_list_row_add a`,
            run: "click",
        },
        {
            trigger: `${field("source_ids")} [name=element_id] input`,
            run: "edit T1",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(Transformer 1)",
            run: "click",
        },
        ...stepUtils.saveForm(),
        ...enterStep("Send Scheme", "Completion check"),
        ...enterStep("Enter Completion Check", "Contract"),
        ...enterStep("Contract Signed", "Meter"),
        ...enterStep("Meter Installed", "Energising", {
            trigger: ".modal .o_field_widget[name=meter_numbers] input",
            run: "edit M-2026-001",
        }),
        ...enterStep("Energise", "Filing"),
        {
            content: "point and contract are there",
            trigger: ".oe_stat_button[name=action_open_contract]",
        },
        {
            trigger: ".oe_stat_button[name=action_open_point]",
            run: "click",
        },
        {
            trigger:
                ".o_form_view .o_field_widget[name=supply_state]:contains(Connected)",
        },
    ],
});
