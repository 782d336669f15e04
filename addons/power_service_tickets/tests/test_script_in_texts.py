"""HTML and script in every text: it is shown as text, wherever it is shown."""

import psycopg2

from odoo import Command
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .test_chatter_files import ChatterCommon

EVIL = '<script>alert(1)</script><img src=x onerror="alert(2)">'
# As they would stand in a page that runs them.
RUNS = ("<script>alert", '<img src=x onerror="alert')


@tagged("post_install", "-at_install")
class TestScriptInTexts(ChatterCommon):
    def _get_models(self):
        for name, model in sorted(self.env.items()):
            is_ours = model._original_module.startswith("power_service")
            if is_ours and model._auto and not model._abstract:
                yield name, model

    def _create_printed(self):
        """What has a page of its own and no other record here makes; people's names,
        which aren't in tables of ours."""
        self.env["hr.employee"].search([]).name = EVIL
        self.chief.name = EVIL
        self.env["power.case"].create(
            {"name": "Rude", "station_id": self.station.id, "handling": "x"}
        )
        self.env["power.complaint.bulletin"].create(
            {"kind": "monthly", "date_from": "2026-03-01", "user_id": self.chief.id}
        )
        purpose = self.env["power.notice.purpose"].create(
            {
                "name": "Letters",
                "code": "letters",
                "channel_ids": [Command.create({"channel": "letter"})],
            }
        )
        self.env["power.notice"].create(
            {
                "partner_id": self.customer.id,
                "purpose_id": purpose.id,
                "subject": "x",
                "body": "x",
            }
        )

    def _fill(self):
        """Write it into each text of each record that is there, past all checks.

        :return: how many columns took it
        """
        self.env.flush_all()
        filled = 0
        for _name, model in self._get_models():
            for name, field in model._fields.items():
                if field.type not in ("char", "text") or not field.column_type:
                    continue
                if field.translate or field.name in ("code", "power_code"):
                    continue
                query = SQL(
                    "UPDATE %s SET %s = %s || id"
                    " WHERE %s IS NULL OR %s !~ '^[a-z_.]+$'",
                    SQL.identifier(model._table),
                    SQL.identifier(name),
                    EVIL,
                    SQL.identifier(name),
                    SQL.identifier(name),
                )
                try:
                    with self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
                        self.env.cr.execute(query)
                except psycopg2.Error:  # the database itself takes no such text there
                    continue
                filled += bool(self.env.cr.rowcount)
        self.env.invalidate_all()
        return filled

    def _assert_harmless(self, shown, **what):
        with self.subTest(**what):
            for runs in RUNS:
                self.assertNotIn(runs, str(shown or ""))

    def test_html_fields_clean_what_is_written(self):
        """Those that people write; the others are made by the addons themselves."""
        for name, model in self._get_models():
            for field in model._fields.values():
                if field.type == "html" and field.store and not field.readonly:
                    with self.subTest(model=name, field=field.name):
                        self.assertTrue(field.sanitize)

    def test_what_is_made_of_texts(self):
        """Computed HTML, messages, and printed pages."""
        records = self._records()
        self._create_printed()
        self.assertGreater(self._fill(), 60)
        for name, model in self._get_models():
            some = model.with_context(active_test=False).search([], limit=20)
            for field in model._fields.values():
                if field.type == "html":
                    for record in some:
                        self._assert_harmless(
                            record[field.name], model=name, field=field.name
                        )
        for record in records:
            ticket = record if record._name == "power.ticket" else None
            if ticket:
                ticket.answer(EVIL)
                ticket.chase(EVIL)
                ticket.dispatch(user_id=self.chief.id, note=EVIL)
            record.message_post(body=EVIL)
            record.activity_schedule(
                "mail.mail_activity_data_todo", summary=EVIL, note=EVIL
            ) if "activity_ids" in record else None
            for message in record.message_ids:
                self._assert_harmless(message.body, model=record._name)
        # What the ladder writes is inserted past the field that would clean it.
        alerts = self.env["power.sla.alert"]
        self._assert_harmless(alerts._get_body(EVIL), model=alerts._name)
        reports = self.env["ir.actions.report"].search(
            [("report_name", "like", "power_service")]
        )
        self.assertGreater(len(reports), 4)
        for report in reports.filtered(lambda r: r.report_type == "qweb-pdf"):
            docs = self.env[report.model].search([], limit=5)
            page = report._render_qweb_html(report.report_name, docs.ids)[0]
            self._assert_harmless(page.decode(), report=report.report_name)
            with self.subTest(report=report.report_name):
                self.assertIn(b"alert(1)", page, "nothing of it is printed")
