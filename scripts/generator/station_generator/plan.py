"""The layout of each station: network tree, grids, people, reading sections.

One station is planned at a time, so memory stays the same however many there are.
"""

from dataclasses import dataclass, field
from datetime import date

from . import names
from .draw import Draw
from .identity import make_landline, make_mobile
from .records import Area, Element, Employee, ReadingUnit, Station

MAX_CUSTOMERS = 1_000_000
STATION_SIZE = 25_000
#: What every row names as the system it comes from.
SOURCE_SYSTEM = "marketing"
#: The generator knows no today: its dates are counted from this day.
AS_OF = date(2026, 7, 1)

SHARE_TWO_SOURCES = 0.005
SHARE_HIGH_VOLTAGE = 0.015
USERS_PER_TRANSFORMER = 98
TRANSFORMERS_PER_FEEDER = 18
_RATINGS = (50, 80, 100, 125, 160, 200, 250, 315, 400, 500, 630)
_ZONES = {"urban": "集镇片区", "rural": "乡村片区", "remote": "偏远片区"}
_GRID_TEAMS = ("网格服务一班", "网格服务二班", "网格服务三班", "网格服务四班")


@dataclass
class Transformer:
    """A transformer area and its users."""

    code: str
    name: str
    place: str
    number: int
    parent_code: str
    region_type: str
    users: int
    capacity_kva: int
    area_code: str = ""
    reading_unit_code: str = ""


@dataclass
class Feeder:
    """A 10 kV feeder and what hangs on it."""

    code: str
    name: str
    substation_code: str
    branches: list = field(default_factory=list)
    transformers: list = field(default_factory=list)
    high_voltage: int = 0
    two_sources: int = 0


@dataclass
class StationPlan:
    """All of one station but its customers."""

    index: int
    code: str
    town: str
    hotline: str
    customers: int
    first_number: int
    substations: list = field(default_factory=list)
    feeders: list = field(default_factory=list)
    areas: list = field(default_factory=list)
    employees: list = field(default_factory=list)
    reading_units: list = field(default_factory=list)

    @property
    def name(self):
        return f"{self.town}供电所"

    @property
    def high_voltage_unit(self):
        """Code of the section in which all high-voltage points are read."""
        return f"{self.code}-R000"

    def records(self):
        """Yield the station's rows of every file but customers, parents first."""
        yield Station(self.code, self.name, self.hotline)
        yield from self.employees
        yield from self.areas
        yield from self.reading_units
        yield from self.elements()

    def elements(self):
        for code, name, capacity in self.substations:
            yield self._element(code, name, "substation", "", capacity)
        for feeder in self.feeders:
            parent = feeder.substation_code
            yield self._element(feeder.code, feeder.name, "feeder", parent, "")
            for code, name in feeder.branches:
                yield self._element(code, name, "branch", feeder.code, "")
            for item in feeder.transformers:
                yield self._element(
                    item.code,
                    item.name,
                    "transformer",
                    item.parent_code,
                    item.capacity_kva,
                )

    def _element(self, code, name, element_type, parent_code, capacity):
        return Element(
            SOURCE_SYSTEM,
            f"E-{code}",
            code,
            name,
            element_type,
            parent_code,
            self.code,
            str(capacity),
        )


def person_name(draw, is_female=False, is_old=False):
    """A person's name, by the frequency of surnames and the fashion of the years."""
    if is_female:
        pools = names.FEMALE_OLD if is_old else names.FEMALE_YOUNG
    else:
        pools = names.MALE_OLD if is_old else names.MALE_YOUNG
    first, second, single = pools
    rnd = draw.rnd
    surname = names.SURNAMES[int(rnd() * len(names.SURNAMES))]
    if rnd() < 0.14:
        return surname + single[int(rnd() * len(single))]
    return surname + first[int(rnd() * len(first))] + second[int(rnd() * len(second))]


