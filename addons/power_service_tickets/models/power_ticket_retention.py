# The ticket's part of it and the events' belong together.
# pylint: disable=consider-merging-classes-inherited
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.power_service_base.models.power_append_only_mixin import RETENTION

# Which limit says how many years, and of which grades.
GRAVE = ("major", "special")
CLAIM_ENDED = ("paid", "refused", "withdrawn")
RECTIFICATION_ENDED = ("verified", "cancelled")


class PowerTicketEvent(models.Model):
    _inherit = "power.ticket.event"

    had_proof = fields.Boolean(
        "Proof No Longer Kept",
        readonly=True,
        help="There were photos or scans; deleted when their years were over.",
    )


class PowerTicket(models.Model):
    """How long evidence is kept: the files of a ticket that has ended are deleted when
    the years of its grade are over, and not while anything of it is in dispute.

    The ticket, its events, clocks and figures stay for good.
    """

    _inherit = "power.ticket"

    is_disputed = fields.Boolean(
        "Under Dispute",
        tracking=True,
        copy=False,
        help="Its photos, scans and files are kept as long as this is set, however old "
        "they get: court, regulator, insurance. A supervisor takes it off.",
    )
    files_deleted_at = fields.Datetime(readonly=True, copy=False)

    _retention_idx = models.Index(
        "(company_id, received_at)"
        " WHERE is_open IS NOT TRUE AND files_deleted_at IS NULL"
    )

    def write(self, vals):
        if (
            not vals.get("is_disputed", True)
            and not self.env.su
            and any(ticket.is_disputed for ticket in self)
            and not self.env.user.has_group("power_service_base.group_power_supervisor")
        ):
            raise AccessError(
                self.env._("A supervisor says that something isn't disputed any more.")
            )
        return super().write(vals)

    @api.model
    def _get_outlived_domain(self):
        """Tickets whose files may be deleted: ended, nothing entered for the years of
        their company and grade, and nothing of them in dispute."""
        now = fields.Datetime.now()
        grave = Domain("complaint_grade", "in", GRAVE)
        get_limit = self.env["power.limit"]._get
        parts = []
        for company in self.env["res.company"].search([]):
            for name, grades in (
                ("evidence_years", ~grave),
                ("evidence_years_grave", grave),
            ):
                years = get_limit(name, company)
                if years:
                    since = now - relativedelta(years=years)
                    parts.append(
                        Domain("company_id", "=", company.id)
                        & grades
                        & Domain("received_at", "<", since)
                        & Domain("event_ids", "not any", [("recorded_at", ">=", since)])
                    )
        ended = Domain("is_open", "=", False) & Domain("files_deleted_at", "=", False)
        return ended & Domain.OR(parts) & self._get_undisputed_domain()

    @api.model
    def _get_undisputed_domain(self):
        """Tickets of which nothing goes on, here or in what came of them."""
        is_open = Domain("is_open", "=", True)
        repeats = self._search(Domain("repeat_of_id", "!=", False) & is_open)
        return (
            Domain("is_disputed", "=", False)
            & Domain("claim_ids", "not any", [("state", "not in", CLAIM_ENDED)])
            & Domain(
                "rectification_ids",
                "not any",
                [("state", "not in", RECTIFICATION_ENDED)],
            )
            & Domain("merged_ids", "not any", is_open)
            & Domain("merged_into_id", "not any", is_open)
            & Domain("id", "not in", repeats.subselect("repeat_of_id"))
        )

    @api.model
    def _cron_forget_files(self, batch_size=200):
        """Delete the files of tickets whose years are over."""
        self.env["power.job.run"]._run_batch(
            "power.ticket.retention",
            self,
            self._get_outlived_domain,
            lambda old: old._forget_files(),
            batch_size,
        )

    def _forget_files(self):
        """Delete the files of these tickets and of their events: the retention job. A
        constant number of queries, but for each file."""
        # Nobody has the right to; this is the one way in which evidence goes.
        doomed = self.sudo().with_context(power_retention=RETENTION)
        events = doomed.event_ids
        files = doomed.env["ir.attachment"].search(
            Domain("res_model", "=", events._name) & Domain("res_id", "in", events.ids)
            | Domain("res_model", "=", self._name) & Domain("res_id", "in", self.ids)
        )
        proof = events._fields["proof_ids"]
        # Not by write(): an event is changed by nobody. That it was proved stays, the
        # promise is counted by it.
        self.env.execute_query(
            SQL(
                "WITH gone AS (DELETE FROM %(rel)s WHERE %(event)s = ANY(%(ids)s)"
                " RETURNING %(event)s AS id)"
                " UPDATE power_ticket_event SET had_proof = true"
                " WHERE id IN (SELECT id FROM gone) RETURNING id",
                rel=SQL.identifier(proof.relation),
                event=SQL.identifier(proof.column1),
                ids=events.ids,
            )
        )
        events.invalidate_recordset(["proof_ids", "had_proof"])
        files.unlink()
        self._project_write({"files_deleted_at": fields.Datetime.now()})
