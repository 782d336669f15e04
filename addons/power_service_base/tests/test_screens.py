import re
from ast import literal_eval
from datetime import datetime

from lxml import etree

from odoo.tests import BaseCase, new_test_user, tagged
from odoo.tools.misc import file_open

from .common import PowerServiceCommon

MODULE = "power_service_base"


@tagged("post_install", "-at_install")
class TestScreens(PowerServiceCommon):
    """What every screen must have, and labels that fit in their place."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        ours = cls.env["ir.model.data"].search(
            [("module", "=", MODULE), ("model", "in", ["ir.actions.act_window"])]
        )
        cls.actions = cls.env["ir.actions.act_window"].browse(ours.mapped("res_id"))
        cls.chief = new_test_user(
            cls.env, "screens_chief", f"base.group_user,{MODULE}.group_power_supervisor"
        )
        # Of this addon alone: the views that others add to it are theirs to check.
        cls.views = cls.env["ir.ui.view"].browse(
            cls.env["ir.model.data"]
            .search([("module", "=", MODULE), ("model", "=", "ir.ui.view")])
            .mapped("res_id")
        )

    def test_an_empty_list_says_what_to_do(self):
        menus = self.env["ir.ui.menu"].search([("action", "!=", False)])
        shown = {menu.action.id for menu in menus if menu.action._name == self._type()}
        lists = self.actions.filtered(
            lambda action: (
                action.id in shown
                and {"list", "kanban"} & set(action.view_mode.split(","))
            )
        )
        self.assertGreater(len(lists), 25)
        silent = [action.name for action in lists if not action.help]
        self.assertFalse(silent)

    def test_the_lists_of_a_days_work_have_cards_for_a_phone(self):
        """A list's columns don't fit into 390 pixels."""
        menus = self.env["ir.ui.menu"]
        for name in ("customers", "service", "network"):
            menus |= self.env.ref(f"{MODULE}.power_service_menu_{name}").child_id
        shown = {menu.action.id for menu in menus if menu.action._name == self._type()}
        actions = self.actions.filtered(
            lambda action: action.id in shown and "list" in action.view_mode
        )
        self.assertGreater(len(actions), 10)
        bare = actions.filtered(lambda action: "kanban" not in action.view_mode)
        self.assertFalse(bare.mapped("name"))

    def test_a_customer_has_a_number_and_no_price_list(self):
        view = self.env.ref("base.view_partner_form")
        arch = etree.fromstring(
            self.env["res.partner"].with_user(self.chief).get_view(view.id)["arch"]
        )
        page = arch.find(".//page[@name='sales_purchases']")
        self.assertEqual(page.get("invisible"), "is_power_customer")
        ours = arch.find(".//page[@name='power_service']")
        self.assertIsNotNone(ours.find(".//field[@name='ref']"))

    def test_a_segment_without_a_rule_matches_nobody(self):
        """Odoo's widget says "all records" of an empty rule."""
        view = self.env.ref(f"{MODULE}.power_customer_segment_view_form")
        arch = etree.fromstring(
            self.env["power.customer.segment"]
            .with_user(self.chief)
            .get_view(view.id)["arch"]
        )
        (field,) = arch.findall(".//field[@name='domain']")
        self.assertEqual(field.get("invisible"), "not is_by_rule")

    def _type(self):
        return "ir.actions.act_window"

    def test_no_invented_rows_in_an_empty_list(self):
        invented = self.views.filtered(
            lambda view: view.type != "qweb" and 'sample="1"' in (view.arch_db or "")
        )
        self.assertFalse(invented.mapped("name"))

    def test_each_chart_is_designed(self):
        bare = set()
        for action in self.actions:
            for mode in {"pivot", "graph", "calendar"} & set(
                action.view_mode.split(",")
            ):
                if not self.views.filtered(
                    lambda view, mode=mode, model=action.res_model: (
                        view.type == mode and view.model == model
                    )
                ):
                    bare.add((action.res_model, mode))
        self.assertFalse(bare)

    def test_codes_are_left_out_where_there_is_no_room(self):
        self.area.name = "Garden"
        self.assertEqual(self.area.display_name, "A1 Garden")
        self.assertEqual(self.transformer.display_name, "T1 Transformer 1")
        area = self.area.with_context(power_short_name=True)
        transformer = self.transformer.with_context(power_short_name=True)
        self.assertEqual(area.display_name, "Garden")
        self.assertEqual(transformer.display_name, "Transformer 1")

    def test_a_name_that_two_have_keeps_its_code(self):
        twin = self.transformer.copy({"code": "T9"})
        pair = (self.transformer | twin).with_context(power_short_name=True)
        self.assertEqual(
            pair.mapped("display_name"), ["T1 Transformer 1", "T9 Transformer 1"]
        )

    def test_least_complete_archives_first(self):
        action = self.env.ref(f"{MODULE}.res_partner_archive_action")
        view = action.view_ids.filtered(lambda line: line.view_mode == "list").view_id
        self.assertIn('name="archive_score"', view.arch_db)
        self.assertIn('default_order="archive_score', view.arch_db)
        Partner = self.env["res.partner"]
        domain = literal_eval(action.domain)
        scores = Partner.search(domain, order="archive_score, id").mapped(
            "archive_score"
        )
        self.assertEqual(scores, sorted(scores))

    def test_logs_of_lookups_and_exports_speak_the_readers_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        lookup = self.env["power.customer.lookup"].create(
            {"key_kind": "number+phone", "key_hash": "1"}
        )
        labels = lookup.with_context(lang="zh_CN").key_labels
        self.assertEqual(labels, "户号或客户编号 + 电话")
        export = self.env["power.customer.export"].create(
            {"model": "power.supply.point", "field_names": "name, partner_id/name"}
        )
        chinese = export.with_context(lang="zh_CN")
        self.assertEqual(chinese.model_name, "用电点")
        self.assertEqual(chinese.field_labels, "户号, partner_id/name")

    def test_weeks_are_numbered_in_charts_as_in_calendars(self):
        chinese = self.env["res.lang"]._activate_lang("zh_CN")
        self.assertEqual(chinese.week_start, "1")
        # By ISO 8601, as the calendar view counts: Monday, 4 January 2027 is in week 1.
        days = ("2026-11-22", "2026-11-23", "2027-01-03", "2027-01-04")
        tasks = self.env["power.field.task"].create(
            [
                {
                    "kind": "visit",
                    "station_id": self.station.id,
                    "due_at": f"{day} 04:00:00",
                    "created_at": "2026-11-01 00:00:00",
                }
                for day in days
            ]
        )
        groups = tasks.with_context(lang="zh_CN", tz="Asia/Shanghai")
        groups = groups.formatted_read_group(
            [("id", "in", tasks.ids)], ["due_at:week"], ["__count"]
        )
        self.assertEqual(
            [group["due_at:week"][1] for group in groups],
            ["W47 2026", "W48 2026", "W53 2026", "W1 2027"],
        )

    def test_work_fades_in_a_calendar_when_it_is_over_and_not_before(self):
        views = self.env["ir.ui.view"].search(
            [("type", "=", "calendar"), ("model", "=like", "power.%")]
        )
        of_work = 0
        for view in views:
            with self.subTest(model=view.model):
                model = self.env[view.model]
                arch = etree.fromstring(model.get_view(view.id, "calendar")["arch"])
                (state,) = arch.findall("field[@name='state']") or [None]
                self.assertEqual(state is not None, "state" in model._fields)
                if state is None:
                    continue
                of_work += 1
                self.assertEqual(arch.get("js_class"), "power_calendar")
                options = literal_eval(state.get("options"))
                states = dict(model._fields["state"].selection)
                self.assertTrue(states.keys() > set(options["over"]))
                late = arch.find(f"field[@name='{options['late']}']")
                self.assertIsNotNone(late)
        self.assertGreaterEqual(of_work, 1)

    def test_name_due_time_and_state_come_first_in_a_list(self):
        """A phone shows three or four columns."""
        arch = self.env["power.field.task"].get_view(
            self.env.ref(f"{MODULE}.power_field_task_view_list").id
        )["arch"]
        names = [field.get("name") for field in etree.fromstring(arch)]
        self.assertEqual(names[:4], ["kind", "due_at", "state", "partner_id"])

    def test_prices_are_not_added_up(self):
        Price = self.env["power.service.price"]
        self.assertFalse(Price.fields_get(["price"])["price"].get("aggregator"))

    def test_a_line_of_hours_needs_no_name(self):
        line = self.env["resource.calendar.attendance"].create(
            {
                "calendar_id": self.env.ref(f"{MODULE}.resource_calendar_office").id,
                "dayofweek": "5",
                "hour_from": 9,
                "hour_to": 11,
            }
        )
        self.assertEqual(line.name, "Working Hours")

    def test_years_loaded_at_install_have_no_message(self):
        """It would be in the language of the installer, for ever."""
        calendar = self.env["resource.calendar"].create(
            {"name": "Hall", "follows_public_holidays": True}
        )
        self.patch(
            self.env.registry["power.calendar.year"],
            "_get_today",
            lambda years: datetime(2026, 3, 1).date(),
        )
        tracking = {"tracking_disable": False}
        calendar.with_context(**tracking)._load_known_cn_holidays()
        years = calendar.holiday_year_ids.filtered(lambda year: year.year <= 2026)
        self.assertEqual(len(years), 2)
        self.assertNotIn("created", "".join(years.message_ids.mapped("body")))

    def test_columns_of_a_file_in_the_users_words(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        record = self.env["power.import"].create({"kind": "customers"})
        record.columns = "consumer_number,customer_name,elsewhere"
        chinese = record.with_context(lang="zh_CN").column_labels
        self.assertEqual(chinese, "户号、客户名称、elsewhere")
        english = record.with_context(lang="en_US").column_labels
        self.assertEqual(english, "consumer_number, customer_name, elsewhere")

    def test_progress_never_passes_the_last_row(self):
        record = self.env["power.import"].create({"kind": "customers"})
        record.write({"step": "loading", "position": 101, "row_count": 100})
        progress = record.get_progress()
        self.assertEqual((progress["rows"], progress["total"]), (100, 100))

    def test_progress_of_reading_counts_no_header(self):
        record = self.env["power.import"].create({"kind": "customers"})
        record.write({"step": "reading", "staged_row": 101, "row_count": 100})
        self.assertEqual(record.get_progress()["rows"], 100)

    def test_wrong_words_of_odoo_are_corrected(self):
        """Its Chinese says "break point" for a break, "date" for a part of the day."""
        self.env["res.lang"]._activate_lang("zh_CN")
        modules = self.env["ir.module.module"]
        modules._load_module_terms(["resource", MODULE], ["zh_CN"])
        modules._load_module_terms(["resource"], ["zh_CN"], overwrite=True)
        lines = self.env["resource.calendar.attendance"].with_context(lang="zh_CN")
        period = lines.fields_get(["day_period"])["day_period"]
        self.assertEqual(period["string"], "时段")
        self.assertEqual(dict(period["selection"])["lunch"], "休息")

    def test_a_reminder_rule_names_its_date_in_words(self):
        view = self.env.ref(f"{MODULE}.power_reminder_rule_view_form")
        rule = self.env["power.reminder.rule"].get_view(view.id, "form")["arch"]
        self.assertEqual(rule.count('widget="field_selector"'), 2)
        field = self.env.ref(f"{MODULE}.field_power_supply_contract__date_to")
        self.assertEqual(
            field.with_context(hide_model=True).display_name, field.field_description
        )


class TestTerms(BaseCase):
    """What the translations hold."""

    def test_no_term_of_a_test_is_exported(self):
        with file_open(f"{MODULE}/i18n/{MODULE}.pot") as file:
            text = file.read()
        self.assertIn(f"code:addons/{MODULE}/models/", text)
        self.assertNotIn(f"code:addons/{MODULE}/tests/", text)

    def test_no_blank_where_a_line_of_chinese_was_broken(self):
        with file_open(f"{MODULE}/i18n/zh_CN.po") as file:
            text = file.read()
        self.assertFalse(re.findall(r"[\u4e00-\u9fff]\\n\"\n\" +[\u4e00-\u9fff]", text))

    def test_extra_terms_are_still_odoos(self):
        """Terms of other addons that we translate must be theirs, word by word."""
        with file_open(f"{MODULE}/i18n_extra/zh_CN.po") as file:
            entries = file.read().split("\n\n")[1:]
        self.assertGreater(len(entries), 3)
        for entry in entries:
            lines = entry.strip().splitlines()
            module = lines[0].removeprefix("#. module: ")
            with file_open(f"{module}/i18n/{module}.pot") as file:
                theirs = file.read()
            if lines[1].startswith("#: model:resource.calendar,"):
                continue  # translatable by this addon only
            for line in lines:
                if line.startswith(("#: ", "msgid ")):
                    self.assertIn(line + "\n", theirs, module)
