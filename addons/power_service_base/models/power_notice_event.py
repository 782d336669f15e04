from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.notice_channel import WITNESSED
from ..core.notice_projection import NoticeEvent

EVENT_KINDS = [
    ("queued", "Queued"),
    ("accepted", "Handed over"),
    ("sent", "Sent"),
    ("delivered", "Delivered"),
    ("acknowledged", "Acknowledged"),
    ("signed", "Signed"),
    ("failed", "Failed"),
    ("retried", "Tried again"),
    ("cancelled", "Cancelled"),
    ("fallback", "Replaced by another channel"),
]


class PowerNoticeEvent(models.Model):
    """What happened to a notice.

    Each kind happens once per attempt: a receipt that comes twice is the same event.
    """

    _name = "power.notice.event"
    _inherit = ["power.append.only.mixin"]
    _description = "Notice Event"
    _order = "at, id"
    _rec_name = "kind"

    notice_id = fields.Many2one(
        "power.notice", required=True, index=True, ondelete="restrict"
    )
    attempt = fields.Integer(required=True, default=1)
    kind = fields.Selection(EVENT_KINDS, required=True)
    reason = fields.Char()
    provider_key = fields.Char(help="The provider's own key of the message.")

    _once_uniq = models.UniqueIndex(
        "(notice_id, attempt, kind)",
        "This is already recorded for this attempt of the notice.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            # Who entered it and when is not for the user to say.
            own = {"user_id": self.env.uid, "recorded_at": fields.Datetime.now()}
            vals_list = [{**vals, **own} for vals in vals_list]
        events = super().create(vals_list)
        if not self.env.su:
            for event in events:
                event._check_by_hand()
        events.notice_id._project()
        return events

    def _check_by_hand(self):
        """Refuse what a person can't have witnessed.

        :raise UserError: a receipt that only the mail queue, a gateway or the portal
            gives; an event of a closed notice, of another attempt, from before it or in
            the future; a signature without its photo
        """
        self.ensure_one()
        notice = self.notice_id
        if self.kind not in WITNESSED.get(notice.channel, ()):
            raise UserError(
                self.env._(
                    "“%(event)s” can't be entered by hand for a notice by %(channel)s: "
                    "only what a person has seen or heard, of phone calls, visits, "
                    "letters and faxes.",
                    event=self._get_label("kind"),
                    channel=notice._get_label("channel"),
                )
            )
        if notice.state in ("failed", "cancelled", "replaced"):
            raise UserError(
                self.env._(
                    "“%(notice)s” is closed: retry it before recording an outcome.",
                    notice=notice.display_name,
                )
            )
        if self.attempt != notice.attempt:
            raise UserError(
                self.env._(
                    "The event belongs to attempt %(attempt)s of the notice.",
                    attempt=notice.attempt,
                )
            )
        notice._check_happened(self.at)
        if self.kind == "signed":
            notice._check_signed()

    def _get_label(self, name):
        return dict(self._fields[name]._description_selection(self.env))[self[name]]

    @api.model
    def _insert(self, rows):
        """Record events in one statement; those recorded before are left out.

        :param rows: tuples (notice id, attempt, kind, at, reason, provider key), ``at``
            a naive UTC datetime
        :return: ids of the notices that got a new event
        """
        if not rows:
            return []
        self.env["power.notice"].flush_model(["attempt"])
        now, uid = fields.Datetime.now(), self.env.uid
        rows = [(*row[:4], row[4] or None, row[5] or None) for row in rows]
        columns = [list(column) for column in zip(*rows, strict=True)]
        self.env.cr.execute(
            """
            INSERT INTO power_notice_event (
                notice_id, attempt, kind, at, reason, provider_key,
                recorded_at, user_id, create_uid, create_date, write_uid, write_date)
            SELECT n, a, k, t, r, p, %s, %s, %s, %s, %s, %s
              FROM unnest(%s::int[], %s::int[], %s::varchar[], %s::timestamp[],
                          %s::varchar[], %s::varchar[]) AS new(n, a, k, t, r, p)
                ON CONFLICT (notice_id, attempt, kind) DO NOTHING
            RETURNING notice_id
            """,
            [now, uid, uid, now, uid, now, *columns],
        )
        ids = [row[0] for row in self.env.cr.fetchall()]
        self.env["power.notice"].browse(ids).invalidate_recordset(["event_ids"])
        return ids

    @api.model
    def _get_facts(self, notice_ids):
        """The events of notices as plain values for the projection.

        :return: ``{notice id: [NoticeEvent, ...]}``, one query
        """
        self.flush_model()
        self.env.cr.execute(
            "SELECT notice_id, kind, at, attempt, COALESCE(reason, '') "
            "FROM power_notice_event WHERE notice_id = ANY(%s)",
            [list(notice_ids)],
        )
        facts = {notice_id: [] for notice_id in notice_ids}
        for notice_id, *values in self.env.cr.fetchall():
            facts[notice_id].append(NoticeEvent(*values))
        return facts
