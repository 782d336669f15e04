from datetime import date
from unittest import TestCase

from odoo.addons.power_service_tickets.core.period_compare import (
    Period,
    format_change,
    format_figure,
    get_change,
    get_last_year,
    get_period,
    get_previous,
)


class TestPeriodCompare(TestCase):
    def test_periods(self):
        cases = [
            ("weekly", date(2026, 3, 4), date(2026, 3, 2), date(2026, 3, 8)),
            ("weekly", date(2026, 1, 1), date(2025, 12, 29), date(2026, 1, 4)),
            ("monthly", date(2024, 2, 29), date(2024, 2, 1), date(2024, 2, 29)),
            ("monthly", date(2026, 12, 31), date(2026, 12, 1), date(2026, 12, 31)),
        ]
        for kind, day, first, last in cases:
            with self.subTest(kind=kind, day=day):
                self.assertEqual(get_period(kind, day), Period(first, last))
        with self.assertRaises(ValueError):
            get_period("daily", date(2026, 1, 1))

    def test_before_and_a_year_before(self):
        month = get_period("monthly", date(2024, 2, 29))
        self.assertEqual(get_previous("monthly", month).first, date(2024, 1, 1))
        self.assertEqual(
            get_last_year("monthly", month), Period(date(2023, 2, 1), date(2023, 2, 28))
        )
        week = get_period("weekly", date(2026, 3, 4))
        self.assertEqual(get_previous("weekly", week).last, date(2026, 3, 1))
        self.assertEqual(get_last_year("weekly", week).first, date(2025, 3, 3))

    def test_missing_is_not_nothing(self):
        cases = [
            (12, 10, "+20.0 %"),
            (0, 10, "-100.0 %"),
            (5, 0, "–"),
            (0, 0, "–"),
            (5, None, "–"),
            (None, 5, "–"),
        ]
        for current, before, text in cases:
            with self.subTest(current=current, before=before):
                self.assertEqual(format_change(current, before), text)
        self.assertIsNone(get_change(5, 0))
        self.assertEqual(format_figure(None), "–")
        self.assertEqual(format_figure(0), "0")
        self.assertEqual(format_figure(96.26, 1), "96.3")
