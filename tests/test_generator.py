"""The station generator: what it promises of a station in docs/importing.md."""

from collections import Counter
from datetime import date

import pytest
from generator_common import by_kind, generator
from hypothesis import given, settings
from hypothesis import strategies as st
from station_generator import identity, names
from station_generator.draw import Draw

CHOICES = {
    "customer_kind": {"person", "company"},
    "customer_class": {"residential", "lv_other", "hv_single", "hv_dual"},
    "voltage_level": {"220V", "380V", "10kV", "35kV"},
    "tariff_class": {"residential", "agricultural", "commercial", "industrial"},
    "importance_grade": {"none", "second", "first", "special", "temporary"},
    "region_type": {"urban", "rural", "remote"},
    "supply_state": {"pending", "connected", "disconnected", "suspended", "closed"},
    "payment_mode": {"postpaid", "prepaid"},
}
SEGMENTS = {"vulnerable", "enterprise", "school", "community", "countryside"}


@pytest.mark.parametrize(
    "number, is_valid",
    [
        ("11010519491231002X", True),  # the examples printed in GB 11643
        ("440524188001010014", True),
        ("110105194912310021", False),
        ("11010519491331002X", False),
        ("11010519491231002x", False),
        ("1101051949123100", False),
        ("１１０１０５１９４９１２３１００２X", False),
    ],
)
def test_id_number_check(number, is_valid):
    assert identity.is_valid_id_number(number) is is_valid


@pytest.mark.parametrize(
    "code, is_valid",
    [
        ("91350100M000100Y43", True),  # the example printed in GB 32100
        ("91350100M000100Y44", False),
        ("91350100M000100I43", False),
        ("91350100M000100Y4", False),
    ],
)
def test_credit_code_check(code, is_valid):
    assert identity.is_valid_credit_code(code) is is_valid


@given(st.text("0123456789", min_size=17, max_size=17))
def test_id_check_is_iso_7064_mod_11_2(digits):
    """The standard's other wording: all 18 places, weighted by powers of 2, give 1."""
    check = identity.id_check_character(digits)
    places = [*map(int, digits), 10 if check == "X" else int(check)]
    total = sum(value * 2 ** (17 - index) for index, value in enumerate(places))
    assert total % 11 == 1


@given(st.integers(0, 10**12), st.booleans(), st.integers(1930, 2010))
def test_made_numbers_are_valid_and_belong_to_nobody(seed, is_female, year):
    draw = Draw(seed)
    number = identity.make_id_number(draw, is_female, year)
    assert identity.is_valid_id_number(number)
    assert number.startswith("539921")
    assert int(number[6:10]) == year
    assert (int(number[16]) % 2 == 0) is is_female
    assert identity.is_valid_credit_code(identity.make_credit_code(draw))


@given(
    st.integers(0, 10**9),
    st.integers(0, 5000),
    st.integers(1, 60),
    st.integers(0, 40),
    st.integers(0, 60),
)
def test_spread_is_exact_and_inside_its_limits(seed, total, parts, low, width):
    high = low + width
    values = Draw(seed).spread(total, parts, low, high, skew=2)
    assert len(values) == parts
    assert sum(values) == total
    if low * parts <= total <= high * parts:
        assert low <= min(values) <= max(values) <= high


def test_draws_repeat_on_every_python_version():
    draw = Draw(7, "x")
    assert [draw.below(1000) for _ in range(5)] == [665, 769, 53, 681, 657]
    assert draw.shuffled(range(6)) == [1, 2, 4, 0, 5, 3]


# -- the clean station


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**9), st.integers(1, 700))
def test_every_size_has_the_laws_of_a_station(seed, customers):
    check_laws(by_kind(seed, customers), customers)


def test_laws_hold_at_2000(records):
    check_laws(records, 2000)


def test_laws_hold_for_two_stations(two_stations):
    check_laws(two_stations, 30_000)
    assert [s.name for s in two_stations[generator.Station]] == [
        "云溪供电所",
        "青石供电所",
    ]


def check_laws(records, customers):
    """Uniqueness, references and values that hold for every seed and size."""
    points = records[generator.SupplyPoint]
    assert len(points) == customers
    for column in ("consumer_number", "external_ref", "contract_ref"):
        assert len({getattr(p, column) for p in points}) == customers, column
    codes = {}
    for kind in (
        generator.Station,
        generator.Employee,
        generator.Area,
        generator.ReadingUnit,
        generator.Element,
    ):
        codes[kind] = {record.code for record in records[kind]}
        assert len(codes[kind]) == len(records[kind]), kind
    for kind in (generator.Employee, generator.ReadingUnit):
        assert {r.station_code for r in records[kind]} <= codes[generator.Station]
    check_areas(records, codes)
    check_elements(records, codes)
    parties = {}
    for point in points:
        check_point(point, codes)
        party = point[3:9]
        assert parties.setdefault(point.customer_ref, party) == party
    check_formers(records, parties)


