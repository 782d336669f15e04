import {useHotkey} from "@web/core/hotkeys/hotkey_hook";
import {registry} from "@web/core/registry";
import {FormController} from "@web/views/form/form_controller";
import {formView} from "@web/views/form/form_view";

/** Enter in one of the keys finds, as whoever types a number expects. */
export class FindCustomerController extends FormController {
    setup() {
        super.setup();
        useHotkey(
            "enter",
            ({area, target}) => {
                // What was typed is taken when the field is left.
                target.blur();
                area.closest(".modal")
                    .querySelector("button[name=action_find]")
                    .click();
            },
            {
                area: () => this.rootRef.el,
                bypassEditableProtection: true,
                isAvailable: (target) => target.matches("input"),
            }
        );
    }
}

registry.category("views").add("power_customer_find", {
    ...formView,
    Controller: FindCustomerController,
});
