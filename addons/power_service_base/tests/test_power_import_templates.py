import io

import openpyxl

from odoo.tests import HttpCase, tagged

from odoo.addons.power_service_base.models.power_import_templates import (
    CORE_TEMPLATES,
)

from .import_common import ImportCommon


@tagged("post_install", "-at_install")
class TestImportTemplates(HttpCase, ImportCommon):
    """Core's import offers a template for each imported model, and takes it."""

    def test_every_template_is_offered_and_can_be_fetched(self):
        self.authenticate("test_manager", "test_manager")
        for model, columns in CORE_TEMPLATES.items():
            offered = self.env[model].get_import_templates()
            template = offered[-1]["template"]
            self.assertTrue(offered[-1]["label"].startswith("Import Template for "))
            response = self.url_open(template)
            self.assertEqual(response.status_code, 200, template)
            sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
            self.assertEqual((sheet.max_row, sheet.max_column), (2, len(columns)))
        # Core's own template of contacts stays.
        self.assertGreater(len(self.env["res.partner"].get_import_templates()), 1)
        self.assertEqual(
            self.url_open("/power_service/import/model/res.users.xlsx").status_code, 404
        )
        self.authenticate("test_portal", "test_portal")
        for model in CORE_TEMPLATES:
            url = f"/power_service/import/model/{model}.xlsx"
            self.assertEqual(self.url_open(url).status_code, 404, model)

    def test_core_s_import_knows_the_columns_in_both_languages(self):
        for lang in ("en_US", "zh_CN"):
            env = self.env(context=dict(self.env.context, lang=lang))
            for model, columns in CORE_TEMPLATES.items():
                with self.subTest(model=model, lang=lang):
                    record = self._upload(env, model)
                    preview = record.parse_preview({"has_headers": True})
                    self.assertNotIn("error", preview)
                    self.assertEqual(
                        [
                            "/".join(preview["matches"][at])
                            for at in range(len(columns))
                        ],
                        [path for path, _example in columns],
                    )

    def _upload(self, env, model):
        _name, content = env["power.import"]._build_core_template(model)
        mime = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return env["base_import.import"].create(
            {
                "res_model": model,
                "file": content,
                "file_name": "a.xlsx",
                "file_type": mime,
            }
        )

    def test_core_s_import_takes_the_examples(self):
        """In the order of docs/importing.md, each names what the one before made."""
        self.station.write({"name": "云溪供电所"})
        self.feeder.code = "S01-F001"
        options = {"has_headers": True, "quoting": '"', "separator": ","}
        options |= {"date_format": "%Y-%m-%d", "float_decimal_separator": "."}
        order = ["power.grid.area", "power.network.element", "res.partner"]
        for model in [*order, "power.supply.point", "power.supply.contract"]:
            record = self._upload(self.env, model)
            paths = [path for path, _example in CORE_TEMPLATES[model]]
            result = record.execute_import(paths, paths, options)
            self.assertTrue(result["ids"], (model, result["messages"]))
        point = self.get_point("5300000000")
        self.assertEqual(point.partner_id.name, "张三")
        self.assertEqual(point.main_element_id.code, "S01-F001-T001")
        self.assertEqual(point.grid_area_id.station_id, self.station)
