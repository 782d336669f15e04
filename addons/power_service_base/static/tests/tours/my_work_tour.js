import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";
import {inputFiles} from "@web/../tests/utils";
import {MyWork} from "@power_service_base/my_work/my_work";

/** A drawing of 2400 x 1800 pixels, larger than a photo is kept. */
async function makePhoto() {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [2400, 1800];
    const context = canvas.getContext("2d");
    context.fillStyle = "green";
    context.fillRect(0, 0, 1200, 1800);
    const blob = await new Promise((resolve) => {
        canvas.toBlob(resolve, "image/png");
    });
    return new File([blob], "photo.png", {type: "image/png"});
}

function fakePosition(latitude, longitude) {
    navigator.geolocation.getCurrentPosition = (onPosition) =>
        onPosition({coords: {latitude, longitude, accuracy: 8}});
}

/** Let no call about tasks reach the server; a reload brings the network back. */
function loseNetwork() {
    browser.XMLHttpRequest = class extends XMLHttpRequest {
        open(method, url) {
            this.isLost = url.includes("power.field.task");
            super.open(...arguments);
        }
        send() {
            if (this.isLost) {
                queueMicrotask(() => this.dispatchEvent(new Event("error")));
            } else {
                super.send(...arguments);
            }
        }
    };
}

const card = (state) => `.o_power_card[data-state="${state}"]`;

registry.category("web_tour.tours").add("power_my_work", {
    steps: () => [
        {
            content: "the task is due today; nothing scrolls sideways",
            trigger: `[data-section="today"] ${card("planned")}:contains(Wang Wei)`,
            run() {
                MyWork.undoTime = 400;
                fakePosition(30.001, 120);
                for (const element of document.querySelectorAll(
                    ".o_power_my_work button, .o_power_tool"
                )) {
                    const {height, right} = element.getBoundingClientRect();
                    if (height < 47.5 || right > window.innerWidth + 0.5) {
                        throw new Error(
                            `too small or too far out: ${element.className}`
                        );
                    }
                }
                const root = document.querySelector(".o_power_my_work");
                if (root.scrollWidth > root.clientWidth) {
                    throw new Error("scrolls sideways");
                }
            },
        },
        {
            trigger: `.o_power_tool[href="tel:+8613800000001"]`,
        },
        {
            trigger: `.o_power_tool[href^="geo:30,120"]`,
        },
        {
            content: "a wrong tap can be undone",
            trigger: "[data-step=start]",
            run: "click",
        },
        {
            trigger: ".o_power_undo",
            run: "click",
        },
        {
            trigger: `${card("planned")} [data-step=start]`,
            run: "click",
        },
        {
            trigger: `${card("started")} [data-step=arrive]`,
            run: "click",
        },
        {
            content: "a photo by the camera",
            trigger: `${card("arrived")} [data-step=done]`,
            async run() {
                await inputFiles(".o_power_tool_photo input", [await makePhoto()]);
            },
        },
        {
            trigger: ".o_power_photos[data-photos='1']",
        },
        {
            trigger: ".o_power_my_work:not(:has(.o_power_waiting, .o_power_undo))",
        },
        {
            trigger: ".o_power_tool_note",
            run: "click",
        },
        {
            trigger: ".o_power_result textarea",
            run: "edit The gate is at the back",
        },
        {
            trigger: ".o_power_confirm",
            run: "click",
        },
        {
            content: "another result than plain done",
            trigger:
                ".o_power_my_work:not(:has(.o_power_waiting, .o_power_undo)) .o_power_other",
            run: "click",
        },
        {
            trigger: "[data-outcome=partial]",
            run: "click",
        },
        {
            trigger: "[data-outcome=partial][aria-checked=true]",
        },
        {
            trigger: ".o_power_result input",
            run: "edit 12,5",
        },
        {
            trigger: ".o_power_confirm",
            run: "click",
        },
        {
            trigger: `[data-section="done"] ${card("done")}`,
        },
        {
            trigger: ".o_power_my_work:not(:has(.o_power_waiting, .o_power_undo))",
        },
    ],
});

