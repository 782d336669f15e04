"""What every call by JSON-2 has in common; no database."""

import pytest

from odoo.addons.power_service_base.core.json_call import (
    COMPANIES,
    CONTEXT,
    IDS,
    LANG,
    NAMES,
    TIME_ZONE,
    find_problem,
)

NOT_IDS = (
    *(None, False, True, 5, "x", "", {}, [0], [-1], [2**31], [1.5], [True], [None]),
    *(["1"], [[1]], [{}], "\x00"),
)


@pytest.mark.parametrize("bad", NOT_IDS)
def test_ids(bad):
    assert find_problem({"ids": bad}) == IDS
    # Nobody need say for which companies.
    expected = COMPANIES if bad else None
    assert find_problem({"context": {COMPANIES: bad}}) == expected


@pytest.mark.parametrize("bad", [None, False, 5, "x", ["x"], [("lang", "en_US")]])
def test_context(bad):
    assert find_problem({"context": bad}) == CONTEXT


@pytest.mark.parametrize("bad", [5, True, ["x"], {"x": 1}, "\x00", "en\n", "中文"])
@pytest.mark.parametrize("name", [LANG, TIME_ZONE])
def test_codes(name, bad):
    assert find_problem({"context": {name: bad}}) == name


@pytest.mark.parametrize("bad", ["", "self", "a b", "\x00", "1", "x.y"])
def test_names(bad):
    assert find_problem({bad: 1}) == NAMES


@pytest.mark.parametrize(
    "good",
    [
        {},
        {"ids": []},
        {"ids": [1, 2**31 - 1], "note": "\x00", "vals": {}},
        {"context": {}},
        {"context": {"lang": "zh_CN", "tz": "Asia/Shanghai", COMPANIES: [1, 2]}},
        {"context": {"lang": False, "tz": None, COMPANIES: False, "x": object()}},
    ],
)
def test_what_makes_sense(good):
    assert find_problem(good) is None
