from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import PowerServiceCommon

RENDERER = "odoo.addons.mail.models.mail_render_mixin"
SHIPPED = ("Shipped about {{ object.name }}", "Shipped words.")


@tagged("post_install", "-at_install")
class TestNoticeText(PowerServiceCommon):
    """The text of a purpose, here about supply points."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.purpose = cls.env["power.notice.purpose"].create(
            {
                "name": "Test",
                "code": "test_text",
                "model": "power.supply.point",
                "subject": "Point {{ object.name }}",
                "body": "Dear {{ object.partner_id.name }},\n"
                "address: {{ object.address }}\n\nGoodbye",
                "channel_ids": [(0, 0, {"channel": "email"})],
            }
        )
        cls.points = cls.point | cls.point_other

    def _render(self, records=None):
        return self.purpose._render_texts(records or self.points, SHIPPED)

    def _get_activities(self):
        kind = self.env.ref("power_service_base.mail_activity_broken_text")
        return self.purpose.activity_ids.filtered(
            lambda activity: activity.activity_type_id == kind
        )

    def test_words_take_their_places_and_lines_without_are_left_out(self):
        self.point.address = "Lotus Lane 3"
        self.point_other.address = False
        self.assertEqual(
            self._render(),
            {
                self.point.id: (
                    "Point 3300000001",
                    "Dear Wang Wei,\naddress: Lotus Lane 3\n\nGoodbye",
                ),
                self.point_other.id: ("Point 3300000002", "Dear Li Na,\n\nGoodbye"),
            },
        )

    def test_each_customer_in_the_own_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.purpose.with_context(lang="zh_CN").write(
            {"subject": "户号 {{ object.name }}", "body": "尊敬的客户"}
        )
        self.customer.lang = "zh_CN"
        texts = self._render()
        self.assertEqual(texts[self.point.id], ("户号 3300000001", "尊敬的客户"))
        self.assertEqual(texts[self.point_other.id][0], "Point 3300000002")

    def test_values_are_words_never_code_nor_pages(self):
        name = "<script>alert(1)</script> {{ object.id }} \x00[]".replace("\x00", "")
        self.customer.name = name
        _subject, body = self._render()[self.point.id]
        self.assertTrue(body.startswith(f"Dear {name},"))
        notice = self.env["power.notice"]._notify(
            "test_text",
            [
                {
                    "partner_id": self.customer.id,
                    "subject": "S",
                    "body": body,
                    "address": "wang@example.com",
                    "channel": "email",
                    "dedup_key": "test/text",
                }
            ],
        )
        notice._send_email()
        mail = self.env["mail.mail"].search([("subject", "=", "S")])
        self.assertNotIn("<script", str(mail.body_html))
        self.assertIn("&lt;script&gt;", str(mail.body_html))

    @mute_logger(RENDERER)
    def test_a_broken_text_gives_way_to_the_shipped_one_and_is_told(self):
        self.purpose.body = (
            "{{ 1 / 0 if object.name == '3300000001' else 'fine' }} {{ object.name }}"
        )
        self.env.user.lang = "en_US"
        for _round in range(2):
            self.assertEqual(
                self._render(),
                {
                    self.point.id: ("Shipped about 3300000001", "Shipped words."),
                    self.point_other.id: ("Point 3300000002", "fine 3300000002"),
                },
            )
        activity = self._get_activities()
        self.assertEqual(len(activity), 1)  # once, until it is done
        self.assertIn("division by zero", str(activity.note))
        self.assertIn("3300000001", str(activity.note))
        self.assertEqual(activity.user_id, self.env.ref("base.user_admin"))

    @mute_logger(RENDERER, "odoo.sql_db")
    def test_a_text_that_breaks_the_database_leaves_it_usable(self):
        # Written by hand, as after a change of the model.
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE power_notice_purpose SET body = jsonb_build_object('en_US', %s)"
            " WHERE id = %s",
            ["{{ object.env.cr.execute('SELECT nothing') }}", self.purpose.id],
        )
        self.env.invalidate_all()
        texts = self._render()
        self.assertEqual(texts[self.point.id][1], "Shipped words.")
        self.assertTrue(self._get_activities())

    def test_an_empty_text_is_the_shipped_one(self):
        self.purpose.body = False
        self.assertEqual(self._render()[self.point.id][1], "Shipped words.")
        self.assertEqual(self._render()[self.point.id][0], "Point 3300000001")
        self.assertFalse(self._get_activities())

    @mute_logger(RENDERER)
    def test_a_text_that_can_not_be_rendered_is_refused(self):
        for text in ("{{ object.nonsense }}", "{{ 1 / }}"):
            with self.subTest(text=text), self.assertRaises(ValidationError):
                self.purpose.body = text
        with self.assertRaises(ValidationError):
            self.purpose.model = "power.nothing"

    def test_managers_write_words_and_no_code(self):
        manager = self.users["manager"]
        if manager.has_group("mail.group_mail_template_editor"):
            manager.group_ids -= self.env.ref("mail.group_mail_template_editor")
        purpose = self.purpose.with_user(manager)
        self.assertIn("{{ object.partner_id.name }}", purpose.text_words)
        self.assertNotIn("{{ object.partner_id }}", purpose.text_words)
        self.assertNotIn("user_id", purpose.text_words)  # a point has none
        purpose.body = "{{ object.partner_id.name }}: hello"
        marker = "object.partner_id.sudo().write({'name': 'Changed'})"
        with self.assertRaises(AccessError):
            purpose.body = f"{{{{ {marker} }}}}"
        self.assertEqual(self.customer_other.name, "Li Na")
        self.assertEqual(self.customer.name, "Wang Wei")

    def test_a_trial_changes_nothing(self):
        self.purpose.body = "{{ object.partner_id.write({'name': 'Changed'}) }}"
        self.assertFalse(self.env["res.partner"].search([("name", "=", "Changed")]))

    def test_only_managers_write_texts(self):
        for group in ("field", "staff", "supervisor", "quality"):
            with self.subTest(group=group), self.assertRaises(AccessError):
                self.purpose.with_user(self.users[group]).body = "Mine"

    def test_one_and_many_cost_the_same_queries(self):
        points = self.point
        for number in range(19):
            point, _contract = self._create_point(f"340000{number:04}", self.customer)
            points |= point
        counts = []
        for records in (self.point, points):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._render(records)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)

    def test_texts_about_others_are_not_proposed(self):
        wizard = self.env["power.notice.compose"].create(
            {"subject": "S", "body": "B", "partner_ids": self.customer.ids}
        )
        self.assertEqual(wizard.purpose_id.model, "res.partner")
