# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from odoo import api, models

#: Stored computes that the statements below fill in. All others are computed by the
#: ORM for the records concerned, so that a field added elsewhere is never left out.
HANDLED_FIELDS = {
    "res.partner": {
        "archive_score",
        "commercial_company_name",
        "commercial_partner_id",
        "company_registry",
        "complete_name",
        "email_normalized",
        "employee",
        "grid_area_id",
        "lang",
        "partner_share",
        "phone_sanitized",
        "power_station_id",
        "user_id",
    },
    "power.supply.point": {
        "main_element_id",
        "region_type",
        "station_id",
        "tariff_class",
    },
    "power.supply.source": {"company_id", "station_id"},
    "power.supply.contract": {"late_charge_rule", "station_id"},
}


class PowerImportComputeCustomers(models.AbstractModel):
    """Stored computes of imported records that the statements don't fill in."""

    _inherit = "power.import.loader.customers"

    @api.model
    def _recompute_others(self, model, made, changed):
        """Let the ORM compute what depends on these records and wasn't filled in."""
        records = self.env[model]
        stored = [
            field
            for name, field in records._fields.items()
            if field.store and field.column_type and name not in models.MAGIC_COLUMNS
        ]

        def is_other(field):
            return (
                field.compute
                and field.store
                and field.column_type
                and field.name not in HANDLED_FIELDS.get(field.model_name, ())
            )

        tree = self.pool.get_trigger_tree(stored, select=is_other)
        own = [
            field
            for field in stored
            if is_other(field)
            and (field.type != "properties" or self._has_properties(model, field))
        ]
        for ids, is_new in ((made, True), (changed, False)):
            found = records.browse(ids)
            for field in own:
                self.env.add_to_compute(field, found)
            for field, dependents, _created in found._modified_triggers(tree, is_new):
                if is_other(field):
                    self.env.add_to_compute(field, dependents)

    @api.model
    def _has_properties(self, model, field):
        """Whether customers have properties, which start with default values."""
        definitions = self.env["properties.base.definition"]
        definition = definitions.sudo()._get_definition_for_property_field(  # a setting
            model, field.name
        )
        return bool(definition.properties_definition)
