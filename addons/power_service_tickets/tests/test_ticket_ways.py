"""Ways to work on tickets: by stage, by message, by list, by another program."""

from ast import literal_eval

from lxml import etree

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_ticket_action import ActionCommon


@tagged("post_install", "-at_install")
class TestByStage(ActionCommon):
    def _stage(self, **vals):
        fault = self.types["fault"]
        return self.env["power.ticket.stage"].create(
            {"name": "Own stage", "sequence": 35, "type_ids": fault.ids, **vals}
        )

    def test_a_stage_without_milestone_moves_only(self):
        ticket = self._create_ticket("fault")
        stage = self._stage()
        ticket.with_user(self.staff).stage_id = stage
        self.assertEqual(ticket.stage_id, stage)
        moved = ticket.event_ids.filtered(lambda event: event.kind == "moved")
        self.assertEqual(moved.stage_id, stage)
        self.assertEqual(
            set(ticket.event_ids.milestone_id.mapped("code")), {"received"}
        )

    def test_a_pausing_stage_stops_the_clocks(self):
        ticket = self._create_ticket("enquiry")
        ticket.with_user(self.staff).stage_id = self.stages["waiting"]
        self.assertIn("paused", self._kinds(ticket))
        self.assertTrue(ticket.is_paused)
        self.assertEqual(ticket.clock_ids.state, "paused")

    def test_a_closing_stage_asks_for_what_closing_asks_for(self):
        ticket = self._create_ticket("enquiry")
        closed = self.types["enquiry"].stage_ids.filtered(
            lambda stage: stage.milestone_id.code == "closed"
        )
        with self.assertRaisesRegex(UserError, "no answer yet"):
            ticket.with_user(self.staff).stage_id = closed
        ticket.answer("Here it is")
        ticket.with_user(self.staff).stage_id = closed
        self.assertTrue(ticket.closed_at)
        self.assertEqual(ticket.stage_id, closed)

    def test_a_closing_stage_without_milestone_closes_nothing(self):
        ticket = self._create_ticket("fault")
        stage = self._stage(is_closed=True)
        with self.assertRaisesRegex(UserError, "cancel it or end its service"):
            ticket.with_user(self.staff).stage_id = stage
        self.assertTrue(ticket.is_open)


@tagged("post_install", "-at_install")
class TestByHand(ActionCommon):
    def test_transfer_matches_the_promises_again(self):
        own = self.env.ref("power_service_tickets.power_sla_policy_enquiry_answer")
        theirs = own.copy(
            {"name": "Quicker there", "station_ids": self.station_other.ids}
        )
        ticket = self._create_ticket("enquiry")
        self.assertEqual(self._clock(ticket, "answered").policy_id, own)
        ticket.with_user(self.staff).transfer("Theirs", self.station_other.id)
        self.assertEqual(self._clock(ticket, "answered").policy_id, theirs)

    def test_who_answers_first_was_asked_first(self):
        ticket = self._create_ticket("enquiry", channel="hotline")
        self.assertFalse(ticket.first_contact_user_id)
        ticket.with_user(self.staff).answer("Here it is")
        self.assertEqual(ticket.first_contact_user_id, self.staff)
        ticket.reopen("Not clear")
        ticket.with_user(self.colleague).answer("Once more")
        self.assertEqual(ticket.first_contact_user_id, self.staff)

    def test_a_report_is_guarded_as_a_complaint(self):
        quality = self.users["quality"]
        report = self._create_ticket("report")
        with self.assertRaisesRegex(UserError, "use Reclassify"):
            report.with_user(quality).type_id = self.types["opinion"]
        report.user_id = quality
        with self.assertRaisesRegex(UserError, "somebody else"):
            report.with_user(quality).reclassify(self.types["opinion"].id, "No bribe")
        report.user_id = False
        report.with_user(quality).reclassify(self.types["opinion"].id, "No bribe")
        self.assertEqual(report.type_id, self.types["opinion"])
        self.assertFalse(report.is_confidential)
        self.assertIn("reclassified", report.event_ids.mapped("kind"))

    def test_an_ended_ticket_keeps_its_type(self):
        ticket = self._create_ticket("enquiry")
        ticket.cancel("Twice")
        with self.assertRaisesRegex(UserError, "keeps its type"):
            ticket.with_user(self.supervisor).reclassify(
                self.types["opinion"].id, "An opinion"
            )
        self.assertEqual(ticket.type_id, self.types["enquiry"])

    def test_pitfall_15_no_message_is_an_answer_by_itself(self):
        ticket = self._create_ticket("enquiry")
        mine = ticket.with_user(self.staff)
        ways = {
            "mail": lambda: mine.message_post(
                body="Dear customer",
                partner_ids=self.customer.ids,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            ),
            "note": lambda: mine.message_post(body="Called", message_type="comment"),
            "event": lambda: mine.register_event("noted", note="Called"),
            "contact": lambda: mine.contact("Called"),
            "portal": lambda: ticket.sudo()._portal_message("And now?", "key"),
        }
        for name, way in ways.items():
            with self.subTest(name):
                way()
                self.assertFalse(ticket.answered_at)
                self.assertEqual(self._clock(ticket, "answered").state, "running")
        mine.answer("Here it is")
        self.assertTrue(ticket.answered_at)
        self.assertEqual(self._clock(ticket, "answered").state, "met")


