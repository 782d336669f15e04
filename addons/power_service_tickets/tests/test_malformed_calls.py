"""JSON-2 over HTTP: what makes no sense, on every public method of these models."""

import inspect
import json
import logging
import random
from contextlib import contextmanager
from datetime import timedelta

from odoo import fields, models
from odoo.tests import HttpCase, tagged
from odoo.tools import SQL

from .test_chatter_files import ChatterCommon

CALLS = 1000
UNKNOWN = 2**31 - 1
# Ids that no record has, and what is no id at all.
NOT_IDS = (
    *([UNKNOWN], [0], [-1], [2**40], [2**70], [1.5], [True], [None], ["x"], [[1]]),
    *([{"id": 1}], "x", "\x00", 5, True, {"x": 1}, [UNKNOWN] * 3),
)
# Never right, whatever the argument is called.
NOT_VALUES = (
    *(1e308, -1e308, 2**70, -5, [[]], {"x": {"y": []}}, [None, {}], "\x00", "a\x00b"),
    *("\ud800", [1, "x"], [-1], [UNKNOWN], {"\x00": 1}, [["x"]], "x" * 200_000),
)
# Right here and there: beside the others.
VALUES = (
    *("x" * 30_000, "9" * 400, "2026-13-45", "'; DROP TABLE power_ticket; --"),
    *("${7*7}", UNKNOWN, 1, True, None, "", "<script>alert(1)</script>"),
)
NOT_CONTEXTS = (
    *("x", 5, ["x"], {"lang": 5}, {"lang": ["x"]}, {"lang": "\x00"}, {"tz": 5}),
    *({"tz": "\x00"}, {"allowed_company_ids": "x"}, {"allowed_company_ids": ["x"]}),
    *({"allowed_company_ids": [UNKNOWN]}, {"allowed_company_ids": 5}),
)
# What every model of Odoo has is Odoo's.
ODOOS = {*dir(models.BaseModel), "message_route", "search_panel_select_range"}
# Nothing of these belongs into an answer.
LEAKS = ("psycopg2", "SELECT ", "UPDATE ", "Traceback", "/addons/", 'File "')


