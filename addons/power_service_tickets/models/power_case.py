from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..core import full_text

TEXT_FIELDS = ("background", "impact", "root_cause", "handling", "advice")
# How much of the telling words two texts share, weighed by their rarity, to be similar.
SIMILAR_FROM = 0.12


class PowerCase(models.Model):
    """Case library (投诉案例库) and desk knowledge (一本通).

    "Solve one complaint, solve its kind": published cases are read by all stations of
    the company, found by full text in Chinese and English (``core/full_text.py``, a GIN
    index on the words) and suggested on similar tickets.
    """

    _name = "power.case"
    _inherit = [
        "power.state.mixin",
        "power.station.mixin",
        "power.reach.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _description = "Case"
    _order = "published_at desc NULLS FIRST, id desc"
    _mail_post_access = "read"
    _moved_fields = frozenset(("state", "published_at", "published_by"))
    _reason_actions = frozenset(("withdraw",))
    _reach_fields = ("ticket_ids",)

    name = fields.Char("Title", required=True, tracking=True)
    kind = fields.Selection(
        [("case", "Complaint case"), ("knowledge", "Desk knowledge")],
        required=True,
        default="case",
        index=True,
    )
    category_id = fields.Many2one("power.ticket.category", index="btree_not_null")
    keywords = fields.Char(help="Further words under which it is to be found.")
    background = fields.Text(help="What happened, when, to whom: without names.")
    impact = fields.Text(help="What it meant for the customer and the company.")
    root_cause = fields.Text()
    handling = fields.Text(help="What was done, step by step.")
    advice = fields.Text(help="What to do so that it doesn't happen again.")
    ticket_ids = fields.Many2many(
        "power.ticket",
        "power_case_ticket_rel",
        "case_id",
        "ticket_id",
        string="Tickets",
        copy=False,
    )
    ticket_count = fields.Integer(compute="_compute_ticket_count")
    state = fields.Selection(
        [("draft", "Draft"), ("published", "Published"), ("withdrawn", "Withdrawn")],
        required=True,
        readonly=True,
        copy=False,
        default="draft",
        index=True,
        tracking=True,
    )
    published_at = fields.Datetime(readonly=True, copy=False)
    published_by = fields.Many2one("res.users", readonly=True, copy=False)
    can_publish = fields.Boolean(
        compute="_compute_can_publish", export_string_translation=False
    )
    title_words = fields.Text(
        compute="_compute_words", store=True, export_string_translation=False
    )
    words = fields.Text(
        compute="_compute_words", store=True, export_string_translation=False
    )
    text = fields.Char(
        "Full Text", compute="_compute_text", search="_search_text", store=False
    )

    _words_idx = models.Index(
        "USING gin (array_to_tsvector(string_to_array(words, ' ')))"
    )

    @api.depends("name", "keywords", *TEXT_FIELDS)
    def _compute_words(self):
        for case in self:
            title = full_text.get_words(f"{case.name or ''} {case.keywords or ''}")
            text = " ".join(case[name] or "" for name in TEXT_FIELDS)
            case.title_words = " ".join(title)
            case.words = " ".join(dict.fromkeys(title + full_text.get_words(text)))

    def _compute_text(self):
        self.text = False

    @api.model
    def _search_text(self, operator, value):
        if operator not in ("ilike", "like", "in"):
            return NotImplemented
        texts = value if operator == "in" else [value]
        return Domain.OR(self._get_text_domain(text) for text in texts)

    @api.model
    def _get_text_domain(self, text):
        """Cases that have every word of ``text``; all of them when it has no word."""
        query = full_text.get_query(text)
        if not query:
            return Domain.TRUE

        def has_words(model, alias, _query):
            return SQL("%s @@ %s::tsquery", self._words_to_sql(alias), query)

        return Domain.custom(to_sql=has_words)

    @api.model
    def _words_to_sql(self, alias, name="words"):
        """The words as PostgreSQL's index has them."""
        return SQL(
            "array_to_tsvector(string_to_array(%s, ' '))",
            self._field_to_sql(alias, name),
        )

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, **kwargs):
        """The best first where full text is searched, unless an order is asked for."""
        domain = Domain(domain)
        texts = [
            text
            for leaf in domain.iter_conditions()
            if leaf.field_expr == "text" and leaf.operator in ("ilike", "like")
            for text in [leaf.value]
        ]
        query = super()._search(domain, offset, limit, order, **kwargs)
        asked = " & ".join(filter(None, map(full_text.get_query, texts)))
        if asked and order == self._order and not query.is_empty():
            query.order = SQL(
                "4 * ts_rank(%(title)s, %(any)s::tsquery)"
                " + ts_rank(%(words)s, %(any)s::tsquery, 1) DESC, %(id)s DESC",
                title=self._words_to_sql(self._table, "title_words"),
                words=self._words_to_sql(self._table),
                any=asked.replace(" & ", " | "),
                id=SQL.identifier(self._table, "id"),
            )
        return query

    @api.depends("ticket_ids")
    def _compute_ticket_count(self):
        for case in self:
            case.ticket_count = len(case.ticket_ids)

    @api.depends("state", "create_uid")
    @api.depends_context("uid")
    def _compute_can_publish(self):
        supervisor = self.env.user.has_group(
            "power_service_base.group_power_supervisor"
        )
        for case in self:
            case.can_publish = (
                supervisor
                and case.state in ("draft", "withdrawn")
                and bool(case.create_uid)
                and case.create_uid != self.env.user
            )

    def _get_secret_tickets(self):
        """The confidential tickets that one case comes from."""
        self.ensure_one()
        return self.sudo().ticket_ids.filtered("is_confidential")  # to protect them

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for case, vals in zip(self, vals_list, strict=True):
            secret = case._get_secret_tickets()
            if secret:  # the same words are as closed
                vals["ticket_ids"] = [Command.set(secret.ids)]
        return vals_list

    def write(self, vals):
        secret = {}
        if "ticket_ids" in vals:
            secret = {
                case: case._get_secret_tickets()
                for case in self
                if case.state != "published"
            }
        self._check_may_change(vals)
        result = super().write(vals)
        for case, tickets in secret.items():
            if tickets - case.sudo().ticket_ids:  # as there
                raise UserError(
                    self.env._(
                        "“%(case)s” was written from a confidential ticket: that stays "
                        "until quality has published it without names.",
                        case=case.name,
                    )
                )
        return result

    def _check_may_change(self, vals):
        """Let nobody but a supervisor change what all stations read."""
        if not self._is_moving() and not self.env.su:
            changed = {"name", "kind", "category_id", "keywords", *TEXT_FIELDS}
            if changed & vals.keys() and any(
                case.state == "published" for case in self
            ):
                self._require_group("supervisor")
                self._require_keeper()

    def _require_keeper(self):
        """Let what quality has published be changed and withdrawn by quality: whom it
        is about doesn't take it off, and the same holds for all of it, so that nothing
        tells which case comes from a report of wrongdoing.

        :raise AccessError: the user may be no keeper of one of the cases
        """
        user, quality = self.env.user, "power_service_base.group_power_quality"
        if self.env.su:
            return
        for case in self:
            publisher = case.published_by.sudo()  # only whether of quality staff
            of_quality = bool(publisher) and publisher.has_group(quality)
            secret = case._get_secret_tickets()
            if (of_quality or secret) and not (
                user.has_group(quality)
                and all(ticket._filter_knowing(user) for ticket in secret)
            ):
                raise AccessError(
                    self.env._(
                        "“%(case)s” was published by quality staff, who look after it: "
                        "ask them.",
                        case=case.name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        self._require_state("draft", "withdrawn")

    def action_publish(self):
        """Show the cases to all stations of the company; by a supervisor who didn't
        write them. One that comes from a confidential ticket is seen by quality until
        then, which publishes it without names.

        :raise UserError: a case lacks its background or its advice, or is one's own
        """
        self.check_access("write")
        self._require_group("supervisor")
        self._require_state("draft", "withdrawn")
        for case in self:
            case._require_texts()
            if case.create_uid == self.env.user and not self.env.su:
                raise UserError(
                    self.env._(
                        "“%(case)s” is published by somebody else than who wrote it: "
                        "ask another supervisor or quality staff.",
                        case=case.name,
                    )
                )
            case._close_draft()
        self._move(
            {
                "state": "published",
                "published_at": fields.Datetime.now(),
                "published_by": self.env.uid,
            }
        )
        return True

    def _close_draft(self):
        """Leave with the confidential ticket what was said about the draft, and its
        older titles: all stations read the published case."""
        secret = self._get_secret_tickets()[:1]
        if secret:
            # Evidence that stays, where only those read it who may.
            messages = self.env["mail.message"].sudo()
            messages.search(
                [("model", "=", self._name), ("res_id", "=", self.id)]
            ).write({"model": secret._name, "res_id": secret.id, "is_internal": True})

    def _get_missing_texts(self):
        """The fields that one case still needs before it can be published."""
        self.ensure_one()
        needed = ("background", "root_cause", "handling", "advice")
        if self.kind == "knowledge":
            needed = ("handling",)
        return [name for name in needed if not (self[name] or "").strip()]

    def _require_texts(self):
        missing = [
            self._fields[name].get_description(self.env)["string"]
            for name in self._get_missing_texts()
        ]
        if missing:
            raise UserError(
                self.env._(
                    "“%(case)s” can't be published yet, it lacks: %(fields)s.",
                    case=self.name,
                    fields=", ".join(missing),
                )
            )

    def action_withdraw(self, reason):
        """Take a case back, with the reason: it no longer holds.

        :raise AccessError: quality staff look after it, see :meth:`_require_keeper`
        """
        self.check_access("write")
        self._require_group("supervisor")
        self._require_state("published")
        self._require_keeper()
        reason = self._require_reason(reason)
        self._move({"state": "withdrawn"})
        for case in self:
            case.message_post(body=self.env._("Withdrawn: %(reason)s", reason=reason))
        return True

    def action_open_tickets(self):
        """Open the tickets of the case that the user may see."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "power_service_tickets.power_ticket_action"
        )
        action["domain"] = [("id", "in", self.ticket_ids.ids)]
        action["context"] = {}
        return action

    @api.model
    def _get_similar(self, text, category=None, limit=5):
        """Published cases that are about the same, the most similar first.

        Words weigh the more the fewer cases have them; a case of the same category, or
        of its parent, weighs more.

        :param text: subject and description of a request, in Chinese or English
        :param category: a ``power.ticket.category`` record, or None
        :param limit: how many at most
        :return: ``power.case`` records that the user may read
        """
        words = full_text.get_telling_words(text)
        if not words or limit <= 0:
            return self.browse()
        self.env["power.case"].flush_model(["words", "state", "category_id"])
        same = category.id if category else 0
        near = [
            int(part)
            for part in ((category and category.parent_path) or "").split("/")
            if part and int(part) != same
        ]
        rows = self.env.execute_query(
            SQL(
                """
                WITH total AS (
                    SELECT count(*) + 1.0 AS number FROM power_case
                     WHERE state = 'published' AND company_id = ANY(%(companies)s)
                ), hit AS (
                    SELECT record.id, record.category_id, word
                      FROM unnest(%(words)s::text[]) AS word
                      JOIN power_case AS record
                        ON %(vector)s @@ ('''' || word || '''')::tsquery
                     WHERE record.state = 'published'
                       AND record.company_id = ANY(%(companies)s)
                ), weight AS (
                    SELECT word, ln(1 + total.number / count(*)) AS weight
                      FROM hit, total GROUP BY word, total.number
                ), best AS (
                    SELECT sum(weight) AS weight FROM weight
                )
                SELECT hit.id,
                       sum(weight.weight) / best.weight
                       * CASE WHEN hit.category_id = %(same)s THEN 1.5
                              WHEN hit.category_id = ANY(%(near)s) THEN 1.2
                              ELSE 1 END AS score
                  FROM hit JOIN weight USING (word), best
                 GROUP BY hit.id, hit.category_id, best.weight
                 ORDER BY score DESC, hit.id DESC
                 LIMIT %(limit)s
                """,
                companies=self.env.companies.ids,
                words=words,
                vector=self._words_to_sql("record"),
                same=same,
                near=near,
                limit=limit,
            )
        )
        ids = [case_id for case_id, score in rows if float(score) >= SIMILAR_FROM]
        return self.browse(ids)._filtered_access("read")
