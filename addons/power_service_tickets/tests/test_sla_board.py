"""The board of what is at risk and overdue, and the group bulletin."""

import json
from ast import literal_eval
from datetime import datetime, timedelta

from lxml import etree

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, freeze_time, tagged

from odoo.addons.web.tests.test_js import unit_test_error_checker

from .common import MONDAY
from .test_sla_tick import TickCommon, at


@tagged("post_install", "-at_install")
class TestBulletin(TickCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.channel = cls.env["discuss.channel"].create({"name": "Group"})
        cls.bulletin = cls.env["power.sla.bulletin"].create(
            {
                "name": "Bulletin",
                "discuss_channel_id": cls.channel.id,
                "next_at": MONDAY,
                "every_minutes": 120,
            }
        )

    def _run(self, when):
        with freeze_time(when), self.enter_registry_test_mode():
            cron = self.env.ref("power_service_tickets.ir_cron_sla_bulletin")
            self.assertIs(cron.method_direct_trigger(), True)
        self.env.invalidate_all()

    def test_names_overdue_and_at_risk_but_nothing_confidential(self):
        late = self._create_promised()
        secret = self._create_promised(is_confidential=True, subject="Secret")
        with freeze_time(at(minutes=30)):
            risky = self._create_ticket(channel="counter")
            easy = self._create_ticket("opinion")
        self._run(at(minutes=65))
        body = self.channel.message_ids[0].body
        self.assertIn(late.name, body)
        self.assertIn(risky.name, body)
        self.assertNotIn(easy.name, body)
        self.assertNotIn(secret.name, body)
        self.assertIn("1 overdue, 1 at risk", body)
        # The late ones under their heading, then those at risk under theirs.
        parts = ("Past Deadline", late.name, "At Risk", risky.name)
        places = [body.index(part) for part in parts]
        self.assertEqual(places, sorted(places))

    def test_speaks_the_language_of_most_of_the_group(self):
        self._create_promised()
        staff, chief = self.users["staff"], self.chief
        (staff | chief).lang = "zh_CN"
        self.channel.add_members((staff | chief | self.env.user).partner_id.ids)
        self._run(at(minutes=65))
        self.assertIn("超时1张", self.channel.message_ids[0].body)

    def test_comes_on_schedule_once(self):
        self._create_promised()
        before = self.channel.message_ids
        self._run(at(minutes=65))
        self._run(at(minutes=66))
        self.assertEqual(len(self.channel.message_ids - before), 1)
        self.assertEqual(self.bulletin.next_at, at(minutes=185))
        self._run(at(minutes=186))
        self.assertEqual(len(self.channel.message_ids - before), 2)

    def test_not_at_night(self):
        evening = datetime(2026, 3, 2, 9, 0)  # 17:00 in China
        self.assertEqual(
            self.bulletin._get_next_at(evening), datetime(2026, 3, 3, 0, 0)
        )
        self.assertEqual(
            self.bulletin._get_next_at(datetime(2026, 3, 2, 18, 0)),
            datetime(2026, 3, 3, 0, 0),
        )

    def test_send_now(self):
        supervisor = self.users["supervisor"]
        bulletin = self.bulletin.with_user(supervisor)
        with freeze_time(at(minutes=1)), self.assertRaisesRegex(UserError, "nothing"):
            bulletin.action_send_now()
        late = self._create_promised()
        with freeze_time(at(minutes=65)):
            action = bulletin.action_send_now()
        # After that the form is read again: it says when it was sent.
        self.assertEqual(
            action["params"]["next"]["type"], "ir.actions.act_window_close"
        )
        self.assertIn(late.name, self.channel.message_ids[0].body)
        with self.assertRaises(AccessError):
            self.bulletin.with_user(self.users["staff"]).action_send_now()
        # A supervisor sends it, but whose tickets it tells whom is the managers'.
        with self.assertRaises(AccessError):
            self.bulletin.with_user(self.users["supervisor"]).station_ids = False

    def test_to_another_system_without_customers(self):
        webhook = self.env["power.webhook"].create(
            {"name": "W", "url": "https://w.test", "key_id": "k", "secret": "s"}
        )
        self.bulletin.webhook_id = webhook
        late = self._create_promised()
        self._run(at(minutes=65))
        message = self.env["power.webhook.message"].search(
            [("webhook_id", "=", webhook.id)]
        )
        self.assertIn(late.name, message.content)
        self.assertNotIn(self.customer.name, message.content)
        (told,) = json.loads(message.content)["tickets"]
        self.assertEqual(told["deadline"], f"{late.deadline:%Y-%m-%dT%H:%M:%SZ}")

    def test_to_nobody_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "nobody"):
            self.bulletin.discuss_channel_id = False

    def test_one_that_fails_is_parked_and_holds_up_nobody(self):
        other = self.bulletin.copy({"next_at": MONDAY, "sequence": 99})
        late = self._create_promised()
        bad = self.bulletin
        original = type(bad)._prepare_body

        def break_one(bulletin, *args):
            if bulletin.id == bad.id:
                raise ValueError("broken words")
            return original(bulletin, *args)

        self.patch(type(bad), "_prepare_body", break_one)
        self._run(at(minutes=65))
        self.assertIn("broken words", bad.error)
        self.assertTrue(bad.activity_ids)
        self.assertFalse(other.error)
        self.assertIn(late.name, self.channel.message_ids[0].body)


