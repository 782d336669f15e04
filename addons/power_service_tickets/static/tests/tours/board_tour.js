import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("power_ticket_board", {
    steps: () => [
        {
            content: "what is late stands first and counts on",
            trigger:
                ".o_data_row:contains(Late lamp) .o_power_countdown.text-danger:contains(late)",
        },
        {
            content: "what is at risk counts down",
            trigger: ".o_data_row:contains(Risky lamp) .o_power_countdown.text-warning",
        },
        {
            content: "what has time isn't here",
            trigger: ".o_list_view:not(:has(.o_data_row:contains(Easy lamp)))",
        },
        {
            content: "only the overdue ones",
            trigger: ".o_searchview_facet:contains(At Risk) .o_facet_remove",
            run: "click",
        },
        {
            trigger:
                ".o_switch_view.o_kanban, .o_cp_switch_buttons button[data-type=kanban]",
            run: "click",
        },
        {
            content: "by person",
            trigger: ".o_kanban_group .o_kanban_record:contains(lamp)",
        },
        {
            trigger: ".o_kanban_record:contains(Late lamp)",
            run: "click",
        },
        {
            trigger: ".o_form_view .nav-link[name=clocks]",
            run: "click",
        },
        {
            content: "why this promise",
            trigger: ".o_form_view .o_data_row:contains(Holds for this ticket by)",
        },
    ],
});

registry.category("web_tour.tours").add("power_ticket_board_by_person", {
    steps: () => [
        {
            content: "stations, and in them persons",
            trigger: ".o_group_header .o_group_name:contains(Yunxi)",
        },
        {
            trigger: ".o_group_header .o_group_name:contains(test_staff)",
        },
        {
            content: "nobody adds a station here",
            trigger: ".o_list_view:not(:has(.o_list_group_add))",
        },
        {
            trigger: ".o_switch_view.o_kanban",
            run: "click",
        },
        {
            content: "a column for each person",
            trigger:
                ".o_kanban_group:has(.o_column_title:contains(test_staff)) .o_kanban_record:contains(Yunxi)",
        },
        {
            trigger:
                ".o_kanban_group:has(.o_column_title:contains(test_supervisor)) .o_kanban_record",
        },
    ],
});
