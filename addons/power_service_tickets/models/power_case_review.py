# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from odoo import api, models

from .power_case import TEXT_FIELDS

CASE_ACTIVITY = "power_service_tickets.mail_activity_case"


class PowerCase(models.Model):
    """Cases that are ready to be published, and who is asked to do it."""

    _inherit = "power.case"

    @api.model_create_multi
    def create(self, vals_list):
        cases = super().create(vals_list)
        cases._ask_to_publish()
        return cases

    def write(self, vals):
        result = super().write(vals)
        if {"kind", "ticket_ids", *TEXT_FIELDS} & vals.keys():
            self._ask_to_publish()
        return result

    def action_publish(self):
        result = super().action_publish()
        # Whoever was asked: it is published.
        self.sudo().activity_unlink([CASE_ACTIVITY])
        return result

    def _close_draft(self):
        result = super()._close_draft()
        if self._get_secret_tickets():
            # What was still to be done about the draft is no reading for all stations.
            self.sudo().activity_ids.unlink()
        return result

    def _ask_to_publish(self):
        """Put drafts that have all their texts on the lists of those who judge them; a
        draft that is asked about already isn't asked about again. A constant number of
        queries for the drafts that nobody has to be told of."""
        activity_type = self.env.ref(CASE_ACTIVITY)
        # Asked of people whose lists are their own.
        drafts = self.sudo().filtered(lambda case: case.state == "draft")
        drafts._shut_out()
        ready = drafts.filtered(
            lambda case: (
                not case._get_missing_texts()
                and activity_type not in case.activity_ids.activity_type_id
            )
        )
        quality = self.env["power.rectification"]._get_quality_users()
        for case in ready:
            for user in case._get_publishers(quality):
                # On their lists; by no e-mail, which would quote the draft's title.
                case.with_context(mail_activity_quick_update=True).activity_schedule(
                    CASE_ACTIVITY,
                    user_id=user.id,
                    date_deadline=case._get_company_today(),
                    summary=case.with_context(lang=user.lang).env._(
                        "Read this case and publish it"
                    ),
                )

    def _shut_out(self):
        """Take drafts that come from a confidential ticket off the lists of those who
        may not know of it."""
        for case in self:
            case.activity_ids.filtered(
                lambda activity, case=case: not case._may_know(activity.user_id)
            ).unlink()

    def _may_know(self, user):
        """Whether somebody may know of the tickets that one case comes from."""
        self.ensure_one()
        return all(
            ticket._filter_knowing(user) for ticket in self._get_secret_tickets()
        )

    def _get_publishers(self, quality):
        """Who is asked to publish one case: the station's chief, where that is neither
        its author nor to know nothing of it; else quality staff.

        :param quality: a function of a company that returns ``res.users`` records
        """
        self.ensure_one()
        supervisor = "power_service_base.group_power_supervisor"
        chief = self.station_id.manager_id.user_id
        for users in (chief, quality(self.company_id)):
            users = users.filtered(
                lambda user: (
                    user.active
                    and user != self.create_uid
                    and user.has_group(supervisor)
                    and self._may_know(user)
                )
            )
            if users:
                return users
        return chief.browse()
