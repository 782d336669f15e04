import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";
import {click, confirmEntry, pickFirst, upload, waitForForm} from "./tour_steps";

// No word of a language: the same tours run in Chinese.
const tours = registry.category("web_tour.tours");
const dialog = ".modal .o_form_view";
const openTab = (name) => click(`.o_form_view .nav-link[name=${name}]`);
const isReview = (look) => ({
    trigger: `.o_form_view [name=review_state] .text-bg-${look}`,
});

tours.add("power_complaint_reply", {
    steps: () => [
        click(".o_form_view button[name=action_write_reply]"),
        {trigger: `${dialog} [name=reply] textarea`, run: "edit We are very sorry"},
        ...confirmEntry(),
        {content: "said at the top, too", trigger: ".o_form_view [name=review_alert]"},
        openTab("review"),
        isReview("warning"),
    ],
});

tours.add("power_complaint_send_back", {
    steps: () => [
        click(".o_form_view button[name=action_review_reply]"),
        click(`${dialog} [name=is_accurate] input`),
        click(`${dialog} [name=is_complete] input`),
        ...pickFirst(`${dialog} [name=reason_ids]`),
        {trigger: `${dialog} [name=reason_ids] .badge`},
        {trigger: `${dialog} [name=note] textarea`, run: "edit What was done?"},
        ...confirmEntry(),
        {trigger: ".o_form_view [name=sent_back_alert]"},
        openTab("review"),
        isReview("danger"),
    ],
});

tours.add("power_complaint_pass", {
    steps: () => [
        click(".o_form_view button[name=action_review_reply]"),
        click(`${dialog} [name=is_true] input`),
        click(`${dialog} [name=is_accurate] input`),
        click(`${dialog} [name=is_complete] input`),
        {
            content: "no reason to send it back is asked for any more",
            trigger: `${dialog}:not(:has([name=reason_ids]))`,
        },
        ...confirmEntry(),
        openTab("review"),
        isReview("success"),
        openTab("complaint"),
        click(".o_form_view [name=finding] input[data-value=responsible]"),
        ...pickFirst(".o_form_view [name=root_cause_id]"),
        ...stepUtils.saveForm(),
        click(".o_form_view button[name=action_make_rectification]"),
        {
            content: "it says where it comes from and why",
            trigger: ".o_form_view [name=cause] textarea:value(/./)",
        },
        {trigger: ".o_form_view [name=measure] textarea", run: "edit Training"},
        ...upload("before_ids", "before"),
        ...stepUtils.saveForm(),
        click(".o_form_view button[name=action_open]"),
        {
            content: "the person in charge has it",
            trigger: ".o_form_view:not(:has(button[name=action_open]))",
        },
    ],
});

tours.add("power_complaint_call_back", {
    steps: () => [
        click(".o_data_row button[name=action_reached_satisfied]"),
        {content: "nobody else waits", trigger: ".o_view_nocontent"},
    ],
});

tours.add("power_complaint_close", {
    steps: () => [
        click(".o_form_view button[name=action_close]"),
        {content: "the server has said when", trigger: ".o_form_view [name=closed_at]"},
    ],
});

// The rest of the road: from a portal customer's photo to the published case.

tours.add("power_road_take_in", {
    steps: () => [
        {
            content: "the customer's photo lies beside the words",
            trigger: ".o_form_view [name=customer_file_ids] .o_attachment",
        },
        {content: "all is loaded", trigger: ".o-mail-Chatter .o-mail-Thread"},
        ...pickFirst(".o_form_view [name=category_id]"),
        {trigger: ".o_form_view [name=category_id] input:value(/./)"},
        ...stepUtils.saveForm(),
        {
            content: "known: the same customer had the same matter before",
            trigger: ".o_form_view [name=repeat_alert] [name=repeat_of_id]",
        },
        openTab("complaint"),
        click(".o_form_view [name=has_media] input"),
        ...stepUtils.saveForm(),
        {
            content: "the leaders were told",
            trigger: ".o_form_view [name=leaders_told_at]",
        },
        click(".o_form_view button[name=action_accept]"),
        {trigger: ".o_form_view [name=accepted_at]"},
        click(".o_form_view button.o_power_entry_dispatch"),
        {trigger: `${dialog} [name=user_id] input`, run: "edit test_handler"},
        click(".o-autocomplete--dropdown-item:contains(test_handler)"),
        ...confirmEntry(),
        {trigger: ".o_form_view [name=user_id] input:value(/test_handler/)"},
    ],
});

