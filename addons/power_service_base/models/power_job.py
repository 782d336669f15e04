from odoo import api, fields, models
from odoo.tools import SQL


class PowerJob(models.Model):
    """The jobs of these addons: when each ran, and whether it still does.

    Read from the scheduler and from the job runs, so that no job is missing: one that
    has never run, that was switched off, or that nobody starts any more.
    """

    _name = "power.job"
    _description = "Scheduled Job"
    _auto = False
    _order = "state_rank, name, id"

    name = fields.Char("Job", readonly=True, translate=False)
    active = fields.Boolean("Switched On", readonly=True)
    state = fields.Selection(
        [
            ("failing", "Failing"),
            ("overdue", "Overdue"),
            ("stopped", "Switched off"),
            ("never", "Not run yet"),
            ("ok", "Works"),
        ],
        readonly=True,
        help="Overdue: it has not run for more than twice its interval and an hour, or "
        "its turn has been over for more than an hour.",
    )
    state_rank = fields.Integer(readonly=True, export_string_translation=False)
    interval_number = fields.Integer("Every", readonly=True, aggregator=None)
    interval_type = fields.Selection(
        [
            ("minutes", "Minutes"),
            ("hours", "Hours"),
            ("days", "Days"),
            ("weeks", "Weeks"),
            ("months", "Months"),
        ],
        "Unit",
        readonly=True,
    )
    next_at = fields.Datetime("Next Run", readonly=True)
    last_run_at = fields.Datetime("Last Run", readonly=True)
    last_done_at = fields.Datetime(
        "Last Did Something", readonly=True, help="The last run that had work to do."
    )
    idle_count = fields.Integer(
        "Idle Runs",
        readonly=True,
        aggregator=None,
        help="So many runs since then, one after the other, had nothing to do.",
    )
    failure_count = fields.Integer("Failed Runs", readonly=True, aggregator=None)
    message = fields.Text("Error", readonly=True)

    _depends = {
        "ir.cron": ["active", "nextcall", "interval_number", "interval_type"],
        "power.job.run": ["cron_id", "state", "started_at", "ended_at", "message"],
    }

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT job.*,
                   CASE job.state WHEN 'failing' THEN 1 WHEN 'overdue' THEN 2
                        WHEN 'stopped' THEN 3 WHEN 'never' THEN 4 ELSE 5
                    END AS state_rank
              FROM (%s) AS job
            """,
            SQL(
                """
                SELECT cron.id, cron.active,
                       -- Without the name of the product before it.
                       regexp_replace(
                           COALESCE(action.name ->> %(lang)s, action.name ->> 'en_US'),
                           '^[^:：]*[:：] *', '') AS name,
                       cron.interval_number, cron.interval_type,
                       cron.nextcall AS next_at,
                       last.at AS last_run_at, worked.at AS last_done_at,
                       CASE WHEN last.state = 'idle' THEN last.repeat_count ELSE 0
                        END AS idle_count,
                       CASE WHEN last.state = 'failed' THEN last.repeat_count ELSE 0
                        END AS failure_count,
                       CASE WHEN last.state = 'failed' THEN last.message END AS message,
                       CASE WHEN last.state = 'failed' THEN 'failing'
                            WHEN NOT cron.active THEN 'stopped'
                            WHEN cron.nextcall < %(now)s::timestamp - interval '1 hour'
                              OR last.at < %(now)s::timestamp - interval '1 hour'
                                 - 2 * cron.interval_number
                                     * ('1 ' || cron.interval_type)::interval
                                 THEN 'overdue'
                            WHEN last.at IS NULL THEN 'never'
                            ELSE 'ok' END AS state
                  FROM ir_cron AS cron
                  JOIN ir_act_server AS action
                    ON action.id = cron.ir_actions_server_id
                  JOIN ir_model_data AS xml
                    ON xml.model = 'ir.cron' AND xml.res_id = cron.id
                   AND xml.module LIKE 'power\\_service%%'
                  LEFT JOIN LATERAL (
                       SELECT run.state, run.repeat_count, run.message,
                              COALESCE(run.ended_at, run.write_date) AS at
                         FROM power_job_run AS run WHERE run.cron_id = cron.id
                        ORDER BY run.started_at DESC, run.id DESC LIMIT 1
                       ) AS last ON TRUE
                  LEFT JOIN LATERAL (
                       SELECT COALESCE(run.ended_at, run.write_date) AS at
                         FROM power_job_run AS run
                        WHERE run.cron_id = cron.id AND run.state = 'done'
                        ORDER BY run.started_at DESC, run.id DESC LIMIT 1
                       ) AS worked ON TRUE
                """,
                now=fields.Datetime.now(),
                lang=self.env.lang or "en_US",
            ),
        )

    @api.depends("name")
    def _compute_display_name(self):
        for job in self:
            job.display_name = job.name

    def action_open_runs(self):
        """Open what the job did."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "power_service_base.power_job_run_action"
        )
        action["domain"] = [("cron_id", "=", self.id)]
        action["display_name"] = self.name
        return action
