from odoo import fields, models

from .power_service_commitment import COMMITMENT_SOURCES


class PowerServiceProcedure(models.Model):
    """How a service is asked for: steps, papers needed and time it takes."""

    _name = "power.service.procedure"
    _inherit = ["power.published.mixin"]
    _description = "Service Procedure"
    _check_company_auto = True
    _order = "sequence, id"
    _rec_names_search = ["code", "name"]
    _public_path = "/service/procedures"

    steps = fields.Text(translate=True, required=True, help="One step a line.")
    papers = fields.Text("Papers Needed", translate=True, help="One paper a line.")
    duration = fields.Char("Time", translate=True, help="How long it takes, in words.")
    fee = fields.Char(translate=True, help="What it costs, in words.")
    commitment_ids = fields.Many2many(
        "power.service.commitment",
        "power_service_procedure_commitment_rel",
        "procedure_id",
        "commitment_id",
        string="Commitments",
        check_company=True,
        help="The commitments that hold for this procedure.",
    )
    source = fields.Selection(COMMITMENT_SOURCES, required=True, default="practice")

    _code_uniq = models.UniqueIndex(
        "(COALESCE(company_id, 0), code)",
        "The company already has a procedure with this code.",
    )

    def _get_lines(self, field_name):
        """The lines of a text field that have something in them, without spaces."""
        self.ensure_one()
        lines = (self[field_name] or "").splitlines()
        return [line.strip() for line in lines if line.strip()]
