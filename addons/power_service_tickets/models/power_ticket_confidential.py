# One theme in one file: what a confidential ticket reaches.
# pylint: disable=consider-merging-classes-inherited
from collections import defaultdict

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

# Whoever they name may no longer see the ticket, or may now.
CIRCLE_FIELDS = {"is_confidential", "type_id", "accused_employee_ids", "user_id"}
# Records that name their origin by model and id, and so show that a ticket exists.
DERIVED = (
    "power.field.task",
    "power.notice",
    "power.rectification",
    "power.customer.contact",
)
# Records with activities, and the link to the ticket that may be confidential.
ACTIVITY_LINKS = {
    "power.ticket": "id",
    "power.rectification": "confidential_ticket_id",
    "power.field.task": "confidential_ticket_id",
    "power.claim": "ticket_id",
}


class PowerTicket(models.Model):
    """Reports of wrongdoing: who may not see the ticket isn't reached by it either.

    The record rules close the ticket, its events, clocks, call-backs and reviews. Here
    is closed what lies beside: names, followers, messages, activities, ratings, and
    records that come from the ticket.
    """

    _name = "power.ticket"
    _inherit = ["power.confidential.name.mixin", "power.ticket"]
    _confidential_path = "is_confidential"

    def _after_intake(self):
        result = super()._after_intake()
        # Little lies beside a new one; whoever takes it in.
        self.sudo().filtered(
            lambda ticket: ticket.user_id or ticket.activity_ids or ticket.message_ids
        )._close_circle()
        return result

    def _after_change(self, vals):
        result = super()._after_change(vals)
        if CIRCLE_FIELDS & vals.keys():
            self._close_circle()
        return result

    def _close_circle(self):
        """Take confidential tickets out of reach of those who may not see them."""
        # They may be out of the reach of who wrote this, too.
        secret = self.sudo().filtered("is_confidential")
        if secret:
            self.env.flush_all()
            secret._shut_out_people()
            secret._shut_out_readers()
            secret._close_derived()

    def _shut_out_people(self):
        """Take out who works on these tickets or follows them, and may not see them."""
        readers = self._filter_all_readers(
            {ticket: ticket.user_id | ticket.activity_ids.user_id for ticket in self}
        )
        self.filtered(
            lambda ticket: ticket.user_id and ticket.user_id not in readers[ticket]
        )._project_write({"user_id": False})
        self.activity_ids.browse(
            activity.id
            for ticket in self
            for activity in ticket.activity_ids
            if activity.user_id not in readers[ticket]
        ).unlink()
        # Whoever hears of their promises from now on.
        self.env["power.sla.alert"]._hand_on_activities(self.ids)
        # No followers at all: the list of them would name the one who reported.
        self.message_unsubscribe(self.message_partner_ids.ids)

    def _shut_out_readers(self):
        """Take messages and ratings from those who may not see these tickets."""
        messages = self.env["mail.message"].search(
            [("model", "=", self._name), ("res_id", "in", self.ids)]
        )
        partners = {
            self.browse(ticket_id): found.partner_ids | found.notified_partner_ids
            for ticket_id, found in messages.grouped("res_id").items()
        }
        readable = self._get_all_readable_partners(partners)
        outside = {
            ticket.id: found - readable[ticket] for ticket, found in partners.items()
        }
        messages.notification_ids.filtered(
            lambda notification: (
                notification.res_partner_id
                in outside[notification.mail_message_id.res_id]
            )
        ).unlink()
        for partner in self.env["res.partner"].union(*outside.values()):
            messages.filtered(
                lambda message, partner=partner: (
                    partner in message.partner_ids & outside[message.res_id]
                )
            ).write({"partner_ids": [Command.unlink(partner.id)]})
        self.env["rating.rating"].search(
            [("res_model", "=", self._name), ("res_id", "in", self.ids)]
        ).unlink()

    def _close_derived(self):
        """Close what came of these tickets before they were confidential."""
        for model in DERIVED:
            self.env[model].search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", self.ids),
                    ("confidential_ticket_id", "=", False),
                ]
            )._mark_confidential()
        # Who was asked about a draft may not know of it any more.
        self.case_ids._ask_to_publish()

    def _filter_knowing(self, users):
        """Those of the users who may know of the ticket, by its confidentiality: what
        the record rules say, without a query for each. No ticket hides nothing.

        :param users: ``res.users`` records
        """
        if not self.is_confidential:
            return users
        quality = "power_service_base.group_power_quality"
        ticket = self.sudo()  # logins of whoever it is about, to leave them out
        others = users.sudo() - ticket.accused_employee_ids.user_id  # as said
        return others.filtered(
            lambda user: (
                user.has_group(quality) and ticket.company_id in user.company_ids
            )
        ).with_env(users.env)

    def _get_readable_partners(self, partners):
        """Those of the partners to whom a message about the ticket may go: users who
        may see it, and customers without a login here."""
        self.ensure_one()
        return self._get_all_readable_partners({self: partners})[self]

    @api.model
    def _get_all_readable_partners(self, partners_of):
        """As above, of many tickets; queries for each user, not for each ticket.

        :param partners_of: dict of ticket to ``res.partner`` records
        :return: the same, without those to whom none may go
        """
        everybody = self.env["res.partner"].union(*partners_of.values())
        logins = everybody.with_context(active_test=False).user_ids.filtered(
            lambda user: not user.share
        )
        users_of = {
            ticket: logins.filtered(
                lambda user, partners=partners: user.partner_id in partners
            )
            for ticket, partners in partners_of.items()
        }
        readers = self._filter_all_readers(users_of)
        return {
            ticket: partners - (users_of[ticket] - readers[ticket]).partner_id
            for ticket, partners in partners_of.items()
        }

    def _keep_readable_recipients(self, recipients):
        """As above, of recipients as mail has them."""
        ids = [recipient["id"] for recipient in recipients if recipient["id"]]
        # Their logins are looked up for whoever writes.
        partners = self.env["res.partner"].sudo().browse(ids)
        allowed = set(self._get_readable_partners(partners).ids)
        return [
            recipient
            for recipient in recipients
            if not recipient["id"] or recipient["id"] in allowed
        ]

    # Messages -----------------------------------------------------------------------

    def _message_subscribe(self, partner_ids=None, subtype_ids=None, customer_ids=None):
        secret = self.sudo().filtered("is_confidential")  # whoever follows
        return super(PowerTicket, self - self.browse(secret.ids))._message_subscribe(
            partner_ids, subtype_ids, customer_ids
        )

    def _message_create(self, values_list):
        told = [values for values in values_list if values.get("partner_ids")]
        ids = {values["res_id"] for values in told if values.get("res_id")}
        secret = self.browse(ids).sudo().filtered("is_confidential")  # whoever writes
        if secret:
            # Their logins are looked up for whoever writes.
            people = self.env["res.partner"].sudo()
            partners_of = dict.fromkeys(secret, people)
            for values in told:
                ticket = secret.browse(values.get("res_id") or [])
                if ticket in secret:
                    partners_of[ticket] |= people.browse(values["partner_ids"])
            readable = self._get_all_readable_partners(partners_of)
            for values in told:
                if ticket := secret.browse(values.get("res_id") or []) & secret:
                    allowed = set(readable[ticket].ids)
                    values["partner_ids"] = [
                        partner_id
                        for partner_id in values["partner_ids"]
                        if partner_id in allowed
                    ]
        return super()._message_create(values_list)

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        recipients = super()._notify_get_recipients(message, msg_vals, **kwargs)
        ticket = self.sudo()  # whoever writes
        if not (recipients and len(ticket) == 1 and ticket.is_confidential):
            return recipients
        return ticket._keep_readable_recipients(recipients)


