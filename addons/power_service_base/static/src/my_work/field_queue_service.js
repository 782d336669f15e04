import {reactive} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";
import {user} from "@web/core/user";
import {session} from "@web/session";
import {EntryStore, FieldQueue} from "./field_queue";

/** First and longest wait before what is kept is sent again, in milliseconds. */
const RETRY_FROM = 5000;
const RETRY_TO = 60000;

/**
 * Sends what the phone keeps, whichever screen of the web client is open.
 *
 * `status` is reactive: components see what waits, what was refused and whether there
 * is a network.
 */
export const fieldQueueService = {
    dependencies: ["orm"],
    start(env, {orm}) {
        const status = reactive({
            waiting: 0,
            refused: [],
            version: 0,
            settled: 0,
            isOffline: false,
            isSignedOut: false,
            isLasting: true,
        });
        const store = new EntryStore(`power_field_${session.db}_${user.userId}`);
        const queue = new FieldQueue({
            store,
            send: (method, taskId, values) =>
                orm.silent.call("power.field.task", method, [[taskId]], values),
            onChange() {
                // What can still be undone is no worry to anybody.
                status.waiting = queue.waiting.filter(
                    (entry) => !queue.held.has(entry.ref)
                ).length;
                status.refused = [...queue.refused];
                status.isOffline = queue.isOffline;
                status.isSignedOut = queue.isSignedOut;
                status.isLasting = store.isLasting;
                status.settled = queue.settledCount;
                status.version++;
            },
        });
        let timer = null;
        let wait = RETRY_FROM;

        async function flush() {
            browser.clearTimeout(timer);
            // Of several tabs, one sends at a time; the others would do no harm.
            const sent = navigator.locks
                ? await navigator.locks.request(store.name, () => queue.flush())
                : await queue.flush();
            wait = sent ? RETRY_FROM : Math.min(wait * 2, RETRY_TO);
            if (queue.waiting.some((entry) => !queue.held.has(entry.ref))) {
                timer = browser.setTimeout(flush, wait);
            }
            return sent;
        }

        const ready = queue.load().then(() => {
            if (queue.waiting.length) {
                flush();
            }
        });
        browser.addEventListener("online", () => {
            wait = RETRY_FROM;
            flush();
        });
        return {queue, status, flush, ready};
    },
};

registry.category("services").add("power_field_queue", fieldQueueService);
