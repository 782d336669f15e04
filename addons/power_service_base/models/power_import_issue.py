from odoo import api, fields, models
from odoo.tools import LazyTranslate

from ..core.import_format import KINDS

_lt = LazyTranslate(__name__)

#: Each reason: what is wrong, and the way out. Keys are those of core and the loaders.
MESSAGES = {
    # cells
    "empty_required": (
        _lt("This column must not be empty."),
        _lt("Fill it in."),
    ),
    "lost_character": (
        _lt("A character got lost in the export: it shows as a question mark."),
        _lt("Type the name as it should be; export as UTF-8 next time."),
    ),
    "excel_number": (
        _lt("The spreadsheet has shortened the number; its last digits are gone."),
        _lt("Format the column as text before entering or exporting the numbers."),
    ),
    "spreadsheet_error": (
        _lt("The cell shows %(error)s, a spreadsheet's error, and no value."),
        _lt("Correct the formula, or type the value."),
    ),
    "formula_no_result": (
        _lt("The cell holds a formula without its result."),
        _lt("Open the file in a spreadsheet, save it again, or type the value."),
    ),
    "too_long": (
        _lt("The value has %(length)s characters; at most %(limit)s are possible."),
        _lt("Shorten it."),
    ),
    "number_form": (
        _lt("This is no consumer number: 4 to 20 digits or letters."),
        _lt("Write the number as on the customer's bill."),
    ),
    "number_invalid": (
        _lt("This is no number."),
        _lt("Write digits, with a point before decimals."),
    ),
    "number_small": (
        _lt("The number must not be below %(minimum)s."),
        _lt("Write the right number."),
    ),
    "number_range": (
        _lt("The number must lie between %(minimum)s and %(maximum)s."),
        _lt("Write the right number, or leave the cell empty."),
    ),
    "date_impossible": (
        _lt("This date does not exist."),
        _lt("Write the right date, as 2023-05-01."),
    ),
    "date_form": (
        _lt("This can't be read as a date with one meaning."),
        _lt("Write it as 2023-05-01."),
    ),
    "date_order": (
        _lt("The contract ends before it starts (%(start)s)."),
        _lt("Correct one of the two dates."),
    ),
    "phone_short": (
        _lt("The phone number has too few digits."),
        _lt("Write 11 digits of a mobile, or a landline with its area code."),
    ),
    "phone_long": (
        _lt("This is no phone number: wrong beginning or too many digits."),
        _lt("Write 11 digits of a mobile, or a landline with its area code."),
    ),
    "phone_letters": (
        _lt("The phone number holds something else than digits."),
        _lt("Remove letters and remarks."),
    ),
    "phone_many": (
        _lt("The cell holds several phone numbers."),
        _lt("Keep one."),
    ),
    "landline_no_area_code": (
        _lt("The landline has no area code."),
        _lt("Write it in front, as 0873-6612345, or set it on the import."),
    ),
    "id_length": (
        _lt("The identity number or credit code has %(length)s characters, not 18."),
        _lt("Write all 18, or leave the cell empty."),
    ),
    "id_checksum": (
        _lt("The check character is wrong: there is a typing error in the number."),
        _lt("Compare it with the document, or leave the cell empty."),
    ),
    "email_invalid": (
        _lt("This is no e-mail address."),
        _lt("Correct it, or leave the cell empty."),
    ),
    "choice_unknown": (
        _lt("Unknown value."),
        _lt("Use one of: %(choices)s"),
    ),
    "too_many_cells": (
        _lt("The row has %(cells)s cells, the header %(columns)s."),
        _lt("Put quotation marks round a value with a separator in it."),
    ),
    "standby_same": (
        _lt("The standby source is the same as the main one."),
        _lt("Name another element, or leave the cell empty."),
    ),
    "parent_missing": (
        _lt("Only a substation may be without the element that feeds it."),
        _lt("Write the code of what feeds it."),
    ),
    # references
    "unknown_station": (
        _lt("There is no supply station with this code."),
        _lt("Import the stations first, or correct the code."),
    ),
    "unknown_area": (
        _lt("There is no grid area with this code."),
        _lt("Import the grid areas first, or correct the code."),
    ),
    "unknown_element": (
        _lt("There is no network element with this code."),
        _lt("Import the network first, or correct the code."),
    ),
    "unknown_reading_unit": (
        _lt("There is no reading section with this code."),
        _lt("Import the reading sections first, or correct the code."),
    ),
    "unknown_employee": (
        _lt("There is no employee with this code."),
        _lt("Import the employees first, or correct the code."),
    ),
    "employee_left": (
        _lt("The employee with this code has left."),
        _lt("Write the code of somebody who works here."),
    ),
    "unknown_parent": (
        _lt("What it hangs under is neither in the file nor known."),
        _lt("Add a row for it, or correct the code."),
    ),
    "unknown_consumer_number": (
        _lt("No supply point has this consumer number."),
        _lt("Import today's customers first, or correct the number."),
    ),
    "foreign_station": (
        _lt("This belongs to a station that is not yours."),
        _lt("Let that station or a manager import it."),
    ),
    "foreign_customer": (
        _lt("The row would change a customer of a station that is not yours."),
        _lt("Let that station or a manager import it."),
    ),
    # rows against each other
    "duplicate_changed": (
        _lt("Row %(first)s has the same key with another value."),
        _lt("Keep the right one of the two rows."),
    ),
    "duplicate_key": (
        _lt("Row %(first)s has the same key."),
        _lt("Give each its own key."),
    ),
    "duplicate_consumer_number": (
        _lt("Row %(first)s has the same consumer number for another supply point."),
        _lt("Find out whose number it is and correct the other."),
    ),
    "duplicate_contract": (
        _lt("Row %(first)s has the same contract key."),
        _lt("Give each contract its own key."),
    ),
    "customer_differs": (
        _lt("Row %(first)s has the same customer with another value here."),
        _lt("Make the rows of one customer alike, or use two customer keys."),
    ),
    "contract_overlap_row": (
        _lt("The contract overlaps with that of row %(first)s on the same point."),
        _lt("Correct the dates: a point has one contract at a time."),
    ),
    "cycle": (
        _lt("The elements feed each other in a circle: %(codes)s"),
        _lt("Correct one of the parents."),
    ),
    "parent_refused": (
        _lt("It hangs under %(parent)s, and row %(row)s was refused."),
        _lt("Correct that row; this one then comes in with it."),
    ),
    "parent_type": (
        _lt("It can't hang under %(parent)s, which is of the type %(type)s."),
        _lt("Correct the type or the parent."),
    ),
    # rows against what is there
    "number_taken": (
        _lt("The consumer number belongs to the supply point with key %(key)s."),
        _lt("Find out whose number it is and correct the other."),
    ),
    "contract_overlap": (
        _lt("The point already has contract %(contract)s (%(start)s to %(end)s)."),
        _lt("End that contract first."),
    ),
    "contract_other_customer": (
        _lt("This contract belongs to another customer: %(customer)s."),
        _lt("A new customer needs a contract key of his own; end the old contract."),
    ),
    "contract_other_point": (
        _lt("This contract belongs to another supply point: %(number)s."),
        _lt("Give the contract its own key."),
    ),
    "code_taken": (
        _lt("The code belongs to another record."),
        _lt("Give each its own code."),
    ),
    "database_refused": (
        _lt("The database refused the row: %(message)s"),
        _lt("Correct the row and import it again."),
    ),
    # the whole file
    "file_missing": (_lt("No file was chosen."), _lt("Choose a file.")),
    "file_empty": (
        _lt("The file is empty."),
        _lt("Start from the template."),
    ),
    "file_header_only": (
        _lt("The file has a header and no rows."),
        _lt("Add rows below the header."),
    ),
    "file_type": (
        _lt("This is a %(type)s file, no table."),
        _lt("Save the table as CSV or XLSX and choose that file."),
    ),
    "file_old_excel": (
        _lt("This is a workbook in the old format XLS."),
        _lt("Open it and save it as XLSX or CSV."),
    ),
    "file_binary": (
        _lt("This is no text: CSV and XLSX can be read."),
        _lt("Save the table as CSV or XLSX and choose that file."),
    ),
    "file_encoding": (
        _lt("The text is neither UTF-8 nor GBK or GB 18030."),
        _lt("Save the file again as 'CSV UTF-8'."),
    ),
    "file_damaged": (
        _lt("The workbook is damaged and can't be opened."),
        _lt("Open it in a spreadsheet, save it again and choose that file."),
    ),
    "file_unpacked": (
        _lt("The workbook unpacks to more than %(limit)s MB."),
        _lt("Split it, or save it as CSV."),
    ),
    "file_size": (
        _lt("The file has %(size)s MB; the limit is %(limit)s MB."),
        _lt("Split it, or ask an administrator to raise the limit."),
    ),
    "file_wide": (
        _lt("Row %(row)s has more than %(limit)s columns."),
        _lt("Check the separator and the quotation marks in that row."),
    ),
    "file_quotes": (
        _lt("The quotation marks don't match, near row %(row)s."),
        _lt("Double each quotation mark inside a value."),
    ),
    "columns_missing": (
        _lt("Required columns are missing: %(columns)s"),
        _lt("Compare the header with the template."),
    ),
    "columns_unknown": (
        _lt("Unknown columns: %(columns)s"),
        _lt("Remove or rename them, or tick 'Ignore unknown columns'."),
    ),
    "columns_repeated": (
        _lt("Columns that occur twice: %(columns)s"),
        _lt("Keep one of each."),
    ),
    "not_allowed": (
        _lt("Only managers may import stations and employees."),
        _lt("Ask a manager."),
    ),
    "no_station": (
        _lt("You belong to no supply station."),
        _lt("Ask a manager to set your stations."),
    ),
    "unexpected": (
        _lt("Something went wrong that isn't the file's fault; it is in the log."),
        _lt("Nothing of the last batch was saved. Start again, or tell support."),
    ),
    # what was put right
    "duplicate_exact": (
        _lt("The same row as row %(first)s: left out."),
        _lt("Nothing to do."),
    ),
}
REPAIRS = {
    "full_width": _lt("full width made half width"),
    "space_around": _lt("spaces around removed"),
    "space_ideographic": _lt("Chinese spaces removed"),
    "space_inside": _lt("spaces inside removed"),
    "excel_guard": _lt("spreadsheet's guard removed"),
    "invisible": _lt("invisible characters removed"),
    "line_break": _lt("line break replaced by a space"),
    "letter_case": _lt("written in capitals"),
    "date_slash": _lt("date read"),
    "date_compact": _lt("date read"),
    "date_chinese": _lt("date read"),
    "date_time": _lt("time of day left out"),
    "date_serial": _lt("spreadsheet's day number read as a date"),
    "unit_suffix": _lt("unit removed"),
    "thousands_separator": _lt("separator of thousands removed"),
    "phone_formatted": _lt("phone number read"),
    "landline_area_code": _lt("landline read"),
    "landline_local": _lt("area code added"),
    "trailing_columns": _lt("empty cells at the end ignored"),
}


