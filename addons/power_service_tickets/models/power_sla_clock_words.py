# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from odoo import api, fields, models


class PowerSlaClock(models.Model):
    """A clock in words: why this promise holds, and what happened to it."""

    _inherit = "power.sla.clock"

    why = fields.Text("Why This Promise", compute="_compute_why")
    remark = fields.Text("Remarks", compute="_compute_remark")

    @api.depends("match_reason", "policy_id")
    @api.depends_context("lang")
    def _compute_why(self):
        words = self._get_criteria_words()
        reasons = [clock.match_reason or {} for clock in self]
        categories = self.env["power.ticket.category"].browse(
            {reason["category_id"] for reason in reasons if reason.get("category_id")}
        )
        names = {category.id: category.complete_name for category in categories}
        for clock, reason in zip(self, reasons, strict=True):
            parts = []
            if reason.get("category_id") in names:
                parts.append(
                    self.env._("category %(name)s", name=names[reason["category_id"]])
                )
            parts += [words.get(name, name) for name in reason.get("criteria") or ()]
            if parts:
                text = self.env._(
                    "Holds for this ticket by: %(criteria)s.",
                    criteria=self.env._(", ").join(parts),
                )
            else:
                text = self.env._("Holds for all tickets.")
            beaten = len(reason.get("beaten_ids") or ())
            if beaten == 1:
                text = self.env._("%(reason)s More specific than 1 other.", reason=text)
            elif beaten:
                text = self.env._(
                    "%(reason)s More specific than %(count)s others.",
                    reason=text,
                    count=beaten,
                )
            clock.why = text

    @api.model
    def _get_criteria_words(self):
        """What the criteria of ``core/sla_match.py`` are called."""
        return {
            "type": self.env._("type"),
            "region": self.env._("region"),
            "customer_class": self.env._("customer class"),
            "importance": self.env._("importance grade"),
            "segment": self.env._("customer segment"),
            "priority": self.env._("priority"),
            "channel": self.env._("channel"),
            "station": self.env._("station"),
        }

    @api.depends(
        "state",
        "extended_units",
        "is_late_entry",
        "is_late_proved",
        "is_provisional",
        "paused_minutes",
        "error",
    )
    @api.depends_context("lang")
    def _compute_remark(self):
        get_unit_text = self.env["power.sla.policy"]._get_unit_text
        events = self._get_decisions()
        voided_by = self._get_voiding_milestones()
        for clock in self:
            lines = []
            if clock.extended_units:
                lines.append(
                    self.env._(
                        "Extended by %(amount)g %(unit)s.",
                        amount=clock.extended_units,
                        unit=get_unit_text(clock.unit, clock.extended_units),
                    )
                )
            lines += [
                text
                for policy_ids, at, text in events.get(clock.ticket_id.id, ())
                if clock.policy_id.id in policy_ids or not policy_ids
                if at == "extended" or clock.state == "exempted"
            ]
            if clock in voided_by:
                lines.append(
                    self.env._(
                        "No longer needed: “%(milestone)s” came first.",
                        milestone=clock.ticket_id._get_milestone_name(voided_by[clock]),
                    )
                )
            if clock.is_late_proved:
                lines.append(
                    self.env._("Entered late, with proof: it counts as it happened.")
                )
            elif clock.is_late_entry:
                lines.append(
                    self.env._("Entered late, without proof: it counts from its entry.")
                )
            if clock.is_provisional:
                lines.append(
                    self.env._(
                        "Provisional: the holidays of that year are not known yet."
                    )
                )
            if clock.error:
                lines.append(self.env._("Parked: %(reason)s", reason=clock.error))
            clock.remark = "\n".join(lines) or False

    def _get_decisions(self):
        """Who extended or exempted and why, from the tickets' events.

        :return: dict of ticket id to list of (policy ids, kind, text)
        """
        events = (
            self.env["power.ticket.event"]
            .sudo()  # who sees the clock sees who decided on it
            .search(
                [
                    ("ticket_id", "in", self.ticket_id.ids),
                    ("kind", "in", ("extended", "exempted")),
                ],
                order="at, id",
            )
        )
        found = {}
        for event in events:
            values = {
                "person": event.user_id.name or "",
                "reason": event.note or event.reason_id.name or "",
            }
            if event.kind == "extended":
                text = self.env._("Extended by %(person)s: %(reason)s", **values)
            else:
                text = self.env._("Exempted by %(person)s: %(reason)s", **values)
            found.setdefault(event.ticket_id.id, []).append(
                (event.policy_id.ids, event.kind, text)
            )
        return found

    def _get_voiding_milestones(self):
        """What made promises needless that were cancelled.

        :return: dict of clock to ``power.ticket.milestone``
        """
        cancelled = self.filtered(
            lambda clock: clock.state == "cancelled" and clock.policy_id.void_once_ids
        )
        events = (
            self.env["power.ticket.event"]
            .sudo()  # who sees the clock sees what ended it
            .search(
                [
                    ("ticket_id", "in", cancelled.ticket_id.ids),
                    ("milestone_id", "in", cancelled.policy_id.void_once_ids.ids),
                ]
            )
        )
        found = {}
        for clock in cancelled:
            voiding = events.filtered(
                lambda event, clock=clock: (
                    event.ticket_id == clock.ticket_id
                    and event.milestone_id in clock.policy_id.void_once_ids
                    and clock.ended_at in (event.at, event.recorded_at)
                )
            )
            if voiding:
                found[clock] = voiding[0].milestone_id
        return found
