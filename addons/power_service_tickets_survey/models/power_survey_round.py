import ast

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)
#: The shipped text of the notice (subject, body); the same as in the data.
SHIPPED = (
    _lt("{{ object.survey_id.title }}"),
    _lt("Please answer a few questions: {{ object.power_notice_link }}"),
)
JOB = "power.survey.round"


class PowerSurveyRound(models.Model):
    """A questionnaire that goes to a chosen set of customers, once to each."""

    _name = "power.survey.round"
    _description = "Questionnaire Round"
    _order = "id desc"

    name = fields.Char(required=True)
    survey_id = fields.Many2one(
        "survey.survey",
        string="Questionnaire",
        required=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    station_ids = fields.Many2many(
        "hr.department",
        string="Stations",
        domain="[('power_unit', '=', 'station'), ('company_id', '=', company_id)]",
        help="Whose customers are asked; of all when empty.",
    )
    segment_ids = fields.Many2many(
        "power.customer.segment", string="Segments", help="Of all when empty."
    )
    customer_domain = fields.Char("Further Filter", default="[]")
    limit = fields.Integer("At Most", help="So many customers; 0 for all.")
    is_third_party = fields.Boolean(
        "Third-party Measurement", help="Measured by somebody else than the company."
    )
    agency = fields.Char(help="Who measures.")
    deadline = fields.Datetime()
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("sending", "Being Sent"),
            ("sent", "Sent"),
            ("closed", "Closed"),
        ],
        required=True,
        readonly=True,
        copy=False,
        default="draft",
    )
    answer_ids = fields.One2many("survey.user_input", "power_round_id", readonly=True)
    asked_count = fields.Integer(compute="_compute_counts")
    answered_count = fields.Integer(compute="_compute_counts")

    @api.depends("answer_ids.state")
    def _compute_counts(self):
        asked, answered = {}, {}
        # Only numbers are shown, to who may see the round.
        for power_round, state, count in (
            self.env["survey.user_input"]
            .sudo()
            ._read_group(
                [("power_round_id", "in", self.ids)],
                ["power_round_id", "state"],
                ["__count"],
            )
        ):
            asked[power_round.id] = asked.get(power_round.id, 0) + count
            if state == "done":
                answered[power_round.id] = count
        for record in self:
            record.asked_count = asked.get(record.id, 0)
            record.answered_count = answered.get(record.id, 0)

    @api.constrains("customer_domain")
    def _check_customer_domain(self):
        for record in self:
            try:
                self.env["res.partner"].search(record._get_customer_domain(), limit=1)
            except (ValueError, SyntaxError, TypeError, KeyError) as error:
                raise ValidationError(
                    self.env._("The filter of customers can't be read.")
                ) from error

    def write(self, vals):
        if "state" in vals and not self.env.su:
            raise UserError(self.env._("Use the buttons of the round."))
        return super().write(vals)

    def action_send(self):
        """Have the job send the questionnaires.

        :raise UserError: it was sent already
        """
        self.check_access("write")
        for record in self:
            if record.state != "draft":
                raise UserError(
                    self.env._("“%(round)s” was sent already.", round=record.name)
                )
        self.sudo().state = "sending"  # the state is the system's to write
        self.env.ref("power_service_tickets_survey.ir_cron_send_rounds").sudo(
            # anybody's button starts the job
        )._trigger()
        return True

    def action_close(self):
        """End the round: what comes later isn't counted as open."""
        self.check_access("write")
        self.sudo().state = "closed"  # the state is the system's to write
        return True

    def action_open_results(self):
        """Open the answers per station."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "power_service_tickets_survey.power_survey_result_action"
        )
        action["domain"] = [("round_id", "=", self.id)]
        return action

    def _get_customer_domain(self):
        """Who is asked: customers with an address to reach them, and their own word."""
        self.ensure_one()
        domain = Domain("is_power_customer", "=", True)
        if self.station_ids:
            domain &= Domain("power_station_id", "in", self.station_ids.ids)
        else:
            domain &= Domain("power_station_id.company_id", "=", self.company_id.id)
        if self.segment_ids:
            domain &= Domain("segment_ids", "in", self.segment_ids.ids)
        return domain & Domain(ast.literal_eval(self.customer_domain or "[]"))

    def _send_batch(self, limit):
        """Ask the next customers.

        :return: how many were asked
        """
        self.ensure_one()
        if self.limit:
            limit = min(limit, self.limit - self.asked_count)
        if limit <= 0:
            return 0
        answers = self.env["survey.user_input"]
        known = answers._search([("power_round_id", "=", self.id)])
        partners = self.env["res.partner"].search(
            self._get_customer_domain()
            & ~Domain("id", "in", known.subselect("partner_id")),
            limit=limit,
            order="id",
        )
        made = answers.create(
            [
                {
                    "survey_id": self.survey_id.id,
                    "partner_id": partner.id,
                    "email": partner.email,
                    "nickname": partner.name,
                    "deadline": self.deadline,
                    "power_round_id": self.id,
                    "power_station_id": partner.power_station_id.id,
                }
                for partner in partners
            ]
        )
        purposes = self.env["power.notice.purpose"]
        texts = purposes._get_by_code("survey")._render_texts(made, SHIPPED)
        self.env["power.notice"]._notify(
            "survey",
            [
                {
                    "partner_id": answer.partner_id.id,
                    "station_id": answer.power_station_id.id,
                    "company_id": self.company_id.id,
                    "subject": texts[answer.id][0],
                    "body": texts[answer.id][1],
                    "dedup_key": f"power.survey.round/{self.id}/{answer.partner_id.id}",
                }
                for answer in made
            ],
        )
        return len(made)

    @api.model
    def _cron_send(self, batch_size=200):
        """Send the rounds that wait, in batches: safe to kill and to run twice."""
        run = self.env["power.job.run"]._start_alone(JOB)
        if not run:
            return
        power_round = self.search([("state", "=", "sending")], limit=1, order="id")
        done = power_round._send_batch(batch_size) if power_round else 0
        if power_round and done < batch_size:
            power_round.state = "sent"
        remaining = self.search_count([("state", "=", "sending")])
        run._progress(done=done, remaining=remaining)
        if not remaining:
            run._finish()
        self.env["ir.cron"]._commit_progress(max(done, 1), remaining=remaining)


class PowerJobRun(models.Model):
    _inherit = "power.job.run"

    @api.model
    def _get_titles(self):
        return super()._get_titles() | {JOB: self.env._("Questionnaires sent")}
