import {registry} from "@web/core/registry";
import {choosePhoto} from "./tour_steps";

const SEND = "#wrap form[action$='/new'] button[type='submit']";
registry.category("web_tour.tours").add("power_service_portal_request_complain", {
    steps: () => [
        {
            content: "A new request, from the home page",
            trigger: ".o_portal_docs a[href='/my/requests/new']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It is a complaint",
            trigger: "#wrap a[href='/my/requests/new?type=complaint']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Say what it is",
            trigger: "#ticket_subject",
            run: "edit The meter runs too fast",
        },
        {
            content: "Type a phone number that is none",
            trigger: "#ticket_phone",
            run: "edit 12",
        },
        {content: "Send", trigger: SEND, run: "click", expectUnloadPage: true},
        {
            content: "The mistake is told at the field; type a good number",
            trigger: "#ticket_phone.is-invalid",
            run: "edit 13800000001",
        },
        {
            content: "What was typed before is still there",
            trigger: "#ticket_subject:value(The meter runs too fast)",
        },
        {content: "Choose a photo", trigger: "#ticket_files", run: choosePhoto},
        {content: "Send", trigger: SEND, run: "click", expectUnloadPage: true},
        {
            content: "It was received",
            trigger: ".alert-success:contains('We have your request')",
        },
        {
            content: "An answer is promised",
            trigger: ".o_power_promises li:contains('You have our answer')",
        },
        {
            content: "The photo is there",
            trigger: ".o_power_timeline a:contains('meter.png')",
        },
    ],
});

registry.category("web_tour.tours").add("power_service_portal_request_reply", {
    steps: () => [
        {
            content: "Write the reply",
            trigger: ".o_form_view button[name='action_write_reply']",
            run: "click",
        },
        {
            content: "What the customer reads",
            trigger: ".modal div[name='reply'] textarea",
            run: "edit The meter was changed today.",
        },
        {
            content: "The customer has this answer",
            trigger: ".modal footer button[name='action_confirm']",
            run: "click",
        },
        {
            content: "It is to be reviewed",
            trigger: "body:not(:has(.modal)) .o_form_view",
        },
    ],
});

registry.category("web_tour.tours").add("power_service_portal_request_reopen", {
    steps: () => [
        {
            content: "The request is in the list",
            trigger: "tbody a:contains('The meter runs too fast')",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The answer is there",
            trigger: ".o_power_timeline li:contains('The meter was changed today.')",
        },
        {
            content: "Not satisfied",
            trigger: "#mark_2",
            run: "click",
        },
        {
            content: "Rate",
            trigger: "#rate button[type='submit']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Thanked",
            trigger: ".alert-success:contains('Thank you')",
        },
        {
            content: "Say what is still wrong",
            trigger: "#reopen_text",
            run: "edit It still runs too fast",
        },
        {
            content: "Open it again",
            trigger: "form[action$='/reopen'] button[type='submit']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "It is open again, with a new promise",
            trigger: ".alert-success:contains('It is open again')",
        },
        {
            content: "The promise",
            trigger: ".o_power_promises li:contains('You have our answer')",
        },
    ],
});

// No word of a language: these run in Chinese too.

registry.category("web_tour.tours").add("power_road_portal_complain", {
    steps: () => [
        {trigger: "#ticket_subject", run: "edit Rude meter reader"},
        {content: "Choose a photo", trigger: "#ticket_files", run: choosePhoto},
        {content: "Send", trigger: SEND, run: "click", expectUnloadPage: true},
        {content: "It was received", trigger: ".alert-success"},
        {content: "An answer is promised", trigger: ".o_power_promises li"},
        {
            content: "The photo is there",
            trigger: ".o_power_timeline a:contains('meter.png')",
        },
    ],
});

registry.category("web_tour.tours").add("power_road_portal_rate", {
    steps: () => [
        {
            content: "The answer is there",
            trigger: ".o_power_timeline li:contains('We are very sorry')",
        },
        {content: "Very satisfied", trigger: "#mark_5", run: "click"},
        {
            content: "Rate",
            trigger: "#rate button[type='submit']",
            run: "click",
            expectUnloadPage: true,
        },
        {content: "Thanked", trigger: ".alert-success"},
    ],
});

registry.category("web_tour.tours").add("power_road_rate_by_link", {
    steps: () => [
        {
            content: "Nothing is chosen for the customer",
            trigger: "form[action*='/rate/']:not(:has(input[name=rate]:checked))",
        },
        {
            content: "Satisfied",
            trigger: "form[action*='/rate/'] label[for='rate_5']",
            run: "click",
        },
        {
            trigger: "form[action*='/rate/'] textarea",
            run: "edit Quick",
        },
        {
            content: "Send",
            trigger: "form[action*='/rate/'] button[type='submit']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Thanked",
            trigger: "#wrapwrap main:not(:has(form[action*='/rate/']))",
        },
    ],
});
