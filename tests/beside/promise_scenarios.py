"""Two at once, on promises: the tick and the recount, and workers killed in them."""

import subprocess
import sys
import time
from datetime import timedelta
from unittest.mock import patch

from scenarios import committed, environment, make_station, together

from odoo import fields

BATCH = 7
COUNT = 30


def make_promised(env, prefix, minutes, unit="minute"):
    """Tickets received an hour ago with one promise, and what it tells whom."""
    station, _area, users, employees = make_station(env, prefix)
    station.manager_id = employees[1]
    ticket_type = env["power.ticket.type"].create(
        {
            "name": prefix,
            "code": prefix,
            "stage_ids": [
                (6, 0, env.ref("power_service_tickets.power_ticket_stage_new").ids)
            ],
        }
    )
    steps = env["power.sla.escalation"].create(
        [
            {"name": f"{prefix} {whom}", "moment": "missed", "whom": whom}
            for whom in ("assignee", "station_chief")
        ]
    )
    env["power.sla.policy"].create(
        {
            "name": prefix,
            "type_ids": [(6, 0, ticket_type.ids)],
            "target_milestone_id": env.ref(
                "power_service_tickets.power_ticket_milestone_answered"
            ).id,
            "duration": minutes,
            "unit": unit,
            "escalation_ids": [(6, 0, steps.ids)],
        }
    )
    return (
        env["power.ticket"]
        .create(
            [
                {
                    "subject": f"{prefix} {number}",
                    "type_id": ticket_type.id,
                    "station_id": station.id,
                    "user_id": users[0].id,
                    "received_at": fields.Datetime.now() - timedelta(hours=1),
                }
                for number in range(COUNT)
            ]
        )
        .ids
    )


def get_tick_facts(registry, ids):
    """What came of the clocks of these tickets."""
    with committed(registry) as env:
        clocks = env["power.sla.clock"].search([("ticket_id", "in", ids)])
        activities = env["mail.activity"].search(
            [("res_model", "=", "power.ticket"), ("res_id", "in", ids)]
        )
        pairs = {(a.res_id, a.user_id.id) for a in activities}
        keys = [(alert.clock_id.id, alert.key) for alert in clocks.alert_ids]
        return {
            "states": sorted(set(clocks.mapped("state"))),
            "clocks": len(clocks),
            "alerts": len(keys),
            "different": len(set(keys)),
            "activities": len(activities),
            "told": len(pairs),
            "left": len(clocks.filtered("next_event_at")),
            "parked": len(clocks.filtered("error")),
        }


def tick_all(env):
    """Tick in small batches until nothing is left, each committed."""
    done = 0
    for _round in range(100):
        count, failed = env["power.sla.clock"]._tick(BATCH)
        env.cr.commit()
        if not count + failed:
            break
        done += count
    return done


def tick_by_two_workers(registry):
    with committed(registry) as env:
        ids = make_promised(env, "ticktwo", 10)
    outcomes = together(registry, tick_all, tick_all, again=True)
    with committed(registry) as env:
        tick_all(env)
    return {"outcomes": outcomes, **get_tick_facts(registry, ids)}


def run_cron_by_two(registry):
    """The job itself, twice at once: one of them leaves it to the other."""
    with committed(registry) as env:
        ids = make_promised(env, "crontwo", 10)
    job = lambda env: env["power.sla.clock"]._cron_tick()  # noqa: E731
    outcomes = together(registry, job, job)
    with committed(registry) as env:
        job(env)
    return {"outcomes": outcomes, **get_tick_facts(registry, ids)}


def stop_in_second_call(model, name, after):
    """Let a method say ``ready`` and wait for ever in its second call."""
    original = getattr(type(model), name)
    calls = []

    def wait(*args, **kwargs):
        calls.append(1)
        if after and len(calls) == 2:
            original(*args, **kwargs)
        if len(calls) == 2:
            print("ready", flush=True)
            time.sleep(120)
        return original(*args, **kwargs)

    return patch.object(type(model), name, wait)


