"""Lists, kanban and search of 1,000,000 supply points beside core's partners."""

import time
from ast import literal_eval
from functools import partial

from lxml import etree

TITLE = "A million supply points beside a million partners"
COUNT = 1_000_000
FIRST = 5_300_000_000
ROUNDS = 5
ACTIVITY_FIELDS = (
    "activity_exception_decoration",
    "activity_exception_icon",
    "activity_state",
    "activity_summary",
    "activity_type_icon",
    "activity_type_id",
)
# Which further fields a widget of the web client asks for (its fieldDependencies).
WIDGET_FIELDS = {
    "image": ("write_date",),
    "list_activity": ACTIVITY_FIELDS,
    "kanban_activity": ACTIVITY_FIELDS,
}
# What core's screens of partners show and ours of supply points don't.
HEAVY = frozenset(
    {
        *ACTIVITY_FIELDS,
        "activity_ids",
        "application_statistics",
        "avatar_128",
        "properties",
        "properties_base_definition_id",
    }
)


COUNT_BY_ELEMENT = """
    SELECT main_element_id, count(*) FROM power_supply_point
     WHERE active GROUP BY main_element_id
"""


def run(env):
    """Yield rows: ours in ms, core's in ms, and the ratio, as a staff user."""
    make_rows(env, COUNT)
    user = make_user(env)
    for name, ours, core in scenarios(env(user=user.id)):
        mine, theirs = interleaved(env, ours, core)
        yield name, mine * 1000, "ms", "ours"
        yield name, theirs * 1000, "ms", "core res.partner"
        yield name, mine / theirs, "x", "ratio, at most 1 wanted"
    name = "list of network elements, points below them counted"
    screen = Screen(env(user=user.id)["power.network.element"])
    mine, plain = interleaved(
        env,
        partial(screen.search_read, "list"),
        partial(env.cr.execute, COUNT_BY_ELEMENT),
    )
    yield name, mine * 1000, "ms", "ours"
    yield name, plain * 1000, "ms", "plain SQL, points of each element only"
    yield name, mine / plain, "x", "ratio"


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
    elements = make_network(env, station)
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
               importance_grade, supply_state, region_type, main_element_id)
        SELECT (%(first)s + substr(ref, 2)::int)::text, TRUE, %(company)s, %(station)s,
               (%(areas)s)[1 + id %% 50], id, street, 'residential', '220v', 'none',
               'connected', 'rural', (%(elements)s)[1 + id %% 2000]
          FROM res_partner WHERE ref LIKE 'B%%';
        UPDATE res_partner AS partner
           SET grid_area_id = point.grid_area_id, power_station_id = point.station_id
          FROM power_supply_point AS point
         WHERE point.partner_id = partner.id
        """,
        {
            "first": FIRST,
            "company": env.company.id,
            "station": station.id,
            "areas": areas.ids,
            "elements": elements.ids,
        },
    )
    env.cr.execute("ANALYZE res_partner, power_supply_point")
    env.invalidate_all()


def make_network(env, station):
    """One substation, 20 feeders, 2,000 transformer areas, which feed the points."""
    element = env["power.network.element"].with_context(tracking_disable=True)

    def make(kind, count, parents):
        return element.create(
            [
                {
                    "name": f"{kind} {n}",
                    "code": f"BENCH-{kind}-{n}",
                    "element_type": kind,
                    "station_id": station.id,
                    "parent_id": parents and parents[n % len(parents)].id,
                }
                for n in range(count)
            ]
        )

    return make("transformer", 2000, make("feeder", 20, make("substation", 1, None)))


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
    """Pairs of the same screen's requests: ours and core's, as the web client asks."""
    Point, Partner = env["power.supply.point"], env["res.partner"]
    customer = [("is_power_customer", "=", True)]
    views = {
        "points": Screen(Point, "power_supply_point_view"),
        "customers": Screen(Partner, "res_partner_view", "_power", customer),
        "partners": Screen(Partner),
    }
    points, customers, partners = views.values()
    last = COUNT - 100
    for kind in ("list", "kanban"):
        for name, ours in (("supply points", points), ("customers", customers)):
            yield (
                f"{kind} of {name} with its search panel",
                partial(ours.open, kind),
                partial(partners.open, kind),
            )
    yield (
        "list of supply points, core without pictures, activities and statistics",
        partial(points.search_read, "list"),
        partial(partners.search_read, "list", without=HEAVY),
    )
    yield (
        "kanban of supply points, core without them",
        partial(points.search_read, "kanban"),
        partial(partners.search_read, "kanban", without=HEAVY),
    )
    yield (
        "list at row 50,000",
        partial(points.search_read, "list", offset=50000),
        partial(partners.search_read, "list", offset=50000, without=HEAVY),
    )
    yield (
        "number or name typed into a field",
        partial(Point.name_search, str(FIRST + last), limit=8),
        partial(Partner.name_search, f"Bench {last}", limit=8),
    )
    yield (
        "list found by a piece of the address",
        partial(
            points.search_read, "list", domain=[("address", "ilike", f"Road {last}")]
        ),
        partial(
            partners.search_read,
            "list",
            domain=[("street", "ilike", f"Road {last}")],
            without=HEAVY,
        ),
    )
    yield (
        "groups of a selection",
        partial(Point.formatted_read_group, [], ["customer_class"], ["__count"]),
        partial(Partner.formatted_read_group, [], ["type"], ["__count"]),
    )


class Screen:
    """A model's default list and kanban, asked for as the web client does."""

    def __init__(self, model, view="", suffix="", domain=()):
        """Read the views as the user gets them.

        :param view: start of the views' names; empty for the default ones
        :param domain: of the action
        """
        self.model, self.domain = model.with_context(bin_size=True), list(domain)
        kinds = ["list", "kanban", "search"]
        ids = [
            model.env.ref(f"power_service_base.{view}_{kind}{suffix}").id
            if view
            else False
            for kind in kinds
        ]
        found = model.get_views(list(zip(ids, kinds, strict=True)))["views"]
        arch = {kind: etree.fromstring(found[kind]["arch"]) for kind in kinds}
        self.fields = {kind: self._get_spec(arch[kind]) for kind in kinds[:2]}
        self.order = {kind: arch[kind].get("default_order") for kind in kinds[:2]}
        self.panel = arch["search"].findall("searchpanel/field")

    def _get_spec(self, arch):
        """What the client asks for: all fields of the view, hidden columns too."""
        spec = {}
        for node in arch.iter("field"):
            field = self.model._fields[node.get("name")]
            entry = spec.setdefault(field.name, {})
            widget = node.get("widget", "")
            options = literal_eval(node.get("options") or "{}")
            if field.type == "many2one" and node.get("invisible") != "True":
                entry.setdefault("fields", {})["display_name"] = {}
                if options.get("preview_image"):
                    entry["fields"][options["preview_image"]] = {}
            elif widget == "many2many_tags":
                names = ("display_name", options.get("color_field"))
                entry["fields"] = {name: {} for name in names if name}
            elif field.type in ("one2many", "many2many"):
                entry["fields"] = {}
            for name in WIDGET_FIELDS.get(widget, ()):
                is_record = self.model._fields[name].type == "many2one"
                spec[name] = {"fields": {"display_name": {}}} if is_record else {}
        return spec

    def search_read(self, kind, domain=(), offset=0, without=()):
        """Ask for one page of 80 rows or cards, an action's default, and the count."""
        spec, limit = self.fields[kind], 80
        return self.model.web_search_read(
            self.domain + list(domain),
            {name: entry for name, entry in spec.items() if name not in without},
            offset=offset,
            limit=limit,
            order=self.order[kind],
            count_limit=max(10000, offset + limit) + 1,
        )

    def open(self, kind):
        """Ask for all that the screen shows at first: the page, and its panel."""
        for node in self.panel:
            self.model.search_panel_select_range(
                node.get("name"),
                category_domain=[],
                enable_counters=False,
                expand=node.get("expand") == "1",
                filter_domain=[],
                hierarchize=True,
                limit=int(node.get("limit", 200)),
                search_domain=self.domain,
            )
        return self.search_read(kind)


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
