/**
 * The phone's memory of what was done without a network.
 *
 * Every tap becomes an entry, kept on the phone before anything is sent, and
 * forgotten only when the server has it: a reload, an empty battery or a lost network
 * lose nothing.
 * The entry's key (`ref`) makes sure that the server takes it once, however often it
 * is sent.
 */

import {ConnectionAbortedError, ConnectionLostError} from "@web/core/network/rpc";

const METHODS = {
    take: "action_take",
    start: "action_start",
    arrive: "action_arrive",
    done: "action_done",
    photo: "action_add_proof",
    note: "action_add_note",
};
const STATE_AFTER = {start: "started", arrive: "arrived", done: "done"};
/** How often an error of the server itself (not a refusal) is tried again. */
const MAX_TRIES = 5;
const REFUSALS = new Set([
    "odoo.exceptions.AccessError",
    "odoo.exceptions.MissingError",
    "odoo.exceptions.UserError",
    "odoo.exceptions.ValidationError",
]);

export class EntryStore {
    /**
     * Keeps entries in the browser's IndexedDB; in memory when it has none.
     *
     * @param {string} name of the database: one for each Odoo database and user
     */
    constructor(name) {
        this.name = name;
        this.isLasting = true;
        this.memory = new Map();
        this.opening = null;
    }

    _open() {
        this.opening ??= new Promise((resolve) => {
            let request;
            try {
                request = indexedDB.open(this.name, 1);
            } catch {
                resolve(null);
                return;
            }
            request.onupgradeneeded = () =>
                request.result.createObjectStore("entries", {keyPath: "ref"});
            request.onsuccess = () => resolve(request.result);
            request.onerror = () => resolve(null);
        }).then((db) => {
            this.isLasting = Boolean(db);
            return db;
        });
        return this.opening;
    }

    async _run(mode, work) {
        const db = await this._open();
        return new Promise((resolve, reject) => {
            const transaction = db.transaction("entries", mode, {durability: "strict"});
            const request = work(transaction.objectStore("entries"));
            transaction.oncomplete = () => resolve(request.result);
            transaction.onabort = transaction.onerror = () => reject(transaction.error);
        });
    }

    /** @returns {Promise<Object[]>} all entries, in the order of the taps */
    async getAll() {
        const entries = (await this._open())
            ? await this._run("readonly", (store) => store.getAll())
            : [...this.memory.values()];
        return entries.sort((a, b) => a.sequence - b.sequence);
    }

    async put(entry) {
        if (await this._open()) {
            await this._run("readwrite", (store) => store.put(entry));
        } else {
            this.memory.set(entry.ref, {...entry});
        }
    }

    async delete(ref) {
        if (await this._open()) {
            await this._run("readwrite", (store) => store.delete(ref));
        } else {
            this.memory.delete(ref);
        }
    }
}

/** A key that no other tap has; `randomUUID` is missing where there is no https. */
export function makeRef() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @returns {string} UTC, as the server writes it */
export function toServerTime(milliseconds) {
    return new Date(milliseconds).toISOString().slice(0, 19).replace("T", " ");
}

/** @returns {number} milliseconds of the server's UTC text */
export function fromServerTime(text) {
    return Date.parse(`${text.replace(" ", "T")}Z`);
}

export class FieldQueue {
    /**
     * @param {Object} params
     * @param {EntryStore} params.store
     * @param {(method: string, taskId: number, values: Object) => Promise} params.send
     * @param {() => void} [params.onChange] something waits, was sent or was refused
     * @param {() => number} [params.now] the phone's clock in milliseconds
     */
    constructor({store, send, onChange = () => {}, now = Date.now}) {
        Object.assign(this, {store, send, onChange, now});
        this.entries = [];
        this.held = new Set();
        this.skew = 0;
        this.isSending = false;
        this.isOffline = false;
        this.isSignedOut = false;
        this.sequence = 0;
        this.settledCount = 0;
    }

    /** Read what was kept by an earlier visit. */
    async load() {
        this.entries = await this.store.getAll();
        this.sequence = this.entries.at(-1)?.sequence || 0;
        this.onChange();
    }