def check_areas(records, codes):
    seen = set()
    for area in records[generator.Area]:
        assert not area.parent_code or area.parent_code in seen
        assert area.manager_code in codes[generator.Employee]
        assert area.station_code in codes[generator.Station]
        seen.add(area.code)


def check_elements(records, codes):
    above = {
        "substation": {""},
        "feeder": {"substation"},
        "branch": {"feeder"},
        "transformer": {"feeder", "branch"},
    }
    types = {"": ""}
    for element in records[generator.Element]:
        assert types[element.parent_code] in above[element.element_type]
        assert element.station_code in codes[generator.Station]
        types[element.code] = element.element_type


def check_point(point, codes):
    assert len(point.consumer_number) == 10 and point.consumer_number.isdigit()
    assert point.area_code in codes[generator.Area]
    assert point.reading_unit_code in codes[generator.ReadingUnit]
    assert point.element_code in codes[generator.Element]
    for column, choices in CHOICES.items():
        assert getattr(point, column) in choices
    is_dual = point.customer_class == "hv_dual"
    assert bool(point.standby_element_code) is is_dual
    if is_dual:
        assert point.standby_element_code in codes[generator.Element]
        assert point.standby_element_code != point.element_code
    assert set(filter(None, point.segments.split("|"))) <= SEGMENTS
    check = (
        identity.is_valid_id_number
        if point.customer_kind == "person"
        else identity.is_valid_credit_code
    )
    assert check(point.id_number)
    assert point.customer_name and point.address.startswith(names.COUNTY)
    assert int(point.contract_kva) > 0
    start = date.fromisoformat(point.contract_from)
    assert is_adult(point)
    if point.contract_to:
        assert start <= date.fromisoformat(point.contract_to)
    is_current = start <= generator.AS_OF and (
        not point.contract_to or point.contract_to >= generator.AS_OF.isoformat()
    )
    assert is_current is (point.supply_state not in ("pending", "closed"))


def is_adult(contract):
    """Whether a person was 18 when the contract began."""
    if contract.customer_kind == "company":
        return True
    return int(contract.contract_from[:4]) - int(contract.id_number[6:10]) >= 18


def check_formers(records, parties):
    by_number = {p.consumer_number: p for p in records[generator.SupplyPoint]}
    contracts = {p.contract_ref for p in by_number.values()}
    for former in records[generator.FormerContract]:
        point = by_number[former.consumer_number]
        assert former.contract_from < former.contract_to < point.contract_from
        assert former.customer_ref != point.customer_ref
        assert is_adult(former)
        assert former.contract_ref not in contracts
        contracts.add(former.contract_ref)
        party = former[2:8]
        assert parties.setdefault(former.customer_ref, party) == party


def test_proportions(two_stations):
    points = two_stations[generator.SupplyPoint]
    shares = Counter(p.customer_class for p in points)
    assert shares["residential"] / 30_000 == pytest.approx(0.90, abs=0.005)
    assert shares["lv_other"] / 30_000 == pytest.approx(0.08, abs=0.005)
    assert shares["hv_single"] / 30_000 == pytest.approx(0.015, abs=0.0002)
    assert shares["hv_dual"] / 30_000 == pytest.approx(0.005, abs=0.0002)
    owned = Counter(p.customer_ref for p in points)
    several = sum(count > 1 for count in owned.values()) / len(owned)
    assert 0.01 < several < 0.06
    assert max(owned.values()) > 20  # a chain with points all over the station
    surnames = Counter(p.customer_name[0] for p in points if p.customer_kind[0] == "p")
    assert {name for name, _count in surnames.most_common(3)} == set("王李张")
    formers = two_stations[generator.FormerContract]
    assert 0.02 < len(formers) / 30_000 < 0.05
    moved = {f.customer_ref for f in formers} & set(owned)
    assert len(moved) > 50
    assert {p.region_type for p in points} == CHOICES["region_type"]
    assert {p.voltage_level for p in points} == CHOICES["voltage_level"]
    assert {p.supply_state for p in points} == CHOICES["supply_state"]
    assert any(set(p.customer_name) & set(names.RARE_CHARACTERS) for p in points)


