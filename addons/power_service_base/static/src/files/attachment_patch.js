import {Attachment} from "@mail/core/common/attachment_model";
import {patch} from "@web/core/utils/patch";

/** Proof stays for good: no button offers to take it away. */
patch(Attachment.prototype, {
    setup() {
        super.setup(...arguments);
        this.power_is_proof = false;
    },
    get isDeletable() {
        return !this.power_is_proof && super.isDeletable;
    },
});
