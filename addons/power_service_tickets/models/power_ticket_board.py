# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from odoo import models

# As many groups of each level are opened at once, as the web client does.
MAX_OPENED = 10


class PowerTicket(models.Model):
    """A board of two levels shows its tickets at once, and each what nobody has.

    The web client opens the first level of a grouped list only, and never the group of
    those without a value: of tickets that nobody has. A board on a phone shows nothing
    but "load more" there. What somebody folds by hand stays folded.
    """

    _inherit = "power.ticket"

    def _open_groups(
        self,
        *,
        groups,
        opening_info,
        parent_opening_info,
        unfold_read_default_limit,
        **options,
    ):
        field_name = options["groupby"][0]
        opened = ()
        if parent_opening_info is None and self.env.context.get("power_open_levels"):
            opened = [group[field_name] for group in groups[:MAX_OPENED]]
        elif not parent_opening_info and options["auto_unfold"]:
            field = self._fields[field_name.split(":")[0].split(".")[0]]
            opened = [False] if field.relational else ()
        if opened:
            parent_opening_info = [
                {
                    # Of a record: its id and name.
                    "value": value[0] if isinstance(value, tuple) else value,
                    "folded": False,
                    "limit": unfold_read_default_limit,
                    "offset": 0,
                }
                for value in opened
            ]
            opening_info = opening_info or parent_opening_info
        return super()._open_groups(
            groups=groups,
            opening_info=opening_info,
            parent_opening_info=parent_opening_info,
            unfold_read_default_limit=unfold_read_default_limit,
            **options,
        )
