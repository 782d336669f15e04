import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("power_duty_calendar", {
    steps: () => [
        // On duty twice is red.
        {trigger: ".o_calendar_view .fc-event.o_calendar_color_1"},
        {trigger: ".o_power_duty_check", run: "click"},
        {trigger: ".o_form_view [name=double_count]:contains(1)"},
    ],
});
