"""Customers, their supply points and contracts, one after the other."""

from datetime import date
from typing import NamedTuple

from . import businesses, names
from .draw import Draw
from .identity import make_credit_code, make_id_number, make_landline, make_mobile
from .plan import AS_OF, SOURCE_SYSTEM, person_name
from .records import FormerContract, Party, SupplyPoint

#: Share of LV business points in the points that are not high voltage: 8 % of all.
SHARE_LV_OTHER = 0.08 / 0.98
#: Share of people with a character in the name that GBK does not know.
SHARE_RARE_NAMES = 0.0007
#: The fictional county lies around this point.
CENTRE = (26.95, 109.35)
_MAIL_HOSTS = ("example.com", "example.net", "example.org")
_SECTION_KVA = (4, 6, 8, 8, 8, 10, 12)


class Made(NamedTuple):
    """A supply point with what the writer of dirt must know about it."""

    point: SupplyPoint
    #: The ended contract of the occupant before, or None.
    former: FormerContract | None
    #: Whether the customer may come again on another row.
    may_repeat: bool


class _Ring:
    """The last few customers who may get another point: bounded memory."""

    def __init__(self, draw, size=48):
        self.draw = draw
        self.size = size
        self.items = []
        self.next = 0

    def add(self, item):
        if len(self.items) < self.size:
            self.items.append(item)
        else:
            self.items[self.next] = item
            self.next = (self.next + 1) % self.size

    def pick(self):
        return self.draw.pick(self.items) if self.items else None


