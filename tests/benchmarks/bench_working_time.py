"""Deadlines a second: the rules alone, through the model, Odoo beside them."""

import dataclasses
import random
import time
from datetime import datetime, timedelta

from odoo.addons.power_service_base.core.working_time import WorkingTime

TITLE = "Working time"
SEED = 20260101
MINUTES = 2520  # six office days
DAYS = 7


def rate(call, items):
    """Calls a second of ``call`` over ``items``, the best of three."""
    best = float("inf")
    for _round in range(3):
        started = time.perf_counter()
        for item in items:
            call(item)
        best = min(best, time.perf_counter() - started)
    return len(items) / best


def run(env):
    calendar = env.ref("power_service_base.resource_calendar_office")
    calendar.load_cn_holidays(2025)
    calendar.load_cn_holidays(2026)
    env.flush_all()
    rng = random.Random(SEED)
    first = datetime(2026, 1, 1)
    starts = [first + timedelta(minutes=rng.randrange(525_600)) for _ in range(100_000)]
    ends = [start + timedelta(minutes=rng.randrange(30_000)) for start in starts]
    pairs = list(zip(starts, ends, strict=True))

    spec = calendar._get_working_time().spec
    started = time.perf_counter()
    core = WorkingTime(spec)
    core.add_working_days(starts[0], DAYS)
    build = time.perf_counter() - started
    core.add_working_minutes(datetime(2026, 12, 31), 10 * MINUTES)

    core_minutes = rate(lambda at: core.add_working_minutes(at, MINUTES), starts)
    core_days = rate(lambda at: core.add_working_days(at, DAYS), starts)
    core_plan = rate(lambda at: core.plan_working_days(at, DAYS), starts)
    core_between = rate(lambda pair: core.working_minutes_between(*pair), pairs)
    ten_times = starts * 10
    core_million = rate(lambda at: core.add_working_minutes(at, MINUTES), ten_times)

    # Ten times the calendar: the days of twenty years, and deadlines all over them.
    wide = WorkingTime(
        dataclasses.replace(
            spec,
            exceptions=tuple(
                dataclasses.replace(item, day=item.day.replace(year=year))
                for year in range(2016, 2036)
                for item in spec.exceptions
                if item.day.year == 2026
            ),
        )
    )
    spread = [
        at.replace(year=rng.randrange(2016, 2036), day=min(at.day, 28)) for at in starts
    ]
    wide.working_minutes_between(min(spread), max(spread))
    core_wide = rate(lambda at: wide.add_working_minutes(at, MINUTES), spread)

    calendar = calendar.with_user(env.ref("base.user_admin"))  # access is checked
    few = starts[:5_000]
    model_minutes = rate(lambda at: calendar.add_working_minutes(at, MINUTES), few)
    model_days = rate(lambda at: calendar.add_working_days(at, DAYS), few)

    def batch(chunk):
        env.cr.clear()  # as in a transaction of its own
        working_time = calendar._get_working_time()
        return [working_time.add_working_minutes(at, MINUTES) for at in chunk]

    chunks = [starts[index : index + 1000] for index in range(0, 100_000, 1000)]
    model_batch = rate(batch, chunks) * 1000

    odoo_few = starts[:200]
    hours = MINUTES / 60
    odoo_hours = rate(
        lambda at: calendar.plan_hours(hours, at, compute_leaves=True), odoo_few
    )
    odoo_days = rate(
        lambda at: calendar.plan_days(DAYS + 1, at, compute_leaves=True), odoo_few
    )
    odoo_between = rate(
        lambda pair: calendar.get_work_hours_count(*pair), pairs[: len(odoo_few)]
    )

    def against(value, other, name):
        return f"{value / other:,.0f}x {name}"

    return [
        ("core: add minutes", round(core_minutes), "1/s",
         against(core_minutes, odoo_hours, "plan_hours")),
        ("core: add minutes, ten times the deadlines", round(core_million), "1/s",
         against(core_million, odoo_hours, "plan_hours")),
        ("core: add minutes, ten times the calendar", round(core_wide), "1/s",
         against(core_wide, odoo_hours, "plan_hours")),
        ("core: add days", round(core_days), "1/s",
         against(core_days, odoo_days, "plan_days")),
        ("core: add days, and whether provisional", round(core_plan), "1/s",
         against(core_plan, odoo_days, "plan_days")),
        ("core: minutes between", round(core_between), "1/s",
         against(core_between, odoo_between, "get_work_hours_count")),
        ("core: compile a calendar", build * 1000, "ms", "three years, once"),
        ("model: add minutes, one call each", round(model_minutes), "1/s",
         against(model_minutes, odoo_hours, "plan_hours")),
        ("model: add days, one call each", round(model_days), "1/s",
         against(model_days, odoo_days, "plan_days")),
        ("model: 1,000 deadlines a transaction", round(model_batch), "1/s",
         against(model_batch, odoo_hours, "plan_hours")),
        ("Odoo: plan_hours", round(odoo_hours), "1/s", "without make-up workdays"),
        ("Odoo: plan_days", round(odoo_days), "1/s", "without make-up workdays"),
        ("Odoo: get_work_hours_count", round(odoo_between), "1/s", ""),
    ]  # fmt: skip
