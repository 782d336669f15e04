"""Two at once, on tickets: a connection that is energised, the bulletins, the links to
rate, and files whose years are over; and workers killed in them."""

import base64
import time
from datetime import timedelta
from functools import partial
from unittest.mock import patch

from promise_scenarios import kill, make_promised
from scenarios import committed, environment, make_customers, make_station, together

from odoo import fields

# One white pixel; what comes after it makes each file another one.
PHOTO = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)


def done_by_two(registry, ids, work, get_facts):
    """Two do the same work at once, then somebody does what they left."""
    outcomes = together(registry, work, work)
    with committed(registry) as env:
        work(env)
    return {"outcomes": outcomes, **get_facts(registry, ids)}


def done_by_the_next(registry, ids, place, work, get_facts):
    """A worker is killed (see :func:`victim`), the next one does the rest."""
    ready, killed = kill(place)
    before = get_facts(registry, ids)
    with committed(registry) as env:
        work(env)
    return {
        "ready": ready,
        "killed": killed,
        "before": before,
        **get_facts(registry, ids),
    }


def do_batches(env, work):
    """Do small batches, each committed, more often than there is work."""
    for _round in range(20):
        work()
        env.cr.commit()
        env.invalidate_all()


# ----------------------------------------------------------------------------------
# Energising
# ----------------------------------------------------------------------------------


def make_connection(env, prefix):
    """A household's new connection, which only waits to be energised."""
    station, area, users, _employees = make_station(env, prefix)
    station.manager_id = users[1].employee_ids
    transformer = env["power.network.element"].create(
        {
            "name": prefix,
            "code": prefix,
            "element_type": "transformer",
            "station_id": station.id,
            "capacity_kva": 200,
        }
    )
    applicant = env["res.partner"].create({"name": prefix, "phone": "+8613900000001"})
    connection = env["power.connection"].create(
        {
            "kind": "new",
            "station_id": station.id,
            "grid_area_id": area.id,
            "customer_class": "residential",
            "wanted_kva": 8,
            "partner_id": applicant.id,
        }
    )
    for _step in range(20):
        step = connection.step
        if step == "energised":
            return connection
        for paper in connection.paper_ids.filtered(lambda item, s=step: item.step == s):
            paper._add_proof("paper.pdf", b"%PDF-1.4 scan")
            paper.is_received = True
        if step == "scheme_answered":
            connection.write(
                {
                    "scheme_metering": "lv_direct",
                    "source_ids": [(0, 0, {"element_id": transformer.id})],
                }
            )
        elif step == "metered":
            connection.meter_numbers = "M-001"
        connection.enter_step(step)
    raise AssertionError(f"it stays at {connection.step}")


def get_energised_facts(registry, connection_id):
    """What there is of a connection's point and contract."""
    with committed(registry) as env:
        connection = env["power.connection"].browse(connection_id)
        contracts = env["power.supply.contract"].search(
            [("partner_id", "=", connection.partner_id.id)]
        )
        points = env["power.supply.point"].search(
            [("grid_area_id", "=", connection.grid_area_id.id)]
        )
        return {
            "points": len(points),
            "contracts": len(contracts),
            "energised": len(
                connection.ticket_id.event_ids.filtered(
                    lambda event: event.milestone_id.code == "energised"
                )
            ),
            "linked": bool(
                points
                and connection.supply_point_id == points
                and connection.contract_id == contracts
                and contracts.supply_point_id == points
            ),
        }


def energise(connection_id, env):
    return env["power.connection"].browse(connection_id).enter_step("energised")


def energise_by_two(registry):
    """The chief presses on two screens at once, the superuser on a third."""
    with committed(registry) as env:
        connection = make_connection(env, "energise")
        chief = connection.station_id.manager_id.user_id.id
    work = partial(energise, connection.id)
    outcomes = together(registry, (work, chief), (work, chief), work, again=True)
    return {"outcomes": outcomes, **get_energised_facts(registry, connection.id)}