def station_sizes(customers):
    """How many supply points each station has; the first is the main station.

    :param customers: supply points in all, 1 to 1,000,000
    :raise ValueError: the number is outside these limits
    """
    if not 1 <= customers <= MAX_CUSTOMERS:
        raise ValueError(f"customers must be between 1 and {MAX_CUSTOMERS:,}.")
    stations = -(-customers // STATION_SIZE)
    share, rest = divmod(customers, stations)
    return [share + (index < rest) for index in range(stations)]


def plan_stations(seed, customers):
    """Yield the plan of one station after the other."""
    first_number = 0
    for index, size in enumerate(station_sizes(customers)):
        yield _Planner(seed, index, size, first_number).plan
        first_number += size


class _Planner:
    """Fills the plan of one station."""

    def __init__(self, seed, index, customers, first_number):
        self.draw = Draw(seed, "plan", index)
        town = names.TOWNS[index % len(names.TOWNS)]
        self.plan = StationPlan(
            index,
            f"S{index + 1:02d}",
            town,
            make_landline(self.draw),
            customers,
            first_number,
        )
        self.villages = self.draw.shuffled(
            f"{first}{second}村"
            for first in names.VILLAGE_FIRST
            for second in names.VILLAGE_SECOND
        )
        self.estates = self.draw.shuffled(
            f"{first}{second}{kind}"
            for first in names.ESTATE_FIRST
            for second in names.ESTATE_SECOND
            for kind in names.ESTATE_TYPES
        )
        self.line_names = self.draw.shuffled(
            first + second
            for first in names.BRAND_FIRST
            for second in names.BRAND_SECOND
        )
        self._plan_network()
        self._plan_people()

    def _plan_network(self):
        plan, draw = self.plan, self.draw
        two_sources = round(plan.customers * SHARE_TWO_SOURCES)
        high_voltage = round(plan.customers * SHARE_HIGH_VOLTAGE)
        users = plan.customers - two_sources - high_voltage
        transformers = max(1, round(users / USERS_PER_TRANSFORMER))
        feeders = max(2, round(transformers / TRANSFORMERS_PER_FEEDER))
        for number in range(max(2, -(-feeders // 8))):
            town = plan.town if not number else self.villages.pop()[:-1]
            plan.substations.append(
                (
                    f"{plan.code}-Z{number + 1:02d}",
                    f"{town}变电站",
                    draw.pick((20_000, 40_000, 63_000)),
                )
            )
        sizes = iter(draw.spread(users, transformers, 50, 250, skew=3))
        urban = max(1, round(feeders * 0.35))
        for index, count in enumerate(draw.spread(transformers, feeders, 10, 30)):
            feeder = Feeder(
                f"{plan.code}-F{index + 1:03d}",
                f"{self.line_names[index]}线",
                plan.substations[index % len(plan.substations)][0],
                high_voltage=_share(high_voltage, feeders, index),
                two_sources=_share(two_sources, feeders, index),
            )
            plan.feeders.append(feeder)
            regions = ["urban" if index < urban else "rural"] * draw.between(2, 4)
            if index == feeders - 1 or (index >= urban and draw.chance(0.4)):
                regions[-1] = "remote"
            self._plan_feeder(feeder, regions, count, sizes)

    def _plan_feeder(self, feeder, regions, count, sizes):
        """Give a feeder its branches, and these their transformers."""
        draw = self.draw
        for number, region in enumerate(regions):
            branch = f"{feeder.code}-B{number + 1}"
            pool = self.estates if region == "urban" else self.villages
            feeder.branches.append((branch, f"{pool[-1].removesuffix('村')}支线"))
            left = _share(count, len(regions), number)
            while left:
                place = pool.pop()
                for in_place in range(min(left, draw.between(1, 3))):
                    users = next(sizes)
                    wanted = users * draw.between(15, 28) / 10
                    serial = len(feeder.transformers) + 1
                    parent = feeder.code if draw.chance(0.08) else branch
                    feeder.transformers.append(
                        Transformer(
                            f"{feeder.code}-T{serial:03d}",
                            f"{place}{in_place + 1}号公变",
                            place,
                            in_place + 1,
                            parent,
                            region,
                            users,
                            next((r for r in _RATINGS if r >= wanted), _RATINGS[-1]),
                        )
                    )
                    left -= 1

    def _plan_people(self):
        plan = self.plan
        plan.reading_units.append(
            ReadingUnit(plan.high_voltage_unit, "高压客户抄表段", plan.code)
        )
        self._hire("所部", "所长")
        self._hire("所部", "副所长")
        self._hire("所部", "安全质量员")
        self._hire("综合班", "营业班长")
        for _ in range(2 + plan.customers // 8000):
            self._hire("综合班", "综合柜员")
        self._hire("抢修班", "抢修班长")
        for _ in range(3 + plan.customers // 4000):
            self._hire("抢修班", "抢修员")
        regions = {item.region_type for f in plan.feeders for item in f.transformers}
        zones = {}
        for region, zone in _ZONES.items():
            if region in regions:
                zones[region] = f"{plan.code}-{region[:2].upper()}"
                leader = self._hire(_GRID_TEAMS[len(zones) - 1], "网格班长")
                plan.areas.append(
                    Area(
                        zones[region],
                        f"{plan.town}{zone}",
                        "",
                        plan.code,
                        region,
                        leader,
                    )
                )
        grids = 0
        for feeder in plan.feeders:
            for group in _groups(feeder.transformers, 4):
                grids += 1
                region = group[0].region_type
                code = f"{plan.code}-G{grids:03d}"
                team = _GRID_TEAMS[list(zones).index(region)]
                plan.areas.append(
                    Area(
                        code,
                        f"{group[0].place}网格",
                        zones[region],
                        plan.code,
                        region,
                        self._hire(team, "网格长"),
                    )
                )
                unit = f"{plan.code}-R{grids:03d}"
                plan.reading_units.append(
                    ReadingUnit(unit, f"{group[0].place}抄表段", plan.code)
                )
                for item in group:
                    item.area_code = code
                    item.reading_unit_code = unit

    def _hire(self, team, job):
        """Add an employee and return the code."""
        draw, plan = self.draw, self.plan
        code = f"{plan.code}-{len(plan.employees) + 1:03d}"
        is_female = draw.chance(0.75 if team == "综合班" else 0.12)
        plan.employees.append(
            Employee(
                code,
                person_name(draw, is_female, draw.chance(0.4)),
                plan.code,
                team,
                job,
                make_mobile(draw),
            )
        )
        return code


def _share(total, parts, index):
    """The part of ``total`` that falls to ``index`` when split as evenly as can be."""
    return total // parts + (index < total % parts)


def _groups(transformers, size):
    """Neighbouring transformers of one region, at most ``size`` together."""
    group = []
    for item in transformers:
        if group and (len(group) == size or group[0].region_type != item.region_type):
            yield group
            group = []
        group.append(item)
    if group:
        yield group
