from odoo import api, fields, models
from odoo.exceptions import UserError

# The retention job passes it in the context as ``power_retention``. Being an object, it
# can't be sent by a client.
RETENTION = object()


def is_retention(env):
    """Whether the retention job deletes: superuser code with its own key."""
    return env.su and env.context.get("power_retention") is RETENTION


class PowerAppendOnlyMixin(models.AbstractModel):
    """Evidence: created, never edited and never deleted.

    Also superuser code is refused; the one exception is the retention job, which passes
    ``with_context(power_retention=RETENTION)``.
    """

    _name = "power.append.only.mixin"
    _description = "Append-only Evidence"

    at = fields.Datetime(
        "Happened At",
        required=True,
        default=fields.Datetime.now,
        index=True,
        help="When it happened.",
    )
    recorded_at = fields.Datetime(
        required=True,
        readonly=True,
        default=fields.Datetime.now,
        help="When it was entered: a crew without network enters later.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Entered By",
        readonly=True,
        default=lambda self: self.env.user,
    )

    def write(self, vals):  # pylint: disable=method-required-super; always refused
        raise UserError(
            self.env._(
                "%(model)s is evidence: it can't be changed. Enter a new record that "
                "says what is right.",
                model=self._description,
            )
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_retention(self):
        if not is_retention(self.env):
            raise UserError(
                self.env._(
                    "%(model)s is evidence: it can't be deleted.",
                    model=self._description,
                )
            )
