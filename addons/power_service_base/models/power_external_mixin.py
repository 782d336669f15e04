from odoo import fields, models


class PowerExternalMixin(models.AbstractModel):
    """What another system also knows: named by that system and its own key.

    A model that inherits it adds the unique index (definitions of indexes are not
    inherited with the table name)::

        _external_uniq = models.UniqueIndex(
            "(company_id, source_system, external_ref) WHERE external_ref IS NOT NULL"
        )
    """

    _name = "power.external.mixin"
    _description = "Known to Another System"

    source_system = fields.Char(
        copy=False,
        help="The system that sent this record, for example the marketing system.",
    )
    external_ref = fields.Char(
        string="External Key",
        copy=False,
        help="The record's key in that system: the same key sent again makes nothing "
        "twice.",
    )
