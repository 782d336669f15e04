# One theme in one file.
# pylint: disable=consider-merging-classes-inherited
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class Disclosure:
    """Passed in the context by the only code that may open a confidential ticket.

    Being an object, it can't be sent by a client.
    """


class PowerTicketEvent(models.Model):
    _inherit = "power.ticket.event"

    kind = fields.Selection(
        selection_add=[("disclosed", "No longer confidential")],
        ondelete={"disclosed": "cascade"},
    )


class PowerTicket(models.Model):
    """How a confidential ticket is opened to its station: never by the field alone."""

    _inherit = "power.ticket"

    @api.constrains("is_confidential", "type_id")
    def _check_confidential_type(self):
        for ticket in self:
            if ticket.type_id.is_confidential and not ticket.is_confidential:
                raise ValidationError(
                    self.env._(
                        "%(ticket)s: every %(type)s is confidential.",
                        ticket=ticket.name,
                        type=ticket.type_id.name,
                    )
                )

    @api.model
    def _prepare_intake_vals_list(self, vals_list):
        vals_list = super()._prepare_intake_vals_list(vals_list)
        types = self.env["power.ticket.type"].browse(
            {vals["type_id"] for vals in vals_list}
        )
        secret = set(types.filtered("is_confidential").ids)
        for vals in vals_list:
            if vals["type_id"] in secret:
                vals["is_confidential"] = True
        return vals_list

    def write(self, vals):
        if "is_confidential" in vals and not vals["is_confidential"]:
            token = self.env.context.get("power_disclosing")
            closed = self.filtered("is_confidential")
            if closed and not isinstance(token, Disclosure):
                raise UserError(
                    self.env._(
                        "%(ticket)s is confidential: use Open to the Station and say "
                        "why.",
                        ticket=closed[0].name,
                    )
                )
        return super().write(vals)

    def disclose(self, note):
        """Open tickets to their station that somebody made confidential.

        :param note: why; needed
        :return: True
        :raise AccessError: the user isn't a supervisor
        :raise UserError: no reason, the own ticket, or one whose type is confidential:
            that is given another type by :meth:`reclassify`
        """
        self.check_access("write")
        note = self._need(note)
        closed = self.filtered("is_confidential")
        for ticket in closed:
            if ticket.type_id.is_confidential:
                raise UserError(
                    self.env._(
                        "%(ticket)s is a %(type)s: use Reclassify and say why.",
                        ticket=ticket.name,
                        type=ticket.type_id.name,
                    )
                )
        closed._check_approver(by_another=True)
        closed._enter_event("disclosed", None, {"note": note}, allow_closed=True)
        return closed._disclose({"is_confidential": False})

    def _disclose(self, vals):
        """Write values that open the tickets; the caller has entered who and why."""
        return self.with_context(power_disclosing=Disclosure()).write(vals)
