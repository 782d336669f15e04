from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import QualityCommon


@tagged("post_install", "-at_install")
class TestInspection(QualityCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.checklist = cls.env.ref(
            "power_service_tickets.power_inspection_checklist_hall"
        )
        cls.inspector = cls.users["field"]

    def _inspect(self, user=None, **vals):
        user = user or self.inspector
        return (
            self.env["power.inspection"]
            .with_user(user)
            .create(
                {
                    "name": "Hall on market day",
                    "checklist_id": self.checklist.id,
                    "station_id": self.station.id,
                    "inspector_id": user.employee_ids.id,
                    **vals,
                }
            )
        )

    def _running(self, user=None, **vals):
        inspection = self._inspect(user, **vals)
        inspection.action_start()
        return inspection

    def _wrong(self, line, **vals):
        finding = self.env["power.inspection.finding"].with_env(line.env)
        finding = finding.browse(line.action_wrong()["res_id"])
        finding.write(vals)
        return finding

    def test_a_form_takes_the_inspector_and_the_day(self):
        form = Form(self.env["power.inspection"].with_user(self.inspector))
        form.name = "Walk"
        inspection = form.save()
        self.assertEqual(inspection.inspector_id, self.worker)
        self.assertEqual(inspection.station_id, self.station)

    def test_open_and_past_its_day_is_overdue(self):
        today = self.env["power.inspection"]._get_company_today()
        late = self._inspect(planned_date=today - timedelta(days=1))
        running = self._running(planned_date=today - timedelta(days=1))
        given_up = self._inspect(planned_date=today - timedelta(days=1))
        given_up.action_cancel("The hall is closed")
        inspections = late | running | given_up | self._inspect(planned_date=today)
        inspections.invalidate_recordset()
        self.assertEqual(inspections.mapped("is_overdue"), [True, True, False, False])
        for value, expected in ((True, late | running), (False, inspections[2:])):
            found = inspections.search(
                [("is_overdue", "=", value), ("id", "in", inspections.ids)]
            )
            self.assertEqual(set(found), set(expected))

    def test_the_checklist_is_laid_out_once(self):
        inspection = self._running()
        self.assertEqual(
            inspection.line_ids.mapped("name"), self.checklist.item_ids.mapped("name")
        )
        inspection._lay_out()
        self.assertEqual(len(inspection.line_ids), 6)
        with self.assertRaises(UserError):
            inspection.action_start()

    def test_from_taps_to_rectification(self):
        inspection = self._running()
        first, second, third, *others = inspection.line_ids
        for line in others:
            line.action_right()
        third.action_none()
        with self.assertRaisesRegex(UserError, "2 things"):
            inspection.action_done()
        photo = self._upload(self.inspector, "before.png", b"before")
        dated = self._wrong(
            first,
            handling="dated",
            owner_id=self.worker_without_login.id,
            due_date="2026-03-10",
            measure="Post the new prices",
            before_ids=self._link(photo),
        )
        spot = self._wrong(second, handling="spot")
        self.assertEqual((dated.points, dated.severity), (2, "general"))
        with self.assertRaisesRegex(UserError, "photo of how it is"):
            inspection.action_done()
        spot.proof_ids = self._link(self._upload(self.inspector, "after.png"))
        inspection.action_done()
        rectification = dated.rectification_id.sudo()
        self.assertRecordValues(
            rectification,
            [
                {
                    "state": "open",
                    "origin": "inspection",
                    "res_model": "power.inspection.finding",
                    "res_id": dated.id,
                    "owner_id": self.worker_without_login.id,
                    "measure": "Post the new prices",
                    "station_id": self.station.id,
                }
            ],
        )
        self.assertEqual(
            rectification.before_ids.power_sha256, dated.before_ids.power_sha256
        )
        self.assertFalse(spot.rectification_id)
        self.assertEqual(inspection.points, 3)
        self.assertEqual(inspection.finding_count, 2)
        self.assertEqual(dated.rectification_count, 1)
        self.assertFalse(dated._make_rectifications())

    def test_a_dated_finding_needs_person_and_date(self):
        inspection = self._running(checklist_id=False)
        self.env["power.inspection.finding"].with_user(self.inspector).create(
            {"inspection_id": inspection.id, "name": "Loose seal"}
        )
        with self.assertRaisesRegex(UserError, "who puts it right"):
            inspection.action_done()
        self.assertEqual(inspection.state, "running")

    def test_a_second_tap_opens_the_same_finding(self):
        line = self._running().line_ids[0]
        self.assertEqual(line.action_wrong()["res_id"], line.action_wrong()["res_id"])

    def test_a_finding_says_what_is_not_right(self):
        """The checklist says how it should be: that alone would read as praise."""
        line = self._running().line_ids[0]
        self.assertEqual(self._wrong(line).name, f"Not right: {line.name}")

    def test_wrong_without_a_finding_is_refused(self):
        inspection = self._running()
        for line in inspection.line_ids:
            line.action_right()
        inspection.line_ids[0].result = "wrong"
        with self.assertRaisesRegex(UserError, "describe what"):
            inspection.action_done()

    def test_done_is_locked(self):
        inspection = self._running()
        for line in inspection.line_ids:
            line.action_right()
        inspection.action_done()
        for record, vals in (
            (inspection, {"conclusion": "x"}),
            (inspection, {"state": "running"}),
            (inspection.line_ids[0], {"result": "wrong"}),
        ):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                record.write(vals)
        with self.assertRaises(UserError):
            self.env["power.inspection.finding"].create(
                {"inspection_id": inspection.id, "name": "Late"}
            )
        with self.assertRaises(UserError):
            inspection.sudo().unlink()

    def test_field_staff_write_their_own_only(self):
        theirs = self._inspect(self.users["staff"])
        as_field = theirs.with_user(self.inspector)
        self.assertTrue(as_field.has_access("read"))
        with self.assertRaises(AccessError):
            as_field.action_start()

    def test_a_mystery_check_is_hidden_until_it_is_done(self):
        quality = self.users["quality"]
        checklist = self.env.ref(
            "power_service_tickets.power_inspection_checklist_mystery"
        )
        inspection = self._running(quality, kind="mystery", checklist_id=checklist.id)
        finding = self._wrong(inspection.line_ids[0], handling="noted")
        for line in inspection.line_ids[1:]:
            line.action_right()
        records = (inspection, inspection.line_ids[0], finding)
        for user in (self.inspector, self.users["staff"], self.chief):
            for record in records:
                with self.subTest(user=user.login, model=record._name):
                    as_user = record.with_user(user)
                    self.assertFalse(as_user.has_access("read"))
                    self.assertFalse(as_user.search_count([("id", "=", record.id)]))
        inspection.action_done()
        for user in (self.inspector, self.users["staff"], self.chief):
            with self.subTest(user=user.login, done=True):
                self.assertTrue(inspection.with_user(user).has_access("read"))

    def test_a_hazard_notice_names_the_customer(self):
        checklist = self.env.ref("power_service_tickets.power_inspection_checklist_use")
        inspection = self._running(
            kind="use",
            checklist_id=checklist.id,
            supply_point_id=self.point.id,
            notice="hazard",
            notice_text="Replace the broken socket",
        )
        self.assertEqual(inspection.partner_id, self.customer)
        html = (
            self.env["ir.actions.report"]
            ._render_qweb_html(
                "power_service_tickets.report_power_inspection", inspection.ids
            )[0]
            .decode()
        )
        for text in (
            "Hazard notice",
            self.customer.name,
            "3300000001",
            "broken socket",
        ):
            with self.subTest(text=text):
                self.assertIn(text, html)

    def test_lists_cost_the_same_for_1_and_for_50(self):
        def queries(count):
            inspections = self.env["power.inspection"].create(
                [
                    {
                        "name": "x",
                        "checklist_id": self.checklist.id,
                        "inspector_id": self.worker.id,
                        "station_id": self.station.id,
                    }
                ]
                * count
            )
            self.env.flush_all()
            start = self.cr.sql_log_count
            inspections._lay_out()
            self.env.flush_all()
            laid_out = self.cr.sql_log_count - start
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            inspections.read(["name", "finding_count", "open_line_count", "points"])
            return laid_out, self.cr.sql_log_count - start

        queries(1)
        (made_1, read_1), (made_50, read_50) = queries(1), queries(50)
        self.assertEqual(read_1, read_50)
        # 300 lines are inserted by the hundred.
        self.assertLessEqual(made_50, made_1 + 4)
