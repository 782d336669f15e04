"""Customers and the public with no good intentions, at portal and interfaces."""

import json
import re
from unittest.mock import patch

from lxml import html

from odoo.exceptions import AccessError, ConcurrencyError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.power_service_base.tests.test_portal import XSS

from .test_portal_tickets import PDF, PNG, SECRET, PortalTicketCommon, token

# What customers may read at all; each of the rest is closed by every interface.
OWN_MODELS = {"power.ticket", "power.connection"}
ACTIONS = ("message", "chase", "rate", "reopen")
READS = (
    ("search", ([],)),
    ("search_count", ([],)),
    ("search_read", ([], ["display_name"])),
    ("name_search", ("",)),
    ("formatted_read_group", ([], [], ["__count"])),
    ("web_read_group", ([], ["create_uid"])),
    ("web_search_read", ([], {"display_name": {}})),
    ("read", ([1], ["display_name"])),
    ("export_data", ([1], ["id"])),
)
WRITES = (
    ("write", ([1], {"company_id": 1})),
    ("create", ([{}],)),
    ("unlink", ([1],)),
    ("copy", ([1],)),
    ("web_save", ([1], {"company_id": 1}, {"display_name": {}})),
    ("name_create", ("x",)),
)


class AttackCommon(PortalTicketCommon):
    def _call(self, model, method, *args, **kwargs):
        """The answer of the web client's interface, and whether it was refused."""
        response = self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            data=json.dumps(
                {
                    "params": {
                        "model": model,
                        "method": method,
                        "args": list(args),
                        "kwargs": kwargs,
                    }
                }
            ),
            headers={"Content-Type": "application/json"},
        ).json()
        return response.get("result"), response.get("error")

    def _addon_models(self):
        return sorted(
            name
            for name, model in self.env.registry.items()
            if model._original_module == "power_service_tickets"
            and name.startswith("power.")
            and not model._abstract
        )

    def _snapshot(self, ticket):
        """All that a customer's deed could change of a ticket."""
        self.env.invalidate_all()
        return (
            ticket.read(["stage_id", "is_open", "cycle", "chase_count", "subject"]),
            ticket.event_ids.ids,
            ticket.satisfaction_ids.ids,
            ticket.message_ids.ids,
        )


