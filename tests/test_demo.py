"""The demo station loads into an empty database, whole and without a warning."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


NAME = os.environ.get("POWER_DB", "power")
DATABASE = f"{NAME}-demo-test"


# Odoo keeps UTC.
NOW = "now() AT TIME ZONE 'UTC'"


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


@pytest.mark.usefixtures("demo")
def test_text_messages_are_told_of_and_no_provider_is_left():
    assert count("power_notice WHERE channel = 'sms' AND state = 'queued'") == 0
    assert count("power_notice WHERE channel = 'sms' AND state = 'failed'") <= 5
    assert count("power_message_gateway WHERE active") == 0


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
        ("power_notice WHERE channel = 'sms' AND state = 'delivered'", 10),
        ("power_notice WHERE channel = 'sms' AND state = 'sent'", 3),
        ("power_notice WHERE channel = 'sms' AND state = 'failed'", 1),
        (f"power_ticket WHERE is_open AND risk_at <= {NOW} AND deadline > {NOW}", 1),
        (f"power_ticket WHERE is_open AND deadline < {NOW}", 1),
        (f"power_ticket WHERE closed_at > {NOW} - interval '1 hour'", 1),
        ("power_ticket WHERE review_state = 'to_review'", 1),
        ("power_ticket WHERE channel = 'portal'", 4),
        ("power_ticket WHERE is_confidential", 1),
        # Solved on the phone before a crew had to be there.
        ("power_sla_clock WHERE state = 'cancelled' AND unit = 'minute'", 1),
        ("power_ticket_rating", 1),
        ("power_ticket_callback WHERE state = 'open'", 1),
        (f"power_field_task WHERE res_model = 'power.ticket' AND done_at < {NOW}", 1),
        ("power_field_task WHERE res_model = 'power.connection'", 2),
        ("power_complaint_bulletin", 4),
    ],
)
@pytest.mark.usefixtures("demo")
def test_station_is_lively(query, least):
    assert count(query) >= least


# Faults come, and are repaired, at any hour.
BY_DAY = "type_id IN (SELECT id FROM power_ticket_type WHERE code <> 'fault')"
CREWS = "res_model IS DISTINCT FROM 'power.ticket'"
STEPS = (
    ("power_ticket", "received_at", BY_DAY),
    *(
        ("power_ticket", f"{step}_at", BY_DAY)
        for step in ("accepted", "contacted", "answered", "closed")
    ),
    *(
        ("power_connection", f"{step}_at", "true")
        for step in ("received", "accepted", "surveyed", "scheme_answered", "metered")
    ),
    *(
        ("power_field_task", f"{step}_at", CREWS)
        for step in ("due", "started", "arrived", "done")
    ),
    ("power_customer_contact", "contacted_at", "true"),
    *(("power_inspection", f"{step}_at", "true") for step in ("started", "done")),
    *(
        ("power_claim", f"{step}_at", "true")
        for step in ("submitted", "checked", "decided", "approved")
    ),
    *(
        ("power_rectification", f"{step}_at", "true")
        for step in ("submitted", "verified")
    ),
    *(
        ("power_work_journal", f"{step}_at", "true")
        for step in ("signed", "countersigned")
    ),
    ("power_case", "published_at", "true"),
    ("power_duty_shift", "handed_over_at", "true"),
    ("power_campaign_phase", "done_at", "true"),
    ("power_service_meeting", "figures_at", "true"),
)


@pytest.mark.parametrize(("table", "column", "condition"), STEPS)
@pytest.mark.usefixtures("demo")
def test_nothing_happens_at_night(table, column, condition):
    hour = f"({column} AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Shanghai')::time"
    done = f"{table} WHERE {condition} AND {column}"
    assert count(f"{done} IS NOT NULL")
    assert not count(f"{done} IS NOT NULL AND {hour} NOT BETWEEN '08:00' AND '20:00'")


@pytest.mark.usefixtures("demo")
def test_nothing_was_entered_late():
    """Else each line of a ticket's history is yellow and says when it was entered."""
    assert count("power_ticket_event")
    assert not count("power_ticket_event WHERE recorded_at > at + interval '1 minute'")


@pytest.mark.usefixtures("demo")
def test_the_ticket_of_a_paid_claim_has_ended():
    """Else what was settled stands among what is still to be done."""
    paid = (
        "power_claim AS claim JOIN power_ticket AS ticket"
        " ON ticket.id = claim.check_ticket_id WHERE claim.state = 'paid'"
    )
    assert count(paid)
    assert not count(f"{paid} AND ticket.is_open")


def test_every_printed_login_exists():
    printed = (ROOT / "scripts" / "demo_logins.txt").read_text().splitlines()[1:]
    logins = [line.split()[0] for line in printed]
    assert len(logins) == 6
    for login in logins:
        for name in (login, login + "_en"):
            assert count(f"res_users WHERE login = '{name}'") == 1, name
