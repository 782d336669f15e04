#!/usr/bin/env python3
"""Check the rules of this project that no general linter knows.

    project_rules.py [--root FOLDER]

Prints one line per finding, ``path:line: rule: what is wrong``, and exits with 1 when
there is any. The rules, by name:

core-import       core/ uses the standard library and other core/ folders, nothing else
arrow             an addon knows only the addons that it depends on, one way
sudo              every sudo() says why, on its line or on the line before
commit            no cr.commit(): the framework commits (``ir.cron._commit_progress``)
machine-path      no file names a folder of somebody's machine
registry          no file names the host of a package registry
test-import       tests/__init__.py imports every tests/test_*.py; a test names models
                  as Odoo does (odoo.addons...): the rules' tests run without Odoo
translation       zh_CN.po has every term, none untranslated, none fuzzy
title             a text beginning with a name that was typed has it in “ ”, or before a
                  colon
readme            every addon has readme/DESCRIPTION.md
"""

import argparse
import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import polib

# Where Odoo's classes are: importable by their full name only.
MODEL_FOLDERS = frozenset(("controllers", "models", "report", "wizards"))

# What each of the product's addons may stand on. Others (bridges, options, test
# addons) may stand on whatever their manifest names.
ARROWS = {
    "power_service_base": set(),
    "power_service_tickets": {"power_service_base"},
    "power_service_outage": {"power_service_base", "power_service_tickets"},
    "power_service_billing": {"power_service_base", "power_service_tickets"},
    "power_service_kpi": {
        "power_service_base",
        "power_service_tickets",
        "power_service_outage",
        "power_service_billing",
    },
}
CORE_MODULE = re.compile(r"odoo\.addons\.power_service_\w+\.core(\.|$)")
# The brackets keep these patterns from finding themselves.
MACHINE_PATH = re.compile(
    r"(?<![\w.$}/\]*-])/([w]ork|[r]oot|[t]mp|[h]ome/\w+)\b(?!\s*>)"
)
REGISTRY = re.compile(
    r"\b([p]ypi\.org|files\.[p]ythonhosted\.org|registry\.[n]pmjs\.org"
    r"|registry\.[y]arnpkg\.com|(deb|security|ftp)\.[d]ebian\.org)\b"
)
# What such a placeholder stands for was typed by somebody: a sentence by itself.
TITLE = re.compile(
    r"%\((case|claim|finding|journal|meeting|notice|record|round|shift|task)\)s(?![:：])"
)
# A comment for a tool gives a person no reason.
TOOL_COMMENT = re.compile(r"#\s*(noqa|pylint:|type:|fmt:|pragma:)\S*.*")


class Finding(NamedTuple):
    """One broken rule: ``path`` is relative to the root, ``line`` starts at 1."""

    path: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


class Addon:
    """An addon's folder: its name, manifest and Python files, read once."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.name = folder.name
        manifest = (folder / "__manifest__.py").read_text(encoding="utf-8")
        self.depends = set(ast.literal_eval(manifest).get("depends", ["base"]))
        self.python = {
            path: path.read_text(encoding="utf-8")
            for path in sorted(folder.rglob("*.py"))
        }

    def is_test(self, path: Path) -> bool:
        """Return whether the file belongs to the addon's tests."""
        return "tests" in path.relative_to(self.folder).parts[:-1]

    def is_core(self, path: Path) -> bool:
        """Return whether the file belongs to the addon's pure rules."""
        return path.relative_to(self.folder).parts[0] == "core"


def check(root: Path) -> list[Finding]:
    """Return all findings below ``root``, in the order of files and lines."""
    addons = {
        path.parent.name: Addon(path.parent)
        for path in sorted((root / "addons").glob("*/__manifest__.py"))
    }
    found = list(_check_texts(root))
    for addon in addons.values():
        found += _check_manifest(addon, addons, root)
        known = _get_known(addon.name, addons)
        for path, source in addon.python.items():
            tree = ast.parse(source, str(path))
            name = str(path.relative_to(root))
            found += _check_arrows(name, tree, addon, known, addons)
            found += _check_commit(name, tree)
            if addon.is_core(path):
                found += _check_core(name, tree, path, addon)
            if not addon.is_test(path):
                found += _check_sudo(name, tree, source)
        found += _check_xml_arrows(addon, known, addons, root)
        found += _check_test_imports(addon, root)
        found += _check_translations(addon, root)
    return sorted(found)