@tagged("post_install", "-at_install")
class TestPortalTicketPages(AttackCommon):
    def _get_raw(self, path):
        return self.opener.get(
            self.base_url() + path, timeout=30, allow_redirects=False
        )

    def test_another_customers_request_is_as_one_that_does_not_exist(self):
        self.ticket_other._enter_event(
            "message", None, {"note": SECRET, "is_public": True}
        )
        file = self.env["ir.attachment"].create({"name": "a.pdf", "raw": PDF})
        self.ticket_other.message_post(
            body="x", subtype_xmlid="mail.mt_comment", attachment_ids=file.ids
        )
        self.ticket_other.answer("Done.", told_how="phone")
        before = self._snapshot(self.ticket_other)
        missing = self.env["power.ticket"].search([], order="id desc", limit=1).id + 999
        self._login()
        answers = []
        for ticket_id in (self.ticket_other.id, missing, 0, 2**31 - 1):
            base = f"/my/requests/{ticket_id}"
            found = [
                self._get_raw(base),
                self._get_raw(f"{base}?access_token=x"),
                self._get_raw(f"{base}/files/{file.id}"),
            ]
            for action in ACTIONS:
                data = {"token": token(), "text": "x", "mark": "1"}
                found.append(self._send(f"{base}/{action}", data, (), True))
            answers.append(
                [(r.status_code, r.headers.get("Location"), r.text) for r in found]
            )
        for answer in answers:
            self.assertEqual(answer, answers[0])
            self.assertTrue(all(status == 303 for status, _to, _text in answer))
        for path in ("/my/requests/-1", "/my/requests/x", f"/my/requests/{2**31}"):
            self.assertIn(self._get_raw(path).status_code, (303, 404))
        self.assertEqual(self._snapshot(self.ticket_other), before)

    def test_a_file_only_of_the_own_timeline(self):
        inside = self.env["ir.attachment"].create(
            {
                "name": "inside.pdf",
                "raw": PDF,
                "res_model": "power.ticket",
                "res_id": self.ticket.id,
            }
        )
        self.ticket.register_event(
            "noted", note="x", proof_ids=self._upload_proof().ids
        )
        proof = self.ticket.event_ids.proof_ids
        self.assertTrue(proof)
        theirs = self.env["ir.attachment"].create({"name": "b.pdf", "raw": PDF})
        self.ticket_other.message_post(
            body="x", subtype_xmlid="mail.mt_comment", attachment_ids=theirs.ids
        )
        self._login()
        for file in (inside, proof, theirs):
            for path in (
                f"/my/requests/{self.ticket.id}/files/{file.id}",
                f"/web/content/{file.id}",
                f"/web/content/{file.id}?access_token=x",
                f"/web/image/{file.id}",
                f"/web/content/ir.attachment/{file.id}/raw",
            ):
                with self.subTest(file=file.name, path=path):
                    response = self._get_raw(path)
                    self.assertNotIn(PDF, response.content)
                    self.assertNotEqual(
                        (response.status_code, response.content[:4]), (200, b"%PDF")
                    )

    def _upload_proof(self):
        return self.env["ir.attachment"].create({"name": "proof.pdf", "raw": PDF})

    def test_looking_changes_nothing(self):
        self.ticket.answer("Done.", told_how="phone")
        before = self._snapshot(self.ticket)
        count = self._count_requests()
        self._login()
        for action in ACTIONS:
            response = self._get_raw(
                f"/my/requests/{self.ticket.id}/{action}?text=x&mark=1&token={token()}"
            )
            self.assertIn(response.status_code, (404, 405))
        self._get_raw(f"/my/requests/new?type=fault&subject=x&token={token()}")
        response = self._get_raw("/my/requests/sharing?shared=yes")
        self.assertIn(response.status_code, (404, 405))
        self._get_raw(f"/my/requests/{self.ticket.id}?done=reopen&mark=1")
        self.assertEqual(self._snapshot(self.ticket), before)
        self.assertEqual(self._count_requests(), count)
        self.assertFalse(self.customer.power_shares_tickets)

    @mute_logger("odoo.http")
    def test_without_the_right_csrf_token_nothing_happens(self):
        self.ticket.answer("Done.", told_how="phone")
        before, count = self._snapshot(self.ticket), self._count_requests()
        self._login()
        for csrf in ({}, {"csrf_token": "wrong"}, {"csrf_token": "aao1"}):
            for path in (
                "/my/requests/new",
                "/my/requests/sharing",
                *(f"/my/requests/{self.ticket.id}/{action}" for action in ACTIONS),
            ):
                with self.subTest(path=path, csrf=csrf):
                    data = {
                        "type": "fault",
                        "subject": "x",
                        "text": "x",
                        "mark": "1",
                        "shared": "yes",
                        "token": token(),
                        **csrf,
                    }
                    response = self._send(path, data, (), False)
                    self.assertEqual(response.status_code, 400)
        self.assertEqual(self._snapshot(self.ticket), before)
        self.assertEqual(self._count_requests(), count)

    def test_a_link_opens_nothing_without_login(self):
        access_token = self.ticket._portal_ensure_token()
        self.env.flush_all()
        self.authenticate(None, None)
        for path in (
            f"/my/requests/{self.ticket.id}?access_token={access_token}",
            "/my/requests",
            "/my/requests/new?type=fault",
        ):
            response = self._get_raw(path)
            self.assertEqual(response.status_code, 303)
            self.assertIn("/web/login", response.headers["Location"])
        response = self._send(
            f"/my/requests/{self.ticket.id}/reopen", {"text": "x"}, (), True
        )
        self.assertIn(response.status_code, (303, 400))
        # Another's link is of no use to a customer either.
        self._login("test_portal_other")
        response = self._get_raw(
            f"/my/requests/{self.ticket.id}?access_token={access_token}"
        )
        self.assertTrue(response.headers["Location"].endswith("/my/requests"))
        self.assertFalse(self.ticket.satisfaction)

    def test_fields_that_the_form_does_not_have_are_ignored(self):
        self._login()
        ticket = self._made(
            self._new(
                partner_id=self.customer_other.id,
                reporter_id=self.customer_other.id,
                company_id=self.company_other.id,
                station_id=self.station_other.id,
                user_id=self.users["staff"].id,
                priority="2",
                is_open="0",
                state="x",
                received_at="2020-01-01 00:00:00",
                source_system="95598",
                external_ref="1",
                complaint_grade="major",
                is_upheld="yes",
                is_confidential="1",
                type_id=self.types["report"].id,
                stage_id="1",
                name="HACK",
                channel="regulator",
            )
        )
        self.assertRecordValues(
            ticket,
            [
                {
                    "partner_id": self.customer.id,
                    "reporter_id": self.customer.id,
                    "company_id": self.company.id,
                    "station_id": self.station.id,
                    "user_id": False,
                    "is_open": True,
                    "source_system": "portal",
                    "is_confidential": False,
                    "channel": "portal",
                    "type_id": self.types["complaint"].id,
                }
            ],
        )
        self.assertNotEqual(ticket.name, "HACK")
        self.assertGreater(ticket.received_at.year, 2020)

    def test_markup_is_text_everywhere(self):
        self.users["supervisor"].notification_type = "inbox"
        self._login()
        evil = f'{XSS}"><img src=x onerror=alert(1)>{{{{7*7}}}}'
        ticket = self._made(self._new(subject=evil[:100], description=evil))
        self._do(ticket, "message", text=evil, files=[(f"{XSS}.png", PNG)])
        self._do(ticket, "chase", text=evil)
        ticket.answer("Done.", told_how="phone")
        self._do(ticket, "rate", mark="5", text=evil)
        self._do(ticket, "reopen", text=evil)
        self.assertEqual(ticket.cycle, 2)
        for text in (
            self._page(ticket),
            self._get("/my/requests").text,
            self._get("/my/requests", search=evil).text,
            self._get("/my/requests/new", type=evil, supply_point=evil).text,
            self._do(ticket, "message", text=evil, token="x").text,
            self._new(subject=evil, phone=evil, category=evil).text,
        ):
            self.assertNotIn("<script>alert", text)
            self.assertFalse(html.fromstring(text).xpath("//img[@onerror]"))
        for message in ticket.message_ids:
            self.assertNotIn("<script", message.body or "")
            self.assertNotIn("<img src=x", message.body or "")

    def test_files_that_are_not_what_they_say_are_refused(self):
        self._login()
        count = self._count_requests()
        files = self.env["ir.attachment"].search_count([])
        for name, content, mimetype, message in (
            ("photo.jpg", b"MZ\x90\x00 program", "image/jpeg", "no photo and no PDF"),
            ("photo.png", b"<html><script>1</script>", "image/png", "no photo"),
            ("logo.svg", b"<svg onload='alert(1)'/>", "image/svg+xml", "no photo"),
            ("page.html", PNG, "image/png", "no photo"),
            ("run.exe", PNG, "image/png", "no photo"),
            ("notes.txt", b"hello", "image/png", "no photo"),
            ("empty.png", b"", "image/png", "is empty"),
            ("big.png", PNG + b"x" * (20 * 1024 * 1024), "image/png", "larger than 10"),
            (f"{XSS}.svg", b"<svg/>", "image/png", "no photo"),
        ):
            with self.subTest(name=name):
                file = (name, content, mimetype)
                response = self._new(files=[file])
                self.assertEqual(response.status_code, 200)
                self.assertIn(message, response.text)
                self.assertNotIn(XSS, response.text)
                response = self._do(self.ticket, "message", files=[file], text="x")
                self.assertIn(message, response.text)
        response = self._new(files=[(f"{n}.png", PNG) for n in range(6)])
        self.assertIn("Send 5 files at most", response.text)
        self.assertEqual(self._count_requests(), count)
        self.env.invalidate_all()
        self.assertEqual(self.env["ir.attachment"].search_count([]), files)
        self.assertFalse(self.ticket.event_ids.proof_ids)

    @mute_logger("odoo.http")
    def test_more_than_the_form_may_hold_is_refused_unread(self):
        self._login()
        count = self._count_requests()
        response = self._new(files=[("big.png", PNG + b"x" * (65 * 1024 * 1024))])
        self.assertEqual(response.status_code, 413)
        self.assertEqual(self._count_requests(), count)

    def test_types_and_points_of_others_are_refused(self):
        point, _contract = self._create_point(
            "3300000099", self.customer_other, self.area_foreign
        )
        hidden = self.env["power.ticket.type"].create(
            {"name": "Inside", "code": "inside", "is_portal": False}
        )
        self._login()
        count = self._count_requests()
        for data in (
            {"supply_point": point.id},
            {"supply_point": self.point_other.id},
            {"type": hidden.code},
            {"type": str(hidden.id)},
            {"type": ""},
        ):
            self._new(**data)
        hidden.write({"is_portal": True, "active": False})
        self._new(type=hidden.code)
        self.assertEqual(self._count_requests(), count)

    def test_two_at_once_are_told_to_come_again(self):
        """Whoever finds the key taken repeats the whole request, files too."""
        model = type(self.env["power.ticket"])
        claim, calls = model._claim_received, []

        def claim_second_time(tickets, rows):
            calls.append(rows)
            if len(calls) == 1:
                raise ConcurrencyError("The same request is being received right now.")
            return claim(tickets, rows)

        self._login()
        with (
            patch.object(model, "_claim_received", claim_second_time),
            mute_logger("odoo.service.model"),
        ):
            ticket = self._made(self._new(files=[("a.png", PNG)]))
        self.assertEqual(len(calls), 2)
        self.assertEqual(ticket.event_ids.proof_ids.raw, PNG)


