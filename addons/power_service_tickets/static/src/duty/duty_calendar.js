import {CalendarController} from "@web/views/calendar/calendar_controller";
import {powerCalendarView} from "@power_service_base/calendar/power_calendar";
import {registry} from "@web/core/registry";

/** The duty roster: what it lacks is one click away. */
export class DutyCalendarController extends CalendarController {
    static template = "power_service_tickets.DutyCalendarController";

    openCheck() {
        return this.action.doAction("power_service_tickets.power_duty_check_action");
    }
}

registry.category("views").add("power_duty_calendar", {
    ...powerCalendarView,
    Controller: DutyCalendarController,
});
