from odoo import models


class IrCron(models.Model):
    _inherit = "ir.cron"

    def _callback(self, cron_name, server_action_id):
        """Run the job; when it raises, its job run says so.

        Its own transaction is rolled back, so the failure is written in another one.
        """
        runs = self.env["power.job.run"]
        is_own = runs._is_own_cron(self.id)
        try:
            return super()._callback(cron_name, server_action_id)
        except Exception as error:
            if is_own:
                with self.pool.cursor() as cr:
                    runs.with_env(self.env(cr=cr))._record_failure(self.id, error)
            raise
