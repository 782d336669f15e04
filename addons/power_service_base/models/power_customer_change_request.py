import psycopg2

from odoo import api, fields, models
from odoo.exceptions import AccessError, ConcurrencyError, UserError
from odoo.tools import plaintext2html

# What says who the customer is: a change is asked for, and decided by staff.
CHANGE_FIELDS = [
    ("name", "Name"),
    ("phone", "Phone"),
    ("street", "Address"),
    ("city", "City"),
    ("zip", "Postcode"),
]
DECIDED_FIELDS = {
    "partner_id",
    "field_name",
    "old_value",
    "new_value",
    "state",
    "user_id",
    "decided_by",
    "decided_at",
    "company_id",
    "station_id",
}


class PowerCustomerChangeRequest(models.Model):
    """A customer asks for another name, phone or address; staff decide.

    A customer has one open request per field: asking again changes that one. Requests
    are made by :meth:`_request_changes` and decided by the two actions, never by hand.
    """

    _name = "power.customer.change.request"
    _inherit = ["power.station.mixin", "power.portal.mixin", "mail.thread"]
    _description = "Change of Customer Data"
    _order = "create_date desc, id desc"
    _rec_name = "new_value"
    _power_export_fields = frozenset(
        ("current_value", "display_name", "new_value", "old_value", "reason")
    )

    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        check_company=True,
        index=True,
        ondelete="cascade",
    )
    field_name = fields.Selection(
        CHANGE_FIELDS, string="What", required=True, readonly=True
    )
    old_value = fields.Char(
        "Before", readonly=True, help="The value when it was asked."
    )
    current_value = fields.Char("Now", compute="_compute_current_value")
    is_outdated = fields.Boolean(
        compute="_compute_current_value",
        help="The value has been changed by someone else since it was asked.",
    )
    new_value = fields.Char("After", required=True, readonly=True, tracking=True)
    reason = fields.Text("Customer's Reason", readonly=True)
    state = fields.Selection(
        [
            ("requested", "Requested"),
            ("approved", "Approved"),
            ("refused", "Refused"),
            ("withdrawn", "Withdrawn"),
        ],
        required=True,
        default="requested",
        readonly=True,
        index=True,
        tracking=True,
    )
    user_id = fields.Many2one("res.users", string="Asked By", readonly=True)
    decision_note = fields.Text(
        "Answer to the Customer", help="The customer reads it; needed when refusing."
    )
    decided_by = fields.Many2one("res.users", readonly=True)
    decided_at = fields.Datetime(readonly=True)

    _open_uniq = models.UniqueIndex(
        "(partner_id, field_name) WHERE state = 'requested'",
        "The customer already has an open request for this.",
    )

    @api.model
    def _get_portal_fields(self):
        return super()._get_portal_fields() | {
            "partner_id",
            "field_name",
            "old_value",
            "new_value",
            "reason",
            "state",
            "decision_note",
            "decided_at",
            "create_date",
        }

    @api.depends("partner_id", "field_name", "old_value", "state")
    def _compute_current_value(self):
        for request in self:
            current = request.partner_id[request.field_name or "name"] or ""
            request.current_value = current
            request.is_outdated = request.state == "requested" and current != (
                request.old_value or ""
            )

    @api.depends("partner_id", "field_name")
    def _compute_display_name(self):
        names = dict(self._fields["field_name"]._description_selection(self.env))
        for request in self:
            what = names.get(request.field_name, "")
            request.display_name = f"{request.partner_id.name}: {what}"

    def write(self, vals):
        if not self.env.su and (
            DECIDED_FIELDS & vals.keys()
            or any(request.state != "requested" for request in self)
        ):
            raise AccessError(
                self.env._("A change of customer data is approved or refused as asked.")
            )
        return super().write(vals)

    @api.model
    def _request_changes(self, partner, values, reason=False):
        """Ask for new values of a customer, for the current user.

        Another value for a field with an open request changes that request; the
        present value withdraws it.

        :param partner: the customer, for whom the caller lets the user speak
        :param dict values: field name -> new value, of CHANGE_FIELDS
        :param str reason: why, in the customer's words
        :return: the open requests for these fields, as superuser
        :raise ConcurrencyError: the same was asked at the same time; the transaction
            is run again
        """
        # sudo: customers may not write here; what they ask for is checked above.
        open_requests = {
            request.field_name: request
            for request in self.sudo().search(
                [("partner_id", "=", partner.id), ("state", "=", "requested")]
            )
        }
        result = self.sudo().browse()  # sudo: see above
        for name, _label in CHANGE_FIELDS:
            if name not in values:
                continue
            value, request = values[name], open_requests.get(name)
            if value == (partner[name] or ""):
                if request:
                    request.write({"state": "withdrawn"})
                continue
            if not request:
                request = self._open_request(partner, name, value, reason)
            elif request.new_value != value or request.reason != reason:
                request.write({"new_value": value, "reason": reason or request.reason})
            result |= request
        return result

    def _open_request(self, partner, name, value, reason):
        vals = self._prepare_request_vals(partner, name, value, reason)
        try:
            with self.env.cr.savepoint():
                # sudo: see _request_changes
                return (
                    self.sudo().with_context(mail_create_nosubscribe=True).create(vals)
                )
        except psycopg2.errors.UniqueViolation as error:
            raise ConcurrencyError(str(error)) from error

    @api.model
    def _prepare_request_vals(self, partner, name, value, reason):
        station = partner.power_station_id
        company = station.company_id or partner.company_id or self.env.company
        return {
            "partner_id": partner.id,
            "field_name": name,
            "old_value": partner[name] or False,
            "new_value": value,
            "reason": reason,
            "user_id": self.env.uid,
            "company_id": company.id,
            "station_id": station.id,
        }

    def action_approve(self):
        """Write the new values on the customers and tell them.

        :raise UserError: one of them is decided already
        :raise AccessError: the user may not change the request or the customer
        """
        self._check_can_decide()
        for request in self:
            request.partner_id.write({request.field_name: request.new_value})
        self._decide("approved")

    def action_refuse(self):
        """Refuse the changes and tell the customers why.

        :raise UserError: one of them is decided already, or has no answer to give
        :raise AccessError: the user may not change the request
        """
        self._check_can_decide()
        if not all(request.decision_note for request in self):
            raise UserError(
                self.env._("Write the answer to the customer first: why it is refused.")
            )
        self._decide("refused")

    def _check_can_decide(self):
        self.check_access("write")
        # The rows are locked: of two who decide at once, the second is told so.
        self.lock_for_update()
        self.invalidate_recordset(["state"])
        for request in self:
            if request.state != "requested":
                raise UserError(
                    self.env._(
                        "This change is already decided: %(request)s",
                        request=request.display_name,
                    )
                )

    def _decide(self, state):
        # sudo: state and decision are closed to writing by hand; access was checked.
        self.sudo().write(
            {
                "state": state,
                "decided_by": self.env.uid,
                "decided_at": fields.Datetime.now(),
            }
        )
        for request in self:
            request._tell_customer()

    def _tell_customer(self):
        """Send the decision to who asked, in the customer's language."""
        self.ensure_one()
        asker = self.user_id.partner_id or self.partner_id
        request = self.with_context(lang=asker.lang or self.env.lang)
        names = dict(self._fields["field_name"]._description_selection(request.env))
        if self.state == "approved":
            body = request.env._(
                "Your data has been changed as you asked. %(what)s: %(value)s",
                what=names[self.field_name],
                value=self.new_value,
            )
        else:
            body = request.env._(
                "We could not change your data as you asked. %(what)s: %(value)s",
                what=names[self.field_name],
                value=self.new_value,
            )
        if self.decision_note:
            body = f"{body}\n{self.decision_note}"
        request.message_post(
            body=plaintext2html(body),
            subject=request.env._("Your request to change your data"),
            partner_ids=asker.ids,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
