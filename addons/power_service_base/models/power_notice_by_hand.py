from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from .power_proof_mixin import is_photo_or_pdf


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

    def _check_happened(self, at):
        """Refuse an outcome from before the present attempt, or of the future.

        Times are typed to the minute.
        """
        if at > fields.Datetime.now() + timedelta(minutes=1):
            raise UserError(self.env._("It can't have happened in the future."))
        starts = dict(
            self.env["power.notice.event"]._read_group(
                [("notice_id", "in", self.ids), ("kind", "in", ("queued", "retried"))],
                ["notice_id"],
                ["at:max"],
            )
        )
        for notice in self:
            start = starts.get(notice) or notice.create_date
            if at < start.replace(second=0, microsecond=0):
                raise UserError(
                    self.env._(
                        "%(notice)s: it can't have happened before %(time)s, when this "
                        "attempt began.",
                        notice=notice.display_name,
                        time=format_datetime(self.env, start),
                    )
                )

    def _check_signed(self, attachments=None):
        """Refuse a signature without a photo or scan of it.

        :param attachments: files that become proof with it
        :raise UserError: no file, or none that is a photo or PDF by its content
        """
        for notice in self:
            files = notice.proof_ids | (attachments or notice.proof_ids)
            # One after the other: the first is nearly always one.
            if not any(is_photo_or_pdf(file.raw) for file in files):
                raise UserError(
                    self.env._(
                        "Add the photo or the signature that proves it: a photo or a "
                        "PDF file."
                    )
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
        now = fields.Datetime.now()
        for notice in again:
            gap = timedelta(hours=get_limit("call_gap_hours", notice.company_id))
            at_hour = notice._get_own_sending_time(now + gap)
            notice._write_projected({"send_after": at_hour})
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
