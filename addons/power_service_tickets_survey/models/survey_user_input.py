from odoo import fields, models


class SurveyUserInput(models.Model):
    _inherit = "survey.user_input"

    power_round_id = fields.Many2one(
        "power.survey.round", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    power_station_id = fields.Many2one(
        "hr.department",
        string="Supply Station",
        readonly=True,
        index="btree_not_null",
        help="The customer's when the questionnaire was sent.",
    )

    _power_once = models.UniqueIndex(
        "(power_round_id, partner_id) WHERE power_round_id IS NOT NULL",
        "This customer has the questionnaire of this round already.",
    )
