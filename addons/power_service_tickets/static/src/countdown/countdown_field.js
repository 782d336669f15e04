import {Component, onWillRender, onWillUnmount, useState} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {formatDateTime} from "@web/core/l10n/dates";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

const {DateTime} = luxon;
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const pad = (number) => String(number).padStart(2, "0");

/** One timer for all countdowns of a page; it stops with the last of them. */
class Ticker {
    listeners = new Set();

    add(listener) {
        this.listeners.add(listener);
        if (!this.timer) {
            this.timer = browser.setInterval(() => {
                for (const tick of [...this.listeners]) {
                    tick();
                }
            }, 1000);
        }
    }

    remove(listener) {
        this.listeners.delete(listener);
        if (!this.listeners.size) {
            browser.clearInterval(this.timer);
            this.timer = null;
        }
    }
}

export const ticker = new Ticker();

/**
 * The time left as people say it: days and hours, hours and minutes, or minutes and
 * seconds in the last hour.
 *
 * @param {Number} seconds any sign
 * @returns {String}
 */
export function formatSpan(seconds) {
    const left = Math.floor(Math.abs(seconds));
    if (left >= DAY) {
        const hours = Math.floor((left % DAY) / HOUR);
        return _t("%(days)sd %(hours)sh", {days: Math.floor(left / DAY), hours});
    }
    if (left >= HOUR) {
        const minutes = Math.floor((left % HOUR) / MINUTE);
        return _t("%(hours)sh %(minutes)smin", {
            hours: Math.floor(left / HOUR),
            minutes,
        });
    }
    return _t("%(minutes)smin %(seconds)ss", {
        minutes: Math.floor(left / MINUTE),
        seconds: pad(left % MINUTE),
    });
}

/**
 * A deadline that counts down in the browser; the server isn't asked. Where the view
 * has the field `is_paused`, it is said that the time stands still.
 */
export class CountdownField extends Component {
    static template = "power_service_tickets.CountdownField";
    static props = {...standardFieldProps};

    setup() {
        this.state = useState({text: "", isOverdue: false});
        this.tick = () => this.update();
        onWillRender(this.tick);
        ticker.add(this.tick);
        onWillUnmount(() => ticker.remove(this.tick));
    }

    get deadline() {
        return this.props.record.data[this.props.name];
    }

    update() {
        if (!this.deadline) {
            this.state.text = this.props.record.data.is_paused ? _t("Paused") : "";
            this.state.isOverdue = false;
            return;
        }
        const seconds = this.deadline.diff(DateTime.now(), "seconds").seconds;
        const span = formatSpan(seconds);
        this.state.isOverdue = seconds < 0;
        this.state.text = seconds < 0 ? _t("%s late", span) : span;
    }

    get title() {
        return this.deadline ? formatDateTime(this.deadline) : "";
    }

    get className() {
        if (this.state.isOverdue) {
            return "text-danger fw-bold";
        }
        return this.props.record.data.is_at_risk ? "text-warning fw-bold" : "";
    }
}

registry.category("fields").add("power_countdown", {
    component: CountdownField,
    displayName: _t("Countdown"),
    supportedTypes: ["datetime"],
});
