from odoo import fields, models
from odoo.tools import SQL


class PowerSurveyResult(models.Model):
    """Answers of a round to be counted per station, without who answered."""

    _name = "power.survey.result"
    _description = "Questionnaire Result"
    _auto = False
    _order = "id desc"
    _rec_name = "round_id"

    round_id = fields.Many2one("power.survey.round", readonly=True)
    survey_id = fields.Many2one("survey.survey", string="Questionnaire", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    station_id = fields.Many2one("hr.department", readonly=True)
    is_third_party = fields.Boolean("Third-party Measurement", readonly=True)
    answered_at = fields.Datetime(readonly=True)
    asked = fields.Integer(readonly=True)
    answered = fields.Integer(readonly=True)
    response_rate = fields.Float("Answered %", readonly=True, aggregator="avg")
    score = fields.Float(
        "Score %",
        readonly=True,
        aggregator="avg",
        help="Of those who answered; who didn't has no score, not 0.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT answer.id, answer.power_round_id AS round_id, answer.survey_id,
                   round.company_id, answer.power_station_id AS station_id,
                   round.is_third_party,
                   CASE WHEN answer.state = 'done' THEN answer.end_datetime END
                   AS answered_at,
                   1 AS asked,
                   (answer.state = 'done')::int AS answered,
                   CASE WHEN answer.state = 'done' THEN 100.0 ELSE 0.0 END
                   AS response_rate,
                   CASE WHEN answer.state = 'done' THEN answer.scoring_percentage END
                   AS score
              FROM survey_user_input AS answer
              JOIN power_survey_round AS round ON round.id = answer.power_round_id
             WHERE answer.test_entry IS NOT TRUE
            """
        )
