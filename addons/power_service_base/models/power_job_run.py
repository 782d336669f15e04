import logging
import time
from contextlib import contextmanager

from odoo import api, fields, models

_logger = logging.getLogger(__name__)


class PowerJobRun(models.Model):
    """One run of a job: what, when, how much was done, how much failed.

    Every run leaves its mark, without a row a minute: runs with nothing to do, one
    after the other, share one row that counts them, and so do failures of one kind.

    A job's cron keeps it like this::

        run = self.env["power.job.run"]._start_alone("power.notice.send")
        if not run:
            return
        ...
        run._end_batch(len(sent), failed=len(parked), remaining=rest)

    or, where each batch is what a domain finds, by :meth:`_run_batch` alone.
    """

    _name = "power.job.run"
    _description = "Job Run"
    _order = "started_at desc, id desc"

    name = fields.Char("Technical Name", required=True, index=True)
    title = fields.Char("Job", compute="_compute_title")
    started_at = fields.Datetime(required=True, default=fields.Datetime.now)
    ended_at = fields.Datetime()
    state = fields.Selection(
        [
            ("running", "Running"),
            ("done", "Done"),
            ("idle", "Nothing to do"),
            ("failed", "Failed"),
        ],
        required=True,
        default="running",
    )
    done_count = fields.Integer("Done")
    failed_count = fields.Integer("Failed")
    remaining_count = fields.Integer("Remaining")
    seconds = fields.Float(digits=(12, 3))
    last_id = fields.Integer(
        "Resumes After", help="The last record handled, of a job that goes by id."
    )
    message = fields.Text()
    repeat_count = fields.Integer(
        "Times",
        default=1,
        aggregator=None,
        help="So many runs, one after the other, ended like this one.",
    )
    company_id = fields.Many2one("res.company", index=True)
    cron_id = fields.Many2one(
        "ir.cron", string="Scheduled Action", index=False, ondelete="set null"
    )

    _open_idx = models.Index("(name) WHERE state IN ('running', 'idle')")
    _cron_idx = models.Index("(cron_id, started_at DESC) WHERE cron_id IS NOT NULL")

    @api.depends("name", "cron_id")
    @api.depends_context("lang")
    def _compute_title(self):
        titles = self._get_titles()
        for run in self:
            # sudo: what a job is called is no secret
            cron = run.cron_id.sudo()
            run.title = titles.get(run.name) or cron.name or run.name

    @api.model
    def _get_titles(self):
        """What people call the jobs, by technical name; an addon adds its own."""
        return {
            "power.assignment.rule": self.env._("Assignment rules"),
            "power.calendar.year.remind": self.env._("Holidays to load"),
            "res.partner.archive": self.env._("Completeness of archives"),
            "power.customer.segment.refresh": self.env._("Customer segments"),
            "power.customer.visits": self.env._("Visits to customers"),
            "power.import": self.env._("Import of files"),
            "power.notice.fallback": self.env._("Notices to the next channel"),
            "power.notice.retention": self.env._("Old notices deleted"),
            "power.notice.send": self.env._("Sending of notices"),
            "power.reminder": self.env._("Reminders before dates"),
            "power.responsibility.refresh": self.env._("Who answers today"),
            "power.supply.contract.refresh": self.env._("Customers of the day"),
        }

    @api.model
    def _start(self, name, company=None):
        """Open a run, or go on with the one that was left open by a batch before.

        :param name: the job's technical name
        :return: the run, with one row locked nowhere: two workers have one each
        """
        runs = self.sudo()  # a job's log is written for every user's job
        run = runs.search(
            [
                ("name", "=", name),
                ("state", "in", ["running", "idle"]),
                ("company_id", "=", company.id if company else False),
            ],
            order="state DESC, id DESC",  # one that runs before one that was idle
            limit=1,
        )
        cron = {"cron_id": self.env.context.get("cron_id") or run.cron_id.id}
        if run and run.try_lock_for_update():
            if run.state == "idle":
                run.write(
                    {
                        **cron,
                        "state": "running",
                        "started_at": fields.Datetime.now(),
                        "ended_at": False,
                        "last_id": 0,
                        "seconds": 0,
                    }
                )
            return run
        return runs.create(
            {
                **cron,
                "name": name,
                "company_id": company.id if company else False,
                "repeat_count": 0,
            }
        )

    @api.model
    def _start_alone(self, name):
        """As :meth:`_start`, when no other worker does this job at the moment.

        Commits what was done before, and begins a new transaction: what the job sees of
        the database is then not older than the other worker's end. The job stays this
        worker's until the next commit.

        :param name: the job's technical name
        :return: the run; nothing when another worker has the job: it does the work
        """
        lock = (self._name, name)
        self.env["ir.cron"]._commit_progress(0)
        # The statement that takes the lock sees the database as it was before it: the
        # other worker may end in between. So the session takes the lock, and hands it
        # on to the transaction that begins only then.
        self.env.cr.execute(
            "SELECT pg_try_advisory_lock(hashtext(%s), hashtext(%s))", lock
        )
        if not self.env.cr.fetchone()[0]:
            _logger.info("Another worker does the job %s at the moment.", name)
            return self.browse()
        try:
            self.env["ir.cron"]._commit_progress(0)
            self.env.cr.execute(
                "SELECT pg_advisory_xact_lock(hashtext(%s), hashtext(%s))", lock
            )
        finally:
            self.env.cr.execute(
                "SELECT pg_advisory_unlock(hashtext(%s), hashtext(%s))", lock
            )
        self.env.invalidate_all()
        return self._start(name)

    def _progress(self, done=0, failed=0, remaining=None):
        """Add to the run's counts; commits nothing."""
        self.ensure_one()
        vals = {
            "done_count": self.done_count + done,
            "failed_count": self.failed_count + failed,
        }
        if remaining is not None:
            vals["remaining_count"] = remaining
        self.write(vals)

    def _end_batch(self, done=0, failed=0, remaining=0):
        """Note what a batch did, close the run when nothing is left, and commit.

        Only a job's cron method may call it.

        :param done: how many were done
        :param failed: how many were parked, beside those
        :param remaining: how many are left: the scheduler calls the job again
        """
        self._progress(done=done, failed=failed, remaining=remaining)
        if not remaining:
            self._finish()
        self.env["ir.cron"]._commit_progress(done + failed, remaining=remaining)

    @api.model
    def _run_batch(self, name, model, get_domain, work, batch_size):
        """Do the next batch of a job, alone; what was worked on must leave the domain.

        :param name: the job's technical name
        :param model: an empty recordset of what is worked on
        :param get_domain: function; its domain is asked when the job is this worker's
        :param work: function of the locked records of the batch
        """
        run = self._start_alone(name)
        if not run:
            return
        domain = get_domain()
        batch = model.search(domain, limit=batch_size, order="id")
        batch = batch.try_lock_for_update()
        work(batch)
        run._end_batch(len(batch), remaining=model.search_count(domain))

    def _finish(self, state="done", message=None):
        """Close the run. One that had nothing to do waits for the next as its row."""
        self.ensure_one()
        is_idle = state == "done" and not (
            self.done_count or self.failed_count or message
        )
        now = fields.Datetime.now()
        self.write(
            {
                "state": "idle" if is_idle else state,
                "repeat_count": self.repeat_count + 1 if is_idle else 1,
                "ended_at": now,
                "remaining_count": 0 if state == "done" else self.remaining_count,
                "seconds": self.seconds or (now - self.started_at).total_seconds(),
                "message": message,
            }
        )

    @api.model
    def _is_own_cron(self, cron_id):
        """Whether a scheduled action is one of these addons'."""
        self.env.cr.execute(
            """
            SELECT 1 FROM ir_model_data WHERE model = 'ir.cron' AND res_id = %s
               AND module LIKE 'power\\_service%%' LIMIT 1
            """,
            (cron_id,),
        )
        return bool(self.env.cr.fetchone())

    @api.model
    def _record_failure(self, cron_id, error):
        """Write down that a job raised; the same error again adds to its row.

        :param cron_id: the id of the scheduled action
        :param error: the exception
        """
        while error.__context__ and "while evaluating" in str(error):
            error = error.__context__  # what the scheduler's own evaluation wraps
        now = fields.Datetime.now()
        message = f"{type(error).__name__}: {error}".strip()[:2000]
        runs = self.sudo()  # a job's log is written for every user's job
        last = runs.search(
            [("cron_id", "=", cron_id)], order="started_at DESC, id DESC", limit=1
        )
        if last.state == "failed" and last.message == message:
            last.write(
                {
                    "started_at": now,
                    "ended_at": now,
                    "repeat_count": last.repeat_count + 1,
                }
            )
            return
        cron = self.env["ir.cron"].sudo().browse(cron_id)  # only its name
        known = runs.search(
            [("cron_id", "=", cron_id), ("state", "!=", "failed")], limit=1
        )
        runs.create(
            {
                "name": known.name or cron.cron_name,
                "cron_id": cron_id,
                "started_at": now,
                "ended_at": now,
                "state": "failed",
                "failed_count": 1,
                "message": message,
            }
        )

    @api.model
    @contextmanager
    def _recorded(self, name):
        """Record the run of a job that is one transaction; errors go on outwards."""
        started = time.perf_counter()
        run = self._start(name)
        yield run
        run.seconds = time.perf_counter() - started
        run._finish()

    @api.autovacuum
    def _gc_runs(self, limit=10000):
        """Keep a year of runs."""
        old = self.search([("started_at", "<", "-1y")], limit=limit)
        old.unlink()
        return len(old), len(old) == limit
