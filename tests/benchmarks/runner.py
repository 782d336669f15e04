"""Run one benchmark module in an Odoo environment and print its tables.

A module has ``TITLE`` and ``run(env)``: rows of ``(name, value, unit, note)``.
"""

import importlib.util
import resource
import sys
import time
from pathlib import Path

import odoo.api
import odoo.modules.registry
import odoo.tools.config
from odoo.orm.registry import Registry


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def print_table(title, rows):
    print(f"\n## {title}\n")
    print("| measured | value | unit | note |\n|---|---:|---|---|")
    for name, value, unit, note in rows:
        text = f"{value:,.2f}" if isinstance(value, float) else f"{value:,}"
        print(f"| {name} | {text} | {unit} | {note} |")


def main(path, options):
    odoo.tools.config.parse_config(options, setup_logging=True)
    module = load(Path(path))
    registry = Registry(odoo.tools.config["db_name"][0])
    started = time.perf_counter()
    with registry.cursor() as cr:
        env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
        rows = list(module.run(env))
        cr.rollback()
    rows.append(("whole benchmark", time.perf_counter() - started, "s", ""))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows.append(("peak memory", peak, "MiB", ""))
    print_table(module.TITLE, rows)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
