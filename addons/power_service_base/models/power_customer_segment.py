from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

SERVICE_MODES = [
    ("expert", "Expert (enterprises)"),
    ("steward", "Steward (communities)"),
    ("nanny", "Nanny (countryside)"),
    ("caring", "Caring (schools)"),
    ("volunteer", "Volunteer (vulnerable customers)"),
]


class PowerCustomerSegment(models.Model):
    """A class of customers served alike (客户分类), by domain or by hand.

    The relation's column ``origin`` tells how a customer came in: empty by hand,
    ``domain`` by the segment's own rule, ``rule`` by an assignment rule. A refresh
    touches only what the domain made.
    """

    _name = "power.customer.segment"
    _description = "Customer Segment"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, copy=False)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True)
    domain = fields.Char(
        "Customers By Rule",
        help="Customers that match belong to the segment, from the next refresh on. "
        "Customers added by hand stay also when they don't match.",
    )
    is_by_rule = fields.Boolean(
        "By a Rule",
        compute="_compute_is_by_rule",
        inverse="_inverse_is_by_rule",
        help="Customers come in by a rule, too; else by hand alone.",
    )
    refreshed_at = fields.Datetime("Last Refreshed", readonly=True, copy=False)
    service_mode = fields.Selection(SERVICE_MODES)
    visit_every_days = fields.Integer(
        help="Days between two planned visits; 0 means that no visits are planned."
    )
    is_vip = fields.Boolean("VIP")
    is_vulnerable = fields.Boolean(
        help="Households under special care (五保户, 特困户, 低保户): special archive, "
        "free extension service."
    )
    has_green_channel = fields.Boolean("Green Channel")
    partner_ids = fields.Many2many(
        "res.partner",
        "power_segment_partner_rel",
        "segment_id",
        "partner_id",
        string="Customers",
        copy=False,
    )
    partner_count = fields.Integer("Customer Count", compute="_compute_partner_count")
    hand_count = fields.Integer("By Hand", compute="_compute_origin_counts")
    rule_count = fields.Integer("By Rule", compute="_compute_origin_counts")

    _code_uniq = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))", "Another segment already has this code."
    )
    _visit_every_days_valid = models.Constraint(
        "CHECK (visit_every_days >= 0)", "The visit interval can't be negative."
    )

    @api.depends("domain")
    def _compute_is_by_rule(self):
        for segment in self:
            segment.is_by_rule = bool(segment.domain)

    def _inverse_is_by_rule(self):
        for segment in self:
            if not segment.is_by_rule:
                segment.domain = False

    @api.onchange("is_by_rule")
    def _onchange_is_by_rule(self):
        """A rule begins with all customers, said in so many words."""
        if not self.is_by_rule:
            self.domain = False
        elif not self.domain:
            self.domain = "[('is_power_customer', '=', True)]"

    def _compute_partner_count(self):
        counts = {
            segment.id: count
            for segment, count in self.env["res.partner"]._read_group(
                [("segment_ids", "in", self.ids)], ["segment_ids"], ["__count"]
            )
        }
        for segment in self:
            segment.partner_count = counts.get(segment.id, 0)

    def init(self):
        # The framework makes the relation's table with the two keys only.
        self.env.cr.execute(
            "ALTER TABLE power_segment_partner_rel ADD COLUMN IF NOT EXISTS origin text"
        )

    def _compute_origin_counts(self):
        self.env.cr.execute(
            """
            SELECT segment_id, count(*) FILTER (WHERE origin IS NULL),
                   count(*) FILTER (WHERE origin IS NOT NULL)
              FROM power_segment_partner_rel
             WHERE segment_id = ANY(%s) GROUP BY 1
            """,
            (self.ids,),
        )
        counts = {row[0]: row[1:] for row in self.env.cr.fetchall()}
        for segment in self:
            found = counts.get(segment._origin.id, (0, 0))
            segment.hand_count, segment.rule_count = found

    @api.constrains("domain")
    def _check_domain(self):
        for segment in self:
            try:
                segment._get_member_domain()
            except (ValueError, SyntaxError, KeyError, TypeError) as error:
                raise ValidationError(
                    self.env._(
                        "The rule of the segment %(segment)s can't be read: %(error)s. "
                        "Build it again with the editor.",
                        segment=segment.name,
                        error=error,
                    )
                ) from error

    @api.constrains("company_id", "partner_ids")
    def _check_members_company(self):
        """The customers of a company's segment are of that company."""
        self.flush_model(["company_id", "partner_ids"])
        self.env["res.partner"].flush_model(["company_id"])
        found = self.env.execute_query(
            SQL(
                """
                SELECT segment.id, partner.id
                  FROM power_customer_segment AS segment
                  JOIN res_company AS company ON company.id = segment.company_id
                  JOIN power_segment_partner_rel AS member
                    ON member.segment_id = segment.id
                  JOIN res_partner AS partner ON partner.id = member.partner_id
                  JOIN res_company AS other ON other.id = partner.company_id
                 WHERE segment.id = ANY(%s)
                   -- Those by the segment's own rule go with the next refresh.
                   AND member.origin IS DISTINCT FROM 'domain'
                   AND other.parent_path NOT LIKE company.parent_path || '%%'
                 LIMIT 1
                """,
                self.ids,
            )
        )
        for segment_id, partner_id in found:
            partner = self.env["res.partner"].sudo().browse(partner_id)  # only its name
            segment = self.browse(segment_id)
            raise ValidationError(
                self.env._(
                    "%(customer)s is a customer of %(company)s, but %(record)s belongs "
                    "to %(other)s: choose one of the customer's company.",
                    customer=partner.display_name,
                    company=partner.company_id.name,
                    record=segment.display_name,
                    other=segment.company_id.name,
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        segments = super().create(vals_list)
        segments.filtered("domain")._refresh_members()
        return segments

    def write(self, vals):
        result = super().write(vals)
        if {"domain", "company_id", "active"} & vals.keys():
            self._refresh_members()
        return result

    def _get_member_domain(self):
        """The customers that belong by rule; nobody without a rule.

        :raise ValueError, SyntaxError, KeyError, TypeError: for a rule that isn't one
        """
        self.ensure_one()
        if not self.domain or not self.active:
            return Domain.FALSE
        domain = Domain(literal_eval(self.domain))
        domain.validate(self.env["res.partner"].sudo())  # a manager wrote it
        domain &= Domain("is_power_customer", "=", True)
        if self.company_id:
            domain &= Domain("company_id", "in", [False, self.company_id.id])
        return domain

    def _refresh_members(self):
        """Bring the members by rule to what the domains say: two statements a segment.

        :return: the number of members added and taken out
        """
        self.flush_model()
        partners = self.env["res.partner"].sudo()  # the rule counts, not who asks
        self.env["res.partner"].flush_model(["segment_ids"])
        changed = 0
        for segment in self:
            wanted = partners._search(segment._get_member_domain()).subselect()
            self.env.flush_query(wanted)
            self.env.cr.execute(
                SQL(
                    "DELETE FROM power_segment_partner_rel WHERE segment_id = %s"
                    " AND origin = 'domain' AND partner_id NOT IN %s",
                    segment.id,
                    wanted,
                )
            )
            changed += self.env.cr.rowcount
            self.env.cr.execute(
                SQL(
                    "INSERT INTO power_segment_partner_rel"
                    " (segment_id, partner_id, origin)"
                    " SELECT %s, id, 'domain' FROM res_partner WHERE id IN %s"
                    " ON CONFLICT DO NOTHING",
                    segment.id,
                    wanted,
                )
            )
            changed += self.env.cr.rowcount
        self.env.cr.execute(
            "UPDATE power_customer_segment SET refreshed_at = %s WHERE id = ANY(%s)",
            (fields.Datetime.now(), self.ids),
        )
        self.invalidate_model(
            ["partner_ids", "partner_count", "hand_count", "rule_count", "refreshed_at"]
        )
        self.env["res.partner"].invalidate_model(["segment_ids"])
        return changed

    def action_refresh(self):
        """Refresh the members by rule now."""
        self.check_access("write")
        changed = self._refresh_members()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "Refreshed: %(count)s customers came or went.", count=changed
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_open_partners(self):
        """Open the segment's customers."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "power_service_base.res_partner_action_power"
        )
        action["domain"] = [("segment_ids", "=", self.id)]
        action["display_name"] = self.name
        return action

    @api.model
    def _cron_refresh_segments(self, batch_size=20):
        """Refresh all segments, a batch of them at a time."""
        run = self.env["power.job.run"]._start_alone("power.customer.segment.refresh")
        if not run:
            return
        domain = Domain("domain", "!=", False) & Domain("id", ">", run.last_id)
        segments = self.search(domain, order="id")
        batch = segments[:batch_size]
        run._progress(done=batch._refresh_members())
        remaining = len(segments) - len(batch)
        run.last_id = batch[-1:].id
        if not remaining:
            run._finish()
        self.env["ir.cron"]._commit_progress(len(batch), remaining=remaining)
