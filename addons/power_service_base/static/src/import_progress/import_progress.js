import {Component, onWillStart, onWillUnmount, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

const INTERVAL = 1000;

/** A running import's progress: asks once a second, reloads the form at the end. */
export class ImportProgress extends Component {
    static template = "power_service_base.ImportProgress";
    static props = {...standardWidgetProps};

    setup() {
        this.orm = useService("orm");
        this.state = useState({progress: null});
        onWillStart(() => this.update());
        onWillUnmount(() => {
            this.isGone = true;
            clearTimeout(this.timer);
        });
    }

    async update() {
        const record = this.props.record;
        if (!record.resId || record.data.state !== "running") {
            return;
        }
        try {
            const progress = await this.orm.silent.call(
                "power.import",
                "get_progress",
                [[record.resId]]
            );
            if (this.isGone) {
                return;
            }
            this.state.progress = progress;
            if (progress.state !== "running") {
                await record.load();
                return;
            }
        } catch {
            // The server restarts or the network is away: ask again.
            if (this.isGone) {
                return;
            }
        }
        this.timer = setTimeout(() => this.update(), INTERVAL);
    }

    /** Null in a step of which nobody knows how far it is. */
    get percent() {
        const {percent} = this.state.progress;
        return percent === null ? null : Math.min(100, percent);
    }

    get text() {
        const {percent, rows, total, rate, seconds_left: left} = this.state.progress;
        if (percent === null) {
            return _t("%s rows", total.toLocaleString());
        }
        const parts = [
            total
                ? _t("%(rows)s of %(total)s rows", {
                      rows: rows.toLocaleString(),
                      total: total.toLocaleString(),
                  })
                : _t("%s rows", rows.toLocaleString()),
        ];
        if (rate) {
            parts.push(_t("%s rows/s", rate.toLocaleString()));
        }
        if (left !== null && left !== undefined) {
            parts.push(
                left >= 90
                    ? _t("%s min left", Math.round(left / 60))
                    : _t("%s s left", left)
            );
        }
        return parts.join(" · ");
    }
}

registry.category("view_widgets").add("power_import_progress", {
    component: ImportProgress,
    fieldDependencies: [{name: "state", type: "selection"}],
});
