import {registry} from "@web/core/registry";

const column = (name) => `.o_kanban_group:has(.o_column_title:contains(${name}))`;

registry.category("web_tour.tours").add("power_field_board", {
    steps: () => [
        {
            content: "the task stands under its person; it is overdue",
            trigger: `${column("test_field")} .o_kanban_record:contains(Wang Wei) .text-danger`,
        },
        {
            content: "a colleague without tasks has a column too",
            trigger: `${column("test_colleague")}:not(:has(.o_kanban_record:contains(Wang Wei)))`,
        },
        {
            trigger: `${column("test_field")} .o_kanban_record:contains(Wang Wei)`,
            run: `drag_and_drop (${column("test_colleague")})`,
        },
        {
            trigger: `${column("test_colleague")} .o_kanban_record:contains(Wang Wei)`,
            run: "click",
        },
        {
            content: "its history says so",
            trigger:
                ".o_form_view a[name=history], .o_form_view .nav-link:contains(History)",
            run: "click",
        },
        {
            trigger:
                ".o_form_view .o_data_row:contains(Reassigned):contains(test_colleague)",
        },
    ],
});
