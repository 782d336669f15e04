from odoo import fields, models


class SurveySurvey(models.Model):
    _inherit = "survey.survey"

    power_round_ids = fields.One2many("power.survey.round", "survey_id", readonly=True)
