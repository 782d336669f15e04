# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from odoo import api, fields, models

from odoo.addons.power_service_base.models.power_field_task import OUTCOMES

from .power_ticket_field import CREW_ACTIVITY

# What a step of the crew means for the ticket.
MILESTONES = {"arrived": "arrived", "done": "restored"}


class PowerFieldTask(models.Model):
    _inherit = "power.field.task"

    ticket_id = fields.Many2one("power.ticket", compute="_compute_ticket_id")

    @api.depends("res_model", "res_id")
    @api.depends_context("uid")
    def _compute_ticket_id(self):
        tickets = self.env["power.ticket"]
        if tickets.has_access("read"):
            ids = [task.res_id for task in self if task.res_model == tickets._name]
            tickets = tickets.search([("id", "in", ids)])
        for task in self:
            own = task.res_model == tickets._name and task.res_id in tickets.ids
            task.ticket_id = tickets.browse(task.res_id) if own else False

    def action_open_ticket(self):
        """Open the ticket that the crew was sent for."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "power.ticket",
            "res_id": self.ticket_id.id,
            "view_mode": "form",
        }

    def _prepare_my_work_vals(self):
        """Also whom to call: the caller, who may not be the point's customer."""
        vals_list = super()._prepare_my_work_vals()
        tickets = self.env["power.ticket"].browse(
            [task.res_id for task in self if task.res_model == "power.ticket"]
        )
        tickets = {ticket.id: ticket for ticket in tickets.exists()}
        for task, vals in zip(self, vals_list, strict=True):
            ticket = task.res_model == "power.ticket" and tickets.get(task.res_id)
            if ticket:
                vals["phone"] = ticket.contact_phone or vals["phone"]
                vals["customer"] = ticket.contact_name or vals["customer"]
                vals["address"] = ticket.address or vals["address"]
        return vals_list

    def _after_events(self, events):
        """What the crew reports arrives on the ticket, at the time it happened."""
        result = super()._after_events(events)
        for event in events:
            task = event.task_id
            if task.res_model == "power.ticket":
                ticket = self.env["power.ticket"].browse(task.res_id).exists()
                if ticket:
                    task._tell_ticket(ticket, event)
        return result

    def _tell_ticket(self, ticket, event):
        """Enter one event of the crew on the ticket.

        :param ticket: one ``power.ticket``
        :param event: one ``power.field.task.event``
        """
        self.ensure_one()
        if event.kind in ("done", "cancelled"):
            ticket.activity_unlink([CREW_ACTIVITY])  # it is asked no longer
        if event.kind == "arrived":
            ticket._enter_field_event("arrived", event, event.note)
        elif event.kind == "done":
            solved = event.outcome in (False, "done")
            outcomes = dict(OUTCOMES)
            words = [] if solved else [outcomes.get(event.outcome, event.outcome)]
            words += [event.note] if event.note else []
            ticket._enter_field_event(
                "restored" if solved else None,
                event,
                "\n".join(words),
                self.proof_ids,
            )
            ticket._tell_crew_done(words)
        elif event.kind == "photo":
            self._tell_ticket_photo(ticket, event)
        elif event.kind in ("cancelled", "note"):
            ticket._enter_field_event(None, event, event.note)

    def _tell_ticket_photo(self, ticket, event):
        """A photo proves what was entered late; else it comes with the end of the work.

        A late arrival without proof is entered again with it: then it counts.
        """
        entered = ticket.event_ids.filtered(lambda item: item.proof_ids).mapped("at")
        late = self.event_ids.filtered(
            lambda item: (
                item.kind in MILESTONES
                and item.is_offline
                and item.at not in entered
                and (item.kind == "arrived" or item.outcome in (False, "done"))
            )
        ).sorted("at")
        for step in late[:1]:
            ticket._enter_field_event(
                MILESTONES[step.kind], step, None, event.attachment_id, again=event
            )
            return
        if self.state == "done":
            ticket._enter_field_event(None, event, None, event.attachment_id)
