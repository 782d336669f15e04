"""Buttons, lists and columns that only views decide about."""

from ast import literal_eval

from lxml import etree

from odoo.tests import HttpCase, tagged
from odoo.tools.safe_eval import safe_eval

from .test_ticket_action import ActionCommon


class ViewCommon(ActionCommon):
    def _get_arch(self, xmlid, user=None, lang="en_US"):
        view = self.env.ref(f"power_service_tickets.{xmlid}")
        model = self.env[view.model].with_user(user or self.staff)
        model = model.with_context(lang=lang)
        return etree.fromstring(model.get_view(view.id)["arch"])


@tagged("post_install", "-at_install")
class TestButtons(ViewCommon):
    def _is_shown(self, ticket, name, user=None):
        """Whether the user sees the form's button for an entry."""
        arch = self._get_arch("power_ticket_view_form", user)
        buttons = arch.xpath(f"//header/button[contains(@class, 'power_entry_{name}')]")
        if not buttons:
            return False
        (button,) = buttons
        self.assertEqual(literal_eval(button.get("context")), {"power_entry": name})
        values = {field: ticket[field] for field in self._fields_of(button)}
        return not safe_eval(button.get("invisible"), values)

    def _fields_of(self, button):
        words = compile(button.get("invisible"), "button", "eval").co_names
        return [word for word in words if word in self.env["power.ticket"]._fields]

    def test_answer_is_there_from_the_crews_arrival(self):
        """Nobody at a desk has to accept a ticket that a crew was sent for."""
        ticket = self._create_ticket("fault").with_user(self.staff)
        self.assertFalse(self._is_shown(ticket, "answer"))
        ticket.send_crew(user_id=self.users["field"].id)
        self.assertFalse(ticket.accepted_at)
        self.assertFalse(self._is_shown(ticket, "answer"))
        ticket.arrive()
        self.assertFalse(ticket.accepted_at)
        self.assertTrue(self._is_shown(ticket, "answer"))
        ticket.answer("Fuse replaced")
        self.assertFalse(self._is_shown(ticket, "answer"))

    def test_answer_is_there_from_restoration_only(self):
        ticket = self._create_ticket("fault").with_user(self.staff)
        ticket.restore()
        self.assertTrue(self._is_shown(ticket, "answer"))

    def test_a_crew_is_sent_for_what_it_can_do(self):
        for code, shown in (("fault", True), ("praise", False), ("report", False)):
            with self.subTest(code):
                ticket = self._create_ticket(code)
                self.assertEqual(self._is_shown(ticket, "send_crew"), shown)

    def test_contact_is_asked_for_on_complaints_once(self):
        ticket = self._create_ticket("complaint").with_user(self.staff)
        self.assertFalse(self._is_shown(ticket, "contact"))
        ticket.accept()
        self.assertTrue(self._is_shown(ticket, "contact"))
        self.assertFalse(self._is_shown(ticket, "contact", self.users["field"]))
        ticket.contact("Called, comes tomorrow")
        self.assertFalse(self._is_shown(ticket, "contact"))
        enquiry = self._create_ticket("enquiry").with_user(self.staff)
        enquiry.accept()
        self.assertFalse(self._is_shown(enquiry, "contact"))

    def test_contact_is_in_the_menu_of_every_ticket(self):
        ticket = self._create_ticket("enquiry").with_user(self.staff)
        action = self.env.ref(
            "power_service_tickets.power_ticket_server_action_contact"
        )
        bound = self.env["ir.actions.actions"].with_user(self.staff)
        bound = bound.get_bindings("power.ticket")["action"]
        self.assertIn(action.id, [item["id"] for item in bound])
        opened = action.with_user(self.staff)
        opened = opened.with_context(active_model="power.ticket", active_ids=ticket.ids)
        opened = opened.run()
        self.assertEqual(opened["context"]["default_action"], "contact")
        self.assertEqual(opened["context"]["default_ticket_ids"], ticket.ids)

    def test_the_menu_offers_what_can_be_done(self):
        fault = self._create_ticket("fault")
        self.assertEqual(
            set(fault.offered_entries),
            {"contact", "arrive", "restore", "pause", "cancel", "merge", "reclassify"}
            | {"end_service", "extend", "exempt", "explain", "link_repeat"},
        )
        enquiry = self._create_ticket("enquiry")
        self.assertNotIn("merge", enquiry.offered_entries)
        self.assertNotIn("restore", enquiry.offered_entries)
        enquiry.pause("The customer looks for the contract")
        self.assertNotIn("pause", enquiry.offered_entries)
        enquiry.answer("Here it is")
        self.assertNotIn("extend", enquiry.offered_entries)
        enquiry.close()
        self.assertEqual(
            set(enquiry.offered_entries), {"exempt", "explain", "link_repeat"}
        )
        self.assertNotIn("exempt", self._create_ticket("praise").offered_entries)
        closed = self._create_ticket("enquiry", is_confidential=True)
        self.assertIn("disclose", closed.offered_entries)
        self.assertNotIn("disclose", self._create_ticket("report").offered_entries)

    def test_each_action_of_the_menu_says_what_it_opens(self):
        bound = self.env["ir.actions.actions"].get_bindings("power.ticket")["action"]
        ours = self.env["ir.actions.server"].search([("power_entry", "!=", False)])
        known = dict(self.env["power.ticket.entry"]._fields["action"].selection)
        offered = self._create_ticket()._get_offered_entries()
        found = {item["power_entry"]: item for item in bound if item["id"] in ours.ids}
        self.assertEqual(set(found), set(ours.mapped("power_entry")))
        self.assertGreaterEqual(known.keys(), found.keys())
        for entry, item in found.items():
            if "form" in item["binding_view_types"].split(","):
                self.assertIn(entry, offered)
        form = [
            action
            for action in self.env["ir.actions.server"].search(
                [("binding_model_id.model", "=", "power.ticket")]
            )
            if "power_entry" in (action.code or "")
        ]
        self.assertEqual({action.id for action in form}, set(ours.ids))