def energise_two_with_one_number(registry):
    """Two connections that ask for the same consumer number, at once."""
    with committed(registry) as env:
        first = make_connection(env, "numberone")
        second = make_connection(env, "numbertwo")
        (first | second).point_number = "3399009900"
    outcomes = together(
        registry,
        *(partial(energise, connection.id) for connection in (first, second)),
        again=True,
    )
    with committed(registry) as env:
        points = env["power.supply.point"].search([("name", "=", "3399009900")])
        done = env["power.connection"].browse([first.id, second.id])
        return {
            "outcomes": outcomes,
            "points": len(points),
            "energised": len(done.filtered("energised_at")),
            "contracts": len(points.contract_ids),
        }


def energise_killed(registry):
    """Killed with the point made, with its contract, and with the step entered."""
    found = {}
    for place in ("_make_contract", "_move", "_after_step"):
        with committed(registry) as env:
            connection = make_connection(env, f"kill{place}")
        ready, killed = kill(f"energise:{place}:{connection.id}")
        before = get_energised_facts(registry, connection.id)
        outcomes = together(registry, partial(energise, connection.id), again=True)
        found[place] = {
            "ready": ready,
            "killed": killed,
            "before": before,
            "outcomes": outcomes,
            **get_energised_facts(registry, connection.id),
        }
    return found


# ----------------------------------------------------------------------------------
# Bulletins
# ----------------------------------------------------------------------------------


def make_group_bulletins(env, prefix, count=3):
    """Bulletins whose time has come, each with a channel of its own."""
    make_promised(env, prefix, 10)
    channels = env["discuss.channel"].create(
        [{"name": f"{prefix} {number}"} for number in range(count)]
    )
    env["power.sla.bulletin"].search([]).active = False
    env["power.sla.bulletin"].create(
        [
            {
                "name": channel.name,
                "discuss_channel_id": channel.id,
                "is_sent_when_empty": True,
                "next_at": fields.Datetime.now() - timedelta(minutes=1),
            }
            for channel in channels
        ]
    )
    return channels.ids


def send_group_bulletins(env):
    env["power.sla.bulletin"]._cron_send()


def get_group_facts(registry, channel_ids):
    with committed(registry) as env:
        bulletins = env["power.sla.bulletin"].search(
            [("discuss_channel_id", "in", channel_ids)]
        )
        told = [
            env["mail.message"].search_count(
                [
                    ("model", "=", "discuss.channel"),
                    ("res_id", "=", channel_id),
                    ("message_type", "=", "comment"),
                ]
            )
            for channel_id in channel_ids
        ]
        return {
            "told": told,
            "due": sum(b.next_at <= fields.Datetime.now() for b in bulletins),
            "parked": len(bulletins.filtered("error")),
        }


def group_bulletin_by_two(registry):
    with committed(registry) as env:
        ids = make_group_bulletins(env, "grouptwo")
    return done_by_two(registry, ids, send_group_bulletins, get_group_facts)


def group_bulletin_killed(registry):
    """Killed when the second group was told and nothing was kept yet."""
    with committed(registry) as env:
        ids = make_group_bulletins(env, "groupkill")
    return done_by_the_next(
        registry, ids, "group:_send", send_group_bulletins, get_group_facts
    )


def make_subscriptions(env, prefix, count=5):
    """People who get the bulletins of last week and last month by mail."""
    env["power.complaint.subscription"].search([]).unlink()
    users = env["res.users"].create(
        [
            {
                "name": f"{prefix} {number}",
                "login": f"{prefix}{number}",
                "email": f"{prefix}{number}@example.com",
                "group_ids": [
                    (4, env.ref("power_service_base.group_power_quality").id)
                ],
            }
            for number in range(count)
        ]
    )
    env["power.complaint.subscription"].create([{"user_id": u.id} for u in users])
    return users.ids


def mail_bulletins(env):
    """Run the job in small batches until nothing is left."""
    reports = env["ir.actions.report"]
    # What is printed is tested elsewhere; here it would only be slow.
    with patch.object(
        type(reports), "_render_qweb_pdf", lambda *args, **kwargs: (b"%PDF-1.4", "pdf")
    ):
        job = env["power.complaint.subscription"]
        do_batches(env, lambda: job._cron_send(batch_size=2))