@pytest.mark.parametrize("customers", [2000, 5300])
def test_standby_comes_from_another_substation(customers):
    """Also where the number of feeders is odd, as with 5,300 customers."""
    station = by_kind(3, customers)
    parent = {e.code: e.parent_code for e in station[generator.Element]}
    for point in station[generator.SupplyPoint]:
        if point.standby_element_code:
            assert parent[point.standby_element_code] != parent[point.element_code]


@pytest.mark.parametrize("seed", [1, 7, 12])
def test_shape_of_network_at_2000(seed):
    records = by_kind(seed, 2000)
    users = Counter(
        p.element_code
        for p in records[generator.SupplyPoint]
        if not p.customer_class.startswith("hv")
    )
    elements = {e.code: e for e in records[generator.Element]}
    assert all(elements[code].element_type == "transformer" for code in users)
    assert 50 <= min(users.values()) and max(users.values()) <= 250
    per_feeder = Counter()
    for element in elements.values():
        if element.element_type == "transformer":
            parent = elements[element.parent_code]
            is_feeder = parent.element_type == "feeder"
            per_feeder[parent.code if is_feeder else parent.parent_code] += 1
    assert 10 <= min(per_feeder.values()) and max(per_feeder.values()) <= 30


def test_important_customers(records):
    points = records[generator.SupplyPoint]
    by_name = {p.customer_name: p for p in points}
    hospital = by_name["澄湾县人民医院"]
    assert hospital.importance_grade == "first"
    assert hospital.customer_class == "hv_dual"
    assert by_name["澄湾县自来水厂"].importance_grade == "second"
    assert {p.importance_grade for p in points} == CHOICES["importance_grade"]
    assert {s for p in points for s in p.segments.split("|")} - {""} == SEGMENTS
    farms = [
        point
        for point in points
        if point.tariff_class == "agricultural" and point.customer_class == "lv_other"
    ]
    assert farms and all(p.region_type != "urban" for p in farms)
    assert any(p.customer_name.endswith("村小学") for p in points)


def test_same_seed_same_station_other_seed_other_station():
    first = list(generator.station(5, 300))
    assert first == list(generator.station(5, 300))
    assert first != list(generator.station(6, 300))


def test_dates_follow_the_day_of_the_export():
    points = [
        record
        for record in generator.station(5, 300, as_of=date(2031, 1, 5))
        if isinstance(record, generator.SupplyPoint)
    ]
    current = [p for p in points if p.supply_state == "connected"]
    assert all(p.contract_to >= "2031-01-05" for p in current if p.contract_to)


@pytest.mark.parametrize("customers", [0, -1, 1_000_001])
def test_size_out_of_range(customers, tmp_path):
    with pytest.raises(ValueError, match="between 1 and 1,000,000"):
        generator.station(1, customers)
    for write in (generator.write_station, generator.write_dirty_station):
        with pytest.raises(ValueError, match="between 1 and 1,000,000"):
            write(tmp_path / "none", customers=customers)
    assert not (tmp_path / "none").exists()


def test_a_million_is_forty_stations_of_equal_size():
    sizes = generator.station_sizes(1_000_000)
    assert len(sizes) == 40 and set(sizes) == {25_000}
    assert len(set(names.TOWNS)) == len(names.TOWNS) >= 40


# -- English names


def test_english_names(two_stations):
    english = generator.english_names(3, 30_000)
    for kind, rows in two_stations.items():
        if "code" in kind._fields:
            found = english[generator.FILES[kind]]
            assert set(found) == {row.code for row in rows}
            assert all(name.isascii() and name for name in found.values())
    assert english["stations.csv"]["S01"] == "Yunxi Supply Station"


def test_english_of_customers_addresses_and_posts(two_stations):
    for point in two_stations[generator.SupplyPoint]:
        is_person = point.customer_kind == "person"
        make = generator.english_person if is_person else generator.english
        assert make(point.customer_name).isascii()
        assert generator.english(point.address).isascii()
    for employee in two_stations[generator.Employee]:
        assert generator.english(employee.team).isascii()
        assert generator.english(employee.job).isascii()


@pytest.mark.parametrize(
    "chinese, english",
    [
        ("云溪供电所", "Yunxi Supply Station"),
        ("澄湾县人民医院", "Chengwan County People's Hospital"),
        ("柳塘村2号公变", "Liutang Village 2 Transformer"),
        ("澄湾县恒泰食品有限公司", "Chengwan County Hengtai Foods Co., Ltd."),
    ],
)
def test_english_of_names(chinese, english):
    assert generator.english(chinese) == english


def test_english_of_persons():
    assert generator.english_person("王建国") == "Wang Jianguo"
    assert generator.english_person("欧阳敏") == "Ouyang Min"
