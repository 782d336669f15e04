import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.bulk_insert import insert_rows
from ..tools.webhook_client import WebhookClient

JOB = "power.webhook.post"
# Minutes to wait after each attempt in vain; then it is given up.
WAITS = (1, 5, 30, 120, 720)


class PowerWebhookMessage(models.Model):
    """What another system is to hear: posted by a job, until it is taken.

    An event may arrive twice when a worker is killed between the post and its commit;
    its ``key`` stays the same.
    """

    _name = "power.webhook.message"
    _description = "Webhook Event"
    _order = "id desc"
    _rec_name = "key"

    webhook_id = fields.Many2one(
        "power.webhook", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="webhook_id.company_id")
    key = fields.Char(required=True, readonly=True)
    content = fields.Text(required=True, readonly=True)
    state = fields.Selection(
        [("queued", "Queued"), ("sent", "Sent"), ("failed", "Failed")],
        required=True,
        default="queued",
        readonly=True,
        index=True,
    )
    attempts = fields.Integer("Tries", readonly=True, default=0)
    next_try_at = fields.Datetime(readonly=True, default=fields.Datetime.now)
    sent_at = fields.Datetime(readonly=True)
    problem = fields.Char(readonly=True)

    _key_uniq = models.UniqueIndex(
        "(webhook_id, key)", "This event was already queued for that system."
    )
    _due_idx = models.Index("(next_try_at) WHERE state = 'queued'")

    @api.model
    def _queue(self, events):
        """Queue events, each once; one statement.

        :param events: list of (webhook id, key, dict)
        """
        rows = [
            {
                "webhook_id": webhook_id,
                "key": key,
                "content": json.dumps(content, ensure_ascii=False),
                "state": "queued",
                "attempts": 0,
                "next_try_at": fields.Datetime.now(),
            }
            for webhook_id, key, content in events
        ]
        insert_rows(self, rows, skip_known=True)
        if rows:
            self.env.ref("power_service_tickets.ir_cron_webhook_post")._trigger()

    @api.model
    def _cron_post(self, batch_size=50):
        """Post what is queued, one request per system and batch."""
        run = self.env["power.job.run"]._start_alone(JOB)
        if not run:
            return
        domain = [
            ("state", "=", "queued"),
            ("next_try_at", "<=", fields.Datetime.now()),
        ]
        first = self.search(domain, order="next_try_at, id", limit=1)
        messages = self.search(
            [*domain, ("webhook_id", "=", first.webhook_id.id)],
            order="next_try_at, id",
            limit=batch_size,
        ).try_lock_for_update()
        failed = 0 if not messages or messages._post() else len(messages)
        remaining = self.search_count(domain) if messages else 0
        run._end_batch(len(messages) - failed, failed=failed, remaining=remaining)

    def _post(self):
        """Post these events of one webhook in one request.

        :return: whether they were taken
        """
        webhook = self.webhook_id.sudo()  # its settings are for managers
        webhook.ensure_one()
        client = WebhookClient(**webhook._get_client_values(), receipt_url=None)
        events = [
            {"key": message.key, **json.loads(message.content)} for message in self
        ]
        problem = client.post(events) if webhook.active else "archived"
        now = fields.Datetime.now()
        if not problem:
            self.write({"state": "sent", "sent_at": now, "problem": False})
            return True
        for attempts, messages in self.grouped("attempts").items():
            vals = {"problem": problem, "attempts": attempts + 1}
            if attempts < len(WAITS):
                vals["next_try_at"] = now + timedelta(minutes=WAITS[attempts])
            else:
                vals["state"] = "failed"
            messages.write(vals)
        return False

    def action_retry(self):
        """Queue events again that were given up."""
        self.check_access("write")
        self.filtered(lambda message: message.state == "failed").write(
            {"state": "queued", "attempts": 0, "next_try_at": fields.Datetime.now()}
        )
        return True

    @api.autovacuum
    def _gc_messages(self, limit=10000):
        """Keep what was sent for 90 days."""
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM power_webhook_message WHERE state = 'sent'"
                " AND sent_at < %s LIMIT %s",
                fields.Datetime.now() - timedelta(days=90),
                limit,
            )
        )
        self.browse(row[0] for row in rows).unlink()
        return len(rows), len(rows) == limit
