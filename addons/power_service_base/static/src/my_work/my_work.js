import {Component, onWillStart, onWillUnmount, useEffect, useState} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {deserializeDateTime} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {ConnectionLostError} from "@web/core/network/rpc";
import {registry} from "@web/core/registry";
import {user} from "@web/core/user";
import {useService} from "@web/core/utils/hooks";
import {session} from "@web/session";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {getCallLink, getMapLink, getPosition, shrinkPhoto} from "./device";
import {ResultDialog} from "./result_dialog";

const {DateTime} = luxon;

const ICONS = {
    visit: "fa-handshake-o",
    notice_delivery: "fa-envelope-o",
    dunning_visit: "fa-file-text-o",
    inspection: "fa-search",
    repair: "fa-wrench",
    disconnect: "fa-power-off",
    reconnect: "fa-plug",
    meter_check: "fa-tachometer",
    supply_guarantee: "fa-shield",
    free_repair: "fa-medkit",
};
/** The next step from each state: its button is the big one. */
const NEXT = {planned: "start", started: "arrive", arrived: "done"};

export class MyWork extends Component {
    static template = "power_service_base.MyWork";
    static props = {...standardActionServiceProps};
    /** Milliseconds in which a tap can be undone. */
    static undoTime = 4000;

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        const fieldQueue = useService("power_field_queue");
        this.queue = fieldQueue.queue;
        this.flush = fieldQueue.flush;
        this.status = useState(fieldQueue.status);
        this.state = useState({
            tasks: [],
            outcomes: [],
            currency: "",
            loadedAt: "",
            isStale: false,
            isLoading: true,
            now: DateTime.now(),
            // Ids of tasks whose last step was entered without a position.
            unplaced: {},
        });
        this.holding = new Set();
        this.cacheKey = `power_field_work_${session.db}_${user.userId}`;
        onWillStart(async () => {
            await fieldQueue.ready;
            await this.load();
        });
        // Whoever sends it, this screen or the service: show what the server says.
        useEffect(
            (settled) => {
                if (settled) {
                    this.load();
                }
            },
            () => [this.status.settled]
        );
        const clock = browser.setInterval(() => {
            this.state.now = DateTime.now();
        }, 30000);
        const onOnline = () => this.load();
        browser.addEventListener("online", onOnline);
        onWillUnmount(() => {
            browser.clearInterval(clock);
            browser.removeEventListener("online", onOnline);
            this.letGo();
        });
    }

    // Data --------------------------------------------------------------------------

    async load() {
        this.state.isLoading = true;
        let data;
        try {
            data = await this.orm.silent.call("power.field.task", "get_my_work");
            this.queue.setServerTime(data.now);
            data.loadedAt = this.queue.getTime();
            this.state.isStale = false;
            browser.localStorage.setItem(this.cacheKey, JSON.stringify(data));
        } catch (error) {
            if (!(error instanceof ConnectionLostError)) {
                throw error;
            }
            data = JSON.parse(browser.localStorage.getItem(this.cacheKey) || "null");
            this.state.isStale = true;
        }
        const {tasks = [], outcomes = [], currency = "", loadedAt = ""} = data || {};
        Object.assign(this.state, {
            tasks,
            outcomes,
            currency,
            loadedAt,
            isLoading: false,
            now: DateTime.now(),
        });
    }

    /** Send what waits, then show what the server says now. */
    async refresh() {
        await this.flush();
        await this.load();
    }

    get sections() {
        // Read, so that the screen follows what waits and what was sent.
        void this.status.version;
        const sections = {overdue: [], today: [], later: [], free: [], done: []};
        for (const task of this.state.tasks) {
            const card = this.makeCard(task);
            sections[card.section].push(card);
        }
        return [
            {key: "overdue", title: _t("Overdue"), cards: sections.overdue},
            {key: "today", title: _t("Today"), cards: sections.today},
            {key: "later", title: _t("Later"), cards: sections.later},
            {key: "free", title: _t("Nobody's yet"), cards: sections.free},
            {key: "done", title: _t("Done today"), cards: sections.done},
        ];
    }

    makeCard(task) {
        const pending = this.queue.waiting.filter((entry) => entry.taskId === task.id);
        const state = this.queue.getState(task);
        const due = task.due_at && deserializeDateTime(task.due_at);
        const isOpen = state in NEXT;
        const isMine = task.is_mine || pending.some((entry) => entry.kind === "take");
        const isLate = Boolean(isOpen && due && due < this.state.now);
        const undo = pending.find((entry) => this.queue.held.has(entry.ref));
        let section = "later";
        // What can be undone stays under the finger that did it.
        if (!isOpen && !undo) {
            section = "done";
        } else if (!isMine) {
            section = "free";
        } else if (due && due < this.state.now) {
            section = "overdue";
        } else if (due && due <= this.state.now.endOf("day")) {
            section = "today";
        }
        return {
            task,
            state,
            section,
            isMine,
            isLate,
            isOpen,
            isUnplaced: this.state.unplaced[task.id],
            icon: ICONS[task.kind] || "fa-briefcase",
            due: due ? this.formatDue(due, isLate) : "",
            next: isMine ? NEXT[state] : "take",
            undo,
            waiting: pending.filter((entry) => !this.queue.held.has(entry.ref)).length,
            photos:
                task.proof_count +
                pending.filter((entry) => entry.kind === "photo").length,
            progress: this.getProgress(task, pending, state),
            callLink: getCallLink(task.phone),
            mapLink: getMapLink(task, navigator.userAgent),
        };
    }

    formatDue(due, isLate) {
        if (isLate) {
            const late = this.state.now.diff(due, ["days", "hours", "minutes"]);
            if (late.days) {
                return late.days === 1
                    ? _t("1 day late")
                    : _t("%s days late", late.days);
            }
            return late.hours
                ? _t("%s h late", late.hours)
                : _t("%s min late", Math.max(1, Math.floor(late.minutes)));
        }
        if (due.hasSame(this.state.now, "day")) {
            return due.toLocaleString(DateTime.TIME_SIMPLE);
        }
        return due.toLocaleString({
            weekday: "short",
            month: "short",
            day: "numeric",
            hour: "numeric",
            minute: "numeric",
        });
    }

    /** "On the way since 9:05": what the state says, with its time. */
    getProgress(task, pending, state) {
        const kinds = {started: "start", arrived: "arrive", done: "done"};
        const entry = pending.findLast((other) => other.kind === kinds[state]);
        const at = entry ? entry.values.at : task[`${state}_at`];
        if (!at) {
            return "";
        }
        const time = deserializeDateTime(at).toLocaleString(DateTime.TIME_SIMPLE);
        return {
            started: _t("On the way since %s", time),
            arrived: _t("On site since %s", time),
            done: _t("Done at %s", time),
        }[state];
    }

    get loadedTime() {
        return this.state.loadedAt
            ? deserializeDateTime(this.state.loadedAt).toLocaleString(
                  DateTime.DATETIME_SHORT
              )
            : "";
    }

    get buttons() {
        return {
            take: {label: _t("Take this task"), icon: "fa-hand-paper-o"},
            start: {label: _t("Start"), icon: "fa-road"},
            arrive: {label: _t("Arrived"), icon: "fa-map-marker"},
            done: {label: _t("Done"), icon: "fa-check"},
        };
    }

    getEntryName(entry) {
        const task = this.state.tasks.find((other) => other.id === entry.taskId);
        const kinds = {
            take: _t("Take this task"),
            start: _t("Start"),
            arrive: _t("Arrived"),
            done: _t("Done"),
            photo: _t("Photo"),
            note: _t("Note"),
        };
        const parts = [kinds[entry.kind], task?.kind_name, task?.customer];
        return parts.filter(Boolean).join(" · ");
    }

    // Taps --------------------------------------------------------------------------

    /** One tap: kept at once, completed by the position, then sent. */
    async onStep(card, values = {}) {
        navigator.vibrate?.(30);
        const {task, next} = card;
        if (next === "take") {
            await this.queue.add(task.id, "take");
            await this.flush();
            return;
        }
        await this.hold(await this.queue.add(task.id, next, values, true));
    }

    async hold(entry) {
        let release;
        const released = new Promise((resolve) => {
            release = resolve;
        });
        this.holding.add(release);
        const timer = browser.setTimeout(release, MyWork.undoTime);
        const position = getPosition();
        await released;
        browser.clearTimeout(timer);
        this.holding.delete(release);
        if (!this.queue.held.has(entry.ref)) {
            return; // undone
        }
        const place = await position;
        // Said on the card: a notification would lie over what is tapped next.
        this.state.unplaced[entry.taskId] = place.latitude === undefined;
        await this.queue.release(entry, place);
        await this.flush();
    }

    /** Leaving the screen ends the time to undo. */
    letGo() {
        for (const release of this.holding) {
            release();
        }
    }

    onUndo(entry) {
        return this.queue.drop(entry);
    }

    onResult(card) {
        this.dialog.add(ResultDialog, {
            title: _t("What came of it?"),
            outcomes: this.state.outcomes,
            currency: this.state.currency,
            confirm: (values) => this.onStep({...card, next: "done"}, values),
        });
    }

    onNote(card) {
        this.dialog.add(ResultDialog, {
            title: _t("Note"),
            isNote: true,
            outcomes: [],
            currency: "",
            confirm: async (values) => {
                await this.queue.add(card.task.id, "note", values);
                await this.flush();
            },
        });
    }

    async onPhoto(card, ev) {
        const input = ev.target;
        for (const file of [...input.files]) {
            let data;
            try {
                data = await shrinkPhoto(file);
            } catch {
                this.notification.add(
                    _t("This file is not a picture that can be read."),
                    {
                        type: "danger",
                    }
                );
                continue;
            }
            await this.queue.add(card.task.id, "photo", {
                name: `${card.task.id}-${this.queue.getTime().replace(/\D/g, "")}.jpg`,
                data_base64: data,
            });
        }
        input.value = "";
        await this.flush();
    }

    async onRetry(entry) {
        await this.queue.retry(entry);
        await this.flush();
    }

    onDiscard(entry) {
        return this.queue.drop(entry);
    }

    onOpen(card) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "power.field.task",
            res_id: card.task.id,
            views: [[false, "form"]],
        });
    }

    onGoTo(key) {
        document
            .querySelector(`.o_power_my_work [data-section="${key}"]`)
            ?.scrollIntoView({behavior: "smooth", block: "start"});
    }
}

registry.category("actions").add("power_service_base.my_work", MyWork);
