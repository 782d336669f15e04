from datetime import timedelta
from io import BytesIO

from PIL import Image

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import GROUPS, BrowserUnitsMixin, PowerServiceCommon


class FieldTourCommon(PowerServiceCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.name = "Wang Wei"
        cls.point.write({"latitude": 30, "longitude": 120, "address": "Mill Lane 3"})
        (cls.users["field"] | cls.users["supervisor"]).write(
            {"tz": "Asia/Shanghai", "lang": "en_US"}
        )
        cls.task = cls._create_task(user_id=cls.users["field"].id)

    @classmethod
    def _create_task(cls, **vals):
        # Late at night, "in a minute" still is today.
        return cls.env["power.field.task"].create(
            {
                "kind": "repair",
                "supply_point_id": cls.point.id,
                "due_at": fields.Datetime.now() + timedelta(minutes=1),
                "created_at": fields.Datetime.now() - timedelta(hours=1),
                **vals,
            }
        )

    def _kinds(self, task):
        task.invalidate_recordset()
        return task.event_ids.sorted("id").mapped("kind")


@tagged("post_install", "-at_install")
class TestMyWorkOnAPhone(FieldTourCommon):
    browser_size = "390x844"
    touch_enabled = True

    def test_start_arrived_photo_done(self):
        self.start_tour("/odoo/my-work", "power_my_work", login="test_field")
        self.assertEqual(
            self._kinds(self.task), ["started", "arrived", "photo", "note", "done"]
        )
        self.assertRecordValues(
            self.task,
            [
                {
                    "state": "done",
                    "outcome": "partial",
                    "charge": 12.5,
                    "arrival_distance": 111,
                    "arrival_accuracy": 8,
                    "done_latitude": 30.001,
                }
            ],
        )
        photo = Image.open(BytesIO(self.task.proof_ids.raw))
        self.assertEqual((photo.format, photo.size), ("JPEG", (1600, 1200)))

    def test_done_can_be_undone_where_it_was_tapped(self):
        self.start_tour("/odoo/my-work", "power_my_work_undo_done", login="test_field")
        self.assertEqual(self.task.state, "done")
        self.assertEqual(self._kinds(self.task).count("done"), 1)

    def test_start_arrived_photo_done_in_chinese(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.users["field"].lang = "zh_CN"
        self.start_tour("/odoo/my-work", "power_my_work", login="test_field")
        self.assertEqual(self.task.state, "done")

    def test_tasks_stand_under_what_they_are(self):
        now = fields.Datetime.now()
        mine = {"user_id": self.users["field"].id}
        tasks = (
            ("Late Lane", {**mine, "due_at": now - timedelta(days=2)}),
            ("Later Lane", {**mine, "due_at": now + timedelta(days=2)}),
            ("Free Lane", {"due_at": now - timedelta(days=2)}),
        )
        for number, (address, vals) in enumerate(tasks):
            point, _contract = self._create_point(
                f"3377{number:06}", self.customer, address=address
            )
            self._create_task(
                supply_point_id=point.id, created_at=now - timedelta(days=3), **vals
            )
        self.start_tour("/odoo/my-work", "power_my_work_sections", login="test_field")

    def test_what_is_entered_without_network_is_sent_after_a_reload(self):
        self.start_tour("/odoo/my-work", "power_my_work_offline", login="test_field")
        self.assertEqual(self._kinds(self.task), ["started", "arrived", "photo"])
        self.assertEqual(self.task.state, "arrived")
        self.assertEqual(len(self.task.event_ids.filtered("client_ref")), 3)
        self.assertEqual(self.task.arrival_distance, 0)

    def test_a_refusal_is_shown_and_can_be_discarded(self):
        self.task.user_id = False

        # Not a term: what is in tests is translated nowhere.
        reason = "somebody else took it"

        def refuse(tasks):
            raise AccessError(reason)

        self.patch(self.env.registry["power.field.task"], "action_take", refuse)
        with mute_logger("odoo.http"):
            self.start_tour(
                "/odoo/my-work", "power_my_work_refused", login="test_field"
            )


@tagged("post_install", "-at_install")
class TestFieldBoard(FieldTourCommon):
    browser_size = "1400x900"

    def test_supervisor_gives_a_task_to_somebody_else(self):
        colleague = self._create_user("colleague", GROUPS["field"])
        self.task.due_at = fields.Datetime.now() - timedelta(days=2)
        self.start_tour(
            "/odoo/field-board", "power_field_board", login="test_supervisor"
        )
        self.task.invalidate_recordset()
        self.assertEqual(self.task.user_id, colleague)
        self.assertEqual(self._kinds(self.task), ["reassigned"])


@tagged("post_install", "-at_install")
class TestFieldCalendar(FieldTourCommon):
    browser_size = "1400x900"

    def test_late_work_stands_out_and_work_that_is_over_fades(self):
        now = fields.Datetime.now()
        self.task.unlink()
        for name, seconds, done in (
            ("Late Lane", -1, False),
            ("Done Lane", -1, True),
            ("Early Lane", 180, True),
            ("Later Lane", 180, False),
        ):
            task = self._create_task(
                name=name,
                due_at=now + timedelta(seconds=seconds),
                user_id=self.users["field"].id,
            )
            if done:
                task.with_user(self.users["field"]).action_done()
        self.start_tour(
            "/odoo/field-board?view_type=calendar",
            "power_field_calendar",
            login="test_supervisor",
        )


@tagged("post_install", "-at_install")
class TestMyWorkUnits(BrowserUnitsMixin, HttpCase):
    def test_offline_queue(self):
        self.run_units("@power_service_base/my_work")
