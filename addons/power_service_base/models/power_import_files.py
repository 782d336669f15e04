# One theme a file.
# pylint: disable=consider-merging-classes-inherited
import csv
import io
from contextlib import ExitStack, closing

import xlsxwriter

from odoo import api, fields, models

from ..core.import_cleaning import NO_RESULT
from ..core.import_format import ERROR_COLUMNS, KINDS
from ..tools.import_file import FileForm, read_rows


class PowerImportFiles(models.Model):
    """The files that an import gives: templates, and the rows it refused."""

    _inherit = "power.import"

    # What the file's header says, in words of the user's language.
    column_labels = fields.Char("Columns Found", compute="_compute_column_labels")

    @api.depends("kind", "columns")
    @api.depends_context("lang")
    def _compute_column_labels(self):
        chinese = self._is_chinese()
        for record in self:
            known = {column.name: column.zh for column in KINDS.get(record.kind, ())}
            names = (record.columns or "").split(",")
            record.column_labels = (
                "、".join(known.get(name, name) for name in names)
                if chinese
                else ", ".join(names)
            )

    def action_download_template(self):
        """Download the template of the chosen kind as a workbook."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/power_service/import/template/{self.kind}.xlsx",
            "target": "download",
        }

    def action_download_template_csv(self):
        """Download the template of the chosen kind as CSV."""
        action = self.action_download_template()
        return {**action, "url": action["url"].replace(".xlsx", ".csv")}

    def action_download_errors(self):
        """Download the rows to be corrected as a workbook: those refused, and those
        that came in without a broken value."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/power_service/import/{self.id}/errors.xlsx",
            "target": "download",
        }

    def action_download_errors_csv(self):
        """Download the refused rows as CSV, in the encoding of the file."""
        action = self.action_download_errors()
        return {**action, "url": action["url"].replace(".xlsx", ".csv")}

    @api.model
    def _is_chinese(self):
        return (self.env.lang or "").startswith("zh")

    @api.model
    def _build_template(self, kind, extension):
        """A template: header (in the user's language), one example row, explanations.

        :param extension: csv or xlsx
        :return: (file name, bytes)
        """
        columns = KINDS[kind]
        header = [c.zh if self._is_chinese() else c.name for c in columns]
        example = [c.example for c in columns]
        if extension == "csv":
            return f"{kind}.csv", self._write_csv([header, example], "utf-8-sig")
        stream = io.BytesIO()
        with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
            text = book.add_format({"num_format": "@"})
            bold = book.add_format(
                {"bold": True, "num_format": "@", "bg_color": "#FCE4D6"}
            )
            plain = book.add_format({"num_format": "@", "bg_color": "#EDEDED"})
            sheet = book.add_worksheet(kind)
            # Cells of text: a spreadsheet shortens long numbers otherwise.
            sheet.set_column(0, len(columns) - 1, 18, text)
            for at, column in enumerate(columns):
                sheet.write_string(
                    0, at, header[at], bold if column.is_required else plain
                )
                sheet.write_string(1, at, example[at], text)
            sheet.freeze_panes(1, 0)
        return f"{kind}.xlsx", stream.getvalue()

    def _get_refused(self):
        """{row number: [issue, ...]} of rows refused, or imported without a value."""
        refused = {}
        for issue in self.env["power.import.issue"].search(
            [("import_id", "=", self.id), ("severity", "in", ("refused", "omitted"))],
            order="row_number, id",
        ):
            refused.setdefault(issue.row_number, []).append(issue)
        return refused

    def _iter_error_rows(self):
        """The header, then each refused row with its reasons in front of its cells."""
        refused = self._get_refused()
        labels = [
            pair[1 if self._is_chinese() else 0] for pair in ERROR_COLUMNS.values()
        ]
        record = self.sudo()  # the file is an attachment of a field; access is checked
        if not record.encoding:
            yield labels
            return
        form = FileForm(record.file_kind, *record.encoding.split("|"))
        with ExitStack() as stack:
            stream = stack.enter_context(record._open_file())
            rows = stack.enter_context(closing(read_rows(stream, form)))
            _number, header = next(rows)
            known = {label for pair in ERROR_COLUMNS.values() for label in pair}
            kept = [at for at, cell in enumerate(header) if cell.strip() not in known]
            yield labels + [header[at].lstrip("\ufeff") for at in kept]
            size = len(header)
            for number, cells in rows:
                issues = refused.get(number)
                if not issues:
                    continue
                cells = [cell.replace(NO_RESULT, "") for cell in cells]
                cells += [""] * (size - len(cells))
                yield [
                    str(number),
                    self._join(issue.column_label for issue in issues),
                    self._join(issue.value for issue in issues),
                    self._join(issue.reason for issue in issues),
                    self._join(issue.way_out for issue in issues),
                    *[cells[at] for at in kept],
                    *cells[size:],
                ]

    @api.model
    def _join(self, texts):
        return " | ".join(dict.fromkeys(text for text in texts if text))

    def _build_error_file(self, extension):
        """The refused rows with row, column, value, reason, way out and their cells.

        Corrected, it can be imported as it is: the columns in front are passed over.

        :param extension: csv (GBK when the input was) or xlsx
        :return: (file name, bytes)
        """
        self.ensure_one()
        stem = (self.file_name or self.kind).rsplit(".", 1)[0]
        name = f"{stem}-{self.env._('errors')}.{extension}"
        if extension == "csv":
            is_gb = (self.sudo().encoding or "").startswith("gb")  # as above
            encoding = "gb18030" if is_gb else "utf-8-sig"
            return name, self._write_csv(self._iter_error_rows(), encoding)
        stream = io.BytesIO()
        options = {"constant_memory": True, "strings_to_formulas": False}
        with xlsxwriter.Workbook(stream, options) as book:
            text = book.add_format({"num_format": "@"})
            red = book.add_format({"num_format": "@", "font_color": "#C00000"})
            bold = book.add_format({"bold": True, "num_format": "@"})
            sheet = book.add_worksheet()
            sheet.set_column(0, 60, 18, text)
            sheet.freeze_panes(1, 1)
            for at, cells in enumerate(self._iter_error_rows()):
                for column, cell in enumerate(cells):
                    form = (
                        bold if not at else red if column < len(ERROR_COLUMNS) else text
                    )
                    sheet.write_string(at, column, cell, form)
        return name, stream.getvalue()

    @api.model
    def _write_csv(self, rows, encoding):
        stream = io.StringIO(newline="")
        writer = csv.writer(stream, lineterminator="\r\n")
        for row in rows:
            writer.writerow([self._guard(cell) for cell in row])
        return stream.getvalue().encode(encoding, "replace")

    @api.model
    def _guard(self, cell):
        """A cell that a spreadsheet would run as a formula gets its text mark."""
        is_formula = cell[:1] in ("=", "@", "\t") or (
            cell[:1] in ("+", "-") and not cell[1:].replace(".", "").isdigit()
        )
        return f"'{cell}" if is_formula and not cell.startswith('="') else cell
