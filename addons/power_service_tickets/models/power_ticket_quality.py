from odoo import api, fields, models

# The code of the category whose tickets promise to look at damage on site.
DAMAGE = "service_damage"
# How grave what a complaint shows is to be put right, by the complaint's grade.
SEVERITY_BY_GRADE = {"major": "major", "special": "major"}


class PowerTicket(models.Model):
    """What service quality adds to a ticket: rectification, cases, claims."""

    _name = "power.ticket"
    _inherit = ["power.ticket", "power.rectification.mixin"]
    _rectification_origin = "ticket"

    case_ids = fields.Many2many(
        "power.case",
        "power_case_ticket_rel",
        "ticket_id",
        "case_id",
        string="Cases",
        copy=False,
    )
    claim_ids = fields.One2many("power.claim", "ticket_id", copy=False)
    check_claim_ids = fields.One2many(
        "power.claim",
        "check_ticket_id",
        string="Claims to Check",
        copy=False,
        help="Whose on-site check is this ticket's promise.",
    )
    claim_count = fields.Integer(compute="_compute_claim_count")
    similar_case_ids = fields.Many2many(
        "power.case",
        string="Similar Cases",
        compute="_compute_similar_case_ids",
        help="Published cases about the same: how it was handled before.",
    )

    @api.depends("subject", "description", "category_id")
    @api.depends_context("uid")
    def _compute_similar_case_ids(self):
        # On forms only: no list shows it, so it is asked for ticket by ticket.
        for ticket in self:
            text = f"{ticket.subject or ''} {ticket.description or ''}"
            ticket.similar_case_ids = self.env["power.case"]._get_similar(
                text, ticket.category_id
            )

    @api.depends("claim_ids", "check_claim_ids")
    def _compute_claim_count(self):
        for ticket in self:
            ticket.claim_count = len(ticket.claim_ids | ticket.check_claim_ids)

    def _is_about_damage(self):
        """Whether the ticket promises to look at damage on site; no ticket doesn't."""
        return self.category_id.code == DAMAGE

    def _accept_if_nobody_did(self):
        """Open tickets that nobody took on are the user's, who works on them; those
        dispatched to somebody else stay theirs to accept."""
        todo = self.filtered(
            lambda ticket: (
                ticket.is_open
                and not ticket.accepted_at
                and ticket.user_id in (self.env.user, self.env["res.users"])
            )
        )
        if todo:
            todo.accept(self.env._("Damage looked at on site"))

    def _arrive_if_promised(self):
        """Enter the arrival on site of open tickets that promise it and wait for it."""
        waiting = self.filtered(
            lambda ticket: (
                ticket.is_open
                and not ticket.arrived_at
                and any(
                    clock.target_milestone_id.code == "arrived"
                    for clock in ticket.clock_ids
                )
            )
        )
        for ticket in waiting:
            ticket.arrive(note=self.env._("Damage looked at on site"))

    def action_open_claims(self):
        """Open the damage claims of this ticket; a new one takes its customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "power_service_tickets.power_claim_action"
        )
        action["domain"] = [
            "|",
            ("ticket_id", "=", self.id),
            ("check_ticket_id", "=", self.id),
        ]
        action["context"] = {
            "default_ticket_id": self.id,
            "default_name": self.subject,
        }
        return action

    def _prepare_rectification_vals(self):
        severity = SEVERITY_BY_GRADE.get(self.complaint_grade, "general")
        return super()._prepare_rectification_vals() | {"severity": severity}

    def action_make_case(self):
        """Open a new case about this ticket, with what is known of it.

        :return: a window action
        """
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": "power.case",
            "view_mode": "form",
            "context": {
                "default_name": self.subject,
                "default_background": self.description,
                "default_root_cause": self.root_cause_id.complete_name,
                "default_advice": "\n".join(
                    filter(None, self.rectification_ids.mapped("measure"))
                ),
                "default_category_id": self.category_id.id,
                "default_station_id": self.station_id.id,
                "default_ticket_ids": [fields.Command.link(self.id)],
            },
        }