@tagged("post_install", "-at_install")
class TestByList(ActionCommon):
    def test_pitfall_12_followers_of_another_company_break_no_list(self):
        partner = self.env["res.partner"].create(
            {"name": "Elsewhere", "company_id": self.company_other.id}
        )
        ticket = self._create_ticket("enquiry")
        ticket.message_subscribe(partner.ids)
        self.assertIn(partner, ticket.message_partner_ids)
        self.env.flush_all()
        self.env.invalidate_all()
        tickets = self.env["power.ticket"].with_user(self.staff)
        tickets = tickets.with_context(allowed_company_ids=self.company.ids)
        names = tickets.get_views([(False, "list")])["models"]["power.ticket"]["fields"]
        spec = {
            name: {"fields": {"display_name": {}}} if field.get("relation") else {}
            for name, field in names.items()
        }
        spec |= {"message_follower_ids": {}, "message_is_follower": {}}
        found = tickets.web_search_read([("id", "=", ticket.id)], spec)
        self.assertEqual([row["id"] for row in found["records"]], ticket.ids)

    def test_daily_watch_holds_what_is_to_be_watched(self):
        action = self.env.ref("power_service_tickets.power_ticket_action_watch")
        self.assertIn("search_default_watched", action.context)
        search = self.env["power.ticket"].get_view(view_type="search")["arch"]
        self.assertRegex(search, '<filter [^>]*name="watched"')
        late = self._create_ticket("fault")
        today = self._create_ticket("complaint")
        quiet = self._create_ticket("enquiry")
        late._project_write({"deadline": "2026-01-01 00:00:00"})
        domain = self._get_filter_domain(search, "watched")
        found = self.env["power.ticket"].search(domain)
        self.assertIn(late, found)
        self.assertIn(today, found)
        self.assertNotIn(quiet, found)

    def _get_filter_domain(self, arch, name):
        node = etree.fromstring(arch).xpath(f"//filter[@name='{name}']")[0]
        return literal_eval(node.get("domain"))

    def test_tickets_and_their_analysis_are_counted_in_pivot_and_graph(self):
        for name in ("power_ticket_action", "power_ticket_analysis_action"):
            with self.subTest(name):
                action = self.env.ref(f"power_service_tickets.{name}")
                for mode in ("pivot", "graph"):
                    self.assertIn(mode, action.view_mode.split(","))
                    arch = self.env[action.res_model].get_view(view_type=mode)["arch"]
                    self.assertIn("<field", arch)


@tagged("post_install", "-at_install")
class TestByProgram(ActionCommon):
    """What other programs send in wrong types is refused in words."""

    BAD = ("abc", -1, 10**12, 99999999, [1], {"id": 1}, object)

    def _assert_refused(self, call):
        try:
            with self.env.cr.savepoint():
                call()
        except (UserError, TypeError):
            return
        self.fail("It was taken.")

    def _get_calls(self, ticket, bad):
        return {
            "dispatch team": lambda: ticket.dispatch(team_id=bad),
            "dispatch user": lambda: ticket.dispatch(user_id=bad),
            "transfer": lambda: ticket.transfer("x", station_id=bad),
            "return_to": lambda: ticket.return_to(bad),
            "merge_into": lambda: ticket.merge_into(bad),
            "extend": lambda: ticket.extend(1, bad),
            "extend policy": lambda: ticket.extend(
                1, self.reasons["extended"].id, policy_id=bad
            ),
            "exempt": lambda: ticket.exempt(bad, "x"),
            "exempt policy": lambda: ticket.exempt(
                self.reasons["exempted"].id, "x", policy_id=bad
            ),
            "reclassify": lambda: ticket.reclassify(bad, "x"),
            "category": lambda: ticket.reclassify(
                self.types["opinion"].id, "x", category_id=bad
            ),
            "reason": lambda: ticket.pause("x", reason_id=bad),
            "cancel": lambda: ticket.cancel("x", reason_id=bad),
            "kind": lambda: ticket.register_event(bad),
            "milestone": lambda: ticket.register_event("milestone", milestone=bad),
            "at": lambda: ticket.register_event("noted", note="x", at=bad),
            "approval": lambda: ticket.ask_approval(str(bad), "x"),
            "charge": lambda: ticket.tell_charge(bad),
            "crew": lambda: ticket.send_crew(team_id=bad),
        }

    @mute_logger("odoo.sql_db")
    def test_wrong_types_are_refused_in_words(self):
        ticket = self._create_ticket("enquiry").with_user(self.supervisor)
        count = len(ticket.event_ids)
        # A category that isn't there is none, as an empty one.
        for bad in self.BAD:
            for name, call in self._get_calls(ticket, bad).items():
                if name == "category" and bad == 99999999:
                    continue
                with self.subTest(method=name, value=bad):
                    self._assert_refused(call)
        self.env.invalidate_all()
        self.assertEqual(len(ticket.event_ids), count)

    @mute_logger("odoo.sql_db")
    def test_words_keys_and_files_that_are_none(self):
        ticket = self._create_ticket("enquiry").with_user(self.supervisor)
        for bad in (5, ["x"], {"x": 1}):
            calls = {
                "contact": lambda bad=bad: ticket.contact(bad),
                "answer": lambda bad=bad: ticket.answer(bad),
                "chase": lambda bad=bad: ticket.chase(bad),
                "cancel": lambda bad=bad: ticket.cancel(bad),
                "explain": lambda bad=bad: ticket.explain(bad),
                "key": lambda bad=bad: ticket.chase("x", client_ref=bad),
            }
            for name, call in calls.items():
                with (
                    self.subTest(method=name, value=bad),
                    self.assertRaises(UserError),
                    self.env.cr.savepoint(),
                ):
                    call()
        for bad in ("abc", 5, ["abc"], {"x": 1}):
            with (
                self.subTest(files=bad),
                self.assertRaises(UserError),
                self.env.cr.savepoint(),
            ):
                ticket.explain("x", proof_ids=bad)