def get_mail_facts(registry, user_ids):
    with committed(registry) as env:
        bulletins = env["power.complaint.bulletin"].search(
            [("user_id", "in", user_ids)]
        )
        partners = env["res.users"].browse(user_ids).partner_id
        mails = env["mail.mail"].search([("recipient_ids", "in", partners.ids)])
        return {
            "bulletins": len(bulletins),
            "sent": len(bulletins.filtered("sent_at")),
            "parked": [b.error for b in bulletins if b.error],
            "mails": len(mails),
            "different": len({(m.recipient_ids.ids[0], m.subject) for m in mails}),
        }


def complaint_bulletin_by_two(registry):
    with committed(registry) as env:
        ids = make_subscriptions(env, "mailtwice")
    return done_by_two(registry, ids, mail_bulletins, get_mail_facts)


def complaint_bulletin_killed(registry):
    """Killed in the second batch, when a mail was made and nothing kept of it."""
    with committed(registry) as env:
        ids = make_subscriptions(env, "mailkilled")
    return done_by_the_next(
        registry, ids, "mailing:_send", mail_bulletins, get_mail_facts
    )


# ----------------------------------------------------------------------------------
# Links to rate
# ----------------------------------------------------------------------------------


def make_closed(env, prefix, count=10):
    """Closed requests whose customers are to be asked, at any hour."""
    env["power.complaint.rule"].search([]).quiet_ids = [(5,)]
    env["power.ticket"].search([])._project_write({"rating_decided_cycle": 99})
    station, area, _users, _employees = make_station(env, prefix)
    _customers, points, _contracts = make_customers(env, prefix, area, count)
    enquiry = env.ref("power_service_tickets.power_ticket_type_enquiry")
    tickets = env["power.ticket"].create(
        [
            {
                "subject": f"{prefix} {number}",
                "type_id": enquiry.id,
                "supply_point_id": point.id,
                "station_id": station.id,
            }
            for number, point in enumerate(points)
        ]
    )
    tickets.answer("Here it is")
    tickets.close()
    return tickets.ids


def ask_ratings(env):
    do_batches(env, lambda: env["power.ticket"]._cron_ask_ratings(batch_size=3))


def get_link_facts(registry, ids):
    with committed(registry) as env:
        links = env["power.notice"].search(
            [
                ("res_model", "=", "power.ticket"),
                ("res_id", "in", ids),
                ("purpose_id.code", "=", "rating"),
            ]
        )
        tickets = env["power.ticket"].browse(ids)
        return {
            "links": len(links),
            "tickets": len(set(links.mapped("res_id"))),
            "asked": len(tickets.filtered("rating_asked_at")),
        }


def ratings_by_two(registry):
    with committed(registry) as env:
        ids = make_closed(env, "ratetwo")
    return done_by_two(registry, ids, ask_ratings, get_link_facts)


def ratings_killed(registry):
    """Killed in the second batch, when its links were made."""
    with committed(registry) as env:
        ids = make_closed(env, "ratekill")
    return done_by_the_next(
        registry, ids, "ratings:_decide_rating", ask_ratings, get_link_facts
    )


# ----------------------------------------------------------------------------------
# Files whose years are over
# ----------------------------------------------------------------------------------


