from unittest.mock import patch

from lxml import etree
from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tests import Form, freeze_time, tagged
from odoo.tests.common import users, warmup
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from .common import QualityCommon


@tagged("post_install", "-at_install")
class TestRectification(QualityCommon):
    def _as(self, record, user):
        return record.with_user(user)

    def _done(self, **vals):
        record = self._create_rectification(**vals)
        record.with_user(self.users["staff"]).action_open()
        self._submit(record, self.users["field"], "Replaced")
        return record

    def test_columns_of_an_empty_draft_take_no_room_on_a_phone(self):
        self._create_rectification().action_open()
        records = self.env["power.rectification"].with_context(read_group_expand=True)
        groups = records.web_read_group(
            [("station_id", "=", self.station.id)], ["state"]
        )["groups"]
        self.assertEqual(
            [group["state"] for group in groups], ["open", "returned", "done"]
        )

    def test_from_draft_to_verified(self):
        record = self._create_rectification()
        self.assertEqual(record.team_id, self.team)
        record.with_user(self.users["staff"]).action_open()
        self.assertEqual(record.activity_ids.user_id, self.users["field"])
        worker = record.with_user(self.users["field"])
        worker.write({"proof_ids": self._link(self._upload(self.users["field"]))})
        worker.action_submit("New board hung up")
        self.assertEqual(record.activity_ids.user_id, self.chief)
        record.with_user(self.chief).action_verify()
        self.assertRecordValues(
            record,
            [
                {
                    "state": "verified",
                    "submitted_by": self.users["field"].id,
                    "verified_by": self.chief.id,
                    "result": "New board hung up",
                }
            ],
        )
        self.assertFalse(record.activity_ids)
        self.assertTrue(record.proof_ids.power_sha256)

    def test_a_grave_complaint_is_gravely_put_right(self):
        complaint = self.env["power.ticket"].create(
            {
                "subject": "Rude",
                "type_id": self.env["power.ticket.type"]
                .search([("code", "=", "complaint")])
                .id,
                "partner_id": self.customer.id,
                "station_id": self.station.id,
            }
        )
        for grade, severity in (
            ("general", "general"),
            ("important", "general"),
            ("major", "major"),
            ("special", "major"),
        ):
            complaint.complaint_grade = grade
            for action in ("action_open_rectifications", "action_make_rectification"):
                context = getattr(complaint, action)()["context"]
                with self.subTest(grade=grade, action=action):
                    self.assertEqual(context["default_severity"], severity)

    def test_what_may_not_be_saved_is_not_to_be_typed(self):
        record = self._create_rectification()
        self.assertTrue(record.with_user(self.users["staff"]).can_change_terms)
        record.action_open()
        record.with_user(self.users["field"]).write({"cause": "Wind"})
        for user, may in (
            (self.users["field"], False),
            (self.users["staff"], False),
            (self.chief, True),
        ):
            with self.subTest(user=user.login):
                mine = record.with_user(user)
                self.assertEqual(mine.can_change_terms, may)
                form = Form(mine)
                if may:
                    form.due_date = "2026-03-12"
                    form.save()
                    continue
                for name in ("owner_id", "due_date", "severity"):
                    with self.assertRaisesRegex(AssertionError, "readonly"):
                        setattr(form, name, form[name])
                with self.assertRaises(AccessError):
                    mine.due_date = "2026-04-01"
        # Nor is one's own, whoever one is.
        own = self._create_rectification(owner_id=self.chief.employee_ids.id)
        own.action_open()
        own = own.with_user(self.chief)
        self.assertFalse(own.can_change_terms)
        with self.assertRaisesRegex(UserError, "somebody else"):
            own.due_date = "2026-04-01"

    def test_the_menu_opens_on_ones_own_for_who_works_outside(self):
        own = self._create_rectification()
        others = self._create_rectification(owner_id=self.worker_without_login.id)
        (own | others).action_open()
        context = self.env.ref(
            "power_service_tickets.power_rectification_action"
        ).context
        for user, seen in (
            (self.users["field"], own),
            (self.users["staff"], own | others),
        ):
            records = self.env["power.rectification"].with_user(user)
            arch = etree.fromstring(records.get_view(view_type="search")["arch"])
            domain = Domain.AND(
                safe_eval(node.get("domain"), {"uid": user.id})
                for node in arch.iter("filter")
                if f"'search_default_{node.get('name')}'" in context
            )
            with self.subTest(user=user.login):
                self.assertEqual(records.search(domain) & (own | others), seen)
                names = [node.get("string") for node in arch.iter("filter")]
                self.assertEqual(names.count("Mine"), 1)

    def test_open_needs_person_measure_and_date(self):
        for name in ("owner_id", "measure", "due_date"):
            record = self._create_rectification(**{name: False})
            with self.subTest(missing=name), self.assertRaises(UserError):
                record.action_open()

    def test_the_person_in_charge_never_verifies_even_as_supervisor(self):
        record = self._create_rectification(owner_id=self.leader.employee_ids.id)
        record.action_open()
        self._submit(record, self.users["staff"], "Done by the leader")
        with self.assertRaises(AccessError):
            record.with_user(self.leader).action_verify()
        with self.assertRaises(ValidationError):
            record._move({"state": "verified", "verified_by": self.leader.id})

    def test_who_submitted_never_verifies(self):
        record = self._create_rectification()
        record.action_open()
        self._submit(record, self.chief, "On behalf of him")
        for action in ("action_verify", "action_send_back"):
            arguments = ["x"] if action == "action_send_back" else []
            with self.subTest(action=action), self.assertRaises(AccessError):
                getattr(record.with_user(self.chief), action)(*arguments)
        record.with_user(self.leader).action_verify()
        self.assertEqual(record.verified_by, self.leader)

    def test_who_proved_it_never_verifies_however_late(self):
        """A photo added after the submission is proof as well: of its photographer."""
        record = self._done()
        late = self._upload(self.chief)
        record.with_user(self.chief).write({"proof_ids": self._link(late)})
        for action in ("action_verify", "action_send_back"):
            arguments = ["x"] if action == "action_send_back" else []
            with self.subTest(action=action), self.assertRaises(AccessError):
                getattr(record.with_user(self.chief), action)(*arguments)
        record.with_user(self.leader).action_verify()
        self.assertEqual(record.verified_by, self.leader)

    def test_who_proved_it_is_not_asked_to_verify(self):
        record = self._create_rectification()
        record.with_user(self.users["staff"]).action_open()
        proof = self._upload(self.chief)
        record.with_user(self.chief).write({"proof_ids": self._link(proof)})
        record.with_user(self.users["field"]).action_submit("Replaced")
        self.assertNotIn(self.chief, record.activity_ids.user_id)

    def test_a_photo_of_how_it_was_is_no_proof_of_the_work(self):
        before = self._upload(self.chief)
        record = self._create_rectification()
        record.with_user(self.chief).write({"before_ids": self._link(before)})
        record.with_user(self.users["staff"]).action_open()
        self._submit(record, self.users["field"], "Replaced")
        record.with_user(self.chief).action_verify()
        self.assertEqual(record.verified_by, self.chief)

    def test_without_proof_it_is_not_put_right(self):
        record = self._create_rectification()
        record.before_ids = self._link(self._upload(self.users["staff"]))
        record.with_user(self.users["staff"]).action_open()
        worker = record.with_user(self.users["field"])
        with self.assertRaisesRegex(UserError, "shows what was done"):
            worker.action_submit("Replaced")
        self.assertEqual(record.state, "open")
        worker.proof_ids = self._link(self._upload(self.users["field"], "after.png"))
        worker.action_submit("Replaced")
        self.assertEqual(record.state, "done")

    def test_staff_do_not_verify(self):
        with self.assertRaises(AccessError):
            self._done().with_user(self.users["staff"]).action_verify()

    def test_sent_back_with_a_reason_that_stays(self):
        record = self._done()
        with self.assertRaises(UserError):
            record.with_user(self.chief).action_send_back("  ")
        record.with_user(self.chief).action_send_back("The photo shows another hall")
        self.assertEqual((record.state, record.return_count), ("returned", 1))
        self.assertIn("another hall", record.message_ids[0].body)
        self.assertEqual(record.activity_ids.user_id, self.users["field"])
        self._submit(record, self.users["field"], "Now this hall")
        record.with_user(self.chief).action_verify()
        self.assertEqual(record.return_count, 1)

    def test_the_window_asks_why_and_does_nothing_else(self):
        record = self._done().with_user(self.chief)
        action = record.with_context(power_reason_for="send_back").action_ask_reason()
        entry = self.env["power.reason.entry"].with_user(self.chief)
        entry = entry.with_context(**action["context"]).create({"reason": "Not yet"})
        entry.action_confirm()
        self.assertEqual(record.state, "returned")
        with self.assertRaises(UserError):
            record.with_context(power_reason_for="verify").action_ask_reason()
        for vals in ({"action": "verify"}, {"res_model": "res.users"}):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                entry.sudo().copy(vals).with_user(self.chief).action_confirm()

    def test_the_state_cannot_be_typed(self):
        record = self._done()
        chief = record.with_user(self.chief)
        for vals in (
            {"state": "verified"},
            {"verified_by": self.users["quality"].id},
            {"return_count": 0},
        ):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                chief.write(vals)
        with self.assertRaises(UserError):
            chief.with_context(power_moving=True).write({"state": "verified"})
        with self.assertRaises(UserError):
            self._create_rectification(state="verified")

    def test_under_way_only_a_supervisor_moves_the_date_and_never_of_the_own(self):
        record = self._create_rectification()
        record.action_open()
        with self.assertRaises(AccessError):
            record.with_user(self.users["field"]).due_date = "2027-01-01"
        record.with_user(self.chief).due_date = "2026-04-01"
        own = self._create_rectification(owner_id=self.leader.employee_ids.id)
        own.action_open()
        with self.assertRaises(UserError):
            own.with_user(self.leader).due_date = "2027-01-01"

    def test_verified_is_locked_and_nothing_under_way_is_deleted(self):
        record = self._done()
        record.with_user(self.chief).action_verify()
        with self.assertRaises(UserError):
            record.with_user(self.users["manager"]).cause = "Something else"
        with self.assertRaises(UserError):
            record.with_user(self.users["manager"]).unlink()

    def test_field_staff_write_their_own_only(self):
        other = self._create_rectification(owner_id=self.worker_without_login.id)
        other.action_open()
        with self.assertRaises(AccessError):
            other.with_user(self.users["field"]).action_submit("Not mine")
        self.assertTrue(other.with_user(self.users["field"]).has_access("read"))

    def test_other_stations_do_not_see_it(self):
        record = self._create_rectification(station_id=self.station_other.id)
        for name in ("field", "staff", "supervisor"):
            with self.subTest(group=name):
                self.assertFalse(record.with_user(self.users[name]).has_access("read"))
        self.assertTrue(record.with_user(self.users["quality"]).has_access("read"))

    def test_before_and_after_are_told_apart_and_stay(self):
        staff = self.users["staff"]
        before = self._upload(staff, "before.png")
        record = self._create_rectification().with_user(staff)
        record.before_ids = self._link(before)
        record.proof_ids = self._link(self._upload(staff, "after.png"))
        self.assertEqual(record.before_ids, before)
        self.assertEqual(record.proof_ids.name, "after.png")
        for name in ("before_ids", "proof_ids"):
            with self.subTest(field=name), self.assertRaises(UserError):
                record[name] = False
        self.assertFalse(record._get_broken_proofs())

    def test_overdue_is_computed_and_searched_by_the_company_s_date(self):
        record = self._create_rectification(due_date="2026-03-10")
        record.action_open()
        overdue = [("is_overdue", "=", True), ("id", "=", record.id)]
        # 16:30 on the 10th in UTC is half past midnight on the 11th in China.
        for now, expected, days in (
            ("2026-03-10 15:30", 0, 0),
            ("2026-03-10 16:30", 1, 1),
            ("2026-03-13 02:00", 1, 3),
        ):
            with self.subTest(now=now), freeze_time(now):
                record.invalidate_recordset()
                self.assertEqual(record.search_count(overdue), expected)
                self.assertEqual(record.days_overdue, days)
        with freeze_time("2026-03-13 02:00"):
            self._submit(record, self.env.user, "Done")
            self.assertTrue(record.is_done_late)
            self.assertFalse(record.search_count(overdue))

    def test_the_origin_is_named_only_to_who_may_see_it(self):
        record = self._create_rectification(
            res_model="power.supply.point", res_id=self.point_other.id
        )
        self.assertEqual(record.origin_name, self.point_other.display_name)
        as_staff = record.with_user(self.users["staff"])
        self.assertFalse(as_staff.origin_name)
        with self.assertRaises(AccessError):
            as_staff.action_open_origin()

    @users("test_supervisor")
    @warmup
    def test_lists_cost_the_same_for_1_and_for_50(self):
        Model = self.env["power.rectification"]
        names = ["name", "is_overdue", "days_overdue", "origin_name", "owner_id"]

        def queries(count):
            vals = {
                "name": "x",
                "owner_id": self.worker.id,
                "station_id": self.station.id,
                "due_date": "2026-01-01",
                "res_model": "power.supply.point",
                "res_id": self.point.id,
            }
            self.env.flush_all()
            start = self.cr.sql_log_count
            records = Model.create([vals] * count)
            self.env.flush_all()
            created = self.cr.sql_log_count - start
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            records.read(names)
            return created, self.cr.sql_log_count - start

        queries(1)
        self.assertEqual(queries(1), queries(50))


