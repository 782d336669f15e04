from contextlib import contextmanager

from odoo import api, models
from odoo.tools import SQL

from ..core.import_cleaning import choice_key


class PowerImportLoader(models.AbstractModel):
    """What a kind of import does with its rows: stage more columns, check, load."""

    _name = "power.import.loader"
    _description = "Import Loader"

    @api.model
    def _get_extra_columns(self, kind):
        """(name, SQL type) of staging columns besides those of the file."""
        raise NotImplementedError

    @api.model
    def _get_extended_names(self, kind):
        """Names of the extra columns that are known while reading."""
        return []

    @api.model
    def _extend(self, cleaner, values):
        """A cleaned row with the values of ``_get_extended_names``."""
        return values

    @api.model
    def _get_choices(self, record):
        """More labels of choices: {column: {label: code}}, see ``RowCleaner``."""
        return {}

    @api.model
    def _get_record_column(self, kind):
        """The staging column with the record that a row has become."""
        raise NotImplementedError

    @api.model
    def _validate(self, record):
        """Find what the file alone doesn't tell; set each good row's ``action``."""
        raise NotImplementedError

    @api.model
    def _load(self, record, low, high):
        """Make or change the records of the rows at these positions.

        :return: number of rows done
        """
        raise NotImplementedError

    @api.model
    def _finish(self, record):
        """After the last row."""

    # -- shared by the loaders

    @contextmanager
    def _planner_settings(self, **settings):
        """Run statements with other settings of PostgreSQL's planner; always without
        compilation, which costs more than all of a batch's work.

        An error inside rolls its savepoint back, and with it the settings.
        """
        settings = {"jit": "off", **settings}
        for name, value in settings.items():
            self.env.cr.execute(SQL("SET LOCAL %s = %s", SQL.identifier(name), value))
        yield
        for name in settings:
            self.env.cr.execute(SQL("SET LOCAL %s TO DEFAULT", SQL.identifier(name)))

    @api.model
    def _get_labels(self, model, field_name):
        """Labels of a selection field in all installed languages: {label: code}."""
        labels = {}
        for lang, _name in self.env["res.lang"].get_installed():
            records = self.env[model].with_context(lang=lang)
            selection = records._fields[field_name]._description_selection(records.env)
            for code, label in selection:
                labels.setdefault(label, code)
        return labels

    @api.model
    def _get_names(self, model, *fnames, domain=()):
        """Records of a small table by their code or name: {label: id}."""
        labels = {}
        for lang, _name in self.env["res.lang"].get_installed():
            for record in self.env[model].with_context(lang=lang).search(domain):
                for fname in fnames:
                    if record[fname]:
                        labels.setdefault(choice_key(record[fname]), record.id)
        return labels

    @api.model
    def _map_codes(self, record, table, code="code"):
        """SQL of (id, code in upper case) of a table's records of the company."""
        return SQL(
            "(SELECT DISTINCT ON (upper(%(code)s)) * FROM %(table)s "
            "WHERE company_id = %(company)s AND %(code)s IS NOT NULL "
            "ORDER BY upper(%(code)s), id)",
            code=SQL.identifier(code),
            table=SQL.identifier(table),
            company=record.company_id.id,
        )