@tagged("post_install", "-at_install")
class TestPortalTicketInterfaces(AttackCommon):
    @mute_logger("odoo.http", "odoo.models")
    def test_models_are_closed_or_show_own_rows_only(self):
        self._login()
        models = self._addon_models()
        self.assertGreater(len(models), 30)
        for model in models:
            for method, args in (*READS, *WRITES):
                if model in OWN_MODELS and (method, args) in READS:
                    continue
                with self.subTest(model=model, method=method):
                    result, error = self._call(model, method, *args)
                    # A model without a name answers False, and has made nothing.
                    nothing = method == "name_create" and result is False
                    self.assertTrue(error or nothing, result)
        readable = {
            model
            for model in models
            if self.env[model].with_user(self.portal).has_access("read")
        }
        self.assertEqual(readable, OWN_MODELS)

    def test_own_rows_by_every_way_of_reading(self):
        for model, own, others in self._get_rows():
            self._login()
            with self.subTest(model=model):
                self.assertEqual(self._call(model, "search", [])[0], own.ids)
                self.assertEqual(self._call(model, "search_count", [])[0], len(own))
                rows, _error = self._call(model, "search_read", [], ["display_name"])
                self.assertEqual([row["id"] for row in rows], own.ids)
                self.assertNotIn(SECRET, json.dumps(rows))
                names, _error = self._call(model, "name_search", "")
                self.assertEqual([row[0] for row in names], own.ids)
                for method, args in (
                    ("formatted_read_group", ([], [], ["__count"])),
                    ("formatted_read_group", ([], ["partner_id"], ["__count"])),
                ):
                    groups, _error = self._call(model, method, *args)
                    self.assertEqual(sum(g["__count"] for g in groups), len(own))
                found, _error = self._call(model, "search", [("id", "in", others.ids)])
                self.assertEqual(found, [])

    def _get_rows(self):
        """Each model with the rows that are the customer's and those that aren't."""
        connections = self.env["power.connection"]
        yield "power.ticket", self.ticket, self.ticket_other
        for point in (self.point, self.point_other):
            ticket = self._create_ticket("connection", supply_point_id=point.id)
            connections |= connections.search([("ticket_id", "=", ticket.id)])
        self.assertEqual(len(connections), 2)
        yield "power.connection", connections[0], connections[1]

    @mute_logger("odoo.http", "odoo.models")
    def test_someone_elses_rows_cannot_be_read_or_written(self):
        self._login()
        other, own = self.ticket_other, self.ticket
        for method, args in (
            ("read", (["name"],)),
            ("web_read", ({"display_name": {}},)),
            ("export_data", (["name"],)),
            ("get_portal_url", ()),
            ("rate", ("satisfied",)),
            ("message_post", ()),
            ("answer", ("x",)),
        ):
            with self.subTest(method=method):
                self.assertTrue(self._call("power.ticket", method, other.ids, *args)[1])
        for method, args in (
            ("write", ({"subject": "x"},)),
            ("unlink", ()),
            ("answer", ("x",)),
            ("close", ()),
            ("reopen", ("x",)),
            ("chase", ("x",)),
            ("cancel", ("x",)),
            ("dispatch", (None, 1)),
            ("register_event", ("noted",)),
            ("merge_into", (other.id,)),
            ("action_ask_rating", ()),
            ("submit_reply", ("x",)),
            ("_portal_reopen", ("x", token())),
            ("_portal_rate", (5, "")),
            ("_enter_rating", ("satisfied", "portal")),
        ):
            with self.subTest(method=method):
                before = self._snapshot(own)
                self.assertTrue(self._call("power.ticket", method, own.ids, *args)[1])
                self.assertEqual(self._snapshot(own), before)
        for method, args in (
            ("_portal_create", ({}, token())),
            ("receive", ({"type": "fault"},)),
            ("create", ([{"subject": "x"}],)),
        ):
            self.assertTrue(self._call("power.ticket", method, *args)[1])

    @mute_logger("odoo.http", "odoo.models")
    def test_fields_that_are_not_shown_are_closed_to_every_question(self):
        self._login()
        shown, _error = self._call("power.ticket", "fields_get")
        allowed = self.env["power.ticket"]._get_portal_fields()
        self.assertLessEqual(set(shown), allowed)
        own = self.ticket
        for name in (
            "accused_employee_ids",
            "activity_ids",
            "clock_ids",
            "complaint_grade",
            "event_ids",
            "first_contact_user_id",
            "is_confidential",
            "is_upheld",
            "merged_ids",
            "merged_into_id",
            "message_ids",
            "reply",
            "responsible_user_id",
            "review_state",
            "satisfaction_ids",
            "user_id",
            "access_token",
        ):
            with self.subTest(field=name):
                self.assertNotIn(name, shown)
                for method, args in (
                    ("read", (own.ids, [name])),
                    ("search_count", ([(name, "in", [1, 2])],)),
                    ("search_read", ([], [name])),
                    ("search", ([], 0, None, name)),
                    ("formatted_read_group", ([], [name], ["__count"])),
                    ("mapped", (own.ids, name)),
                    ("filtered_domain", (own.ids, [(name, "=", 1)])),
                ):
                    result, error = self._call("power.ticket", method, *args)
                    self.assertTrue(error, (method, result))

    @mute_logger("odoo.http", "odoo.models")
    def test_paths_through_relations_show_no_more(self):
        self._login()
        for model, domain in (
            ("power.ticket", [("event_ids.note", "ilike", "e")]),
            ("power.ticket", [("clock_ids.state", "=", "running")]),
            ("power.ticket", [("partner_id.power_main_contact_id", "!=", False)]),
            ("power.ticket", [("type_id.is_confidential", "=", True)]),
            ("res.partner", [("power_shares_tickets", "=", True)]),
            ("res.partner", [("power_main_contact_id", "!=", False)]),
            ("rating.rating", [("res_model", "=", "power.ticket")]),
            ("ir.attachment", [("res_model", "like", "power.ticket")]),
            ("mail.activity", [("res_model", "=", "power.ticket")]),
        ):
            with self.subTest(model=model, domain=domain):
                result, error = self._call(model, "search_count", domain)
                self.assertTrue(error or not result, result)

    @mute_logger("odoo.http", "odoo.models")
    def test_notes_and_messages_of_others_are_closed(self):
        self.ticket.message_post(body=SECRET, subtype_xmlid="mail.mt_note")
        self.ticket_other.message_post(body=SECRET, subtype_xmlid="mail.mt_comment")
        self._login()
        domain = [("model", "=", "power.ticket"), ("body", "ilike", SECRET)]
        result, error = self._call("mail.message", "search_count", domain)
        self.assertTrue(error or not result, result)
        result, error = self._call("mail.message", "search_read", domain, ["body"])
        self.assertTrue(error or not result, result)

    def test_the_public_has_nothing_to_ask(self):
        public = self.env.ref("base.public_user")
        for model in self._addon_models():
            for method in ("search", "search_count"):
                with self.subTest(model=model), self.assertRaises(AccessError):
                    getattr(self.env[model].with_user(public), method)([])
        self.authenticate(None, None)
        overview = self._get("/service").text
        self.assertIn("/my/requests/new", overview)
        self.assertIsNone(re.search(r"/my/requests/\d", overview))
