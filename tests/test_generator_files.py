"""The station generator: the files it writes, clean and dirty, and its command."""

import csv
import io
import subprocess
import time
import tracemalloc
from collections import Counter, defaultdict

import pytest
from generator_common import (
    POINT_COLUMNS,
    ROOT,
    SHIPPED,
    by_kind,
    generator,
    read_dicts,
    read_rows,
)
from station_generator import names
from station_generator.cli import main
from station_generator.dirt import COLUMNS, DirtPlan

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
