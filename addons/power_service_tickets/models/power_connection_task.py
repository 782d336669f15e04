# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class PowerFieldTask(models.Model):
    """Surveys and inspections of connections are field tasks."""

    _inherit = "power.field.task"

    kind = fields.Selection(
        selection_add=[
            ("survey", "Connection survey"),
            ("connection_check", "Connection inspection"),
        ],
        ondelete={"survey": "set default", "connection_check": "set default"},
    )

    def _after_events(self, events):
        """A survey that was done is a step of its connection; what was found counts
        at the time it was done."""
        result = super()._after_events(events)
        for event in events.filtered(lambda event: event.kind == "done"):
            task = event.task_id
            if (
                task.res_model != "power.connection"
                or task.kind != "survey"
                or task.outcome != "done"
            ):
                continue
            connection = self.env["power.connection"].browse(task.res_id).exists()
            if connection and not connection.surveyed_at:
                connection._take_survey(task)
        return result


class PowerConnection(models.Model):
    _inherit = "power.connection"

    task_count = fields.Integer("Site Visits", compute="_compute_task_count")

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """The average of the days taken leaves out what isn't energised yet."""
        if aggregate_spec == "duration_days:avg":
            days = self._field_to_sql(self._table, "duration_days", query)
            return SQL("AVG(NULLIF(%s, 0))", days)
        return super()._read_group_select(aggregate_spec, query)

    def _compute_task_count(self):
        counts = dict(
            self.env["power.field.task"]._read_group(
                [("res_model", "=", self._name), ("res_id", "in", self.ids)],
                ["res_id"],
                ["__count"],
            )
        )
        for connection in self:
            connection.task_count = counts.get(connection.id, 0)

    def _take_survey(self, task):
        """Enter the survey that ``task`` was for.

        When something stands against it, the findings are kept and the record says
        what is missing: a crew's work isn't refused for papers.
        """
        if task.outcome_note and not self.survey_note:
            self.survey_note = task.outcome_note
        try:
            with self.env.cr.savepoint():
                self.enter_step("surveyed", at=task.done_at, note=task.outcome_note)
        except UserError as error:
            self._message_log(body=str(error))
