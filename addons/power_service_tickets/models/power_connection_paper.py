from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.power_service_base.models.power_supply_point import CUSTOMER_CLASSES

from .power_connection import KINDS, STEPS


class PowerConnectionPaperType(models.Model):
    """A paper that a kind of connection needs before one of its steps."""

    _name = "power.connection.paper.type"
    _description = "Connection Paper"
    _order = "kind, sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(KINDS, required=True, index=True)
    customer_class = fields.Selection(
        CUSTOMER_CLASSES, help="Only for this class; for all when empty."
    )
    step = fields.Selection(
        STEPS,
        "Needed Before",
        required=True,
        default="accepted",
        help="The step that is refused while the paper is missing.",
    )
    is_required = fields.Boolean("Needed", default=True)
    needs_file = fields.Boolean(
        help="A file has to be added; otherwise it is enough that the paper was seen."
    )
    company_id = fields.Many2one(
        "res.company", index=True, help="Of all companies when empty."
    )

    def _is_for(self, connection):
        """Whether ``connection`` needs this paper."""
        self.ensure_one()
        return (
            self.kind == connection.kind
            and self.customer_class in (False, connection.customer_class)
            and self.company_id in (self.env["res.company"], connection.company_id)
        )


class PowerConnectionPaper(models.Model):
    """A paper of one connection: needed, told, received."""

    _name = "power.connection.paper"
    _inherit = ["power.proof.mixin", "power.reach.mixin"]
    _description = "Paper of a Connection"
    _reach_fields = ("connection_id",)
    _order = "connection_id, sequence, id"
    _rec_name = "name"

    connection_id = fields.Many2one(
        "power.connection", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="connection_id.company_id", store=True)
    type_id = fields.Many2one("power.connection.paper.type", ondelete="restrict")
    name = fields.Char(
        compute="_compute_from_type",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        translate=False,
    )
    title = fields.Char("Paper", compute="_compute_title")
    sequence = fields.Integer(related="type_id.sequence", store=True)
    step = fields.Selection(
        STEPS,
        "Needed Before",
        compute="_compute_from_type",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
    )
    is_required = fields.Boolean(
        "Needed",
        compute="_compute_from_type",
        store=True,
        readonly=False,
        precompute=True,
    )
    needs_file = fields.Boolean(
        compute="_compute_from_type", store=True, readonly=False, precompute=True
    )
    is_received = fields.Boolean("Handed In")
    received_on = fields.Date(
        compute="_compute_received_on", store=True, help="When it was ticked."
    )
    told_at = fields.Datetime(
        "Told", readonly=True, help="When the customer was told that it is missing."
    )
    note = fields.Char()
    is_missing = fields.Boolean(compute="_compute_is_missing")

    @api.depends("type_id")
    def _compute_from_type(self):
        for paper in self:
            kind = paper.type_id
            paper.name = kind.name or paper.name
            paper.step = kind.step or paper.step or "accepted"
            paper.is_required = kind.is_required if kind else True
            paper.needs_file = kind.needs_file

    @api.depends("name", "type_id.name")
    @api.depends_context("lang")
    def _compute_title(self):
        for paper in self:
            paper.title = paper.type_id.name or paper.name

    @api.depends("is_received")
    def _compute_received_on(self):
        for paper in self:
            today = paper.connection_id._get_today()
            paper.received_on = paper.is_received and (paper.received_on or today)

    @api.depends("is_required", "needs_file", "is_received", "proof_ids")
    def _compute_is_missing(self):
        for paper in self:
            there = (
                bool(paper.proof_ids)
                if paper.needs_file
                else paper.is_received or bool(paper.proof_ids)
            )
            paper.is_missing = paper.is_required and not there

    @api.model_create_multi
    def create(self, vals_list):
        papers = super().create(vals_list)
        papers._check_not_accepted()
        return papers

    def write(self, vals):
        result = super().write(vals)
        if {"is_required", "is_received", "needs_file", "step"} & vals.keys():
            self._check_not_accepted()
        return result

    def _check_not_accepted(self):
        """What was complete stays complete: the clocks run since then."""
        for paper in self:
            connection = paper.connection_id
            if paper.step == "accepted" and connection.accepted_at and paper.is_missing:
                raise UserError(
                    self.env._(
                        "%(connection)s: the papers were accepted as complete; "
                        "“%(paper)s” can't be missing any more. If it is needed "
                        "later, say before which step.",
                        connection=connection.display_name,
                        paper=paper.title,
                    )
                )
