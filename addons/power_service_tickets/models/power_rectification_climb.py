from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

JOB = "power.rectification.climb"


class PowerRectification(models.Model):
    """How overdue ones climb: a resumable job that takes each step once."""

    _inherit = "power.rectification"

    @api.model
    def _cron_climb(self, batch_size=200):
        """Take the steps of the ladder that are due, in their order, each once."""
        run = self.env["power.job.run"]._start(JOB)
        steps = self._claim_steps(batch_size)
        failed = self._climb_each(steps)
        remaining = self._count_due_steps()
        run._end_batch(len(steps) - failed, failed=failed, remaining=remaining)

    def _climb_each(self, steps):
        """Tell who is to be told; what fails is parked with its reason.

        :param steps: ``power.rectification.escalation`` records just claimed
        :return: how many were parked
        """
        if not steps:
            return 0
        try:
            with self.env.cr.savepoint():
                self._climb(steps)
                return 0
        except psycopg2.OperationalError:
            raise
        except Exception:  # one of them is broken: find out which, one by one
            steps.invalidate_recordset()
        failed = self.env["power.rectification.escalation"]
        for step in steps:
            try:
                with self.env.cr.savepoint():
                    self._climb(step)
            except psycopg2.OperationalError:
                raise
            except Exception as error:  # parked with its reason, and told of
                step.error = str(error) or type(error).__name__
                failed |= step
        if failed:
            self.env.user.partner_id.message_notify(
                subject=self.env._("Rectifications could not be escalated"),
                body=", ".join(
                    record.name
                    if not record.confidential_ticket_id.is_confidential
                    else self.env._("Confidential")
                    for record in failed.rectification_id
                ),
                partner_ids=self.env.ref("base.user_admin").partner_id.ids,
            )
        return len(failed)

    @api.model
    def _get_due_steps_sql(self):
        """The steps that are due and not taken: (rectification, step, due date).

        A step before the due date isn't made up for once that date is over.
        """
        now = fields.Datetime.now()
        return SQL(
            """
            FROM power_rectification AS record
            JOIN res_company AS company ON company.id = record.company_id
            LEFT JOIN resource_calendar AS calendar
                   ON calendar.id = company.resource_calendar_id
            CROSS JOIN LATERAL (
                 SELECT (%s::timestamp AT TIME ZONE 'UTC'
                         AT TIME ZONE %s)::date AS today
                 ) AS clock
            JOIN power_rectification_step AS step
              ON step.active
             AND (step.company_id IS NULL OR step.company_id = record.company_id)
             AND record.due_date + step.days <= clock.today
             AND (step.days >= 0 OR record.due_date >= clock.today)
           WHERE record.state IN ('open', 'returned')
             AND NOT EXISTS (
                 SELECT FROM power_rectification_escalation AS done
                  WHERE done.rectification_id = record.id
                    AND done.step_id = step.id AND done.due_date = record.due_date)
            """,
            now,
            self.env["res.company"]._get_power_tz_sql(SQL("calendar.tz")),
        )

    @api.model
    def _claim_steps(self, limit):
        """Write down up to ``limit`` due steps as taken, and return them.

        Two workers can't claim the same one: the unique index lets one of them in.
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO power_rectification_escalation
                       (rectification_id, step_id, due_date, at, company_id,
                        station_id, create_uid, create_date, write_uid, write_date)
                SELECT record.id, step.id, record.due_date, %(now)s,
                       record.company_id, record.station_id, %(uid)s, %(now)s,
                       %(uid)s, %(now)s
                %(due)s
                ORDER BY record.due_date + step.days, record.id, step.days, step.id
                LIMIT %(limit)s
                ON CONFLICT DO NOTHING
                RETURNING id
                """,
                now=fields.Datetime.now(),
                uid=self.env.uid,
                due=self._get_due_steps_sql(),
                limit=limit,
            )
        )
        escalations = self.env["power.rectification.escalation"].browse(
            row[0] for row in rows
        )
        escalations.rectification_id.invalidate_recordset(["escalation_ids"])
        return escalations

    @api.model
    def _count_due_steps(self):
        self.env.flush_all()
        return self.env.execute_query(
            SQL("SELECT count(*) %s", self._get_due_steps_sql())
        )[0][0]

    @api.model
    def _climb(self, escalations):
        """Tell who is named by each step; of several for one person the last counts."""
        told = {}
        quality = self._get_quality_users()
        links = []
        for escalation in escalations:
            users = escalation.rectification_id._get_told(
                escalation.step_id.whom, quality
            )
            if not users:
                raise UserError(self.env._("There is nobody to tell."))
            links += [(escalation.id, user.id) for user in users]
            for user in users:
                told[escalation.rectification_id, user] = escalation
        self._link_told(escalations, links)
        activity_type = self.env.ref(
            "power_service_tickets.mail_activity_rectification"
        )
        model_id = self.env["ir.model"]._get_id(self._name)
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            [
                {
                    "res_model_id": model_id,
                    "res_id": record.id,
                    "user_id": user.id,
                    "activity_type_id": activity_type.id,
                    "automated": True,
                    "date_deadline": max(
                        record.due_date,
                        record.due_date + timedelta(days=escalation.step_id.days),
                    ),
                    "summary": self._get_climb_summary(escalation, user),
                }
                for (record, user), escalation in told.items()
            ]
        )

    def _link_told(self, escalations, links):
        field = escalations._fields["user_ids"]
        self.env.execute_query(
            SQL(
                "INSERT INTO %s (%s, %s) SELECT * FROM unnest(%s, %s)"
                " ON CONFLICT DO NOTHING RETURNING 1",
                SQL.identifier(field.relation),
                SQL.identifier(field.column1),
                SQL.identifier(field.column2),
                [link[0] for link in links],
                [link[1] for link in links],
            )
        )
        escalations.invalidate_recordset(["user_ids"])

    def _get_climb_summary(self, escalation, user):
        env = self.with_context(lang=user.lang).env
        days = escalation.step_id.days
        if days < 0:
            return env._("To be put right in %(days)s days", days=-days)
        if not days:
            return env._("To be put right today")
        return env._("Not put right for %(days)s days", days=days)

    @api.model
    def _get_quality_users(self):
        """Who reviews, by company; the managers where there is nobody.

        :return: function of a company that returns ``res.users`` records
        """
        # A job that runs as superuser reads who belongs to which group.
        quality = self.env.ref("power_service_base.group_power_quality").sudo()
        manager = self.env.ref("power_service_base.group_power_manager").sudo()  # same
        reviewers = quality.all_user_ids.filtered(lambda user: user.active)
        managers = manager.all_user_ids.filtered(lambda user: user.active)

        def of_company(company):
            users = (reviewers - managers) or managers
            return users.filtered(lambda user: company in user.company_ids) or managers

        return of_company

    def _get_told(self, whom, quality):
        """Who is told: ``whom``, or the next one above who has a login.

        :param whom: a value of ``power.rectification.step.whom``
        :param quality: what :meth:`_get_quality_users` returned
        :return: ``res.users`` records, of them who may know of it
        """
        self.ensure_one()
        above = {
            "owner": lambda: self.owner_id.user_id,
            "leader": lambda: self.team_id.manager_id.user_id,
            "chief": lambda: self.station_id.manager_id.user_id,
            "quality": lambda: quality(self.company_id),
        }
        names = list(above)
        for name in names[names.index(whom) :]:
            users = self._filter_knowing(above[name]().filtered("active"))
            if users:
                return users
        return self.env["res.users"]
