import re
from collections import defaultdict

from lxml import etree

from odoo.tests import Form, new_test_user, tagged
from odoo.tools.translate import code_translations

from .common import PowerServiceCommon

MODULE = "power_service_base"
GROUPS = ("field", "staff", "supervisor", "quality", "manager")
# What a field counts, by how its name ends.
UNITS = {
    "days": "Day",
    "hours": "Hour",
    "minutes": "Minute",
    "months": "Month",
    "years": "Year",
    "timeout": "Second",
    "percent": "%",
    "megabytes": "MB",
    "kva": "kVA",
}
# The view says it right behind the number.
SAID_BESIDE = {
    ("power.sla.bulletin", "every_minutes"),
    ("power.sla.policy", "warn_at_percent"),
    ("power.import", "percent"),
}
# Codes that staff use every day.
SPOKEN_CODES = {
    "power.grid.area",
    "power.network.element",
    "power.reading.unit",
}
DATED = (
    "power.supply.contract",
    "power.responsibility",
    "power.service.price",
    "power.connection",
    "power.supply.point",
)


@tagged("post_install", "-at_install")
class TestWords(PowerServiceCommon):
    """What staff and customers read on the screens of all our addons."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.modules = cls.env["ir.module.module"].search(
            [("name", "=like", "power_service%"), ("state", "=", "installed")]
        )
        cls.modules._load_module_terms(cls.modules.mapped("name"), ["zh_CN"])
        cls.readers = {
            name: new_test_user(
                cls.env,
                f"words_{name}",
                f"base.group_user,{MODULE}.group_power_{name}",
            )
            for name in GROUPS
        }

    def _get_ours(self, model):
        rows = self.env["ir.model.data"].search(
            [("module", "in", self.modules.mapped("name")), ("model", "=", model)]
        )
        return self.env[model].browse(rows.mapped("res_id")).exists()

    def _get_fields(self):
        for name, model in self.env.items():
            if name.startswith("power.") and not model._abstract:
                for field in model._fields.values():
                    yield model, field

    def test_no_two_menus_have_the_same_label(self):
        menus = self._get_ours("ir.ui.menu")
        self.assertGreater(len(menus), 60)
        for lang in ("en_US", "zh_CN"):
            paths = defaultdict(list)
            for menu in menus.with_context(lang=lang):
                paths[menu.name].append(menu.complete_name)
            self.assertFalse({k: v for k, v in paths.items() if len(v) > 1}, lang)

    def test_who_is_told_to_press_new_may(self):
        told = 0
        for group, user in self.readers.items():
            menus = self.env["ir.ui.menu"].with_user(user)
            for menu in menus.browse(menus._visible_menu_ids()).sudo():
                action = menu.action
                if not action or action._name != "ir.actions.act_window":
                    continue
                if re.search(r"\bNew\b", action.help or ""):
                    told += 1
                    model = self.env[action.res_model].with_user(user)
                    with self.subTest(group=group, action=action.name):
                        self.assertTrue(model.has_access("create"))
        self.assertGreater(told, 0)

    def test_what_the_web_client_leaves_in_english_is_said_in_chinese(self):
        """Its own translation has no words for them; any addon's will do."""
        messages = code_translations.get_web_translations(MODULE, "zh_CN")["messages"]
        words = {message["id"]: message["string"] for message in messages}
        self.assertEqual(words["Missing required fields"], "必填项未填写")
        own = code_translations.get_web_translations("web", "zh_CN")["messages"]
        self.assertNotIn("Missing required fields", {each["id"] for each in own})

    def test_the_menu_of_activities_finds_what_it_names(self):
        """The filters that it opens lists with, wherever there are activities."""
        names = {
            "filter_activities_my",
            "activities_overdue",
            "activities_today",
            "activities_upcoming_all",
        }
        found = 0
        for name, model in self.env.items():
            if (
                name.startswith("power.")
                and "my_activity_date_deadline" in model._fields
            ):
                if model._abstract:
                    continue
                found += 1
                arch = model.get_view(view_type="search")["arch"]
                filters = etree.fromstring(arch).xpath("//filter")
                with self.subTest(model=name):
                    self.assertLessEqual(names, {each.get("name") for each in filters})
        self.assertGreater(found, 3)
        task = self.env["power.field.task"].with_context(lang="zh_CN")
        self.assertIn("逾期活动", task.get_view(view_type="search")["arch"])

    def test_what_is_counted_says_its_unit(self):
        for model, field in self._get_fields():
            unit = UNITS.get(field.name.rpartition("_")[2])
            if (
                unit
                and field.type in ("integer", "float")
                and (model._name, field.name) not in SAID_BESIDE
            ):
                label = field._description_string(self.env["base"].env)
                with self.subTest(model=model._name, field=field.name):
                    self.assertIn(unit, label)

    def test_dates_of_what_lasts_have_their_year(self):
        """Odoo leaves out the current year, so 02/01 may be any year's."""
        checked = 0
        for view in self._get_ours("ir.ui.view"):
            if view.model not in DATED or view.type not in ("list", "form", "kanban"):
                continue
            arch = etree.fromstring(view.arch_db)
            shown = "//templates//field" if view.type == "kanban" else "//field"
            for node in arch.xpath(shown):
                if node.get("name") in ("date_from", "date_to", "scheme_valid_until"):
                    checked += 1
                    with self.subTest(view=view.name, field=node.get("name")):
                        self.assertIn("'numeric': True", node.get("options", ""))
                        if view.type == "kanban":
                            self.assertEqual(node.get("widget"), "date")
        self.assertGreater(checked, 15)

    def test_codes_of_programs_are_not_shown(self):
        user = self.readers["supervisor"]
        for view in self._get_ours("ir.ui.view"):
            model = view.model in self.env and self.env[view.model].with_user(user)
            if (
                view.type not in ("list", "form", "kanban", "search")
                or view.inherit_id
                or "code" not in getattr(model, "_fields", ())
                or view.model in SPOKEN_CODES
                or not view.model.startswith("power.")
            ):
                continue
            arch = etree.fromstring(model.get_view(view.id, view.type)["arch"])
            for node in arch.xpath("//field[@name='code']"):
                with self.subTest(view=view.name):
                    # Who makes one gives it.
                    self.assertIn(node.get("invisible"), ("1", "id"))
                    if view.type == "list":
                        self.assertEqual(node.get("column_invisible"), "1")

    def test_who_makes_one_gives_its_code(self):
        form = Form(
            self.env["power.customer.segment"].with_user(self.readers["manager"])
        )
        form.name = "Schools"
        form.code = "schools"
        self.assertEqual(form.save().code, "schools")

    def test_the_public_reads_no_remarks_on_sources(self):
        """When a promise was first made is ours to know."""
        for model in ("power.service.commitment", "power.service.price"):
            for lang in ("en_US", "zh_CN"):
                for record in self._get_ours(model).with_context(lang=lang):
                    text = f"{record.text or ''} {record.source_note or ''}"
                    with self.subTest(record=record.code, lang=lang):
                        self.assertNotRegex(text, r"20\d\d|Current promise|现行")


