from odoo import api, models
from odoo.exceptions import AccessError, UserError

# Passed in the context by the only code that moves a record on. Being an object, it
# can't be sent by a client.
MOVING = object()


class PowerStateMixin(models.AbstractModel):
    """A record that only its buttons move on.

    ``_moved_fields`` (the state, who did what when) are refused in ``create`` and
    ``write``; the record's ``action_*`` methods set them by :meth:`_move`, after their
    own checks. Actions that need a reason are named in ``_reason_actions`` (without the
    prefix ``action_``) and called by the window that asks for it:
    :meth:`action_ask_reason`.
    """

    _name = "power.state.mixin"
    _description = "Moved On by Buttons"
    _moved_fields = frozenset({"state"})
    _reason_actions = frozenset()

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_not_moved(
                {
                    name
                    for name in self._moved_fields & vals.keys()
                    if vals[name] and vals[name] != self._get_first_value(name)
                }
            )
        return super().create(vals_list)

    def write(self, vals):
        self._check_not_moved(self._moved_fields & vals.keys())
        return super().write(vals)

    def _get_first_value(self, name):
        default = self._fields[name].default
        return default(self) if default else False

    @api.model
    def _is_moving(self):
        return self.env.context.get("power_moving") is MOVING

    @api.model
    def _check_not_moved(self, names):
        if names and not self._is_moving():
            raise UserError(
                self.env._(
                    "%(fields)s can't be typed: use the buttons.",
                    fields=", ".join(
                        self._fields[name].get_description(self.env)["string"]
                        for name in sorted(names)
                    ),
                )
            )

    def _move(self, vals):
        """Write what only buttons write; the caller has checked that it may be."""
        self.with_context(power_moving=MOVING).write(vals)

    def _require_state(self, *states):
        """Refuse records that aren't in one of ``states``, which the message names.

        :raise UserError: with the record and the states it would have to be in
        """
        labels = dict(self._fields["state"]._description_selection(self.env))
        for record in self:
            if record.state not in states:
                raise UserError(
                    self.env._(
                        "“%(record)s” is %(state)s: this can be done only when it is "
                        "%(states)s.",
                        record=record.display_name,
                        state=labels.get(record.state),
                        states=", ".join(labels[state] for state in states),
                    )
                )

    def _require_group(self, *groups):
        """Refuse users of none of the groups ``power_service_base.group_power_*``.

        :param groups: their names after ``group_power_``
        :raise AccessError: with the groups' names
        """
        if self.env.su:
            return
        names = [f"power_service_base.group_power_{group}" for group in groups]
        if not any(self.env.user.has_group(name) for name in names):
            raise AccessError(
                self.env._(
                    "This is for: %(groups)s.",
                    groups=", ".join(
                        self.env.ref(name).sudo().name  # groups' names are no secret
                        for name in names
                    ),
                )
            )

    def _require_reason(self, reason):
        """Return the reason without blanks around it, or refuse an empty one."""
        self.env["power.field.task"]._check_text(reason)
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why."))
        return reason

    def _cancel(self, reason, *states):
        """Give records up, with the reason in their messages.

        :param states: in one of which they have to be
        """
        self.check_access("write")
        self._require_state(*states)
        reason = self._require_reason(reason)
        self._move({"state": "cancelled"})
        for record in self:
            record.message_post(body=self.env._("Cancelled: %(reason)s", reason=reason))

    def action_ask_reason(self):
        """Open the window that asks why, and then does what the context names.

        :return: a window action; ``power_reason_for`` in the context is one of
            ``_reason_actions``
        :raise UserError: the context names something else
        """
        name = self.env.context.get("power_reason_for")
        if name not in self._reason_actions:
            raise UserError(self.env._("There is nothing to give a reason for."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reason"),
            "res_model": "power.reason.entry",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_res_model": self._name,
                "default_res_ids": ",".join(str(res_id) for res_id in self.ids),
                "default_action": name,
            },
        }
