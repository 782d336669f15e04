# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_date, format_datetime

from odoo.addons.power_service_base.core.given import shorten

from ..core import connection as rules
from .power_connection import STEP_FIELDS
from .power_connection_reasons import REASONS

# Passed in the context by the steps below. Being an object, no client can send it.
STEPPING = object()


class PowerConnection(models.Model):
    """How the steps are entered: each is an event of the ticket."""

    _inherit = "power.connection"

    step_bar = fields.Html(compute="_compute_step_bar", sanitize=False)

    # Public methods -----------------------------------------------------------------

    def enter_step(self, step, at=None, note=None, proof_ids=None, client_ref=None):
        """Enter that a step was done. One that is done already is left as it is.

        :param step: its code, see ``core/connection.py``
        :param at: when it was done, UTC datetime or its text; now when not given
        :param note: words for the history
        :param proof_ids: ids of files of the user that prove it
        :param client_ref: the sender's own key; a repeated call with it does nothing
        :return: True
        :raise AccessError: the step isn't the user's to enter
        :raise UserError: something stands against it; the message names everything
        """
        self._check_step_right(step)
        self.env["power.ticket.event"]._check_own_files(proof_ids)
        at = self.env["power.ticket"]._get_moment(at) or fields.Datetime.now()
        # The right to enter this step was checked; those outside may not write tickets.
        for connection in self.sudo():
            connection._lock()
            if connection[STEP_FIELDS[step]]:
                continue
            connection._check_step(step, at)
            connection._before_step(step, at)
            connection._enter_milestone(step, at, note, proof_ids, client_ref)
            connection._after_step(step, at)
        return True

    def enter_defects(self, step, note, at=None, proof_ids=None):
        """Enter that a check found defects: the customer puts them right and asks
        again; until then the clocks rest.

        :param step: ``design_reviewed``, ``mid_inspected`` or ``completion_checked``
        :param note: the defects; needed
        :param at: when it was checked, UTC; now when not given
        :param proof_ids: ids of files of the user
        :raise UserError: it is no check, its turn hasn't come, or no defect is named
        """
        self._check_step_right(step)
        self.env["power.ticket.event"]._check_own_files(proof_ids)
        note = self._require_reason(note)
        at = self.env["power.ticket"]._get_moment(at) or fields.Datetime.now()
        for connection in self.sudo():  # as in enter_step
            connection._lock()
            if step not in rules.CHECKS or step not in rules.get_open_steps(
                connection._get_case(), connection._done()
            ):
                raise UserError(
                    self.env._(
                        "%(connection)s: there is nothing to check now.",
                        connection=connection.display_name,
                    )
                )
            connection._resume(at)
            connection._enter("check_failed", at, note, proof_ids, step=step)
            connection._pause(at, self.env._("Defects to be put right"))
        return True

    def renew_scheme(self, note=None):
        """Renew supply schemes: valid again from today, the customer is told.

        :raise UserError: no scheme was sent, or the connection is carried out
        """
        self.check_access("write")
        for connection in self.sudo():  # the right was just checked
            connection._lock()
            if not connection.scheme_answered_at or connection.energised_at:
                raise UserError(
                    self.env._(
                        "%(connection)s has no supply scheme to renew.",
                        connection=connection.display_name,
                    )
                )
            now = fields.Datetime.now()
            connection._enter("scheme_renewed", now, note)
            connection._start_validity(now)
            connection._tell_scheme()
        return True

    def tell_missing_papers(self):
        """Tell the applicants all papers that are missing, at once (一次性告知).

        :return: the notices made
        :raise UserError: nothing is missing, or there is nobody to tell
        """
        self.check_access("write")
        notices = self.env["power.notice"]
        for connection in self.sudo():  # the right was just checked
            connection._lock()
            papers = connection._get_missing_papers("accepted")
            if not papers:
                raise UserError(
                    self.env._(
                        "%(connection)s: no paper is missing.",
                        connection=connection.display_name,
                    )
                )
            now = fields.Datetime.now()
            count = connection.papers_told_count + 1
            lines = "\n".join(f"- {title}" for title in connection._get_titles(papers))
            told = connection.with_context(power_notice_papers=tuple(papers.ids))
            notices |= told._tell(f"papers/{count}", "connection_papers")
            papers.told_at = now
            connection._enter("papers_told", now, lines)
            connection._move({"papers_told_at": now, "papers_told_count": count})
        return notices.with_env(self.env)

    # Buttons ------------------------------------------------------------------------

    def action_enter_step(self):
        """Open the window that enters a step: the next one, unless another is open."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Enter a Step"),
            "res_model": "power.connection.entry",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_connection_id": self.id,
                "power_connection_kind": self.kind,
            },
        }

    def action_renew_scheme(self):
        """Button: renew the supply scheme."""
        return self.renew_scheme()

    def action_tell_missing_papers(self):
        """Button: tell the applicant what is missing."""
        return bool(self.tell_missing_papers())

    def action_tell_fee(self):
        """Enter that the applicant was told the fee, and tell it in writing.

        :raise UserError: there is no fee
        """
        self.check_access("write")
        for connection in self:
            if not connection.fee_amount:
                raise UserError(
                    self.env._(
                        "%(connection)s: enter the fee first.",
                        connection=connection.display_name,
                    )
                )
            now = fields.Datetime.now()
            connection.fee_told_at = now
            amount = connection.currency_id.format(connection.fee_amount)
            told = connection.sudo()  # the right was checked above
            told._tell(f"fee/{connection.fee_amount}", "connection_fee")
            told._enter("fee_told", now, amount)
        return True

    # Checks -------------------------------------------------------------------------

    def _check_step_right(self, step):
        """Refuse who may not enter this step: people outside enter what they did
        there, all else is for those who may write the connection."""
        if not isinstance(step, str) or step not in STEP_FIELDS:
            raise UserError(
                self.env._("There is no step “%(step)s”.", step=shorten(step or ""))
            )
        if step not in rules.FIELD_STEPS:
            self.check_access("write")
            return
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group(
            "power_service_base.group_power_field"
        ):
            raise AccessError(self.env._("Only staff enter the steps of connections."))

    def _lock(self):
        """Wait for whoever enters something on the same ticket, then read again."""
        self.ticket_id._lock()
        self.invalidate_recordset()

    def _check_step(self, step, at):
        """Refuse a step, naming everything that stands against it.

        :param at: when it was done, naive UTC
        """
        self.ensure_one()
        reasons = rules.check_step(
            self._get_case(), step, self._done(), self._prepare_facts(step, at)
        )
        if reasons:
            texts = "\n".join(
                f"- {self._get_reason_text(reason)}" for reason in reasons
            )
            raise UserError(
                self.env._(
                    "%(connection)s, %(step)s: this can't be entered yet.\n%(reasons)s",
                    connection=self.display_name,
                    step=self._get_step_label(step),
                    reasons=texts,
                )
            )

    def _prepare_facts(self, step, at):
        """What is known for ``step``, as :class:`~..core.connection.Facts`."""
        self.ensure_one()
        point = self.supply_point_id
        roles = self.source_ids.mapped("role")
        number = (self.point_number or "").strip()
        contracts = self.env["power.supply.contract"].search(
            [("supply_point_id", "=", point.id)] if point else [(0, "=", 1)],
            order="date_from",
        )
        return rules.Facts(
            today=self._get_day(at),
            papers=tuple(self._get_titles(self._get_missing_papers(step))),
            has_applicant=bool(self.partner_id),
            has_new_customer=bool(self.new_partner_id),
            is_new_customer_other=self.new_partner_id != point.partner_id,
            wanted_kva=self.wanted_kva,
            scheme_kva=self.scheme_kva,
            sources=roles.count("main"),
            standby_sources=roles.count("standby"),
            has_metering=bool(self.scheme_metering),
            valid_until=self.scheme_valid_until or None,
            is_fee_told=bool(self.fee_told_at),
            has_meter=bool((self.meter_numbers or "").strip()),
            has_area=bool(self.grid_area_id),
            is_number_free=not number or not self._is_number_taken(number),
            date_from=self.date_from or None,
            date_to=self.date_to or None,
            contracts=tuple((c.date_from, c.date_to or None) for c in contracts),
            current_kva=point.contract_id.contract_kva,
            point_state=point.supply_state or None,
        )

    def _get_missing_papers(self, step):
        return self.paper_ids.filtered(
            lambda paper: paper.step == step and paper.is_missing
        )

    def _get_titles(self, papers):
        return [title for title in papers.mapped("title") if title]

    def _get_day(self, at):
        """The date of a naive UTC datetime, where the station is."""
        zone = (self.station_id or self.company_id)._get_power_tz()
        return fields.Datetime.context_timestamp(self.with_context(tz=zone), at).date()

    def _get_reason_text(self, reason):
        """A reason in words.

        :param reason: a :class:`~..core.connection.Reason`
        """
        if reason.code == "before":
            steps = ", ".join(self._get_step_label(step) for step in reason.about)
            return self.env._("First comes: %(steps)s.", steps=steps)
        if reason.code == "papers":
            return self.env._(
                "Papers are missing: %(papers)s.", papers=", ".join(reason.about)
            )
        if reason.code == "scheme_lapsed":
            day = format_date(self.env, fields.Date.to_date(reason.about[0]))
            return self.env._(
                "The supply scheme was valid until %(day)s: renew it.", day=day
            )
        return self.env._(REASONS[reason.code])

    # What a step entails ------------------------------------------------------------

    def _before_step(self, step, at):
        """Do what belongs to a step, in the same transaction; runs as superuser.

        Extended by energising.
        """
        self._resume(at)

    def _after_step(self, step, at):
        """What follows a step that was entered; runs as superuser."""
        if step == "scheme_answered":
            self._start_validity(at)
            self._tell_scheme()
        if rules.is_customers_turn(self._get_case(), self._done()):
            self._pause(at, self.env._("Waiting for: %s", self.step_name))

    def _enter_milestone(self, step, at, note, proof_ids, client_ref):
        ticket = self.ticket_id.with_context(power_connection=STEPPING)
        ticket.register_event(
            "milestone",
            at=at,
            note=note,
            milestone=step,
            client_ref=client_ref,
            proof_ids=proof_ids,
        )

    def _enter(self, kind, at, note, proof_ids=None, step=False):
        vals = {"note": note or False, "connection_step": step}
        if proof_ids:
            vals["proof_ids"] = [fields.Command.set(proof_ids)]
        self.ticket_id._enter_event(kind, at, vals)

    def _pause(self, at, note):
        if not self.ticket_id.is_paused and self.ticket_id.is_open:
            self.ticket_id.register_event("paused", at=at, note=note)

    def _resume(self, at):
        if self.ticket_id.is_paused:
            self.ticket_id.register_event("resumed", at=at)

    def _start_validity(self, at):
        until = self.env["power.connection.rule"]._get_scheme_end(
            self.customer_class, self.company_id, self._get_day(at)
        )
        self._move({"scheme_valid_until": until})

    def _tell_scheme(self):
        self._tell(f"scheme/{self.scheme_valid_until}", "connection")

    # Projection ---------------------------------------------------------------------

    def _project_steps(self):
        """Bring the times of the steps to what the tickets' events say, in a constant
        number of queries."""
        self.env["power.ticket.event"].flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT event.ticket_id, event.kind, event.at, event.id,"
                " COALESCE(milestone.code, event.connection_step)"
                " FROM power_ticket_event AS event"
                " LEFT JOIN power_ticket_milestone AS milestone"
                " ON milestone.id = event.milestone_id"
                " WHERE event.ticket_id = ANY(%s)"
                " AND event.kind IN ('milestone', 'check_failed')",
                self.ticket_id.ids,
            )
        )
        facts = {ticket_id: [] for ticket_id in self.ticket_id.ids}
        for ticket_id, kind, at, event_id, step in rows:
            if step in STEP_FIELDS:
                facts[ticket_id].append(rules.Fact(kind, at, event_id, step))
        for connection in self:
            done = rules.read_steps(facts[connection.ticket_id.id])
            changed = {
                name: done.get(step, False)
                for step, name in STEP_FIELDS.items()
                if (connection[name] or None) != done.get(step)
            }
            if changed:
                # What events say; the right to enter them was checked before.
                connection.sudo()._move(changed)

    # What is next and what is missing -----------------------------------------------

    @api.depends_context("lang", "tz")
    @api.depends(
        "step", "kind", "paper_ids.is_missing", "is_open", *STEP_FIELDS.values()
    )
    def _compute_step_bar(self):
        now = fields.Datetime.now()
        for connection in self:
            if not connection.id:
                connection.step_bar = False
                continue
            case, done = connection._get_case(), connection._done()
            steps = [
                {
                    "label": connection._get_step_label(step),
                    "done": connection[STEP_FIELDS[step]]
                    and format_datetime(
                        self.env, connection[STEP_FIELDS[step]], dt_format="short"
                    ),
                    "is_next": step == connection.step,
                }
                for step in rules.get_steps(case)
            ]
            reasons = ()
            if connection.step in STEP_FIELDS and connection.is_open:
                # Whether something is missing, nothing of what is there.
                facts = connection.sudo()._prepare_facts(connection.step, now)
                reasons = rules.check_step(
                    case,
                    connection.step,
                    done,
                    facts,
                )
            connection.step_bar = self.env["ir.qweb"]._render(
                "power_service_tickets.power_connection_step_bar",
                {
                    "steps": steps,
                    "reasons": [connection._get_reason_text(item) for item in reasons],
                },
            )
