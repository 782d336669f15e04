import {CalendarCommonRenderer} from "@web/views/calendar/calendar_common/calendar_common_renderer";
import {CalendarModel} from "@web/views/calendar/calendar_model";
import {CalendarRenderer} from "@web/views/calendar/calendar_renderer";
import {calendarView} from "@web/views/calendar/calendar_view";
import {registry} from "@web/core/registry";

export class PowerCalendarModel extends CalendarModel {
    /** What a phone's user chooses is kept apart from the desktop's choice. */
    get storageKey() {
        return super.storageKey + (this.env.isSmall ? "-phone" : "");
    }

    /** A phone has no room for seven days beside each other: it opens one. */
    getLocalStorageScale() {
        const {scale, scales} = this.meta;
        if (this.env.isSmall && scale === "week" && scales.includes("day")) {
            this.meta.scale = "day";
        }
        return super.getLocalStorageScale();
    }

    /**
     * Whether a record is work that is over, or late; undefined when it is no work.
     *
     * The view names the states in which work is over in its field `state`:
     * options="{'over': ['done'], 'late': 'is_overdue'}".
     */
    getWorkState({rawRecord}) {
        const {over, late} = this.meta.popoverFieldNodes.state?.options || {};
        return (
            over && {isOver: over.includes(rawRecord.state), isLate: rawRecord[late]}
        );
    }
}

/** Work fades when it is over, not when its time has passed: then it is late. */
export class PowerCalendarCommonRenderer extends CalendarCommonRenderer {
    eventClassNames(info) {
        const classes = super.eventClassNames(info);
        const record = this.props.model.records[info.event.id];
        const work = record && this.props.model.getWorkState(record);
        if (!work) return classes;
        const own = classes.filter((name) => name !== "o_past_event");
        if (work.isOver) own.push("o_past_event");
        if (work.isLate) own.push("o_power_late");
        return own;
    }
}

export class PowerCalendarRenderer extends CalendarRenderer {
    static components = {
        ...CalendarRenderer.components,
        day: PowerCalendarCommonRenderer,
        week: PowerCalendarCommonRenderer,
        month: PowerCalendarCommonRenderer,
    };
}

export const powerCalendarView = {
    ...calendarView,
    Model: PowerCalendarModel,
    Renderer: PowerCalendarRenderer,
};

registry.category("views").add("power_calendar", powerCalendarView);
