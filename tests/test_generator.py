"""The station generator: what it promises in docs/importing.md and its docstrings."""

import csv
import importlib.util
import io
import subprocess
import sys
import time
import tracemalloc
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parent.parent
GENERATOR = ROOT / "scripts" / "generator"
SHIPPED = ROOT / "tests" / "data" / "dirty_station"
if importlib.util.find_spec("station_generator") is None:
    sys.path.insert(0, str(GENERATOR))

import station_generator as generator  # noqa: E402
from station_generator import identity, names  # noqa: E402
from station_generator.cli import main  # noqa: E402
from station_generator.dirt import COLUMNS, DirtPlan  # noqa: E402
from station_generator.draw import Draw  # noqa: E402

POINT_COLUMNS = generator.SupplyPoint._fields
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


def by_kind(seed, customers):
    """The records of a station in lists by their class."""
    result = defaultdict(list)
    for record in generator.station(seed, customers):
        result[type(record)].append(record)
    return result


@pytest.fixture(scope="module")
def records():
    return by_kind(7, 2000)


@pytest.fixture(scope="module")
def two_stations():
    return by_kind(3, 30_000)


@pytest.fixture(scope="module")
def dirty(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dirty")
    generator.write_dirty_station(folder)
    return folder


def read_rows(path, encoding="utf-8"):
    with path.open(encoding=encoding, newline="") as stream:
        return list(csv.reader(stream))


def read_dicts(path, encoding="utf-8"):
    with path.open(encoding=encoding, newline="") as stream:
        return list(csv.DictReader(stream))


# -- numbers


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


# -- files


def test_clean_files_hold_the_records(tmp_path, records):
    counts = generator.write_station(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        generator.FILES.values()
    )
    for kind, name in generator.FILES.items():
        rows = read_rows(tmp_path / name)
        assert tuple(rows[0]) == kind._fields
        assert [kind(*row) for row in rows[1:]] == records[kind]
        assert counts[name] == len(records[kind])


def test_documented_columns_are_the_written_ones():
    text = (ROOT / "docs" / "importing.md").read_text(encoding="utf-8")
    for kind, name in generator.FILES.items():
        section = text.split(f"### {name}")[1].split("\n## ")[0].split("\n### ")[0]
        missing = [column for column in kind._fields if f"`{column}`" not in section]
        assert not missing, name
    for kind in generator.KINDS:
        assert f"`{kind}`" in text


def test_failed_write_leaves_nothing_half_done(tmp_path, monkeypatch):
    (tmp_path / "customers.csv").write_text("old", encoding="utf-8")
    making = generator.make_points

    def fail_after_ten(*args):
        for count, made in enumerate(making(*args)):
            if count == 10:
                raise OSError(28, "No space left on device")
            yield made

    monkeypatch.setattr("station_generator.files.make_points", fail_after_ten)
    for write in (generator.write_station, generator.write_dirty_station):
        with pytest.raises(OSError, match="No space"):
            write(tmp_path, customers=100)
        assert [p.name for p in tmp_path.iterdir()] == ["customers.csv"]
        assert (tmp_path / "customers.csv").read_text(encoding="utf-8") == "old"


# -- dirt


def test_regenerating_the_shipped_files_gives_the_same_bytes(dirty):
    written = {path.name: path.read_bytes() for path in dirty.iterdir()}
    shipped = {
        path.name: path.read_bytes()
        for path in SHIPPED.iterdir()
        if path.suffix == ".csv"
    }
    assert set(written) == set(shipped)
    assert [name for name in shipped if shipped[name] != written[name]] == []


@pytest.mark.parametrize("seed", [7, 8, 9, 10])
def test_every_kind_occurs_in_2000_rows(tmp_path, seed):
    generator.write_dirty_station(tmp_path, seed=seed)
    expected = read_dicts(tmp_path / "expected_errors.csv")
    found = {error["kind"] for error in expected}
    assert found == set(generator.KINDS) | {"encoding_gbk", "bom"}


def test_kinds_occur_even_at_the_lowest_rates(tmp_path):
    generator.write_dirty_station(tmp_path, factor=0.0001)
    counts = Counter(
        error["kind"] for error in read_dicts(tmp_path / "expected_errors.csv")
    )
    assert set(counts) == set(generator.KINDS) | {"encoding_gbk", "bom"}
    assert sum(counts.values()) < 2 * len(counts)


def test_rates_are_kept(tmp_path):
    rates = dict.fromkeys(generator.KINDS, 0) | {"unknown_area": 0.1}
    generator.write_dirty_station(tmp_path, rates=rates, encoding="utf-8-sig")
    counts = Counter(
        error["kind"] for error in read_dicts(tmp_path / "expected_errors.csv")
    )
    assert set(counts) == {"unknown_area", "bom"}
    assert 140 < counts["unknown_area"] < 260
    assert (tmp_path / "customers.csv").read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("rates", [{"no_such": 0.1}, {"quotes": -1}, {"quotes": 1.1}])
def test_wrong_rates_are_refused(rates):
    with pytest.raises(ValueError, match="dirt"):
        DirtPlan(1, 10, rates)


@pytest.fixture(scope="module", params=[(2000, 1, 0.0007), (5000, 4, 0.2)])
def spoilt(request, tmp_path_factory):
    """A dirty folder and its clean points; the second has dirt on most rows."""
    customers, factor, rare_names = request.param
    folder = tmp_path_factory.mktemp("spoilt")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("station_generator.points.SHARE_RARE_NAMES", rare_names)
        generator.write_dirty_station(folder, customers=customers, factor=factor)
        clean = by_kind(7, customers)[generator.SupplyPoint]
    return folder, {point.external_ref: point for point in clean}


def test_spoilt_cells_are_the_named_ones_and_all_others_are_clean(spoilt):
    """Undoing what expected_errors.csv says gives the clean file again."""
    dirty, clean = spoilt
    rows = read_rows(dirty / "customers.csv", "gbk")
    expected = defaultdict(list)
    for error in read_dicts(dirty / "expected_errors.csv"):
        if error["file"] == "customers.csv" and error["row"] != "0":
            expected[int(error["row"])].append(error)
    seen = []
    for number, row in enumerate(rows[1:], start=2):
        listed = expected.pop(number, [])
        errors = {error["column"]: error for error in listed}
        assert len(errors) == len(listed)
        assert len(row) >= len(POINT_COLUMNS)
        kinds = {error["kind"] for error in errors.values()}
        reference = row[COLUMNS["external_ref"]]
        differing = {
            column
            for column, cell, good in zip(
                POINT_COLUMNS, row, clean[reference], strict=False
            )
            if cell != good
        }
        assert differing == set(errors) - {""}
        assert (len(row) > len(POINT_COLUMNS)) is ("trailing_columns" in kinds)
        for column, error in errors.items():
            assert error["external_ref"] == reference
            kind = generator.KINDS[error["kind"]]
            assert error["repairable"] == ("yes" if kind.is_repairable else "no")
            if column:
                assert error["written"] == row[COLUMNS[column]]
            if "duplicate" in kind.name:
                original = rows[int(error["expected"]) - 1]
                check_duplicate(kind.name, row, original)
            elif column and kind.is_repairable:
                good = clean[reference][COLUMNS[column]]
                check_repair(kind.name, error, good)
        if not kinds & {"duplicate_exact", "duplicate_changed"}:
            seen.append(reference)
    assert not expected
    assert seen == list(clean)


def check_duplicate(kind, row, original):
    same = [a == b for a, b in zip(row, original, strict=True)]
    if kind == "duplicate_exact":
        assert all(same)
    elif kind == "duplicate_changed":
        assert same.count(False) == 1
        assert same[COLUMNS["external_ref"]]
    else:
        assert same[COLUMNS["consumer_number"]]
        assert not same[COLUMNS["external_ref"]]


def check_repair(kind, error, good):
    """What the loader is to make of a repairable cell is the clean value."""
    if kind == "line_break":
        assert error["expected"].replace(" ", "", 1) == good
        assert "\n" in error["written"]
    elif kind == "quotes":
        assert error["expected"] == error["written"]
    elif kind == "landline_area_code":
        assert error["expected"].startswith("0873") and error["expected"].isdigit()
    else:
        assert error["expected"] == good


def test_dirt_does_not_break_what_other_rows_depend_on(spoilt):
    """A reported row has no former occupant and its customer no other row."""
    dirty, points = spoilt
    former = read_dicts(dirty / "former_customers.csv", "utf-8-sig")
    with_former = {row["consumer_number"] for row in former}
    owned = Counter(point.customer_ref for point in points.values())
    owned.update(row["customer_ref"] for row in former)
    checked = Counter()
    for error in read_dicts(dirty / "expected_errors.csv"):
        if error["repairable"] == "no" and error["kind"] != "duplicate_changed":
            point = points[error["external_ref"]]
            assert point.consumer_number not in with_former
            if error["column"] in ("customer_name", "phone", "id_number"):
                assert owned[point.customer_ref] == 1
                checked[error["column"]] += 1
    assert set(checked) == {"customer_name", "phone", "id_number"}


def test_encodings_and_line_ends(dirty):
    customers = (dirty / "customers.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        customers.decode("utf-8")
    text = customers.decode("gbk")
    assert text == customers.decode("gb18030")
    assert text.count("\r\n") >= 2000
    former = (dirty / "former_customers.csv").read_bytes()
    assert former.startswith(b"\xef\xbb\xbf")
    for kind in (generator.Station, generator.Element, generator.Area):
        support = (dirty / generator.FILES[kind]).read_bytes()
        assert not support.startswith(b"\xef\xbb\xbf") and b"\r" not in support
        support.decode("utf-8")


@pytest.mark.parametrize("encoding, is_lossy", [("gbk", True), ("gb18030", False)])
def test_characters_outside_gbk(tmp_path, encoding, is_lossy):
    """They are lost in GBK and said so; in GB 18030 they are kept."""
    rates = dict.fromkeys(generator.KINDS, 0)
    generator.write_dirty_station(
        tmp_path, seed=3, customers=20_000, encoding=encoding, rates=rates
    )
    rare = {
        point.external_ref: point.customer_name
        for point in generator.station(3, 20_000)
        if isinstance(point, generator.SupplyPoint)
        and set(point.customer_name) & set(names.RARE_CHARACTERS)
    }
    assert len(rare) > 3
    rows = read_dicts(tmp_path / "customers.csv", encoding)
    written = {
        row["external_ref"]: row["customer_name"]
        for row in rows
        if row["external_ref"] in rare
    }
    lost = {
        error["external_ref"]: error["written"]
        for error in read_dicts(tmp_path / "expected_errors.csv")
        if error["row"] != "0"
    }
    if is_lossy:
        assert lost == written
        assert all(name.endswith("?") for name in written.values())
    else:
        assert written == rare and not lost


def test_small_dirty_files_do_not_fail(tmp_path):
    for customers in (1, 2, 30):
        counts = generator.write_dirty_station(tmp_path, customers=customers)
        rows = read_rows(tmp_path / "customers.csv", "gbk")
        assert len(rows) - 1 == counts["customers.csv"] >= customers


# -- command line


def test_command_line(tmp_path, capsys):
    assert main(["--customers", "50", "--out", str(tmp_path / "a")]) == 0
    assert "customers.csv" in capsys.readouterr().out
    options = ["--customers", "50", "--out", str(tmp_path / "b"), "--dirty"]
    assert main([*options, "--encoding", "gb18030", "--rate", "quotes=0.5"]) == 0
    expected = read_dicts(tmp_path / "b" / "expected_errors.csv")
    assert Counter(error["kind"] for error in expected)["quotes"] > 5


def test_script_runs_from_any_folder(tmp_path):
    command = [str(ROOT / "scripts" / "generate"), "--customers", "3", "--out", "x"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    assert len(read_rows(tmp_path / "x" / "customers.csv")) == 4


@pytest.mark.parametrize(
    "options, sentence",
    [
        (["--customers", "0"], "between 1 and 1,000,000"),
        (["--rate", "quotes=0.1"], "need --dirty"),
        (["--dirty", "--rate", "quotes"], "is not like unknown_area=0.01"),
        (["--dirty", "--rate", "none=0.1"], "Unknown kind of dirt: none"),
        (["--dirty", "--encoding", "klingon"], "unknown encoding: klingon"),
    ],
)
def test_command_line_mistakes(tmp_path, capsys, options, sentence):
    with pytest.raises(SystemExit) as stop:
        main(["--out", str(tmp_path / "none"), *options])
    assert stop.value.code == 2
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


def test_command_line_folder_that_cannot_be_written(tmp_path, capsys):
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert main(["--out", str(tmp_path / "file" / "x")]) == 1
    assert "Cannot write to" in capsys.readouterr().err


# -- speed and memory


@pytest.mark.parametrize("is_dirty", [False, True])
def test_20000_rows_a_second(tmp_path, is_dirty):
    """Measured in processor time, so that other work does not count."""
    write = generator.write_dirty_station if is_dirty else generator.write_station
    start = time.process_time()
    write(tmp_path, customers=40_000)
    assert 40_000 / (time.process_time() - start) >= 20_000


def test_memory_does_not_grow_with_the_size(monkeypatch):
    monkeypatch.setattr("station_generator.plan.STATION_SIZE", 1000)
    peaks = []
    for customers in (3000, 24_000):
        tracemalloc.start()
        for _record in generator.station(1, customers):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.1


def test_output_is_plain_csv_for_other_readers(dirty):
    """Line breaks inside values survive a reader that is given the whole text."""
    text = (dirty / "customers.csv").read_bytes().decode("gbk")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert {len(row) for row in rows} <= set(
        range(len(POINT_COLUMNS), len(POINT_COLUMNS) + 4)
    )
