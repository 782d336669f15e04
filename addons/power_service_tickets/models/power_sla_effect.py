# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from collections import defaultdict
from typing import NamedTuple

from markupsafe import Markup

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL
from odoo.tools.mail import generate_tracking_message_id

from odoo.addons.mail.tools.discuss import Store
from odoo.addons.power_service_base.core.working_time import DEFAULT_TZ

from ..core.escalation import BREACH, WARN
from ..core.sla_facts import ClockState
from ..tools.bulk_insert import insert_pairs, insert_rows, take_ids
from ..tools.webhook_client import format_moment
from .power_sla_audience import Audience

# To so many persons a notification is also shown at once; others see it when they look.
SHOWN_AT_ONCE = 20


class Telling(NamedTuple):
    """One step of the ladder that tells somebody.

    :param state: the clock's when the step was taken
    :param at: when the step came due, naive UTC
    """

    alert_id: int
    ticket_id: int
    company_id: int
    policy_id: int
    state: ClockState
    at: object
    rung: object
    user_ids: frozenset

    @property
    def is_warning(self):
        """Whether the deadline is still to come."""
        return self.at <= self.state.deadline


class PowerSlaAlert(models.Model):
    """Telling: each way of it in a constant number of queries for a batch."""

    _inherit = "power.sla.alert"

    @api.model
    def _get_audience(self, ticket_ids=(), places=None):
        """Who is meant by the steps of the ladder, for these tickets.

        :param places: as :class:`Audience` takes them
        """
        return Audience(self.env, ticket_ids, places)

    @api.model
    def _raise_alerts(self, alerts, now):
        """Write down which steps were taken or left out, and tell those meant.

        :param alerts: list of (claimed clock, stored clock, ``escalation.Due``), in the
            order in which they came due
        """
        if not alerts:
            return
        audience = self._get_audience(
            {clock.ticket_id for clock, _old, _item in alerts}
        )
        ids = take_ids(self, len(alerts))
        rows, tellings, pairs = [], [], []
        for alert_id, (clock, old, item) in zip(ids, alerts, strict=True):
            rung = item.step and item.step.whom
            row = self._prepare_alert_row(alert_id, clock, item, rung, now)
            if rung and row["outcome"] == "done":
                users = self._find_told(audience, clock.ticket_id, rung, row)
                pairs += [(alert_id, user_id) for user_id in sorted(users)]
                if row["outcome"] == "done":
                    tellings.append(
                        Telling(
                            alert_id,
                            clock.ticket_id,
                            clock.company_id,
                            old.policy_id,
                            old.state,
                            item.at,
                            rung,
                            frozenset(users),
                        )
                    )
            rows.append(row)
        # The unique index: what somebody else did meanwhile breaks this batch off.
        insert_rows(self, rows)
        field = self._fields["told_user_ids"]
        insert_pairs(self.env, field.relation, field.column1, field.column2, pairs)
        self.env["power.sla.clock"].invalidate_model(["alert_ids"], flush=False)
        self._tell(tellings, audience)

    @api.model
    def _prepare_alert_row(self, alert_id, clock, item, rung, now):
        kind = item.name if item.name in (WARN, BREACH) else "step"
        return {
            "id": alert_id,
            "clock_id": clock.id,
            "ticket_id": clock.ticket_id,
            "company_id": clock.company_id,
            "key": item.key,
            "kind": kind,
            "escalation_id": rung.id if rung else None,
            "at": item.at,
            "recorded_at": now,
            "outcome": item.reason or "done",
            "whom": rung.whom if rung else None,
            "told": None,
            "how": rung.how
            if rung and rung.whom not in ("channel", "webhook")
            else None,
            "discuss_channel_id": None,
            "webhook_id": None,
        }

    @api.model
    def _find_told(self, audience, ticket_id, rung, row):
        """Complete the alert's row with who is told.

        :return: set of user ids
        """
        row["told"] = rung.whom
        if rung.whom in ("channel", "webhook"):
            if audience.tickets[ticket_id]["is_confidential"]:
                row["outcome"] = "confidential"
            row["discuss_channel_id"] = rung.channel_id
            row["webhook_id"] = rung.webhook_id
            return set()
        row["told"], users = audience.find(ticket_id, rung)
        if not users:
            row["outcome"] = "nobody"
        return users

    @api.model
    def _tell(self, tellings, audience):
        """Tell all that these steps tell."""
        by_way = defaultdict(list)
        for telling in tellings:
            whom = telling.rung.whom
            way = whom if whom in ("channel", "webhook") else telling.rung.how
            by_way[way].append(telling)
        for way, found in by_way.items():
            getattr(self, f"_tell_by_{way}")(found, audience)

    # Words --------------------------------------------------------------------------

    @api.model
    def _read_told(self, tellings):
        """As :meth:`_read_users`, of those who are told."""
        return self._read_users(
            {user_id for telling in tellings for user_id in telling.user_ids}
        )

    @api.model
    def _read_users(self, user_ids):
        """Dict of user id to its partner, language, time zone and kind of inbox."""
        rows = self.env.execute_query_dict(
            SQL(
                "SELECT users.id, users.partner_id, users.notification_type,"
                " partner.lang, partner.tz"
                " FROM res_users AS users JOIN res_partner AS partner"
                " ON partner.id = users.partner_id WHERE users.id = ANY(%s)",
                list(user_ids),
            )
        )
        return {row["id"]: row for row in rows}

    @api.model
    def _get_wording(self, tellings):
        """A function of (telling, language, time zone) that gives what is told.

        :param tellings: anything with a policy, a clock's state, and whether it warns
        """
        words = {}
        policies = self.env["power.sla.policy"].browse(
            {telling.policy_id for telling in tellings}
        )

        def get(telling, lang, tz):
            key = (
                telling.policy_id,
                telling.state.deadline,
                lang,
                tz,
                telling.is_warning,
            )
            if key not in words:
                env = self.with_context(lang=lang, tz=tz or DEFAULT_TZ).env
                policy = policies.with_env(env).browse(telling.policy_id)
                moment = fields.Datetime.context_timestamp(policy, key[1])
                values = {"promise": policy.name, "when": f"{moment:%Y-%m-%d %H:%M}"}
                words[key] = (
                    env._("Due soon: %(promise)s, by %(when)s", **values)
                    if telling.is_warning
                    else env._("Overdue: %(promise)s, since %(when)s", **values)
                )
            return words[key]

        return get

    # Ways ---------------------------------------------------------------------------

    @api.model
    def _tell_by_inbox(self, tellings, audience):
        """A message in each person's inbox; by e-mail to those who prefer that."""
        users = self._read_told(tellings)
        word = self._get_wording(tellings)
        inbox = {u for u, user in users.items() if user["notification_type"] == "inbox"}
        by_email = [
            telling._replace(user_ids=telling.user_ids - inbox)
            for telling in tellings
            if telling.user_ids - inbox
        ]
        if by_email:
            self._tell_by_email(by_email, audience)
        items = [
            (telling, users[user_id])
            for telling in tellings
            for user_id in sorted(telling.user_ids & inbox)
        ]
        if not items:
            return
        messages = self.env["mail.message"]
        author = self.env["res.users"].browse(SUPERUSER_ID).partner_id
        note = self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_note")
        now = fields.Datetime.now()
        ids = take_ids(messages, len(items))
        rows = [
            {
                "id": message_id,
                "model": "power.ticket",
                "res_id": telling.ticket_id,
                "message_type": "user_notification",
                "subtype_id": note,
                "author_id": author.id,
                "email_from": author.email_formatted or None,
                "date": now,
                "is_internal": True,
                "subject": audience.tickets[telling.ticket_id]["name"],
                "body": self._get_body(word(telling, user["lang"], user["tz"])),
                "message_id": generate_tracking_message_id(
                    f"{telling.ticket_id}-power.ticket"
                ),
            }
            for message_id, (telling, user) in zip(ids, items, strict=True)
        ]
        insert_rows(messages, rows)
        partner_ids = [user["partner_id"] for _telling, user in items]
        field = messages._fields["partner_ids"]
        insert_pairs(
            self.env,
            field.relation,
            field.column1,
            field.column2,
            list(zip(ids, partner_ids, strict=True)),
        )
        insert_rows(
            self.env["mail.notification"],
            [
                {
                    "mail_message_id": message_id,
                    "res_partner_id": partner_id,
                    "author_id": author.id,
                    "notification_type": "inbox",
                    "notification_status": "sent",
                    "is_read": False,
                }
                for message_id, partner_id in zip(ids, partner_ids, strict=True)
            ],
        )
        self.env["power.ticket"].invalidate_model(["message_ids"], flush=False)
        self._show_messages(ids, [user["id"] for _telling, user in items])

    @api.model
    def _show_messages(self, message_ids, user_ids):
        """Show new messages to their readers who are at work right now; not when there
        are many, which they see when they look."""
        if len(message_ids) > SHOWN_AT_ONCE:
            return
        for message_id, user_id in zip(message_ids, user_ids, strict=True):
            user = self.env["res.users"].browse(user_id)
            message = self.env["mail.message"].with_user(user).browse(message_id)
            message = message.with_context(allowed_company_ids=[])
            store = Store(bus_channel=user).add(message, add_followers=False)
            user._bus_send(
                "mail.message/inbox",
                {"message_id": message.id, "store_data": store.get_result()},
            )

    @api.model
    def _get_body(self, words):
        return str(Markup("<p>%s</p>") % words)

    @api.model
    def _tell_by_email(self, tellings, audience):
        """A mail in the queue for each person."""
        users = self._read_told(tellings)
        word = self._get_wording(tellings)
        vals_list = []
        for telling in tellings:
            ticket = audience.tickets[telling.ticket_id]
            for user_id in sorted(telling.user_ids):
                user = users[user_id]
                words = word(telling, user["lang"], user["tz"])
                link = f"{self.get_base_url()}/odoo/power.ticket/{telling.ticket_id}"
                vals_list.append(
                    {
                        "subject": f"{ticket['name']} {words}",
                        "body_html": Markup('<p>%s</p><p><a href="%s">%s</a></p>')
                        % (words, link, ticket["name"]),
                        "recipient_ids": [fields.Command.link(user["partner_id"])],
                        "auto_delete": True,
                    }
                )
        self.env["mail.mail"].create(vals_list)

    @api.model
    def _tell_by_sms(self, tellings, audience):
        """A notice by SMS to each person; base sends it through the gateway."""
        users = self._read_told(tellings)
        word = self._get_wording(tellings)
        vals_list = []
        for telling in tellings:
            ticket = audience.tickets[telling.ticket_id]
            for user_id in sorted(telling.user_ids):
                user = users[user_id]
                words = word(telling, user["lang"], user["tz"])
                vals_list.append(
                    {
                        "partner_id": user["partner_id"],
                        "channel": "sms",
                        "subject": ticket["name"],
                        "body": f"{ticket['name']} {words}",
                        "dedup_key": f"sla-{telling.alert_id}-{user_id}",
                        "res_model": "power.ticket",
                        "res_id": telling.ticket_id,
                        "station_id": ticket["station_id"],
                        "company_id": telling.company_id,
                    }
                )
        self.env["power.notice"]._notify("staff_alert", vals_list)

    @api.model
    def _tell_by_channel(self, tellings, audience):
        """One message per discussion channel, with a line for each ticket."""
        word = self._get_wording(tellings)
        by_channel = defaultdict(list)
        for telling in tellings:
            by_channel[telling.rung.channel_id].append(telling)
        for channel in self.env["discuss.channel"].browse(by_channel):
            lang = channel._get_power_lang()
            lines = [
                Markup('<li><a href="/odoo/power.ticket/%s">%s</a> %s</li>')
                % (
                    telling.ticket_id,
                    audience.tickets[telling.ticket_id]["name"],
                    word(telling, lang, None),
                )
                for telling in by_channel[channel.id]
            ]
            channel.message_post(
                body=Markup("<ul>%s</ul>") % Markup("").join(lines),
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                author_id=self.env.ref("base.partner_root").id,
            )

    @api.model
    def _tell_by_webhook(self, tellings, audience):
        """An event in the queue of each other system; a job posts them."""
        places = {
            telling: audience.tickets[telling.ticket_id]["station_id"]
            for telling in tellings
        }
        stations = self.env["hr.department"].browse(set(places.values()) - {None})
        stations = {station.id: station for station in stations}
        nowhere = self.env["hr.department"]
        promises = self._get_promise_names(tellings)
        self.env["power.webhook.message"]._queue(
            [
                (
                    telling.rung.webhook_id,
                    f"sla-{telling.alert_id}",
                    {
                        "event": "promise_at_risk"
                        if telling.is_warning
                        else "promise_overdue",
                        "ticket": audience.tickets[telling.ticket_id]["name"],
                        "deadline": format_moment(telling.state.deadline),
                        "due_at": format_moment(telling.at),
                        "promise": promises[telling.policy_id, telling.company_id],
                        "station_id": places[telling],
                        "station_code": station.power_code or "",
                        "station": station.name or "",
                    },
                )
                for telling in tellings
                for station in [stations.get(places[telling], nowhere)]
            ]
        )

    @api.model
    def _get_promise_names(self, tellings):
        """Dict of (promise's id, company's id) to the promise's name in the company's
        language, which other systems read."""
        policies = self.env["power.sla.policy"].browse({t.policy_id for t in tellings})
        companies = self.env["res.company"].browse({t.company_id for t in tellings})
        return {
            (policy.id, company.id): policy.name
            for company in companies
            for policy in policies.with_context(lang=company.partner_id.lang)
        }
