# One theme a file.
# pylint: disable=consider-merging-classes-inherited
import re
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import email_normalize, html2plaintext

from ..core import attachment_rule

NUMBER = re.compile(r"\bT\d{4}-\d+\b")
# Headers of machines that answer by themselves: out of office, list managers.
AUTOMATIC = ("auto-replied", "auto-generated", "auto-notified")
BULK = ("bulk", "junk", "list", "auto_reply")
# What wrote it can't have been asked.
MACHINES = re.compile(r"^(mailer-daemon|postmaster|no-?reply|do-?not-?reply)@", re.I)


class PowerTicket(models.Model):
    """Requests by e-mail: new ones, and answers to what we wrote."""

    _inherit = "power.ticket"

    @api.model
    def _get_intake_address(self, company):
        """The address that takes requests in by e-mail, False without a mail domain."""
        alias = self.env.ref("power_service_tickets.mail_alias_service", False)
        domain = company.sudo().alias_domain_id  # the address is published
        name = alias and alias.sudo().alias_name  # as above
        return f"{name}@{domain.name}" if name and domain else False

    @api.private  # only mail that came in: it acts for whoever sent it
    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """Make a ticket of an e-mail, or find the one that it answers: by its number in
        the subject, and only when the sender is that ticket's customer or caller.

        :param msg_dict: as ``mail.thread`` gives it
        """
        sender = email_normalize(msg_dict.get("email_from"))
        answered = self._find_answered(msg_dict.get("subject"), sender)
        if answered:
            answered.message_update(msg_dict)
            return answered
        refused = self._drop_refused_files(msg_dict)
        text = html2plaintext(msg_dict.get("body") or "").strip()
        ticket = self.create(
            [
                {
                    # Nobody has read it: no crew goes out for it yet.
                    "type_id": self._get_mail_type().id,
                    **(custom_values or {}),
                    "subject": (msg_dict.get("subject") or "").strip()[:250]
                    or self.env._("E-mail without a subject"),
                    "description": text[:20000],
                    "channel": "email",
                    "contact_email": sender,
                    "receiving_station_id": False,
                }
            ]
        )
        ticket._note_refused_files(refused)
        return ticket

    @api.model
    def _get_mail_type(self):
        """What an e-mail is taken for, unless the alias says."""
        return self.env.ref("power_service_tickets.power_ticket_type_enquiry")

    @api.private  # as above
    def message_update(self, msg_dict, update_vals=None):
        """Take a customer's answer: an answered or closed ticket is opened again within
        the days set, a waiting one goes on, and who handles it is told.

        :param msg_dict: as ``mail.thread`` gives it
        """
        result = super().message_update(msg_dict, update_vals)
        refused = self._drop_refused_files(msg_dict)
        sender = email_normalize(msg_dict.get("email_from"))
        key = f"mail/{msg_dict.get('message_id')}"[:200]
        for ticket in self.sudo():  # mail comes in for nobody
            ticket._note_refused_files(refused)
            if not ticket._is_of_customer(sender):
                continue
            text = html2plaintext(msg_dict.get("body") or "").strip()[:20000]
            ticket._take_message(text, key)
        return result

    def _take_message(self, text, client_ref):
        """Enter what the customer wrote, and what follows from it."""
        self.ensure_one()
        ticket = self.merged_into_id or self
        self._enter_event(
            "message", None, {"note": text, "client_ref": client_ref}, allow_closed=True
        )
        if self.is_paused:
            self.resume()
        elif not self.merged_into_id and self._is_reopened_by_answer():
            # What the customer wrote says it.
            self._reopen(self.env._("The customer wrote again."))
        users, env = ticket._get_handlers_and_env()
        ticket._notify_users(
            users,
            env._("%(ticket)s: the customer wrote", ticket=ticket.name),
            # Another ticket's words stay with that ticket.
            text if ticket == self else None,
        )

    def _is_reopened_by_answer(self):
        """Whether an answer of the customer opens one ticket again."""
        self.ensure_one()
        ended = self.closed_at or self.answered_at
        return bool(ended) and not self.ended_by and self._is_within_reopening(ended)

    def _is_within_reopening(self, ended):
        """Whether the days in which a customer may open one ticket again, which ended
        at ``ended``, aren't over."""
        self.ensure_one()
        days = self.env["power.limit"]._get("reopen_days", self.company_id)
        return bool(days) and fields.Datetime.now() - ended <= timedelta(days=days)

    @api.model
    def _find_answered(self, subject, sender):
        """The ticket that an e-mail names in its subject, when it is the sender's."""
        numbers = NUMBER.findall(subject or "")
        if not numbers or not sender:
            return self.browse()
        tickets = self.sudo().search([("name", "in", numbers)])  # mail is nobody's
        return tickets.filtered(lambda ticket: ticket._is_of_customer(sender))[:1]

    def _is_of_customer(self, sender):
        """Whether the (normalised) address is one ticket's customer's or caller's."""
        self.ensure_one()
        own = {self.contact_email, self.partner_id.email_normalized}
        own.add(self.partner_id.commercial_partner_id.email_normalized)
        return bool(sender) and sender in own

    # Machines -----------------------------------------------------------------------

    @api.model
    def _detect_loop_sender_domain(self, email_from_normalized):
        """Tickets by one address: many in a short time are a machine's."""
        return [("contact_email", "=", email_from_normalized)]

    @api.model
    def _is_automatic_mail(self, message):
        """Whether a machine sent it: out of office, list, bounce.

        :param message: ``email.message.EmailMessage``
        """
        if str(message.get("Auto-Submitted", "")).strip().lower().startswith(AUTOMATIC):
            return True
        if str(message.get("Precedence", "")).strip().lower() in BULK:
            return True
        if message.get("X-Autoreply") or message.get("X-Autorespond"):
            return True
        return bool(MACHINES.match(email_normalize(str(message.get("From", ""))) or ""))

    # Files --------------------------------------------------------------------------

    @api.model
    def _drop_refused_files(self, msg_dict):
        """Take files that aren't kept out of an e-mail.

        :return: one text for each
        """
        max_bytes, max_files = self._get_file_limits()
        kept, refused = [], []
        for item in msg_dict.get("attachments") or []:
            name, content = item[0], item[1]
            if isinstance(content, str):
                content = content.encode()
            problem = attachment_rule.find_problem(name, content, max_bytes)
            if not problem and len(kept) >= max_files:
                refused.append(self.env._("“%(file)s” is one too many.", file=name))
            elif problem:
                refused.append(self._get_file_problem_text(name, problem))
            else:
                kept.append(item)
        if "attachments" in msg_dict:
            msg_dict["attachments"] = kept
        return refused

    def _note_refused_files(self, texts):
        if texts:
            words = self.env._("Files that were not taken:")
            self._enter_event(
                "noted", None, {"note": "\n".join([words, *texts])}, allow_closed=True
            )