@tagged("post_install", "-at_install")
class TestExamples(PowerServiceCommon):
    """A text with places is shown as a customer would read it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.staff = new_test_user(
            cls.env, "examples", f"base.group_user,{MODULE}.group_power_supervisor"
        )
        cls.staff.power_station_ids = cls.station
        cls.purpose = cls.env["power.notice.purpose"].create(
            {
                "name": "Test",
                "code": "test_example",
                "model": "power.supply.point",
                "subject": "Point {{ object.name }}",
                "body": "Dear {{ object.partner_id.name }}!",
                "channel_ids": [(0, 0, {"channel": "email"})],
            }
        )

    def test_a_purposes_text(self):
        purpose = self.purpose.with_user(self.staff)
        newest = self.env["power.supply.point"].with_user(self.staff)
        newest = newest.search([], limit=1, order="id desc")
        self.assertEqual(
            purpose.text_example,
            f"Point {newest.name}\n\nDear {newest.partner_id.name}!",
        )

    def test_of_what_the_reader_may_see_only(self):
        point = self.point_other.copy({"name": "3300000099"})
        self.assertGreater(point.id, self.point.id)
        example = self.purpose.with_user(self.staff).text_example
        self.assertNotIn("3300000099", example)

    def test_words_for_places_say_what_they_stand_for(self):
        words = self.purpose.text_words
        self.assertIn("{{ object.partner_id.name }}  Customer ▸ Name", words)

    def test_code_is_not_run_for_an_example(self):
        for code in (
            "object.partner_id.name.upper()",
            "object.partner_id.write({'name': 'Changed'})",
            "object.env.user.name",
            "object.name.name",
            "user.name",
        ):
            form = Form(self.purpose)  # typed and not saved
            form.body = f"{{{{ {code} }}}}"
            with self.subTest(code):
                self.assertFalse(form.text_example)
        self.assertFalse(self.env["res.partner"].search([("name", "=", "Changed")]))

    def test_one_of_many_is_no_word(self):
        self._create_point("3300000098", self.customer)
        self.patch(type(self.purpose), "_find_example", lambda purpose: self.customer)
        form = Form(self.purpose)
        form.body = "Dear {{ object.name }}"
        self.assertTrue(form.text_example)
        form.body = "At {{ object.supply_point_ids.name }}"
        self.assertFalse(form.text_example)

    def test_a_field_that_the_reader_may_not_see_is_not_shown(self):
        self.customer.ref = "C-1"
        self.purpose.body = "{{ object.partner_id.vat }} {{ object.address }}"
        purpose = self.purpose.with_user(self.staff)
        self.assertTrue(purpose.text_example)
        field = self.env.registry["res.partner"]._fields["vat"]
        self.patch(field, "groups", "base.group_system")
        purpose.invalidate_recordset()
        self.assertFalse(purpose.text_example)

    def test_a_line_whose_word_says_nothing_is_left_out(self):
        self.purpose.body = "Dear\nat {{ object.address }}\n{{ object.note ||| bye }}"
        self.point.address = False
        points = self.env["power.supply.point"]
        self.patch(
            type(self.purpose), "_find_example", lambda purpose: points | self.point
        )
        self.assertEqual(
            self.purpose.text_example, f"Point {self.point.name}\n\nDear\nbye"
        )

    def test_who_is_told_of_failures_reads_the_own_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.purpose.user_id = self.staff
        self.staff.lang = "zh_CN"
        self.purpose._park(2, "x")
        self.assertEqual(self.purpose.activity_ids.summary, "通知失败")
        self.env.ref("base.user_admin").lang = "zh_CN"
        rule = self._create_rule()
        rule._tell(self.point, "x")
        self.assertEqual(rule.activity_ids.summary, "提醒失败")

    def _create_rule(self):
        fields = self.env["ir.model.fields"]
        return self.env["power.reminder.rule"].create(
            {
                "name": "Points",
                "model_id": self.env["ir.model"]._get_id("power.supply.point"),
                "date_field_id": fields._get("power.supply.point", "create_date").id,
                "partner_path": "partner_id",
                "purpose_id": self.purpose.id,
                "subject": "About {{ object.name }}",
                "body": "Hello {{ object.partner_id.name }}",
            }
        )

    def test_a_reminder_rules_example_has_the_date(self):
        field = self.env["ir.model.fields"]._get("power.supply.contract", "date_to")
        rule = self._create_rule()
        rule.write({"model_id": field.model_id.id, "date_field_id": field.id})
        rule.body = "Until {{ object.date_to }}"
        rule.subject = "Contract"
        contracts = self.env["power.supply.contract"]
        for until in ("2030-12-31", False):
            contracts.create(
                {
                    "partner_id": self.customer.id,
                    "supply_point_id": self.point.copy({"name": f"33{until}"}).id,
                    "date_from": "2020-01-01",
                    "date_to": until,
                }
            )
        self.env.flush_all()
        for user in (self.staff, self.users["manager"]):
            self.env.invalidate_all()  # no name read by somebody else before
            # Who sees a rule needn't know Odoo's fields.
            example = rule.with_user(user).text_example
            self.assertEqual(example, "Contract\n\nUntil 2030-12-31")

    def test_a_reminder_rule(self):
        rule = self._create_rule()
        self.assertRegex(rule.text_example, r"^About \d+\n\nHello \w+")

    def test_the_composer_shows_what_the_first_customer_reads(self):
        purpose = self.env["power.notice.purpose"].create(
            {
                "name": "Advice",
                "code": "test_advice",
                "subject": "Saving",
                "body": "Dear {{ object.name }}, switch it off.",
                "channel_ids": [(0, 0, {"channel": "portal"})],
            }
        )
        form = Form(
            self.env["power.notice.compose"].with_context(
                active_model="res.partner", active_ids=self.customer.ids
            )
        )
        form.purpose_id = purpose
        self.assertEqual(form.text_example, "Saving\n\nDear Wang Wei, switch it off.")
        form.body = "Words only."
        self.assertFalse(form.text_example)

    def test_the_composer_shows_it_in_the_customer_s_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.customer.lang = "zh_CN"
        purpose = self.env["power.notice.purpose"].create(
            {
                "name": "Advice",
                "code": "test_advice",
                "subject": "Saving",
                "body": "Dear {{ object.name }}, switch it off.",
                "channel_ids": [(0, 0, {"channel": "portal"})],
            }
        )
        purpose.with_context(lang="zh_CN").write(
            {"subject": "节电", "body": "{{ object.name }}，请随手关灯。"}
        )
        form = Form(
            self.env["power.notice.compose"].with_context(
                active_model="res.partner", active_ids=self.customer.ids
            )
        )
        form.purpose_id = purpose
        self.assertEqual(form.text_example, "节电\n\nWang Wei，请随手关灯。")
        form.subject = "Today"  # typed: the same for all
        self.assertEqual(form.text_example, "Today\n\nWang Wei，请随手关灯。")
