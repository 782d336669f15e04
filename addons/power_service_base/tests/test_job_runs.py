from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import PowerServiceCommon

JOB = "power.notice.send"


@tagged("post_install", "-at_install")
class TestJobRuns(PowerServiceCommon):
    """Every run leaves its mark: what did something, what didn't, and what raised."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cron = cls.env.ref("power_service_base.ir_cron_notice_send")
        cls.runs = cls.env["power.job.run"].search([("cron_id", "=", cls.cron.id)])
        cls.runs.unlink()

    def _run(self, cron=None):
        """Let the scheduler do it; whether it went well."""
        with self.enter_registry_test_mode():
            result = (cron or self.cron).method_direct_trigger()
        self.env.invalidate_all()
        return result is True

    def _fail(self, text="Broken"):
        def raise_error(model, *args):
            raise ValueError(text)

        notices = self.env.registry["power.notice"]
        with (
            patch.object(notices, "_collect_mail_results", raise_error),
            mute_logger("odoo.addons.base.models.ir_cron"),
        ):
            self.assertFalse(self._run())

    def _get_runs(self, cron=None):
        return self.env["power.job.run"].search(
            [("cron_id", "=", (cron or self.cron).id)], order="id"
        )

    def _get_job(self, cron=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["power.job"].browse((cron or self.cron).id)

    def test_idle_runs_share_one_row_that_counts_them(self):
        for count in (1, 2, 3):
            self.assertTrue(self._run())
            self.assertRecordValues(
                self._get_runs(),
                [{"name": JOB, "state": "idle", "repeat_count": count}],
            )
        job = self._get_job()
        self.assertEqual((job.state, job.idle_count), ("ok", 3))
        self.assertFalse(job.last_done_at)
        self.assertTrue(job.last_run_at)

    def test_a_run_with_work_ends_the_idle_ones(self):
        self._run()
        run = self.env["power.job.run"].with_context(cron_id=self.cron.id)._start(JOB)
        self.assertEqual(run, self._get_runs())
        run._progress(done=2)
        run._finish()
        self.assertRecordValues(run, [{"state": "done", "repeat_count": 1}])
        self._run()
        self.assertEqual(self._get_runs().mapped("state"), ["done", "idle"])
        job = self._get_job()
        self.assertEqual(job.idle_count, 1)
        self.assertEqual(job.last_done_at, run.ended_at)

    def test_a_failing_job_says_why_though_its_work_is_rolled_back(self):
        self._fail()
        self._fail()
        self.assertRecordValues(
            self._get_runs(),
            [
                {
                    "state": "failed",
                    "repeat_count": 2,
                    "message": "ValueError: Broken",
                }
            ],
        )
        job = self._get_job()
        self.assertEqual((job.state, job.failure_count), ("failing", 2))
        self.assertEqual(job.message, "ValueError: Broken")
        self._fail("Something else")
        self.assertEqual(self._get_runs().mapped("repeat_count"), [2, 1])
        self.assertTrue(self._run())
        job = self._get_job()
        self.assertEqual((job.state, job.message), ("ok", False))

    def test_only_own_jobs_are_recorded(self):
        cron = self.env.ref("base.autovacuum_job")

        def raise_error(model, *args):
            raise ValueError("Not ours")

        with (
            patch.object(
                self.env.registry["ir.autovacuum"], "_run_vacuum_cleaner", raise_error
            ),
            mute_logger("odoo.addons.base.models.ir_cron"),
        ):
            self.assertFalse(self._run(cron))
        self.assertFalse(self._get_runs(cron))
        self.assertFalse(self.env["power.job"].search([("id", "=", cron.id)]))

    def test_the_import_job_leaves_its_mark_with_nothing_to_import(self):
        cron = self.env.ref("power_service_base.ir_cron_power_import")
        self._get_runs(cron).unlink()
        self.assertTrue(self._run(cron))
        self.assertEqual(self._get_runs(cron).mapped("state"), ["idle"])

    def test_a_job_that_nobody_starts_any_more_is_overdue(self):
        cron = self.env.ref("power_service_base.ir_cron_refresh_segments")
        self._get_runs(cron).unlink()
        cron.nextcall = fields.Datetime.now() + timedelta(hours=3)
        self.assertEqual(self._get_job(cron).state, "never")
        self._run(cron)
        self.assertEqual(self._get_job(cron).state, "ok")
        # Three weeks later: whether the scheduler still plans it or not.
        with freeze_time(fields.Datetime.now() + timedelta(weeks=3)):
            self.assertEqual(self._get_job(cron).state, "overdue")
            cron.nextcall = fields.Datetime.now() + timedelta(hours=3)
            self.assertEqual(self._get_job(cron).state, "overdue")
            self._run(cron)
            self.assertEqual(self._get_job(cron).state, "ok")
        cron.active = False
        self.assertEqual(self._get_job(cron).state, "stopped")

    def test_every_job_is_listed_by_a_name_in_the_users_language(self):
        crons = self.env["ir.model.data"].search(
            [("model", "=", "ir.cron"), ("module", "=like", "power_service%")]
        )
        jobs = self.env["power.job"].with_user(self.users["supervisor"]).search([])
        self.assertEqual(set(jobs.ids), set(crons.mapped("res_id")))
        self.assertIn("send notices", jobs.mapped("name"))
        self.env["res.lang"]._activate_lang("zh_CN")
        self.cron.with_context(lang="zh_CN").name = "供电服务：发送通知"
        job = self._get_job().with_context(lang="zh_CN")
        self.assertEqual(job.name, "发送通知")
        action = job.action_open_runs()
        self._run()
        self.assertEqual(
            self.env["power.job.run"].search(action["domain"]), self._get_runs()
        )
        for user in ("field", "staff"):
            with self.assertRaises(AccessError):
                self.env["power.job"].with_user(self.users[user]).search([])

    def test_a_failure_before_the_first_run_has_a_name_too(self):
        self._fail()
        self.assertIn("send notices", self._get_runs().title)
