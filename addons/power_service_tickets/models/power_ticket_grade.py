# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from odoo import api, fields, models

GRADES = ["general", "important", "major", "special"]
GRAVE = ("major", "special")
# Written by the code of this part only, by nobody's hand.
KEPT = frozenset(("leaders_told_at",))


class PowerTicket(models.Model):
    """Grades of complaints, and leaders who are told of grave ones at once."""

    _inherit = "power.ticket"

    complaint_grade = fields.Selection(
        compute="_compute_complaint_grade",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="Criteria, to be adapted:\n"
        "Special: death, or coverage by national media.\n"
        "Major: personal injury, coverage by media, or a group of customers.\n"
        "Important: a customer of importance, a repeated complaint, or loss of "
        "property.\n"
        "General: everything else.\n"
        "Leaders are told of special and major ones at once.",
    )
    has_injury = fields.Boolean(
        "Personal Injury",
        copy=False,
        tracking=True,
        help="Leaders are told at once.",
    )
    has_media = fields.Boolean(
        "Media Coverage", copy=False, tracking=True, help="Leaders are told at once."
    )
    leaders_told_at = fields.Datetime(readonly=True, copy=False)

    @api.depends("type_id", "has_injury", "has_media")
    def _compute_complaint_grade(self):
        for ticket in self:
            given = ticket._get_given_grade()
            grade = ticket.complaint_grade or given
            if given:
                grade = max(grade, given, key=GRADES.index)
            ticket.complaint_grade = grade

    def _get_given_grade(self):
        """What type, injury and media say of one ticket's grade."""
        if self.has_injury or self.has_media:
            return "major"
        return "general" if self.type_id.is_complaint else False

    def write(self, vals):
        """Also takes a grade back that nobody chose by hand, with a flag that was
        wrong."""
        given = self.browse()
        if "complaint_grade" not in vals and {"has_injury", "has_media"} & vals.keys():
            given = self.filtered(lambda t: t.complaint_grade == t._get_given_grade())
        result = super().write(vals)
        for grade, tickets in given.grouped(lambda t: t._get_given_grade()).items():
            tickets.filtered(
                lambda t, grade=grade: t.complaint_grade != grade
            ).complaint_grade = grade
        return result

    @api.model
    def _check_not_projected(self, vals):
        result = super()._check_not_projected(vals)
        self._check_kept(KEPT, vals)
        return result

    def _after_intake(self):
        result = super()._after_intake()
        self._tell_leaders()
        return result

    def _after_change(self, vals):
        result = super()._after_change(vals)
        if {"has_injury", "has_media", "complaint_grade"} & vals.keys():
            self._tell_leaders()
        return result

    # Leaders ------------------------------------------------------------------------

    def _tell_leaders(self):
        """Tell leaders of grave tickets, once each: by an activity and a message."""
        grave = self.filtered(
            lambda ticket: (
                not ticket.leaders_told_at
                and (
                    ticket.has_injury
                    or ticket.has_media
                    or ticket.complaint_grade in GRAVE
                )
            )
        )
        if not grave:
            return
        grave._lock()
        # The message is the system's: who enters the ticket needn't know the leaders.
        grave = grave.sudo()
        grave.invalidate_recordset(["leaders_told_at"])
        grave = grave.filtered(lambda ticket: not ticket.leaders_told_at)
        grave._project_write({"leaders_told_at": fields.Datetime.now()})
        messages, activities = [], []
        for ticket, users in grave._get_leaders().items():
            for lang, of_lang in users.grouped("lang").items():
                told = ticket.with_context(lang=lang)
                messages.append((told, of_lang, told._get_alert_subject()))
                activities += [told._prepare_alert_vals(user) for user in of_lang]
        self._notify_many(messages)
        self.env["mail.activity"].sudo().with_context(  # as above
            mail_activity_quick_update=True
        ).create(activities)

    def _get_leaders(self):
        """Who is told of grave tickets: those of them who may see each.

        :return: dict of ticket to ``res.users`` records
        """
        rules = self.env["power.complaint.rule"]._get_by_company(self.company_id)
        quality = self.env["power.rectification"]._get_quality_users()
        found = {}
        for ticket in self:
            rule = rules[ticket.company_id]
            users = rule.told_user_ids
            if rule.tells_chief:
                users |= ticket.station_id.manager_id.user_id
            if rule.tells_quality or ticket.is_confidential:
                users |= quality(ticket.company_id)
            found[ticket] = users.filtered("active")
        return self._filter_all_readers(found)

    def _filter_readers(self, users):
        """Those of the users who may see the ticket.

        :param users: ``res.users`` records
        """
        self.ensure_one()
        return users.filtered(
            lambda user: (
                self.with_user(user)
                .with_context(allowed_company_ids=user.company_ids.ids)
                .has_access("read")
            )
        )

    def _get_alert_subject(self):
        self.ensure_one()
        if self.has_injury:
            return self.env._("Personal injury: %(ticket)s", ticket=self.name)
        if self.has_media:
            return self.env._("Media coverage: %(ticket)s", ticket=self.name)
        return self.env._("Grave complaint: %(ticket)s", ticket=self.name)

    def _prepare_alert_vals(self, user):
        self.ensure_one()
        # Not by env.ref(), which asks for each whether it is still there.
        activity_type_id = self.env["ir.model.data"]._xmlid_to_res_id(
            "power_service_tickets.mail_activity_grave_complaint",
            raise_if_not_found=True,
        )
        return {
            "res_model_id": self.env["ir.model"]._get_id(self._name),
            "res_id": self.id,
            "user_id": user.id,
            "activity_type_id": activity_type_id,
            "automated": True,
            "date_deadline": self._get_company_today(),
            "summary": self._get_alert_subject(),
        }
