"""Two at once: each scenario works on real database connections, with real commits.

Run by ``tests/test_beside_itself.py`` in a process of its own, all of them:
``python scenarios.py all OPTIONS-OF-ODOO``; prints what they found as one line of JSON.
"""

import importlib.util
import json
import subprocess
import sys
import threading
import time
import traceback
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from unittest.mock import patch

import odoo.api
import odoo.tools.config
from odoo import fields
from odoo.orm.registry import Registry
from odoo.service.model import retrying

BASE = Path(__file__).parents[2] / "addons" / "power_service_base"


def environment(cr, uid=odoo.api.SUPERUSER_ID):
    return odoo.api.Environment(cr, uid, {})


@contextmanager
def committed(registry):
    """An environment whose work is committed in the end."""
    with registry.cursor() as cr:
        yield environment(cr)


def together(registry, *works, again=False):
    """Do these works at once, each on its own connection.

    All transactions begin (and with them what they see of the database) before the
    first one works.

    :param works: functions of an environment, or tuples (function, user id)
    :param again: repeat a work after a conflict, as Odoo does for a user's request
    :return: for each what it returned, or its error as ``{"error": ..., "text": ...}``
    """
    begun = threading.Barrier(len(works))
    results = [None] * len(works)

    def work(number, function, uid=odoo.api.SUPERUSER_ID):
        with registry.cursor() as cr:
            env = environment(cr, uid)
            cr.execute("SELECT count(*) FROM power_job_run")
            begun.wait()
            try:
                if again:
                    results[number] = retrying(partial(function, env), env)
                else:
                    results[number] = function(env)
                cr.commit()
            except Exception as error:  # what came of it is what the test looks at
                cr.rollback()
                name = type(error).__name__
                results[number] = {"error": name, "text": str(error)}

    threads = [
        threading.Thread(
            target=work, args=(number, *(item if type(item) is tuple else (item,)))
        )
        for number, item in enumerate(works)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def load_provider():
    path = BASE / "tests" / "message_provider.py"
    spec = importlib.util.spec_from_file_location("message_provider", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.MessageProvider()


# ----------------------------------------------------------------------------------
# What the scenarios work on
# ----------------------------------------------------------------------------------


def make_station(env, prefix):
    """A station with an area, a field worker's and a chief's login."""
    station = env["hr.department"].create(
        {"name": prefix, "power_unit": "station", "power_code": prefix}
    )
    area = env["power.grid.area"].create(
        {"name": prefix, "code": prefix, "station_id": station.id}
    )
    users = env["res.users"]
    for name, group in (("field", "field"), ("chief", "supervisor")):
        users |= env["res.users"].create(
            {
                "name": f"{prefix} {name}",
                "login": f"{prefix}_{name}",
                "group_ids": [
                    (4, env.ref(f"power_service_base.group_power_{group}").id)
                ],
            }
        )
    employees = env["hr.employee"].create(
        [
            {
                "name": user.name,
                "user_id": user.id,
                "department_id": station.id,
                "company_id": env.company.id,
            }
            for user in users
        ]
    )
    return station, area, users, employees


def make_customers(env, prefix, area, count):
    """Customers with a point and a running contract each."""
    customers = env["res.partner"].create(
        [
            {
                "name": f"{prefix} {n}",
                "is_power_customer": True,
                "phone": f"+861380000{n:04}",
                "email": f"{prefix}{n}@example.com",
            }
            for n in range(count)
        ]
    )
    points = env["power.supply.point"].create(
        [{"name": f"{prefix}{n:04}", "grid_area_id": area.id} for n in range(count)]
    )
    contracts = env["power.supply.contract"].create(
        [
            {
                "partner_id": customer.id,
                "supply_point_id": point.id,
                "date_from": "2020-01-01",
            }
            for customer, point in zip(customers, points, strict=True)
        ]
    )
    return customers, points, contracts


def make_notices(env, prefix, channel, count):
    """Waiting notices on one channel, one for each of ``count`` customers."""
    _station, area, _users, _employees = make_station(env, prefix)
    customers, points, _contracts = make_customers(env, prefix, area, count)
    purpose = env["power.notice.purpose"].create(
        {
            "name": prefix,
            "code": prefix,
            "has_quiet_hours": False,
            "channel_ids": [(0, 0, {"channel": channel})],
        }
    )
    notices = env["power.notice"].create(
        [
            {
                "partner_id": customer.id,
                "supply_point_id": point.id,
                "purpose_id": purpose.id,
                "subject": "Hello",
                "body": "Text",
                "dedup_key": f"{prefix}-{n}",
            }
            for n, (customer, point) in enumerate(zip(customers, points, strict=True))
        ]
    )
    notices.send_after = fields.Datetime.now() - timedelta(minutes=1)
    return notices


def make_gateway(env, url):
    """The company's only gateway for text messages."""
    env["power.message.gateway"].search([]).active = False
    env["power.message.gateway"].create(
        {"name": "Loop", "url": url, "key_id": "key", "secret": "secret"}
    )


def get_notice_facts(registry, ids):
    """What is known of notices: states, and how often each event was recorded."""
    with committed(registry) as env:
        notices = env["power.notice"].browse(ids)
        kinds = notices.event_ids.mapped("kind")
        return {
            "states": sorted(set(notices.mapped("state"))),
            "sent_events": kinds.count("sent"),
            "mails": env["mail.mail"].search_count(
                [("model", "=", "power.notice"), ("res_id", "in", ids)]
            ),
            "parked": kinds.count("failed"),
        }


def send_all(env):
    """Run the job until nothing is left to send, a small batch at a time."""
    job = env["power.notice"]
    with patch.object(type(job), "_hold_for_quiet_hours", lambda self: self):
        while job.search_count(job._get_queue_domain()):
            job._cron_send(batch_size=5)
            # Locked by the other one: what it has sent is seen by a new transaction.
            env.cr.commit()
            env.invalidate_all()
            time.sleep(0.01)


# ----------------------------------------------------------------------------------
# The scenarios
# ----------------------------------------------------------------------------------


def sms_by_two_workers(registry):
    provider = load_provider()
    with committed(registry) as env:
        notices = make_notices(env, "smstwo", "sms", 40)
        make_gateway(env, provider.url)
    outcomes = together(registry, send_all, send_all)
    provider.stop()
    asked = [m["key"] for r in provider.requests for m in r["messages"]]
    return {
        "outcomes": outcomes,
        "asked": len(asked),
        "different": len(set(asked)),
        **get_notice_facts(registry, notices.ids),
    }


def sms_by_a_worker_as_another_ends(registry):
    """The second worker begins its transaction while the first one holds the job, and
    asks for the job when the first one has just ended."""
    provider = load_provider()
    with committed(registry) as env:
        notices = make_notices(env, "smsend", "sms", 5)
        make_gateway(env, provider.url)
    cron = registry["ir.cron"]
    commit = cron._commit_progress
    begun, ended = threading.Event(), threading.Event()

    def commit_and_wait(self, *args, **kwargs):
        result = commit(self, *args, **kwargs)
        if self.env.context.get("second") and not begun.is_set():
            self.env.cr.execute("SELECT count(*) FROM power_notice")
            begun.set()
            ended.wait(60)
        return result

    def first(env):
        begun.wait(60)
        env["power.notice"]._cron_send()
        env.cr.commit()
        ended.set()

    def second(env):
        env["power.notice"].with_context(second=True)._cron_send()

    with (
        patch.object(cron, "_commit_progress", commit_and_wait),
        patch.object(registry["power.notice"], "_hold_for_quiet_hours", lambda n: n),
    ):
        outcomes = together(registry, first, second)
    provider.stop()
    return {"outcomes": outcomes, **get_notice_facts(registry, notices.ids)}


def mails_by_two_workers(registry):
    with committed(registry) as env:
        notices = make_notices(env, "mailtwo", "email", 40)
    outcomes = together(registry, send_all, send_all)
    return {"outcomes": outcomes, **get_notice_facts(registry, notices.ids)}


def victim(registry, channel):
    """A worker that stops between sending and committing, to be killed there."""
    job = registry["power.notice"]
    record = job._record_rows if channel == "sms" else job._record

    def stop(self, what, *args, **kwargs):
        record(self, what, *args, **kwargs)
        if what:
            print("ready", flush=True)
            time.sleep(60)

    name = "_record_rows" if channel == "sms" else "_record"
    with registry.cursor() as cr, patch.object(job, name, stop):
        send_all(environment(cr))


def kill_worker(registry, channel, prefix, url=None):
    """Send by a worker that is killed in its first batch, then by another one."""
    with committed(registry) as env:
        notices = make_notices(env, prefix, channel, 12)
        if url:
            make_gateway(env, url)
    worker = subprocess.Popen(
        [sys.executable, __file__, f"victim:{channel}", *sys.argv[2:]],
        stdout=subprocess.PIPE,
        text=True,
    )
    ready = worker.stdout.readline().strip()
    worker.kill()
    worker.wait()
    # The server notices the broken connection and takes back what was not committed.
    outcomes = together(registry, send_all)
    facts = get_notice_facts(registry, notices.ids)
    return {"ready": ready, "killed": worker.returncode, "outcomes": outcomes, **facts}


def sms_worker_killed(registry):
    provider = load_provider()
    result = kill_worker(registry, "sms", "smskill", provider.url)
    provider.stop()
    asked = [m["key"] for r in provider.requests for m in r["messages"]]
    return {
        **result,
        "asked": len(asked),
        "delivered": len(provider.sent),
        "keys_ok": all(key.startswith("smskill-") for key in asked),
    }


def mail_worker_killed(registry):
    return kill_worker(registry, "email", "mailkill")


def visits_twice(registry):
    with committed(registry) as env:
        _station, area, _users, _employees = make_station(env, "visits")
        customers, _points, _contracts = make_customers(env, "visits", area, 30)
        env["power.customer.segment"].search([]).visit_every_days = 0
        env["power.customer.segment"].create(
            {
                "name": "Visited",
                "code": "visited",
                "visit_every_days": 30,
                "partner_ids": [(6, 0, customers.ids)],
            }
        )
    job = lambda env: env["power.customer.segment"]._cron_plan_visits()  # noqa: E731
    outcomes = together(registry, job, job)
    with committed(registry) as env:
        tasks = env["power.field.task"].search([("partner_id", "in", customers.ids)])
        return {
            "outcomes": outcomes,
            "tasks": len(tasks),
            "customers": len(tasks.partner_id),
        }


def reminders_twice(registry):
    with committed(registry) as env:
        _station, area, _users, _employees = make_station(env, "remind")
        _customers, _points, contracts = make_customers(env, "remind", area, 30)
        contracts.date_to = fields.Date.today() + timedelta(days=5)
    job = lambda env: env["power.reminder.rule"]._cron_remind()  # noqa: E731
    outcomes = together(registry, job, job)
    with committed(registry) as env:
        domain = [("res_id", "in", contracts.ids)]
        notices = env["power.notice"].search(
            domain + [("res_model", "=", "power.supply.contract")]
        )
        return {
            "outcomes": outcomes,
            "notices": len(notices),
            "contracts": len(set(notices.mapped("res_id"))),
            "reminders": env["power.reminder"].search_count(domain),
        }


def transfer_by_two(registry):
    with committed(registry) as env:
        _station, area, users, employees = make_station(env, "transfer")
        customers, _points, _contracts = make_customers(env, "transfer", area, 20)
        first = env["hr.employee"].create({"name": "First holder"})
        held = env["power.responsibility"].create(
            [
                {
                    "role": "account_manager",
                    "partner_id": customer.id,
                    "employee_id": first.id,
                    "date_from": "2020-01-01",
                }
                for customer in customers
            ]
        )
        chief = users[1].id

    def hand_over(employee_id, env):
        rows = env["power.responsibility"].browse(held.ids)
        rows.transfer(employee_id, "2026-01-01")

    outcomes = together(
        registry,
        *((partial(hand_over, employee.id), chief) for employee in employees),
        again=True,
    )
    with committed(registry) as env:
        rows = env["power.responsibility"].search(
            [("partner_id", "in", customers.ids)], order="partner_id, date_from"
        )
        current = rows.filtered(lambda row: not row.date_to)
        overlaps = sum(
            a.partner_id == b.partner_id and (not a.date_to or a.date_to >= b.date_from)
            for a, b in zip(rows, rows[1:], strict=False)
        )
        return {
            "outcomes": outcomes,
            "rows": len(rows),
            "current": len(current),
            "holders": len(current.employee_id),
            "cached": len(customers.with_env(env).account_manager_id),
            "same": customers.with_env(env).account_manager_id == current.employee_id,
            "overlaps": overlaps,
        }


def step_by_two(registry):
    with committed(registry) as env:
        _station, area, users, _employees = make_station(env, "steps")
        _customers, points, _contracts = make_customers(env, "steps", area, 1)
        task = env["power.field.task"].create(
            {
                "kind": "visit",
                "supply_point_id": points.id,
                "user_id": users[0].id,
                "due_at": fields.Datetime.now() + timedelta(hours=4),
            }
        )

    def arrive(env):
        return env["power.field.task"].browse(task.id).action_arrive()

    def finish(env):
        return env["power.field.task"].browse(task.id).action_done(note="Done")

    field, chief = users.ids
    arrived = together(registry, (arrive, field), (arrive, chief), again=True)
    done = together(registry, (finish, field), (finish, chief), again=True)
    with committed(registry) as env:
        kinds = env["power.field.task"].browse(task.id).event_ids.mapped("kind")
        return {
            "arrived": arrived,
            "done": done,
            "arrivals": kinds.count("arrived"),
            "finishes": kinds.count("done"),
            "state": env["power.field.task"].browse(task.id).state,
        }


def take_by_two(registry):
    with committed(registry) as env:
        _station, area, users, _employees = make_station(env, "taken")
        _customers, points, _contracts = make_customers(env, "taken", area, 1)
        task = env["power.field.task"].create(
            {
                "kind": "visit",
                "supply_point_id": points.id,
                "due_at": fields.Datetime.now() + timedelta(hours=4),
            }
        )

    def take(env):
        return env["power.field.task"].browse(task.id).action_take()

    outcomes = together(registry, *((take, uid) for uid in users.ids), again=True)
    with committed(registry) as env:
        owner = env["power.field.task"].browse(task.id).user_id
        return {"outcomes": outcomes, "owned": owner in users}


def call_received_by_three(registry):
    """The hotline's network repeats a call while the first one is still worked on."""
    row = {"type": "fault", "source_system": "95598", "external_ref": "repeated"}

    def receive(env):
        answer = env["power.ticket"].receive(row)
        time.sleep(0.5)  # the others come while this transaction is open
        return answer

    outcomes = together(registry, receive, receive, receive, again=True)
    with committed(registry) as env:
        tickets = env["power.ticket"].search([("external_ref", "=", "repeated")])
        return {
            "outcomes": outcomes,
            "tickets": len(tickets),
            "received": len(tickets.event_ids),
        }


SCENARIOS = (
    sms_by_two_workers,
    sms_by_a_worker_as_another_ends,
    mails_by_two_workers,
    sms_worker_killed,
    mail_worker_killed,
    visits_twice,
    reminders_twice,
    transfer_by_two,
    step_by_two,
    take_by_two,
    call_received_by_three,
)


def main(name, options):
    odoo.tools.config.parse_config(options, setup_logging=True)
    registry = Registry(odoo.tools.config["db_name"][0])
    import promise_scenarios  # they take their tools from here
    import ticket_scenarios

    others = {
        promise_scenarios: ("tick", "recount"),
        ticket_scenarios: ("energise", "group", "mailing", "ratings", "forget"),
    }
    for module, jobs in others.items():
        if name.startswith(tuple(f"victim:{job}:" for job in jobs)):
            module.victim(registry, name.partition(":")[2])
            return
    if name.startswith("victim:"):
        victim(registry, name.partition(":")[2])
        return
    found = {}
    modules = (promise_scenarios.SCENARIOS, ticket_scenarios.SCENARIOS)
    for scenario in sum(modules, SCENARIOS):
        if name not in ("all", scenario.__name__):
            continue
        try:
            found[scenario.__name__] = scenario(registry)
        except Exception:  # its test shows it; the others go on
            found[scenario.__name__] = {"broken": traceback.format_exc()}
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
