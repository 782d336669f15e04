# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from collections import defaultdict

from markupsafe import escape

from odoo import api, fields, models
from odoo.tools.mail import generate_tracking_message_id

# Where the changes wait that one message a ticket is to tell of.
WAITING = "power.ticket.tracked"


class PowerTicket(models.Model):
    """Messages about many tickets, in a constant number of queries.

    Core writes and sends message by message. Where tickets come or change by the
    hundred, what they are told by is made here, of all of them at once.
    """

    _inherit = "power.ticket"

    # The trace of changes by hand ---------------------------------------------------

    def _message_track(self, fields_iter, initial_values_dict):
        waiting = self.env.cr.precommit.data[WAITING] = []
        try:
            tracking = super()._message_track(fields_iter, initial_values_dict)
        finally:
            del self.env.cr.precommit.data[WAITING]
        self._log_tracked(waiting)
        return tracking

    def _message_log(self, *, body="", tracking_value_ids=False, **values):
        waiting = self.env.cr.precommit.data.get(WAITING)
        if waiting is None or not tracking_value_ids or values.keys() - {"author_id"}:
            return super()._message_log(
                body=body, tracking_value_ids=tracking_value_ids, **values
            )
        self.ensure_one()
        waiting.append((self.id, body, values.get("author_id"), tracking_value_ids))
        return self.env["mail.message"]

    @api.model
    def _log_tracked(self, waiting):
        """Write a message for each ticket that was changed, and what was before.

        :param waiting: list of (ticket id, body, author id or None, commands that
            create ``mail.tracking.value``)
        """
        by_author = defaultdict(list)
        for item in waiting:
            by_author[item[2]].append(item)
        vals_list = []
        for author_id, items in by_author.items():
            bodies = {item[0]: item[1] for item in items}
            messages = self.browse(bodies)._message_log_batch(
                bodies, author_id=author_id
            )
            of_ticket = dict(zip(bodies, messages.ids, strict=True))
            vals_list += [
                {**command[2], "mail_message_id": of_ticket[ticket_id]}
                for ticket_id, _body, _author_id, commands in items
                for command in commands
            ]
        # The trace is the system's, as core writes it.
        self.env["mail.tracking.value"].sudo().create(vals_list)

    # Who may see them ---------------------------------------------------------------

    @api.model
    def _filter_all_readers(self, users_of):
        """Those of the users who may see each ticket, with queries for each user, not
        for each ticket.

        :param users_of: dict of ticket to ``res.users`` records
        :return: the same, without those who may not
        """
        tickets_of = defaultdict(self.browse)
        for ticket, users in users_of.items():
            for user in users:
                tickets_of[user] |= ticket
        seen = {
            user: set(
                tickets.with_user(user)
                .with_context(allowed_company_ids=user.company_ids.ids)
                ._filtered_access("read")
                .ids
            )
            for user, tickets in tickets_of.items()
        }
        return {
            ticket: users.filtered(lambda user, ticket=ticket: ticket.id in seen[user])
            for ticket, users in users_of.items()
        }

    # Telling ------------------------------------------------------------------------

    @api.model
    def _notify_many(self, items):
        """Notify people of tickets, as ``message_notify`` does for one: in Odoo's inbox
        or by e-mail, as each prefers. E-mails leave with the queue, which is called.

        :param items: list of (ticket, ``res.users`` records, subject); tickets in the
            language of those users
        """
        if not items:
            return
        # The message is the system's, in the name of who is at work.
        tickets = self.browse({ticket.id for ticket, _users, _subject in items}).sudo()
        author_id, email_from = tickets._message_compute_author()
        reply_to = tickets._notify_get_reply_to(default=email_from, author_id=author_id)
        companies = tickets._mail_get_companies(default=self.env.company)
        domains = tickets._mail_get_alias_domains(default_company=self.env.company)
        note = self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_note")
        messages = tickets._message_create(
            [
                {
                    "author_id": author_id,
                    "email_from": email_from,
                    "reply_to": reply_to[ticket.id],
                    "record_company_id": companies[ticket.id].id,
                    "record_alias_domain_id": domains[ticket.id].id,
                    "model": self._name,
                    "res_id": ticket.id,
                    "message_type": "user_notification",
                    "subtype_id": note,
                    "is_internal": True,
                    "message_id": generate_tracking_message_id("message-notify"),
                    "partner_ids": users.partner_id.ids,
                    "subject": subject,
                    "body": escape(ticket._get_told_name()),
                }
                for ticket, users, subject in items
            ]
        )
        by_inbox, by_email = [], []
        for (ticket, users, _subject), message in zip(items, messages, strict=True):
            inbox = users.filtered(lambda user: user.notification_type == "inbox")
            by_inbox += [(message, user) for user in inbox]
            if users - inbox:
                by_email.append((ticket, message, users - inbox))
        self._notify_many_by_inbox(author_id, by_inbox)
        self._notify_many_by_email(author_id, by_email)

    @api.model
    def _notify_many_by_inbox(self, author_id, items):
        """
        :param items: list of (message, user)
        """
        # The system's, as the messages.
        self.env["mail.notification"].sudo().create(
            [
                {
                    "author_id": author_id,
                    "mail_message_id": message.id,
                    "res_partner_id": user.partner_id.id,
                    "notification_type": "inbox",
                    "notification_status": "sent",
                }
                for message, user in items
            ]
        )
        self.env["power.sla.alert"]._show_messages(
            [message.id for message, _user in items],
            [user.id for _message, user in items],
        )

    @api.model
    def _notify_many_by_email(self, author_id, items):
        """
        :param items: list of (ticket, message, users)
        """
        if not items:
            return
        # The system's, as the messages.
        mails = (
            self.env["mail.mail"]
            .sudo()
            .create(
                [
                    {
                        "mail_message_id": message.id,
                        "is_notification": True,
                        "auto_delete": True,
                        "recipient_ids": [fields.Command.set(users.partner_id.ids)],
                        "body_html": ticket._render_notification(message),
                    }
                    for ticket, message, users in items
                ]
            )
        )
        self.env["mail.notification"].sudo().create(  # as above
            [
                {
                    "author_id": author_id,
                    "mail_message_id": message.id,
                    "mail_mail_id": mail.id,
                    "res_partner_id": user.partner_id.id,
                    "notification_type": "email",
                    "notification_status": "ready",
                    "is_read": True,
                }
                for (_ticket, message, users), mail in zip(items, mails, strict=True)
                for user in users
            ]
        )
        # Whoever enters a ticket may have its mails sent.
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()

    def _render_notification(self, message):
        """The e-mail of one notification to employees: Odoo's own layout, with the
        button to the ticket and the company's footer, in the ticket's language.

        Not by the way over all groups of recipients, which asks for each ticket again:
        these are employees, and never the customer.
        """
        self.ensure_one()
        vals = {
            "author_id": message.author_id.id,
            "email_add_signature": False,
            "model": self._name,
            "res_id": self.id,
            "subtype_id": message.subtype_id.id,
            "tracking_value_ids": False,
        }
        model = self._get_model_description(self._name)
        group = {
            "has_button_access": True,
            # Odoo's own "View ..." is Chinese for a view on a screen.
            "button_access": {"title": self.env._("Open the ticket")},
        }
        self._notify_get_recipients_groups_fillup(
            [("user", None, group)], model, msg_vals=vals
        )
        values = self.with_context(
            email_notification_force_header=True, email_notification_force_footer=True
        )._notify_by_email_prepare_rendering_context(
            message,
            msg_vals=vals,
            model_description=model,
            force_record_name=self._get_told_name(),
        )
        # The subtype would only say once more that customers don't read it.
        return self._notify_by_email_render_layout(
            message, group, msg_vals=vals, render_values={**values, "subtype": False}
        )
