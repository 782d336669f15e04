from datetime import timedelta

from odoo import fields, models

from .power_proof_mixin import is_photo_or_pdf


class PowerNotice(models.Model):
    """Notices that field staff bring: each is a field task, whose end is its result."""

    _inherit = "power.notice"  # pylint: disable=consider-merging-classes-inherited

    def _send_visit(self):
        """Give these notices to field staff: one task each, handed over, not done."""
        tasks = self.env["power.field.task"].sudo()  # the job plans for everybody
        tasks.create([notice._prepare_visit_vals() for notice in self])
        self._record("accepted")

    def _prepare_visit_vals(self):
        self.ensure_one()
        # How long to wait, when no fallback says it.
        hours = self.fallback_after_hours or self.env["power.limit"]._get(
            "visit_hours", self.company_id
        )
        return {
            "kind": "notice_delivery",
            "name": self.subject,
            "partner_id": self.partner_id.id,
            "supply_point_id": self.supply_point_id.id,
            "station_id": self.station_id.id,
            "company_id": self.company_id.id,
            "user_id": self.partner_id.account_manager_id.user_id.id,
            "due_at": fields.Datetime.now() + timedelta(hours=hours),
            "note": "\n\n".join(filter(None, (self.address, self.body))),
            "res_model": self._name,
            "res_id": self.id,
            "dedup_key": f"notice/{self.id}/{self.attempt}",
        }

    def _get_visits(self):
        """The field tasks of these notices, as superuser."""
        tasks = self.env["power.field.task"].sudo()  # whoever may see the notice
        return tasks.search(
            [("res_model", "=", self._name), ("res_id", "in", self.ids)]
        )

    def _cancel_pending(self):
        """A visit that was not made yet is cancelled with its notice."""
        handed = self.filtered(
            lambda notice: notice.channel == "visit" and notice.state == "accepted"
        )
        if not handed:
            return super()._cancel_pending()
        handed = handed.try_lock_for_update()
        visits = handed._get_visits().filtered(
            lambda task: task.state in ("planned", "started", "arrived")
        )
        open_ids = set(visits.mapped("res_id"))
        pending = handed.filtered(lambda notice: notice.id in open_ids)
        pending._record("cancelled")
        for task in visits.with_context(power_notice_cancels=True):
            task.action_cancel(self.env._("The notice was cancelled."))
        return pending | super(PowerNotice, self - handed)._cancel_pending()

    def action_open_visits(self):
        """Open the field tasks of the notice."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "power_service_base.power_field_task_action"
        )
        action["domain"] = [("res_model", "=", self._name), ("res_id", "=", self.id)]
        action["context"] = {"create": False}
        return action


class PowerFieldTask(models.Model):
    _inherit = "power.field.task"  # pylint: disable=consider-merging-classes-inherited

    def _after_events(self, events):
        """The end of a visit is the result of the notice that it brings."""
        result = super()._after_events(events)
        for event in events:
            task = event.task_id
            if task.res_model == "power.notice" and event.kind in (
                "done",
                "cancelled",
                "reopened",
            ):
                notice = self.env["power.notice"].browse(task.res_id).exists()
                if notice.channel == "visit":
                    task._report_to_notice(notice, event)
        return result

    def _report_to_notice(self, notice, event):
        """Record what the task's ``event`` says of its notice."""
        self.ensure_one()
        attempt = int(self.dedup_key.rpartition("/")[2]) if self.dedup_key else 1
        if event.kind == "reopened":
            if notice.state == "failed":
                notice._record_rows(
                    [(notice.id, notice.attempt + 1, "retried", event.at, None, None)]
                )
                notice._record("accepted", event.at)
                self.dedup_key = f"notice/{notice.id}/{notice.attempt}"
            return
        outcomes = dict(self._fields["outcome"]._description_selection(self.env))
        kind, reason = "failed", None
        if event.kind == "cancelled":
            reason = self.env._("The visit was cancelled: %s", event.note or "")
        elif event.outcome == "done":
            notice._copy_proofs(self.proof_ids)
            # A photo or a signature on site proves that it was handed over.
            is_shown = any(is_photo_or_pdf(proof.raw) for proof in notice.proof_ids)
            kind = "signed" if is_shown else "delivered"
        else:
            reason = ": ".join(filter(None, (outcomes.get(event.outcome), event.note)))
        notice._record_rows([(notice.id, attempt, kind, event.at, reason, None)])
