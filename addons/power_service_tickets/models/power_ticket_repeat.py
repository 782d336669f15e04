# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from ..core.repeat import Case, find_repeats

# Which tickets are of one matter, and how often the customer called.
MATTER_FIELDS = {"partner_id", "category_id", "type_id", "is_anonymous"}
# Written by the code of this part only, by nobody's hand.
KEPT = frozenset(("call_count", "is_frequent"))


class PowerTicket(models.Model):
    """Repeats: the same customer, the same matter, again."""

    _inherit = "power.ticket"

    repeat_ids = fields.One2many("power.ticket", "repeat_of_id", readonly=True)
    call_count = fields.Integer(
        "Calls on the Matter",
        readonly=True,
        copy=False,
        default=1,
        help="Of this customer inside the repeat window until this ticket, its own "
        "chasing calls included.",
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
            self._mark_repeats()
        return result

    def _enter_event(self, kind, at, vals, **options):
        result = super()._enter_event(kind, at, vals, **options)
        if kind == "chased":
            self._mark_repeats()
        return result

    # Repeats ------------------------------------------------------------------------

    def _mark_repeats(self):
        """Say which closed ticket each of these repeats, and how often the customer
        called about the matter. A constant number of queries."""
        todo = self.sudo().filtered(  # earlier ones may lie at another station
            lambda ticket: (
                ticket.partner_id and ticket.category_id and not ticket.is_anonymous
            )
        )
        if not todo:
            return
        rules = todo.env["power.complaint.rule"]._get_by_company(todo.company_id)
        groups = defaultdict(list)
        for company, tickets in todo.grouped("company_id").items():
            rule = rules[company]
            cases = tickets._get_cases(rule._get_window())
            own = set(tickets.ids)
            found = find_repeats(
                [case for case in cases if case.id in own],
                cases,
                rule._get_window(),
                rule.frequent_calls,
            )
            for ticket in tickets:
                repeat = found[ticket.id]
                vals = (repeat.repeat_of or False, repeat.calls, repeat.is_frequent)
                before = ticket.repeat_of_id.id, ticket.call_count, ticket.is_frequent
                if vals != before:
                    groups[vals].append(ticket.id)
        for (repeat_of, calls, is_frequent), ids in groups.items():
            self.browse(ids)._project_write(
                {
                    "repeat_of_id": repeat_of,
                    "call_count": calls,
                    "is_frequent": is_frequent,
                }
            )

    def _get_cases(self, window):
        """These tickets and earlier ones of the same customers and matters.

        A report of wrongdoing is of another matter than what everybody may see. One
        that was entered by mistake is no call.

        :param window: timedelta to look back from the receipt
        :return: list of :class:`Case`
        """
        self.env["power.ticket"].flush_model()
        since = min(self.mapped("received_at")) - window
        rows = self.env.execute_query(
            SQL(
                """
                SELECT ticket.id, partner.commercial_partner_id, ticket.type_id,
                       ticket.category_id, ticket.is_confidential, ticket.received_at,
                       ticket.closed_at, 1 + COALESCE(ticket.chase_count, 0)
                  FROM power_ticket AS ticket
                  JOIN res_partner AS partner ON partner.id = ticket.partner_id
                 WHERE ticket.id = ANY(%(ids)s)
                    OR (ticket.partner_id IN (
                            SELECT id FROM res_partner
                             WHERE commercial_partner_id = ANY(%(partners)s))
                        AND ticket.category_id = ANY(%(categories)s)
                        AND ticket.company_id = ANY(%(companies)s)
                        AND COALESCE(ticket.ended_by, '') NOT IN ('cancelled', 'merged')
                        AND ticket.is_anonymous IS NOT TRUE
                        AND (ticket.received_at >= %(since)s
                             OR ticket.closed_at >= %(since)s))
                """,
                ids=self.ids,
                partners=self.partner_id.commercial_partner_id.ids,
                categories=self.category_id.ids,
                companies=self.company_id.ids,
                since=since,
            )
        )
        return [
            Case(
                ticket_id,
                partner_id,
                (type_id, category_id, bool(is_confidential)),
                received_at,
                closed_at,
                calls,
            )
            for (
                ticket_id,
                partner_id,
                type_id,
                category_id,
                is_confidential,
                received_at,
                closed_at,
                calls,
            ) in rows
        ]

    def action_open_matter(self):
        """Open the customer's tickets on the same matter.

        :return: a window action
        """
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "power_service_tickets.power_ticket_action"
        )
        action["domain"] = [
            ("partner_id", "child_of", self.partner_id.commercial_partner_id.id),
            ("category_id", "=", self.category_id.id),
            ("type_id", "=", self.type_id.id),
        ]
        action["context"] = {}
        return action
