"""Every rule of scripts/checks fires on what breaks it, and on nothing else."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "scripts" / "checks" / "project_rules.py"


def _load():
    spec = importlib.util.spec_from_file_location("project_rules", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


rules = _load()


def write(root, path, text=""):
    """Write a file of the project under test."""
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


def add_addon(root, name, *depends):
    """Add an addon in which nothing is wrong."""
    write(root, f"addons/{name}/__manifest__.py", repr({"depends": list(depends)}))
    write(root, f"addons/{name}/readme/DESCRIPTION.md", "What it is for.\n")


@pytest.fixture
def project(tmp_path):
    """A project of three addons that follows every rule."""
    add_addon(tmp_path, "power_service_base", "mail")
    add_addon(tmp_path, "power_service_tickets", "power_service_base")
    add_addon(tmp_path, "power_service_outage", "power_service_tickets")
    add_addon(tmp_path, "power_service_billing", "power_service_tickets")
    add_addon(tmp_path, "power_service_bridge", "power_service_outage")
    assert rules.check(tmp_path) == []
    return tmp_path


BASE = "addons/power_service_base/"
TICKETS = "addons/power_service_tickets/"
OUTAGE = "addons/power_service_outage/"
BRIDGE = "addons/power_service_bridge/"
PO = 'msgid ""\nmsgstr "Language: zh_CN\\n"\n\n'

BROKEN = [
    # rule, path, text, line of the finding
    ("core-import", BASE + "core/time.py", "import math\nimport odoo\n", 2),
    ("core-import", BASE + "core/time.py", "from odoo import fields\n", 1),
    ("core-import", BASE + "core/time.py", "from odoo.tools import float_round\n", 1),
    ("core-import", BASE + "core/time.py", "import requests\n", 1),
    ("core-import", BASE + "core/time.py", "from ..models import thing\n", 1),
    ("core-import", BASE + "core/deep/time.py", "from ... import models\n", 1),
    (
        "core-import",
        TICKETS + "core/clock.py",
        "from odoo.addons.power_service_base.models import res_partner\n",
        1,
    ),
    (
        "core-import",
        TICKETS + "core/clock.py",
        "from odoo.addons import power_service_base\n",
        1,
    ),
    ("core-import", BASE + "core/time.py", "def f():\n    __import__('odoo')\n", 2),
    (
        "core-import",
        BASE + "core/time.py",
        "import importlib\nimportlib.import_module('odoo')\n",
        2,
    ),
    (
        "arrow",
        BASE + "__manifest__.py",
        repr({"depends": ["power_service_tickets"]}),
        1,
    ),
    (
        "arrow",
        OUTAGE + "__manifest__.py",
        repr({"depends": ["power_service_billing"]}),
        1,
    ),
    (
        "arrow",
        OUTAGE + "models/power_outage.py",
        "from odoo.addons.power_service_billing.core import tariff\n",
        1,
    ),
    (
        "arrow",
        BASE + "hooks.py",
        "\nfrom odoo.addons import power_service_tickets\n",
        2,
    ),
    (
        "arrow",
        BRIDGE + "models/thing.py",
        "from odoo.addons.power_service_billing import hooks\n",
        1,
    ),
    (
        "arrow",
        OUTAGE + "models/power_outage.py",
        "def f(env):\n    return env.ref('power_service_billing.some_view')\n",
        2,
    ),
    (
        "arrow",
        OUTAGE + "views/thing_views.xml",
        '<odoo>\n<field ref="power_service_billing.some_view"/></odoo>\n',
        2,
    ),
    (
        "arrow",
        BASE + "security/ir.model.access.csv",
        "id,group_id:id\nx,power_service_tickets.group_x\n",
        2,
    ),
    ("sudo", BASE + "models/a.py", "def f(r):\n    return r.sudo()\n", 2),
    ("sudo", BASE + "models/a.py", "def f(r):\n    return r.sudo()  # noqa: X\n", 2),
    ("sudo", BASE + "controllers/a.py", "# why\n\nx = y.sudo().z\n", 3),
    ("sudo", BASE + "models/a.py", "x = (\n    y\n    .sudo()\n)\n", 3),
    ("sudo", BASE + "models/a.py", "x = '# not a comment'; y.sudo(True)\n", 1),
    ("commit", BASE + "models/a.py", "def f(self):\n    self.env.cr.commit()\n", 2),
    ("commit", BASE + "tests/common.py", "def f(cr):\n    cr.commit()\n", 2),
    ("commit", BASE + "models/a.py", "def f(self):\n    self._cr.commit()\n", 2),
    ("machine-path", "docs/a.md", "One.\nSee /wo" + "rk/shared.\n", 2),
    ("machine-path", "scripts/a", "cd '/ro" + "ot/odoo'\n", 1),
    ("machine-path", "config/a.conf", "data_dir = /ho" + "me/ann/odoo\n", 1),
    ("machine-path", BASE + "models/a.py", "PATH = '/tm" + "p/file'\n", 1),
    ("registry", "scripts/a", "curl https://py" + "pi.org/simple\n", 1),
    ("registry", "package-lock.json", '"https://registry.npm' + 'js.org/a"\n', 1),
    ("registry", "scripts/a", "deb http://deb.debi" + "an.org/debian sid main\n", 1),
    ("translation", BASE + "i18n/zh_CN.po", PO + 'msgid "A"\nmsgstr ""\n', 4),
    (
        "translation",
        BASE + "i18n/zh_CN.po",
        PO + '#, fuzzy\nmsgid "A"\nmsgstr "甲"\n',
        4,
    ),
    ("translation", BASE + "i18n/power_service_base.pot", PO, 1),
    (
        "title",
        BASE + "i18n/zh_CN.po",
        PO + 'msgid "“%(record)s” is late."\nmsgstr "%(record)s已超期。"\n',
        4,
    ),
    (
        "title",
        BASE + "i18n/zh_CN.po",
        PO + 'msgid "%(task)s is late."\nmsgstr "“%(task)s”已超期。"\n',
        4,
    ),
]


@pytest.mark.parametrize(
    ("rule", "path", "text", "line"),
    BROKEN,
    ids=[f"{rule}-{number}" for number, (rule, *_rest) in enumerate(BROKEN)],
)
def test_rule_fires(project, rule, path, text, line):
    write(project, path, text)
    found = rules.check(project)
    assert [(item.rule, item.line) for item in found] == [(rule, line)], found
    where = path if not path.endswith(".pot") else BASE + "i18n/zh_CN.po"
    assert found[0].path == where


FINE = [
    (
        BASE + "i18n/zh_CN.po",
        PO + 'msgid "%(task)s: late"\nmsgstr "%(task)s：超期"\n'
        '\nmsgid "%(ticket)s is late."\nmsgstr "%(ticket)s已超期。"\n',
    ),
    (BASE + "core/time.py", "from __future__ import annotations\nimport bisect\n"),
    (BASE + "core/time.py", "from . import other\nfrom .other import thing\n"),
    (BASE + "core/deep/time.py", "from .. import other\n"),
    (BASE + "models/a.py", "from odoo import fields, models\nimport requests\n"),
    (
        TICKETS + "core/clock.py",
        "from odoo.addons.power_service_base.core.working_time import add\n"
        "from odoo.addons.power_service_base.core import working_time\n",
    ),
    (
        BRIDGE + "models/thing.py",
        "from odoo.addons.power_service_tickets.models import power_ticket\n"
        "from odoo.addons.mail import tools\n"
        "ID = 'power_service_base.group_power_staff'\n",
    ),
    (BASE + "models/a.py", "x = y.sudo()  # the portal user may not read y\n"),
    (BASE + "models/a.py", "# the portal user may not read y\nx = y.sudo()\n"),
    (BASE + "models/a.py", "# the reason\nx = (\n    y\n    .sudo()\n)\n"),
    (BASE + "models/a.py", "x = y.sudo(False)\n"),
    (BASE + "tests/common.py", "x = y.sudo()\n"),
    (BASE + "models/a.py", "repository.commit()\n"),
    (
        BASE + "controllers/a.py",
        "ROUTES = ['/my/wo" + "rk', '/power/wo" + "rk/order']\nX = '//ro" + "ot'\n",
    ),
    (BASE + "i18n/zh_CN.po", PO + 'msgid "A"\nmsgstr "甲"\n\n#~ msgid "B"\n'),
]


@pytest.mark.parametrize(
    ("path", "text"), FINE, ids=[f"fine-{number}" for number in range(len(FINE))]
)
def test_rule_is_silent(project, path, text):
    write(project, path, text)
    assert rules.check(project) == []


def test_unimported_test_file(project):
    write(project, BASE + "tests/__init__.py", "from . import test_one\n")
    write(project, BASE + "tests/test_one.py")
    assert rules.check(project) == []
    write(project, BASE + "tests/test_two.py")
    found = rules.check(project)
    assert [item.rule for item in found] == ["test-import"]
    assert "test_two" in found[0].message
    (project / BASE / "tests/__init__.py").unlink()
    assert [item.rule for item in rules.check(project)] == ["test-import"] * 2


def test_models_are_imported_by_their_full_name(project):
    write(project, BASE + "tests/__init__.py", "from . import test_one\n")
    write(project, BASE + "tests/test_one.py", "from ..core.rule import A\n")
    assert rules.check(project) == []
    write(project, BASE + "tests/test_one.py", "from ..models.thing import A\n")
    (found,) = rules.check(project)
    assert (found.rule, found.line) == ("test-import", 1)
    assert "odoo.addons.power_service_base.models.thing" in found.message


def test_missing_readme(project):
    (project / BASE / "readme" / "DESCRIPTION.md").unlink()
    assert [item.rule for item in rules.check(project)] == ["readme"]


def test_term_of_the_template_missing(project):
    write(project, BASE + "i18n/zh_CN.po", PO + 'msgid "A"\nmsgstr "甲"\n')
    template = PO + 'msgid "A"\nmsgstr ""\n\nmsgid "B"\nmsgstr ""\n'
    write(project, BASE + "i18n/power_service_base.pot", template)
    found = rules.check(project)
    assert [(item.rule, item.message) for item in found] == [
        ("translation", "not in the file: 'B'")
    ]


def test_ignored_and_binary_files_are_left_alone(project):
    subprocess.run(["git", "init", "-q"], cwd=project, check=True)
    write(project, ".gitignore", "/.local\n")
    write(project, ".local/a.txt", "/ro" + "ot/a\n")
    (project / "dirty.csv").write_bytes("户号,地址".encode("gbk"))
    assert rules.check(project) == []
    write(project, "new.txt", "/ro" + "ot/a\n")
    assert [item.path for item in rules.check(project)] == ["new.txt"]


def test_exit_code_and_output(project):
    command = [sys.executable, str(SCRIPT), "--root", str(project)]
    assert subprocess.run(command, check=False).returncode == 0
    write(project, BASE + "models/a.py", "env.cr.commit()\n")
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert answer.stdout == f"{BASE}models/a.py:1: commit: no commit by hand\n"
