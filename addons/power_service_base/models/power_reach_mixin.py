from odoo import Command, api, models
from odoo.api import NewId


class PowerReachMixin(models.AbstractModel):
    """A record that may point only to what its user may read.

    A form shows values of the records it points to, and fields that are stored or
    related read those as superuser. So whoever names a record has to be able to read
    it: what a client sends is checked where it comes in, when it is saved and when a
    form asks what follows from it. What a record points to already stays.

    ``_reach_fields`` names the fields; None: every link to a model of ours.
    """

    _name = "power.reach.mixin"
    _description = "Points to What Its User May Read"
    _reach_fields = None

    @api.model_create_multi
    def create(self, vals_list):
        self._check_reach(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._check_reach([vals])
        return super().write(vals)

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        self._check_reach([values])
        return values

    def _update_cache(self, values, validate=True):
        # What a form sends, also as a line of another form, comes in here.
        self._check_reach([values])
        return super()._update_cache(values, validate)

    def _check_reach(self, vals_list):
        """Refuse values that name records which the user may not read. A constant
        number of queries.

        :param vals_list: dicts of field values, in any of their formats
        :raise AccessError: one of the records isn't the user's to read
        """
        if self.env.su:
            return
        for name in self._get_reach_fields():
            ids = set()
            for vals in vals_list:
                if name in vals:
                    ids |= self._get_named_ids(self._fields[name], vals[name])
            if not ids:
                continue
            # What the record has already was somebody's to name.
            known = self._origin.sudo()[name].ids if self else ()
            found = self.env[self._fields[name].comodel_name].browse(ids - {*known})
            found.exists().check_access("read")

    @api.model
    def _get_reach_fields(self):
        if self._reach_fields is not None:
            return self._reach_fields
        return [
            name
            for name, field in self._fields.items()
            if field.type in ("many2one", "many2many")
            and field.comodel_name.startswith("power.")
        ]

    @api.model
    def _get_named_ids(self, field, value):
        """The ids of records in a value that a client sends.

        :param field: a many2one or many2many field
        :param value: an id, a pair, a dict; a list of commands, ids, dicts
        :return: set of ids
        """
        if field.type == "many2one":
            is_pair = isinstance(value, list | tuple) and value
            named = [value[0] if is_pair else value]
        else:
            named = []
            for item in value if isinstance(value, list | tuple) else ():
                if not isinstance(item, list | tuple):
                    named.append(item)
                elif item and item[0] in (Command.UPDATE, Command.LINK):
                    named.append(item[1])
                elif item and item[0] == Command.SET:
                    named += item[2]
        named = [item.get("id") if isinstance(item, dict) else item for item in named]
        named = [item.origin if isinstance(item, NewId) else item for item in named]
        return {number for number in map(self._get_number, named) if number}

    @api.model
    def _get_number(self, value):
        """The number that PostgreSQL makes of a value in a column of integers."""
        try:
            if isinstance(value, str) and "x" in value.lower():
                return int(value, 16)
            return int(value)
        except (TypeError, ValueError, OverflowError):
            return 0  # refused there
