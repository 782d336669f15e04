from collections import defaultdict

from odoo import models
from odoo.exceptions import AccessError
from odoo.tools.misc import get_lang

#: For ``_power_export_fields``: every field of the model shows customers' data.
EVERY_FIELD = object()
# Where one export collects what it shows of customers; as core keeps its own cache.
TRACE = "power_export_trace"


class Base(models.AbstractModel):
    """Exporting customers to a file needs its own group, and is logged.

    Here for all models: customers may be the records, columns of another model's
    export however deep, users who are customers, or texts that name them.
    """

    _inherit = "base"

    # Names of the fields that show customers' data; EVERY_FIELD for all.
    _power_export_fields = frozenset()

    def _web_read_group_groupby_formatter(self, groupby_spec, values):
        """As core's; weeks that begin on Monday are numbered as in the calendar view.

        Core numbers those of a Chinese reader from the one that holds 1 January: in
        2027 each would have another number here than there (ISO 8601).
        """
        formatter = super()._web_read_group_groupby_formatter(groupby_spec, values)
        if not groupby_spec.endswith(":week") or get_lang(self.env).week_start != "1":
            return formatter

        def format_week(value):
            shown, domain = formatter(value)
            if shown:
                year, week, _day = value.isocalendar()
                shown = (shown[0], f"W{week} {year:04}")
            return shown, domain

        return format_week

    def export_data(self, fields_to_export):
        """As core's, with a line in the log for each model that shows customers."""
        cache = self.env.cr.cache
        trace = cache[TRACE] = defaultdict(set)
        try:
            result = super().export_data(fields_to_export)
        finally:
            del cache[TRACE]
        self._log_exported(trace, fields_to_export)
        return result

    def _export_rows(self, fields, *, _is_toplevel_call=True):
        names = {path[0] for path in fields if path}
        if shown := self._check_exported(names):
            trace = self.env.cr.cache.get(TRACE)
            if trace is not None:
                trace[self._name].update(shown)
        return super()._export_rows(fields, _is_toplevel_call=_is_toplevel_call)

    def _check_exported(self, names):
        """Refuse an export of customers' data without the right to it.

        :param names: names of the fields
        :return: ids of the records whose data is customers'
        :raise AccessError: without the group
        """
        shown = self._get_customers_shown(names) if self and names else ()
        if shown and not (
            self.env.su
            or self.env.user.has_group("power_service_base.group_power_export")
        ):
            raise AccessError(
                self.env._(
                    "Exporting customers needs the right 'Export customers': ask a "
                    "manager for it."
                )
            )
        return shown

    def _get_customers_shown(self, names):
        """Ids of the records of which these fields show customers' data."""
        own = self._power_export_fields
        if own is EVERY_FIELD or not own.isdisjoint(names):
            return self.ids
        for name in names:
            field = self._fields.get(name)
            if field and field.related and field.type in ("char", "text", "html"):
                path, _dot, last = field.related.rpartition(".")
                # Whose value it is may lie beyond what the user sees.
                if self.sudo().mapped(path)._get_customers_shown({last}):
                    return self.ids
        return ()

    def _log_exported(self, trace, names):
        """Log what was exported.

        :param trace: {model: ids}
        """
        for model, ids in trace.items():
            self.env["power.customer.export"]._log(model, len(ids), names)
