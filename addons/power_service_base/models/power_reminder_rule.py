from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

from .power_notice_purpose import check_template_rights


class PowerReminderRule(models.Model):
    """Reminds customers some days before a date: end of a contract, a test, a supply
    scheme about to lapse. Each record is reminded once per date and rule."""

    _name = "power.reminder.rule"
    _inherit = ["mail.thread", "mail.activity.mixin", "power.text.example.mixin"]
    _description = "Reminder Rule"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        help="Only records of this company; of all companies when empty.",
    )
    model_id = fields.Many2one(
        "ir.model",
        string="Records",
        required=True,
        ondelete="cascade",
        domain="[('transient', '=', False), ('abstract', '=', False)]",
    )
    model = fields.Char(related="model_id.model", string="Model Name")
    date_field_id = fields.Many2one(
        "ir.model.fields",
        string="Date",
        required=True,
        ondelete="cascade",
        domain="[('model_id', '=', model_id), ('store', '=', True),"
        " ('ttype', 'in', ('date', 'datetime'))]",
    )
    domain = fields.Char("Condition", default="[]", required=True)
    days_before = fields.Integer(
        required=True,
        default=30,
        help="Days before the date. For several reminders make several rules.",
    )
    partner_path = fields.Char(
        "Customer Field",
        required=True,
        default="partner_id",
        help="The way from the record to the customer, for example partner_id or "
        "supply_point_id.partner_id.",
    )
    point_path = fields.Char(
        "Supply Point Field",
        help="The way from the record to the supply point, if there is one.",
    )
    purpose_id = fields.Many2one(
        "power.notice.purpose", required=True, ondelete="restrict"
    )
    subject = fields.Char(required=True, translate=True)
    body = fields.Text(
        required=True,
        translate=True,
        help="Words in double braces stand for what the record says: "
        "{{ object.partner_id.name }} for its customer's name. See the example below.",
    )
    done_count = fields.Integer("Reminders", compute="_compute_done_count")

    _days_before_valid = models.Constraint(
        "CHECK (days_before BETWEEN 0 AND 3650)",
        "The days before lie between 0 and 3,650.",
    )

    def _compute_done_count(self):
        counts = dict(
            self.env["power.reminder"]._read_group(
                [("rule_id", "in", self.ids)], ["rule_id"], ["__count"]
            )
        )
        for rule in self:
            rule.done_count = counts.get(rule, 0)

    @api.constrains("model_id", "date_field_id", "domain", "partner_path", "point_path")
    def _check_rule(self):
        for rule in self:
            model = self.env.get(rule.model)
            if model is None or rule.date_field_id.model != rule.model:
                raise ValidationError(
                    self.env._("The date has to be a field of the records.")
                )
            rule._check_path(rule.partner_path, "res.partner")
            if rule.point_path:
                rule._check_path(rule.point_path, "power.supply.point")
            try:
                rule._get_domain().validate(model)
            except Exception as error:
                raise ValidationError(
                    self.env._("The condition is wrong: %(error)s", error=error)
                ) from error

    def _check_path(self, path, target):
        model = self.env[self.model]
        for name in path.split("."):
            field = model._fields.get(name)
            if field is None or field.type != "many2one":
                raise ValidationError(
                    self.env._(
                        "%(path)s does not lead to the customer or supply point: "
                        "%(name)s is no link of %(model)s.",
                        path=path,
                        name=name,
                        model=model._description,
                    )
                )
            model = self.env[field.comodel_name]
        if model._name != target:
            raise ValidationError(
                self.env._(
                    "%(path)s leads to %(model)s.", path=path, model=model._description
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        for rule in rules:
            check_template_rights(rule, ("subject", "body"), rule.model)
        return rules

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"subject", "body", "model_id"}:
            for rule in self:
                check_template_rights(rule, ("subject", "body"), rule.model)
        return result

    def action_open_reminders(self):
        """Open the reminders made by this rule."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "power_service_base.power_reminder_action"
        )
        action["domain"] = [("rule_id", "=", self.id)]
        return action

    def _get_domain(self):
        self.ensure_one()
        return Domain(safe_eval(self.domain or "[]", {"uid": self.env.uid}))

    def _get_example_domain(self, model):
        """Also with a date: the text speaks of it."""
        domain = super()._get_example_domain(model)
        name = self.date_field_id.sudo().name  # of a rule that is seen
        return domain & Domain(name, "!=", False) if name in model._fields else domain

    def _get_due_domain(self, today):
        """Records whose date lies within the days before and that were not reminded of
        this very date.

        :param today: date of the company's calendar
        """
        self.ensure_one()
        field = self.date_field_id.name
        until = today + timedelta(days=self.days_before)
        if self.date_field_id.ttype == "datetime":
            until += timedelta(days=1)
            within = Domain(field, ">=", today) & Domain(field, "<", until)
        else:
            within = Domain(field, ">=", today) & Domain(field, "<=", until)
        domain = self._get_domain() & within
        if self.company_id and "company_id" in self.env[self.model]._fields:
            domain &= Domain("company_id", "=", self.company_id.id)

        def not_reminded(model, alias, query):
            return SQL(
                "NOT EXISTS (SELECT FROM power_reminder AS done WHERE done.rule_id = %s"
                " AND done.res_id = %s AND done.date = %s::date)",
                self.id,
                SQL.identifier(alias, "id"),
                model._field_to_sql(alias, field, query),
            )

        return domain & Domain.custom(to_sql=not_reminded)

    def _get_today(self):
        company = self.company_id or self.env.company
        return fields.Date.context_today(self.with_context(tz=company._get_power_tz()))

    @api.model
    def _cron_remind(self, batch_size=500):
        """Make the reminders that are due, rule by rule, in batches."""
        run = self.env["power.job.run"]._start_alone("power.reminder")
        if not run:
            return
        done, failed, remaining = 0, 0, 0
        for rule in self.search([]):
            if done >= batch_size:
                remaining += rule._count_due()
                continue
            made, parked = rule._remind(batch_size - done)
            done += made
            failed += parked
            remaining += rule._count_due()
        run._end_batch(done - failed, failed=failed, remaining=remaining)

    def _count_due(self):
        """How many records of one rule are due."""
        self.ensure_one()
        self.env["power.reminder"].flush_model()
        return self.env[self.model].search_count(
            self._get_due_domain(self._get_today())
        )

    def _remind(self, limit):
        """Remind up to ``limit`` records of one rule.

        :return: (records handled, records parked with a reason)
        """
        self.ensure_one()
        self.env["power.reminder"].flush_model()
        records = self.env[self.model].search(
            self._get_due_domain(self._get_today()), limit=limit, order="id"
        )
        try:
            with self.env.cr.savepoint():
                return len(records), self._remind_records(records)
        except Exception as error:
            if self.env["power.notice"]._is_database_error(error):
                raise
        parked = 0
        for record in records:
            try:
                with self.env.cr.savepoint():
                    parked += self._remind_records(record)
            except Exception as error:
                if self.env["power.notice"]._is_database_error(error):
                    raise
                parked += 1
                self._log_reminder(record, str(error) or type(error).__name__)
                self._tell(record, str(error))
        return len(records), parked

    def _remind_records(self, records):
        """Make notices for ``records``, one batch.

        :return: how many could not be reminded: there is no customer
        """
        by_lang = {}
        for record in records:
            partner = self._follow(record, self.partner_path)
            by_lang.setdefault(partner.lang or self.env.lang, []).append(record.id)
        texts = {}
        renderer = self.env["mail.render.mixin"]
        for lang, ids in by_lang.items():
            rule = self.with_context(lang=lang)
            subjects, bodies = (
                renderer.with_context(lang=lang)._render_template(
                    text, self.model, ids, options={}
                )
                for text in (rule.subject, rule.body)
            )
            texts.update({id_: (subjects[id_], bodies[id_]) for id_ in ids})
        vals_list, without = [], records.browse()
        for record in records:
            partner = self._follow(record, self.partner_path)
            if not partner:
                without |= record
                continue
            point = self._follow(record, self.point_path) if self.point_path else None
            vals_list.append(
                {
                    "partner_id": partner.id,
                    "supply_point_id": point.id if point else False,
                    "subject": texts[record.id][0],
                    "body": texts[record.id][1],
                    "res_model": self.model,
                    "res_id": record.id,
                    "dedup_key": self._get_key(record),
                }
            )
        self.env["power.notice"]._notify(self.purpose_id.code, vals_list)
        self._log_reminder(records - without)
        self._log_reminder(without, self.env._("The record has no customer."))
        return len(without)

    def _follow(self, record, path):
        for name in path.split("."):
            record = record[name]
        return record

    def _get_date(self, record):
        value = record[self.date_field_id.name]
        return fields.Date.to_date(value)

    def _get_key(self, record):
        return f"reminder/{self.id}/{record.id}/{self._get_date(record)}"

    def _log_reminder(self, records, error=False):
        self.env["power.reminder"].create(
            [
                {
                    "rule_id": self.id,
                    "res_id": record.id,
                    "date": self._get_date(record),
                    "error": error,
                    "dedup_key": False if error else self._get_key(record),
                }
                for record in records
            ]
        )

    def _tell(self, record, error):
        """One open activity on the rule says that records could not be reminded."""
        if not self.activity_search(
            ["mail.mail_activity_data_warning"], only_automated=True
        ):
            user = self.env.ref("base.user_admin")
            told = self.with_context(lang=user.lang).env
            self.activity_schedule(
                "mail.mail_activity_data_warning",
                summary=told._("Reminders failed"),
                note=told._(
                    "“%(record)s” could not be reminded: %(error)s. Put the rule "
                    "right, then delete its failed reminders: they are made again.",
                    record=record.display_name,
                    error=error,
                ),
                user_id=user.id,
            )


class PowerReminder(models.Model):
    """That a record was reminded of a date by a rule, or why not."""

    _name = "power.reminder"
    _description = "Reminder"
    _order = "id desc"
    _rec_name = "dedup_key"

    rule_id = fields.Many2one(
        "power.reminder.rule", required=True, index=True, ondelete="cascade"
    )
    model = fields.Char(related="rule_id.model_id.model", string="Model Name")
    res_id = fields.Many2oneReference("Record", model_field="model", required=True)
    date = fields.Date(required=True)
    dedup_key = fields.Char("Notice Key")
    error = fields.Char("Not Reminded Because")

    _once_uniq = models.UniqueIndex(
        "(rule_id, res_id, date)", "The record was reminded of this date already."
    )
