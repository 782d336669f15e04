# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from odoo import api, fields, models
from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)
# The step that carries a connection out is energising for some kinds only. What it is
# called for the others: as a step, and when it is done.
STEP_WORDS = {
    "resume": _lt("Connecting again"),
    "reduce": _lt("Reducing the capacity"),
    "transfer": _lt("Changing the customer"),
    "suspend": _lt("Suspending the supply"),
    "close": _lt("Cutting off for good"),
}
DONE_WORDS = {
    "resume": _lt("Connected again"),
    "reduce": _lt("Capacity reduced"),
    "transfer": _lt("Customer changed"),
    "suspend": _lt("Supply suspended"),
    "close": _lt("Account closed"),
}
# The same as it is promised to the customer, and told.
CUSTOMER_WORDS = {
    "resume": _lt("You have power again"),
    "reduce": _lt("Your capacity is changed"),
    "transfer": _lt("The supply point changes hands"),
    "suspend": _lt("Your supply is suspended"),
    "close": _lt("Your account is closed"),
}
CARRIED_OUT = "energised"


class PowerConnection(models.Model):
    """What a connection's steps are called: by its kind."""

    _inherit = "power.connection"

    step_name = fields.Char("Next", compute="_compute_step_name")

    @api.depends("step", "kind")
    @api.depends_context("lang")
    def _compute_step_name(self):
        for connection in self:
            connection.step_name = connection._get_step_label(connection.step)

    def _get_step_label(self, step):
        """The name of a step of one connection, in the user's language."""
        words = step == CARRIED_OUT and STEP_WORDS.get(self.kind)
        if words:
            return self.env._(words)
        if step == CARRIED_OUT:
            return self.env._("Energising")
        return dict(self._fields["step"]._description_selection(self.env)).get(step)


class PowerTicketMilestone(models.Model):
    _inherit = "power.ticket.milestone"

    @api.depends("name")
    @api.depends_context("lang", "power_connection_kind")
    def _compute_display_name(self):
        """In the window that enters a step: by the connection's kind."""
        kind = self.env.context.get("power_connection_kind")
        for milestone in self:
            milestone.display_name = milestone._get_name_for(kind)

    def _get_name_for(self, kind):
        """The name of one milestone, for a kind of connection."""
        words = self.code == CARRIED_OUT and DONE_WORDS.get(kind)
        return self.env._(words) if words else self.name


class PowerTicket(models.Model):
    _inherit = "power.ticket"

    def _get_milestone_name(self, milestone):
        """What a milestone is called on one ticket."""
        if milestone.code != CARRIED_OUT:
            return milestone.name
        kind = self.sudo().connection_id.kind  # what the ticket is about, no more
        return milestone._get_name_for(kind)

    def _get_customer_words(self, milestone):
        """What carrying out a connection is for its customer, when it isn't power;
        None otherwise."""
        if milestone.code != CARRIED_OUT:
            return None
        words = CUSTOMER_WORDS.get(self.sudo().connection_id.kind)  # as above
        return self.env._(words) if words else None


class PowerSlaClock(models.Model):
    _inherit = "power.sla.clock"

    target_name = fields.Char("Until", compute="_compute_target_name")

    @api.depends("target_milestone_id", "ticket_id")
    @api.depends_context("lang")
    def _compute_target_name(self):
        for clock in self:
            clock.target_name = clock.ticket_id._get_milestone_name(
                clock.target_milestone_id
            )