class MailActivity(models.Model):
    _inherit = "mail.activity"

    @api.constrains("user_id", "res_model", "res_id")
    def _check_confidential_ticket(self):
        todo = self.sudo().filtered(  # for whoever plans it
            lambda activity: activity.res_model in ACTIVITY_LINKS and activity.user_id
        )
        for model, activities in todo.grouped("res_model").items():
            # Also tickets that the one who plans it may not see.
            records = self.env[model].sudo().browse(activities.mapped("res_id"))
            tickets = {
                record.id: record if link == "id" else record[link]
                for link in (ACTIVITY_LINKS[model],)
                for record in records
            }
            for activity in activities:
                ticket = tickets[activity.res_id]
                if not ticket._filter_knowing(activity.user_id):
                    raise UserError(
                        self.env._(
                            "%(user)s may not know of this ticket: choose somebody "
                            "else.",
                            user=activity.user_id.name,
                        )
                    )


class RatingRating(models.Model):
    _inherit = "rating.rating"

    power_ticket_id = fields.Many2one(
        "power.ticket",
        compute="_compute_power_ticket_id",
        store=True,
        index="btree_not_null",
        ondelete="cascade",
    )

    @api.depends("res_model", "res_id")
    def _compute_power_ticket_id(self):
        for rating in self:
            of_ticket = rating.res_model == "power.ticket" and rating.res_id
            rating.power_ticket_id = of_ticket and self.env["power.ticket"].browse(
                rating.res_id
            )


