from datetime import timedelta
from zoneinfo import ZoneInfo

import psycopg2
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..tools.webhook_client import format_moment

JOB = "power.sla.bulletin"


class PowerSlaBulletin(models.Model):
    """Group bulletin (群通报): what is overdue and nearly so, told to a group.

    To a discussion channel, to another system, or both; on its schedule, or at once.
    Confidential tickets are never in it.
    """

    _name = "power.sla.bulletin"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Group Bulletin"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    station_ids = fields.Many2many(
        "hr.department",
        string="Stations",
        domain="[('power_unit', '=', 'station')]",
        help="All stations of the company when empty.",
    )
    discuss_channel_id = fields.Many2one("discuss.channel", ondelete="restrict")
    webhook_id = fields.Many2one(
        "power.webhook",
        ondelete="restrict",
        groups="power_service_base.group_power_manager",
    )
    has_at_risk = fields.Boolean("With Tickets at Risk", default=True)
    is_sent_when_empty = fields.Boolean(
        "Also When There Is Nothing", help="So that silence is no doubt."
    )
    max_tickets = fields.Integer(
        default=30, required=True, help="So many are named; the others are counted."
    )
    every_minutes = fields.Integer("Every", default=240, required=True)
    hour_from = fields.Float(
        "From Hour", default=8.0, help="In the company's time zone."
    )
    hour_to = fields.Float("To Hour", default=18.0, help="In the company's time zone.")
    next_at = fields.Datetime(
        "Next", default=fields.Datetime.now, required=True, copy=False
    )
    last_sent_at = fields.Datetime("Last Sent", readonly=True, copy=False)
    error = fields.Char("Parked Because", readonly=True, copy=False)

    _schedule_valid = models.Constraint(
        "CHECK (every_minutes >= 10 AND max_tickets BETWEEN 1 AND 200"
        " AND hour_from >= 0 AND hour_from < hour_to AND hour_to <= 24)",
        "A bulletin comes every 10 minutes at most, from an hour to a later one of the "
        "day, and names 1 to 200 tickets.",
    )

    @api.constrains("discuss_channel_id", "webhook_id")
    def _check_reaches_somebody(self):
        for bulletin in self:
            # The webhook is read by managers only.
            if not (bulletin.discuss_channel_id or bulletin.sudo().webhook_id):
                raise ValidationError(
                    self.env._(
                        "“%(name)s” would tell nobody: choose a discussion channel or "
                        "a webhook.",
                        name=bulletin.name,
                    )
                )

    def write(self, vals):
        # A change is another try.
        return super().write({"error": False, **vals})

    # What is told -------------------------------------------------------------------

    def _get_domain(self):
        """The tickets told: open, late or (when wanted) at risk, not confidential."""
        self.ensure_one()
        domain = Domain("is_overdue", "=", True)
        if self.has_at_risk:
            domain |= Domain("is_at_risk", "=", True)
        domain &= Domain("is_open", "=", True) & Domain("is_confidential", "=", False)
        domain &= Domain("company_id", "=", self.company_id.id)
        if self.station_ids:
            domain &= Domain("station_id", "in", self.station_ids.ids)
        return domain

    def _get_tickets(self):
        """The tickets told, the latest ones first.

        :return: (tickets, how many are overdue, how many are at risk)
        """
        # A bulletin tells what all of the group may know, whoever sends it.
        tickets = (
            self.env["power.ticket"]
            .sudo()
            .search(self._get_domain(), order="deadline, id", limit=2000)
        )
        now = fields.Datetime.now()
        overdue = tickets.filtered(lambda ticket: ticket.deadline < now)
        return tickets, len(overdue), len(tickets) - len(overdue)

    def _get_zone(self):
        return ZoneInfo(self.company_id._get_power_tz())

    def _format(self, moment):
        local = moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(self._get_zone())
        return f"{local:%m-%d %H:%M}"

    def _prepare_body(self, tickets, overdue, at_risk):
        """The message, in the language of the environment: what is late, then what
        soon will be.

        :param tickets: as :meth:`_get_tickets` gives them, the late ones first
        """
        env = self.env
        head = env._(
            "%(name)s: %(overdue)s overdue, %(at_risk)s at risk",
            name=self.name,
            overdue=overdue,
            at_risk=at_risk,
        )
        named = tickets[: self.max_tickets]
        body = Markup("<p>%s</p>") % head
        for title, part in (
            (env._("Past Deadline"), named[:overdue]),
            (env._("At Risk"), named[overdue:]),
        ):
            if part:
                lines = Markup("").join(self._prepare_line(ticket) for ticket in part)
                body += Markup("<h6>%s</h6><ul>%s</ul>") % (title, lines)
        more = len(tickets) - len(named)
        if more > 0:
            body += Markup("<p>%s</p>") % env._("and %(count)s more", count=more)
        return body

    def _prepare_line(self, ticket):
        """One ticket of the message."""
        env = self.env
        return Markup(
            '<li><a href="/odoo/power.ticket/%s">%s</a> %s · %s · %s</li>'
        ) % (
            ticket.id,
            ticket.name,
            ticket.station_id.name or env._("Company's desk"),
            ticket.user_id.name or env._("nobody"),
            self._format(ticket.deadline),
        )

    def _prepare_event(self, tickets, overdue, at_risk):
        """The event for another system: numbers, stations and times, no customers."""
        return {
            "event": "bulletin",
            "name": self.name,
            "overdue": overdue,
            "at_risk": at_risk,
            "tickets": [
                {
                    "ticket": ticket.name,
                    "station_code": ticket.station_id.power_code or "",
                    "station": ticket.station_id.name or "",
                    "person": ticket.user_id.name or "",
                    "deadline": format_moment(ticket.deadline),
                }
                for ticket in tickets[: self.max_tickets]
            ],
        }

    def _send(self):
        """Tell the group now.

        :return: whether there was something to tell
        """
        self.ensure_one()
        now = fields.Datetime.now()
        lang = self.discuss_channel_id._get_power_lang()
        bulletin = self.with_context(lang=lang)
        tickets, overdue, at_risk = bulletin._get_tickets()
        self.sudo().last_sent_at = now  # who may send it need not be who sets it up
        if not tickets and not self.is_sent_when_empty:
            return False
        if self.discuss_channel_id:
            # Who may send the bulletin need not be a member.
            self.sudo().discuss_channel_id.message_post(
                body=bulletin._prepare_body(tickets, overdue, at_risk),
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                author_id=self.env.ref("base.partner_root").id,
            )
        webhook = self.sudo().webhook_id  # read by managers only
        if webhook:
            self.env["power.webhook.message"].sudo()._queue(  # the system's own queue
                [
                    (
                        webhook.id,
                        f"bulletin-{self.id}-{now:%Y%m%d%H%M%S}",
                        bulletin._prepare_event(tickets, overdue, at_risk),
                    )
                ]
            )
        return True

    def action_send_now(self):
        """Send these bulletins at once; the schedule stays.

        What it tells, and whom, is set by managers.

        :raise AccessError: the user isn't a supervisor
        :raise UserError: there is nothing to tell
        """
        self.check_access("read")
        self.env["power.ticket"]._check_supervisor(
            self.env._("Only supervisors send bulletins.")
        )
        for bulletin in self:
            if not bulletin._send():
                raise UserError(
                    self.env._(
                        "%(name)s: nothing is overdue or at risk.", name=bulletin.name
                    )
                )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The group was told."),
                # So that the form reads again when it was sent.
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    # On schedule --------------------------------------------------------------------

    def _get_next_at(self, now):
        """The next time after ``now`` (naive UTC), inside the hours of the day."""
        self.ensure_one()
        zone, utc = self._get_zone(), ZoneInfo("UTC")
        local = (now + timedelta(minutes=self.every_minutes)).replace(tzinfo=utc)
        local = local.astimezone(zone)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        opens = midnight + timedelta(hours=self.hour_from)
        if local < opens:
            local = opens
        elif local > midnight + timedelta(hours=self.hour_to):
            local = opens + timedelta(days=1)
        return local.astimezone(utc).replace(tzinfo=None)

    @api.model
    def _cron_send(self):
        """Send the bulletins whose time has come; one that fails holds up nobody."""
        run = self.env["power.job.run"]._start_alone(JOB)
        if not run:
            return
        now = fields.Datetime.now()
        due = self.search([("next_at", "<=", now), ("error", "=", False)])
        failed = 0
        for bulletin in due.try_lock_for_update():
            try:
                with self.env.cr.savepoint():
                    bulletin._send()
                    bulletin.next_at = bulletin._get_next_at(now)
            except psycopg2.OperationalError:
                raise
            except Exception as error:  # parked with its reason, and told of
                self.env.invalidate_all(flush=False)
                failed += 1
                bulletin._park(error)
        run._progress(done=len(due) - failed, failed=failed)
        run._finish()
        self.env["ir.cron"]._commit_progress(len(due), remaining=0)

    def _park(self, error):
        self.error = f"{type(error).__name__}: {error}"[:500]
        user = self.env.ref("base.user_admin")
        told = self.with_context(lang=user.lang).env
        self.activity_schedule(
            "mail.mail_activity_data_warning",
            summary=told._("The group bulletin could not be sent"),
            note=self.error,
            user_id=user.id,
        )
