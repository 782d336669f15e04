from odoo import api, models
from odoo.tools.translate import TranslationImporter, get_po_paths

MODULE = "power_service_base"


class IrModuleModule(models.Model):
    _inherit = "ir.module.module"

    @api.model
    def _load_module_terms(self, modules, langs, overwrite=False):
        """Load translations; then those by which we correct Odoo's own, which would
        stay as they are: what is translated isn't replaced."""
        result = super()._load_module_terms(modules, langs, overwrite=overwrite)
        importer = TranslationImporter(self.env.cr, verbose=False)
        for lang in langs:
            for path in get_po_paths(MODULE, lang):
                if "/i18n_extra/" in path:
                    importer.load_file(path, lang)
        importer.save(overwrite=True)
        return result
