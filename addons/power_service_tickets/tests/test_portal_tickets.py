"""Customers' own requests in the portal: seen, made, answered to, rated, reopened."""

import re
import uuid
from datetime import timedelta
from unittest.mock import patch

from lxml import html

from odoo import fields
from odoo.http import Request
from odoo.tests import freeze_time, new_test_user, tagged

from odoo.addons.power_service_base.tests.test_portal import XSS, PowerPortalCommon

from .common import TicketCommon

PNG = b"\x89PNG\r\n\x1a\n" + b"\x01" * 40
PDF = b"%PDF-1.7\n" + b"\x01" * 40
SECRET = "SECRET-88"


def token():
    return uuid.uuid4().hex


class PortalTicketCommon(PowerPortalCommon, TicketCommon):
    """``portal`` is a household, ``clerk`` and ``boss`` work for an organisation."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.station.manager_id = cls.users["supervisor"].employee_ids
        cls.organisation = cls.env["res.partner"].create(
            {"name": "Tea Factory", "is_company": True, "is_power_customer": True}
        )
        cls.point_factory, _contract = cls._create_point("3300000010", cls.organisation)
        cls.boss, cls.clerk = (
            new_test_user(cls.env, login=f"test_{name}", groups="base.group_portal")
            for name in ("boss", "clerk")
        )
        for user in (cls.boss, cls.clerk):
            user.partner_id.write(
                {"parent_id": cls.organisation.id, "name": user.login}
            )
        cls.organisation.power_main_contact_id = cls.boss.partner_id
        cls.ticket = cls._create_ticket(
            "complaint", subject="Meter reads wrong", channel="phone"
        )
        cls.ticket_other = cls._create_ticket(
            "complaint",
            subject=f"{SECRET} of Li Na",
            supply_point_id=cls.point_other.id,
        )
        cls.env.flush_all()

    def _new(self, csrf=True, files=(), **data):
        """Send the form of a new request; what isn't given is good."""
        data = {
            "type": "complaint",
            "subject": "Lights flicker",
            "description": "Every evening",
            "phone": "13800000001",
            "token": token(),
            **data,
        }
        return self._send("/my/requests/new", data, files, csrf)

    def _do(self, ticket, action, csrf=True, files=(), **data):
        data = {"token": token(), **data}
        return self._send(f"/my/requests/{ticket.id}/{action}", data, files, csrf)

    def _send(self, path, data, files, csrf):
        if csrf:
            data["csrf_token"] = Request.csrf_token(self)
        response = self.opener.post(
            self.base_url() + path,
            data=data,
            files=[("files", file) for file in files] or None,
            timeout=60,
            allow_redirects=False,
        )
        self.env.invalidate_all()
        return response

    def _made(self, response):
        """The ticket that a form has made."""
        self.assertEqual(response.status_code, 303, response.text[-2000:])
        found = re.search(r"/my/requests/(\d+)\?done=", response.headers["Location"])
        return self.env["power.ticket"].browse(int(found.group(1)))

    def _page(self, ticket):
        return self._get(f"/my/requests/{ticket.id}").text

    def _listed(self, **params):
        tree = self._tree("/my/requests", **params)
        return set(tree.xpath("//tbody//td[1]/a/text()"))

    def _count_requests(self):
        return self.env["power.ticket"].search_count([])


@tagged("post_install", "-at_install")
class TestPortalTickets(PortalTicketCommon):
    def test_home_counts_only_what_is_asked(self):
        self._login()
        answer = self.make_jsonrpc_request("/my/counters", {"counters": []})
        self.assertNotIn("power_ticket_count", answer)
        answer = self.make_jsonrpc_request(
            "/my/counters", {"counters": ["power_ticket_count"]}
        )
        self.assertEqual(answer["power_ticket_count"], 1)
        self.assertIn("/my/requests/new", self._get("/my").text)

    def test_list_filters_searches_and_sorts(self):
        closed = self._create_ticket("enquiry", subject="Price", channel="phone")
        closed.answer("0.538 yuan")
        closed.close()
        self._login()
        self.assertEqual(self._listed(), {"Meter reads wrong", "Price"})
        self.assertEqual(self._listed(filterby="open"), {"Meter reads wrong"})
        self.assertEqual(self._listed(filterby="closed"), {"Price"})
        self.assertEqual(self._listed(search="meter"), {"Meter reads wrong"})
        self.assertEqual(self._listed(search=self.ticket_other.name), set())
        self.assertEqual(self._listed(search="Li Na"), set())
        for word in ("100%", "'", XSS):
            self.assertEqual(self._listed(search=word), set())
        for word in ("\\", "_", "%", "\x00"):
            self.assertLessEqual(
                self._listed(search=word), {"Meter reads wrong", "Price"}
            )
        for order in ("date", "oldest", "subject", "x; DROP TABLE", XSS):
            self.assertEqual(len(self._listed(sortby=order, filterby=order)), 2)

    def test_newest_is_by_when_it_was_received_not_entered(self):
        with freeze_time(fields.Datetime.now() - timedelta(days=3)):
            self._create_ticket("enquiry", subject="Earlier", channel="phone")
        self._login()
        for order, expected in (
            ("date", ["Meter reads wrong", "Earlier"]),
            ("oldest", ["Earlier", "Meter reads wrong"]),
        ):
            tree = self._tree("/my/requests", sortby=order)
            with self.subTest(order=order):
                self.assertEqual(tree.xpath("//tbody//td[1]/a/text()"), expected)

    def test_list_has_pages(self):
        self.env["power.ticket"].create(
            [
                {
                    "subject": f"Number {number:02d}",
                    "type_id": self.types["enquiry"].id,
                    "supply_point_id": self.point.id,
                }
                for number in range(24)
            ]
        )
        self._login()
        first = self._tree("/my/requests").xpath("//tbody//td[1]/a/text()")
        second = self._tree("/my/requests/page/2").xpath("//tbody//td[1]/a/text()")
        self.assertEqual((len(first), len(second)), (20, 5))
        self.assertFalse(set(first) & set(second))
        for path in ("/my/requests/page/0", "/my/requests/page/999"):
            self.assertEqual(self._get(path).status_code, 200)

    def test_list_and_home_cost_the_same_for_one_and_for_twenty(self):
        self._login()
        self._get("/my/requests")
        one = self._count_queries("/my/requests")
        for number in range(15):
            self._create_ticket("complaint", subject=f"More {number}", channel="phone")
        self.env.flush_all()
        self.assertLessEqual(self._count_queries("/my/requests"), one)

    def test_page_shows_number_state_promise_and_answer(self):
        self._login()
        clock = self._clock(self.ticket, "answered")
        text = self._page(self.ticket)
        tree = html.fromstring(text)
        self.assertIn(self.ticket.name, text)
        state = tree.find_class("o_power_ticket_state")[0].text_content().strip()
        self.assertEqual(state, "Received by us")
        promises = tree.find_class("o_power_promises")[0].text_content()
        self.assertIn("You have our answer", promises)
        # The station's time, not the server's.
        local = fields.Datetime.context_timestamp(
            self.ticket.with_context(tz="Asia/Shanghai"), clock.deadline
        )
        self.assertIn(f"{local.hour % 12}:{local.minute:02d}", promises)
        self.ticket.with_user(self.users["staff"]).contact("Internal: angry caller")
        self.ticket.with_user(self.users["staff"]).answer("We changed the meter.")
        self.env.flush_all()
        text = self._page(self.ticket)
        self.assertNotIn("We changed the meter.", text)
        self.assertNotIn("Our answer", text)
        self.ticket.with_user(self.users["supervisor"]).review(True, True, True)
        self.env.flush_all()
        text = self._page(self.ticket)
        self.assertIn("We changed the meter.", text)
        self.assertIn("We contacted you", text)
        self.assertNotIn("angry caller", text)
        state = html.fromstring(text).find_class("o_power_ticket_state")[0]
        self.assertEqual(state.text_content().strip(), "Answered")

    def test_what_the_station_keeps_to_itself_is_not_shown(self):
        staff = self.users["staff"]
        ticket = self.ticket.with_user(staff)
        ticket.message_post(body=f"{SECRET} note", subtype_xmlid="mail.mt_note")
        ticket.register_event("noted", note=f"{SECRET} event")
        self.ticket._project_write(
            {
                "responsible_user_id": staff.id,
                "accused_employee_ids": staff.employee_ids.ids,
            }
        )
        self.env["ir.attachment"].create(
            {
                "name": f"{SECRET}.txt",
                "raw": b"x",
                "res_model": "power.ticket",
                "res_id": self.ticket.id,
            }
        )
        ticket.dispatch(user_id=self.users["field"].id, note=f"{SECRET} dispatch")
        ticket.submit_reply(f"{SECRET} draft")
        self._login()
        text = self._page(self.ticket)
        for hidden in (
            SECRET,
            "Employee",
            staff.login,
            self.users["field"].login,
            "review",
            "esponsib",
            "Dispatched",
        ):
            self.assertNotIn(hidden, text)

    def test_what_the_customer_wrote_by_mail_is_shown(self):
        self.ticket._enter_event("message", None, {"note": "Sent by e-mail"})
        self.ticket.message_post(
            body="Sent by e-mail",
            message_type="email",
            subtype_xmlid="mail.mt_comment",
            author_id=self.customer.id,
        )
        self._login()
        text = self._page(self.ticket)
        self.assertIn("Your message", text)
        self.assertEqual(text.count("Sent by e-mail"), 1)

    def test_messages_and_files_given_to_the_customer_are_shown(self):
        file = self.env["ir.attachment"].create(
            {"name": "Test report.pdf", "raw": PDF, "res_id": 0}
        )
        self.ticket.message_post(
            body="The meter was tested.",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            attachment_ids=file.ids,
            author_id=self.users["staff"].partner_id.id,
        )
        self._login()
        text = self._page(self.ticket)
        self.assertIn("The meter was tested.", text)
        self.assertIn("From your supply station", text)
        self.assertIn("Test report.pdf", text)
        response = self._get(f"/my/requests/{self.ticket.id}/files/{file.id}")
        self.assertEqual(response.content, PDF)
        self.assertIn("attachment", response.headers["Content-Disposition"])
        self.assertEqual(response.headers["X-Content-Type-Options"], "nosniff")

    def test_merged_tickets_show_nothing_of_each_other(self):
        mine = self._create_ticket("fault", subject="Dark here", channel="phone")
        other = self._create_ticket(
            "fault",
            subject=f"{SECRET} street",
            description=SECRET,
            partner_id=self.customer_other.id,
            supply_point_id=False,
            station_id=self.station.id,
            received_at=mine.received_at - timedelta(minutes=5),
        )
        mine.merge_into(other.id, note=f"{SECRET} the same")
        other.answer("Wire mended.")
        self._login()
        text = self._page(mine)
        self.assertIn("Handled together with another report", text)
        self.assertIn("Wire mended.", text)
        for hidden in (SECRET, other.name, "Li Na"):
            self.assertNotIn(hidden, text)
        self._login("test_portal_other")
        text = self._page(other)
        for hidden in ("Dark here", mine.name, "Wang Wei"):
            self.assertNotIn(hidden, text)


@tagged("post_install", "-at_install")
class TestPortalTicketNew(PortalTicketCommon):
    def test_in_danger_the_number_is_there(self):
        self.station.hotline = "0873-6270001"
        self._login()
        self.assertIn('href="tel:0873-6270001"', self._get("/my/requests/new").text)

    def test_types_of_the_portal_are_offered(self):
        self.types["praise"].is_portal = False
        self._login()
        text = self._get("/my/requests/new").text
        self.assertIn("type=complaint", text)
        self.assertNotIn("type=praise", text)
        text = self._get("/my/requests/new", type="complaint").text
        self.assertIn(self.point.name, text)
        self.assertNotIn(self.point_other.name, text)
        self.assertNotIn(
            "ticket_subject", self._get("/my/requests/new", type="praise").text
        )
        before = self._count_requests()
        self._new(type="praise")
        self.assertEqual(self._count_requests(), before)

    def test_a_request_with_photos(self):
        self._login()
        category = self.env["power.ticket.category"].search(
            [("type_id", "=", self.types["complaint"].id), ("child_ids", "=", False)],
            limit=1,
        )
        ticket = self._made(
            self._new(
                category=category.id,
                supply_point=self.point.id,
                files=[("pole.png", PNG), ("bill.pdf", PDF)],
            )
        )
        self.assertRecordValues(
            ticket,
            [
                {
                    "subject": "Lights flicker",
                    "description": "Every evening",
                    "type_id": self.types["complaint"].id,
                    "category_id": category.id,
                    "channel": "portal",
                    "partner_id": self.customer.id,
                    "reporter_id": self.customer.id,
                    "supply_point_id": self.point.id,
                    "station_id": self.station.id,
                    "contact_phone": "+8613800000001",
                    "first_contact_user_id": False,
                }
            ],
        )
        event = ticket.event_ids.filtered(lambda event: event.kind == "message")
        self.assertEqual(event.user_id, self.portal)
        self.assertEqual(set(event.proof_ids.mapped("name")), {"pole.png", "bill.pdf"})
        self.assertTrue(all(event.proof_ids.mapped("power_sha256")))
        self.assertTrue(self._clock(ticket, "answered").deadline)
        text = self._page(ticket)
        self.assertIn("pole.png", text)
        photo = event.proof_ids.filtered(lambda file: file.name == "pole.png")
        response = self._get(f"/my/requests/{ticket.id}/files/{photo.id}")
        self.assertEqual(response.content, PNG)

    def test_sent_twice_makes_one(self):
        self._login()
        before = self._count_requests()
        key = token()
        first = self._made(self._new(token=key, files=[("a.png", PNG)]))
        second = self._made(self._new(token=key, files=[("a.png", PNG)]))
        self.assertEqual(first, second)
        self.assertEqual(self._count_requests(), before + 1)
        messages = first.event_ids.filtered(lambda event: event.kind == "message")
        self.assertEqual(len(messages.proof_ids), 1)
        # Another's form with the same key is another's.
        self._login("test_portal_other")
        self.assertNotEqual(self._made(self._new(token=key)), first)

    def test_what_is_wrong_is_said_and_nothing_is_lost(self):
        self._login()
        before = self._count_requests()
        for data, message in (
            ({"subject": " "}, "Say in a few words"),
            ({"subject": "x" * 101}, "too long"),
            ({"description": "x" * 5001}, "too long"),
            ({"phone": "12"}, "no phone number"),
            ({"category": "abc"}, "Choose one of the list"),
            ({"category": "99999999999999"}, "Choose one of the list"),
            ({"category": self._category("fault").id}, "Choose one of the list"),
            ({"supply_point": self.point_other.id}, "one of your supply points"),
            ({"supply_point": "-1"}, "one of your supply points"),
            ({"token": "short"}, "send the form again"),
        ):
            with self.subTest(data=data):
                response = self._new(**data)
                self.assertEqual(response.status_code, 200)
                self.assertIn(message, response.text)
                if "description" not in data:
                    self.assertIn("Every evening", response.text)
        self.assertEqual(self._count_requests(), before)

    def _category(self, code):
        return self.env["power.ticket.category"].search(
            [("type_id", "=", self.types[code].id)], limit=1
        )

    def test_known_interruptions_are_told_before(self):
        def known(tickets, point):
            if point.name != self.point.name:
                return []
            return [
                {
                    "kind": "outage",
                    "text": "Pole 7 is being changed",
                    "until": fields.Datetime.to_datetime("2026-03-02 07:00:00"),
                }
            ]

        model = type(self.env["power.ticket"])
        with patch.object(model, "_get_known_interruption", known):
            self._login()
            text = self._get("/my/requests/new", type="fault").text
            self.assertIn("Pole 7 is being changed", text)
            self.assertIn("3:00", text)
            # Many points: told when one was chosen, once.
            limit = (
                "odoo.addons.power_service_tickets.controllers.portal_tickets"
                ".MAX_TOLD_POINTS"
            )
            with patch(limit, 0):
                text = self._get("/my/requests/new", type="fault").text
                self.assertNotIn("Pole 7", text)
                response = self._new(type="fault", supply_point=self.point.id)
                self.assertIn("Pole 7 is being changed", response.text)
            ticket = self._made(
                self._new(type="fault", supply_point=self.point.id, told="1")
            )
            self.assertEqual(ticket.type_code, "fault")

    def test_too_many_a_day_are_refused(self):
        self.env.ref("power_service_base.power_limit_shared").portal_max_tickets = 2
        self._login()
        self._made(self._new())
        self._made(self._new())
        before = self._count_requests()
        self.assertIn("within a day", self._new().text)
        self.assertEqual(self._count_requests(), before)

    def test_someone_who_is_no_customer_yet_may_ask(self):
        new_test_user(self.env, login="test_nobody", groups="base.group_portal")
        self._login("test_nobody")
        self.assertIn("no request yet", self._get("/my/requests").text)
        ticket = self._made(self._new(type="enquiry", phone=""))
        self.assertEqual(ticket.partner_id.name, "test_nobody (base.group_portal)")
        self.assertIn("Lights flicker", self._page(ticket))

    def test_an_employee_sees_only_the_own_requests_there(self):
        self._login("test_staff")
        self.assertEqual(self._listed(), set())
        self.assertTrue(
            self._get(f"/my/requests/{self.ticket.id}").url.endswith("/my/requests")
        )


@tagged("post_install", "-at_install")
class TestPortalTicketActions(PortalTicketCommon):
    def _answer(self, ticket=None):
        ticket = ticket or self.ticket
        ticket.with_user(self.users["staff"]).answer("Done.", told_how="phone")
        self.env.flush_all()

    def test_write_and_add_files(self):
        self._login()
        key = token()
        for _time in range(2):
            response = self._do(
                self.ticket,
                "message",
                token=key,
                text="It is worse today",
                files=[("a.png", PNG)],
            )
            self.assertEqual(response.status_code, 303)
        event = self.ticket.event_ids.filtered(lambda event: event.kind == "message")
        self.assertRecordValues(
            event,
            [
                {
                    "note": "It is worse today",
                    "user_id": self.portal.id,
                    "is_public": True,
                }
            ],
        )
        self.assertEqual(event.proof_ids.raw, PNG)
        told = self.env["mail.message"].search(
            [("model", "=", "power.ticket"), ("res_id", "=", self.ticket.id)]
        )
        self.assertIn(self.users["supervisor"].partner_id, told.partner_ids)
        text = self._page(self.ticket)
        self.assertEqual(text.count("It is worse today"), 1)
        self.assertIn("Write something", self._do(self.ticket, "message").text)

    def test_nothing_is_written_to_a_closed_request(self):
        self._answer()
        self.ticket.with_user(self.users["supervisor"]).review(True, True, True)
        self.ticket.sudo()._enter_event(
            "cancelled", None, {"note": "by mistake"}, allow_closed=True
        )
        self._login()
        self.assertIn("is closed", self._do(self.ticket, "message", text="x").text)
        text = self._page(self.ticket)
        self.assertNotIn("/message", text)
        self.assertNotIn("by mistake", text)

    def test_writing_lets_a_waiting_request_go_on(self):
        self.ticket.with_user(self.users["staff"]).pause("Waiting for the bill")
        self.env.flush_all()
        self._login()
        self.assertNotIn("Waiting for the bill", self._page(self.ticket))
        self._do(self.ticket, "message", text="Here is the bill")
        self.assertFalse(self.ticket.is_paused)
        self.assertEqual(self._clock(self.ticket, "answered").state, "running")

    def test_who_asks_again_reads_who_was_told(self):
        self._login()
        self.ticket.user_id = False
        path = f"/my/requests/{self.ticket.id}?done=chase"
        text = self._get(path).text
        self.assertIn("We told your supply station.", text)
        self.assertIn("We remind your supply station.", text)
        self.assertNotIn("who handles it", text)
        self.ticket.user_id = self.users["staff"]
        self.env.flush_all()
        text = self._get(path).text
        self.assertIn("We told who handles it.", text)
        self.assertNotIn("We told your supply station.", text)

    def test_the_state_s_colour_warns_of_nothing(self):
        def get_colours():
            self.env.flush_all()
            page = html.fromstring(self._page(self.ticket))
            row = self._tree("/my/requests").xpath(
                f"//tr[.//a[contains(@href, '/{self.ticket.id}')]]"
            )
            return [
                node.xpath(".//span[contains(@class, 'badge')]/@class")[-1]
                for node in (page.find(".//main"), row[0])
            ]

        self._login()
        for colour in get_colours():
            self.assertIn("text-bg-info", colour)
        enquiry = self._create_ticket("enquiry", subject="Price", channel="phone")
        enquiry.answer("0.538 yuan")
        enquiry.close()
        self.assertEqual(enquiry._get_portal_state_class(), "text-bg-success")
        self.ticket._enter_event("cancelled", None, {"note": "by mistake"})
        for colour in get_colours():
            self.assertIn("text-bg-light", colour)

    def test_chase_is_counted_and_limited(self):
        self._login()
        key = token()
        self._do(self.ticket, "chase", token=key, text="Please hurry")
        self._do(self.ticket, "chase", token=key, text="Please hurry")
        self.assertEqual(self.ticket.chase_count, 1)
        self._do(self.ticket, "chase")
        self.assertEqual(self.ticket.chase_count, 2)
        self.assertIn("call the hotline", self._do(self.ticket, "chase").text)
        self.assertEqual(self.ticket.chase_count, 2)
        text = self._page(self.ticket)
        self.assertIn("Please hurry", text)
        self.assertNotIn("/chase", text)

    def test_rate_once_per_cycle_in_the_one_figure(self):
        self._login()
        self.assertIn(
            "when it is answered", self._do(self.ticket, "rate", mark="5").text
        )
        self._answer()
        for mark in ("", "0", "6", "-1", "4.5", "x"):
            response = self._do(self.ticket, "rate", mark=mark)
            self.assertIn("Choose one of the five", response.text)
        self.assertFalse(self.ticket.satisfaction)
        self._do(self.ticket, "rate", mark="4", text="Quick")
        self.assertRecordValues(
            self.ticket.satisfaction_ids,
            [
                {
                    "satisfaction": "satisfied",
                    "source": "portal",
                    "note": "Quick",
                    "score": 100,
                    "cycle": 1,
                }
            ],
        )
        rating = self.env["rating.rating"].search(
            [("res_model", "=", "power.ticket"), ("res_id", "=", self.ticket.id)]
        )
        self.assertRecordValues(
            rating, [{"rating": 4, "consumed": True, "partner_id": self.customer.id}]
        )
        # What was said stays to be read, with what was written.
        rated = html.fromstring(self._page(self.ticket)).get_element_by_id("rated")
        words = rated.text_content().split()
        self.assertEqual(words, ["Your", "rating", "Satisfied", "Quick"])
        self.assertIn("rated already", self._do(self.ticket, "rate", mark="1").text)
        self._do(self.ticket, "reopen", text="Dark again")
        self.assertNotIn('id="rated"', self._page(self.ticket))
        self._answer()
        self._do(self.ticket, "rate", mark="2")
        self.assertEqual(
            self.ticket.satisfaction_ids.sorted("cycle").mapped("satisfaction"),
            ["satisfied", "unsatisfied"],
        )

    def test_ended_after_an_answer_is_not_without_one(self):
        self._login()
        vals = {"type_id": self.types["enquiry"].id, "category_id": False}
        answered, other = (self.ticket.copy(vals) for _number in range(2))
        self._answer(answered)
        (answered | other).cancel("Not needed")
        self.env.flush_all()
        self.assertNotIn("without an answer", self._page(answered))
        self.assertIn("Ended without an answer", self._page(other))

    def test_reopen_with_a_reason_within_the_days(self):
        self._login()
        self.assertIn(
            "make a new request", self._do(self.ticket, "reopen", text="x").text
        )
        self._answer()
        self.assertIn("Say why", self._do(self.ticket, "reopen", text=" ").text)
        key = token()
        self._do(self.ticket, "reopen", token=key, text="Dark again")
        self._do(self.ticket, "reopen", token=key, text="Dark again")
        self.assertEqual(self.ticket.cycle, 2)
        self.assertTrue(self.ticket.is_open)
        self.assertTrue(self._clock(self.ticket, "answered", cycle=2))
        text = self._page(self.ticket)
        self.assertIn("Opened again", text)
        self.assertIn("Dark again", text)
        self._answer()
        self.env.ref("power_service_base.power_limit_shared").reopen_days = 0
        self.assertNotIn("/reopen", self._page(self.ticket))
        self.assertIn(
            "make a new request", self._do(self.ticket, "reopen", text="x").text
        )
        self.assertEqual(self.ticket.cycle, 2)
