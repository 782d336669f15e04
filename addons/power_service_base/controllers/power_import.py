from odoo import http
from odoo.exceptions import AccessError, MissingError
from odoo.http import content_disposition, request

from ..core.import_format import KINDS
from ..models.power_import_templates import CORE_TEMPLATES

MIME_TYPES = {
    "csv": "text/csv;charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class PowerImportController(http.Controller):
    """Files of the imports: templates, and the refused rows of one import."""

    @http.route(
        "/power_service/import/template/<string:kind>.<string:extension>",
        type="http",
        auth="user",
        readonly=True,
    )
    def template(self, kind, extension, **kwargs):
        """The template of a kind: its header and one example row."""
        imports = request.env["power.import"]
        if kind not in KINDS or extension not in MIME_TYPES:
            raise request.not_found()
        if not imports.has_access("create"):
            raise request.not_found()
        return self._respond(*imports._build_template(kind, extension), extension)

    @http.route(
        "/power_service/import/model/<string:model>.xlsx",
        type="http",
        auth="user",
        readonly=True,
    )
    def model_template(self, model, **kwargs):
        """The template of a model for core's import, for those who may make records."""
        if model not in CORE_TEMPLATES or not request.env[model].has_access("create"):
            raise request.not_found()
        imports = request.env["power.import"]
        return self._respond(*imports._build_core_template(model), "xlsx")

    @http.route(
        "/power_service/import/<int:import_id>/errors.<string:extension>",
        type="http",
        auth="user",
        readonly=True,
    )
    def errors(self, import_id, extension, **kwargs):
        """The refused rows of an import that the user may see."""
        if extension not in MIME_TYPES:
            raise request.not_found()
        record = request.env["power.import"].browse(import_id)
        try:
            record.check_access("read")
            name, content = record._build_error_file(extension)
        except (AccessError, MissingError):
            raise request.not_found() from None
        return self._respond(name, content, extension)

    def _respond(self, name, content, extension):
        return request.make_response(
            content,
            [
                ("Content-Type", MIME_TYPES[extension]),
                ("Content-Length", len(content)),
                ("Content-Disposition", content_disposition(name)),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )
