"""Each job of the addon has a name that people read."""

import re
from pathlib import Path

from odoo.tests import TransactionCase, tagged

ADDON = Path(__file__).parents[1]


@tagged("post_install", "-at_install")
class TestJobTitles(TransactionCase):
    def test_every_job_has_a_title(self):
        jobs = {
            job
            for file in ADDON.rglob("*.py")
            for job in re.findall(r'^JOB = "([\w.]+)"', file.read_text(), re.M)
        }
        self.assertTrue(jobs)
        titles = self.env["power.job.run"]._get_titles()
        self.assertFalse(jobs - titles.keys())
