from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.power_service_base.core import import_cleaning as cleaning
from odoo.addons.power_service_base.core.import_format import (
    KINDS,
    Node,
    RowCleaner,
    check_tree,
    match_header,
)


@pytest.mark.parametrize(
    ("rule", "text", "value", "repairs"),
    [
        (cleaning.clean_name, " 张三 ", "张三", ["space_around"]),
        (cleaning.clean_name, "　张三　", "张三", ["space_ideographic"]),
        (cleaning.clean_name, "张　三", "张三", ["space_inside"]),
        (cleaning.clean_name, "Li  Na", "Li Na", ["space_inside"]),
        (cleaning.clean_name, "\ufeff张三", "张三", ["invisible"]),
        (cleaning.clean_text, "镇\r\n路", "镇 路", ["line_break"]),
        (cleaning.clean_text, "１８号（店）", "18号（店）", ["full_width"]),
        (cleaning.clean_text, "A,'后门'", "A,'后门'", []),
        (cleaning.clean_code, "Ｇ０１", "G01", ["full_width"]),
        (cleaning.clean_code, "G 01", "G01", ["space_inside"]),
        (
            cleaning.clean_consumer_number,
            '="5300000017"',
            "5300000017",
            ["excel_guard"],
        ),
        (cleaning.clean_consumer_number, "'5300000017", "5300000017", ["excel_guard"]),
        (cleaning.clean_consumer_number, "5300000017\t", "5300000017", ["excel_guard"]),
        (cleaning.clean_number, "1,250", Decimal(1250), ["thousands_separator"]),
        (cleaning.clean_number, "８", Decimal(8), ["full_width"]),
        (cleaning.clean_number, "12.5", Decimal("12.5"), []),
        (cleaning.clean_date, "2023-05-01", date(2023, 5, 1), []),
        (cleaning.clean_date, "2023/5/1", date(2023, 5, 1), ["date_slash"]),
        (cleaning.clean_date, "2023.5.1", date(2023, 5, 1), ["date_slash"]),
        (cleaning.clean_date, "20230501", date(2023, 5, 1), ["date_compact"]),
        (cleaning.clean_date, "2023年5月1日", date(2023, 5, 1), ["date_chinese"]),
        (cleaning.clean_date, "2023-05-01 00:00:00", date(2023, 5, 1), ["date_time"]),
        (cleaning.clean_date, "45047", date(2023, 5, 1), ["date_serial"]),
        (cleaning.clean_phone, "13800123456", "+8613800123456", []),
        (cleaning.clean_phone, "+8613800123456", "+8613800123456", []),
        (cleaning.clean_phone, "138-0012-3456", "+8613800123456", ["phone_formatted"]),
        (
            cleaning.clean_phone,
            "0086 13800123456",
            "+8613800123456",
            ["phone_formatted"],
        ),
        (cleaning.clean_phone, "0873-6612345", "+868736612345", []),
        (cleaning.clean_phone, "（0873）6612345", "+868736612345", None),
        (cleaning.clean_phone, "010-88886666", "+861088886666", []),
        (cleaning.clean_phone, "400-123-4567", "+864001234567", ["phone_formatted"]),
        (cleaning.clean_phone, "+85291234567", "+85291234567", []),
        (cleaning.clean_id_number, "53992119540610114x", "53992119540610114X", None),
        (cleaning.clean_id_number, "91350100M000100Y43", "91350100M000100Y43", []),
        (cleaning.clean_email, " a@b.cn ", "a@b.cn", ["space_around"]),
    ],
)
def test_values_that_are_put_right(rule, text, value, repairs):
    result = rule(text)
    assert result.reason is None
    assert result.value == value
    if repairs is not None:
        assert list(result.repairs) == repairs


@pytest.mark.parametrize(
    ("rule", "text", "key"),
    [
        (cleaning.clean_name, "张?", "lost_character"),
        (cleaning.clean_text, "a\ufffdb", "lost_character"),
        (cleaning.clean_code, "1.23E+09", "excel_number"),
        (cleaning.clean_consumer_number, "5.30000E+09", "excel_number"),
        (cleaning.clean_consumer_number, "12", "number_form"),
        (cleaning.clean_number, "viel", "number_invalid"),
        (cleaning.clean_number, "1.2.3", "number_invalid"),
        (cleaning.clean_number, "12,34", "number_invalid"),
        (cleaning.clean_date, "2023-02-30", "date_impossible"),
        (cleaning.clean_date, "20230631", "date_impossible"),
        (cleaning.clean_date, "0001-01-01", "date_impossible"),
        (cleaning.clean_date, "5/1/2023", "date_form"),
        (cleaning.clean_date, "23-05-01", "date_form"),
        (cleaning.clean_phone, "1380012", "phone_short"),
        (cleaning.clean_phone, "138OO12345b", "phone_letters"),
        (cleaning.clean_phone, "6612345", "landline_no_area_code"),
        (cleaning.clean_phone, "138001234567", "phone_long"),
        (cleaning.clean_phone, "13800123456、13900123456", "phone_many"),
        (cleaning.clean_phone, "1.38E+10", "excel_number"),
        (cleaning.clean_id_number, "539921195406101141", "id_checksum"),
        (cleaning.clean_id_number, "53992119540610", "id_length"),
        (cleaning.clean_id_number, "539921195413101145", "id_checksum"),
        (cleaning.clean_email, "a@b", "email_invalid"),
    ],
)
def test_values_without_one_meaning(rule, text, key):
    result = rule(text)
    assert result.value is None
    assert result.reason.key == key


