"""What is there after an installation: menus, kinds of views, jobs."""

from datetime import timedelta

from odoo.tests import tagged

from .common import PowerServiceCommon

MODULE = "power_service_base"
# Each menu that opens something: its action, and who alone sees it besides those who
# see the menus above.
MENUS = {
    "hr_department_menu_power": ("hr_department_action_power", ""),
    "power_archive_requirement_menu": ("power_archive_requirement_action", ""),
    "power_assignment_rule_menu": ("power_assignment_rule_action", ""),
    "power_calendar_exception_menu": ("power_calendar_exception_action", ""),
    "power_calendar_load_menu": ("power_calendar_load_action", "group_power_manager"),
    "power_calendar_year_menu": ("power_calendar_year_action", ""),
    "power_customer_change_request_menu": (
        "power_customer_change_request_action",
        "group_power_staff",
    ),
    "power_customer_contact_menu": ("power_customer_contact_action", ""),
    "power_customer_export_menu": (
        "power_customer_export_action",
        "group_power_quality",
    ),
    "power_customer_find_menu": ("power_customer_find_action", ""),
    "power_customer_lookup_menu": (
        "power_customer_lookup_action",
        "group_power_quality",
    ),
    "power_customer_segment_menu": ("power_customer_segment_action", ""),
    "power_field_task_menu": ("power_field_task_action", ""),
    "power_field_task_menu_board": (
        "power_field_task_action_board",
        "group_power_supervisor",
    ),
    "power_grid_area_menu": ("power_grid_area_action", ""),
    "power_import_menu": ("power_import_action", ""),
    "power_job_menu": ("power_job_action", "group_power_supervisor"),
    "power_job_run_menu": ("power_job_run_action", ""),
    "power_key_account_team_menu": ("power_key_account_team_action", ""),
    "power_limit_menu": ("power_limit_action", ""),
    "power_message_gateway_menu": (
        "power_message_gateway_action",
        "group_power_manager",
    ),
    "power_network_element_menu": ("power_network_element_action", ""),
    "power_notice_menu": ("power_notice_action", ""),
    "power_notice_menu_by_hand": ("power_notice_action_by_hand", ""),
    "power_notice_menu_failed": ("power_notice_action_failed", ""),
    "power_notice_purpose_menu": ("power_notice_purpose_action", ""),
    "power_reading_unit_menu": ("power_reading_unit_action", ""),
    "power_reminder_rule_menu": ("power_reminder_rule_action", ""),
    "power_responsibility_menu": ("power_responsibility_action", ""),
    "power_service_commitment_menu": ("power_service_commitment_action", ""),
    "power_service_menu_field": (
        "power_field_task_action_my_work",
        "group_power_field",
    ),
    "power_service_outlet_menu": ("power_service_outlet_action", ""),
    "power_service_price_menu": ("power_service_price_action", ""),
    "power_service_procedure_menu": ("power_service_procedure_action", ""),
    "power_supply_contract_menu": ("power_supply_contract_action", ""),
    "power_supply_point_menu": ("power_supply_point_action", ""),
    "power_tariff_class_menu": ("power_tariff_class_action", ""),
    "res_partner_archive_menu": ("res_partner_archive_action", ""),
    "res_partner_menu_power": ("res_partner_action_power", ""),
    "res_config_settings_menu": ("res_config_settings_action", "base.group_system"),
    "resource_calendar_menu_power": ("resource_calendar_action_power", ""),
}
# Actions with a calendar, a pivot or a graph.
MODES = {
    "power_calendar_exception_action": "calendar",
    "power_customer_contact_action": "pivot,graph",
    "power_customer_lookup_action": "pivot",
    "power_field_task_action": "calendar,pivot,graph",
    "power_field_task_action_board": "calendar",
    "power_notice_action": "pivot,graph",
    "power_responsibility_action": "pivot",
    "power_supply_contract_action": "calendar,pivot,graph",
    "power_supply_point_action": "pivot,graph",
    "res_partner_archive_action": "graph,pivot",
    "res_partner_action_power": "pivot,graph",
}
# Each job: how often, and its time of day in UTC (16:05 is after midnight in China).
CRONS = {
    "ir_cron_refresh_customers": (1, "hours", ":05"),
    "ir_cron_refresh_responsible": (1, "hours", ":06"),
    "ir_cron_power_import": (10, "minutes", None),
    "ir_cron_refresh_segments": (1, "days", "16:10"),
    "ir_cron_apply_assignment": (1, "days", "16:15"),
    "ir_cron_refresh_archive": (1, "days", "16:30"),
    "ir_cron_plan_visits": (1, "days", "16:40"),
    "ir_cron_notice_send": (1, "minutes", None),
    "ir_cron_notice_fall_back": (15, "minutes", None),
    "ir_cron_notice_delete_old": (1, "days", None),
    "ir_cron_remind": (1, "days", "00:30"),
    "ir_cron_remind_holidays": (1, "days", "16:15"),
}


