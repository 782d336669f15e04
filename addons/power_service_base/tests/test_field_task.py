from base64 import b64encode
from datetime import datetime, timedelta

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, new_test_user, tagged, warmup
from odoo.tools import mute_logger

from .common import GROUPS, PowerServiceCommon

PNG = b64encode(
    bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
        "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
    )
).decode()
NOW = datetime(2026, 3, 2, 8)


@freeze_time(NOW)
class FieldTaskCommon(PowerServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls.env["hr.department"].create(
            {"name": "Crew 1", "power_unit": "team", "parent_id": cls.station.id}
        )
        cls.colleague = cls._create_user("colleague", GROUPS["field"])
        cls.outsider = cls._create_user("outsider", GROUPS["field"], cls.station_other)
        cls.task = cls._create_task(user_id=cls.users["field"].id)

    @classmethod
    def _create_task(cls, **vals):
        return cls.env["power.field.task"].create(
            {
                "kind": "visit",
                "supply_point_id": cls.point.id,
                "due_at": NOW + timedelta(hours=4),
                **vals,
            }
        )

    def _mine(self, task=None, user="field"):
        return (task or self.task).with_user(self.users[user])

    def _kinds(self, task=None):
        return (task or self.task).event_ids.sorted("id").mapped("kind")


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestFieldTask(FieldTaskCommon):
    def test_point_gives_customer_station_and_area_for_good(self):
        self.assertEqual(self.task.partner_id, self.customer)
        self.assertEqual(self.task.station_id, self.station)
        self.assertEqual(self.task.grid_area_id, self.area)
        self.contract.date_to = NOW - timedelta(days=1)
        self.assertFalse(self.point.partner_id)
        self.assertEqual(self.task.partner_id, self.customer)

    def test_team_gives_the_station(self):
        task = self._create_task(supply_point_id=False, team_id=self.team.id)
        self.assertEqual(task.station_id, self.station)

    def test_name_is_kind_and_customer_in_the_readers_language(self):
        self.customer.name = "Wang Wei"
        self.assertEqual(self.task.display_name, "Visit · Wang Wei")
        self.env["res.lang"]._activate_lang("zh_CN")
        kind = self.env["ir.model.fields.selection"].search(
            [
                ("field_id.model", "=", "power.field.task"),
                ("field_id.name", "=", "kind"),
                ("value", "=", "visit"),
            ]
        )
        kind.with_context(lang="zh_CN").name = "走访"
        chinese = self.task.with_context(lang="zh_CN")
        self.assertEqual(chinese.display_name, "走访 · Wang Wei")
        self.task.name = "Explain the bill"
        self.assertEqual(self.task.display_name, "Explain the bill · Wang Wei")

    def test_start_arrive_done(self):
        task = self._mine()
        with freeze_time(NOW + timedelta(minutes=1)):
            task.action_start()
            self.assertEqual(task.state, "started")
        self.point.write({"latitude": 30.0, "longitude": 120.0})
        with freeze_time(NOW + timedelta(minutes=20)):
            task.action_arrive(latitude=30.001, longitude=120.0, accuracy=12)
        with freeze_time(NOW + timedelta(minutes=50)):
            task.action_done("partial", note="Meter sealed", charge=25)
        self.assertRecordValues(
            task,
            [
                {
                    "state": "done",
                    "started_at": NOW + timedelta(minutes=1),
                    "arrived_at": NOW + timedelta(minutes=20),
                    "done_at": NOW + timedelta(minutes=50),
                    "outcome": "partial",
                    "outcome_note": "Meter sealed",
                    "charge": 25,
                    "arrival_latitude": 30.001,
                    "arrival_accuracy": 12,
                    "arrival_distance": 111,
                    "done_latitude": 0,
                    "is_done_late": False,
                }
            ],
        )
        self.assertEqual(self._kinds(), ["started", "arrived", "done"])
        self.assertEqual(set(task.event_ids.user_id), {self.users["field"]})

    def test_state_and_times_cannot_be_typed(self):
        for vals in (
            {"state": "done"},
            {"done_at": NOW},
            {"arrived_at": False},
            {"outcome": "done"},
            {"arrival_distance": 1},
        ):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                self.task.write(vals)
            with self.subTest(vals=vals), self.assertRaises(UserError):
                self._create_task(**vals)
        with self.assertRaises(UserError):
            self._mine(user="manager").created_at = NOW - timedelta(days=9)
        # The key of the projection opens nothing to a user.
        keyed = self._mine(user="manager").with_context(power_field_projection=True)
        with self.assertRaises(UserError):
            keyed.write({"state": "done"})

    def test_form_makes_a_task(self):
        with Form(self.env["power.field.task"].with_user(self.users["staff"])) as form:
            form.supply_point_id = self.point
            self.assertEqual(form.partner_id, self.customer)
            form.user_id = self.users["field"]
        self.assertEqual(form.record.state, "planned")

    def test_events_are_immutable(self):
        self._mine().action_start()
        event = self.task.event_ids
        for user in (self.env.user, self.users["manager"]):
            with self.subTest(user=user.login), self.assertRaises(UserError):
                event.with_user(user).sudo().write({"at": NOW})
            with self.subTest(user=user.login), self.assertRaises(UserError):
                event.with_user(user).sudo().unlink()
        with self.assertRaises(AccessError):
            self.env["power.field.task.event"].with_user(self.users["manager"]).create(
                {"task_id": self.task.id, "kind": "done"}
            )
        with self.assertRaises(UserError):
            self._mine(user="manager").unlink()

    def test_task_without_history_may_be_deleted_by_a_manager_only(self):
        with self.assertRaises(AccessError):
            self._mine(user="supervisor").unlink()
        self._mine(user="manager").unlink()
        self.assertFalse(self.task.exists())

    # Repeated, late, early ---------------------------------------------------------

    def test_the_same_key_again_makes_nothing_twice(self):
        task = self._mine()
        for _repeat in range(3):
            task.action_start(at=NOW, client_ref="a")
            task.action_arrive(at=NOW, client_ref="b")
            task.action_add_proof("p.png", PNG, at=NOW, client_ref="c")
            task.action_add_note("Gate locked", at=NOW, client_ref="d")
            task.action_done("done", at=NOW, client_ref="e")
        self.assertEqual(self._kinds(), ["started", "arrived", "photo", "note", "done"])
        self.assertEqual(len(task.proof_ids), 1)

    def test_the_same_key_is_unique_in_the_database(self):
        self._mine().action_start(client_ref="a")
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.cr.savepoint(),
        ):
            self.env["power.field.task.event"].create(
                {"task_id": self.task.id, "kind": "note", "client_ref": "a"}
            )

    def test_a_second_tap_without_key_changes_nothing(self):
        self._mine().action_start()
        with freeze_time(NOW + timedelta(minutes=1)):
            self._mine().action_start()
        self.assertEqual(self._kinds(), ["started"])
        self.assertEqual(self.task.started_at, NOW)

    def test_offline_entries_keep_when_they_happened(self):
        with freeze_time(NOW + timedelta(hours=5)):
            task = self._mine()
            # The network comes back: done first, by whatever way it took.
            task.action_done("done", at=NOW + timedelta(hours=2), client_ref="3")
            task.action_arrive(at="2026-03-02 09:00:00", client_ref="2")
            task.action_start(at=NOW + timedelta(minutes=30), client_ref="1")
        self.assertRecordValues(
            self.task,
            [
                {
                    "state": "done",
                    "started_at": NOW + timedelta(minutes=30),
                    "arrived_at": NOW + timedelta(hours=1),
                    "done_at": NOW + timedelta(hours=2),
                    "is_done_late": False,
                }
            ],
        )
        event = self.task.event_ids.filtered(lambda event: event.kind == "done")
        self.assertEqual(event.recorded_at, NOW + timedelta(hours=5))
        self.assertTrue(event.is_offline)

    def test_crew_was_done_before_the_office_called_it_off(self):
        with freeze_time(NOW + timedelta(hours=1)):
            self._mine(user="staff").action_cancel("Customer called")
        self.assertEqual(self.task.state, "cancelled")
        with freeze_time(NOW + timedelta(hours=2)):
            self._mine().action_done(at=NOW + timedelta(minutes=30), client_ref="1")
        self.assertEqual(self.task.state, "done")
        self.assertFalse(self.task.cancelled_at)

    def test_who_had_the_task_then_may_still_enter_what_was_done(self):
        with freeze_time(NOW + timedelta(hours=1)):
            self._mine(user="supervisor").user_id = self.colleague
        with freeze_time(NOW + timedelta(hours=2)):
            task = self._mine()
            self.assertFalse(task.has_access("read"))
            task.action_start(at=NOW + timedelta(minutes=30), client_ref="1")
            with self.assertRaisesRegex(AccessError, "somebody else"):
                task.action_arrive(at=NOW + timedelta(minutes=61), client_ref="2")
            with self.assertRaises(AccessError):
                task.action_arrive(at=NOW + timedelta(minutes=59))  # not by a phone
            with self.assertRaises(AccessError):
                task.with_user(self.outsider).action_arrive(
                    at=NOW + timedelta(minutes=59), client_ref="3"
                )
        self.assertEqual(self.task.started_at, NOW + timedelta(minutes=30))
        self.assertEqual(self.task.event_ids.mapped("kind"), ["reassigned", "started"])

    def test_times_that_cannot_be_are_refused(self):
        with freeze_time(NOW + timedelta(days=5)):
            task = self._mine()
            now = datetime.now()
            refused = [
                (now + timedelta(minutes=1), None, "future"),
                (now + timedelta(minutes=6), "x", "future"),
                (NOW - timedelta(minutes=1), None, "before the task"),
                (NOW - timedelta(minutes=6), "x", "before the task"),
                (now - timedelta(hours=73), None, "72 hours"),
                (now - timedelta(hours=73), "x", "72 hours"),
            ]
            for at, ref, message in refused:
                with (
                    self.subTest(at=at, ref=ref),
                    self.assertRaisesRegex(UserError, message),
                ):
                    task.action_arrive(at=at, client_ref=ref)
            with self.assertRaisesRegex(UserError, "no date"):
                task.action_arrive(at="yesterday")
            # A phone's clock may be off by five minutes; a supervisor may be late.
            task.action_arrive(at=now + timedelta(minutes=5), client_ref="y")
            self._mine(user="supervisor").action_start(at=NOW)
        self.assertEqual(self.task.started_at, NOW)

    def test_limits_are_settings(self):
        self.env.ref("power_service_base.power_limit_shared").write(
            {"field_late_hours": 200, "field_skew_minutes": 60}
        )
        with freeze_time(NOW + timedelta(days=5)):
            self._mine().action_start(at=NOW - timedelta(minutes=55), client_ref="1")
        self.assertEqual(self.task.started_at, NOW - timedelta(minutes=55))

    def test_work_after_the_end_is_refused(self):
        task = self._mine()
        task.action_done()
        with freeze_time(NOW + timedelta(minutes=1)):
            with self.assertRaisesRegex(UserError, "was done"):
                task.action_arrive()
            with self.assertRaisesRegex(UserError, "was done"):
                self._mine(user="staff").action_cancel("No longer needed")
            task.action_add_note("Called the customer back")
        self.assertEqual(self._kinds(), ["done", "note"])

    def test_bad_positions_outcomes_and_files_are_refused(self):
        task = self._mine()
        for latitude, longitude in ((91, 0), (0, 181), (float("nan"), 0)):
            with self.subTest(latitude=latitude), self.assertRaises(UserError):
                task.action_arrive(latitude=latitude, longitude=longitude)
        with self.assertRaises(UserError):
            task.action_done("great")
        with self.assertRaises(UserError):
            task.action_done(charge=-1)
        for values in (
            *({name: []} for name in ("outcome", "note", "charge", "client_ref")),
            *({"outcome": {}}, {"outcome": 0}, {"note": 0}, {"charge": ""}),
            *({"latitude": x, "longitude": 5} for x in ("", [], {})),
            {"accuracy": {}},
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                task.action_done(**values)
        with self.assertRaises(UserError):
            task.action_add_note("  ")
        html = b64encode(b"<html><script>alert(1)</script></html>").decode()
        svg = b64encode(b'<svg xmlns="http://www.w3.org/2000/svg"/>').decode()
        for data in ("", "not base64!", html, svg):
            with self.subTest(data=data), self.assertRaises(UserError):
                task.action_add_proof("p", data)
        big = b64encode(bytes.fromhex("ffd8ffe000104a464946") + bytes(10485760))
        with self.assertRaisesRegex(UserError, "10 MB"):
            task.action_add_proof("p", big.decode())
        self.assertFalse(self.task.event_ids)

    def test_proof_is_hashed_guarded_and_follows_the_task(self):
        self._mine().action_add_proof("roof.png", PNG)
        proof = self.task.proof_ids
        self.assertEqual(proof.mimetype, "image/png")
        self.assertEqual(len(proof.sudo().power_sha256), 64)
        self.assertEqual(self.task.event_ids.attachment_id, proof)
        self.assertTrue(proof.with_user(self.users["field"]).read(["datas"]))
        with self.assertRaises(AccessError):
            proof.with_user(self.outsider).read(["datas"])
        with self.assertRaises(UserError):
            proof.unlink()

    # Who may --------------------------------------------------------------------------

    def test_field_staff_see_their_own_and_those_to_take(self):
        tasks = {
            "own": self.task,
            "own elsewhere": self._create_task(
                supply_point_id=self.point_other.id, user_id=self.users["field"].id
            ),
            "colleague": self._create_task(user_id=self.colleague.id),
            "nobody here": self._create_task(),
            "nobody there": self._create_task(supply_point_id=self.point_other.id),
        }
        everything = self.env["power.field.task"].union(*tasks.values())
        expected = {
            "field": {"own", "own elsewhere", "nobody here"},
            "staff": {"own", "colleague", "nobody here"},
            "supervisor": {"own", "colleague", "nobody here"},
            "quality": set(tasks),
            "manager": set(tasks),
        }
        for name, seen in expected.items():
            found = everything.with_user(self.users[name])._filtered_access("read")
            with self.subTest(group=name):
                self.assertEqual({key for key in tasks if tasks[key] in found}, seen)
        with self.assertRaises(AccessError):
            self.env["power.field.task"].with_user(self.portal).search([])

    def test_team_members_see_the_teams_tasks(self):
        task = self._create_task(supply_point_id=False, station_id=False)
        task.team_id = self.team
        task.station_id = self.station_other
        field = self.users["field"]
        self.assertFalse(task.with_user(field).has_access("read"))
        field.employee_ids.department_id = self.team
        self.env.flush_all()
        self.assertTrue(task.with_user(field).has_access("read"))

    def test_history_follows_the_task(self):
        self._mine().action_start()
        event = self.task.event_ids
        self.assertTrue(event.with_user(self.users["field"]).has_access("read"))
        for user in (self.colleague, self.outsider):
            self.assertFalse(event.with_user(user).has_access("read"))

    def test_somebody_elses_task_is_refused_by_id(self):
        calls = [
            ("action_start", ()),
            ("action_arrive", ()),
            ("action_done", ()),
            ("action_take", ()),
            ("action_add_note", ("x",)),
            ("action_add_proof", ("p.png", PNG)),
            ("action_cancel", ("x",)),
            ("action_reopen", ("x",)),
        ]
        internal = new_test_user(
            self.env, login="test_nobody", groups="base.group_user"
        )
        for user in (self.colleague, self.outsider, internal, self.portal):
            for method, args in calls:
                task = self.task.with_user(user)
                with (
                    self.subTest(user=user.login, method=method),
                    self.assertRaises(AccessError),
                ):
                    getattr(task, method)(*args)
        self.assertFalse(self.task.event_ids)

    def test_unassigned_must_be_taken_first(self):
        task = self._create_task()
        with self.assertRaisesRegex(AccessError, "take it first"):
            self._mine(task).action_start()
        self._mine(task).action_take()
        self._mine(task).action_take()
        self.assertEqual(task.user_id, self.users["field"])
        self.assertEqual(self._kinds(task), ["reassigned"])
        self.assertEqual(task.event_ids.assignee_id, self.users["field"])
        self._mine(task).action_start()
        with self.assertRaisesRegex(AccessError, "somebody else took it"):
            task.with_user(self.colleague).action_take()
        with self.assertRaisesRegex(UserError, "already taken"):
            self._mine(task, "staff").action_take()

    def test_what_is_closed_cannot_be_taken(self):
        task = self._create_task()
        task.action_cancel("Settled by telephone")
        with self.assertRaisesRegex(UserError, "nothing left"):
            self._mine(task).action_take()

    def test_my_work_is_own_today_and_what_can_be_taken(self):
        Task = self.env["power.field.task"]
        elsewhere = self._create_task(
            supply_point_id=self.point_other.id, user_id=self.users["field"].id
        )
        free = self._create_task(kind="repair", note="Bring a ladder")
        done, yesterday = self._create_task(), self._create_task()
        (done | yesterday).user_id = self.users["field"]
        with freeze_time(NOW - timedelta(days=2)):
            yesterday = self._create_task(user_id=self.users["field"].id)
            self._mine(yesterday).action_done()
        self._mine(done).action_done("absent")
        self._create_task(user_id=self.colleague.id)
        self._create_task(supply_point_id=self.point_other.id)
        field = Task.with_user(self.users["field"])
        work = field.get_my_work()
        self.assertEqual(work["now"], "2026-03-02 08:00:00")
        cards = {card["id"]: card for card in work["tasks"]}
        own = self.task | elsewhere | done
        own |= Task.search([("user_id", "=", self.users["field"].id)]) - yesterday
        self.assertEqual(set(cards), set((own | free).ids))
        self.assertEqual(cards[elsewhere.id]["customer"], self.customer_other.name)
        self.assertFalse(cards[free.id]["is_mine"])
        self.assertEqual(cards[free.id]["note"], "Bring a ladder")
        self.assertEqual(cards[done.id]["outcome"], "absent")
        with self.assertRaises(AccessError):
            Task.with_user(self.portal).get_my_work()

    def test_field_staff_may_not_edit_their_tasks(self):
        for vals in ({"due_at": False}, {"user_id": False}, {"partner_id": False}):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                self._mine().write(vals)
        with self.assertRaises(AccessError):
            self._mine().action_cancel("Rain")

    def test_office_enters_for_the_crew(self):
        self._mine(user="staff").action_arrive()
        self.assertEqual(self.task.state, "arrived")
        self.assertEqual(self.task.event_ids.user_id, self.users["staff"])

    def test_office_enters_what_was_reported(self):
        def enter(user, **vals):
            wizard = self.env["power.field.task.entry"].with_user(self.users[user])
            with freeze_time(NOW + timedelta(hours=3)):
                return wizard.create({"task_id": self.task.id, **vals}).action_confirm()

        enter("staff", kind="arrived", at=NOW + timedelta(hours=1), note="By phone")
        enter(
            "staff", kind="note", at=NOW + timedelta(hours=1), note="Key is next door"
        )
        enter("staff", kind="done", at=NOW + timedelta(hours=2), outcome="absent")
        self.assertEqual(self._kinds(), ["arrived", "note", "note", "done"])
        self.assertEqual(self.task.done_at, NOW + timedelta(hours=2))
        with self.assertRaises(AccessError):
            enter("staff", kind="reopened", note="Again")
        enter("supervisor", kind="reopened", note="Again")
        enter("staff", kind="cancelled", note="Moved away")
        self.assertEqual(self.task.state, "cancelled")
        with self.assertRaises(AccessError):
            self.env["power.field.task.entry"].with_user(self.colleague).create(
                {"task_id": self.task.id, "kind": "note", "note": "x"}
            ).action_confirm()

    def test_board_has_a_column_for_everybody_of_the_station(self):
        Task = self.env["power.field.task"].with_user(self.users["supervisor"])
        groups = Task.with_context(read_group_expand=True).web_read_group(
            [("id", "=", self.task.id)], ["user_id"], ["__count"]
        )["groups"]
        people = {group["user_id"][0] for group in groups if group["user_id"]}
        self.assertIn(self.users["field"].id, people)
        self.assertIn(self.colleague.id, people)
        self.assertNotIn(self.outsider.id, people)

    def test_reassigning_is_logged(self):
        tasks = self.task | self._create_task()
        tasks.with_user(self.users["supervisor"]).user_id = self.colleague
        self.assertRecordValues(
            tasks.event_ids.sorted("task_id"),
            [
                {
                    "kind": "reassigned",
                    "previous_assignee_id": self.users["field"].id,
                    "assignee_id": self.colleague.id,
                    "user_id": self.users["supervisor"].id,
                },
                {
                    "kind": "reassigned",
                    "previous_assignee_id": False,
                    "assignee_id": self.colleague.id,
                    "user_id": self.users["supervisor"].id,
                },
            ],
        )
        tasks.with_user(self.users["supervisor"]).user_id = self.colleague
        self.assertEqual(len(tasks.event_ids), 2)

    def test_reopening_needs_a_supervisor_and_a_reason(self):
        self._mine().action_done("absent")
        with freeze_time(NOW + timedelta(hours=1)):
            for name in ("field", "staff"):
                with self.subTest(group=name), self.assertRaises(AccessError):
                    self._mine(user=name).action_reopen("Again")
            with self.assertRaisesRegex(UserError, "why"):
                self._mine(user="supervisor").action_reopen(" ")
            self._mine(user="supervisor").action_reopen("Customer is back")
            with self.assertRaisesRegex(UserError, "not closed"):
                self._mine(user="supervisor").action_reopen("Once more")
        self.assertRecordValues(
            self.task, [{"state": "planned", "done_at": False, "outcome": False}]
        )
        self.assertEqual(self._kinds(), ["done", "reopened"])
        self.assertEqual(self.task.event_ids[0].note, "Customer is back")

    def test_cancelling_needs_a_reason(self):
        with self.assertRaisesRegex(UserError, "why"):
            self._mine(user="staff").action_cancel("")
        self._mine(user="staff").action_cancel("Moved away")
        self.assertEqual(self.task.state, "cancelled")

    # Overdue --------------------------------------------------------------------------

    def test_overdue_is_told_by_the_clock(self):
        Task = self.env["power.field.task"]
        late = self._create_task(due_at=NOW + timedelta(hours=1))
        never = self._create_task(due_at=False)
        done = self._create_task(due_at=NOW + timedelta(hours=1))
        done.action_done()
        ours = self.task | late | never | done
        with freeze_time(NOW + timedelta(days=2, hours=2)):
            self.env.invalidate_all()
            overdue = Task.search([("is_overdue", "=", True), ("id", "in", ours.ids)])
            self.assertEqual(overdue, late | self.task)
            self.assertEqual(ours.filtered("is_overdue"), self.task | late)
            self.assertEqual(
                Task.search([("is_overdue", "=", False), ("id", "in", ours.ids)]),
                never | done,
            )
            self.assertEqual(late.days_overdue, 2)
            self.assertEqual(self.task.days_overdue, 1)
            late.action_done()
            self.assertFalse(late.is_overdue)
            self.assertTrue(late.is_done_late)
        self.assertFalse(done.is_done_late)

    # Sets -----------------------------------------------------------------------------

    def test_planning_twice_is_impossible(self):
        self._create_task(dedup_key="visit:1:2026-10")
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.cr.savepoint(),
        ):
            self._create_task(dedup_key="visit:1:2026-10")

    def _count(self, work, number):
        """Queries of ``work`` on a fresh set of ``number`` tasks."""
        tasks = self.env["power.field.task"].create(
            [{"kind": "repair", "supply_point_id": self.point.id}] * number
        )
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        work(tasks)
        self.env.flush_all()
        return self.cr.sql_log_count - before

    @warmup
    def test_queries_do_not_grow_with_the_number(self):
        def create(tasks):
            self.env["power.field.task"].create(
                [
                    {"kind": "visit", "supply_point_id": self.point.id, "name": "x"}
                    for _task in tasks
                ]
            )

        works = {
            "create": create,
            "start": lambda tasks: tasks.action_start(),
            "done": lambda tasks: tasks.action_done("done", note="x"),
            "reassign": lambda tasks: tasks.write({"user_id": self.colleague.id}),
        }
        for name, work in works.items():
            self._count(work, 1)
            with self.subTest(work=name):
                self.assertEqual(self._count(work, 50), self._count(work, 1))


@tagged("post_install", "-at_install")
class TestOrigin(FieldTaskCommon):
    def test_nobody_names_an_origin_that_is_not_theirs(self):
        """What happens with a task comes back to its origin."""
        theirs = self._create_task(supply_point_id=self.point_other.id)
        staff = self.users["staff"]
        tasks = self.env["power.field.task"].with_user(staff)
        vals = {"kind": "visit", "station_id": self.station.id}
        for model, record_id in (
            (theirs._name, theirs.id),
            (theirs._name, 2**31 - 1),
            ("no.such.model", 1),
        ):
            with (
                self.subTest(model=model, id=record_id),
                self.assertRaises(AccessError),
            ):
                tasks.create({**vals, "res_model": model, "res_id": record_id})
        own = tasks.create({**vals, "res_model": theirs._name, "res_id": self.task.id})
        with self.assertRaises(AccessError):
            own.res_id = theirs.id
        with self.assertRaises(AccessError):
            self.env["power.customer.contact"].with_user(staff).create(
                {
                    "partner_id": self.customer.id,
                    "subject": "Visit",
                    "res_model": theirs._name,
                    "res_id": theirs.id,
                }
            )
