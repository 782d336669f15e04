from odoo import api, fields, models
from odoo.tools import SQL

TIMELINE_KINDS = [
    ("contact", "Contact"),
    ("contract", "Supply contract"),
    ("manager", "Account manager"),
    ("task", "Field work"),
    ("notice", "Notice"),
]


class PowerCustomerTimeline(models.Model):
    """Everything that happened with a customer, in one list, newest first.

    Addons add their records by extending :meth:`_get_timeline_sources` (and ``kind``).
    """

    _name = "power.customer.timeline"
    _description = "Customer Timeline"
    _auto = False
    _order = "at desc, id desc"
    _rec_name = "subject"
    _power_export_fields = frozenset(("detail", "display_name", "subject"))

    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    at = fields.Datetime("When", readonly=True)
    kind = fields.Selection(TIMELINE_KINDS, readonly=True)
    subject = fields.Char(readonly=True)
    detail = fields.Text(readonly=True)
    user_id = fields.Many2one("res.users", string="By", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    station_id = fields.Many2one("hr.department", readonly=True)
    res_model = fields.Char("Model", readonly=True)
    res_id = fields.Many2oneReference("Record", model_field="res_model", readonly=True)

    @property
    def _table_query(self):
        return SQL(" UNION ALL ").join(
            SQL(
                "SELECT source.res_id::bigint * 1000 + %s AS id, source.partner_id,"
                " source.at, %s AS kind, source.subject, source.detail, source.user_id,"
                " source.company_id, source.station_id, %s AS res_model, source.res_id"
                " FROM (%s) AS source",
                number,
                kind,
                model,
                select,
            )
            for number, kind, model, select in self._get_timeline_sources()
        )

    @api.model
    def _get_timeline_sources(self):
        """What the timeline is made of; extend it to add records of another model.

        :return: list of tuples: a number of its own below 1000, for ever; a value of
            ``kind``; the model; and a SELECT of ``res_id, partner_id, at, subject,
            detail, user_id, company_id, station_id``, one row per record, ``at`` in UTC
        """
        # A date begins at midnight where the station is.
        get_zone = self.env["hr.department"]._get_tz_sql
        notice_words = self._get_notice_words()
        return [
            (
                1,
                "contact",
                "power.customer.contact",
                SQL(
                    "SELECT id AS res_id, partner_id, contacted_at AS at, subject,"
                    " outcome AS detail, user_id, company_id, station_id"
                    " FROM power_customer_contact"
                ),
            ),
            (
                2,
                "contract",
                "power.supply.contract",
                SQL(
                    "SELECT contract.id AS res_id, contract.partner_id,"
                    " contract.date_from::timestamp AT TIME ZONE %s"
                    " AT TIME ZONE 'UTC' AS at,"
                    " concat_ws(' ', point.name, contract.name) AS subject,"
                    " contract.date_to::text AS detail, NULL::int AS user_id,"
                    " contract.company_id, contract.station_id"
                    " FROM power_supply_contract AS contract"
                    " JOIN power_supply_point AS point"
                    " ON point.id = contract.supply_point_id",
                    get_zone(SQL("contract.station_id")),
                ),
            ),
            (
                3,
                "manager",
                "power.responsibility",
                SQL(
                    "SELECT held.id AS res_id, held.partner_id,"
                    " held.date_from::timestamp AT TIME ZONE %s"
                    " AT TIME ZONE 'UTC' AS at, resource.name AS subject,"
                    " held.note::text AS detail, held.user_id,"
                    " held.company_id, held.station_id"
                    " FROM power_responsibility AS held"
                    " JOIN hr_employee AS employee ON employee.id = held.employee_id"
                    " JOIN resource_resource AS resource"
                    " ON resource.id = employee.resource_id"
                    " WHERE held.partner_id IS NOT NULL",
                    get_zone(SQL("held.station_id")),
                ),
            ),
            (
                4,
                "task",
                "power.field.task",
                SQL(
                    "SELECT id AS res_id, partner_id, COALESCE(done_at, cancelled_at,"
                    " due_at, create_date) AS at, COALESCE(name, kind) AS subject,"
                    " outcome_note AS detail, user_id, company_id, station_id"
                    " FROM power_field_task WHERE partner_id IS NOT NULL"
                ),
            ),
            (
                5,
                "notice",
                "power.notice",
                SQL(
                    "SELECT id AS res_id, partner_id,"
                    " COALESCE(sent_at, send_after) AS at, subject,"
                    " concat_ws(' · ', %s, NULLIF(address, channel), %s) AS detail,"
                    " create_uid AS user_id, company_id, station_id"
                    " FROM power_notice",
                    self._get_words_sql("channel", notice_words["channel"]),
                    self._get_words_sql("state", notice_words["state"]),
                ),
            ),
        ]

    @api.model
    def _get_notice_words(self):
        """How a notice went, and where it stands while it isn't with the customer, in
        the reader's language: dicts of value to word."""
        notice_fields = self.env["power.notice"]._fields
        words = {
            name: dict(notice_fields[name]._description_selection(self.env))
            for name in ("channel", "state")
        }
        words["state"]["failed"] = self.env._("Not delivered")
        for told in ("sent", "delivered"):
            del words["state"][told]
        return words

    @api.model
    def _get_words_sql(self, column, words):
        """The word for the value of a column; NULL for one that has none."""
        cases = [SQL("WHEN %s THEN %s", value, word) for value, word in words.items()]
        return SQL("CASE %s %s END", SQL.identifier(column), SQL(" ").join(cases))

    def action_open_record(self):
        """Open the record behind the line."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "view_mode": "form",
        }
