import {FormController} from "@web/views/form/form_controller";
import {formView} from "@web/views/form/form_view";
import {registry} from "@web/core/registry";

/** A ticket: its gear menu offers only what can be done with it now. */
export class TicketFormController extends FormController {
    get actionMenuItems() {
        const items = super.actionMenuItems;
        const offered = this.model.root.data.offered_entries || [];
        return {
            ...items,
            action: items.action.filter(
                (item) => !item.power_entry || offered.includes(item.power_entry)
            ),
        };
    }
}

registry.category("views").add("power_ticket_form", {
    ...formView,
    Controller: TicketFormController,
});