@tagged("post_install", "-at_install")
class TestShipped(PowerServiceCommon):
    def _ref(self, name):
        return self.env.ref(name if "." in name else f"{MODULE}.{name}")

    def _get_all(self, model):
        """All of the addon's records of a model, by their name in the files."""
        data = self.env["ir.model.data"].search(
            [("module", "=", MODULE), ("model", "=", model)]
        )
        records = self.env[model].with_context(active_test=False)
        return {row.name: records.browse(row.res_id) for row in data}

    def test_each_menu_opens_its_action_for_its_groups(self):
        menus = {
            name: menu
            for name, menu in self._get_all("ir.ui.menu").items()
            if menu.action
        }
        self.assertEqual(set(menus), set(MENUS))
        for name, (action, groups) in MENUS.items():
            menu = menus[name]
            with self.subTest(menu=name):
                self.assertTrue(menu.active)
                self.assertEqual(menu.action, self._ref(action))
                self.assertEqual(
                    menu.group_ids,
                    self.env["res.groups"].union(
                        *(self._ref(group) for group in groups.split(",") if group)
                    ),
                )

    def test_menus_are_seen_by_whom_they_are_for(self):
        """Two of each kind: what a menu's own groups and those above it let through."""
        for name, users in (
            ("power_service_menu_field", "field staff supervisor quality manager"),
            ("power_customer_find_menu", "field staff supervisor quality manager"),
            ("power_notice_menu_failed", "field staff supervisor quality manager"),
            ("power_assignment_rule_menu", "supervisor quality manager"),
            ("power_reminder_rule_menu", "supervisor quality manager"),
            ("power_job_menu", "supervisor quality manager"),
            ("power_customer_lookup_menu", "quality manager"),
            ("power_message_gateway_menu", "manager"),
        ):
            menu = self._ref(name)
            seen = [
                user
                for user, record in self.users.items()
                if menu.id
                in self.env["ir.ui.menu"].with_user(record)._visible_menu_ids()
            ]
            with self.subTest(menu=name):
                self.assertEqual(seen, users.split())

    def test_calendars_pivots_and_graphs_are_there(self):
        actions = self._get_all("ir.actions.act_window")
        found = {
            name: [
                mode
                for mode in action.view_mode.split(",")
                if mode in ("calendar", "pivot", "graph")
            ]
            for name, action in actions.items()
        }
        found = {name: ",".join(modes) for name, modes in found.items() if modes}
        self.assertEqual(found, MODES)

    def test_each_job_is_switched_on_at_its_time(self):
        crons = self._get_all("ir.cron")
        self.assertEqual(set(crons), set(CRONS))
        for name, (number, kind, time) in CRONS.items():
            cron = crons[name]
            with self.subTest(job=name):
                self.assertTrue(cron.active)
                self.assertEqual(
                    (cron.interval_number, cron.interval_type), (number, kind)
                )
                if time:
                    self.assertTrue(cron.nextcall.strftime("%H:%M").endswith(time))
                    # The first time that comes after the installation.
                    wait = cron.nextcall - cron.create_date
                    self.assertGreater(wait, timedelta(seconds=-1))
                    self.assertLessEqual(wait, timedelta(**{kind: number}))
