"""Lists, kanban and search of 1,000,000 supply points beside core's partners."""

import time

TITLE = "A million supply points beside a million partners"
COUNT = 1_000_000
FIRST = 5_300_000_000
ROUNDS = 5


def run(env):
    """Yield rows: ours in ms, core's in ms, and the ratio, as a staff user."""
    make_rows(env, COUNT)
    user = make_user(env)
    for name, ours, core in scenarios(env(user=user.id)):
        mine, theirs = interleaved(env, ours, core)
        yield name, mine * 1000, "ms", "ours"
        yield name, theirs * 1000, "ms", "core res.partner"
        yield name, mine / theirs, "x", "ratio, at most 1 wanted"


def make_rows(env, count):
    """Both tables at the same size, made by SQL: this measures reading."""
    station = env["hr.department"].create(
        {"name": "Bench", "power_unit": "station", "power_code": "BENCH"}
    )
    areas = env["power.grid.area"].create(
        [
            {"name": f"Area {n}", "code": f"BENCH{n}", "station_id": station.id}
            for n in range(50)
        ]
    )
    env.flush_all()
    # Core makes no partner without these; the values are those of its own defaults.
    env.cr.execute(
        """
        INSERT INTO res_partner (name, complete_name, active, is_power_customer, type,
               color, partner_share, phone, street, ref)
        SELECT 'Bench ' || n, 'Bench ' || n, TRUE, TRUE, 'contact', 0, TRUE,
               '138' || lpad(n::text, 8, '0'), 'Road ' || n, 'B' || n
          FROM generate_series(1, %s) AS n
        """,
        [count],
    )
    env.cr.execute(
        "UPDATE res_partner SET commercial_partner_id = id WHERE ref LIKE 'B%'"
    )
    env.cr.execute(
        """
        INSERT INTO power_supply_point (name, active, company_id, station_id,
               grid_area_id, partner_id, address, customer_class, voltage_level,
               importance_grade, supply_state, region_type)
        SELECT (%(first)s + substr(ref, 2)::int)::text, TRUE, %(company)s, %(station)s,
               (%(areas)s)[1 + id %% 50], id, street, 'residential', '220v', 'none',
               'connected', 'rural'
          FROM res_partner WHERE ref LIKE 'B%%'
        """,
        {
            "first": FIRST,
            "company": env.company.id,
            "station": station.id,
            "areas": areas.ids,
        },
    )
    env.cr.execute("ANALYZE res_partner; ANALYZE power_supply_point")
    env.invalidate_all()


def make_user(env):
    station = env["hr.department"].search([("power_code", "=", "BENCH")])
    user = env["res.users"].create(
        {
            "name": "Bench user",
            "login": "bench",
            "group_ids": [(4, env.ref("power_service_base.group_power_staff").id)],
            "power_stations_by_hand": True,
            "power_station_ids": [(6, 0, station.ids)],
        }
    )
    env.flush_all()
    return user


def scenarios(env):
    """Pairs of the same screen's request: ours and core's."""
    Point, Partner = env["power.supply.point"], env["res.partner"]
    point_list = {
        "name": {},
        "partner_id": {"fields": {"display_name": {}}},
        "address": {},
        "customer_class": {},
        "supply_state": {},
        "grid_area_id": {"fields": {"display_name": {}}},
    }
    partner_list = {
        "complete_name": {},
        "parent_id": {"fields": {"display_name": {}}},
        "street": {},
        "phone": {},
        "email": {},
        "category_id": {"fields": {"display_name": {}}},
    }
    last = COUNT - 100
    return [
        (
            "first page of the list",
            lambda: Point.web_search_read([], point_list, limit=80, count_limit=10001),
            lambda: Partner.web_search_read(
                [], partner_list, limit=80, count_limit=10001
            ),
        ),
        (
            "page at 50,000",
            lambda: Point.web_search_read(
                [], point_list, offset=50000, limit=80, count_limit=60001
            ),
            lambda: Partner.web_search_read(
                [], partner_list, offset=50000, limit=80, count_limit=60001
            ),
        ),
        (
            "search by number or name",
            lambda: Point.name_search(str(FIRST + last), limit=8),
            lambda: Partner.name_search(f"Bench {last}", limit=8),
        ),
        (
            "filtered list",
            lambda: Point.web_search_read(
                [("address", "ilike", f"Road {last}")], point_list, limit=80
            ),
            lambda: Partner.web_search_read(
                [("street", "ilike", f"Road {last}")], partner_list, limit=80
            ),
        ),
        (
            "group by a selection",
            lambda: Point.formatted_read_group([], ["customer_class"], ["__count"]),
            lambda: Partner.formatted_read_group([], ["type"], ["__count"]),
        ),
    ]


def interleaved(env, ours, core):
    """Best of some rounds, taken in turn, with empty caches of the ORM."""
    best = [float("inf"), float("inf")]
    for _round in range(ROUNDS):
        for index, function in enumerate((ours, core)):
            env.invalidate_all()
            started = time.perf_counter()
            function()
            best[index] = min(best[index], time.perf_counter() - started)
    return best