def make_outlived(env, prefix, count=10):
    """Tickets that ended ten years ago, each with a proof and a loose file."""
    station, _area, _users, _employees = make_station(env, prefix)
    tickets = env["power.ticket"].create(
        [
            {
                "subject": f"{prefix} {number}",
                "type_id": env.ref("power_service_tickets.power_ticket_type_fault").id,
                "station_id": station.id,
            }
            for number in range(count)
        ]
    )
    reason = env["power.ticket.reason"].search([("kind", "=", "cancelled")], limit=1)
    for ticket in tickets:
        files = env["ir.attachment"].create(
            {"name": "a.png", "raw": PHOTO + ticket.name.encode()}
        )
        ticket.register_event(
            "milestone", milestone="contacted", note="Seen", proof_ids=files.ids
        )
        env["ir.attachment"].create(
            {
                "name": "b.png",
                "raw": PHOTO + ticket.subject.encode(),
                "res_model": ticket._name,
                "res_id": ticket.id,
            }
        )
        ticket.cancel("Entered by mistake", reason.id)
    env.flush_all()
    past = fields.Datetime.now() - timedelta(days=3660)
    for table, column, key in (
        ("power_ticket", "received_at", "id"),
        ("power_ticket_event", "recorded_at", "ticket_id"),
    ):
        env.cr.execute(
            f"UPDATE {table} SET {column} = %s WHERE {key} = ANY(%s)",
            (past, tickets.ids),
        )
    env.invalidate_all()
    return tickets.ids


def forget_files(env):
    do_batches(env, lambda: env["power.ticket"]._cron_forget_files(batch_size=3))


def get_file_facts(registry, ids):
    """What is left of the files of these tickets, and whether it can be read."""
    with committed(registry) as env:
        tickets = env["power.ticket"].browse(ids)
        events = tickets.event_ids
        files = env["ir.attachment"].search(
            [
                "|",
                *("&", ("res_model", "=", events._name), ("res_id", "in", events.ids)),
                *("&", ("res_model", "=", tickets._name), ("res_id", "in", ids)),
            ]
        )
        return {
            "files": len(files),
            "readable": sum(bool(file.raw) for file in files),
            "marked": len(tickets.filtered("files_deleted_at")),
            "proved": len(events.filtered("had_proof")),
            "runs": env["power.job.run"].search_count(
                [("name", "=", "power.ticket.retention"), ("state", "=", "running")]
            ),
        }


def files_forgotten_by_two(registry):
    with committed(registry) as env:
        ids = make_outlived(env, "forgettwo")
    return done_by_two(registry, ids, forget_files, get_file_facts)


def files_forgotten_killed(registry):
    """Killed in the second batch, when its files were deleted, and once more when its
    tickets were marked as well."""
    found = {}
    for place in ("unlink", "_forget_files"):
        with committed(registry) as env:
            ids = make_outlived(env, f"forget{place}")
        found[place] = done_by_the_next(
            registry, ids, f"forget:{place}", forget_files, get_file_facts
        )
    return found


# ----------------------------------------------------------------------------------
# Who is killed
# ----------------------------------------------------------------------------------


def stop_in_call(model, name, number):
    """Let a method do its work, say ``ready`` and wait for ever in its n-th call."""
    original = getattr(type(model), name)
    calls = []

    def wait(*args, **kwargs):
        result = original(*args, **kwargs)
        calls.append(1)
        if len(calls) == number:
            print("ready", flush=True)
            time.sleep(120)
        return result

    return patch.object(type(model), name, wait)


def victim(registry, name):
    """Work, and stop at ``job:method`` (``job:method:id``), to be killed there."""
    job, method, *rest = name.split(":")
    with registry.cursor() as cr:
        env = environment(cr)
        model, number, work = {
            "energise": ("power.connection", 1, lambda: energise(int(rest[0]), env)),
            "group": ("power.sla.bulletin", 2, lambda: send_group_bulletins(env)),
            "mailing": ("power.complaint.bulletin", 3, lambda: mail_bulletins(env)),
            "ratings": ("power.ticket", 2, lambda: ask_ratings(env)),
            "forget": (
                "ir.attachment" if method == "unlink" else "power.ticket",
                2,
                lambda: forget_files(env),
            ),
        }[job]
        with stop_in_call(env[model], method, number):
            work()
            cr.commit()


SCENARIOS = (
    energise_by_two,
    energise_two_with_one_number,
    energise_killed,
    group_bulletin_by_two,
    group_bulletin_killed,
    complaint_bulletin_by_two,
    complaint_bulletin_killed,
    ratings_by_two,
    ratings_killed,
    files_forgotten_by_two,
    files_forgotten_killed,
)
