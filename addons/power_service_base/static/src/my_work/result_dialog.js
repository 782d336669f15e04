import {Component, useState} from "@odoo/owl";
import {useAutofocus} from "@web/core/utils/hooks";
import {Dialog} from "@web/core/dialog/dialog";
import {_t} from "@web/core/l10n/translation";

/** Asks what came of a task, or for a note on it. */
export class ResultDialog extends Component {
    static template = "power_service_base.ResultDialog";
    static components = {Dialog};
    static props = {
        close: Function,
        confirm: Function,
        isNote: {type: Boolean, optional: true},
        outcomes: Array,
        currency: String,
        title: String,
    };

    setup() {
        this.state = useState({outcome: "done", note: "", charge: "", error: ""});
        if (this.props.isNote) {
            useAutofocus({refName: "note"});
        }
    }

    onConfirm() {
        const note = this.state.note.trim();
        if (this.props.isNote && !note) {
            this.state.error = _t("Write a note first.");
            return;
        }
        const charge = Number(this.state.charge.trim().replace(",", "."));
        if (!(charge >= 0)) {
            this.state.error = _t("The charge is not a number.");
            return;
        }
        this.props.confirm(
            this.props.isNote ? {note} : {outcome: this.state.outcome, note, charge}
        );
        this.props.close();
    }
}