def _get_known(name: str, addons: dict[str, Addon]) -> set[str]:
    """Return the project's addons that ``name`` depends on, also indirectly."""
    known: set[str] = set()
    todo = [name]
    while todo:
        for depend in addons[todo.pop()].depends & addons.keys() - known:
            known.add(depend)
            todo.append(depend)
    return known


def _check_manifest(addon, addons, root) -> Iterator[Finding]:
    path = str((addon.folder / "__manifest__.py").relative_to(root))
    if addon.name in ARROWS:
        for depend in sorted(addon.depends & addons.keys() - ARROWS[addon.name]):
            yield Finding(path, 1, "arrow", f"{addon.name} may not depend on {depend}")
    if not (addon.folder / "readme" / "DESCRIPTION.md").is_file():
        yield Finding(path, 1, "readme", "readme/DESCRIPTION.md is missing")


def _get_imports(tree: ast.AST) -> Iterator[tuple[int, str, int]]:
    """Yield (line, module, level) of each import, also of ones made by a call."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name, 0
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            for alias in node.names:
                # "from odoo.addons import x" imports x.
                whole = f"{module}.{alias.name}".strip(".")
                short = module and not module.endswith("odoo.addons")
                yield node.lineno, module if short else whole, node.level
        elif isinstance(node, ast.Call) and _get_name(node.func) in (
            "__import__",
            "import_module",
        ):
            argument = node.args[0] if node.args else None
            constant = isinstance(argument, ast.Constant)
            yield node.lineno, str(argument.value) if constant else "?", 0


def _get_name(node: ast.AST) -> str:
    """Return the last name of ``a.b.c`` or ``c``, else nothing."""
    return getattr(node, "attr", None) or getattr(node, "id", "")


def _check_core(name, tree, path, addon) -> Iterator[Finding]:
    depth = len(path.relative_to(addon.folder / "core").parts)
    for line, module, level in _get_imports(tree):
        if level:
            allowed = level <= depth
            module = "." * level + module
        else:
            standard = module.split(".")[0] in sys.stdlib_module_names
            allowed = standard or CORE_MODULE.match(module)
        if not allowed:
            yield Finding(name, line, "core-import", f"core/ may not import {module}")


def _check_arrows(name, tree, addon, known, addons) -> Iterator[Finding]:
    foreign = addons.keys() - known - {addon.name}
    for line, module, level in _get_imports(tree):
        parts = module.split(".")
        if not level and parts[:2] == ["odoo", "addons"] and parts[2:3]:
            if parts[2] in foreign:
                message = f"{addon.name} does not depend on {parts[2]}"
                yield Finding(name, line, "arrow", message)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            match = re.fullmatch(r"(\w+)\.[\w.]+", node.value)
            if match and match[1] in foreign:
                message = f"{node.value!r} is of an addon not depended on"
                yield Finding(name, node.lineno, "arrow", message)


def _check_xml_arrows(addon, known, addons, root) -> Iterator[Finding]:
    foreign = addons.keys() - known - {addon.name}
    if not foreign:
        return
    reference = re.compile(rf"\b({'|'.join(sorted(foreign))})\.\w+")
    for path in sorted(addon.folder.rglob("*")):
        if path.suffix not in (".xml", ".csv", ".js"):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), 1):
            for match in reference.finditer(line):
                message = f"{match[0]!r} is of an addon not depended on"
                yield Finding(str(path.relative_to(root)), number, "arrow", message)


def _check_sudo(name, tree, source) -> Iterator[Finding]:
    reasons = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and not TOOL_COMMENT.fullmatch(token.string):
            reasons.add(token.start[0])
    statement_lines = {}
    for node in ast.walk(tree):  # parents come before their children
        if isinstance(node, ast.stmt):
            for child in ast.walk(node):
                statement_lines[child] = node.lineno
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or _get_name(node.func) != "sudo":
            continue
        if node.args and getattr(node.args[0], "value", None) is False:
            continue  # sudo(False) gives rights back
        line = node.func.end_lineno
        first = statement_lines.get(node, line)
        if reasons.isdisjoint({line, line - 1, first - 1}):
            message = "say why in a comment on this line or the line before"
            yield Finding(name, line, "sudo", message)


def _check_commit(name, tree) -> Iterator[Finding]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = _get_name(node.func.value)
            if node.func.attr == "commit" and re.fullmatch(r"_?cr|\w*cursor", owner):
                yield Finding(name, node.lineno, "commit", "no commit by hand")


def _check_test_imports(addon, root) -> Iterator[Finding]:
    for folder in sorted(path for path in addon.folder.rglob("tests") if path.is_dir()):
        init = folder / "__init__.py"
        source = addon.python.get(init, "")
        imported = set()
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ImportFrom) and node.level == 1:
                imported |= {node.module or alias.name for alias in node.names}
        for path in sorted(folder.glob("test_*.py")):
            if path.stem not in imported:
                message = f"{path.stem} is not imported, so it never runs"
                yield Finding(str(init.relative_to(root)), 1, "test-import", message)
        for path in sorted(folder.rglob("*.py")):
            yield from _check_models_of_tests(path, addon, root)


def _check_models_of_tests(path, addon, root) -> Iterator[Finding]:
    for node in ast.walk(ast.parse(addon.python.get(path, ""))):
        if isinstance(node, ast.ImportFrom) and node.level == 2:
            if (node.module or "").partition(".")[0] in MODEL_FOLDERS:
                message = f"write odoo.addons.{addon.name}.{node.module}"
                name = str(path.relative_to(root))
                yield Finding(name, node.lineno, "test-import", message)


def _check_translations(addon, root) -> Iterator[Finding]:
    folder = addon.folder / "i18n"
    template, path = folder / f"{addon.name}.pot", folder / "zh_CN.po"
    name = str(path.relative_to(root))
    if template.is_file() and not path.is_file():
        yield Finding(name, 1, "translation", f"missing, though {template.name} exists")
    if not path.is_file():
        return
    entries = [entry for entry in polib.pofile(str(path)) if not entry.obsolete]
    for entry in entries:
        if entry.fuzzy:
            yield Finding(name, entry.linenum, "translation", f"fuzzy: {entry.msgid!r}")
        elif not entry.translated():
            message = f"untranslated: {entry.msgid!r}"
            yield Finding(name, entry.linenum, "translation", message)
        elif TITLE.match(entry.msgid) or TITLE.match(entry.msgstr):
            message = f"put the name in “ ”: {entry.msgid!r}"
            yield Finding(name, entry.linenum, "title", message)
    if template.is_file():
        have = {entry.msgid for entry in entries}
        for entry in polib.pofile(str(template)):
            if entry.msgid not in have:
                message = f"not in the file: {entry.msgid!r}"
                yield Finding(name, 1, "translation", message)


def _check_texts(root: Path) -> Iterator[Finding]:
    for path in _get_files(root):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture, or a test's input in another encoding
        name = str(path.relative_to(root))
        for number, line in enumerate(text.splitlines(), 1):
            if match := MACHINE_PATH.search(line):
                yield Finding(name, number, "machine-path", f"names {match[0]}")
            if match := REGISTRY.search(line):
                yield Finding(name, number, "registry", f"names {match[0]}")


def _get_files(root: Path) -> Iterable[Path]:
    """Return the project's files: what git knows or would add, else all."""
    answer = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        check=False,
    )
    if answer.returncode == 0:
        names = answer.stdout.decode().split("\0")
        paths = {root / name for name in names if name}
    else:
        paths = {path for path in root.rglob("*") if ".git" not in path.parts}
    return sorted(path for path in paths if path.is_file() and not path.is_symlink())


def main(arguments: list[str] | None = None) -> int:
    """Print the findings and return the exit code: 0 for none, 1 for some."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    root = Path(__file__).resolve().parents[2]
    parser.add_argument("--root", type=Path, default=root, help="the project's folder")
    found = check(parser.parse_args(arguments).root.resolve())
    for finding in found:
        sys.stdout.write(f"{finding}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