@tagged("post_install", "-at_install")
class TestBoard(TickCommon, HttpCase):
    browser_size = "1366x768"

    def test_board(self):
        supervisor = self.users["supervisor"]
        supervisor.lang = "en_US"
        now = fields.Datetime.now()
        names = {"Late lamp": 90, "Risky lamp": 45, "Easy lamp": 0}
        for subject, minutes in names.items():
            with freeze_time(now - timedelta(minutes=minutes)):
                self._create_ticket(
                    subject=subject, channel="counter", user_id=supervisor.id
                )
        self.env["power.sla.clock"]._tick()
        self.start_tour(
            "/odoo/action-power_service_tickets.power_ticket_action_board",
            "power_ticket_board",
            login="test_supervisor",
            timeout=180,
        )

    def test_supervisors_see_it_by_station_and_person(self):
        action = self.env.ref(
            "power_service_tickets.power_ticket_action_board_by_person"
        )
        # No group of the search: each view has its own.
        self.assertNotIn("group", action.context)
        views = {line.view_mode: line.view_id for line in action.view_ids}
        groups = {
            mode: etree.fromstring(
                self.env["power.ticket"].get_view(view.id, mode)["arch"]
            ).get("default_group_by")
            for mode, view in views.items()
        }
        self.assertEqual(groups, {"list": "station_id,user_id", "kanban": "user_id"})
        menu = self.env.ref("power_service_tickets.power_ticket_menu_board_by_person")
        visible = self.env["ir.ui.menu"].with_user(self.users["supervisor"])
        self.assertIn(menu.id, visible._visible_menu_ids())
        visible = self.env["ir.ui.menu"].with_user(self.users["staff"])
        self.assertNotIn(menu.id, visible._visible_menu_ids())

    def test_the_first_countdown_is_seen_without_a_click(self):
        """Both levels are open, also of what nobody has; what was folded stays so."""
        supervisor = self.users["supervisor"]
        mine = self._create_promised(user_id=supervisor.id)
        nobodys = self._create_promised(user_id=False)
        action = self.env.ref(
            "power_service_tickets.power_ticket_action_board_by_person"
        )
        tickets = (
            self.env["power.ticket"]
            .with_user(supervisor)
            .with_context(**literal_eval(action.context))
        )
        domain = [("id", "in", (mine | nobodys).ids)]
        options = {
            "auto_unfold": True,
            "unfold_read_specification": {"deadline": {}},
        }
        (station,) = tickets.web_read_group(
            domain, ["station_id", "user_id"], **options
        )["groups"]
        shown = {
            record["id"]
            for person in station["__groups"]["groups"]
            for record in person["__records"]
        }
        self.assertEqual(shown, set((mine | nobodys).ids))
        folded = {
            "value": self.station.id,
            "folded": True,
            "limit": 80,
            "offset": 0,
            "groups": [],
        }
        (station,) = tickets.web_read_group(
            domain, ["station_id", "user_id"], opening_info=[folded], **options
        )["groups"]
        self.assertNotIn("__groups", station)

    def test_the_board_has_a_column_for_each_person(self):
        supervisor = self.users["supervisor"]
        supervisor.lang = "en_US"
        with freeze_time(fields.Datetime.now() - timedelta(minutes=90)):
            for user in (supervisor, self.users["staff"]):
                self._create_ticket(
                    subject="Late lamp", channel="counter", user_id=user.id
                )
        self.env["power.sla.clock"]._tick()
        self.start_tour(
            "/odoo/action-power_service_tickets.power_ticket_action_board_by_person",
            "power_ticket_board_by_person",
            login="test_supervisor",
            timeout=180,
        )

    def test_at_risk_and_overdue_are_found_as_shown(self):
        ticket = self._create_promised()
        for minutes, at_risk, overdue in (
            (10, False, False),
            (35, True, False),
            (61, False, True),
        ):
            with self.subTest(minutes=minutes), freeze_time(at(minutes=minutes)):
                self.env.invalidate_all()
                self.assertEqual(
                    (ticket.is_at_risk, ticket.is_overdue), (at_risk, overdue)
                )
                for name, wanted in (("is_at_risk", at_risk), ("is_overdue", overdue)):
                    found = ticket.search([(name, "=", True), ("id", "=", ticket.id)])
                    self.assertEqual(bool(found), wanted)
                    self.assertEqual(
                        bool(
                            ticket.search([(name, "=", False), ("id", "=", ticket.id)])
                        ),
                        not wanted,
                    )


@tagged("post_install", "-at_install")
class TestCountdown(HttpCase):
    """The unit tests of the countdown, in the browser."""

    def test_countdown(self):
        suite = "@power_service_tickets/countdown"
        number = 0
        for character in suite:
            number = ((number << 5) - number + ord(character)) & 0xFFFFFFFF
        self.browser_js(
            f"/web/tests?headless&loglevel=2&preset=desktop&timeout=15000&id={number:08x}",
            "",
            "",
            login="admin",
            timeout=300,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=unit_test_error_checker,
        )
