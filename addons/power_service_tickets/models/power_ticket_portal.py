# One theme in one file: tickets as their customers see them.
# pylint: disable=consider-merging-classes-inherited
import re
from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import html2plaintext

PORTAL_SYSTEM = "portal"
# Events that a customer sees without anybody's saying so; their words only when they
# are marked as public, or the customer's own.
SHOWN_MILESTONES = frozenset(
    "received accepted contacted arrived restored answered closed surveyed "
    "scheme_answered fee_paid design_submitted design_reviewed mid_requested "
    "mid_inspected completion_requested completion_checked contract_signed metered "
    "energised".split()
)
SHOWN_KINDS = frozenset(
    "reopened chased message merged extended cancelled service_ended".split()
)
OWN_KINDS = frozenset(("reopened", "chased", "message"))
# From five marks of the portal to the three words of all ratings.
SATISFACTION_BY_MARK = {
    5: "satisfied",
    4: "satisfied",
    3: "neutral",
    2: "unsatisfied",
    1: "unsatisfied",
}
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def clean_text(text):
    """What a customer typed, without what can't be stored or shown."""
    text = str(text or "").replace("\r\n", "\n").replace("\r", "\n")
    return _UNSTORABLE.sub("", text).strip()


class PowerTicket(models.Model):
    """What customers see of their tickets in the portal, and what they do with them.

    Methods that change something are private, for the portal's pages: the page has
    checked that the ticket is the user's own, and calls them as superuser with the
    customer as user, so that events carry the customer's name.
    """

    _inherit = "power.ticket"

    reporter_id = fields.Many2one(
        "res.partner",
        string="Reported by",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The person who asked in the portal; sees the ticket in any case.",
    )

    # Who sees what ------------------------------------------------------------------

    @api.model
    def _get_portal_fields(self):
        return super()._get_portal_fields() | {
            "access_url",
            "answered_at",
            "category_id",
            "closed_at",
            "description",
            "is_open",
            "name",
            "partner_id",
            "priority",  # the order of a search that gives none
            "received_at",
            "reporter_id",
            "subject",
            "supply_point_id",
            "type_id",
        }

    def _compute_access_url(self):
        result = super()._compute_access_url()
        for ticket in self:
            ticket.access_url = f"/my/requests/{ticket.id}"
        return result

    @api.model
    def _get_portal_domain(self):
        """The tickets that are the user's own as a customer; the record rule for
        portal users says the same. Employees are customers, too: for them this is what
        their own pages show.

        Own is what the user asked for or is the customer of; then what nobody by name
        asked for, for the main contact; then the colleagues', when they share them.
        """
        partner = self.env.user.partner_id
        shared = Domain(
            "partner_id", "child_of", partner.commercial_partner_id.ids
        ) & Domain("partner_id.commercial_partner_id.power_shares_tickets", "=", True)
        speaks_for = Domain("reporter_id", "=", False) & Domain(
            "partner_id.commercial_partner_id.power_main_contact_id", "=", partner.id
        )
        own = Domain("partner_id", "=", partner.id)
        secret = own & Domain("reporter_id", "=", False)
        return (
            Domain("reporter_id", "=", partner.id)
            | secret
            | (Domain("is_confidential", "=", False) & (own | speaks_for | shared))
        )

    # What the page shows ------------------------------------------------------------

    def _get_portal_state(self):
        """The state in the customer's words."""
        self.ensure_one()
        ticket = self.sudo()  # the words for the customer
        if ticket.merged_into_id:
            return self.env._("Handled together with another report of the same fault")
        if ticket.is_open and ticket.answered_at:
            return ticket._get_told_text() or self.env._("Answered")
        return (
            self._get_customer_words(ticket.stage_id.milestone_id)
            or ticket.stage_id.portal_name
            or ticket.stage_id.name
            or ""
        )

    def _get_portal_state_class(self):
        """The colour of the state: blue while something is done, green when it is
        done, none when it ended otherwise."""
        self.ensure_one()
        ticket = self.sudo()  # how it ended is shown as words
        if ticket.is_open:
            return "text-bg-info"
        if ticket.ended_by or ticket.merged_into_id:
            return "text-bg-light border"
        return "text-bg-success"

    def _has_portal_handler(self):
        """Whether somebody by name has it, rather than the station; of reports of
        wrongdoing nothing is said."""
        self.ensure_one()
        ticket = self.sudo()  # the name isn't shown
        return bool(ticket.user_id or ticket.is_confidential)

    def _get_portal_promises(self):
        """What was promised until when in this cycle, in the customer's words.

        :return: list of dicts with ``code`` of the target, ``title``, ``time`` (text),
            ``state`` (``kept``, ``late``, ``waiting`` or ``running``), and
            ``is_provisional``
        """
        self.ensure_one()
        titles = {
            "contacted": self.env._("We contact you"),
            "arrived": self.env._("Our crew is on site"),
            "restored": self.env._("Your supply is back"),
            "scheme_answered": self.env._("You have our supply scheme"),
            "energised": self.env._("You have power"),
            "answered": self.env._("You have our answer"),
        }
        # Promised twice, from two starts: the customer is told which is which.
        by_course = {
            ("completion_checked", "energised"): self.env._(
                "You have power, counted from the passed inspection"
            ),
        }
        now = fields.Datetime.now()
        promises = []
        # Of the clocks customers see these values only.
        for clock in self.sudo().clock_ids.sorted("deadline"):
            code = clock.target_milestone_id.code
            course = clock.start_milestone_id.code, code
            if (
                code not in titles
                or clock.cycle != self.sudo().cycle  # as above
                or clock.state in ("cancelled", "exempted")
                or not clock.deadline
            ):
                continue
            if clock.reached_at:
                late = clock.reached_at > clock.deadline
                state = "late_kept" if late else "kept"
            elif clock.state == "paused":
                state = "waiting"
            else:
                state = "late" if clock.deadline < now else "running"
            promises.append(
                {
                    "code": code,
                    "title": self._get_customer_words(clock.target_milestone_id)
                    or by_course.get(course, titles[code]),
                    "time": self._format_portal_time(clock.deadline),
                    "state": state,
                    # What is over doesn't change with holidays any more.
                    "is_provisional": clock.is_provisional and not clock.reached_at,
                }
            )
        return promises

    def _get_answer_times(self):
        """Dict of ticket to the text of the time its answer is promised for; a constant
        number of queries."""
        # Of the clocks customers see this value only.
        clocks = self.env["power.sla.clock"].sudo()
        clocks = clocks.search_fetch(
            [
                ("ticket_id", "in", self.ids),
                ("target_milestone_id.code", "=", "answered"),
                ("state", "in", ("running", "paused", "missed")),
            ],
            ["ticket_id", "deadline", "reached_at", "cycle"],
            # The earliest counts where several promise it.
            order="deadline DESC, id DESC",
        )
        return {
            self.browse(clock.ticket_id.id): self._format_portal_time_of(clock)
            for clock in clocks
            if clock.deadline
            and not clock.reached_at
            and clock.cycle == clock.ticket_id.cycle
        }

    @api.model
    def _format_portal_time_of(self, clock):
        return clock.ticket_id.with_env(self.env)._format_portal_time(clock.deadline)

    def _get_portal_timeline(self):
        """What happened, as the customer may see it, newest first. A constant number of
        queries.

        :return: list of dicts with ``at``, ``time`` (text), ``title``, ``text``,
            ``files`` (``ir.attachment`` as superuser), ``is_customer``
        """
        self.ensure_one()
        lines = []
        # Events have no rule for customers: what they may see is chosen here.
        for event in self.sudo().event_ids:
            if title := self._get_portal_event_title(event):
                is_customer = event.kind in OWN_KINDS
                is_shown = (
                    event.is_public
                    or event.kind == "message"  # the customer's, also by e-mail
                    or (is_customer and event.user_id.share)
                )
                lines.append(
                    {
                        "at": event.at,
                        "title": title,
                        "text": (event.note or "") if is_shown else "",
                        "files": event.proof_ids if is_shown else event.proof_ids[:0],
                        "is_customer": is_customer,
                    }
                )
        for message in self._get_portal_messages():
            text = html2plaintext(message.body or "").strip()
            if text or message.attachment_ids:
                is_customer = not any(
                    not user.share for user in message.author_id.user_ids
                )
                if is_customer and message.message_type == "email":
                    text = ""  # an event says it
                    if not message.attachment_ids:
                        continue
                lines.append(
                    {
                        "at": message.date,
                        "title": self.env._("Your message")
                        if is_customer
                        else self.env._("From your supply station"),
                        "text": text,
                        "files": message.attachment_ids,
                        "is_customer": is_customer,
                    }
                )
        lines.sort(key=lambda line: line["at"], reverse=True)
        for line in lines:
            line["time"] = self._format_portal_time(line["at"])
        return lines

    def _get_portal_messages(self):
        """The messages between station and customer; no notes. As superuser."""
        self.ensure_one()
        messages = self.env["mail.message"].sudo()  # chosen here, as events are
        return messages.search(
            [
                ("model", "=", self._name),
                ("res_id", "=", self.id),
                ("message_type", "in", ("comment", "email", "email_outgoing")),
                ("is_internal", "=", False),
                ("subtype_id", "!=", False),
                ("subtype_id.internal", "=", False),
            ]
        )

    @api.model
    def _get_portal_event_title(self, event):
        """What a customer reads of an event; nothing of one that isn't shown."""
        milestones = {
            "received": self.env._("We have your request"),
            "accepted": self.env._("We are working on it"),
            "contacted": self.env._("We contacted you"),
            "arrived": self.env._("Our crew is on site"),
            "restored": self.env._("Your supply is back"),
            "answered": self.env._("Our answer"),
            "closed": self.env._("Closed"),
        }
        kinds = {
            "reopened": self.env._("Opened again"),
            "chased": self.env._("You asked again"),
            "message": self.env._("Your message")
            if event.note
            else self.env._("Your files"),
            "merged": self.env._("Handled together with another report"),
            "extended": self.env._("It takes longer"),
            "cancelled": self.env._("Ended")
            if self._is_answered_before(event)
            else self.env._("Ended without an answer"),
            "service_ended": self.env._("Ended"),
        }
        code = event.milestone_id.code
        if code == "answered" and event.told_how:
            return self._get_told_title(event.told_how)
        if event.kind in ("milestone", "accepted") and code in SHOWN_MILESTONES:
            return (
                milestones.get(code)
                or self._get_customer_words(event.milestone_id)
                or event.milestone_id.name
            )
        if event.kind in SHOWN_KINDS:
            return kinds[event.kind]
        if event.is_public:
            return self.env._("From your supply station")
        return None

    @api.model
    def _is_answered_before(self, event):
        """Whether the customer of an event's ticket was answered by then."""
        return any(
            other.milestone_id.code == "answered" and other.at <= event.at
            for other in event.ticket_id.event_ids
        )

    def _get_portal_actions(self):
        """What the customer may do with the ticket now.

        :return: set of ``message``, ``chase``, ``rate``, ``reopen``
        """
        self.ensure_one()
        ticket = self.sudo()  # what decides isn't shown
        actions = set()
        if ticket.is_open:
            actions.add("message")
            if not ticket.answered_at and ticket.chase_count < self._get_max_chases():
                actions.add("chase")
        if not ticket._get_rating_refusal():
            actions.add("rate")
        if self._may_reopen():
            actions.add("reopen")
        return actions

    def _may_reopen(self):
        """Whether the customer may open one answered or closed ticket again: within
        the days set."""
        self.ensure_one()
        ticket = self.sudo()  # what decides isn't shown
        since = ticket.closed_at or ticket.answered_at
        if not since or ticket.ended_by or ticket.merged_into_id:
            return False
        return ticket._is_within_reopening(since)

    # What customers do --------------------------------------------------------------

    @api.model
    def _portal_create(self, vals, token, files=()):
        """Take in a request that the user made in the portal; as superuser.

        The same ``token`` of the same user makes one ticket only, however often and
        from however many connections it comes.

        :param vals: ``type_id``, ``category_id``, ``supply_point_id``, ``subject``,
            ``description``, ``contact_phone``: checked before
        :param token: made with the form
        :param files: list of ``core.intake.File``, checked before
        :return: the ticket
        :raise UserError: the user made too many today
        :raise ConcurrencyError: the same form is being received right now
        """
        partner = self.env.user.partner_id
        point = self.env["power.supply.point"].browse(vals.get("supply_point_id") or [])
        company = point.company_id or self.env.company
        tickets = self.with_company(company)
        row = {
            "source_system": PORTAL_SYSTEM,
            "external_ref": f"{self.env.uid}-{token}",
        }
        known = tickets._find_received([row])
        if known:
            return next(iter(known.values()))
        tickets._claim_received([row])
        self._check_portal_limit()
        confidential = self.env["power.ticket.type"].browse(vals["type_id"])
        confidential = confidential.is_confidential
        customer = partner._get_power_customer() or partner
        vals = {
            **vals,
            **row,
            "channel": "portal",
            "company_id": company.id,
            "reporter_id": partner.id,
            "contact_name": partner.name,
            "receiving_station_id": False,
        }
        if confidential:
            # The organisation isn't the one who reports.
            vals["partner_id"] = partner.id
        elif not point:
            vals["partner_id"] = customer.id
        ticket = tickets.create([vals])
        if files:
            ticket._portal_message(None, token, files)
        return ticket

    @api.model
    def _check_portal_limit(self):
        limit = self.env["power.limit"]._get("portal_max_tickets")
        made = self.search_count(
            [
                ("reporter_id", "=", self.env.user.partner_id.id),
                ("create_date", ">", fields.Datetime.now() - timedelta(days=1)),
            ],
            limit=limit,
        )
        if made >= limit:
            raise UserError(
                self.env._(
                    "You sent %(count)s requests within a day. Please call the "
                    "hotline.",
                    count=made,
                )
            )

    def _get_client_ref(self, token):
        return f"{PORTAL_SYSTEM}-{self.env.uid}-{token}"

    def _portal_message(self, text, token, files=()):
        """Enter a message or files of the customer, once; who handles it is told, and
        a ticket that waits for the customer goes on.

        :param text: plain text, or None with files only
        :param token: made with the form
        """
        self.ensure_one()
        ref = self._get_client_ref(token)
        if not self._drop_received_before(ref):
            return
        vals = {"note": text, "client_ref": ref, "is_public": True}
        if files:
            vals["proof_ids"] = [Command.set(self._portal_keep_files(files).ids)]
        self._enter_event("message", None, vals)
        if self.is_paused:
            self.resume()
        if text:
            users, env = self._get_handlers_and_env()
            self._notify_users(
                users, env._("%(ticket)s: the customer wrote", ticket=self.name), text
            )

    def _portal_chase(self, text, token):
        """Enter that the customer asks again, once per token."""
        self.ensure_one()
        ref = self._get_client_ref(token)
        if not self._drop_received_before(ref):
            return
        if "chase" not in self._get_portal_actions():
            raise UserError(
                self.env._("We know that you are waiting. Please call the hotline.")
            )
        self.chase(text or self.env._("Asked again in the portal"), client_ref=ref)

    def _portal_rate(self, mark, feedback):
        """Keep the customer's mark: in the satisfaction of all ways of asking, and as
        Odoo's rating.

        :param mark: 1 (very dissatisfied) to 5 (very satisfied)
        :raise UserError: no such mark, or it can't be rated now
        """
        self.ensure_one()
        if mark not in SATISFACTION_BY_MARK:
            raise UserError(self.env._("Choose one of the five."))
        # The right to rate is the customer's own, checked there.
        self._enter_rating(SATISFACTION_BY_MARK[mark], "portal", feedback or None)
        self.env["rating.rating"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id(self._name),
                "res_id": self.id,
                "partner_id": self.env.user.partner_id.id,
                "rated_partner_id": self.user_id.partner_id.id,
                "rating": mark,
                "feedback": feedback,
                "consumed": True,
                "is_internal": True,
            }
        )

    def _get_portal_rating(self):
        """What the customer said in this cycle.

        :return: dict of ``word`` and ``text``, or None when nobody has said
        """
        self.ensure_one()
        ticket = self.sudo()  # the customer's own word, on the customer's own page
        lines = ticket.satisfaction_ids
        line = lines.filtered(lambda line: line.cycle == ticket.cycle)[:1]
        if not line:
            return None
        # One of five in the portal, kept together with the line; else one of three.
        mark = ticket.env["rating.rating"].search(
            [
                ("res_model", "=", self._name),
                ("res_id", "=", ticket.id),
                ("is_internal", "=", True),
                ("create_date", "=", line.create_date),
            ],
            limit=1,
        )
        words = {
            5: self.env._("Very satisfied"),
            1: self.env._("Not satisfied at all"),
            "satisfied": self.env._("Satisfied"),
            "neutral": self.env._("So-so"),
            "unsatisfied": self.env._("Not satisfied"),
        }
        word = words.get(int(mark.rating)) or words[line.satisfaction]
        return {"word": word, "text": line.note or ""}

    def _portal_reopen(self, text, token):
        """Open an answered or closed ticket again, once per token.

        :param text: why; needed
        :raise UserError: it can't be opened again, or nothing is said
        """
        self.ensure_one()
        ref = self._get_client_ref(token)
        if not self._drop_received_before(ref):
            return
        self._lock()
        self.invalidate_recordset(["is_open", "closed_at", "answered_at"])
        if not self._may_reopen():
            raise UserError(
                self.env._(
                    "This can't be opened again. Please make a new request, or call "
                    "the hotline."
                )
            )
        self._enter_event(
            "reopened",
            None,
            {"note": self._need(text), "client_ref": ref, "is_public": True},
            allow_closed=True,
        )
        self._tell_reopened(text)