def test_landline_gets_the_station_s_area_code():
    assert cleaning.clean_phone("6612345", "0873").value == "+868736612345"


def test_number_with_unit_and_bounds():
    assert cleaning.clean_number("50kVA", ("kva",)).value == 50
    assert cleaning.clean_number("-1", (), 0).reason.key == "number_small"
    assert cleaning.clean_number("91", (), -90, 90).reason.key == "number_range"


RULES = [
    cleaning.clean_name,
    cleaning.clean_text,
    cleaning.clean_code,
    cleaning.clean_consumer_number,
    cleaning.clean_number,
    cleaning.clean_date,
    cleaning.clean_phone,
    cleaning.clean_id_number,
    cleaning.clean_email,
]


@given(st.sampled_from(RULES), st.text())
def test_every_text_gives_a_value_a_reason_or_nothing(rule, text):
    result = rule(text)
    assert result.value is None or result.reason is None
    if isinstance(result.value, str):
        assert result.value == result.value.strip()
        assert "\x00" not in result.value and "\n" not in result.value


PLAIN_RULES = {
    "code": cleaning.clean_code,
    "consumer": cleaning.clean_consumer_number,
    "name": cleaning.clean_name,
    "text": cleaning.clean_text,
    "phone": cleaning.clean_phone,
}


@given(st.sampled_from(sorted(PLAIN_RULES)), st.data())
def test_plain_cells_are_what_their_rule_leaves_as_it_is(name, data):
    """The look that saves the rule's work never gives another answer."""
    text = data.draw(st.from_regex(cleaning.PLAIN[name], fullmatch=True))
    value = cleaning.PLAIN_PREFIX.get(name, "") + text
    assert PLAIN_RULES[name](text) == cleaning.Cleaned(value, ())


def test_broken_characters_are_not_plain():
    assert set(cleaning.PLAIN) == set(PLAIN_RULES)
    for text in (
        "锟斤拷",
        "张锟斤拷",
        "张?",
        "1.5E+10",
        "１３",
        "'1",
        " 1",
        "1\n",
        "\x85",
    ):
        assert not any(look.fullmatch(text) for look in cleaning.PLAIN.values()), text


def test_only_spaces_are_no_name():
    for text in ("\x85", "\u2028", " \u3000 ", "\x85\x85"):
        assert cleaning.clean_name(text).value is None
        assert cleaning.clean_text(text).value is None


@given(st.sampled_from(RULES), st.text())
def test_a_cleaned_value_is_clean(rule, text):
    value = rule(text).value
    if value is not None:
        again = rule(str(value))
        assert again.value == value
        assert not again.repairs


DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31))
FORMS = ["{0:%Y-%m-%d}", "{0.year}/{0.month}/{0.day}", "{0:%Y%m%d}"]
FORMS += ["{0.year}年{0.month}月{0.day}日", "{0:%Y-%m-%d} 00:00:00"]


@given(DAYS, st.sampled_from(FORMS), st.sampled_from(["", " ", "\u3000"]))
def test_every_date_is_read_in_every_form(day, form, space):
    assert cleaning.clean_date(space + form.format(day) + space).value == day


@given(st.integers(min_value=20_000, max_value=79_999))
def test_day_numbers_of_spreadsheets(serial):
    value = cleaning.clean_date(str(serial)).value
    assert value == date(1899, 12, 30) + timedelta(days=serial)


FULL = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.booleans(), st.booleans())
def test_mobiles_in_every_dress(number, is_wide, has_prefix):
    text = f"+86 {number[:3]}-{number[3:7]}-{number[7:]}" if has_prefix else number
    if is_wide:
        text = text.translate(FULL)
    assert cleaning.clean_phone(text).value == f"+86{number}"


@given(st.from_regex(r"[1-9][0-9]{5}19[0-9]{2}0[1-9]1[0-9][0-9]{3}", fullmatch=True))
def test_of_all_check_characters_one_is_right(body):
    right = [c for c in "0123456789X" if cleaning.is_identity_number(body + c)]
    assert len(right) == 1


