from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL

JOB = "power.sla.recount"


class PowerSlaRecount(models.Model):
    """What has to be counted again: a job goes through it in batches.

    One record per change; a change while the job runs adds one more, so that nothing
    is counted by what held before it. Several that wait are done in one go.
    """

    _name = "power.sla.recount"
    _description = "Clocks to Count Again"
    _order = "id"
    _rec_name = "kind"

    kind = fields.Selection(
        [("policy", "A promise was changed"), ("calendar", "Working time was changed")],
        required=True,
        readonly=True,
    )
    last_ticket_id = fields.Integer("Resumes After", readonly=True, default=0)
    remaining_count = fields.Integer("Remaining", readonly=True, default=0)
    left_ids = fields.Json(
        readonly=True, help="Tickets that somebody worked on when it was their turn."
    )

    @api.model
    def _request(self, kind):
        """Have open clocks counted again, once per transaction and kind.

        :param kind: ``policy`` (also matched again) or ``calendar``
        """
        asked = self.env.cr.precommit.data.setdefault("power_sla_recount", {})
        works = self.sudo()  # the system's own note
        if kind in asked and works.browse(asked[kind]).exists():
            return
        asked[kind] = works.create({"kind": kind}).id
        # Who may change promises or working time may have clocks counted.
        self.env.ref("power_service_tickets.ir_cron_sla_recount").sudo()._trigger()

    @api.model
    def _cron_recount(self, batch_size=1000):
        """Count a batch of tickets again; safe to kill and to run twice."""
        run = self.env["power.job.run"]._start_alone(JOB)
        if not run:
            return
        done, failed, is_waiting = 0, 0, False
        while (work := self._take_work()) and not done + failed and not is_waiting:
            done, failed, is_waiting = work._recount_batch(batch_size)
        remaining = sum(max(work.remaining_count, 1) for work in self.search([]))
        run._progress(done=done, failed=failed, remaining=remaining)
        if not remaining:
            run._finish()
        if is_waiting:
            # Somebody works on all that is left.
            self.env.ref("power_service_tickets.ir_cron_sla_recount")._trigger(
                fields.Datetime.now() + timedelta(minutes=1)
            )
            remaining = 0
        self.env["ir.cron"]._commit_progress(done + failed, remaining=remaining)

    @api.model
    def _take_work(self):
        """The work that was begun, or all that waits as one; nothing when there is
        none."""
        waiting = self.search([])
        begun = waiting.filtered(lambda work: work.last_ticket_id or work.left_ids)
        if begun:
            return begun[:1]
        if not waiting:
            return waiting
        work = waiting.filtered(lambda work: work.kind == "policy")[:1] or waiting[:1]
        (waiting - work).unlink()
        work.remaining_count = self.env.execute_query(
            SQL("SELECT count(*) FROM (%s) AS scope", work._get_scope_sql(0, None))
        )[0][0]
        return work

    def _get_scope_sql(self, after, limit):
        """The next tickets concerned: with an open clock; open ones too when promises
        were changed, which may now have one. Both go by an index, batch by batch.

        :param after: id of the last ticket done
        :param limit: how many; None for all
        """
        self.ensure_one()
        running = SQL(
            "(SELECT DISTINCT ticket_id AS id FROM power_sla_clock"
            " WHERE state IN ('running', 'paused') AND ticket_id > %s"
            " ORDER BY id LIMIT %s)",
            after,
            limit,
        )
        if self.kind == "calendar":
            return running
        return SQL(
            "%s UNION (SELECT id FROM power_ticket WHERE is_open AND id > %s"
            " ORDER BY id LIMIT %s) ORDER BY id LIMIT %s",
            running,
            after,
            limit,
            limit,
        )

    def _recount_batch(self, limit):
        """Count the next tickets again.

        :return: (done, failed, whether only tickets are left that others work on)
        """
        self.ensure_one()
        self.env.flush_all()
        rows = self.env.execute_query(self._get_scope_sql(self.last_ticket_id, limit))
        ids = [row[0] for row in rows]
        is_last_round = not ids
        if is_last_round:
            ids = (self.left_ids or [])[:limit]
        free = self._lock_tickets(ids)
        done, failed = self._recount_tickets(free)
        busy = sorted(set(ids) - set(free))
        if is_last_round:
            left = busy + (self.left_ids or [])[limit:]
            if not left:
                self.unlink()
                return done, failed, False
            self.left_ids = left
            return done, failed, not free
        self.write(
            {
                "last_ticket_id": ids[-1],
                "left_ids": (self.left_ids or []) + busy,
                "remaining_count": max(self.remaining_count - len(ids), 1),
            }
        )
        return done, failed, False

    @api.model
    def _lock_tickets(self, ids):
        """Lock tickets; those that others work on are left out.

        :return: list of ids
        """
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM power_ticket WHERE id = ANY(%s) ORDER BY id"
                " FOR NO KEY UPDATE SKIP LOCKED",
                ids,
            )
        )
        return [row[0] for row in rows]

    @api.model
    def _recount_tickets(self, ids):
        """Count tickets again; one that fails is parked and holds up nobody.

        :return: (done, failed)
        """
        tickets = self.env["power.ticket"].browse(ids)
        if self._try_recount(tickets) is None:
            return len(tickets), 0
        failed = 0
        for ticket in tickets:
            error = self._try_recount(ticket)
            if error is not None:
                failed += 1
                self.env["power.sla.clock"]._park_ticket(ticket, error)
        return len(tickets) - failed, failed

    @api.model
    def _try_recount(self, tickets):
        try:
            with self.env.cr.savepoint():
                tickets._refresh_clocks()
        except psycopg2.OperationalError:
            raise
        except Exception as error:  # parked with its reason by the caller
            self.env.invalidate_all(flush=False)
            return error
        return None
