import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("power_find_customer", {
    steps: () => [
        {
            content: "Enter finds, as the button does",
            trigger: ".modal [name=number] input",
            run: "edit 3300000002 && press Enter",
        },
        {trigger: ".modal [name=line_ids] .o_data_row:contains(Li Na)"},
        {trigger: ".modal button[special=cancel]", run: "click"},
        {trigger: "body:not(:has(.modal))"},
    ],
});