tours.add("power_road_late_and_return", {
    steps: () => [
        {
            content: "what is late counts on the board",
            trigger: ".o_data_row .o_power_countdown.text-danger",
        },
        click(".o_data_row td[name=subject]"),
        {
            content: "the ladder put it on the handler's list",
            trigger: ".o-mail-Activity:contains(test_handler)",
        },
        openTab("clocks"),
        {trigger: ".o_form_view [name=clock_ids] .text-bg-danger"},
        click(".o_form_view button.o_power_entry_return"),
        ...pickFirst(`${dialog} [name=reason_id]`),
        {trigger: `${dialog} [name=note] textarea`, run: "edit The photo is dark"},
        ...confirmEntry(),
        openTab("events"),
        {
            content: "the history says to whom it went, and why",
            trigger:
                ".o_form_view [name=event_ids] .o_data_row:first td[name=detail]:contains(test_staff)",
        },
    ],
});

tours.add("power_road_dispatch_again", {
    steps: () => [
        {trigger: ".o_form_view [name=return_count]"},
        click(".o_form_view button.o_power_entry_dispatch"),
        {trigger: `${dialog} [name=user_id] input`, run: "edit test_handler"},
        click(".o-autocomplete--dropdown-item:contains(test_handler)"),
        ...confirmEntry(),
        {trigger: ".o_form_view [name=user_id] input:value(/test_handler/)"},
    ],
});

tours.add("power_road_contact_and_crew", {
    steps: () => [
        click(".o_form_view button.o_power_entry_contact"),
        {trigger: `${dialog} [name=note] textarea`, run: "edit By phone"},
        ...confirmEntry(),
        {trigger: ".o_form_view [name=contacted_at]"},
        click(".o_form_view button.o_power_entry_send_crew"),
        {trigger: `${dialog} [name=user_id] input`, run: "edit test_field"},
        click(".o-autocomplete--dropdown-item:contains(test_field)"),
        {trigger: `${dialog} [name=note] textarea`, run: "edit Read the meter"},
        ...confirmEntry(),
        {trigger: ".o_form_view button[name=action_open_field_tasks]"},
    ],
});

tours.add("power_road_put_right", {
    steps: () => [
        click(".o_kanban_record:contains(Rude meter reader)"),
        ...waitForForm(),
        {
            trigger: ".o_form_view [name=result] textarea",
            run: "edit All readers were trained",
        },
        ...upload("proof_ids", "after"),
        click(".o_form_view button[name=action_submit]"),
        {trigger: ".o_form_view [name=submitted_at]"},
    ],
});

tours.add("power_road_verify_and_case", {
    steps: () => [
        click(".o_form_view button[name=action_verify]"),
        {trigger: ".o_form_view [name=verified_at]"},
        click(".o_form_view button[name=action_open_origin]"),
        click(".o_form_view button[name=action_make_case]"),
        {
            content: "the case knows what was found and is done about it",
            trigger: ".o_form_view [name=root_cause] textarea:value(/./)",
        },
        {trigger: ".o_form_view [name=advice] textarea:value(Training)"},
        {
            trigger: ".o_form_view [name=background] textarea",
            run: "edit A customer photographed the meter",
        },
        {
            trigger: ".o_form_view [name=handling] textarea",
            run: "edit The reading was put right",
        },
        ...stepUtils.saveForm(),
    ],
});

tours.add("power_road_publish", {
    steps: () => [
        click(".o_form_view button[name=action_publish]"),
        {trigger: ".o_form_view [name=published_at]"},
    ],
});

tours.add("power_road_library", {
    steps: () => [
        {trigger: ".o_searchview_input", run: "edit photographed"},
        {trigger: ".o_searchview_autocomplete .o-dropdown-item:first", run: "click"},
        click(".o_data_row:contains(Rude meter reader) td[name=name]"),
        {
            trigger:
                ".o_form_view [name=background] textarea:value(/photographed/), " +
                ".o_form_view [name=background]:contains(photographed)",
        },
    ],
});

tours.add("power_road_similar", {
    steps: () => [
        openTab("cases"),
        {
            trigger:
                ".o_form_view [name=similar_case_ids] .o_data_row:contains(Rude meter reader)",
        },
        click(".o_form_view button[name=action_ask_rating]"),
        {content: "it says that it was sent", trigger: ".o_notification"},
    ],
});
