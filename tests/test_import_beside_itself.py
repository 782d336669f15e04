"""Imports beside each other, and killed: real processes on databases of their own."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts" / "generator"))

import station_generator as generator  # noqa: E402

DATABASE = f"{os.environ.get('POWER_DB', 'power')}-beside"
ROWS = 1500
BATCH = 100
SUPPORT = ("stations", "employees", "areas", "reading_units", "elements")
TABLES = ("res_partner", "power_supply_point", "power_supply_contract")
# A worker of its own: says "ready", waits for a line, does its work.
WORKER = (
    f"SUPPORT = {SUPPORT!r}"
    + """
import sys, time
import odoo.api, odoo.tools.config
from odoo.orm.registry import Registry
mode, argument, batch, *options = sys.argv[1:]
odoo.tools.config.parse_config(options, setup_logging=True)
registry = Registry(odoo.tools.config["db_name"][0])
from odoo.addons.power_service_base.models import power_import_run
power_import_run.BATCH = int(batch)
print("ready", flush=True)
sys.stdin.readline()

def work_as_job(env):
    record = env["power.import"].browse(int(argument))
    while True:
        env["power.import"]._cron_run()
        env.cr.rollback()
        env.invalidate_all()
        if record.state != "running":
            return record
        time.sleep(0.01)

with registry.cursor() as cr:
    env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
    if mode == "support":
        for kind in SUPPORT:
            env["power.import"]._import_file(
                kind, f"{argument}/{kind}.csv", commit=True)
    elif mode == "file":
        record = env["power.import"]._import_file(
            "customers", f"{argument}/customers.csv", commit=True)
        print(record.state, record.new_count, record.refused_count)
    elif mode == "start":
        with open(f"{argument}/customers.csv", "rb") as stream:
            record = env["power.import"].create(
                {"kind": "customers", "file_name": "customers.csv"})
            env["ir.attachment"].create({
                "name": "file", "res_model": "power.import", "res_field": "file",
                "res_id": record.id, "raw": stream.read()})
        record.write(record._prepare_start_vals(False))
        print(record.id)
    elif mode == "job":
        record = work_as_job(env)
        print(record.state, record.new_count, record.refused_count)
    cr.commit()
