import {registry} from "@web/core/registry";

const event = (name) => `.o_calendar_view .fc-event:contains(${name})`;

registry.category("web_tour.tours").add("power_field_calendar", {
    steps: () => [
        {
            content: "a week on a desktop",
            trigger: ".o_calendar_view .fc-timeGridWeek-view",
        },
        {
            content: "late work stands out",
            trigger: `${event("Late Lane")}.o_power_late:not(.o_past_event)`,
        },
        {
            content: "work that is over fades, also when it was done before its time",
            trigger: `${event("Done Lane")}.o_past_event:not(.o_power_late)`,
        },
        {
            trigger: `${event("Early Lane")}.o_past_event:not(.o_power_late)`,
        },
        {
            trigger: `${event("Later Lane")}:not(.o_past_event):not(.o_power_late)`,
        },
    ],
});