    get waiting() {
        return this.entries.filter((entry) => !entry.refusal);
    }

    get refused() {
        return this.entries.filter((entry) => entry.refusal);
    }

    /** Learn how far the phone's clock is off, from the server's "now". */
    setServerTime(text) {
        this.skew = fromServerTime(text) - this.now();
    }

    /** @returns {string} now by the server's clock, UTC */
    getTime() {
        return toServerTime(this.now() + this.skew);
    }

    /**
     * Keep a tap. It is safe when the promise is fulfilled.
     *
     * @param {number} taskId
     * @param {string} kind a key of METHODS
     * @param {Object} [values] further arguments of the method
     * @param {boolean} [hold] don't send it before `release`
     */
    async add(taskId, kind, values = {}, hold = false) {
        const entry = {
            ref: makeRef(),
            sequence: ++this.sequence,
            taskId,
            kind,
            values: kind === "take" ? {} : {...values, at: this.getTime()},
            tries: 0,
            refusal: "",
        };
        if (hold) {
            this.held.add(entry.ref);
        }
        this.entries.push(entry);
        await this.store.put(entry);
        this.onChange();
        return entry;
    }

    /** Complete a held entry (a position that came late) and let it go. */
    async release(entry, values = {}) {
        if (!this.held.has(entry.ref)) {
            return;
        }
        Object.assign(entry.values, values);
        await this.store.put(entry);
        this.held.delete(entry.ref);
        this.onChange();
    }

    /** Forget an entry: undone while held, or refused and given up by the user. */
    async drop(entry) {
        this.held.delete(entry.ref);
        this.entries = this.entries.filter((other) => other.ref !== entry.ref);
        await this.store.delete(entry.ref);
        this.onChange();
    }

    /** Let a refused entry try once more. */
    async retry(entry) {
        Object.assign(entry, {refusal: "", tries: 0});
        await this.store.put(entry);
        this.onChange();
    }

    /**
     * The task's state as the user sees it: the server's, and the taps on their way.
     */
    getState(task) {
        const order = ["planned", "started", "arrived", "done"];
        let state = task.state;
        for (const entry of this.waiting) {
            const after = entry.taskId === task.id && STATE_AFTER[entry.kind];
            if (after && order.indexOf(after) > order.indexOf(state)) {
                state = after;
            }
        }
        return state;
    }

    /**
     * Send what waits, in the order of the taps, until done or the network is gone.
     *
     * @returns {Promise<boolean>} whether the server took or refused anything
     */
    async flush() {
        if (this.isSending) {
            return false;
        }
        this.isSending = true;
        let settled = 0;
        try {
            const blocked = new Set();
            for (const entry of this.waiting) {
                // What follows a held entry of the same task waits for it.
                if (this.held.has(entry.ref) || blocked.has(entry.taskId)) {
                    blocked.add(entry.taskId);
                    continue;
                }
                if (!(await this._sendEntry(entry))) {
                    break;
                }
                settled++;
            }
        } finally {
            this.isSending = false;
            this.settledCount += settled;
            this.onChange();
        }
        return Boolean(settled);
    }

    /** @returns {Promise<boolean>} whether to go on */
    async _sendEntry(entry) {
        const values = {...entry.values};
        if (entry.kind !== "take") {
            values.client_ref = entry.ref;
        }
        try {
            await this.send(METHODS[entry.kind], entry.taskId, values);
        } catch (error) {
            return this._onError(entry, error);
        }
        this.isOffline = this.isSignedOut = false;
        await this.drop(entry);
        return true;
    }

    async _onError(entry, error) {
        if (
            error instanceof ConnectionLostError ||
            error instanceof ConnectionAbortedError
        ) {
            this.isOffline = true;
            return false;
        }
        this.isOffline = false;
        if (error.exceptionName === "odoo.http.SessionExpiredException") {
            this.isSignedOut = true;
            return false;
        }
        entry.tries++;
        if (REFUSALS.has(error.exceptionName) || entry.tries >= MAX_TRIES) {
            entry.refusal = error.data?.message || error.message;
            await this.store.put(entry);
            return true;
        }
        await this.store.put(entry);
        return false;
    }
}
