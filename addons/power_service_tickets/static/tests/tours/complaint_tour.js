import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

const tours = registry.category("web_tour.tours");
const click = (trigger) => ({trigger, run: "click"});
const dialog = ".modal .o_form_view";

tours.add("power_complaint_reply", {
    steps: () => [
        click(".o_form_view button[name=action_write_reply]"),
        {trigger: `${dialog} [name=reply] textarea`, run: "edit We are very sorry"},
        click(".modal footer button[name=action_confirm]"),
        click(".o_form_view:not(:has(.modal)) .nav-link[name=review]"),
        {trigger: ".o_form_view [name=review_state]:contains(To Review)"},
    ],
});

tours.add("power_complaint_send_back", {
    steps: () => [
        click(".o_form_view button[name=action_review_reply]"),
        click(`${dialog} [name=is_true] input`),
        click(`${dialog} [name=is_accurate] input`),
        {trigger: `${dialog} [name=reason_ids] input`, run: "edit Not complete"},
        click(".o-autocomplete--dropdown-item:contains(Not complete)"),
        {trigger: `${dialog} [name=note] textarea`, run: "edit What was done?"},
        click(".modal footer button[name=action_confirm]:contains(Send Back)"),
        click(".o_form_view .nav-link[name=review]"),
        {trigger: ".o_form_view [name=review_state]:contains(Sent Back)"},
    ],
});

tours.add("power_complaint_pass", {
    steps: () => [
        click(".o_form_view button[name=action_review_reply]"),
        click(`${dialog} [name=is_true] input`),
        click(`${dialog} [name=is_accurate] input`),
        click(`${dialog} [name=is_complete] input`),
        click(".modal footer button[name=action_confirm]:contains(Pass)"),
        click(".o_form_view .nav-link[name=review]"),
        {trigger: ".o_form_view [name=review_state]:contains(Passed)"},
        click(".o_form_view .nav-link[name=complaint]"),
        click(".o_form_view [name=finding] input[data-value=responsible]"),
        {trigger: ".o_form_view [name=root_cause_id] input", run: "edit Rude"},
        click(".o-autocomplete--dropdown-item:contains(Rude)"),
        ...stepUtils.saveForm(),
        click(".o_form_view button[name=action_make_rectification]"),
        {
            content: "it says where it comes from and why",
            trigger: ".o_form_view [name=cause] textarea:value(Rude)",
        },
        {trigger: ".o_form_view [name=measure] textarea", run: "edit Training"},
        ...stepUtils.saveForm(),
    ],
});

tours.add("power_complaint_call_back", {
    steps: () => [
        click(
            ".o_data_row:contains(Rude meter reader) button[name=action_reached_satisfied]"
        ),
        {trigger: ".o_view_nocontent:contains(Nobody is to be called now)"},
    ],
});

tours.add("power_complaint_close", {
    steps: () => [
        click(".o_statusbar_status button:contains(Closed)"),
        {trigger: ".o_statusbar_status .o_arrow_button_current:contains(Closed)"},
        {content: "the server has said when", trigger: ".o_form_view [name=closed_at]"},
    ],
});