class PointMaker:
    """Makes the supply points of one station from its plan.

    :param seed: the station's seed
    :param plan: StationPlan
    :param as_of: the day the export was made; contracts are current on it
    """

    def __init__(self, seed, plan, as_of=AS_OF):
        self.draw = Draw(seed, "points", plan.index)
        self.plan = plan
        self.today = as_of.toordinal()
        self.year = as_of.year
        self.number = plan.first_number
        self.parties = 0
        self.people = _Ring(self.draw)
        self.companies = _Ring(self.draw)
        self.chains = []
        self.county_town = names.COUNTY + plan.town
        self.town = f"{names.COUNTY}{plan.town}镇"
        row, column = divmod(plan.index, 7)
        self.latitude = CENTRE[0] + row * 0.12
        self.longitude = CENTRE[1] + column * 0.14

    def make(self):
        """Yield a ``Made`` for every supply point of the station."""
        important = list(
            businesses.TOWN_IMPORTANT
            if self.plan.index
            else businesses.COUNTY_IMPORTANT
        )
        villages_seen = set()
        for index, feeder in enumerate(self.plan.feeders):
            for transformer in feeder.transformers:
                unique = []
                if transformer.place.endswith("村"):
                    if transformer.place not in villages_seen:
                        villages_seen.add(transformer.place)
                        unique = list(businesses.VILLAGE)
                yield from self._make_area(transformer, unique)
            for _ in range(feeder.high_voltage):
                kind = self.draw.pick(businesses.HIGH_VOLTAGE)
                yield self._make_high_voltage(kind, feeder, None, False)
            standby = self._standby(index)
            for _ in range(feeder.two_sources):
                is_named = bool(important)
                kind = (
                    important.pop(0)
                    if is_named
                    else self.draw.pick(businesses.TWO_SOURCES)
                )
                yield self._make_high_voltage(kind, feeder, standby, is_named)

    def _standby(self, index):
        """The next feeder that another substation feeds."""
        feeders = self.plan.feeders
        others = feeders[index + 1 :] + feeders[:index]
        main = feeders[index].substation_code
        return next(other for other in others if other.substation_code != main)

    # -- places

    def _position(self, transformer_index, spread):
        rnd = self.draw.rnd
        angle = transformer_index * 0.37
        return (
            "%.6f" % (self.latitude + (angle * 0.61 % 1 - 0.5) * 0.1 + rnd() * spread),
            "%.6f" % (self.longitude + (angle % 1 - 0.5) * 0.12 + rnd() * spread),
        )

    def _address(self, transformer, user):
        """Address of the n-th user of a transformer area."""
        if transformer.region_type == "urban":
            building, flat = divmod(user, 36)
            road = names.ROADS[int(transformer.code[-3:]) % len(names.ROADS)]
            return (
                f"{self.town}{road}{transformer.number * 12 + 6}号{transformer.place}"
                f"{transformer.number * 10 + building - 9}栋{flat // 18 + 1}单元"
                f"{flat % 18 // 3 + 1}0{flat % 3 + 1}室"
            )
        group, house = divmod(user, 18)
        return (
            f"{self.town}{transformer.place}{(transformer.number - 1) * 9 + group + 1}"
            f"组{house + 1}号"
        )

    # -- customers

    def _reference(self):
        self.parties += 1
        return f"C{self.plan.index + 1:02d}{self.parties:06d}"

    def _new_person(self):
        """A person; now and then with a character that GBK does not know."""
        draw = self.draw
        rnd = draw.rnd
        born = self.year - 22 - int(rnd() * 62)
        is_female = rnd() < 0.42
        name = person_name(draw, is_female, born < self.year - 48)
        if rnd() < SHARE_RARE_NAMES:
            name = name[:-1] + draw.pick(names.RARE_CHARACTERS)
        phone = make_mobile(draw) if rnd() < 0.985 else ""
        email = ""
        reference = self._reference()
        if rnd() < 0.12:
            email = f"{reference.lower()}@{_MAIL_HOSTS[int(rnd() * 3)]}"
        return Party(
            reference,
            name,
            "person",
            make_id_number(draw, is_female, born),
            phone,
            email,
        )

    def _new_company(self, name, is_public=False):
        draw = self.draw
        reference = self._reference()
        return Party(
            reference,
            name,
            "company",
            make_credit_code(draw, "12" if is_public else "91"),
            make_mobile(draw) if draw.chance(0.6) else make_landline(draw),
            f"{reference.lower()}@example.com" if draw.chance(0.5) else "",
        )

    def _resident(self):
        """A new person, or one of the last few who gets one more point.

        :return: (party, whether the party may come again)
        """
        draw = self.draw
        if draw.rnd() < 0.035:
            known = self.people.pick()
            if known:
                return known, True
        party = self._new_person()
        if draw.rnd() < 0.12 and is_in_gbk(party.customer_name):
            self.people.add(party)
            return party, True
        return party, False

    def _chain(self, region):
        """One of the owners of many small points, made on first use."""
        if not self.chains:
            for point, owner, industry, tariff in businesses.CHAINS:
                party = self._new_company(f"{self.town}{owner}", "公司" not in owner)
                self.chains.append((point, party, industry, tariff))
        return self.draw.pick(self.chains[:-1] if region == "urban" else self.chains)

    # -- points

    def _make_area(self, transformer, unique):
        """The users of one transformer area."""
        rnd = self.draw.rnd
        base = self.number
        for user in range(transformer.users):
            position = self._position(base, 0.006)
            if rnd() < SHARE_LV_OTHER:
                kind = unique.pop() if unique else None
                yield self._make_business(transformer, user, position, kind)
            else:
                yield self._make_resident(transformer, user, position)

    def _make_resident(self, transformer, user, position):
        rnd = self.draw.rnd
        party, may_repeat = self._resident()
        region = transformer.region_type
        segments = "community" if region == "urban" else "countryside"
        if rnd() < (0.01 if region == "urban" else 0.04):
            segments = "vulnerable|" + segments
        return self._finish(
            party,
            may_repeat,
            self._address(transformer, user),
            transformer.area_code,
            transformer.code,
            "",
            transformer.reading_unit_code,
            ("residential", "220V", "residential", "", "none"),
            region,
            position,
            _SECTION_KVA[int(rnd() * 7)],
            0,
            "prepaid" if rnd() < 0.3 else "postpaid",
            segments,
        )

    def _make_business(self, transformer, user, position, kind):
        draw = self.draw
        rnd = draw.rnd
        place = transformer.place
        may_repeat = False
        if kind is None and rnd() < 0.08:
            suffix, party, industry, tariff = self._chain(transformer.region_type)
            may_repeat, low, high, segments = True, 3, 20, ""
            address = f"{self._address(transformer, user)}（{suffix}）"
        else:
            is_urban = transformer.region_type == "urban"
            kind = kind or draw.pick(
                businesses.LOW_VOLTAGE_TOWN if is_urban else businesses.LOW_VOLTAGE
            )
            industry, tariff, segments = kind.industry, kind.tariff_class, kind.segments
            low, high = kind.low, kind.high
            address = f"{self._address(transformer, user)}（{kind.suffix}）"
            if kind.is_personal and rnd() < 0.55:
                party, may_repeat = self._resident()
            else:
                first = place.removesuffix("村")
                if kind not in businesses.VILLAGE and rnd() < 0.6:
                    first = draw.pick(names.BRAND_FIRST) + draw.pick(names.BRAND_SECOND)
                party = self._new_company(
                    f"{self.town}{first}{kind.suffix}",
                    kind.suffix in ("村民委员会", "村卫生室", "村小学", "敬老院"),
                )
        kva = draw.between(low, high)
        return self._finish(
            party,
            may_repeat,
            address,
            transformer.area_code,
            transformer.code,
            "",
            transformer.reading_unit_code,
            (
                "lv_other",
                "220V" if kva <= 12 else "380V",
                tariff,
                industry,
                "none",
            ),
            transformer.region_type,
            position,
            kva,
            10,
            "prepaid" if rnd() < 0.15 else "postpaid",
            segments,
        )

    def _make_high_voltage(self, kind, feeder, standby, is_named):
        draw = self.draw
        transformers = feeder.transformers or [
            item for other in self.plan.feeders for item in other.transformers
        ]
        near = draw.pick(transformers)
        may_repeat = True
        party = None
        if is_named:
            town = names.COUNTY if not self.plan.index else self.town
            party = self._new_company(f"{town}{kind.suffix}", True)
        elif draw.chance(0.08):
            party = self.companies.pick()
        if party is None:
            brand = draw.pick(names.BRAND_FIRST) + draw.pick(names.BRAND_SECOND)
            party = self._new_company(f"{names.COUNTY}{brand}{kind.suffix}")
            self.companies.add(party)
        source = draw.pick(feeder.branches)[0] if not standby else feeder.code
        kva = max(kind.low, round(kind.low + (kind.high - kind.low) * draw.rnd(), -1))
        return self._finish(
            party,
            may_repeat,
            f"{self.town}{draw.pick(names.ROADS)}{draw.between(1, 300)}号",
            near.area_code,
            source,
            standby.code if standby else "",
            self.plan.high_voltage_unit,
            (
                "hv_dual" if standby else "hv_single",
                "35kV" if kva >= 6000 else "10kV",
                kind.tariff_class,
                kind.industry,
                kind.grade,
            ),
            near.region_type,
            self._position(self.number, 0.01),
            int(kva),
            1 if kind.grade == "temporary" else 5,
            "postpaid",
            kind.segments,
        )

    def _finish(
        self,
        party,
        may_repeat,
        address,
        area_code,
        element_code,
        standby_code,
        unit_code,
        classes,
        region,
        position,
        kva,
        term,
        payment_mode,
        segments,
    ):
        """Number the point and give it its contract and, for some, the one before.

        :param term: years for which the contract is made, 0 = open
        """
        rnd = self.draw.rnd
        number = self.number
        self.number += 1
        consumer_number = str(5_300_000_000 + number * 7 + int(rnd() * 7))
        start, end, state = self._contract_dates(term, classes[0], self._adult(party))
        point = SupplyPoint(
            SOURCE_SYSTEM,
            f"P{number + 1:07d}",
            consumer_number,
            *party,
            address,
            area_code,
            element_code,
            standby_code,
            unit_code,
            *classes,
            region,
            state,
            *position,
            f"HT{number + 1:07d}",
            str(kva),
            _iso(start),
            _iso(end) if end else "",
            payment_mode,
            segments,
        )
        former = None
        is_recent = 0 < self.today - start < 5500
        if rnd() < 0.035 and is_recent and is_in_gbk(party.customer_name):
            former = self._make_former(point, start)
        return Made(point, former, may_repeat)

    def _adult(self, party):
        """The first day on which the customer may have made a contract."""
        if party.customer_kind == "person":
            return date(int(party.id_number[6:10]) + 18, 12, 31).toordinal()
        return 0

    def _contract_dates(self, term, customer_class, earliest):
        """Days on which the contract starts and ends, and the state of supply."""
        rnd = self.draw.rnd
        today = self.today
        chance = rnd()
        if chance < 0.002:
            return today + 2 + int(rnd() * 40), 0, "pending"
        if term:
            length = round(term * 365.25)
            start = today - int(rnd() * min(length - 20, today - earliest))
            end = start + length - 1
        else:
            start = today - 1 - int(rnd() * rnd() * min(8000, today - earliest))
            end = 0
        if chance < 0.005:
            end = max(start, today - 1 - int(rnd() * 300))
            return start, end, "closed"
        if chance < 0.008:
            return start, end, "disconnected"
        if customer_class.startswith("hv") and chance < 0.04:
            return start, end, "suspended"
        return start, end, "connected"

    def _make_former(self, point, start):
        """The ended contract of whoever had the point before, or None if too young."""
        rnd = self.draw.rnd
        end = start - 1 - int(rnd() * 60)
        begin = end - 200 - int(rnd() * 4000)
        party = None
        if point.customer_kind == "company":
            party = self._new_company(
                f"{self.town}{self.draw.pick(names.BRAND_FIRST)}"
                f"{self.draw.pick(names.BRAND_SECOND)}商行"
            )
        elif rnd() < 0.2:
            party = self.people.pick()
        if party is None or party.customer_ref == point.customer_ref:
            party = self._new_person()
        begin = max(begin, self._adult(party))
        if begin >= end:
            return None
        return FormerContract(
            SOURCE_SYSTEM,
            point.consumer_number,
            *party,
            f"{point.contract_ref}A",
            point.contract_kva,
            _iso(begin),
            _iso(end),
            "postpaid",
        )


def _iso(ordinal):
    return date.fromordinal(ordinal).isoformat()


def is_in_gbk(name):
    """Whether GBK can write a name of ours."""
    return not set(name) & set(names.RARE_CHARACTERS)