class LogOfServer(logging.Handler):
    """What the server logs; Odoo's one line for a refused call is kept from the log of
    the tests, where it would count as a warning."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.lines = []

    def filter(self, record):
        if record.levelno >= logging.WARNING:
            self.lines.append(record)
        is_refusal = record.levelno == logging.WARNING and not record.exc_info
        return not is_refusal

    @contextmanager
    def listening(self, *names):
        loggers = [logging.getLogger(name) for name in names]
        for logger in loggers:
            logger.addFilter(self)
        try:
            yield self
        finally:
            for logger in loggers:
                logger.removeFilter(self)


@tagged("post_install", "-at_install")
class TestMalformedCalls(ChatterCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Whoever may do most is refused least for want of rights.
        cls.clerk = cls._create_user("clerk", "power_service_base.group_power_manager")
        for name in ("quality", "supervisor", "export"):
            cls.clerk.group_ids += cls.env.ref(f"power_service_base.group_power_{name}")
        cls.keys = [cls._make_key(cls.clerk)] * 3
        cls.keys += [cls._make_key(user) for user in (cls.users["staff"], cls.portal)]

    @classmethod
    def _make_key(cls, user):
        keys = cls.env["res.users.apikeys"].with_user(user)
        return keys._generate("rpc", "x", fields.Datetime.now() + timedelta(days=1))

    def _get_methods(self):
        """(model, name, function) of each method of ours that a key may call."""
        found = []
        for name, model in sorted(self.env.items()):
            is_ours = model._original_module.startswith("power_service_tickets")
            is_ours |= name in ("power.field.task", "power.notice")
            if not is_ours or model._transient or model._abstract:
                continue
            for attribute in dir(type(model)):
                if attribute.startswith("_") or attribute in ODOOS:
                    continue
                function = getattr(type(model), attribute)
                owners = [cls for cls in type(model).mro() if attribute in vars(cls)]
                if (
                    inspect.isfunction(function)
                    and owners[0].__module__.startswith("odoo.addons.power_service")
                    and not any(
                        getattr(vars(cls)[attribute], "_api_private", False)
                        for cls in owners
                    )
                ):
                    found.append((name, attribute, function))
        return found

    def _get_calls(self, rng, function, known):
        """Endlessly: arguments of which at least one makes no sense."""
        parameters = list(inspect.signature(function).parameters.values())[1:]
        named = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
        needed = [
            p.name for p in parameters if p.default is p.empty and p.name in named
        ]
        is_of_model = getattr(function, "_api_model", False)
        while True:
            kind = rng.choice(("ids", "values", "values", "more", "less", "context"))
            call = {} if is_of_model else {"ids": list(known)}
            for name in needed:
                call[name] = rng.choice((*NOT_VALUES, *VALUES))
            if kind == "ids" or (kind == "values" and not named):
                call["ids"] = rng.choice(NOT_IDS)
            elif kind == "values":
                some = rng.sample(named, rng.randint(1, len(named)))
                call |= {name: rng.choice((*NOT_VALUES, *VALUES)) for name in some}
                call[some[0]] = rng.choice(NOT_VALUES)
            elif kind == "more":
                call[rng.choice(("more", "self", "uid", "\x00", "_x", ""))] = 1
            elif kind == "less":
                if not needed:
                    continue
                del call[rng.choice(needed)]
            else:
                call["context"] = rng.choice(NOT_CONTEXTS)
                if not needed:
                    call["ids"] = [UNKNOWN]
            yield call

    def _get_state(self):
        """How many rows each table has, and what the records themselves say."""
        self.env.flush_all()
        tables = [
            model._table
            for name, model in sorted(self.env.items())
            if not model._abstract
            and model._auto
            and (
                name.startswith("power.")
                or name in ("mail.message", "mail.activity", "ir.attachment")
                or name in ("mail.mail", "rating.rating", "res.partner")
            )
        ]
        told = (
            "power_ticket",
            "power_connection",
            "power_claim",
            "power_rectification",
        )
        state = {}
        for table in tables:
            what = SQL("count(*)")
            if table in told:
                what = SQL("md5(string_agg(row::text, '' ORDER BY id))")
            query = SQL("SELECT %s FROM %s AS row", what, SQL.identifier(table))
            state[table] = self.env.execute_query(query)[0][0]
        return state

    def test_a_thousand_on_every_method(self):
        """Each is refused in words; nothing is made or changed, and the log of the
        server has no error."""
        known = {record._name: record.ids for record in self._records()}
        methods = self._get_methods()
        self.assertGreater(len(methods), 100)
        self.assertIn(("power.ticket", "rating_apply"), [m[:2] for m in methods])
        rng = random.Random(3)
        self.authenticate(None, None)
        self.opener.headers["Content-Type"] = "application/json"
        log = LogOfServer()
        before = self._get_state()
        # Each method's own: another one that is added changes nothing of the others.
        calls = {
            (model, name): self._get_calls(
                random.Random(f"{model}.{name}"), function, known.get(model, [1])
            )
            for model, name, function in methods
        }
        with log.listening("odoo.http", "odoo.sql_db"):
            for number in range(CALLS):
                model, name, _function = methods[number % len(methods)]
                call = next(calls[model, name])
                with self.subTest(model=model, method=name, call=repr(call)[:300]):
                    self._call(model, name, call, rng.choice(self.keys))
                    errors = [
                        line.getMessage()
                        for line in log.lines
                        if line.exc_info or line.levelno > logging.WARNING
                    ]
                    log.lines.clear()
                    self.assertFalse(errors)
        self.assertEqual(self._get_state(), before)

    def _call(self, model, name, call, key):
        answer = self.opener.post(
            f"{self.base_url()}/json/2/{model}/{name}",
            data=json.dumps(call).encode(),
            headers={"Authorization": f"bearer {key}"},
            timeout=60,
        )
        if answer.status_code == 200:
            # A window on what isn't there, which Odoo says when it opens.
            self.assertIn(call.get("ids"), ([UNKNOWN], [UNKNOWN] * 3), answer.text)
            self.assertEqual(answer.json()["type"], "ir.actions.act_window")
            return
        self.assertIn(answer.status_code, (400, 403, 404, 422), answer.text[-600:])
        message = answer.json()["message"]
        self.assertTrue(message)
        self.assertLess(len(message), 3_000)
        for leak in LEAKS:
            self.assertNotIn(leak, message)
