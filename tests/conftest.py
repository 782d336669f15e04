"""Fixtures that the files of the station generator's tests share."""

import pytest
from generator_common import by_kind, generator


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