def victim(registry, name):
    """Work in small batches and stop in the second one, at ``job:method``."""
    job, _colon, method = name.partition(":")
    with registry.cursor() as cr:
        env = environment(cr)
        models = {
            "_claim": "power.sla.clock",
            "_update": "power.sla.clock",
            "_raise_alerts": "power.sla.alert",
            "_tell": "power.sla.alert",
            "_store": "power.sla.clock",
            "_store_deadlines": "power.ticket",
        }
        with stop_in_second_call(env[models[method]], method, after=True):
            if job == "tick":
                tick_all(env)
            else:
                recount_all(env)


def kill(name):
    """Start a worker that stops at a place, and kill it there."""
    worker = subprocess.Popen(
        [sys.executable, sys.argv[0], f"victim:{name}", *sys.argv[2:]],
        stdout=subprocess.PIPE,
        text=True,
    )
    ready = worker.stdout.readline().strip()
    worker.kill()
    worker.wait()
    return ready, worker.returncode


def tick_worker_killed(registry):
    """Killed after the claim, the write, the evidence, and the telling."""
    found = {}
    for place in ("_claim", "_update", "_raise_alerts", "_tell"):
        with committed(registry) as env:
            ids = make_promised(env, f"kill{place}", 10)
        ready, killed = kill(f"tick:{place}")
        before = get_tick_facts(registry, ids)["alerts"]
        with committed(registry) as env:
            tick_all(env)
        found[place] = {
            "ready": ready,
            "killed": killed,
            "before": before,
            **get_tick_facts(registry, ids),
        }
    return found


def recount_all(env):
    """Count again in small batches until nothing is left, each committed."""
    works = env["power.sla.recount"]
    for _round in range(1000):
        work = works._take_work()
        if not work:
            break
        work._recount_batch(BATCH)
        env.cr.commit()


def get_deadlines(registry, ids):
    with committed(registry) as env:
        clocks = env["power.sla.clock"].search(
            [("ticket_id", "in", ids), ("state", "=", "running")]
        )
        tickets = env["power.ticket"].browse(ids)
        return (
            sorted({str(clock.deadline) for clock in clocks}),
            sorted({str(ticket.deadline) for ticket in tickets}),
            len(clocks),
        )


def recount_worker_killed(registry):
    """Killed after the clocks, and after the tickets were written."""
    found = {}
    for place in ("_store", "_store_deadlines"):
        with committed(registry) as env:
            ids = make_promised(env, f"recount{place}", 600)
            env["power.sla.recount"].search([]).unlink()
        before = get_deadlines(registry, ids)
        with committed(registry) as env:
            policy = env["power.sla.policy"].search([("name", "=", f"recount{place}")])
            policy.duration = 900
        ready, killed = kill(f"recount:{place}")
        with committed(registry) as env:
            recount_all(env)
        found[place] = {
            "ready": ready,
            "killed": killed,
            "before": before,
            "after": get_deadlines(registry, ids),
        }
        with committed(registry) as env:
            found[place]["left"] = env["power.sla.recount"].search_count([])
    return found


def recount_beside_a_user(registry):
    """A user works on a ticket while it is counted again: neither waits nor loses."""
    with committed(registry) as env:
        ids = make_promised(env, "beside", 600)
        env["power.sla.recount"].search([]).unlink()
    with committed(registry) as env:
        env["power.sla.policy"].search([("name", "=", "beside")]).duration = 900
    with registry.cursor() as cr:
        # A user's transaction that holds one ticket.
        cr.execute("SELECT id FROM power_ticket WHERE id = %s FOR UPDATE", [ids[3]])
        with committed(registry) as env:
            work = env["power.sla.recount"]._take_work()
            waits = 0
            while work.exists() and not waits:
                waits = work._recount_batch(1000)[2]
            left = work.left_ids
    with committed(registry) as env:
        recount_all(env)
    return {
        "left_was_it": left == [ids[3]],
        "after": get_deadlines(registry, ids),
    }


SCENARIOS = (
    tick_by_two_workers,
    run_cron_by_two,
    tick_worker_killed,
    recount_worker_killed,
    recount_beside_a_user,
)
