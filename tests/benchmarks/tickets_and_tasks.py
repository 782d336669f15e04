"""A million tickets beside a million tasks of core's project, in one database."""

import time
from functools import partial

COUNT = 1_000_000
ROUNDS = 3


def measure(env):
    """Best seconds of each pair of requests: [(name, ours, other)]."""
    make_rows(env)
    user = env["res.users"].create(
        {
            "name": "Bench user",
            "login": "bench",
            "group_ids": [
                (4, env.ref("power_service_base.group_power_quality").id),
                (4, env.ref("project.group_project_manager").id),
            ],
        }
    )
    env.flush_all()
    env = env(user=user.id)
    tickets, tasks = Screen(env, "power.ticket"), Screen(env, "project.task")
    board = Screen(
        env, "power.ticket", "power_service_tickets.power_ticket_view_list_board"
    )
    is_open = [("is_open", "=", True)]
    hot = [*is_open, "|", ("is_at_risk", "=", True), ("is_overdue", "=", True)]
    pairs = [
        ("list", partial(tickets.page, "list"), partial(tasks.page, "list")),
        (
            "list of open ones",
            partial(tickets.page, "list", is_open),
            partial(tasks.page, "list", [("is_closed", "=", False)]),
        ),
        (
            "kanban by stage",
            partial(tickets.kanban, "stage_id"),
            partial(tasks.kanban, "stage_id"),
        ),
        (
            "board of at risk and overdue, tasks past their deadline",
            partial(board.page, "list", hot),
            partial(
                tasks.page,
                "list",
                [("is_closed", "=", False), ("date_deadline", "<", "now")],
            ),
        ),
    ]
    found = []
    for name, ours, other in pairs:
        best = [float("inf"), float("inf")]
        for _round in range(ROUNDS):
            for index, work in enumerate((ours, other)):
                env.invalidate_all()
                started = time.perf_counter()
                work()
                best[index] = min(best[index], time.perf_counter() - started)
        found.append((name, *best))
    found.append(analysis(env))
    return found


def analysis(env):
    """Tickets by month and type through the pivot's call, beside plain SQL."""
    best = [float("inf"), float("inf")]
    for _round in range(ROUNDS):
        env.invalidate_all()
        started = time.perf_counter()
        env["power.ticket"].formatted_read_group(
            [], ["received_at:month", "type_id", "station_id"], ["__count"]
        )
        best[0] = min(best[0], time.perf_counter() - started)
        started = time.perf_counter()
        env.cr.execute(
            "SELECT date_trunc('month', received_at), type_id, station_id, count(*)"
            " FROM power_ticket GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
        )
        env.cr.fetchall()
        best[1] = min(best[1], time.perf_counter() - started)
    return ("analysis by month, type and station, plain SQL", *best)


class Screen:
    """A model's list and kanban, asked for as the web client does."""

    def __init__(self, env, model, view=None):
        self.model = env[model]
        self.spec = {}
        for kind in ("list", "kanban"):
            view_id = env.ref(view).id if view and kind == "list" else False
            arch = self.model.get_view(view_id, kind)
            self.spec[kind] = {
                name: {"fields": {"display_name": {}}}
                if self.model._fields[name].type == "many2one"
                else ({"fields": {}} if self.model._fields[name].relational else {})
                for name in arch["models"][model]
                if name in self.model._fields
            }

    def page(self, kind, domain=()):
        return self.model.web_search_read(
            list(domain), self.spec[kind], limit=80, count_limit=10001
        )

    def kanban(self, groupby):
        return self.model.web_read_group(
            [],
            [groupby],
            ["__count"],
            auto_unfold=True,
            unfold_read_specification=self.spec["kanban"],
            unfold_read_default_limit=20,
        )


def make_rows(env):
    """Both tables at the same size; 10% open, of these one in ten hot."""
    station = env["hr.department"].create(
        {"name": "Bench", "power_unit": "station", "power_code": "BENCH"}
    )
    first = env["power.ticket"].create(
        {"subject": "Bench", "station_id": station.id, "channel": "phone"}
    )
    project = env["project.project"].create(
        {
            "name": "Bench",
            "type_ids": [
                (0, 0, {"name": name, "fold": name == "Done"})
                for name in ("New", "Work", "Done")
            ],
        }
    )
    task = env["project.task"].create({"name": "Bench", "project_id": project.id})
    env.flush_all()
    _copy(
        env,
        "power_ticket",
        first.id,
        {
            "name": "'B' || n",
            "subject": "'Bench ' || n",
            "is_open": "n %% 10 = 0",
            "stage_id": "CASE WHEN n %% 10 = 0 THEN stage_id ELSE "
            + str(env.ref("power_service_tickets.power_ticket_stage_closed").id)
            + " END",
            "deadline": "CASE WHEN n %% 100 = 0 THEN now() AT TIME ZONE 'UTC'"
            " - n * interval '1 second' WHEN n %% 10 = 0 THEN now() AT TIME ZONE 'UTC'"
            " + n * interval '1 second' END",
            "risk_at": "CASE WHEN n %% 10 = 0 AND n %% 100 <> 0 THEN now() AT TIME"
            " ZONE 'UTC' + n * interval '1 second' - interval '1 hour' END",
            "received_at": "now() AT TIME ZONE 'UTC' - n * interval '30 seconds'",
        },
    )
    _copy(
        env,
        "project_task",
        task.id,
        {
            "name": "'Bench ' || n",
            "state": "CASE WHEN n %% 10 = 0 THEN '01_in_progress' ELSE '1_done' END",
            "date_deadline": "now() AT TIME ZONE 'UTC' + CASE WHEN n %% 100 = 0"
            " THEN -1 ELSE 1 END * n * interval '1 second'",
        },
    )
    env.cr.execute(
        """
        INSERT INTO power_sla_clock (ticket_id, company_id, policy_id, cycle, unit,
               start_milestone_id, target_milestone_id, started_at, deadline,
               warn_at, state)
        SELECT ticket.id, ticket.company_id, clock.policy_id, 1, clock.unit,
               clock.start_milestone_id, clock.target_milestone_id,
               ticket.received_at, ticket.deadline,
               ticket.deadline - interval '1 hour', 'running'
          FROM power_ticket AS ticket, power_sla_clock AS clock
         WHERE ticket.is_open AND ticket.name LIKE 'B%%' AND clock.ticket_id = %s
        """,
        [first.id],
    )
    env.cr.execute("ANALYZE power_ticket, project_task, power_sla_clock")
    env.invalidate_all()


def _copy(env, table, res_id, values):
    env.cr.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass"
        " AND attnum > 0 AND NOT attisdropped AND attname != 'id'",
        [table],
    )
    names = [row[0] for row in env.cr.fetchall()]
    env.cr.execute(
        f"INSERT INTO {table} ({', '.join(names)})"
        f" SELECT {', '.join(values.get(name, name) for name in names)}"
        f" FROM {table}, generate_series(1, %s) AS n WHERE id = %s",
        [COUNT, res_id],
    )
