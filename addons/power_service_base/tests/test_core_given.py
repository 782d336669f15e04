"""Values that phones and other programs send; no database."""

import pytest

from odoo.addons.power_service_base.core.given import (
    find_text_problem,
    is_none,
    is_number,
    shorten,
)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("", None),
        ("中文 <b>", None),
        ("x" * 10, None),
        ("x" * 11, "long"),
        ("a\x00b", "stored"),
        ("\ud800", "stored"),
        *((value, "no_text") for value in (None, False, 5, 1.5, b"x", ["x"], {})),
    ],
)
def test_texts(value, problem):
    assert find_text_problem(value, 10) == problem


def test_what_is_empty_was_sent():
    assert [is_none(value) for value in (None, False)] == [True] * 2
    assert not any(is_none(value) for value in ("", 0, 0.0, [], {}, b""))


@pytest.mark.parametrize("value", [0, -1, 1.5, 10**14])
def test_numbers(value):
    assert is_number(value)


@pytest.mark.parametrize(
    "value",
    [None, False, True, "5", "", [5], {}, 1e308, 10**70, float("nan"), float("inf")],
)
def test_no_numbers(value):
    assert not is_number(value)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("x" * 100, "x" * 40 + "…"),
        ("a\x1b\ud800b", "a��b"),
        ({"secret": 1}, "dict"),
        (5, "5"),
        (None, "None"),
    ],
)
def test_what_is_repeated_in_a_message_is_short_and_plain(value, shown):
    assert shorten(value) == shown
