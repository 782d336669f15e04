"""Two at once, on tickets: a connection that is energised, the bulletins, and the links
to rate; and workers killed in them."""

import time
from datetime import timedelta
from functools import partial
from unittest.mock import patch

from promise_scenarios import kill, make_promised
from scenarios import committed, environment, make_customers, make_station, together

from odoo import fields

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
    outcomes = together(registry, send_group_bulletins, send_group_bulletins)
    with committed(registry) as env:
        send_group_bulletins(env)
    return {"outcomes": outcomes, **get_group_facts(registry, ids)}


def group_bulletin_killed(registry):
    """Killed when the second group was told and nothing was kept yet."""
    with committed(registry) as env:
        ids = make_group_bulletins(env, "groupkill")
    ready, killed = kill("group:_send")
    before = get_group_facts(registry, ids)
    with committed(registry) as env:
        send_group_bulletins(env)
    return {
        "ready": ready,
        "killed": killed,
        "before": before,
        **get_group_facts(registry, ids),
    }


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
        jobs = env["power.complaint.subscription"]
        for _round in range(20):
            jobs._cron_send(batch_size=2)
            env.cr.commit()
            env.invalidate_all()
            if not env["power.complaint.bulletin"].search_count(jobs._get_due_domain()):
                break


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
    outcomes = together(registry, mail_bulletins, mail_bulletins)
    with committed(registry) as env:
        mail_bulletins(env)
    return {"outcomes": outcomes, **get_mail_facts(registry, ids)}


def complaint_bulletin_killed(registry):
    """Killed in the second batch, when a mail was made and nothing kept of it."""
    with committed(registry) as env:
        ids = make_subscriptions(env, "mailkilled")
    ready, killed = kill("mailing:_send")
    before = get_mail_facts(registry, ids)
    with committed(registry) as env:
        mail_bulletins(env)
    return {
        "ready": ready,
        "killed": killed,
        "before": before,
        **get_mail_facts(registry, ids),
    }


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
    for _round in range(20):
        env["power.ticket"]._cron_ask_ratings(batch_size=3)
        env.cr.commit()
        env.invalidate_all()


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
    outcomes = together(registry, ask_ratings, ask_ratings)
    with committed(registry) as env:
        ask_ratings(env)
    return {"outcomes": outcomes, **get_link_facts(registry, ids)}


def ratings_killed(registry):
    """Killed in the second batch, when its links were made."""
    with committed(registry) as env:
        ids = make_closed(env, "ratekill")
    ready, killed = kill("ratings:_decide_rating")
    before = get_link_facts(registry, ids)
    with committed(registry) as env:
        ask_ratings(env)
    return {
        "ready": ready,
        "killed": killed,
        "before": before,
        **get_link_facts(registry, ids),
    }


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
)
