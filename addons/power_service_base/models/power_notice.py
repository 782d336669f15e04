from collections import defaultdict
from datetime import timedelta
from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..core.notice_channel import AUTOMATIC_CHANNELS
from ..core.notice_projection import get_proof_rank, project
from .power_append_only_mixin import is_retention
from .power_notice_purpose import CHANNELS, PROOF_LEVELS

NOTICE_STATES = [
    ("queued", "Waiting"),
    ("accepted", "On Its Way"),
    ("sent", "Sent"),
    ("delivered", "Delivered"),
    ("failed", "Failed"),
    ("cancelled", "Cancelled"),
    ("replaced", "Replaced"),
]
# Passed in the context by the only code that may write what follows from the events.
# Being an object, it can't be sent by a client.
PROJECTING = object()
PROJECTED_FIELDS = frozenset(
    {
        "attempt",
        "delivered_at",
        "failure_reason",
        "fallback_due_at",
        "is_exhausted",
        "is_proven",
        "proof_level",
        "sent_at",
        "state",
    }
)
# What was said to whom, from when on, and how much has to be proved: fixed once it has
# left.
CONTENT_FIELDS = frozenset(
    {
        "address",
        "body",
        "channel",
        "company_id",
        "dedup_key",
        "fallback_after_hours",
        "needed_proof",
        "partner_id",
        "purpose_id",
        "res_id",
        "res_model",
        "send_after",
        "subject",
        "supply_point_id",
    }
)