"""
)


def shell(command):
    result = subprocess.run(
        ["bash", "-c", f"source scripts/env.sh; pg_start; {command}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


class Place:
    """Databases that are copies of one with a station but no customers."""

    def __init__(self, folder):
        self.folder = folder
        self.processes = []
        lines = shell(
            'printf \'%s\\n\' "$VENV" "$PGHOST" "$PGPORT" "$PGUSER" '
            '"${ODOO_OPTIONS[@]}"'
        ).split("\n")
        self.python = f"{lines[0]}/bin/python"
        self.server = dict(zip(("host", "port", "user"), lines[1:4], strict=True))
        self.options = ["-c", str(ROOT / "config/test.conf"), *filter(None, lines[4:])]

    def copy(self, source, name):
        shell(f"db_drop {name}; db_copy {source} {name}")

    def start(self, database, mode, argument):
        """A worker that has loaded everything and waits for :meth:`go`."""
        process = subprocess.Popen(
            [self.python, "-c", WORKER, mode, str(argument), str(BATCH)]
            + [*self.options, "-d", database, "--log-level=warn"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.processes.append(process)
        return process

    def go(self, *processes):
        """Let workers work at the same time."""
        for process in processes:
            assert process.stdout.readline() == "ready\n", process.communicate()[1]
        for process in processes:
            process.stdin.write("\n")
            process.stdin.flush()

    def finish(self, *processes):
        """What each said last; a warning or an error of one is a failure."""
        answers = []
        for process in processes:
            out, err = process.communicate(timeout=120)
            assert process.returncode == 0, err
            assert " ERROR " not in err and " WARNING " not in err, err
            answers.append(out.split())
        return answers

    def run(self, database, mode, argument):
        process = self.start(database, mode, argument)
        self.go(process)
        return self.finish(process)[0]

    def query(self, database, query):
        with psycopg2.connect(dbname=database, **self.server) as connection:
            with connection.cursor() as cursor:
                cursor.execute(query)
                return cursor.fetchall()

    def read_state(self, database):
        """Everything that an import makes, without ids and times."""
        counts = [
            self.query(database, f"SELECT count(*) FROM {table}")[0][0]
            for table in (*TABLES, "power_supply_source", "power_segment_partner_rel")
        ]
        points = self.query(
            database,
            """
            SELECT point.name, point.external_ref, point.address, point.customer_class,
                   area.code, element.code, partner.ref, partner.name,
                   partner.phone_sanitized, partner.power_id_number,
                   partner.archive_score, contract.name, contract.date_from::text,
                   contract.contract_kva,
                   (SELECT string_agg(role || element_id, ' ' ORDER BY role)
                      FROM power_supply_source WHERE supply_point_id = point.id),
                   (SELECT string_agg(segment_id::text, ' ' ORDER BY segment_id)
                      FROM power_segment_partner_rel WHERE partner_id = partner.id)
              FROM power_supply_point AS point
              LEFT JOIN power_grid_area AS area ON area.id = point.grid_area_id
              LEFT JOIN power_network_element AS element
                     ON element.id = point.main_element_id
              LEFT JOIN res_partner AS partner ON partner.id = point.partner_id
              LEFT JOIN power_supply_contract AS contract
                     ON contract.supply_point_id = point.id
             ORDER BY point.name
            """,
        )
        return counts, points

    def wait_for(self, database, column, value):
        """Until the import has come so far, by what it has committed."""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            query = f"SELECT {column}, state FROM power_import ORDER BY id DESC LIMIT 1"
            [row] = self.query(database, query)
            if row[0] >= value:
                assert row[1] == "running", "it ended before it could be killed"
                return
            time.sleep(0.005)
        raise AssertionError(f"{column} never became {value}")

    def close(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.communicate()
        shell(f"db_drop {DATABASE} {DATABASE}-a {DATABASE}-b")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A database with everything but customers, and the files."""
    folder = tmp_path_factory.mktemp("station")
    generator.write_station(folder, seed=5, customers=ROWS)
    place = Place(folder)
    try:
        place.copy(shell("scripts/template").split()[-1], DATABASE)
        place.run(DATABASE, "support", folder)
        yield place
    finally:
        place.close()


@pytest.fixture(scope="module")
def expected(place):
    """What one import alone makes of the file."""
    name = f"{DATABASE}-a"
    place.copy(DATABASE, name)
    assert place.run(name, "file", place.folder) == ["done", str(ROWS), "0"]
    counts, points = place.read_state(name)
    assert len(points) == ROWS
    return counts, points


@pytest.fixture
def database(place):
    name = f"{DATABASE}-b"
    place.copy(DATABASE, name)
    return name


def test_two_imports_of_one_file_at_once(place, expected, database):
    workers = [place.start(database, "file", place.folder) for _turn in range(2)]
    place.go(*workers)
    answers = place.finish(*workers)
    assert [answer[0] for answer in answers] == ["done", "done"]
    assert [answer[2] for answer in answers] == ["0", "0"]
    # Each row was new to exactly one of them.
    assert sum(int(answer[1]) for answer in answers) == ROWS
    assert place.read_state(database) == expected


def test_two_workers_on_one_import(place, expected, database):
    record_id = place.run(database, "start", place.folder)[-1]
    workers = [place.start(database, "job", record_id) for _turn in range(2)]
    place.go(*workers)
    for answer in place.finish(*workers):
        assert answer == ["done", str(ROWS), "0"]
    assert place.read_state(database) == expected


@pytest.mark.parametrize(("column", "value"), [("staged_row", 500), ("position", 700)])
def test_killed_worker_is_followed_by_another(place, expected, database, column, value):
    record_id = place.run(database, "start", place.folder)[-1]
    worker = place.start(database, "job", record_id)
    place.go(worker)
    place.wait_for(database, column, value)
    worker.send_signal(signal.SIGKILL)
    worker.communicate()
    counts, points = place.read_state(database)
    assert len(points) < ROWS, "it had done everything before it was killed"
    assert place.run(database, "job", record_id) == ["done", str(ROWS), "0"]
    assert place.read_state(database) == expected
