"""Jobs and people beside themselves: two real connections, and a worker that is killed.

Odoo's own tests share one transaction, in which two workers can't meet.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DATABASE = f"{os.environ.get('POWER_DB', 'power')}-beside-test"


def run(command):
    result = subprocess.run(
        ["bash", "-c", f"source scripts/env.sh; pg_start; {command}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert result.returncode == 0, result.stderr[-4000:]
    return result


@pytest.fixture(scope="module")
def everything():
    """Play all of tests/beside/scenarios.py; yields what they found, by name."""
    template = run("scripts/template").stdout.split()[-1]
    run(f"db_drop {DATABASE}; db_copy {template} {DATABASE}")
    result = run(
        '"$VENV/bin/python" tests/beside/scenarios.py all -c config/test.conf '
        f'"${{ODOO_OPTIONS[@]}}" -d {DATABASE} --log-level=warn'
    )
    yield json.loads(result.stdout.splitlines()[-1])
    run(f"db_drop {DATABASE}")


@pytest.fixture
def scenario(everything):
    def get(name):
        found = everything[name]
        assert "broken" not in found, found["broken"]
        return found

    return get


def test_two_workers_send_each_sms_once(scenario):
    found = scenario("sms_by_two_workers")
    assert found["outcomes"] == [None, None]
    assert (found["asked"], found["different"]) == (40, 40)
    assert (found["states"], found["sent_events"]) == (["sent"], 40)


def test_worker_that_takes_over_the_job_sees_what_was_done(scenario):
    found = scenario("sms_by_a_worker_as_another_ends")
    assert found["outcomes"] == [None, None]
    assert (found["states"], found["sent_events"]) == (["sent"], 5)


def test_two_workers_queue_each_mail_once(scenario):
    found = scenario("mails_by_two_workers")
    assert found["outcomes"] == [None, None]
    assert (found["states"], found["mails"]) == (["accepted"], 40)


def test_killed_worker_sends_no_sms_twice_and_loses_none(scenario):
    found = scenario("sms_worker_killed")
    assert (found["ready"], found["killed"]) == ("ready", -9)
    # The first batch is asked for again, under the same keys: the provider knows them.
    assert found["asked"] == 12 + 5
    assert found["keys_ok"]
    assert found["delivered"] == 12
    assert (found["states"], found["sent_events"]) == (["sent"], 12)
    assert found["parked"] == 0


def test_killed_worker_queues_no_mail_twice_and_loses_none(scenario):
    found = scenario("mail_worker_killed")
    assert (found["ready"], found["killed"]) == ("ready", -9)
    assert (found["states"], found["mails"]) == (["accepted"], 12)


def test_visits_planned_twice_at_once_are_planned_once(scenario):
    found = scenario("visits_twice")
    assert found["outcomes"] == [None, None]
    assert (found["tasks"], found["customers"]) == (30, 30)


def test_reminders_made_twice_at_once_are_made_once(scenario):
    found = scenario("reminders_twice")
    assert found["outcomes"] == [None, None]
    assert (found["notices"], found["contracts"]) == (30, 30)
    assert found["reminders"] == 30


def test_responsibility_given_to_two_at_once_has_one_holder(scenario):
    found = scenario("transfer_by_two")
    assert found["overlaps"] == 0
    # The first holder until the day before, then one other, of all customers.
    assert (found["rows"], found["current"], found["holders"]) == (40, 20, 1)
    assert found["same"]
    refused = [outcome for outcome in found["outcomes"] if outcome]
    assert [outcome["error"] for outcome in refused] == ["UserError"]
    assert "already handed over" in refused[0]["text"]


def test_one_step_entered_by_two_at_once_is_one_event(scenario):
    found = scenario("step_by_two")
    assert (found["arrivals"], found["finishes"]) == (1, 1)
    assert found["state"] == "done"
    for outcome in found["arrived"] + found["done"]:
        assert outcome is True or outcome["error"] == "UserError", outcome


def test_task_taken_by_two_at_once_belongs_to_one(scenario):
    found = scenario("take_by_two")
    assert found["owned"]
    outcomes = found["outcomes"]
    assert outcomes.count(True) == 1
    refused = next(outcome for outcome in outcomes if outcome is not True)
    assert refused["error"] in ("UserError", "AccessError")
    assert "taken" in refused["text"]


def test_call_repeated_by_the_network_is_one_ticket(scenario):
    found = scenario("call_received_by_three")
    assert (found["tickets"], found["received"]) == (1, 1)
    outcomes = found["outcomes"]
    assert all("id" in outcome for outcome in outcomes), outcomes
    assert len({outcome["id"] for outcome in outcomes}) == 1
    assert sorted(outcome["is_new"] for outcome in outcomes) == [False, False, True]


def test_two_workers_tick_each_clock_once(scenario):
    for name in ("tick_by_two_workers", "run_cron_by_two"):
        found = scenario(name)
        assert all(type(outcome) is not dict for outcome in found["outcomes"]), found
        assert found["states"] == ["missed"]
        # Warned too late, missed, two persons told: each once.
        assert found["alerts"] == found["different"] == 4 * found["clocks"]
        assert found["activities"] == found["told"] == 2 * found["clocks"]
        assert (found["left"], found["parked"]) == (0, 0)


def test_killed_tick_leaves_nothing_out_and_does_nothing_twice(scenario):
    for place, found in scenario("tick_worker_killed").items():
        assert (found["ready"], found["killed"]) == ("ready", -9), place
        # The first batch was kept, of the second one nothing.
        assert found["before"] == 4 * 7, place
        assert found["states"] == ["missed"], place
        assert found["alerts"] == found["different"] == 4 * found["clocks"], place
        assert found["activities"] == found["told"] == 2 * found["clocks"], place
        assert (found["left"], found["parked"]) == (0, 0), place


def test_killed_recount_is_finished_by_the_next(scenario):
    for place, found in scenario("recount_worker_killed").items():
        assert (found["ready"], found["killed"]) == ("ready", -9), place
        clocks, tickets, count = found["after"]
        assert count == found["before"][2], place
        assert len(clocks) == 1, place
        assert clocks == tickets != found["before"][0], place
        assert found["left"] == 0, place


def test_recount_leaves_what_a_user_works_on_for_later(scenario):
    found = scenario("recount_beside_a_user")
    assert found["left_was_it"]
    clocks, tickets, _count = found["after"]
    assert len(clocks) == 1
    assert clocks == tickets


def test_energised_by_three_at_once_is_one_point_and_one_contract(scenario):
    found = scenario("energise_by_two")
    assert found["outcomes"] == [True, True, True]
    assert (found["points"], found["contracts"], found["energised"]) == (1, 1, 1)
    assert found["linked"]


def test_one_number_asked_for_by_two_connections_is_one_points(scenario):
    found = scenario("energise_two_with_one_number")
    assert (found["points"], found["contracts"], found["energised"]) == (1, 1, 1)
    outcomes = found["outcomes"]
    assert outcomes.count(True) == 1, outcomes
    refused = next(outcome for outcome in outcomes if outcome is not True)
    assert refused["error"] in ("UserError", "ValidationError", "UniqueViolation")


def test_killed_energising_leaves_nothing_and_is_done_by_the_next(scenario):
    for place, found in scenario("energise_killed").items():
        assert (found["ready"], found["killed"]) == ("ready", -9), place
        before = found["before"]
        assert (before["points"], before["contracts"]) == (0, 0), place
        assert (before["energised"], before["linked"]) == (0, False), place
        assert found["outcomes"] == [True], place
        assert (found["points"], found["contracts"]) == (1, 1), place
        assert (found["energised"], found["linked"]) == (1, True), place


def test_group_bulletin_by_two_workers_is_told_once(scenario):
    found = scenario("group_bulletin_by_two")
    assert found["outcomes"] == [None, None]
    assert found["told"] == [1, 1, 1]
    assert (found["due"], found["parked"]) == (0, 0)


def test_killed_group_bulletin_is_told_once_by_the_next(scenario):
    found = scenario("group_bulletin_killed")
    assert (found["ready"], found["killed"]) == ("ready", -9)
    assert found["before"] == {"told": [0, 0, 0], "due": 3, "parked": 0}
    assert found["told"] == [1, 1, 1]
    assert (found["due"], found["parked"]) == (0, 0)


def test_complaint_bulletins_by_two_workers_are_mailed_once(scenario):
    found = scenario("complaint_bulletin_by_two")
    assert found["outcomes"] == [None, None]
    assert found["parked"] == []
    # Of five people, the week's and the month's.
    assert (found["bulletins"], found["sent"]) == (10, 10)
    assert found["mails"] == found["different"] == 10


def test_killed_complaint_bulletins_are_mailed_once_by_the_next(scenario):
    found = scenario("complaint_bulletin_killed")
    assert (found["ready"], found["killed"]) == ("ready", -9)
    # The first batch of two was kept, of the second one nothing.
    assert (found["before"]["sent"], found["before"]["mails"]) == (2, 2)
    assert found["parked"] == []
    assert (found["bulletins"], found["sent"]) == (10, 10)
    assert found["mails"] == found["different"] == 10


def test_links_to_rate_by_two_workers_go_out_once(scenario):
    found = scenario("ratings_by_two")
    assert found["outcomes"] == [None, None]
    assert found["links"] == found["tickets"] == found["asked"] == 10


def test_killed_worker_asks_nobody_twice_and_leaves_nobody_out(scenario):
    found = scenario("ratings_killed")
    assert (found["ready"], found["killed"]) == ("ready", -9)
    assert found["before"] == {"links": 3, "tickets": 3, "asked": 3}
    assert found["links"] == found["tickets"] == found["asked"] == 10


def test_two_workers_forget_each_file_once(scenario):
    found = scenario("files_forgotten_by_two")
    assert found["outcomes"] == [None, None]
    assert (found["files"], found["marked"], found["proved"]) == (0, 10, 10)
    assert found["runs"] == 0


def test_killed_retention_loses_no_file_too_many_and_the_next_forgets_the_rest(
    scenario,
):
    for place, found in scenario("files_forgotten_killed").items():
        assert (found["ready"], found["killed"]) == ("ready", -9), place
        # The first batch of three was kept, of the second one nothing: its files are
        # there, also on the disk.
        assert found["before"] == {
            "files": 14,
            "readable": 14,
            "marked": 3,
            "proved": 3,
            "runs": 1,
        }, place
        assert (found["files"], found["marked"], found["proved"]) == (0, 10, 10), place
        assert found["runs"] == 0, place