class PowerNotice(models.Model):
    """One message to one customer on one channel.

    Its state, the proof reached and the times are a projection of its append-only
    events. The unique ``dedup_key`` makes it impossible to say the same thing twice.
    Programs make notices in batches with :meth:`_notify`; see ``docs/notices.md``.
    """

    _name = "power.notice"
    _inherit = ["power.station.mixin", "power.proof.mixin", "power.portal.mixin"]
    _description = "Notice"
    _order = "id desc"
    _rec_name = "subject"
    _power_export_fields = frozenset(("address", "body", "display_name", "subject"))

    purpose_id = fields.Many2one(
        "power.notice.purpose", required=True, index=True, ondelete="restrict"
    )
    purpose = fields.Char(related="purpose_id.code", string="Purpose Code")
    res_model = fields.Char(
        "Origin Model", readonly=True, copy=False, groups="base.group_user"
    )
    res_id = fields.Many2oneReference(
        "Origin",
        model_field="res_model",
        readonly=True,
        copy=False,
        groups="base.group_user",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        check_company=True,
        index=True,
        ondelete="restrict",
    )
    supply_point_id = fields.Many2one(
        "power.supply.point", index="btree_not_null", check_company=True
    )
    channel = fields.Selection(CHANNELS, required=True, index=True)
    address = fields.Char(
        help="E-mail address, number, WeChat id or postal address that is used."
    )
    subject = fields.Char(required=True)
    body = fields.Text(required=True)
    needed_proof = fields.Selection(
        PROOF_LEVELS,
        required=True,
        default="sent",
        help="How much has to be proved before the notice counts as done.",
    )
    fallback_after_hours = fields.Float(
        "Fallback After (Hours)",
        help="Hours without the needed proof after which the next channel is used; 0 "
        "for never.",
    )
    send_after = fields.Datetime(
        required=True,
        default=fields.Datetime.now,
        help="Not sent earlier: quiet hours, or a time that was asked for.",
    )
    dedup_key = fields.Char(
        "Deduplication Key",
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: uuid4().hex,
        groups="base.group_user",
        help="Says what is told to whom; the database takes each key once.",
    )
    state = fields.Selection(
        NOTICE_STATES, required=True, readonly=True, default="queued", copy=False
    )
    attempt = fields.Integer(readonly=True, default=1, copy=False)
    proof_level = fields.Selection(
        PROOF_LEVELS,
        string="Proof Reached",
        required=True,
        readonly=True,
        default="none",
        copy=False,
    )
    is_proven = fields.Boolean(
        "Needed Proof Reached", readonly=True, copy=False, default=False
    )
    sent_at = fields.Datetime(readonly=True, copy=False)
    delivered_at = fields.Datetime(readonly=True, copy=False)
    failure_reason = fields.Char(readonly=True, copy=False, groups="base.group_user")
    last_error = fields.Char(
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="Why the last try had no clear outcome; it is tried again.",
    )
    try_count = fields.Integer("Tries", readonly=True, copy=False)
    fallback_of_id = fields.Many2one(
        "power.notice",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The notice that this one replaces on another channel.",
    )
    fallback_ids = fields.One2many("power.notice", "fallback_of_id", readonly=True)
    fallback_due_at = fields.Datetime(
        readonly=True,
        copy=False,
        help="Without the needed proof until then, the next channel is used.",
    )
    is_exhausted = fields.Boolean(
        "No Channel Left",
        readonly=True,
        copy=False,
        help="The needed proof was not reached, and there is no other channel on which "
        "the customer can be reached.",
    )
    event_ids = fields.One2many(
        "power.notice.event", "notice_id", readonly=True, groups="base.group_user"
    )
    mail_id = fields.Many2one(
        "mail.mail",
        string="E-mail",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups="base.group_system",
    )
    is_manual = fields.Boolean(
        "Done by Hand", compute="_compute_is_manual", search="_search_is_manual"
    )
    advice = fields.Text(
        "What to Do", compute="_compute_advice", groups="base.group_user"
    )

    _dedup_uniq = models.UniqueIndex(
        "(dedup_key)",
        "This was already said to the customer: a notice with the same key exists.",
    )
    _dedup_key_valid = models.Constraint(
        "CHECK (position('#' in dedup_key) = 0 AND dedup_key != '')",
        "A deduplication key is not empty and has no '#'.",
    )
    _origin_idx = models.Index("(res_model, res_id) WHERE res_model IS NOT NULL")
    _queue_idx = models.Index("(send_after, id) WHERE state = 'queued'")
    _fallback_idx = models.Index("(fallback_due_at) WHERE fallback_due_at IS NOT NULL")
    _station_list_idx = models.Index("(station_id, id)")
    _failed_idx = models.Index("(station_id, id) WHERE state = 'failed'")

    @api.depends("channel")
    def _compute_is_manual(self):
        for notice in self:
            notice.is_manual = notice.channel not in AUTOMATIC_CHANNELS

    def _search_is_manual(self, operator, value):
        if operator != "in":
            return NotImplemented
        automatic = Domain("channel", "in", AUTOMATIC_CHANNELS)
        return Domain.OR([automatic if not wanted else ~automatic for wanted in value])

    @api.depends("state", "is_exhausted", "last_error", "channel", "is_proven")
    def _compute_advice(self):
        for notice in self:
            notice.advice = notice._get_advice()

    def _get_advice(self):
        """One sentence that says what to do next with a notice that needs somebody."""
        self.ensure_one()
        if self.state == "failed":
            if not self.address:
                return self.env._(
                    "Complete the customer's contact data and press Retry, or choose "
                    "another channel."
                )
            return self.env._(
                "Put right what the reason names and press Retry, or choose another "
                "channel."
            )
        if self.is_exhausted and not self.is_proven:
            return self.env._(
                "The needed proof was not reached and no other channel is left: record "
                "the outcome by hand, or complete the customer's contact data and "
                "choose another channel."
            )
        if self.state == "queued" and self.last_error:
            return self.env._(
                "The last try had no clear outcome; it is tried again by itself."
            )
        if self.state == "queued" and self.is_manual:
            return self.env._("This is done by hand: do it and record the outcome.")
        return False

    @api.model
    def _get_portal_fields(self):
        return super()._get_portal_fields() | {
            "body",
            "channel",
            "create_date",
            "delivered_at",
            "partner_id",
            "proof_level",
            "sent_at",
            "state",
            "subject",
            "supply_point_id",
        }

    # ------------------------------------------------------------------
    # Events and what follows from them
    # ------------------------------------------------------------------

    def _record(self, kind, at=None, reason=None, provider_key=None):
        """Record the same event for these notices' current attempts, then project.

        :param kind: a kind of ``power.notice.event``
        :param at: when it happened (naive UTC), now when not given
        :return: the notices for which it was new
        """
        at = at or fields.Datetime.now()
        return self._record_rows(
            [(n.id, n.attempt, kind, at, reason, provider_key) for n in self]
        )

    @api.model
    def _record_rows(self, rows):
        """Record events (see ``power.notice.event._insert``), then project.

        :return: the notices that got a new event
        """
        ids = self.env["power.notice.event"]._insert(rows)
        changed = self.browse(dict.fromkeys(ids))
        changed._project()
        return changed

    def _project(self):
        """Set state, proof and times from the events; constant queries.

        The rows are written also when nothing changes: of two transactions that record
        events of one notice at once, the second one then fails and is repeated.
        """
        facts = self.env["power.notice.event"]._get_facts(self.ids)
        by_vals = defaultdict(list)
        notices_sudo = self.sudo()  # the projection is the system's, whoever records
        for notice in notices_sudo:
            vals = notice._prepare_projection_vals(project(facts[notice.id]))
            by_vals[tuple(vals.items())].append(notice.id)
        for vals, ids in by_vals.items():
            notices_sudo.browse(ids)._write_projected(dict(vals))

    def _prepare_projection_vals(self, state):
        self.ensure_one()
        is_proven = get_proof_rank(state.proof_level) >= get_proof_rank(
            self.needed_proof
        )
        due = False
        if (
            self.fallback_after_hours
            and not is_proven
            and not self.is_exhausted
            and state.state not in ("cancelled", "replaced")
        ):
            due = (state.sent_at or self.send_after) + timedelta(
                hours=self.fallback_after_hours
            )
        return {
            "state": state.state,
            "attempt": state.attempt,
            "proof_level": state.proof_level,
            "is_proven": is_proven,
            "sent_at": state.sent_at or False,
            "delivered_at": state.delivered_at or False,
            "failure_reason": state.failure_reason or False,
            "fallback_due_at": due,
        }

    def _write_projected(self, vals):
        """Write what the system alone says of a notice."""
        self.with_context(power_projecting=PROJECTING).write(vals)

    def write(self, vals):
        if self.env.context.get("power_projecting") is not PROJECTING:
            self._check_writable(vals)
        return super().write(vals)

    def _check_writable(self, vals):
        """Refuse to write what follows from the events, or what was said already."""
        if projected := (PROJECTED_FIELDS | {"fallback_of_id"}) & vals.keys():
            raise UserError(
                self.env._(
                    "%(fields)s of a notice follow from its events: record an event.",
                    fields=", ".join(sorted(projected)),
                )
            )
        if not CONTENT_FIELDS.isdisjoint(vals):
            gone = self.filtered(lambda n: n.state not in ("queued", "failed"))
            if gone:
                raise UserError(
                    self.env._(
                        "“%(notice)s” was sent already, so it can't be changed: make a "
                        "new notice.",
                        notice=gone[0].display_name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_retention(self):
        if not is_retention(self.env):
            raise UserError(
                self.env._("Notices are evidence: they can't be deleted. Cancel it.")
            )

    def _get_label(self, name):
        """The reader's word for the value of a selection field."""
        self.ensure_one()
        return dict(self._fields[name]._description_selection(self.env))[self[name]]

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_retry(self):
        """Try failed notices again, with the customer's contact data of today."""
        self.check_access("write")
        self._retry(self.filtered(lambda notice: notice.state == "failed"))

    def action_cancel(self):
        """Cancel notices that were not sent yet."""
        self.check_access("write")
        left = self - self._cancel_pending()
        if left.filtered(lambda notice: notice.state != "cancelled"):
            raise UserError(
                self.env._("Only notices that were not sent yet can be cancelled.")
            )

    def action_record_outcome(self):
        """Open the dialogue that records what came of calls, letters, visits, faxes."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Record the Outcome"),
            "res_model": "power.notice.outcome",
            "view_mode": "form",
            "target": "new",
            "context": {"default_notice_ids": [fields.Command.set(self.ids)]},
        }

    def action_change_channel(self):
        """Open the dialogue that moves failed or waiting notices to another channel."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Change the Channel"),
            "res_model": "power.notice.rechannel",
            "view_mode": "form",
            "target": "new",
            "context": {"default_notice_ids": [fields.Command.set(self.ids)]},
        }

    def action_open_origin(self):
        """Open the record that the notice is about."""
        self.ensure_one()
        if not self.res_model or self.res_model not in self.env:
            raise UserError(self.env._("This notice has no origin."))
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "view_mode": "form",
        }

    def _retry(self, notices):
        """Start the next attempt of failed notices, at once outside quiet hours.

        The gateway gets a new key, as the provider knows the old one as refused.
        """
        notices = notices.try_lock_for_update()
        reaches = self._get_reaches(
            (notice.partner_id.id, notice.supply_point_id.id) for notice in notices
        )
        now, rows = fields.Datetime.now(), []
        notices._write_projected({"is_exhausted": False})
        for notice in notices:
            reach = reaches[notice.partner_id.id, notice.supply_point_id.id]
            address = reach.get_address(notice.channel)
            if not address:
                raise UserError(
                    self.env._(
                        "%(customer)s: %(reason)s Complete it first, or change the "
                        "channel.",
                        customer=notice.partner_id.display_name,
                        reason=self._get_no_address_reason(notice.channel),
                    )
                )
            notice.write(
                {"address": address, "try_count": 0, "last_error": False}
                | {"send_after": notice._get_own_sending_time(now)}
            )
            rows.append((notice.id, notice.attempt + 1, "retried", now, None, None))
        self._record_rows(rows)

    def _rechannel(self, channel):
        """Start a new attempt of notices that wait or failed on another channel."""
        allowed_states = ("queued", "failed")
        for notice in self:
            if notice.state not in allowed_states:
                raise UserError(
                    self.env._(
                        "“%(notice)s” was sent already: its channel can't be changed.",
                        notice=notice.display_name,
                    )
                )
            self_allowed = notice.purpose_id._get_channels()
            if channel not in self_allowed:
                raise UserError(
                    self.env._(
                        "The purpose %(purpose)s does not allow this channel.",
                        purpose=notice.purpose_id.name,
                    )
                )
            notice.write({"channel": channel})
        self._retry(self)

    def _portal_acknowledge(self):
        """The portal customer opened these notices: that acknowledges them.

        Called by the portal's pages as the customer's own user.

        :raise AccessError: for notices of somebody else
        """
        self.check_access("read")
        notices_sudo = self.sudo()  # customers may not write; their right was checked
        notices_sudo.filtered(
            lambda notice: (
                notice.channel == "portal"
                and notice.state in ("sent", "delivered")
                and get_proof_rank(notice.proof_level) < 3
            )
        )._record("acknowledged")