@tagged("post_install", "-at_install")
class TestMenuTour(ActionCommon, HttpCase):
    def test_the_gear_menu_follows_the_ticket(self):
        ticket = self._create_ticket("enquiry")
        self.start_tour(
            f"/odoo/power.ticket/{ticket.id}",
            "power_ticket_menu_open",
            login="test_supervisor",
        )
        self.assertEqual(ticket.ended_by, "cancelled")


@tagged("post_install", "-at_install")
class TestPersons(ViewCommon):
    def test_who_works_here_is_offered_and_nobody_else(self):
        stranger = self._create_user("accountant", "base.group_user")
        self.assertEqual(stranger.power_station_ids, self.station)
        arch = self._get_arch("power_ticket_entry_view_form")
        (field,) = arch.xpath("//field[@name='user_id']")
        entry = (
            self.env["power.ticket.entry"]
            .with_user(self.staff)
            .create({"action": "dispatch", "ticket_ids": self._create_ticket().ids})
        )
        domain = safe_eval(
            self.env["power.ticket.entry"].fields_get(["user_id"])["user_id"]["domain"],
            {"proposed_user_ids": entry.proposed_user_ids.ids},
        )
        self.assertFalse(field.get("domain"), "the field's own holds")
        offered = self.env["res.users"].with_user(self.staff).search(domain)
        for user in (self.users["field"], self.staff, self.supervisor):
            self.assertIn(user, offered)
        self.assertNotIn(stranger, offered)
        self.assertFalse(offered.filtered("share"))
        shown = {
            action: not safe_eval(
                field.get("invisible"), {"action": action, "to_desk": False}
            )
            for action in ("dispatch", "transfer", "send_crew", "answer")
        }
        self.assertEqual(
            shown,
            {"dispatch": True, "transfer": True, "send_crew": True, "answer": False},
        )


@tagged("post_install", "-at_install")
class TestBoardColumns(ViewCommon):
    def test_time_left_comes_first_counts_down_and_has_its_name(self):
        arch = self._get_arch("power_ticket_view_list_board")
        columns = [node for node in arch if node.tag == "field"]
        self.assertEqual(columns[0].get("name"), "deadline")
        self.assertEqual(columns[0].get("widget"), "power_countdown")
        self.assertEqual(columns[0].get("string"), "Time Left")
        self.env["res.lang"]._activate_lang("zh_CN")
        arch = self._get_arch("power_ticket_view_list_board", lang="zh_CN")
        (node,) = arch.xpath("//field[@name='deadline']")
        self.assertRegex(node.get("string"), "[\u4e00-\u9fff]")

    def test_name_due_time_and_state_come_first(self):
        """A phone shows three or four columns."""
        for name, first in (
            ("power_ticket_view_list", ["subject", "deadline", "stage_id"]),
            ("power_connection_view_list", ["partner_id", "deadline", "step_name"]),
        ):
            with self.subTest(name):
                arch = self._get_arch(name)
                columns = [node.get("name") for node in arch if node.tag == "field"]
                self.assertEqual(columns[:3], first)

    def test_the_subject_gets_the_room_that_is_left(self):
        """It is what people read; without widths it had the room of seven letters."""
        for name in ("power_ticket_view_list", "power_ticket_view_list_watch"):
            with self.subTest(name):
                free = [
                    node.get("name")
                    for node in self._get_arch(name)
                    if node.tag == "field"
                    and not node.get("width")
                    and not node.get("column_invisible")
                    and node.get("optional") != "hide"
                    and node.get("widget") != "badge"
                ]
                self.assertLessEqual(set(free), {"subject", "repeat_of_id"})

    def test_boards_of_stages_have_no_empty_column_on_a_phone(self):
        """The tour on a phone looks at one of them."""
        boards = self.env["ir.ui.view"].search(
            [
                ("type", "=", "kanban"),
                ("model", "=like", "power.%"),
                ("arch_db", "ilike", "default_group_by"),
            ]
        )
        of_stages = 0
        for board in boards:
            root = etree.fromstring(board.arch)
            if root.get("default_group_by") in ("stage_id", "state", "step"):
                of_stages += 1
                self.assertEqual(root.get("class"), "o_power_work_board", board.name)
        self.assertEqual(of_stages, 4)

    def test_what_is_always_as_long_has_its_width(self):
        """Else a long subject squeezes numbers and times until they are cut off."""
        arch = self._get_arch("power_ticket_view_list_board")
        widths = {
            node.get("name"): int(node.get("width").removesuffix("px"))
            for node in arch.xpath("//field[@width]")
        }
        self.assertLessEqual({"deadline", "name"}, set(widths))
        # A letter of the client's font takes 8 pixels, a cell's borders 16.
        number = self._create_ticket().name
        self.assertGreaterEqual(widths["name"], 8 * len(number) + 16)
        self.assertGreaterEqual(widths["deadline"], 8 * len("−99 h 59") + 16)
