import {registry} from "@web/core/registry";

const menu = ".o_cp_action_menus .dropdown-toggle";
const item = (text) => `.o-dropdown--menu .o_menu_item:contains(${text})`;
const without = (text) =>
    `.o-dropdown--menu:has(.o_menu_item:contains(Explain)):not(:has(.o_menu_item:contains(${text})))`;

registry.category("web_tour.tours").add("power_ticket_menu_open", {
    steps: () => [
        {trigger: `.o_form_view ${menu}, ${menu}`, run: "click"},
        {content: "what can be done", trigger: item("End Service")},
        {trigger: item("Customer Contacted")},
        {trigger: item("Wait")},
        {content: "nothing is confidential", trigger: without("Open to the Station")},
        {
            content: "the ticket is ended from here",
            trigger: item("Cancel"),
            run: "click",
        },
        {
            trigger: ".modal [name=note] textarea",
            run: "edit Entered twice",
        },
        {
            trigger: ".modal button[name=action_confirm]",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_form_view [name=ending_alert]",
        },
        {
            content: "then it offers what can still be done",
            trigger: menu,
            run: "click",
        },
        {trigger: item("Exempt")},
        {trigger: without("Customer Contacted")},
        {trigger: without("Wait")},
        {trigger: without("Extend")},
        {trigger: without("End Service")},
        {trigger: without("Cancel")},
    ],
});