def test_headers_in_both_languages_and_any_order():
    header = match_header(
        "areas", ["上级网格编码", "NAME ", "Code*", "供电所 编码", ""]
    )
    assert header.indexes == {
        "parent_code": 0,
        "name": 1,
        "code": 2,
        "station_code": 3,
    }
    assert not header.missing and not header.unknown
    header = match_header("areas", ["code", "colour", "网格编码", "错误：行号"])
    assert header.unknown == ("colour",)
    assert header.repeated == ("网格编码",)
    assert header.missing == ("name", "station_code")


def test_headers_of_a_kind_are_never_ambiguous():
    for kind, columns in KINDS.items():
        labels = [label for c in columns for label in (c.name, c.zh, *c.labels)]
        assert len(labels) == len(set(labels)), kind


def test_row_of_wrong_width():
    columns = [column.name for column in KINDS["reading_units"]]
    cleaner = RowCleaner("reading_units", match_header("reading_units", columns))
    values, issues = cleaner.clean(2, ["R1", "一段", "S1", "", ""])
    assert values == ["R1", "一段", "S1"]
    assert [issue.kind for issue in issues] == ["trailing_columns"]
    _values, issues = cleaner.clean(3, ["R1", "一段", "S1", "x"])
    assert [issue.kind for issue in issues] == ["too_many_cells"]
    _values, issues = cleaner.clean(4, ["R1"])
    assert [issue.kind for issue in issues] == ["empty_required"] * 2


def test_defaults_fill_empty_cells_and_absent_columns():
    for cells in (["code", "name"], ["code", "name", "station_code"]):
        header = match_header("reading_units", cells)
        cleaner = RowCleaner("reading_units", header, defaults={"station_code": "S9"})
        values, issues = cleaner.clean(2, ["R1", "一段", ""][: len(cells)])
        assert values == ["R1", "一段", "S9"]
        assert not issues


PARENTS = st.lists(st.integers(-1, 12), min_size=1, max_size=12)


@given(PARENTS)
def test_tree_takes_exactly_the_rows_that_lead_to_a_root(parents):
    """Row i has code i; its parent is -1 (none), a row, or one that nobody has."""
    nodes = [
        Node(i, str(i), str(parent) if parent >= 0 else None)
        for i, parent in enumerate(parents)
    ]
    refused, depths = check_tree(nodes, {})
    for i in range(len(parents)):
        seen, at = set(), i
        while at not in seen and 0 <= at < len(parents):
            seen.add(at)
            at = parents[at]
        assert (i in depths) is (at == -1)
        assert (i in refused) is (at != -1)
        if i in depths and parents[i] >= 0:
            assert depths[i] > depths[parents[i]]


def _clean(**cells):
    """(value, issues) of the one cell of a customers' row that is looked at."""
    [(name, text)] = cells.items()
    cleaner = RowCleaner("customers", match_header("customers", [name]))
    [value], issues = cleaner.clean(2, [text])
    return value, [(issue.kind, issue.params) for issue in issues]


@pytest.mark.parametrize(
    ("name", "limit", "letter"),
    [
        ("customer_name", 255, "张"),
        ("customer_ref", 100, "C"),
        ("contract_ref", 100, "é"),
        ("address", 500, "路"),
    ],
)
def test_texts_have_a_longest_length(name, limit, letter):
    assert _clean(**{name: letter * limit}) == (letter * limit, [])
    found = _clean(**{name: letter * (limit + 1)})
    assert found == (None, [("too_long", {"length": limit + 1, "limit": limit})])


def test_spaces_around_do_not_make_a_text_too_long():
    value, issues = _clean(customer_ref=" " * 200 + "C1")
    assert value == "C1"
    assert [kind for kind, _params in issues] == ["space_around"]


def test_a_number_has_no_hundred_digits():
    value, issues = _clean(contract_kva="9" * 101)
    assert (value, issues[0][0]) == (None, "too_long")


@pytest.mark.parametrize(
    "text", ["#N/A", "#REF!", " #DIV/0! ", "#name?", "#VALUE!", "＃N/A"]
)
@pytest.mark.parametrize("name", ["customer_name", "address", "contract_to", "phone"])
def test_errors_of_a_spreadsheet_are_no_values(name, text):
    value, issues = _clean(**{name: text})
    assert value is None
    assert [kind for kind, _params in issues] == ["spreadsheet_error"]


def test_a_sharp_sign_alone_is_no_error():
    assert _clean(address="解放路18号#3单元") == ("解放路18号#3单元", [])


@pytest.mark.parametrize("name", ["customer_name", "contract_to", "email"])
def test_a_formula_without_result_is_no_empty_cell(name):
    value, issues = _clean(**{name: cleaning.NO_RESULT})
    assert value is None
    assert issues == [("formula_no_result", {})]