@tagged("post_install", "-at_install")
class TestRectificationClimb(QualityCommon):
    def setUp(self):
        super().setUp()
        # Only the records made here climb.
        self.env["power.rectification"].search([])._move({"state": "cancelled"})

    def _climb(self, day):
        with freeze_time(f"{day} 02:00"):
            self._run_cron("ir_cron_rectification_climb")

    def _open(self, **vals):
        record = self._create_rectification(**vals)
        record.action_open()
        record.activity_ids.unlink()
        return record

    def _told(self, record):
        return [
            (step.step_id.days, step.step_id.whom, step.user_ids)
            for step in record.escalation_ids.sorted(lambda step: step.id)
        ]

    def test_each_step_once_in_order(self):
        record = self._open(due_date="2026-03-10")
        field, quality = self.users["field"], self.users["quality"]
        self._climb("2026-03-07")
        self.assertFalse(record.escalation_ids)
        expected = [(-2, "owner", field)]
        self._climb("2026-03-08")
        self._climb("2026-03-09")
        self.assertEqual(self._told(record), expected)
        self.assertEqual(record.activity_ids.user_id, field)
        expected += [(1, "owner", field), (1, "leader", self.leader)]
        self._climb("2026-03-11")
        self.assertEqual(self._told(record), expected)
        expected.append((3, "chief", self.chief))
        self._climb("2026-03-13")
        self._climb("2026-03-13")
        self.assertEqual(self._told(record), expected)
        self._climb("2026-03-17")
        self.assertEqual(len(record.escalation_ids), 5)
        self.assertIn(quality, record.escalation_ids.user_ids)

    def test_after_downtime_in_order_and_without_the_reminder_before(self):
        record = self._open(due_date="2026-03-10")
        self._climb("2026-03-14")
        self.assertEqual(
            self._told(record),
            [
                (1, "owner", self.users["field"]),
                (1, "leader", self.leader),
                (3, "chief", self.chief),
            ],
        )

    def test_who_has_no_login_is_replaced_by_the_next_above(self):
        record = self._open(owner_id=self.worker_without_login.id)
        self.team.manager_id = False
        self._climb("2026-03-11")
        self.assertEqual(record.escalation_ids.user_ids, self.chief)
        self.assertEqual(len(record.activity_ids), 1)

    def test_what_is_done_or_cancelled_does_not_climb(self):
        done, cancelled = self._open(), self._open()
        self._submit(done, self.users["field"], "Done")
        cancelled.action_cancel("Entered twice")
        self._climb("2026-03-20")
        self.assertFalse((done | cancelled).escalation_ids)

    def test_a_new_date_climbs_again(self):
        record = self._open()
        self._climb("2026-03-11")
        record.with_user(self.chief).due_date = "2026-03-20"
        self._climb("2026-03-19")
        self.assertEqual(record.escalation_ids.sorted("id")[-1].step_id.days, -2)
        self._climb("2026-03-21")
        self.assertEqual(len(record.escalation_ids), 5)

    def test_batches_a_killed_run_and_a_second_one(self):
        records = self.env["power.rectification"]
        for _number in range(5):
            records |= self._open()
        Model = type(records)
        original = Model._cron_climb
        self.patch(Model, "_cron_climb", lambda self, size=3: original(self, size))
        with (
            freeze_time("2026-03-11 02:00"),
            self.assertRaises(ZeroDivisionError),
            self.env.cr.savepoint(),
        ):
            # Killed after the claim: nothing of it stays.
            records._claim_steps(3)
            raise ZeroDivisionError
        self.env.invalidate_all()
        self.assertFalse(records.escalation_ids)
        self._climb("2026-03-11")
        self.assertEqual(len(records.escalation_ids), 10)
        self.assertEqual(len(records.activity_ids), 10)
        self._climb("2026-03-11")
        self.assertEqual(len(records.activity_ids), 10)

    def test_a_step_is_taken_once_by_the_database(self):
        record = self._open()
        self._climb("2026-03-11")
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"):
            with self.env.cr.savepoint():
                record.escalation_ids[0].sudo().copy()

    def test_a_broken_one_is_parked_and_holds_up_nobody(self):
        broken, good = self._open(name="Broken"), self._open(name="Good")
        Model = type(broken)
        original = Model._get_told

        def get_told(self, whom, quality):
            if self == broken:
                raise ValueError("No idea who")
            return original(self, whom, quality)

        with patch.object(Model, "_get_told", get_told):
            self._climb("2026-03-11")
        self.assertEqual(set(broken.escalation_ids.mapped("error")), {"No idea who"})
        self.assertEqual(
            good.escalation_ids.user_ids, self.users["field"] | self.leader
        )
        run = self.env["power.job.run"].search(
            [("name", "=", "power.rectification.climb")], limit=1
        )
        self.assertEqual((run.done_count, run.failed_count), (2, 2))
        self.assertEqual(run.title, "Overdue rectifications")

    def test_another_company_s_ladder_is_not_taken(self):
        record = self._open()
        self.env["power.rectification.step"].create(
            {
                "name": "Theirs",
                "days": 1,
                "whom": "chief",
                "company_id": self.company_other.id,
            }
        )
        self._climb("2026-03-11")
        self.assertNotIn("Theirs", record.escalation_ids.step_id.mapped("name"))

    def test_a_batch_costs_the_same_for_1_and_for_50(self):
        def queries(count):
            records = self.env["power.rectification"].create(
                [
                    {
                        "name": "x",
                        "owner_id": self.worker.id,
                        "measure": "y",
                        "due_date": "2026-03-10",
                        "station_id": self.station.id,
                    }
                ]
                * count
            )
            records._move({"state": "open"})
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            with freeze_time("2026-03-11 02:00"):
                steps = records._claim_steps(1000)
                records._climb(steps)
                self.env.flush_all()
            self.assertEqual(len(steps), 2 * count)
            return self.cr.sql_log_count - start

        queries(1)
        self.assertLessEqual(queries(50), queries(1) + 2)
