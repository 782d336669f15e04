# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .power_archive_requirement import CLASS_RANKS, POINTS_SQL, REQUIREMENT_SQL


class ResPartner(models.Model):
    _inherit = "res.partner"

    archive_score = fields.Integer(
        "Archive Complete (%)",
        compute="_compute_archive_score",
        store=True,
        compute_sudo=True,
        aggregator="avg",
        index="btree_not_null",
        help="How much of what the customer's class requires is in the archive.",
    )
    archive_missing = fields.Html(
        "Missing in the Archive",
        compute="_compute_archive_missing",
        compute_sudo=True,
        sanitize=False,
    )

    @api.depends(
        "is_power_customer",
        "name",
        "phone_sanitized",
        "email_normalized",
        "street",
        "power_id_number",
        "power_customer_kind",
        "preferred_channel",
        "grid_area_id",
        "key_account_team_id",
        "child_ids.type",
        "child_ids.active",
        "supply_point_ids.active",
        "supply_point_ids.supply_state",
        "supply_point_ids.customer_class",
        "supply_point_ids.address",
        "supply_point_ids.address_id",
        "supply_point_ids.contract_id.contract_kva",
        "supply_point_ids.tariff_class_id",
        "supply_point_ids.industry_id",
        "supply_point_ids.main_element_id",
        "supply_point_ids.reading_unit_id",
        "supply_point_ids.source_ids.role",
    )
    def _compute_archive_score(self):
        scores = dict(self._read_archive_scores(self.ids))
        for partner in self:
            partner.archive_score = scores.get(partner._origin.id, 0)

    def _compute_archive_missing(self):
        texts = self.env["power.archive.requirement"]._get_key_texts()
        missing = self._get_archive_missing()
        row = Markup("<li><b>%s</b>: %s</li>")
        for partner in self:
            requirements = missing.get(partner._origin.id)
            partner.archive_missing = (
                Markup("<ul class='mb-0'>%s</ul>")
                % Markup().join(
                    row % (texts[item.key][0], item.hint or texts[item.key][1])
                    for item in requirements
                )
                if requirements
                else False
            )

    @api.model
    def _flush_archive(self):
        for model in ("res.partner", "power.supply.point", "power.supply.contract"):
            fields_of_model = [
                field.name
                for field in self.env[model]._fields.values()
                if field.store and field.column_type and field.name != "archive_score"
            ]
            self.env[model].flush_model(fields_of_model)
        self.env["power.supply.source"].flush_model()
        self.env["power.archive.requirement"].flush_model()

    @api.model
    def _read_archive_scores(self, partner_ids):
        """Rows of customer id and score, by the one rule that everything uses."""
        self._flush_archive()
        return self.env.execute_query(
            SQL(
                "SELECT p.id, %s FROM res_partner AS p LEFT JOIN LATERAL (%s) AS o"
                " ON TRUE WHERE p.id = ANY(%s) AND p.is_power_customer",
                self.env["power.archive.requirement"]._get_score_sql(),
                SQL(POINTS_SQL),
                list(partner_ids),
            )
        )

    @api.model
    def _refresh_archive_score(self, partners=None):
        """Measure customers anew in one statement: after bulk SQL, and by night.

        :param partners: ids, a recordset, or a domain; all customers when not given
        :return: the number whose score changed
        """
        self._flush_archive()
        self.flush_model(["archive_score"])
        if partners is None:
            only = SQL("TRUE")
        elif isinstance(partners, Domain):
            # The rule is the same for customers that the user doesn't see.
            only = SQL("p.id IN %s", self.sudo()._search(partners).subselect())
            self.env.flush_query(only)
        else:
            res_ids = getattr(partners, "ids", partners)
            only = SQL("p.id = ANY(%s)", list(res_ids))
        self.env.cr.execute(
            SQL(
                """
                UPDATE res_partner AS target SET archive_score = measured.score
                  FROM (SELECT p.id, %(score)s AS score
                          FROM res_partner AS p
                          LEFT JOIN LATERAL (%(points)s) AS o ON TRUE
                         WHERE p.is_power_customer AND %(only)s) AS measured
                 WHERE target.id = measured.id
                   AND target.archive_score IS DISTINCT FROM measured.score
                """,
                score=self.env["power.archive.requirement"]._get_score_sql(),
                points=SQL(POINTS_SQL),
                only=only,
            )
        )
        changed = self.env.cr.rowcount
        if changed:
            self.invalidate_model(["archive_score"])
        return changed

    def _get_archive_missing(self):
        """What each customer lacks.

        :return: dict of customer id to power.archive.requirement records
        """
        wanted = self.env["power.archive.requirement"]._get_class_requirements()
        self._flush_archive()
        keys = list(REQUIREMENT_SQL)
        rows = self.env.execute_query(
            SQL(
                "SELECT p.id, COALESCE(o.class_rank, CASE p.power_customer_kind"
                " WHEN 'organisation' THEN 2 ELSE 1 END), %s"
                " FROM res_partner AS p LEFT JOIN LATERAL (%s) AS o ON TRUE"
                " WHERE p.id = ANY(%s) AND p.is_power_customer",
                SQL(", ").join(SQL(REQUIREMENT_SQL[key]) for key in keys),
                SQL(POINTS_SQL),
                self.ids,
            )
        )
        result = {}
        for partner_id, rank, *answers in rows:
            there = dict(zip(keys, answers, strict=True))
            requirements = wanted.get(
                CLASS_RANKS[rank - 1], self.env["power.archive.requirement"]
            )
            result[partner_id] = requirements.filtered(
                lambda item, there=there: not there[item.key]
            )
        return result

    @api.model
    def _cron_refresh_archive(self, batch_size=20000):
        """Measure all customers, in slices of ids: what only SQL changed, and what the
        requirements now ask."""
        run = self.env["power.job.run"]._start_alone("res.partner.archive")
        if not run:
            return
        self.env.cr.execute(
            """
            SELECT max(id), count(*) FROM (
                SELECT id FROM res_partner
                 WHERE is_power_customer AND id > %s ORDER BY id LIMIT %s) AS slice
            """,
            (run.last_id, batch_size),
        )
        last_id, count = self.env.cr.fetchone()
        if count:
            self._refresh_archive_score(
                Domain("id", ">", run.last_id)
                & Domain("id", "<=", last_id)
                & Domain("active", "in", [True, False])
            )
            run._progress(done=count)
            run.last_id = last_id
        full = count == batch_size
        if not full:
            run._finish()
        self.env["ir.cron"]._commit_progress(count, remaining=int(full))
