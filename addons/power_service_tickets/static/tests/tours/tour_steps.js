import {inputFiles} from "@web/../tests/utils";

/** Steps that the tours share; they name no word of a language. */

export const click = (trigger) => ({trigger, run: "click"});

export const waitForForm = () => [{trigger: ".o_form_view .o_form_sheet"}];

/** Confirm the window on top and wait until it is gone. */
export const confirmEntry = () => [
    click(".modal:not(.o_inactive_modal) footer button[name=action_confirm]"),
    {trigger: "body:not(:has(.modal)) .o_form_view"},
];

const PROPOSAL = ".o-autocomplete--dropdown-item:not(.o_m2o_dropdown_option)";

const wait = (milliseconds) =>
    new Promise((resolve) => {
        setTimeout(resolve, milliseconds);
    });

/** Choose the first proposal of a many2one or tags field. */
export const pickFirst = (field) => [
    {
        trigger: `${field} input`,
        async run(helpers) {
            helpers.anchor.scrollIntoView({block: "center"});
            // The proposals close when the form scrolls, and a click on one that is
            // just drawn anew is lost: open them until they stay, and look again.
            let seen = 0;
            let isChosen = false;
            for (let tries = 0; tries < 60; tries++) {
                if (document.querySelector(`${PROPOSAL} a`)) {
                    seen++;
                    if (seen > 2) {
                        seen = 0;
                        isChosen = true;
                        await helpers.click(`${PROPOSAL} a`);
                    }
                } else if (isChosen) {
                    break;
                } else if (!document.querySelector(".o-autocomplete--dropdown-menu")) {
                    seen = 0;
                    await helpers.click();
                }
                await wait(100);
            }
        },
    },
    {content: "chosen", trigger: `body:not(:has(${PROPOSAL}))`},
];

// The smallest PNG: one pixel.
const PIXEL =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9" +
    "awAAAABJRU5ErkJggg==";

export function makePhoto(name) {
    const bytes = Uint8Array.from(atob(PIXEL), (sign) => sign.charCodeAt(0));
    return new File([bytes], `${name}.png`, {type: "image/png"});
}

/** Choose a photo in a plain form's input. */
export function choosePhoto({anchor}) {
    const chosen = new DataTransfer();
    chosen.items.add(makePhoto("meter"));
    anchor.files = chosen.files;
}

/** Upload a photo to a field of proofs. */
export const upload = (field, name) => [
    {
        trigger: `.o_form_view [name=${field}] .o_attach, .o_form_view [name=${field}] button`,
        async run() {
            await inputFiles(`.o_form_view [name=${field}] input[type=file]`, [
                makePhoto(name),
            ]);
        },
    },
    {trigger: `.o_form_view [name=${field}] .o_attachment`},
];
