from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.power_service_base.models import power_import_run

from .import_common import ROW, ImportCommon, make_csv, make_rows


@tagged("post_install", "-at_install")
class TestImportRuns(ImportCommon):
    def test_killed_at_any_batch_and_run_again_gives_the_same(self):
        rows = make_rows(25)
        rows[4]["phone"] = "x"
        attachment = make_csv(rows)
        with patch.object(power_import_run, "BATCH", 4):
            for kill_at in range(1, 17):
                with self.subTest(kill_at), self.cr.savepoint() as savepoint:
                    record = self._start_import(attachment)
                    self._run_killed(record, kill_at)
                    self.assertEqual(record.state, "done", record.message)
                    self.assertEqual(self.get_counts(record), (24, 0, 0, 1))
                    points = self.env["power.supply.point"].search_count(
                        [("source_system", "=", "marketing")]
                    )
                    self.assertEqual(points, 24)
                    self.assertEqual(len(record.issue_ids), 1)
                    savepoint.rollback()
                    self.env.invalidate_all(flush=False)

    def _start_import(self, source):
        record = self.imports.create({"kind": "customers", "file_name": "a.csv"})
        self.env["ir.attachment"].create(
            {
                "name": "file",
                "res_model": "power.import",
                "res_field": "file",
                "res_id": record.id,
                "raw": source,
            }
        )
        record.write(record._prepare_start_vals(False))
        return record

    def _run_killed(self, record, kill_at):
        """Run with savepoints as commits; the batch after ``kill_at`` is lost."""

        class Killed(Exception):
            pass

        state = {"pauses": 0, "savepoint": self.cr.savepoint(flush=True)}

        def pause(this, commit, processed=0, least=0):
            this.env.flush_all()
            state["savepoint"].close(rollback=False)
            state["savepoint"] = self.cr.savepoint(flush=True)
            state["pauses"] += 1
            return True

        def copy(this, *args):
            if state["pauses"] == kill_at:
                state["pauses"] += 1
                raise Killed
            return original_flush(this, *args)

        cls = self.env.registry["power.import"]
        loader = self.env.registry["power.import.loader.customers"]
        original_flush = cls._copy_issues
        original_prepare = loader._prepare_batch

        def prepare(this, *args):
            result = original_prepare(this, *args)
            if state["pauses"] == kill_at:
                state["pauses"] += 1
                raise Killed
            return result

        with (
            patch.object(cls, "_pause", pause),
            patch.object(cls, "_copy_issues", copy),
            patch.object(loader, "_prepare_batch", prepare),
        ):
            try:
                record._as_user()._work()
            except Killed:
                self.env.invalidate_all(flush=False)
                state["savepoint"].rollback()
                self.env.invalidate_all(flush=False)
                record._as_user()._work()
        state["savepoint"].close(rollback=False)

    def test_job_runs_the_import_and_shows_progress(self):
        record = self._start_import(make_csv(make_rows(30)))
        self.assertEqual(record.get_progress()["state"], "running")
        cron = self.env.ref("power_service_base.ir_cron_power_import")
        with patch.object(power_import_run, "BATCH", 10):
            with self.enter_registry_test_mode():
                self.assertIs(cron.method_direct_trigger(), True)
        record.invalidate_recordset()
        self.assertEqual(record.state, "done", record.message)
        self.assertEqual(self.get_counts(record), (30, 0, 0, 0))
        self.assertEqual(record.get_progress()["percent"], 100)
        run = self.env["power.job.run"].search([("name", "=", "power.import")], limit=1)
        self.assertEqual((run.state, run.done_count), ("done", 30))

    def test_the_last_step_is_told_in_words(self):
        """After the last row there is still work: no bar at 100 %, no "0 s left"."""
        record = self._start_import(make_csv(make_rows(3)))
        loader = self.env.registry["power.import.loader.customers"]
        seen = []

        def finish(this, running):
            running.step_started_at = "2026-01-01"
            seen.append(running.get_progress())

        with patch.object(loader, "_finish", finish):
            record._as_user()._work()
        [progress] = seen
        self.assertEqual((progress["state"], record.state), ("running", "done"))
        self.assertEqual(progress["step"], "Finishing")
        self.assertIsNone(progress["percent"])
        self.assertIsNone(progress["seconds_left"])
        self.assertEqual((progress["rows"], progress["total"]), (3, 3))

    def test_all_rows_are_in_when_cancelled_too_late(self):
        record = self._start_import(make_csv(make_rows(3)))
        cls = self.env.registry["power.import"]
        complete = cls._complete

        def cancel(this, commit, run):
            this.cancel_requested = True
            return complete(this, commit, run)

        with patch.object(cls, "_complete", cancel):
            record._as_user()._work()
        self.assertEqual(record.state, "done")

    def test_broken_file_is_parked_and_holds_up_nobody(self):
        bad = self._start_import(b"%PDF")
        good = self._start_import(make_csv(make_rows(2)))
        cron = self.env.ref("power_service_base.ir_cron_power_import")
        with self.enter_registry_test_mode():
            self.assertIs(cron.method_direct_trigger(), True)
        (bad | good).invalidate_recordset()
        self.assertEqual(bad.state, "failed")
        self.assertEqual(good.state, "done")

    def test_cancelled_import_keeps_what_is_done(self):
        record = self._start_import(make_csv(make_rows(10)))
        record.cancel_requested = True
        record._as_user()._work()
        self.assertEqual(record.state, "cancelled")
        self.assertFalse(self.get_point())

    def test_new_file_makes_a_new_draft(self):
        record = self.load([ROW])
        record.file_name = "b.csv"
        self.assertEqual((record.state, record.row_count), ("draft", 0))

    def test_staging_is_dropped_a_week_later(self):
        record = self.load([ROW])
        self.assertTrue(record._is_staged())
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE power_import SET write_date = '2001-01-01' WHERE id = %s",
                record.id,
            )
        )
        record.invalidate_recordset()
        self.imports._gc_staging()
        self.assertFalse(record._is_staged())
        other = self.load([ROW])
        name = f"power_import_row_{other.id}"
        other.unlink()
        self.env.cr.execute("SELECT to_regclass(%s)", [name])
        self.assertFalse(self.env.cr.fetchone()[0])
