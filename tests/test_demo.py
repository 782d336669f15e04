"""The demo station loads into an empty database, whole and without a warning."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


NAME = os.environ.get("POWER_DB", "power")
DATABASE = f"{NAME}-demo-test"


def run(command):
    result = subprocess.run(
        ["bash", "-c", f"source scripts/env.sh; pg_start; {command}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert result.returncode == 0, result.stderr
    return result


@pytest.fixture(scope="module")
def demo():
    """A copy of the template with the demo in it; yields what loading it logged."""
    template = run("scripts/template").stdout.split()[-1]
    run(f"db_drop {DATABASE}; db_copy {template} {DATABASE}")
    result = run(f"scripts/demo {DATABASE}")
    yield result.stdout + result.stderr
    run(f"db_drop {DATABASE}")


def count(query):
    command = f'psql -XAtq -d {DATABASE} -c "SELECT count(*) FROM {query}"'
    return int(run(command).stdout)


def test_nothing_is_logged(demo):
    lines = [
        line for line in demo.splitlines() if " WARNING " in line or "ERROR" in line
    ]
    assert not lines, "\n".join(lines)


@pytest.mark.parametrize(
    ("query", "least"),
    [
        ("power_supply_point WHERE partner_id IS NOT NULL", 1900),
        ("power_supply_contract WHERE date_to < now()", 30),
        ("power_grid_area WHERE manager_id IS NOT NULL", 5),
        ("power_network_element", 20),
        ("power_customer_contact", 200),
        ("power_field_task WHERE state = 'done'", 10),
        ("power_field_task WHERE done_at IS NULL AND due_at < now()", 1),
        ("res_users WHERE login IN ('staff', 'field_en', 'chief', 'customer')", 4),
        ("power_notice", 20),
    ],
)
@pytest.mark.usefixtures("demo")
def test_station_is_lively(query, least):
    assert count(query) >= least


@pytest.mark.usefixtures("demo")
def test_nothing_happens_at_night(demo):
    night = "(%s AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Shanghai')::time NOT BETWEEN"
    for column, table in (
        ("contacted_at", "power_customer_contact"),
        ("due_at", "power_field_task"),
    ):
        assert not count(f"{table} WHERE {night % column} '08:00' AND '18:00'")


def test_every_printed_login_exists():
    printed = (ROOT / "scripts" / "demo_logins.txt").read_text().splitlines()[1:]
    logins = [line.split()[0] for line in printed]
    assert len(logins) == 6
    for login in logins:
        for name in (login, login + "_en"):
            assert count(f"res_users WHERE login = '{name}'") == 1, name
