from datetime import timedelta

from odoo import fields, models


class PowerNotice(models.Model):
    """Notices that people bring: by phone, letter, fax and visit."""

    _inherit = "power.notice"

    def _get_phone_script(self):
        """What the caller says, with whom and at which number."""
        self.ensure_one()
        return self.env._(
            "Call %(customer)s at %(number)s.\n\n"
            "“Good day, this is %(station)s. Am I speaking with %(customer)s?”\n\n"
            "%(body)s\n\n“Did you understand it, and do you have a question?”",
            customer=self.partner_id.name,
            number=self.address or "",
            station=self.station_id.name or self.company_id.name,
            body=self.body,
        )

    def _record_not_reached(self, outcome, at, note):
        """A try without success: phones ring again, as often as the limits say."""
        reasons = {
            "no_answer": self.env._("No answer"),
            "wrong_address": self.env._("Wrong number or address"),
        }
        reason = ": ".join(filter(None, (reasons[outcome], note)))
        again = self.browse()
        get_limit = self.env["power.limit"]._get
        if outcome == "no_answer":
            again = self.filtered(
                lambda n: (
                    n.channel == "phone"
                    and n.attempt < get_limit("call_attempts", n.company_id)
                )
            )
        rows = [(n.id, n.attempt, "failed", at, reason, None) for n in self]
        rows += [(n.id, n.attempt + 1, "retried", at, None, None) for n in again]
        for company, notices in again.grouped("company_id").items():
            hours = get_limit("call_gap_hours", company)
            notices.send_after = fields.Datetime.now() + timedelta(hours=hours)
        self._record_rows(rows)

    def _log_contact(self, at, outcome):
        """Calls and visits belong to the customer's contact history."""
        self.env["power.customer.contact"].create(
            [
                {
                    "partner_id": notice.partner_id.id,
                    "supply_point_id": notice.supply_point_id.id,
                    "contacted_at": at,
                    "direction": "out",
                    "channel": notice.channel,
                    "subject": notice.subject,
                    "outcome": outcome,
                    "station_id": notice.station_id.id,
                    "company_id": notice.company_id.id,
                    "res_model": notice._name,
                    "res_id": notice.id,
                }
                for notice in self
                if notice.channel in ("phone", "visit")
            ]
        )
