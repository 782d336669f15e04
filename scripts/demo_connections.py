"""Connections of the demo station, each at another step."""

from datetime import timedelta

from demo_times import OFFICE, move_back, spread

from odoo.addons.power_service_tickets.core.connection import get_steps

# kind, class, applicant, kVA, voltage, days ago, steps that are still to come
CONNECTIONS = [
    ("new", "residential", "钱文静", 8, "220v", 1, 8),
    ("new", "residential", "孙立国", 8, "220v", 4, 6),
    ("new", "residential", "周秀英", 12, "220v", 5, 3),
    ("new", "residential", "吴桂兰", 8, "220v", 12, 0),
    ("new", "lv_other", "云溪镇鲜果合作社", 50, "380v", 9, 6),
    ("new", "hv_single", "澄湾建材有限公司", 630, "10kv", 30, 9),
    ("new", "hv_dual", "澄湾县中医院", 1250, "10kv", 45, 7),
    ("temporary", "lv_other", "古岭村拦河坝工程队", 80, "380v", 6, 2),
    ("increase", "lv_other", None, 60, "380v", 8, 5),
    ("transfer", "residential", None, 0, "220v", 2, 2),
    ("suspend", "hv_single", None, 0, "10kv", 3, 2),
]
# Steps before which somebody of the crew goes there.
VISITS = ("accepted", "surveyed", "mid_inspected", "completion_checked")
ADDRESS = "澄湾县云溪镇解放路{}号"
SCAN = b"%PDF-1.4 demo"


def make_connections(env, now, users):
    """Take each connection of the list as far as it says, on different days.

    :param env: Odoo environment of the superuser
    :param now: naive UTC
    :param users: staff who handle them, by turns
    """
    area = env["power.grid.area"].search([("station_id", "!=", False)], limit=1)
    elements = env["power.network.element"].search(
        [("element_type", "=", "transformer")], limit=2
    )
    for number, row in enumerate(CONNECTIONS):
        kind, customer_class, name, kva, voltage, days, left = row
        received = move_back(now - timedelta(days=days), OFFICE)
        vals = {
            "kind": kind,
            "station_id": area.station_id.id,
            "received_at": received,
            "customer_class": customer_class,
            "voltage_level": voltage,
            "wanted_kva": kva,
            "user_id": users[number % len(users)].id,
        }
        if name:
            partner = env["res.partner"].create(
                {
                    "name": name,
                    "phone": f"1390000{number:04d}",
                    "is_company": customer_class != "residential",
                }
            )
            vals |= {
                "partner_id": partner.id,
                "grid_area_id": area.id,
                "address": ADDRESS.format(20 + number),
            }
        else:
            vals["supply_point_id"] = find_point(env, customer_class).id
        if kind == "transfer":
            heir = env["res.partner"].create({"name": "郑海涛", "phone": "13900009999"})
            vals["new_partner_id"] = heir.id
        if kind in ("temporary", "suspend"):
            vals["date_to"] = (now + timedelta(days=90)).date()
        connection = env["power.connection"].create(vals)
        take_steps(connection, elements, received, now, left)
        if connection.step in VISITS:
            plan_visit(connection, now + timedelta(days=1 + number % 3))


def find_point(env, customer_class):
    """A supplied point of the class, if there is one of a customer who logs in."""
    points = env["power.supply.point"].search(
        [("partner_id", "!=", False), ("customer_class", "=", customer_class)]
    )
    return points.filtered("partner_id.user_ids")[:1] or points[:1]


def plan_visit(connection, at):
    """Send somebody of the crew, as the button does."""
    context = connection.action_plan_visit()["context"]
    user = connection.env["res.users"].search([("login", "=", "field")])
    connection.env["power.field.task"].with_context(**context).create(
        {"user_id": user.id, "due_at": move_back(at, OFFICE)}
    )


def take_steps(connection, elements, received, now, left):
    """Enter all steps but the last ``left``, evenly between receipt and now."""
    steps = get_steps(connection._get_case())
    todo = steps[: len(steps) - left]
    times = spread(received, now, len(todo))
    for step, at in zip(todo, times, strict=True):
        for paper in connection.paper_ids.filtered(lambda p, s=step: p.step == s):
            if paper.needs_file:
                paper._add_proof(f"{paper.title}.pdf", SCAN)
            paper.is_received = True
        if step == "scheme_answered":
            roles = ["main", "standby"]
            count = 2 if connection.customer_class == "hv_dual" else 1
            connection.write(
                {
                    "scheme_metering": "hv"
                    if connection.customer_class.startswith("hv")
                    else "lv_direct",
                    "source_ids": [
                        (0, 0, {"element_id": element.id, "role": role})
                        for element, role in zip(elements[:count], roles, strict=False)
                    ],
                }
            )
        elif step == "surveyed":
            connection.survey_note = "台区可开放容量充足，由12号杆接火，距离约30米。"
        elif step == "metered":
            connection.meter_numbers = f"DB{connection.id:08d}"
        connection.with_user(connection.user_id).enter_step(step, at=at)
