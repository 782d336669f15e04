# One theme a file: each model is given its template for core's own import.
# pylint: disable=consider-merging-classes-inherited
import io

import xlsxwriter

from odoo import api, models

#: Columns of the templates for core's import of small files: field path, example.
CORE_TEMPLATES = {
    "res.partner": (
        ("name", "张三"),
        ("ref", "C01000001"),
        ("is_company", "0"),
        ("is_power_customer", "1"),
        ("phone", "13800123456"),
        ("email", "zhangsan@example.com"),
        ("power_id_number", "53992119540610114X"),
    ),
    "power.supply.point": (
        ("name", "5300000000"),
        ("address", "云溪镇解放路18号"),
        ("grid_area_id", "S01-G001"),
        ("customer_class", "residential"),
        ("voltage_level", "220v"),
        ("source_ids/element_id", "S01-F001-T001"),
        ("source_ids/role", "main"),
    ),
    "power.supply.contract": (
        ("name", "HT0000001"),
        ("partner_id", "C01000001"),
        ("supply_point_id", "5300000000"),
        ("date_from", "2023-05-01"),
        ("contract_kva", "8"),
    ),
    "power.network.element": (
        ("name", "云溪镇1号台区"),
        ("code", "S01-F001-T001"),
        ("element_type", "transformer"),
        ("parent_id", "S01-F001"),
        ("station_id", "云溪供电所"),
        ("capacity_kva", "400"),
    ),
    "power.grid.area": (
        ("name", "解放路网格"),
        ("code", "S01-G001"),
        ("station_id", "云溪供电所"),
        ("region_type", "urban"),
    ),
}


class PowerImportTemplates(models.Model):
    """Templates for core's import, which takes a model's own fields."""

    _inherit = "power.import"

    @api.model
    def _get_core_templates(self, model):
        """The entry of a model's ``get_import_templates``."""
        return [
            {
                "label": self.env._(
                    "Import Template for %(records)s",
                    records=self.env._("Electricity Customers")
                    if model == "res.partner"
                    else self.env["ir.model"]._get(model).sudo().name,  # its label
                ),
                "template": f"/power_service/import/model/{model}.xlsx",
            }
        ]

    @api.model
    def _build_core_template(self, model):
        """A workbook that core's import takes: labels of the fields, one example.

        :return: (file name, bytes)
        """
        stream = io.BytesIO()
        with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
            text = book.add_format({"num_format": "@"})
            bold = book.add_format({"bold": True, "num_format": "@"})
            sheet = book.add_worksheet()
            sheet.set_column(0, len(CORE_TEMPLATES[model]) - 1, 18, text)
            for at, (path, example) in enumerate(CORE_TEMPLATES[model]):
                sheet.write_string(0, at, self._get_path_label(model, path), bold)
                sheet.write_string(1, at, example, text)
        return f"{model.replace('.', '_')}.xlsx", stream.getvalue()

    @api.model
    def _get_path_label(self, model, path):
        """A field path as the user knows it: Sources/Role."""
        labels, records = [], self.env[model]
        for name in path.split("/"):
            field = records._fields[name]
            labels.append(field._description_string(self.env))
            records = self.env[field.comodel_name] if field.relational else records
        return "/".join(labels)


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.model
    def get_import_templates(self):
        """Core's templates, and that of electricity customers.

        :return: list of dict with ``label`` and ``template`` (an address)
        """
        templates = super().get_import_templates()
        return templates + self.env["power.import"]._get_core_templates(self._name)


class PowerSupplyPoint(models.Model):
    _inherit = "power.supply.point"

    @api.model
    def get_import_templates(self):
        """The template for core's import, as of customers."""
        return self.env["power.import"]._get_core_templates(self._name)


class PowerSupplyContract(models.Model):
    _inherit = "power.supply.contract"

    @api.model
    def get_import_templates(self):
        """The template for core's import, as of customers."""
        return self.env["power.import"]._get_core_templates(self._name)


class PowerNetworkElement(models.Model):
    _inherit = "power.network.element"

    @api.model
    def get_import_templates(self):
        """The template for core's import, as of customers."""
        return self.env["power.import"]._get_core_templates(self._name)


class PowerGridArea(models.Model):
    _inherit = "power.grid.area"

    @api.model
    def get_import_templates(self):
        """The template for core's import, as of customers."""
        return self.env["power.import"]._get_core_templates(self._name)
