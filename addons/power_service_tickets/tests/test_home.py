"""What opens first: the own tickets at the desk, My Work in the field."""

from odoo.tests import tagged

from .common import TicketCommon


@tagged("post_install", "-at_install")
class TestHome(TicketCommon):
    def _get_first_action(self, name):
        """What the web client opens after the login of ``users[name]``."""
        menus = self.env["ir.ui.menu"].with_user(self.users[name]).load_web_menus(False)
        app = menus[self.env.ref("power_service_base.power_service_menu_root").id]
        action = self.env[app["actionModel"]].browse(app["actionID"])
        return action.sudo().get_external_id()[action.id].partition(".")[2]

    def test_the_desk_begins_with_its_tickets(self):
        for name in ("staff", "supervisor", "quality", "manager"):
            with self.subTest(name):
                first = self._get_first_action(name)
                self.assertEqual(first, "power_ticket_action_mine")

    def test_the_field_begins_with_my_work(self):
        first = self._get_first_action("field")
        self.assertEqual(first, "power_field_task_action_my_work")

    def test_reports_hold_the_tickets_too(self):
        parent = self.env.ref("power_service_base.power_service_menu_reporting")
        menus = self.env["ir.ui.menu"].with_user(self.users["supervisor"])
        shown = menus.search([("parent_id", "=", parent.id)]).with_env(self.env)
        models = [action.res_model for action in shown.mapped("action")]
        self.assertIn("power.ticket.analysis", models)