registry.category("web_tour.tours").add("power_my_work_offline", {
    steps: () => [
        {
            trigger: `${card("planned")} [data-step=start]`,
            run() {
                MyWork.undoTime = 200;
                fakePosition(30, 120);
                loseNetwork();
            },
        },
        {
            trigger: "[data-step=start]",
            run: "click",
        },
        {
            trigger: `${card("started")} [data-step=arrive]`,
            run: "click",
        },
        {
            trigger: `${card("arrived")} [data-step=done]`,
            async run() {
                await inputFiles(".o_power_tool_photo input", [await makePhoto()]);
            },
        },
        {
            trigger: ".o_power_waiting[data-waiting='3']",
        },
        {
            content: "without network the list stays",
            trigger: ".o_power_refresh",
            run: "click",
        },
        {
            trigger: ".o_power_warning",
        },
        {
            trigger: `${card("arrived")} .o_power_unsent`,
        },
        {
            content: "a reload loses nothing",
            trigger: `${card("arrived")} [data-step=done]`,
            run: () => browser.location.reload(),
            expectUnloadPage: true,
        },
        {
            content: "the network is back: all is sent",
            trigger: `.o_power_my_work:not(:has(.o_power_waiting, .o_power_undo)) ${card("arrived")}`,
        },
        {
            trigger: ".o_power_photos[data-photos='1']",
        },
    ],
});

registry.category("web_tour.tours").add("power_my_work_refused", {
    steps: () => [
        {
            trigger: `[data-section="free"] ${card("planned")} [data-step=take]`,
            run: "click",
        },
        {
            content: "somebody else was quicker: it is said, and not forgotten",
            trigger: ".o_power_refused:contains(somebody else took it)",
        },
        {
            trigger: ".o_power_refused .o_power_discard",
            run: "click",
        },
        {
            trigger: ".o_power_my_work:not(:has(.o_power_refused))",
        },
    ],
});

registry.category("web_tour.tours").add("power_my_work_sections", {
    steps: () =>
        [
            ["overdue", "Late Lane"],
            ["today", "Mill Lane"],
            ["later", "Later Lane"],
            ["free", "Free Lane"],
        ].map(([section, address]) => ({
            content: `${address} stands under ${section}, and only there`,
            trigger: `[data-section="${section}"] .o_power_card:contains(${address})`,
            run() {
                const cards = [...document.querySelectorAll(".o_power_card")].filter(
                    (element) => element.textContent.includes(address)
                );
                if (cards.length !== 1) {
                    throw new Error(`${address} is there ${cards.length} times`);
                }
            },
        })),
});

registry.category("web_tour.tours").add("power_my_work_undo_done", {
    steps: () => [
        {
            trigger: `[data-section="today"] ${card("planned")} .o_power_other`,
            run() {
                MyWork.undoTime = 5000;
                navigator.geolocation.getCurrentPosition = (onPosition, onError) =>
                    onError();
            },
        },
        {trigger: ".o_power_other", run: "click"},
        {trigger: ".o_power_result [data-outcome=done]", run: "click"},
        {trigger: ".o_power_confirm", run: "click"},
        {
            content: "what can be undone stays where it was tapped",
            trigger: `[data-section="today"] ${card("done")} .o_power_undo`,
            run: "click",
        },
        {trigger: `[data-section="today"] ${card("planned")} [data-step=start]`},
        {trigger: ".o_power_other", run: "click"},
        {trigger: ".o_power_result [data-outcome=done]", run: "click"},
        {
            trigger: ".o_power_confirm",
            run({anchor}) {
                MyWork.undoTime = 100;
                anchor.click();
            },
        },
        {
            content: "said on the card, and not over what is tapped next",
            trigger: `[data-section="done"] ${card("done")} .o_power_unplaced:contains(No position)`,
        },
        {trigger: "body:not(:has(.o_notification))"},
    ],
});
