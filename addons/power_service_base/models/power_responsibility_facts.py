# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .power_responsibility import SUBJECTS

# Who answered for what since when: changed, the past is another one.
PAST_FIELDS = {"role", "employee_id", "date_from", *SUBJECTS}


class PowerResponsibility(models.Model):
    """What has been is a fact: managers alone correct it, and that is noted."""

    _inherit = "power.responsibility"

    def write(self, vals):
        if self.env.su or not vals.keys() & {*PAST_FIELDS, "date_to"}:
            return super().write(vals)
        self.check_access("write")
        past = self.filtered(lambda row: row._changes_past(vals))
        past._check_may_correct()
        before = {row: row._get_fact_text() for row in past}
        result = super().write(vals)
        for row in past:
            row._note_correction(
                self.env._(
                    "Responsibility corrected: %(before)s → %(after)s",
                    before=before[row],
                    after=row._get_fact_text(),
                )
            )
        return result

    def unlink(self):
        if not self.env.su:
            self.check_access("unlink")
            past = self.filtered(
                lambda row: row.date_from < row._get_today(row.station_id)
            )
            past._check_may_correct()
            for row in past:
                row._note_correction(
                    self.env._(
                        "Responsibility deleted: %(before)s",
                        before=row._get_fact_text(),
                    )
                )
        return super().unlink()

    def _changes_past(self, vals):
        """Whether these values would change what was true before today."""
        today = self._get_today(self.station_id)
        if self.date_to and self.date_to < today:
            return True
        starts = fields.Date.to_date(vals.get("date_from")) or self.date_from
        if min(starts, self.date_from) >= today:
            return False
        if any(
            self._fields[name].convert_to_write(self[name], self) != vals[name]
            for name in PAST_FIELDS & vals.keys()
            if name != "date_from"
        ):
            return True
        ends = fields.Date.to_date(vals.get("date_to"))
        return starts != self.date_from or bool(
            ends and ends < today - timedelta(days=1)
        )

    def _check_may_correct(self):
        """Refuse it to all but managers.

        :raise UserError: names the first of these and the way out
        """
        if not self or self.env.user.has_group(
            "power_service_base.group_power_manager"
        ):
            return
        raise UserError(
            self.env._(
                "%(responsibility)s: what has been is a fact that only a manager "
                "corrects. To hand over from today on, use Transfer; to end it, set "
                "its last day to today or later.",
                responsibility=self[0]._get_fact_text(),
            )
        )

    def _get_fact_text(self):
        """One responsibility in words, as a note says it."""
        self.ensure_one()
        period = [format_date(self.env, day) for day in (self.date_from, self.date_to)]
        return f"{self.subject}, {self.display_name}, {period[0]} – {period[1]}"

    def _note_correction(self, text):
        """Note it where people look: on the subject, else on the employee."""
        # sudo: who may correct a responsibility may note it on a closed record
        subject = self._get_subject().sudo()
        if not hasattr(subject, "message_post"):
            subject = self.employee_id.sudo()  # see above
        subject.message_post(body=text, subtype_xmlid="mail.mt_note")
