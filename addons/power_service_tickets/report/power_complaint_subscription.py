import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL

from ..core.period_compare import get_period, get_previous

JOB = "power.complaint.bulletin"


class PowerComplaintSubscription(models.Model):
    """Who gets the bulletins by mail."""

    _name = "power.complaint.subscription"
    _description = "Bulletin Recipient"
    _order = "company_id, user_id"
    _rec_name = "user_id"

    user_id = fields.Many2one(
        "res.users",
        required=True,
        index=True,
        domain="[('share', '=', False)]",
        help="Gets the figures that this person may see.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    active = fields.Boolean(default=True)
    weekly = fields.Boolean("Weekly Bulletin", default=True)
    monthly = fields.Boolean("Monthly Analysis", default=True)

    _once = models.UniqueIndex(
        "(user_id, company_id)", "This person gets the bulletins already."
    )

    @api.model
    def _cron_send(self, batch_size=20):
        """Send the bulletins of the week and the month that are over, each once.

        Each is a record with a unique key, made before it is sent; what fails is parked
        with its reason. Safe to kill, to run twice and beside itself.
        """
        run = self.env["power.job.run"]._start_alone(JOB)
        if not run:
            return
        self._make_due()
        bulletins = self.env["power.complaint.bulletin"].search(
            self._get_due_domain(), limit=batch_size, order="id"
        )
        failed = 0
        for bulletin in bulletins:
            try:
                with self.env.cr.savepoint():
                    bulletin._send()
            except psycopg2.OperationalError:
                raise
            except Exception as error:  # one of them holds up nobody
                bulletin.error = str(error) or type(error).__name__
                failed += 1
        remaining = self.env["power.complaint.bulletin"].search_count(
            self._get_due_domain()
        )
        run._end_batch(len(bulletins) - failed, failed=failed, remaining=remaining)

    @api.model
    def _get_due_domain(self):
        """Bulletins that were made to be sent."""
        return [
            ("is_subscribed", "=", True),
            ("sent_at", "=", False),
            ("error", "=", False),
        ]

    @api.model
    def _make_due(self):
        """Make the bulletins of the periods that are over, where they are missing;
        those that somebody made by hand are computed again, to be sent."""
        bulletins = self.env["power.complaint.bulletin"]
        wanted = {}
        for subscription in self.search([("user_id.active", "=", True)]):
            company = subscription.company_id
            zone = company.resource_calendar_id.tz or "UTC"
            today = fields.Date.context_today(self.with_context(tz=zone))
            for kind in ("weekly", "monthly"):
                if subscription[kind]:
                    period = get_previous(kind, get_period(kind, today))
                    key = (subscription.user_id.id, company.id, kind, period.first)
                    wanted[key] = None
        if not wanted:
            return
        known = self.env.execute_query(
            SQL(
                "SELECT user_id, company_id, kind, date_from, id,"
                " is_subscribed OR sent_at IS NOT NULL"
                " FROM power_complaint_bulletin WHERE date_from >= %s",
                min(key[3] for key in wanted),
            )
        )
        by_hand = bulletins
        for *key, bulletin_id, is_done in known:
            if tuple(key) in wanted:
                del wanted[tuple(key)]
                if not is_done:
                    by_hand |= bulletins.browse(bulletin_id)
        if by_hand:
            # Somebody looked at them before, maybe when the period wasn't over.
            by_hand.write({"is_subscribed": True})
            by_hand._compute_figures()
        bulletins.create(
            [
                {
                    "user_id": user_id,
                    "company_id": company_id,
                    "kind": kind,
                    "date_from": first,
                    "is_subscribed": True,
                }
                for user_id, company_id, kind, first in wanted
            ]
        )


class PowerComplaintBulletin(models.Model):
    _inherit = "power.complaint.bulletin"

    is_subscribed = fields.Boolean(
        "By Subscription", readonly=True, help="Made by the job, to be sent."
    )
