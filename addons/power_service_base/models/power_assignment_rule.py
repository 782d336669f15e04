from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

TARGETS = {
    "grid_area_id": "power.grid.area",
    "account_manager_id": "hr.employee",
    "key_account_team_id": "power.key.account.team",
}


class PowerAssignmentRule(models.Model):
    """Gives customers their area, account manager, key-account team and segments.

    Of the rules that match a customer, the first one that names a target decides it.
    Without ``overwrite`` a rule fills only what is empty. Segments add up.
    """

    _name = "power.assignment.rule"
    _inherit = ["power.station.mixin"]
    _description = "Assignment Rule"
    _order = "sequence, id"

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    domain = fields.Char("Customers", default="[]", required=True)
    overwrite = fields.Boolean(
        "Change Who Has One",
        help="Also customers who have another area, manager or team already; without "
        "it only empty ones are filled.",
    )
    grid_area_id = fields.Many2one("power.grid.area", check_company=True)
    account_manager_id = fields.Many2one("hr.employee", check_company=True)
    key_account_team_id = fields.Many2one("power.key.account.team", check_company=True)
    segment_ids = fields.Many2many(
        "power.customer.segment",
        "power_assignment_segment_rel",
        string="Segments",
        check_company=True,
    )
    station_id = fields.Many2one(
        help="Only customers of this station; those of all stations when empty."
    )
    manager_has_left = fields.Boolean(compute="_compute_manager_has_left")

    @api.depends("account_manager_id.active")
    def _compute_manager_has_left(self):
        for rule in self:
            # Whether someone still works here isn't private.
            manager = rule.account_manager_id.sudo()
            rule.manager_has_left = bool(manager) and not manager.active

    @api.constrains("domain")
    def _check_domain(self):
        for rule in self:
            try:
                rule._get_partner_domain()
            except (ValueError, SyntaxError, KeyError, TypeError) as error:
                raise ValidationError(
                    self.env._(
                        "The condition of the rule %(rule)s can't be read: %(error)s. "
                        "Build it again with the editor.",
                        rule=rule.name,
                        error=error,
                    )
                ) from error

    @api.constrains("account_manager_id")
    def _check_manager_works_here(self):
        self.account_manager_id._check_works_here()

    @api.constrains("segment_ids", *TARGETS)
    def _check_target(self):
        for rule in self:
            if not rule.segment_ids and not any(rule[name] for name in TARGETS):
                raise ValidationError(
                    self.env._(
                        "The rule %(rule)s gives nothing: choose an area, a manager, a "
                        "team or a segment.",
                        rule=rule.name,
                    )
                )

    def _get_partner_domain(self):
        """The customers the rule is for, of its company and station.

        :raise ValueError, SyntaxError, KeyError, TypeError: for an unreadable condition
        """
        self.ensure_one()
        domain = Domain(literal_eval(self.domain or "[]"))
        domain.validate(self.env["res.partner"].sudo())  # a manager wrote it
        domain &= Domain("is_power_customer", "=", True)
        domain &= Domain("company_id", "in", [False, self.company_id.id])
        if self.station_id:
            return domain & Domain("power_station_id", "=", self.station_id.id)
        own = self.env["hr.department"].sudo()  # a company's stations aren't private
        stations = own._search([("company_id", "=", self.company_id.id)])
        return domain & (
            Domain("power_station_id", "=", False)
            | Domain("power_station_id", "in", stations)
        )

    # -- what the rules want -----------------------------------------------------------

    def _get_target_ids(self):
        """Target field to the record it gives, None where it gives none."""
        self.ensure_one()
        targets = {name: self[name].id or None for name in TARGETS}
        if self.manager_has_left:
            targets["account_manager_id"] = None
        return targets

    def _get_changes_sql(self, partners=None):
        """Rows of customers that the rules would change: id, then per target the new
        record or NULL where it stays."""
        matches, values = [], []
        people = self.env["res.partner"]
        for number, rule in enumerate(self):
            domain = rule._get_partner_domain()
            if partners is not None:
                domain &= Domain("id", "in", partners.ids)
            targets = rule._get_target_ids()
            if not any(targets.values()):
                continue
            matches.append(
                SQL(
                    "SELECT id, %s AS number FROM res_partner WHERE id IN %s",
                    number,
                    people._search(domain).subselect(),
                )
            )
            values.append(
                SQL(
                    "(%s, %s, %s)",
                    number,
                    rule.overwrite,
                    SQL(", ").join(SQL("%s::int", targets[name]) for name in TARGETS),
                )
            )
        if not matches:
            return None
        return SQL(
            """
            WITH rule(number, overwrite, %(columns)s) AS (VALUES %(values)s),
            first AS (
                SELECT match.id, %(firsts)s
                  FROM (%(matches)s) AS match JOIN rule ON rule.number = match.number
                 GROUP BY match.id
            ), change AS (
                SELECT p.id, %(changes)s
                  FROM first JOIN res_partner AS p ON p.id = first.id %(joins)s
            )
            SELECT * FROM change WHERE num_nonnulls(%(columns)s) > 0
            """,
            columns=SQL(", ").join(map(SQL.identifier, TARGETS)),
            values=SQL(", ").join(values),
            matches=SQL(" UNION ALL ").join(matches),
            firsts=SQL(", ").join(
                SQL(
                    "min(rule.number) FILTER (WHERE %s IS NOT NULL) AS %s",
                    SQL.identifier("rule", name),
                    SQL.identifier(name),
                )
                for name in TARGETS
            ),
            changes=SQL(", ").join(
                SQL(
                    "CASE WHEN %(new)s IS DISTINCT FROM %(old)s"
                    " AND (%(old)s IS NULL OR %(overwrite)s)"
                    " THEN %(new)s END AS %(name)s",
                    new=SQL.identifier(f"rule_{name}", name),
                    old=SQL.identifier("p", name),
                    overwrite=SQL.identifier(f"rule_{name}", "overwrite"),
                    name=SQL.identifier(name),
                )
                for name in TARGETS
            ),
            joins=SQL(" ").join(
                SQL(
                    "LEFT JOIN rule AS %s ON %s = %s",
                    SQL.identifier(f"rule_{name}"),
                    SQL.identifier(f"rule_{name}", "number"),
                    SQL.identifier("first", name),
                )
                for name in TARGETS
            ),
        )

    # -- applying ----------------------------------------------------------------------

    def apply(self, partners=None):
        """Give customers what the rules say.

        :param partners: res.partner records or ids; all customers when not given
        :return: the number of customers changed
        :raise AccessError: unless the user may change rules and customers
        """
        self.check_access("write")
        self.env["res.partner"].check_access("write")
        if partners is not None and not isinstance(partners, models.BaseModel):
            partners = self.env["res.partner"].browse(partners)
        rules = self.sorted() if self else self.search([])
        return rules._apply(partners)

    def _apply(self, partners=None, batch_size=50000):
        """Apply in batches, each of a constant number of statements per rule."""
        total = 0
        while True:
            done = self._apply_batch(partners, batch_size)
            total += done
            if done < batch_size:
                break
        return total + self._apply_segments(partners)

    def _apply_batch(self, partners, batch_size):
        """Change at most ``batch_size`` customers; how many were changed."""
        self.flush_model()
        self.env["res.partner"].flush_model()
        changes = self._get_changes_sql(partners)
        if changes is None:
            return 0
        self.env.flush_query(changes)
        self.env.cr.execute("DROP TABLE IF EXISTS power_assignment_change")
        self.env.cr.execute(
            SQL(
                "CREATE TEMPORARY TABLE power_assignment_change ON COMMIT DROP AS"
                " SELECT * FROM (%s) AS change LIMIT %s",
                changes,
                batch_size,
            )
        )
        count = self.env.cr.rowcount
        if count:
            self.env.cr.execute("ANALYZE power_assignment_change")
            self._write_changes()
        self.env.cr.execute("DROP TABLE power_assignment_change")
        return count

    def _write_changes(self):
        """Write the changes of the batch, and what follows from them."""
        self.env.cr.execute(
            """
            UPDATE res_partner AS p
               SET grid_area_id = COALESCE(change.grid_area_id, p.grid_area_id),
                   power_station_id = CASE WHEN change.grid_area_id IS NULL
                        THEN p.power_station_id ELSE area.station_id END,
                   account_manager_id =
                        COALESCE(change.account_manager_id, p.account_manager_id),
                   key_account_team_id =
                        COALESCE(change.key_account_team_id, p.key_account_team_id),
                   write_uid = %s, write_date = %s
              FROM power_assignment_change AS change
              LEFT JOIN power_grid_area AS area ON area.id = change.grid_area_id
             WHERE p.id = change.id
            RETURNING p.id
            """,
            (self.env.uid, self.env.cr.now()),
        )
        partner_ids = [row[0] for row in self.env.cr.fetchall()]
        self.env["res.partner"].invalidate_model()
        self.env.cr.execute(
            """
            SELECT account_manager_id, array_agg(id) FROM power_assignment_change
             WHERE account_manager_id IS NOT NULL GROUP BY 1
            """
        )
        responsibilities = self.env["power.responsibility"].with_context(
            power_caches_are_fresh=True
        )
        for manager_id, ids in self.env.cr.fetchall():
            responsibilities._assign(
                "account_manager",
                self.env["res.partner"].browse(ids),
                self.env["hr.employee"].browse(manager_id),
            )
        self.env["res.partner"]._refresh_after_assignment(partner_ids)

    def _apply_segments(self, partners=None):
        """Add the customers to the rules' segments; how many memberships are new."""
        added = 0
        for rule in self.filtered("segment_ids"):
            domain = rule._get_partner_domain()
            if partners is not None:
                domain &= Domain("id", "in", partners.ids)
            wanted = self.env["res.partner"]._search(domain).subselect()
            self.env.flush_query(wanted)
            self.env.cr.execute(
                SQL(
                    "INSERT INTO power_segment_partner_rel"
                    " (segment_id, partner_id, origin)"
                    " SELECT segment.id, p.id, 'rule'"
                    " FROM unnest(%s) AS segment(id), res_partner AS p WHERE p.id IN %s"
                    " ON CONFLICT DO NOTHING",
                    rule.segment_ids.ids,
                    wanted,
                )
            )
            added += self.env.cr.rowcount
        self.env["res.partner"].invalidate_model(["segment_ids"])
        self.env["power.customer.segment"].invalidate_model()
        return added

    def action_apply(self):
        """Apply the selected rules to all customers, and say how many changed."""
        count = self.apply()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("%(count)s customers changed.", count=count),
            },
        }

    def action_preview(self):
        """Show what the selected rules would change; of all rules when none is."""
        rules = self.sorted() if self else self.search([])
        preview = self.env["power.assignment.preview"].create(
            {"rule_ids": [(6, 0, rules.ids)]}
        )
        preview._fill()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What the Rules Would Change"),
            "res_model": "power.assignment.preview",
            "res_id": preview.id,
            "view_mode": "form",
            "target": "new",
        }

    def _preview(self, limit=80):
        """What the rules would change.

        :return: the number of customers, and up to ``limit`` rows of customer id and
            per target field the new record's id or None
        """
        self.flush_model()
        self.env["res.partner"].flush_model()
        changes = self._get_changes_sql()
        if changes is None:
            return 0, []
        rows = self.env.execute_query(
            SQL(
                "SELECT *, count(*) OVER () FROM (%s) AS change ORDER BY id LIMIT %s",
                changes,
                limit,
            )
        )
        return (rows[0][-1] if rows else 0), [row[:-1] for row in rows]

    @api.model
    def _cron_apply_rules(self, batch_size=20000):
        """Apply all rules by night; what is done is no change any more."""
        run = self.env["power.job.run"]._start_alone("power.assignment.rule")
        if not run:
            return
        done, full = 0, False
        for _company, rules in self.search([]).grouped("company_id").items():
            count = rules._apply_batch(None, batch_size)
            full = full or count == batch_size
            done += count
            if count < batch_size:
                done += rules._apply_segments()
        run._progress(done=done)
        if not full:
            run._finish()
        self.env["ir.cron"]._commit_progress(done, remaining=int(full))