class PowerImportIssue(models.Model):
    """Something about a row of an import: refused, put right, or left out."""

    _name = "power.import.issue"
    _description = "Import Issue"
    _order = "import_id desc, row_number, id"
    _power_export_fields = frozenset(("params", "value"))

    import_id = fields.Many2one(
        "power.import", required=True, index=True, ondelete="cascade"
    )
    row_number = fields.Integer("Row", aggregator=None)
    column_name = fields.Char("Column Code")
    column_label = fields.Char("Column", compute="_compute_texts")
    severity = fields.Selection(
        [
            ("refused", "Refused"),
            ("omitted", "Value left out"),
            ("repaired", "Put right"),
            ("ignored", "Left out"),
        ],
        required=True,
    )
    kind = fields.Char("Reason Code", required=True)
    value = fields.Char()
    params = fields.Json()
    from_database = fields.Boolean(
        help="Found by comparing with the records: looked for anew at each check."
    )
    reason = fields.Char(compute="_compute_texts")
    way_out = fields.Char(compute="_compute_texts")

    _list_idx = models.Index("(import_id, severity, row_number)")

    @api.depends("kind", "params", "severity", "column_name")
    @api.depends_context("lang")
    def _compute_texts(self):
        for issue in self:
            issue.column_label = self._column_text(
                issue.import_id.kind, issue.column_name
            )
            if issue.severity == "repaired":
                repair = REPAIRS.get(issue.kind)
                issue.reason = self.env._(repair) if repair else issue.kind
                issue.way_out = False
            else:
                issue.reason, issue.way_out = self._texts(issue.kind, issue.params)
            if issue.severity == "omitted":
                issue.reason = self.env._(
                    "Imported without this value: %(reason)s", reason=issue.reason
                )

    @api.model
    def _texts(self, key, params=None):
        """A reason and its way out, in the user's language.

        :param key: a key of MESSAGES
        :param params: dict of its parameters
        :return: (reason, way out)
        """
        if key not in MESSAGES:
            return key, ""
        params = params or {}
        texts = [self.env._(text) for text in MESSAGES[key]]
        return tuple(text % params for text in texts)

    @api.model
    def _column_text(self, kind, name):
        """A column as the user knows it: in Chinese, or by its code."""
        if not name:
            return ""
        if (self.env.lang or "").startswith("zh"):
            for column in KINDS.get(kind, ()):
                if column.name == name:
                    return column.zh
        return name
