# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core import intake
from .power_ticket_receive import PROBLEMS

# As long as a description that another system may send.
MAX_TEXT = 20_000
# As long as what customers may write in the portal.
MAX_FEEDBACK = 5_000
# Whoever asks for something to be done in more than a year mistyped the date.
FAR = timedelta(days=366)


class PowerTicket(models.Model):
    """What other programs hand to the public methods: each value is checked before
    anything is done, and what is wrong is refused by its name."""

    _inherit = "power.ticket"

    @api.model
    def _refuse_given(self, model, name, problem):
        """
        :param model: name of the model that has the field of this value
        :param name: the field's
        :param problem: what is wrong with it, in words that follow the name
        :raise UserError: always
        """
        label = self.env[model]._fields[name].get_description(self.env)["string"]
        raise UserError(
            self.env._("“%(field)s” %(problem)s", field=label, problem=problem)
        )

    @api.model
    def _get_given_text(self, value, model, name, size=MAX_TEXT):
        """A text without blanks around it, False for none."""
        if value is None or value is False:
            return False
        if problem := intake.check_text(value, size):
            self._refuse_given(model, name, PROBLEMS[problem])
        return value.strip() or False

    @api.model
    def _get_given_flag(self, value, model, name):
        if not isinstance(value, bool):
            self._refuse_given(model, name, PROBLEMS[intake.NOT_BOOLEAN])
        return value

    @api.model
    def _get_given_choice(self, value, choices, model, name):
        """One of the codes of a selection.

        :param choices: list of (code, words)
        """
        if not isinstance(value, str) or value not in dict(choices):
            self._refuse_given(
                model,
                name,
                self.env._(
                    "is one of: %(choices)s.",
                    choices=", ".join(code for code, _words in choices),
                ),
            )
        return value

    @api.model
    def _get_given_reasons(self, value, kind, model, name):
        """Reasons of a kind, from a list of their ids; none for None.

        :param kind: of ``power.ticket.reason``
        """
        reasons = self.env["power.ticket.reason"]
        if value is None or value is False:
            return reasons
        ids = isinstance(value, list | tuple) and set(value_id(item) for item in value)
        if ids:
            reasons = reasons.search([("id", "in", list(ids - {None}))])
        if ids is False or set(reasons.ids) != ids:
            self._refuse_given(
                model, name, self.env._("is a list of ids of reasons that are there.")
            )
        if any(reason.kind != kind for reason in reasons):
            self._refuse_given(
                model,
                name,
                self.env._("holds reasons meant for other things."),
            )
        return reasons

    @api.model
    def _get_given_time(self, value, model, name):
        """A time in UTC, None for none."""
        if value is None or value is False or value == "":
            return None
        try:
            moment = fields.Datetime.to_datetime(value)
        except (TypeError, ValueError):
            moment = None
        if not moment:
            self._refuse_given(model, name, PROBLEMS[intake.NOT_A_TIME])
        return moment

    @api.model
    def _get_given_due(self, value, model, name):
        """A time until when something is to be done, None for none."""
        moment = self._get_given_time(value, model, name)
        now = fields.Datetime.now()
        if moment and moment < now:
            self._refuse_given(model, name, self.env._("lies in the past."))
        if moment and moment > now + FAR:
            self._refuse_given(
                model, name, self.env._("lies more than a year in the future.")
            )
        return moment


def value_id(value):
    """An id, None for what can't be one."""
    is_id = isinstance(value, int) and not isinstance(value, bool)
    return value if is_id and 0 < value < 2**31 else None
