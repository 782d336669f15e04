"""Assignment rules over 100,000 customers beside the same work in plain SQL."""

import time

TITLE = "Assignment rules"
CUSTOMERS = 100_000
RULES = 5


def make_customers(env):
    env.cr.execute(
        """
        INSERT INTO res_partner (name, complete_name, ref, is_power_customer, active,
               type, lang, create_uid, write_uid, create_date, write_date)
        SELECT 'Customer ' || n, 'Customer ' || n, 'B' || n %% %s, TRUE, TRUE,
               'contact', 'en_US', 1, 1, now(), now()
          FROM generate_series(1, %s) AS n
        """,
        (RULES, CUSTOMERS),
    )
    env.cr.execute("UPDATE res_partner SET commercial_partner_id = id WHERE ref ~ '^B'")
    env.cr.execute("ANALYZE res_partner")
    env.invalidate_all()


def make_rules(env):
    station = env["hr.department"].create({"name": "Bench", "power_unit": "station"})
    rules = env["power.assignment.rule"]
    for number in range(RULES):
        area = env["power.grid.area"].create(
            {"name": f"B{number}", "code": f"B{number}", "station_id": station.id}
        )
        manager = env["hr.employee"].create({"name": f"Manager {number}"})
        rules |= rules.create(
            {
                "name": f"Rule {number}",
                "domain": f"[('ref', '=', 'B{number}')]",
                "grid_area_id": area.id,
                "account_manager_id": manager.id,
                "station_id": False,
            }
        )
    env.flush_all()
    return rules


def plain_sql(env, rules):
    """The same result by hand: area, station, manager, and who answers from today."""
    for rule in rules:
        values = {
            "ref": rule.name.replace("Rule ", "B"),
            "area": rule.grid_area_id.id,
            "station": rule.grid_area_id.station_id.id,
            "manager": rule.account_manager_id.id,
            "company": rule.company_id.id,
            "today": env["power.responsibility"]._get_today(),
        }
        env.cr.execute(
            """
            UPDATE res_partner
               SET grid_area_id = %(area)s, power_station_id = %(station)s,
                   account_manager_id = %(manager)s
             WHERE ref = %(ref)s AND is_power_customer
               AND (grid_area_id IS NULL OR account_manager_id IS NULL)
            """,
            values,
        )
        env.cr.execute(
            """
            INSERT INTO power_responsibility
                   (role, employee_id, partner_id, company_id, station_id, date_from,
                    create_uid, create_date, write_uid, write_date)
            SELECT 'account_manager', %(manager)s, id, %(company)s, %(station)s,
                   %(today)s, 1, now(), 1, now()
              FROM res_partner WHERE ref = %(ref)s AND is_power_customer
            """,
            values,
        )


def state(env):
    """What both ways have to make: who got which area, station and manager."""
    env.flush_all()
    env.cr.execute("ANALYZE res_partner, power_responsibility")
    env.cr.execute(
        """
        SELECT count(*), count(DISTINCT held.partner_id), sum(p.grid_area_id::bigint),
               sum(p.power_station_id::bigint), sum(held.employee_id::bigint)
          FROM res_partner AS p JOIN power_responsibility AS held
            ON held.partner_id = p.id AND held.employee_id = p.account_manager_id
           AND held.station_id = p.power_station_id
         WHERE p.ref ~ '^B'
        """
    )
    return env.cr.fetchone()


def timed(env, work):
    """Seconds and result of ``work``; its changes are taken back."""
    env.cr.execute("SAVEPOINT bench")
    started = time.perf_counter()
    work()
    seconds = time.perf_counter() - started
    result = state(env)
    env.cr.execute("ROLLBACK TO SAVEPOINT bench")
    env.invalidate_all()
    return seconds, result


def run(env):
    make_customers(env)
    rules = make_rules(env)
    plain, wanted = timed(env, lambda: plain_sql(env, rules))
    ours, found = timed(env, lambda: rules.apply())
    assert wanted == found, f"the rules made {found}, plain SQL {wanted}"
    assert wanted[0] == CUSTOMERS
    started = time.perf_counter()
    count, rows = rules._preview()
    preview = time.perf_counter() - started
    assert (count, len(rows)) == (CUSTOMERS, 80)
    rules.apply()
    started = time.perf_counter()
    assert rules.apply() == 0
    again = time.perf_counter() - started
    partner_ids = env["res.partner"].search([("ref", "=like", "B%")]).ids
    started = time.perf_counter()
    who = env["power.responsibility"]._get_responsible(
        "res.partner", partner_ids, "account_manager"
    )
    asked = time.perf_counter() - started
    assert all(who.values())
    started = time.perf_counter()
    env["res.partner"]._refresh_archive_score()
    measured = time.perf_counter() - started
    yield "customers", CUSTOMERS, "", f"{RULES} rules"
    yield "plain SQL", plain, "s", "area, station, manager, responsibility"
    yield "rules", ours, "s", "the same, with stamps and archive score"
    yield "rules / plain SQL", ours / plain, "x", "at most 5"
    yield "rules again", again, "s", "nothing to change"
    yield "preview", preview, "s", "count and first 80"
    yield "who answered", asked, "s", "one query for all"
    yield "archive scores of all", measured, "s", "one statement, nothing to change"
