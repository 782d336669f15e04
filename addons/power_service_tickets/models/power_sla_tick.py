# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from typing import NamedTuple

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..core.escalation import get_due_steps, get_next_event_at
from ..core.sla_clock import as_of
from ..core.sla_match import Facts

JOB = "power.sla.tick"


class ClaimedClock(NamedTuple):
    """A due clock that this worker has locked, with its ticket."""

    id: int
    ticket_id: int
    company_id: int
    station_id: int | None
    is_open: bool


class PowerSlaClock(models.Model):
    """The tick: warns, says what is missed, and climbs the ladder; each once."""

    _inherit = "power.sla.clock"

    error = fields.Char(
        "Parked Because",
        readonly=True,
        help="The tick failed on this clock and leaves it alone until it is tried "
        "again.",
    )

    _parked_idx = models.Index("(id) WHERE error IS NOT NULL")

    @api.model
    def _cron_tick(self, batch_size=500):
        """Take the clocks that are due, in batches; safe to kill and to run twice."""
        run = self.env["power.job.run"]._start_alone(JOB)
        if not run:
            return
        done, failed = self._tick(batch_size)
        # Those that somebody works on at the moment are taken the next minute.
        remaining = self._count_due() if done + failed else 0
        run._end_batch(done, failed=failed, remaining=remaining)

    @api.model
    def _tick(self, limit=500):
        """Do what up to ``limit`` due clocks ask for.

        :return: how many were handled, how many were parked
        """
        claimed = self._claim(limit, fields.Datetime.now())
        if not claimed:
            return 0, 0
        if self._try_tick(claimed) is None:
            return len(claimed), 0
        # One of them is broken: the others don't wait for it.
        failed = 0
        for clock in claimed:
            error = self._try_tick([clock])
            if error is not None:
                self._park(clock, error)
                failed += 1
        return len(claimed) - failed, failed

    @api.model
    def _try_tick(self, claimed):
        """Tick clocks; the error when it failed, and then nothing has changed."""
        try:
            with self.env.cr.savepoint():
                self._tick_claimed(claimed, fields.Datetime.now())
        except psycopg2.OperationalError:
            raise
        except Exception as error:  # parked with its reason by the caller
            self.env.invalidate_all(flush=False)
            return error
        return None

    @api.model
    def _get_due_sql(self, now):
        return SQL(
            "clock.next_event_at <= %s AND clock.next_event_at IS NOT NULL"
            " AND clock.error IS NULL",
            now,
        )

    @api.model
    def _count_due(self):
        self.flush_model()
        return self.env.execute_query(
            SQL(
                "SELECT count(*) FROM power_sla_clock AS clock WHERE %s",
                self._get_due_sql(fields.Datetime.now()),
            )
        )[0][0]

    @api.model
    def _claim(self, limit, now):
        """Lock due clocks and their tickets; those that others work on are left out.

        :return: list of :class:`ClaimedClock`, in the order in which they came due
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "SELECT clock.id, ticket.id, ticket.company_id, ticket.station_id,"
                " COALESCE(ticket.is_open, FALSE)"
                " FROM power_sla_clock AS clock"
                " JOIN power_ticket AS ticket ON ticket.id = clock.ticket_id"
                " WHERE %s ORDER BY clock.next_event_at, clock.id LIMIT %s"
                " FOR NO KEY UPDATE OF clock, ticket SKIP LOCKED",
                self._get_due_sql(now),
                limit,
            )
        )
        return [ClaimedClock(*row) for row in rows]

    @api.model
    def _tick_claimed(self, claimed, now):
        """Write down what is due and whom it tells, store the clocks, and tell.

        A constant number of queries for each way of telling, whatever the number of
        clocks.
        """
        policies = self.env["power.sla.policy"]._get_compiled()
        tickets = self.env["power.ticket"]
        facts = {
            clock.id: Facts(clock.company_id, station_id=clock.station_id)
            for clock in claimed
        }
        get_worktime = tickets._get_worktimes(policies, facts.values())
        stored = {
            clock.id: clock
            for clocks in self._read_stored({c.ticket_id for c in claimed}).values()
            for clock in clocks
        }
        alerts, rows = [], []
        for clock in claimed:
            old = stored[clock.id]
            steps = policies.steps.get(old.policy_id, ())
            worktime = get_worktime(facts[clock.id], old.policy_id)
            found = get_due_steps(old.state, steps, old.done, now, worktime)
            state = as_of(old.state, now)
            items = [*found.due, *found.skipped]
            if not clock.is_open:
                # Nobody can hurry any more: it is missed, and nobody is told.
                items = [
                    item._replace(reason=item.reason or "ended") if item.step else item
                    for item in items
                ]
            done = old.done.union(item.key for item in items)
            # Of the same moment: as the ladder is arranged, after the clock's own.
            places = {step.key: place for place, step in enumerate(steps, 1)}
            items.sort(key=lambda item: (item.at, places.get(item.name, 0)))
            alerts += [(clock, old, item) for item in items]
            rows.append(
                {
                    "id": clock.id,
                    "state": state.state,
                    "missed_at": state.missed_at,
                    "next_event_at": get_next_event_at(state, steps, done, worktime),
                }
            )
        self._update(rows)
        self.invalidate_model(["state", "missed_at", "next_event_at"], flush=False)
        alerts.sort(key=lambda alert: alert[2].at)
        self.env["power.sla.alert"]._raise_alerts(alerts, now)

    # What fails ---------------------------------------------------------------------

    @api.model
    def _park(self, claimed, error):
        """Leave a broken clock alone, with the reason, and tell who can put it right.

        :param error: the exception
        """
        reason = f"{type(error).__name__}: {error}"[:500]
        self.env.cr.execute(
            SQL(
                "UPDATE power_sla_clock SET error = %s WHERE id = %s",
                reason,
                claimed.id,
            )
        )
        clock = self.browse(claimed.id)
        clock.invalidate_recordset(["error"], flush=False)
        try:
            with self.env.cr.savepoint():
                self.env["mail.activity"].with_context(
                    mail_activity_quick_update=True
                ).create(clock._prepare_parked_activity(reason))
        except psycopg2.OperationalError:
            raise
        except Exception:  # the run counts it, and the list of parked clocks shows it
            self.env.invalidate_all(flush=False)

    @api.model
    def _park_ticket(self, ticket, error):
        """Park the open clocks of a ticket that could not be counted again."""
        clocks = self.search(
            [("ticket_id", "=", ticket.id), ("state", "in", ("running", "paused"))]
        )
        for clock in clocks:
            self._park(ClaimedClock(clock.id, ticket.id, 0, None, True), error)

    def _prepare_parked_activity(self, reason):
        self.ensure_one()
        audience = self.env["power.sla.alert"]._get_audience()
        managers = audience.get_group("manager", self.company_id.id)
        user = self.env["res.users"].browse(min(managers)) if managers else None
        user = user or self.env.user
        told = self.with_context(lang=user.lang).env
        return {
            "res_model_id": self.env["ir.model"]._get_id("power.ticket"),
            "res_id": self.ticket_id.id,
            "user_id": user.id,
            "activity_type_id": self.env.ref("mail.mail_activity_data_warning").id,
            "automated": True,
            "summary": told._("A promise clock is parked"),
            "note": reason,
        }

    def action_retry(self):
        """Have parked clocks handled again by the next tick.

        :raise AccessError: the user isn't a manager
        """
        if not self.env.user.has_group("power_service_base.group_power_manager"):
            raise AccessError(self.env._("Only managers may try a parked clock again."))
        self.check_access("read")
        self.env.cr.execute(
            SQL("UPDATE power_sla_clock SET error = NULL WHERE id = ANY(%s)", self.ids)
        )
        self.invalidate_recordset(["error"], flush=False)
        return True
