"""The tick over 10,000 due clocks with its effects; 100,000 clocks counted again."""

import time
from datetime import timedelta

from odoo import fields

TITLE = "Promise clocks: tick and recount"
DUE = 10_000
OPEN = 100_000
GROUP = "power_service_base.group_power"


def run(env):
    """Yield rows: clocks per second of each job, and queries of one batch."""
    make_station(env)
    yield from tick(env)
    yield from recount(env)


def make_station(env):
    """A station with a chief, a team with a leader, and quality staff, with logins."""
    users = {
        name: env["res.users"].create(
            {
                "name": f"Bench {name}",
                "login": f"bench_{name}",
                "notification_type": "inbox",
                "group_ids": [
                    (4, env.ref(f"power_service_base.group_power_{group}").id)
                ],
            }
        )
        for name, group in (
            ("staff", "staff"),
            ("chief", "supervisor"),
            ("leader", "supervisor"),
            ("quality", "quality"),
        )
    }
    station = env["hr.department"].create(
        {"name": "Bench", "power_unit": "station", "power_code": "BENCH"}
    )
    team = env["hr.department"].create(
        {"name": "Bench team", "power_unit": "team", "parent_id": station.id}
    )
    for department, name in ((station, "chief"), (team, "leader")):
        department.manager_id = env["hr.employee"].create(
            {
                "name": users[name].name,
                "user_id": users[name].id,
                "department_id": department.id,
            }
        )
    env.flush_all()


def make_tickets(env, code, count, received_at):
    """Tickets with their events and clocks: a thousand of them as always, the others
    are copies of these by SQL."""
    ticket_type = env["power.ticket.type"].search([("code", "=", code)])
    station = env["hr.department"].search([("power_code", "=", "BENCH")])
    team = env["hr.department"].search([("parent_id", "=", station.id)])
    user = env["res.users"].search([("login", "=", "bench_staff")])
    tickets = env["power.ticket"].create(
        [
            {
                "subject": f"Bench {number}",
                "type_id": ticket_type.id,
                "station_id": station.id,
                "team_id": team.id,
                "user_id": user.id,
                "received_at": received_at,
            }
            for number in range(1000)
        ]
    )
    env.flush_all()
    multiply(env, tickets, count // 1000)
    env.invalidate_all()
    return env["power.ticket"].search(
        [("type_id", "=", ticket_type.id), ("id", ">=", min(tickets.ids))], limit=count
    )


def multiply(env, tickets, times):
    """Copy tickets with their events and clocks until there are ``times`` as many."""
    step = max(tickets.ids) - min(tickets.ids) + 1
    for table, key in (
        ("power_ticket", "id"),
        ("power_ticket_event", "ticket_id"),
        ("power_sla_clock", "ticket_id"),
    ):
        env.cr.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass"
            " AND attnum > 0 AND NOT attisdropped AND attname NOT IN ('id', %s)",
            [table, key],
        )
        names = ", ".join(f'"{row[0]}"' for row in env.cr.fetchall())
        env.cr.execute(
            f"INSERT INTO {table} ({key}, {names}) SELECT {key} + round * %s, {names}"
            f" FROM {table}, generate_series(1, %s) AS round WHERE {key} = ANY(%s)",
            [step, times - 1, tickets.ids],
        )
    env.cr.execute(
        "SELECT setval('power_ticket_id_seq', (SELECT max(id) FROM power_ticket))"
    )


def tick(env):
    """Faults whose 45 minutes ended 40 minutes ago: the breach, two activities and a
    notification each."""
    env["power.sla.clock"].search([("next_event_at", "!=", False)]).write(
        {"next_event_at": False}
    )
    now = fields.Datetime.now()
    make_tickets(env, "fault", DUE, now - timedelta(minutes=85))
    env.cr.execute("ANALYZE power_ticket, power_sla_clock")
    alerts = env["power.sla.alert"].search_count([])
    activities = env["mail.activity"].search_count([])
    messages = env["mail.notification"].search_count([])
    env.invalidate_all()
    done, batches, queries = 0, 0, 0
    started = time.perf_counter()
    while True:
        before = env.cr.sql_log_count
        count, failed = env["power.sla.clock"]._tick()
        assert not failed
        if not count:
            break
        env.flush_all()
        done += count
        batches += 1
        queries = env.cr.sql_log_count - before
    seconds = time.perf_counter() - started
    alerts = env["power.sla.alert"].search_count([]) - alerts
    activities = env["mail.activity"].search_count([]) - activities
    messages = env["mail.notification"].search_count([]) - messages
    yield "tick with effects", done / seconds, "clocks/s", "want 2,000"
    yield "steps taken", alerts, "", f"of {done:,} clocks in {batches} batches"
    yield "activities made", activities, "", ""
    yield "notifications made", messages, "", ""
    yield "queries for the last batch", queries, "", ""


def recount(env):
    """Enquiries in working days, before and after a holiday that moves them all."""
    received_at = fields.Datetime.now() - timedelta(minutes=5)
    works = env["power.sla.recount"]
    works.search([]).unlink()
    calendar = env.company.resource_calendar_id
    for count in (OPEN // 10, OPEN):
        env["power.sla.clock"].search([("state", "in", ("running", "paused"))]).write(
            {"state": "cancelled"}
        )
        tickets = make_tickets(env, "enquiry", count, received_at)
        env.cr.execute("ANALYZE power_ticket, power_sla_clock, power_ticket_event")
        before = tickets[:1].deadline
        day = fields.Date.to_date(received_at) + timedelta(days=1)
        while not calendar._get_working_time().working_minutes_between(
            fields.Datetime.to_datetime(day),
            fields.Datetime.to_datetime(day) + timedelta(hours=15),
        ):
            day += timedelta(days=1)
        env["power.calendar.exception"].create(
            {"calendar_id": calendar.id, "date": day, "is_workday": False}
        )
        env.flush_all()
        env.invalidate_all()
        works.search([]).unlink()
        works._request("calendar")
        started = time.perf_counter()
        work = works._take_work()
        done = 0
        while work.exists():
            done += work._recount_batch(1000)[0]
            env.flush_all()
        seconds = time.perf_counter() - started
        assert done == count, (done, count)
        assert tickets[:1].deadline > before
        yield (
            f"{count:,} counted again after a holiday",
            count / seconds,
            "clocks/s",
            "want 5,000",
        )
