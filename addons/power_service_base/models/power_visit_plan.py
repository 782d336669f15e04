# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..core.field_task import OPEN_STATES

DUE_HOUR = time(17)  # where the station is
# A schedule that is closed for longer says nothing about visits.
SEARCH_DAYS = 60


class PowerCustomerSegment(models.Model):
    _inherit = "power.customer.segment"

    @api.model
    def _plan_visits(self, batch_size=1000):
        """Plan the next visit of customers whose segments ask for visits.

        A customer has one open visit at most: after a visit the next one is due the
        shortest interval of his segments later. A visit that was cancelled is left out,
        not put off. Customers never visited are spread over the interval, so that they
        don't all come due on one day. A day on which the station doesn't work gives way
        to its next working day.

        :return: the number of visits planned
        """
        tasks = self.env["power.field.task"]
        tasks.flush_model()
        self.flush_model()
        self.env["power.customer.contact"].flush_model()
        self.env["res.partner"].flush_model(
            ["active", "power_station_id", "segment_ids"]
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT p.id, p.power_station_id, min(segment.visit_every_days),
                       last.at, last.task_id,
                       (array_agg(segment.id ORDER BY segment.visit_every_days))[1]
                  FROM power_segment_partner_rel AS member
                  JOIN power_customer_segment AS segment
                    ON segment.id = member.segment_id AND segment.active
                   AND segment.visit_every_days > 0
                  JOIN res_partner AS p ON p.id = member.partner_id AND p.active
                   AND p.power_station_id IS NOT NULL
                  LEFT JOIN LATERAL (
                        SELECT max(visit.at) AS at, max(visit.task_id) AS task_id FROM (
                            SELECT task.id AS task_id,
                                   CASE task.state WHEN 'done' THEN task.done_at
                                   ELSE GREATEST(task.due_at, task.cancelled_at)
                                   END AS at
                              FROM power_field_task AS task
                             WHERE task.partner_id = p.id AND task.kind = 'visit'
                             UNION ALL
                            SELECT NULL, contact.contacted_at
                              FROM power_customer_contact AS contact
                             WHERE contact.partner_id = p.id
                               AND contact.channel = 'visit'
                        ) AS visit) AS last ON TRUE
                 WHERE NOT EXISTS (
                        SELECT 1 FROM power_field_task AS task
                         WHERE task.partner_id = p.id AND task.kind = 'visit'
                           AND task.state = ANY(%s))
                 GROUP BY p.id, p.power_station_id, last.at, last.task_id
                 ORDER BY p.id LIMIT %s
                """,
                list(OPEN_STATES),
                batch_size,
            )
        )
        responsible = self.env["power.responsibility"]._get_responsible(
            "res.partner", [row[0] for row in rows], "account_manager"
        )
        stations = self.env["hr.department"].browse({row[1] for row in rows})
        company_ids = {station.id: station.company_id.id for station in stations}
        todays = {station.id: station._get_local_today() for station in stations}
        moments = {}  # a day is looked up once for each station

        def get_due_at(station_id, day):
            if (station_id, day) not in moments:
                station = self.env["hr.department"].browse(station_id)
                moments[station_id, day] = self._get_due_at(station, day)
            return moments[station_id, day]

        tasks.create(
            [
                {
                    "kind": "visit",
                    "partner_id": partner_id,
                    "station_id": station_id,
                    "company_id": company_ids[station_id] or self.env.company.id,
                    # Who has left gets no work; the station's others may take it.
                    "user_id": responsible[partner_id].user_id.filtered("active").id,
                    "due_at": get_due_at(
                        station_id,
                        self._get_visit_date(
                            partner_id, every, last, todays[station_id]
                        ),
                    ),
                    "res_model": self._name,
                    "res_id": segment_id,
                    "dedup_key": f"visit:{partner_id}:{task_id or 0}",
                }
                for partner_id, station_id, every, last, task_id, segment_id in rows
            ]
        )
        return len(rows)

    @api.model
    def _get_due_at(self, station, day):
        """When a visit of ``day`` is due: on that day, or on the station's next working
        day.

        :param station: whose calendar decides; without hours it says nothing
        :param day: a date where the station is
        :return: naive UTC datetime
        """
        zone = ZoneInfo(station._get_power_tz())
        # sudo: the station's hours are no secret
        calendar = station.sudo()._get_duty_calendar()
        try:
            working_time = calendar._get_working_time()
            start = self._to_utc(day, time(), zone)
            work = next(
                working_time.intervals(start, start + timedelta(days=SEARCH_DAYS)), None
            )
        except UserError:
            work = None  # a calendar without hours: its own screen says so
        if work:
            day = work[0].replace(tzinfo=UTC).astimezone(zone).date()
        return self._to_utc(day, DUE_HOUR, zone)

    @api.model
    def _to_utc(self, day, hour, zone):
        local = datetime.combine(day, hour, tzinfo=zone)
        return local.astimezone(UTC).replace(tzinfo=None)

    @api.model
    def _get_visit_date(self, partner_id, every, last, today):
        """The day of the next visit: the interval after the last, never in the past."""
        if not last:
            return today + timedelta(days=1 + partner_id % every)
        return max(fields.Date.to_date(last) + timedelta(days=every), today)

    @api.model
    def _cron_plan_visits(self, batch_size=1000):
        """Plan visits by night; a customer with an open visit asks for none."""
        run = self.env["power.job.run"]._start_alone("power.customer.visits")
        if not run:
            return
        done = self._plan_visits(batch_size)
        full = done == batch_size
        run._progress(done=done)
        if not full:
            run._finish()
        self.env["ir.cron"]._commit_progress(done, remaining=int(full))
