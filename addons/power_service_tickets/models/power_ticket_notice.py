# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from odoo import models
from odoo.tools import format_datetime

# Where a person told the customer already that the request was taken.
TOLD_CHANNELS = frozenset(("counter", "phone", "visit", "internal"))


class PowerTicket(models.Model):
    """What the customer is told: by notices, on the customer's own channel."""

    _inherit = "power.ticket"

    def _after_intake(self):
        result = super()._after_intake()
        self.filtered(
            lambda ticket: ticket.channel not in TOLD_CHANNELS
        )._tell_customers("ticket_received")
        return result

    def _enter_event(self, kind, at, vals, **options):
        result = super()._enter_event(kind, at, vals, **options)
        if kind == "milestone" and vals.get("milestone_id"):
            milestone = self.env["power.ticket.milestone"].browse(vals["milestone_id"])
            purpose = {"answered": "ticket_answered", "closed": "ticket_closed"}.get(
                milestone.code
            )
            if purpose:
                self._tell_customers(purpose, vals.get("note"))
        return result

    def _tell_customers(self, purpose_code, text=None):
        """Tell the customers of these tickets, once a cycle and purpose; a constant
        number of queries.

        Nobody is told who is anonymous or not known, nor of a confidential ticket:
        notices are seen by the whole station. An archived purpose tells nobody.

        :param purpose_code: code of a ``power.notice.purpose``
        :param text: the answer
        :return: the notices made
        """
        # Whoever enters what happened needn't be able to send notices.
        notices = self.env["power.notice"].sudo()
        tickets = self.filtered(
            lambda ticket: (
                ticket.partner_id
                and not ticket.is_anonymous
                and not ticket.is_confidential
            )
        )
        if not tickets:
            return notices
        purposes = self.env["power.notice.purpose"].sudo()  # as above
        if not purposes.search_count([("code", "=", purpose_code)], limit=1):
            return notices
        return notices._notify(
            purpose_code,
            [
                ticket.with_context(
                    lang=ticket.sudo().partner_id.lang,  # as above
                    tz=ticket._get_tz(),
                )._prepare_notice_vals(purpose_code, text)
                for ticket in tickets
            ],
        )

    def _prepare_notice_vals(self, purpose_code, text):
        """Values of the notice of one ticket, in the language of the environment."""
        self.ensure_one()
        subject, body = self._get_notice_texts(purpose_code, text)
        return {
            "partner_id": self.partner_id.id,
            "supply_point_id": self.supply_point_id.id,
            "station_id": self.station_id.id,
            "company_id": self.company_id.id,
            "subject": subject,
            "body": body,
            "res_model": self._name,
            "res_id": self.id,
            "dedup_key": f"ticket/{self.id}/{purpose_code}/{self.cycle}",
        }

    def _get_notice_texts(self, purpose_code, text):
        """Subject and body (plain text) of the notice of one ticket."""
        env = self.env
        names = {"ticket": self.name, "subject": self.subject}
        hotline = self.station_id.sudo().hotline  # published
        end = "\n\n" + env._("Questions: %(phone)s", phone=hotline) if hotline else ""
        if purpose_code == "ticket_received":
            subject = env._("We have your request %(ticket)s", **names)
            body = env._(
                "Your request “%(subject)s” was received under the number %(ticket)s.",
                **names,
            )
            if self.deadline:
                body += " " + env._(
                    "You hear from us by %(deadline)s.",
                    deadline=format_datetime(env, self.deadline, dt_format="short"),
                )
        elif purpose_code == "ticket_answered":
            subject = env._("Answer to your request %(ticket)s", **names)
            body = env._("About your request “%(subject)s”:", **names)
            body += "\n\n" + (text or env._("It has been dealt with."))
        elif purpose_code == "ticket_extended":
            subject = env._("Your request %(ticket)s takes longer", **names)
            body = env._("Your request “%(subject)s” takes longer than usual.", **names)
            if self.deadline:
                body += " " + env._(
                    "You hear from us by %(deadline)s.",
                    deadline=format_datetime(env, self.deadline, dt_format="short"),
                )
        else:
            subject = env._("Your request %(ticket)s is closed", **names)
            body = env._(
                "Your request “%(subject)s” (%(ticket)s) is closed. If it isn't "
                "solved, tell us and we open it again.",
                **names,
            )
        return subject, body + end

    def _get_tz(self):
        """The time zone of one ticket's station."""
        self.ensure_one()
        return self.env["power.notice"]._get_station_tz(
            self.station_id, self.company_id
        )
