import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("power_service_portal_contact_data", {
    steps: () => [
        {
            content: "Open the contact data from the home page",
            trigger: ".o_portal_docs a[href='/my/contact-data']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Prefer visits",
            trigger: "select[name='preferred_channel']",
            run: "select visit",
        },
        {
            content: "Type a phone number that is none",
            trigger: "input[name='phone']",
            run: "edit 12",
        },
        {
            content: "Save",
            trigger: "#wrap form[method='post'] button[type='submit']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The mistake is told at the field; type a good number",
            trigger: "input[name='phone'].is-invalid",
            run: "edit 138 0000 0009",
        },
        {
            content: "What was chosen before is still there",
            trigger:
                "select[name='preferred_channel']:has(option[value='visit']:checked)",
        },
        {
            content: "Save again",
            trigger: "#wrap form[method='post'] button[type='submit']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The request is being decided",
            trigger: ".o_power_pending:contains('Being decided')",
        },
    ],
});

registry.category("web_tour.tours").add("power_service_change_request_approve", {
    steps: () => [
        {
            content: "Open the request, a card on a phone",
            trigger: ".o_kanban_record:contains('+8613800000009')",
            run: "click",
        },
        {
            content: "Approve it",
            trigger: ".o_form_view button[name='action_approve']",
            run: "click",
        },
        {
            content: "It is approved",
            trigger: ".o_form_view .o_statusbar_status :contains('Approved')",
        },
    ],
});
