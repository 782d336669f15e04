"""Import of customers with points and contracts: ours, Odoo's load(), and plain COPY.

All three get the same invented rows in the same run. ``load()`` gets a sample, as
it needs minutes for thousands; all are compared by rows per second. Memory is that of
one process per size: the peak of a process never falls again.
"""

import csv
import io
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts" / "generator"))

import station_generator as generator  # noqa: E402

TITLE = "Import of customers, supply points and contracts"
SUPPORT = ("stations", "employees", "areas", "reading_units", "elements")
SIZES = (10_000, 100_000)
LOAD_ROWS = 1000
# Run by `odoo shell`-like child processes: one import, then the peak of its memory.
CHILD = """
import resource, sys, time
import odoo.api
from odoo.orm.registry import Registry
import odoo.tools.config
odoo.tools.config.parse_config(sys.argv[2:], setup_logging=True)
with Registry(odoo.tools.config["db_name"][0]).cursor() as cr:
    env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
    # Keys are unique in a company: each size has its own.
    company = env["res.company"].create({"name": sys.argv[1]})
    imports = env["power.import"].with_company(company)
    for kind in %r:
        imports._import_file(kind, f"{sys.argv[1]}/{kind}.csv", commit=True)
    started = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    path = f"{sys.argv[1]}/customers.csv"
    record = imports._import_file("customers", path, commit=True)
    assert record.state == "done", record.message
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(record.new_count, seconds, before / 1024, peak / 1024)
"""


def import_in_child(folder):
    """(rows, seconds, MiB before, MiB at the peak) of an import in its own process."""
    arguments = sys.argv[2:]
    result = subprocess.run(
        [sys.executable, "-c", CHILD % (SUPPORT,), str(folder), *arguments],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ,
    )
    rows, *figures = result.stdout.split()[-4:]
    return int(rows), *map(float, figures)


def load_by_odoo(env, folder, count):
    """Seconds of core's load() for customers, points, sources and contracts."""
    with open(folder / "customers.csv", encoding="utf-8", newline="") as stream:
        rows = [
            row for row, _n in zip(csv.DictReader(stream), range(count), strict=False)
        ]
    for kind in SUPPORT:
        env["power.import"]._import_file(kind, folder / f"{kind}.csv")
    env = env(context=dict(env.context, tracking_disable=True, import_file=True))
    customers = {row["customer_ref"]: row for row in rows}
    tables = [
        (
            "res.partner",
            ["id", "name", "ref", "phone", "email", "power_id_number", "is_company"]
            + ["is_power_customer"],
            [
                [
                    f"__import__.{ref}",
                    row["customer_name"],
                    ref,
                    row["phone"],
                    row["email"],
                    row["id_number"],
                    str(int(row["customer_kind"] == "company")),
                    "1",
                ]
                for ref, row in customers.items()
            ],
        ),
        (
            "power.supply.point",
            ["id", "name", "address", "grid_area_id", "customer_class", "voltage_level"]
            + ["latitude", "longitude", "source_system", "external_ref"]
            + ["source_ids/element_id", "source_ids/role"],
            [
                [
                    f"__import__.{row['external_ref']}",
                    row["consumer_number"],
                    row["address"],
                    row["area_code"],
                    row["customer_class"],
                    row["voltage_level"].lower(),
                    row["latitude"],
                    row["longitude"],
                    row["source_system"],
                    row["external_ref"],
                    row["element_code"],
                    "main",
                ]
                for row in rows
            ],
        ),
        (
            "power.supply.contract",
            ["name", "partner_id/id", "supply_point_id/id", "date_from", "contract_kva"]
            + ["source_system", "external_ref"],
            [
                [
                    row["contract_ref"],
                    f"__import__.{row['customer_ref']}",
                    f"__import__.{row['external_ref']}",
                    row["contract_from"],
                    row["contract_kva"],
                    row["source_system"],
                    row["contract_ref"],
                ]
                for row in rows
            ],
        ),
    ]
    started = time.perf_counter()
    for model, names, data in tables:
        names, data = resolve_codes(env, model, names, data)
        result = env[model].load(names, data)
        assert result["ids"], result["messages"][:3]
    env.flush_all()
    return time.perf_counter() - started


def resolve_codes(env, model, names, data):
    """Give load() database ids for codes: its search by name would be slower still."""
    lookups = {
        "grid_area_id": "power.grid.area",
        "source_ids/element_id": "power.network.element",
    }
    for name, comodel in lookups.items():
        if name not in names:
            continue
        at = names.index(name)
        ids = {r.code: str(r.id) for r in env[comodel].search([])}
        for row in data:
            row[at] = ids[row[at]]
        names = [*names[:at], f"{name}/.id", *names[at + 1 :]]
    return names, data


def copy_plainly(env, folder):
    """Seconds of a COPY of the file into a table of texts, without any check."""
    with open(folder / "customers.csv", encoding="utf-8", newline="") as stream:
        header = next(csv.reader(stream))
        stream.seek(0)
        content = stream.read()
    columns = ", ".join(f"{name} text" for name in header)
    env.cr.execute(f"CREATE UNLOGGED TABLE bench_copy ({columns})")
    started = time.perf_counter()
    env.cr.copy_expert(
        "COPY bench_copy FROM STDIN WITH (FORMAT csv, HEADER)", io.StringIO(content)
    )
    return time.perf_counter() - started


def run(env):
    """Measure and return the rows of the table."""
    figures = {}
    with tempfile.TemporaryDirectory() as temporary:
        folders = {}
        for size in SIZES:
            folders[size] = Path(temporary) / str(size)
            generator.write_station(folders[size], seed=11, customers=size)
            figures[size] = import_in_child(folders[size])
            rows, seconds, before, peak = figures[size]
            yield f"ours, {size:,} rows", rows / seconds, "rows/s", f"{seconds:.1f} s"
            yield (
                f"ours, {size:,} rows: memory taken",
                peak - before,
                "MiB",
                f"peak {peak:.0f}, before the import {before:.0f}",
            )
        small = SIZES[0]
        seconds = copy_plainly(env, folders[small])
        yield "plain COPY, no check", small / seconds, "rows/s", f"{small:,} rows"
        seconds = load_by_odoo(env, folders[small], LOAD_ROWS)
        rate = LOAD_ROWS / seconds
        yield "Odoo's load()", rate, "rows/s", f"{LOAD_ROWS:,} of the same rows"
        for size in SIZES:
            rows, seconds, *_memory = figures[size]
            yield f"ours to load(), {size:,} rows", rows / seconds / rate, "times", ""