class PowerConfidentialOriginMixin(models.AbstractModel):
    """A record that may come from a confidential ticket, and then is as closed."""

    _name = "power.confidential.origin.mixin"
    _inherit = ["power.confidential.name.mixin"]
    _description = "May Come From a Confidential Ticket"
    _confidential_path = "confidential_ticket_id.is_confidential"

    confidential_ticket_id = fields.Many2one(
        "power.ticket",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The confidential ticket it comes from: as closed as that.",
    )

    @api.model
    def _fill_confidential_ticket(self, vals_list):
        """Set the field in values of new records. One query, or none."""
        ids = {
            vals["res_id"]
            for vals in vals_list
            if vals.get("res_model") == "power.ticket" and vals.get("res_id")
        }
        if not ids:
            return
        # Whoever makes it: also who may not see the ticket.
        secret = set(
            self.env["power.ticket"]
            .sudo()
            .search([("id", "in", list(ids)), ("is_confidential", "=", True)])
            .ids
        )
        for vals in vals_list:
            if vals.get("res_model") == "power.ticket" and vals.get("res_id") in secret:
                vals["confidential_ticket_id"] = vals["res_id"]

    def _filter_knowing(self, users):
        """Those of the users who may know of one record: all, unless it comes from a
        confidential ticket.

        :param users: ``res.users`` records
        """
        self.ensure_one()
        ticket = self.sudo().confidential_ticket_id  # to protect it
        return ticket._filter_knowing(users)

    def _mark_confidential(self):
        """Close records that were made before their ticket became confidential."""
        if self:
            # Not by write(): states and evidence stay as they are.
            self.env.execute_query(
                SQL(
                    "UPDATE %s SET confidential_ticket_id = res_id WHERE id = ANY(%s)"
                    " RETURNING id",
                    SQL.identifier(self._table),
                    self.ids,
                )
            )
            self.invalidate_recordset(["confidential_ticket_id"])


class PowerFieldTask(models.Model):
    _name = "power.field.task"
    _inherit = ["power.confidential.origin.mixin", "power.field.task"]

    @api.model_create_multi
    def create(self, vals_list):
        self._fill_confidential_ticket(vals_list)
        return super().create(vals_list)


class PowerRectification(models.Model):
    _name = "power.rectification"
    _inherit = ["power.confidential.origin.mixin", "power.rectification"]

    @api.model_create_multi
    def create(self, vals_list):
        self._fill_confidential_ticket(vals_list)
        return super().create(vals_list)

    @api.constrains("owner_id", "state")
    def _check_owner_may_know(self):
        for record in self.sudo():  # for whoever chose the person
            user = record.owner_user_id
            if (
                record.confidential_ticket_id
                and record.state not in ("verified", "cancelled")
                and user
                and not record._filter_knowing(user)
            ):
                raise UserError(
                    self.env._(
                        "%(user)s may not know of this ticket: choose somebody else.",
                        user=user.name,
                    )
                )

    def _mark_confidential(self):
        result = super()._mark_confidential()
        activities = self.env["mail.activity"]
        followed = defaultdict(self.browse)
        for record in self:
            users = record.activity_ids.user_id | record.message_partner_ids.user_ids
            outside = users - record._filter_knowing(users)
            activities |= record.activity_ids.filtered(
                lambda activity, outside=outside: activity.user_id in outside
            )
            for partner in outside.partner_id & record.message_partner_ids:
                followed[partner] |= record
        activities.unlink()
        for partner, records in followed.items():
            records.message_unsubscribe(partner.ids)
        return result

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        recipients = super()._notify_get_recipients(message, msg_vals, **kwargs)
        ticket = self.sudo().confidential_ticket_id  # whoever writes
        if not (recipients and len(self) == 1 and ticket.is_confidential):
            return recipients
        return ticket._keep_readable_recipients(recipients)


class PowerCustomerContact(models.Model):
    _name = "power.customer.contact"
    _inherit = ["power.confidential.origin.mixin", "power.customer.contact"]

    @api.model_create_multi
    def create(self, vals_list):
        self._fill_confidential_ticket(vals_list)
        return super().create(vals_list)


class PowerNotice(models.Model):
    _name = "power.notice"
    _inherit = ["power.confidential.origin.mixin", "power.notice"]

    @api.model
    def _prepare_vals_list(self, vals_list):
        vals_list, reasons = super()._prepare_vals_list(vals_list)
        self._fill_confidential_ticket(vals_list)
        return vals_list, reasons


class PowerCustomerTimeline(models.Model):
    _inherit = "power.customer.timeline"

    @api.model
    def _get_timeline_sources(self):
        """A customer's timeline shows nothing that comes from a confidential ticket."""
        sources = []
        for number, kind, model, select in super()._get_timeline_sources():
            if "confidential_ticket_id" in self.env[model]._fields:
                select = SQL(
                    "SELECT source.* FROM (%s) AS source WHERE NOT EXISTS (SELECT FROM"
                    " %s AS record WHERE record.id = source.res_id"
                    " AND record.confidential_ticket_id IS NOT NULL)",
                    select,
                    SQL.identifier(self.env[model]._table),
                )
            elif model == "power.ticket":
                select = SQL(
                    "SELECT source.* FROM (%s) AS source JOIN power_ticket AS record"
                    " ON record.id = source.res_id"
                    " AND record.is_confidential IS NOT TRUE",
                    select,
                )
            sources.append((number, kind, model, select))
        return sources
