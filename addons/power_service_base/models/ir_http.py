from werkzeug.exceptions import UnprocessableEntity

from odoo import models
from odoo.http import request
from odoo.tools import LazyTranslate

from ..core import json_call

_lt = LazyTranslate(__name__)
PROBLEMS = {
    json_call.NAMES: _lt("An argument has a name that none can have."),
    "singleton": _lt("This is done with one record at a time."),
    json_call.IDS: _lt("“ids” is a list of ids."),
    json_call.CONTEXT: _lt("“context” is an object with named values."),
    json_call.LANG: _lt("“lang” in the context is the code of a language."),
    json_call.TIME_ZONE: _lt("“tz” in the context is the name of a time zone."),
    json_call.COMPANIES: _lt("“allowed_company_ids” in the context is a list of ids."),
}


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _dispatch(cls, endpoint):
        """A call by JSON-2 that makes no sense is told so before it goes anywhere."""
        if endpoint.routing.get("type") == "json2":
            problem = json_call.find_problem(request.params)
            if problem:
                # In English when the caller's language is no language.
                raise UnprocessableEntity(str(PROBLEMS[problem]))
            try:
                return super()._dispatch(endpoint)
            except ValueError as error:
                cls._refuse_many(error)
                raise
        return super()._dispatch(endpoint)

    @classmethod
    def _refuse_many(cls, error):
        """Say that a method works on one record, when that is what was wrong: these
        are the very records that were sent."""
        model = request.params.get("__model__")
        sent = tuple(request.params.get("ids", ()))
        if len(sent) != 1 and str(error) == f"Expected singleton: {model}{sent}":
            raise UnprocessableEntity(str(PROBLEMS["singleton"])) from error
