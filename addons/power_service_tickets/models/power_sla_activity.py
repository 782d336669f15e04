# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from collections import defaultdict
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.power_service_base.core.working_time import DEFAULT_TZ

from ..core.escalation import is_current
from ..core.sla_facts import ClockState
from ..tools.bulk_insert import insert_rows
from .power_sla_clock import get_state_sql

# Where a ticket is; who is told of its promises hangs on these.
PLACE = ("station_id", "team_id", "user_id")


class Cause(NamedTuple):
    """A step that was taken by activity, of a promise that is still to be kept.

    :param rung: whom it tells; None when it is no longer on the promise's ladder
    :param told_ids: ids of the users whom it told when it was taken
    """

    ticket_id: int
    policy_id: int
    state: ClockState
    rung: object
    told_ids: frozenset

    @property
    def is_warning(self):
        """Whether the deadline is still to come."""
        return self.state.state != "missed"


def get_badness(cause):
    """The smallest is the worst: what is overdue, and for the longest.

    :param cause: a :class:`Cause` or a telling
    """
    return cause.is_warning, cause.state.deadline


class PowerSlaAlert(models.Model):
    """What the ladder puts on people's lists: one activity per person and ticket, about
    the worst of the promises that the person was told of. It follows the ticket.

    Nothing is remembered beside the activity: what it has to say comes from the steps
    that were taken and from the clocks, each time.
    """

    _inherit = "power.sla.alert"

    @api.model
    def _get_activity_type(self):
        return self.env.ref("power_service_tickets.mail_activity_promise")

    # When they change ---------------------------------------------------------------

    @api.model
    def _tell_by_activity(self, tellings, audience):
        """Put these steps on the lists of those meant; what is worse stays said, unless
        it was ticked off."""
        existing = self._read_activities({telling.ticket_id for telling in tellings})
        causes = self._read_causes({ticket_id for ticket_id, _user_id in existing})
        worst = self._get_worst(causes, audience, with_told=True)
        wanted = {key: worst[key] for key in existing.keys() & worst.keys()}
        for telling in sorted(tellings, key=get_badness, reverse=True):
            for user_id in telling.user_ids:
                if (key := (telling.ticket_id, user_id)) not in existing:
                    wanted[key] = telling
        self._change_activities(existing, wanted)

    @api.model
    def _refresh_activities(self, ticket_ids):
        """Have the activities of these tickets say what is still to be done: nobody
        gets one, and those with nothing left to hurry for go."""
        existing = ticket_ids and self._read_activities(ticket_ids)
        if not existing:
            return
        ticket_ids = {ticket_id for ticket_id, _user_id in existing}
        causes = self._read_causes(ticket_ids)
        audience = self._get_audience({cause.ticket_id for cause in causes})
        worst = self._get_worst(causes, audience, with_told=True)
        self._change_activities(
            existing, {key: worst[key] for key in existing.keys() & worst.keys()}
        )

    @api.model
    def _hand_on_activities(self, ticket_ids, places=None):
        """Take the activities along to whom the ladder means now.

        :param places: dict of ticket id to (station id, team id, user id) where it was:
            who was meant there too and ticked it off isn't asked again
        """
        if not ticket_ids:
            return
        self.env["power.ticket"].flush_model([*PLACE, "is_confidential", "is_open"])
        causes = self._read_causes(ticket_ids)
        existing = self._read_activities(ticket_ids)
        if not causes and not existing:
            return
        found = {cause.ticket_id for cause in causes}
        worst = self._get_worst(causes, self._get_audience(found))
        if places:
            was = {ticket_id: places[ticket_id] for ticket_id in found}
            before = self._get_worst(causes, self._get_audience(found, was))
            for key in before.keys() - existing.keys():
                worst.pop(key, None)
        self._change_activities(existing, worst)

    @api.model
    def _resume_activities(self, ticket_ids):
        """Put on the lists again what a pause took off them; not for who had ticked it
        off."""
        if not ticket_ids:
            return
        causes = self._read_causes(ticket_ids)
        if not causes:
            return
        existing = self._read_activities(ticket_ids)
        audience = self._get_audience({cause.ticket_id for cause in causes})
        worst = self._get_worst(causes, audience)
        for key in self._read_ticked(ticket_ids) - existing.keys():
            worst.pop(key, None)
        self._change_activities(existing, worst)

    # What they say ------------------------------------------------------------------

    @api.model
    def _read_causes(self, ticket_ids):
        """The steps taken by activity on open tickets whose promise is still to be
        kept and doesn't wait, in one query.

        :return: list of :class:`Cause`
        """
        if not ticket_ids:
            return []
        self.env["power.sla.clock"].flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT alert.ticket_id, clock.policy_id, alert.escalation_id,"
                " alert.key, ARRAY(SELECT told.user_id"
                " FROM power_sla_alert_user_rel AS told"
                " WHERE told.alert_id = alert.id), %s"
                " FROM power_sla_alert AS alert"
                " JOIN power_sla_clock AS clock ON clock.id = alert.clock_id"
                " JOIN power_ticket AS ticket ON ticket.id = alert.ticket_id"
                " WHERE alert.ticket_id = ANY(%s) AND ticket.is_open"
                " AND clock.ended_at IS NULL AND alert.escalation_id IS NOT NULL"
                " AND alert.how = 'activity' AND alert.outcome = 'done'",
                get_state_sql(),
                list(ticket_ids),
            )
        )
        if not rows:
            return []
        ladders = self.env["power.sla.policy"]._get_compiled().steps
        rungs = {
            (policy_id, step.whom.id): step.whom
            for policy_id, steps in ladders.items()
            for step in steps
        }
        causes = []
        for ticket_id, policy_id, escalation_id, key, told_ids, *values in rows:
            state = ClockState._make(values)
            # A paused clock is nothing to hurry for.
            if state.state != "paused" and is_current(
                key, f"step{escalation_id}", state
            ):
                rung = rungs.get((policy_id, escalation_id))
                causes.append(
                    Cause(ticket_id, policy_id, state, rung, frozenset(told_ids))
                )
        return causes

    @api.model
    def _get_worst(self, causes, audience, with_told=False):
        """What each person is to be told.

        :param with_told: also those who were told when the step was taken
        :return: dict of (ticket id, user id) to the worst :class:`Cause`
        """
        worst = {}
        for cause in causes:
            users = set(cause.told_ids) if with_told or not cause.rung else set()
            if cause.rung:
                users |= set(audience.find(cause.ticket_id, cause.rung)[1])
            for user_id in users:
                key = cause.ticket_id, user_id
                worst[key] = min(worst.get(key, cause), cause, key=get_badness)
        return worst

    # Storing ------------------------------------------------------------------------

    @api.model
    def _read_activities(self, ticket_ids):
        """The activities that the ladder made on these tickets, in one query.

        :return: dict of (ticket id, user id) to a list of (id, summary, deadline)
        """
        self.env["mail.activity"].flush_model()
        found = defaultdict(list)
        for ticket_id, user_id, *row in self.env.execute_query(
            SQL(
                "SELECT res_id, user_id, id, summary, date_deadline FROM mail_activity"
                " WHERE res_model = 'power.ticket' AND res_id = ANY(%s) AND active"
                " AND automated AND activity_type_id = %s ORDER BY id",
                list(ticket_ids),
                self._get_activity_type().id,
            )
        ):
            found[ticket_id, user_id].append(tuple(row))
        return found

    @api.model
    def _read_ticked(self, ticket_ids):
        """Who ticked off what the ladder told last, in one query.

        :return: set of (ticket id, user id)
        """
        self.env["mail.activity"].flush_model()
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT activity.res_id, activity.user_id"
                " FROM mail_activity AS activity"
                " WHERE activity.res_model = 'power.ticket'"
                " AND activity.res_id = ANY(%s) AND NOT activity.active"
                " AND activity.automated AND activity.activity_type_id = %s"
                " AND NOT EXISTS (SELECT FROM power_sla_alert AS alert"
                " JOIN power_sla_alert_user_rel AS told ON told.alert_id = alert.id"
                " WHERE alert.ticket_id = activity.res_id"
                " AND alert.how = 'activity' AND alert.outcome = 'done'"
                " AND told.user_id = activity.user_id"
                " AND alert.recorded_at > activity.write_date)",
                list(ticket_ids),
                self._get_activity_type().id,
            )
        )
        return {tuple(row) for row in rows}

    @api.model
    def _change_activities(self, existing, wanted):
        """Delete, replace and make activities. A constant number of queries.

        :param existing: as :meth:`_read_activities` returns them
        :param wanted: dict of (ticket id, user id) to what is told, as causes and
            tellings say it
        """
        users = self._read_users({user_id for _ticket_id, user_id in wanted})
        word = self._get_wording(wanted.values())
        rows, gone = {}, dict(existing)
        for key in sorted(wanted):
            cause, user = wanted[key], users[key[1]]
            day = fields.Datetime.context_timestamp(
                self.with_context(tz=user["tz"] or DEFAULT_TZ), cause.state.deadline
            ).date()
            said = word(cause, user["lang"], user["tz"]), day
            if [row[1:] for row in existing.get(key, ())] == [said]:
                del gone[key]
            else:
                rows[key] = said
        stale = [row[0] for found in gone.values() for row in found]
        if stale:
            # The system made them, the system takes them away, whoever is at work.
            self.env["mail.activity"].sudo().browse(stale).unlink()
        self._insert_activities(rows, users)

    @api.model
    def _insert_activities(self, rows, users):
        """
        :param rows: dict of (ticket id, user id) to (summary, deadline)
        :param users: as ``_read_users`` returns them
        """
        if not rows:
            return
        names = dict(
            self.env.execute_query(
                SQL(
                    "SELECT id, name || ' ' || subject FROM power_ticket"
                    " WHERE id = ANY(%s)",
                    list({ticket_id for ticket_id, _user_id in rows}),
                )
            )
        )
        model_id = self.env["ir.model"]._get_id("power.ticket")
        activity_type = self._get_activity_type()
        insert_rows(
            self.env["mail.activity"],
            [
                {
                    "res_model_id": model_id,
                    "res_model": "power.ticket",
                    "res_id": ticket_id,
                    "res_name": names[ticket_id],
                    "activity_type_id": activity_type.id,
                    "user_id": user_id,
                    "user_tz": users[user_id]["tz"],
                    "summary": summary,
                    "date_deadline": deadline,
                    "automated": True,
                    "active": True,
                }
                for (ticket_id, user_id), (summary, deadline) in rows.items()
            ],
        )
        self.env["power.ticket"].invalidate_model(["activity_ids"], flush=False)
        counts = defaultdict(int)
        for _ticket_id, user_id in rows:
            counts[user_id] += 1
        for user in self.env["res.users"].browse(counts):
            user._bus_send(
                "mail.activity/updated",
                {"activity_created": True, "count_diff": counts[user.id]},
            )


class PowerTicket(models.Model):
    """Tickets whose promises follow them, however they were given."""

    _inherit = "power.ticket"

    def _project_write(self, vals):
        if vals.keys().isdisjoint(PLACE):
            return super()._project_write(vals)
        before = {ticket: tuple(ticket[name] for name in PLACE) for ticket in self}
        result = super()._project_write(vals)
        self._hand_on_promises(before)
        return result

    def _log_given(self, before):
        result = super()._log_given(before)
        self._hand_on_promises(before)
        return result

    def _hand_on_promises(self, before):
        """See that what is due and overdue is on the list of who has the tickets now.

        :param before: dict of ticket to (station, team, user) that had it
        """
        places = {}
        for ticket, place in before.items():
            ticket_sudo = ticket.sudo()  # may be another station's by now
            if place != tuple(ticket_sudo[name] for name in PLACE):
                places[ticket.id] = tuple(record.id or None for record in place)
        # Whoever gives the ticket has its promises follow, whom they may see or not.
        self.env["power.sla.alert"].sudo()._hand_on_activities(list(places), places)
