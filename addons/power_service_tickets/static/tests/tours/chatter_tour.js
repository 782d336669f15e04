import {inputFiles} from "@web/../tests/utils";
import {registry} from "@web/core/registry";
import {click, makePhoto} from "./tour_steps";

const composer = ".o-mail-Composer";
const posted = ".o-mail-Message .o-mail-AttachmentContainer";

registry.category("web_tour.tours").add("power_chatter_proof", {
    steps: () => [
        click(".o-mail-Chatter-logNote"),
        {trigger: `${composer} .o-mail-Composer-input`, run: "edit See"},
        {
            trigger: `${composer} .o-mail-Composer-input`,
            async run() {
                await inputFiles(`${composer} .o_input_file`, [makePhoto("meter")]);
            },
        },
        {
            content: "what waits in the composer may be taken away",
            trigger: `${composer} .o-mail-Attachment-unlink`,
        },
        click(`${composer} .o-mail-Composer-send:enabled`),
        {
            content: "what is posted is proof",
            trigger: `${posted}:not(:has(.o-mail-Attachment-unlink))`,
        },
    ],
});
