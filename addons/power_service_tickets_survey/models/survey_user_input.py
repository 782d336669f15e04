from odoo import api, fields, models


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

    # A word of the notice's text; nobody else reads it.
    power_notice_link = fields.Char(
        "Link to the Questionnaire",
        compute="_compute_power_notice_link",
        groups=fields.NO_ACCESS,
    )

    _power_once = models.UniqueIndex(
        "(power_round_id, partner_id) WHERE power_round_id IS NOT NULL",
        "This customer has the questionnaire of this round already.",
    )

    @api.depends("access_token", "survey_id")
    def _compute_power_notice_link(self):
        for answer in self:
            answer.power_notice_link = (
                f"{answer.get_base_url()}{answer.get_start_url()}"
            )

    @api.model
    def mail_allowed_qweb_expressions(self):
        return (
            *super().mail_allowed_qweb_expressions(),
            "object.survey_id.title",
            "object.power_notice_link",
        )
