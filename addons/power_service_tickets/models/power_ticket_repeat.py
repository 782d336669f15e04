# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..core.repeat import Case, find_repeats, get_matters, get_parties

# Which tickets are of one matter, and how often the customer called.
MATTER_FIELDS = {
    "partner_id",
    "supply_point_id",
    "is_anonymous",
    "category_id",
    "type_id",
}
# Written by the code of this part only, by nobody's hand.
KEPT = frozenset(("call_count", "is_frequent", "repeat_of_id", "repeat_state"))


class PowerTicket(models.Model):
    """Repeats: the same customer, the same matter, again.

    Proposed at intake by the rules of ``core/repeat.py``; somebody confirms or undoes
    it, which stays whatever the rules say later.
    """

    _inherit = "power.ticket"

    repeat_ids = fields.One2many("power.ticket", "repeat_of_id", readonly=True)
    repeat_state = fields.Selection(
        [
            ("proposed", "Proposed"),
            ("confirmed", "Confirmed"),
            ("undone", "Another matter"),
        ],
        "Is It a Repeat",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Whether somebody has confirmed that it is the same matter again. A "
        "proposal counts as a repeat until it is undone.",
    )
    call_count = fields.Integer(
        "Calls on the Matter",
        readonly=True,
        copy=False,
        default=1,
        help="Of this customer or about this supply point, inside the repeat window "
        "until this ticket, its own chasing calls included.",
    )
    is_frequent = fields.Boolean(
        "Three or More Calls",
        readonly=True,
        copy=False,
        help="So many calls on one matter that it is watched as an indicator.",
    )

    _matter_idx = models.Index(
        "(partner_id, category_id) WHERE partner_id IS NOT NULL"
        " AND category_id IS NOT NULL"
    )
    _point_matter_idx = models.Index(
        "(supply_point_id, category_id) WHERE supply_point_id IS NOT NULL"
        " AND category_id IS NOT NULL"
    )

    # Hooks --------------------------------------------------------------------------

    @api.model
    def _check_not_projected(self, vals):
        result = super()._check_not_projected(vals)
        self._check_kept(KEPT, vals)
        return result

    def _after_intake(self):
        result = super()._after_intake()
        self._mark_repeats()
        return result

    def _after_change(self, vals):
        result = super()._after_change(vals)
        if MATTER_FIELDS & vals.keys():
            # What was said of another customer or matter doesn't hold any more.
            self.filtered("repeat_state")._project_write(
                {"repeat_state": False, "repeat_of_id": False}
            )
            self._mark_repeats()
        return result

    def _enter_event(self, kind, at, vals, **options):
        result = super()._enter_event(kind, at, vals, **options)
        if kind == "chased":
            self._mark_repeats()
        return result

    # Confirmed or undone --------------------------------------------------------------

    def confirm_repeat(self):
        """Say that these tickets repeat the ones that are proposed.

        :return: True
        :raise AccessError: the tickets are not the user's to write
        :raise UserError: nothing is proposed
        """
        self.check_access("write")
        for ticket in self:
            ticket._check_proposed(bool(ticket.repeat_of_id))
        return self._say_repeat("confirmed", self.env._("Repeat confirmed"))

    def link_repeat(self, ticket_id, note):
        """Say that these tickets repeat one that the rules don't propose: of another
        class, or outside the window. It stays until :meth:`undo_repeat`; calls are
        counted by the rules all the same.

        :param ticket_id: id of an earlier ticket of the same customer or supply point,
            which the user may read
        :param note: why it is the same matter; needed
        :return: True
        :raise AccessError: the tickets aren't the user's to write, or it to read
        :raise UserError: that one can't be repeated by these
        """
        self.check_access("write")
        note = self._need(note)
        target = self.browse(self._get_id(ticket_id)).exists()
        if not target:
            raise UserError(self.env._("There is no such ticket to repeat."))
        target.check_access("read")
        for ticket in self:
            ticket._check_may_repeat(target)
        self._project_write({"repeat_of_id": target.id})
        reason = self.env._("Repeat linked by hand, %(reason)s", reason=note)
        return self._say_repeat("confirmed", reason)

    def _check_may_repeat(self, target):
        """Refuse to link one ticket to another by hand.

        :raise UserError: says why
        """
        self.ensure_one()
        one, other = self.sudo(), target.sudo()  # parties are compared only
        customer = one.partner_id.commercial_partner_id
        shared = (customer and customer == other.partner_id.commercial_partner_id) or (
            one.supply_point_id and one.supply_point_id == other.supply_point_id
        )
        names = {"ticket": self.name, "other": target.name}
        if self.is_anonymous or target.is_anonymous or not shared:
            raise UserError(
                self.env._(
                    "%(ticket)s and %(other)s aren't of the same customer.", **names
                )
            )
        if self.company_id != target.company_id or not self.type_id.may_repeat:
            raise UserError(
                self.env._("%(ticket)s can't repeat %(other)s: see its type.", **names)
            )
        if self.is_confidential != target.is_confidential:
            raise UserError(
                self.env._(
                    "A confidential ticket is linked with confidential ones only: the "
                    "other one's history would tell of it."
                )
            )
        if (target.received_at, target.id) >= (self.received_at, self.id):
            raise UserError(
                self.env._("%(other)s wasn't received before %(ticket)s.", **names)
            )

    def undo_repeat(self):
        """Say that these tickets are of another matter than the earlier ones: they
        repeat nothing, and only their own calls count. Also takes back a link that was
        made by hand.

        :return: True
        :raise AccessError: the tickets are not the user's to write
        :raise UserError: there is nothing to undo
        """
        self.check_access("write")
        for ticket in self:
            ticket._check_proposed(bool(ticket.repeat_of_id) or ticket.call_count > 1)
        return self._say_repeat("undone", self.env._("No repeat: another matter"))

    def propose_repeat(self):
        """Take back what was said: the rules propose again.

        :return: True
        """
        self.check_access("write")
        return self._say_repeat(False, self.env._("Repeat looked for again"))

    def _check_proposed(self, is_proposed):
        self.ensure_one()
        if not is_proposed:
            raise UserError(self.env._("%(ticket)s repeats nothing.", ticket=self.name))

    def _say_repeat(self, state, note):
        """Keep what somebody said, with the history; the rights were checked."""
        for ticket in self:
            # Its number is for who may see this one; it may lie at another station.
            name = ticket.sudo().repeat_of_id.name
            text = f"{note}: {name}" if name else note
            ticket._enter_event("noted", None, {"note": text}, allow_closed=True)
        vals = {"repeat_state": state}
        if state != "confirmed":
            vals["repeat_of_id"] = False  # one without a class is left out below
        self._project_write(vals)
        self._mark_repeats()
        return True

    def action_confirm_repeat(self):
        """One tap: it is the same matter again."""
        self.confirm_repeat()

    def action_undo_repeat(self):
        """One tap: it is another matter."""
        self.undo_repeat()

    def action_propose_repeat(self):
        """One tap: let the rules propose again."""
        self.propose_repeat()

    # Repeats ------------------------------------------------------------------------

    def _mark_repeats(self):
        """Say which closed ticket each of these repeats, and how often the customer
        called about the matter. A constant number of queries."""
        todo = self.sudo().filtered(  # earlier ones may lie at another station
            lambda ticket: (
                (ticket.partner_id or ticket.supply_point_id)
                and ticket.category_id
                and not ticket.is_anonymous
            )
        )
        if not todo:
            return
        rules = todo.env["power.complaint.rule"]._get_by_company(todo.company_id)
        topics = todo.env["power.ticket.category"]._get_topics()
        groups = defaultdict(list)
        for company, tickets in todo.grouped("company_id").items():
            rule = rules[company]
            cases = tickets._get_cases(rule, topics)
            own = set(tickets.ids)
            found = find_repeats(
                [case for case in cases if case.id in own],
                cases,
                rule._get_window(),
                rule.frequent_calls,
            )
            for ticket in tickets:
                vals = ticket._prepare_repeat_vals(found[ticket.id])
                if any(
                    ticket._fields[name].convert_to_write(ticket[name], ticket) != value
                    for name, value in vals.items()
                ):
                    groups[tuple(vals.items())].append(ticket.id)
        for vals, ids in groups.items():
            self.browse(ids)._project_write(dict(vals))

    def _prepare_repeat_vals(self, repeat):
        """Values of one ticket; what somebody has confirmed stays.

        :param repeat: the :class:`Repeat` that was found
        """
        self.ensure_one()
        vals = {"call_count": repeat.calls, "is_frequent": repeat.is_frequent}
        if self.repeat_state != "confirmed":
            state = "undone" if self.repeat_state == "undone" else False
            if not self.type_id.may_repeat:
                repeat = repeat._replace(repeat_of=None)
            vals["repeat_of_id"] = repeat.repeat_of or False
            vals["repeat_state"] = "proposed" if repeat.repeat_of else state
        return vals

    def _get_cases(self, rule, topics):
        """These tickets and earlier ones of the same parties and matters.

        One that was entered by mistake is no call; one that was merged is a call, but
        none that is repeated.

        :param rule: the company's ``power.complaint.rule``
        :param topics: dict of category id to :class:`Topic`
        :return: list of :class:`Case`
        """
        matters = rule._get_matter_rule()
        own = set().union(
            *(get_matters(topics[c.id], matters) for c in self.category_id)
        )
        categories = [
            category
            for category, topic in topics.items()
            if own & get_matters(topic, matters)
        ]
        return self._read_cases(
            {
                "ids": self.ids,
                "partners": self.partner_id.commercial_partner_id.ids,
                "points": self.supply_point_id.ids if matters.by_point else [],
                "categories": categories,
                "companies": self.company_id.ids,
                "since": min(self.mapped("received_at")) - rule._get_window(),
            },
            matters,
            topics,
        )

    @api.model
    def _read_cases(self, wanted, rule, topics):
        """Tickets as :class:`Case`, in one query.

        :param wanted: dict of ``ids``, ``partners`` (commercial ones), ``points``,
            ``categories``, ``companies`` and ``since``
        :param rule: the :class:`MatterRule`
        """
        self.env["power.ticket"].flush_model()
        self.env["res.partner"].flush_model(["commercial_partner_id"])
        wanted = {
            **wanted,
            "counted": SQL(
                """ticket.category_id = ANY(%(categories)s)
                   AND ticket.company_id = ANY(%(companies)s)
                   AND COALESCE(ticket.ended_by, '') <> 'cancelled'
                   AND ticket.is_anonymous IS NOT TRUE
                   AND (ticket.received_at >= %(since)s
                        OR ticket.closed_at >= %(since)s)
                """,
                categories=wanted["categories"],
                companies=wanted["companies"],
                since=wanted["since"],
            ),
        }
        rows = self.env.execute_query(
            SQL(
                """
                WITH found AS (
                    SELECT unnest(%(ids)s::int[]) AS id
                     UNION
                    SELECT ticket.id
                      FROM power_ticket AS ticket
                     WHERE ticket.partner_id IN (
                            SELECT id FROM res_partner
                             WHERE commercial_partner_id = ANY(%(partners)s))
                       AND %(counted)s
                     UNION
                    SELECT ticket.id
                      FROM power_ticket AS ticket
                     WHERE ticket.supply_point_id = ANY(%(points)s) AND %(counted)s
                )
                SELECT ticket.id, partner.commercial_partner_id,
                       ticket.supply_point_id, ticket.is_anonymous,
                       ticket.category_id, ticket.is_confidential, ticket.received_at,
                       CASE WHEN ticket.ended_by = 'merged' THEN NULL
                            ELSE ticket.closed_at END,
                       1 + COALESCE(ticket.chase_count, 0), ticket.repeat_state
                  FROM found
                  JOIN power_ticket AS ticket ON ticket.id = found.id
             LEFT JOIN res_partner AS partner ON partner.id = ticket.partner_id
                """,
                **wanted,
            )
        )
        return [
            Case(
                ticket_id,
                get_parties(partner_id, point_id, rule, bool(is_anonymous)),
                get_matters(topics.get(category_id), rule, bool(is_confidential)),
                received_at,
                closed_at,
                calls,
                state == "undone",
            )
            for (
                ticket_id,
                partner_id,
                point_id,
                is_anonymous,
                category_id,
                is_confidential,
                received_at,
                closed_at,
                calls,
                state,
            ) in rows
        ]

    @api.model
    def _preview_repeat(self, company, partner, point, category):
        """What a ticket that is being taken in would repeat; as superuser.

        :return: a :class:`Repeat` whose calls count the new one, or None
        """
        if not (partner or point) or not category or category.type_id.is_confidential:
            return None
        rule = self.env["power.complaint.rule"]._get_by_company(company)[company]
        matters, topics = rule._get_matter_rule(), category._get_topics()
        now = fields.Datetime.now()
        new = Case(
            0,
            get_parties(partner.commercial_partner_id.id, point.id, matters),
            get_matters(topics[category.id], matters),
            now,
        )
        earlier = self._read_cases(
            {
                "ids": [],
                "partners": partner.commercial_partner_id.ids,
                "points": point.ids if matters.by_point else [],
                "categories": [
                    category_id
                    for category_id, topic in topics.items()
                    if new.matters & get_matters(topic, matters)
                ],
                "companies": company.ids,
                "since": now - rule._get_window(),
            },
            matters,
            topics,
        )
        # The new one has no number yet, and comes after all of them.
        new = new._replace(id=max((case.id for case in earlier), default=0) + 1)
        repeat = find_repeats([new], earlier, rule._get_window(), rule.frequent_calls)
        repeat = repeat[new.id]
        if not category.type_id.may_repeat:
            repeat = repeat._replace(repeat_of=None)
        return repeat

    def action_open_matter(self):
        """Open the tickets on the same matter, of the customer or the supply point.

        :return: a window action
        """
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "power_service_tickets.power_ticket_action"
        )
        # As counted; the list shows those of them that the user may see.
        tickets = self.sudo()
        rule = tickets.env["power.complaint.rule"]._get_by_company(self.company_id)
        ids = self.ids
        if tickets.category_id:
            rule = rule[tickets.company_id]
            topics = tickets.category_id._get_topics()
            cases = {case.id: case for case in tickets._get_cases(rule, topics)}
            keys = set(cases[self.id].get_keys())
            ids = [case.id for case in cases.values() if keys & set(case.get_keys())]
        action["domain"] = [("id", "in", ids or self.ids)]
        action["context"] = {}
        return action
