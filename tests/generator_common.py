"""The station generator for its tests: how it is found, and how its files are read."""

import csv
import importlib.util
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GENERATOR = ROOT / "scripts" / "generator"
SHIPPED = ROOT / "tests" / "data" / "dirty_station"
if importlib.util.find_spec("station_generator") is None:
    sys.path.insert(0, str(GENERATOR))

import station_generator as generator  # noqa: E402

POINT_COLUMNS = generator.SupplyPoint._fields


def by_kind(seed, customers):
    """The records of a station in lists by their class."""
    result = defaultdict(list)
    for record in generator.station(seed, customers):
        result[type(record)].append(record)
    return result


def read_rows(path, encoding="utf-8"):
    with path.open(encoding=encoding, newline="") as stream:
        return list(csv.reader(stream))


def read_dicts(path, encoding="utf-8"):
    with path.open(encoding=encoding, newline="") as stream:
        return list(csv.DictReader(stream))
