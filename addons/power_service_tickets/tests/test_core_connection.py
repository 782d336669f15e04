from datetime import date, datetime, timedelta
from unittest import TestCase

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.power_service_tickets.core.connection import (
    CHECKS,
    KIND_STEPS,
    KINDS,
    STEPS,
    Case,
    Fact,
    Facts,
    check_step,
    get_needed_before,
    get_next_step,
    get_open_steps,
    get_steps,
    is_customers_turn,
    read_steps,
)

TODAY = date(2026, 3, 2)
START = datetime(2026, 3, 2, 2)
CLASSES = ("residential", "lv_other", "hv_single", "hv_dual")

SHORT = {
    "accepted": "acc",
    "surveyed": "sur",
    "scheme_answered": "sch",
    "fee_paid": "fee",
    "design_submitted": "dsu",
    "design_reviewed": "dre",
    "mid_requested": "mrq",
    "mid_inspected": "min",
    "completion_requested": "crq",
    "completion_checked": "cch",
    "contract_signed": "con",
    "metered": "met",
    "energised": "ene",
    "archived": "arc",
}
HEAVY = "acc sur sch dsu dre mrq min crq cch con met ene arc"
#       kind, class, important, fee -> steps
TABLE = [
    ("new", "residential", False, False, "acc sur sch cch con met ene arc"),
    ("new", "residential", False, True, "acc sur sch fee cch con met ene arc"),
    ("new", "lv_other", False, False, "acc sur sch crq cch con met ene arc"),
    ("new", "lv_other", True, False, HEAVY),
    ("new", "residential", True, False, HEAVY),
    ("new", "hv_single", False, False, HEAVY),
    ("new", "hv_dual", False, False, HEAVY),
    ("increase", "residential", False, False, "acc sur sch cch con met ene arc"),
    ("increase", "hv_single", False, False, HEAVY),
    ("temporary", "lv_other", False, True, "acc sur sch fee crq cch con met ene arc"),
    ("temporary", "hv_single", False, False, "acc sur sch crq cch con met ene arc"),
    ("reduce", "hv_single", False, False, "acc sur sch con met ene arc"),
    ("transfer", "residential", False, True, "acc con ene arc"),
    ("suspend", "hv_single", True, True, "acc ene arc"),
    ("resume", "hv_single", False, False, "acc ene arc"),
    ("close", "residential", False, False, "acc sur ene arc"),
    ("close", "hv_dual", True, True, "acc sur fee ene arc"),
]

cases = st.builds(
    Case,
    st.sampled_from(KINDS),
    st.sampled_from((*CLASSES, None)),
    st.booleans(),
    st.booleans(),
)


def codes(case, step, done=(), **facts):
    facts = {"today": TODAY, **facts}
    return [reason.code for reason in check_step(case, step, done, Facts(**facts))]


class TestSteps(TestCase):
    def test_steps_by_kind_class_importance_and_fee(self):
        for kind, customer_class, important, fee, expected in TABLE:
            with self.subTest(kind=kind, customer_class=customer_class, fee=fee):
                steps = get_steps(Case(kind, customer_class, important, fee))
                self.assertEqual(" ".join(SHORT[step] for step in steps), expected)

    def test_what_comes_right_before(self):
        table = [
            (
                "new",
                "hv_single",
                "metered",
                ("scheme_answered", "completion_checked"),
            ),
            ("new", "hv_single", "contract_signed", ("scheme_answered",)),
            ("new", "lv_other", "completion_requested", ("scheme_answered",)),
            ("new", "residential", "completion_checked", ("scheme_answered",)),
            ("transfer", "residential", "contract_signed", ("accepted",)),
            ("suspend", "hv_single", "energised", ("accepted",)),
            ("close", "residential", "energised", ("surveyed",)),
            ("reduce", "hv_single", "energised", ("contract_signed", "metered")),
        ]
        for kind, customer_class, step, expected in table:
            with self.subTest(kind=kind, step=step):
                case = Case(kind, customer_class)
                self.assertEqual(get_needed_before(case, step), expected)

    def test_contract_and_checks_go_on_beside_each_other(self):
        done = {"accepted", "surveyed", "scheme_answered"}
        self.assertEqual(
            get_open_steps(Case("new", "lv_other"), done),
            ("completion_requested", "contract_signed"),
        )

    def test_whose_turn_it_is(self):
        done = ["accepted", "surveyed", "scheme_answered"]
        self.assertFalse(is_customers_turn(Case("new", "residential"), done))
        self.assertTrue(is_customers_turn(Case("new", "lv_other"), done))
        self.assertTrue(is_customers_turn(Case("new", "hv_single"), done))
        self.assertFalse(
            is_customers_turn(Case("new", "hv_single"), [*done, "design_submitted"])
        )

    def test_unknown_kind_and_step(self):
        with self.assertRaises(ValueError):
            Case("other")
        with self.assertRaises(ValueError):
            check_step(Case("new"), "other", (), Facts(TODAY))

    @given(cases)
    def test_every_case_ends_in_filing_by_its_own_steps(self, case):
        done = []
        while step := get_next_step(case, done):
            self.assertIn(step, get_open_steps(case, done))
            done.append(step)
        self.assertEqual(tuple(done), get_steps(case))
        self.assertEqual(done[0], "accepted")
        self.assertEqual(done[-2:], ["energised", "archived"])

    @given(cases, st.data())
    def test_in_any_allowed_order_all_steps_come_before_energising(self, case, data):
        done = []
        while steps := get_open_steps(case, done):
            done.append(data.draw(st.sampled_from(steps)))
        self.assertEqual(sorted(done), sorted(get_steps(case)))
        self.assertEqual(done[-2:], ["energised", "archived"])
        for step in done:
            before = done[: done.index(step)]
            self.assertLessEqual(set(get_needed_before(case, step)), set(before))

    @given(cases, st.sets(st.sampled_from(STEPS)), st.sampled_from(STEPS))
    def test_a_step_out_of_order_is_always_refused(self, case, done, step):
        allowed = step in get_steps(case) and done.issuperset(
            get_needed_before(case, step)
        )
        found = codes(case, step, done)
        self.assertEqual(allowed, not {"before", "not_needed"} & set(found))

    def test_the_table_names_known_steps_in_order(self):
        for kind, steps in KIND_STEPS.items():
            self.assertEqual(sorted(steps, key=STEPS.index), list(steps), kind)


class TestReadSteps(TestCase):
    def test_defects_take_back_the_request(self):
        facts = [
            Fact("milestone", START, 1, "completion_requested"),
            Fact("check_failed", START + timedelta(1), 2, "completion_checked"),
        ]
        self.assertEqual(read_steps(facts), {})
        facts.append(Fact("milestone", START + timedelta(2), 3, "completion_requested"))
        again = {"completion_requested": START + timedelta(2)}
        self.assertEqual(read_steps(facts), again)

    def test_a_passed_check_stays_passed(self):
        facts = [
            Fact("milestone", START, 1, "mid_requested"),
            Fact("milestone", START, 2, "mid_inspected"),
            Fact("check_failed", START + timedelta(1), 3, "mid_inspected"),
        ]
        self.assertEqual(set(read_steps(facts)), {"mid_requested", "mid_inspected"})

    @given(
        st.permutations(
            [
                Fact("milestone", START + timedelta(number), number, step)
                for number, step in enumerate(STEPS)
            ]
            + [
                Fact("check_failed", START + timedelta(number, 60), 50 + number, step)
                for number, step in enumerate(CHECKS)
            ]
        )
    )
    def test_same_answer_in_whatever_order_they_were_entered(self, facts):
        expected = read_steps(sorted(facts, key=lambda fact: fact.sequence))
        self.assertEqual(read_steps(facts), expected)


class TestReasons(TestCase):
    """What stands against a step, as a table."""

    ready = {
        "new": {
            "has_area": True,
        },
        "increase": {
            "point_state": "connected",
            "contracts": ((date(2020, 1, 1), None),),
            "current_kva": 8,
            "scheme_kva": 20,
        },
    }

    def check(self, case, step, table, **ready):
        done = set(get_steps(case)[: get_steps(case).index(step)])
        self.assertEqual(codes(case, step, done, **ready), [])
        for change, expected in table:
            with self.subTest(change=change):
                found = codes(case, step, done, **{**ready, **change})
                self.assertEqual(found, expected)

    def test_accepted(self):
        self.check(
            Case("new", "residential"),
            "accepted",
            [
                ({"papers": ("Identity card",)}, ["papers"]),
                ({"wanted_kva": 0}, ["no_capacity"]),
                ({"has_applicant": False}, ["no_applicant"]),
            ],
            wanted_kva=8,
        )
        self.assertEqual(codes(Case("new"), "accepted", wanted_kva=8), ["no_class"])

    def test_accepted_transfer(self):
        self.check(
            Case("transfer", "residential"),
            "accepted",
            [
                ({"has_new_customer": False}, ["no_new_customer"]),
                ({"is_new_customer_other": False}, ["same_customer"]),
                ({"point_state": None}, ["no_point"]),
            ],
            has_new_customer=True,
            point_state="connected",
        )

    def test_accepted_suspension(self):
        self.check(
            Case("suspend", "hv_single"),
            "accepted",
            [
                ({"date_to": None}, ["no_end_date"]),
                (
                    {"date_from": TODAY, "date_to": TODAY - timedelta(1)},
                    ["ends_before_start"],
                ),
            ],
            point_state="connected",
            date_to=TODAY + timedelta(60),
        )

    def test_scheme(self):
        self.check(
            Case("new", "hv_dual"),
            "scheme_answered",
            [
                ({"scheme_kva": 0}, ["scheme_no_capacity"]),
                ({"has_metering": False}, ["scheme_no_metering"]),
                ({"sources": 0}, ["scheme_no_source"]),
                ({"sources": 2}, ["scheme_no_source"]),
                ({"standby_sources": 0}, ["scheme_one_source"]),
            ],
            scheme_kva=800,
            has_metering=True,
            sources=1,
            standby_sources=1,
        )

    def test_scheme_that_lapsed_stops_the_customers_steps(self):
        self.check(
            Case("new", "lv_other"),
            "completion_requested",
            [({"valid_until": TODAY - timedelta(1)}, ["scheme_lapsed"])],
            valid_until=TODAY,
        )

    def test_fee_and_meter(self):
        case = Case("new", "residential", has_fee=True)
        table = [({"is_fee_told": False}, ["fee_not_told"])]
        self.check(case, "fee_paid", table, is_fee_told=True)
        self.check(case, "metered", [({"has_meter": False}, ["no_meter"])], has_meter=1)

    def test_energising_new(self):
        self.check(
            Case("new", "residential"),
            "energised",
            [
                ({"has_area": False}, ["no_area"]),
                ({"is_number_free": False}, ["number_taken"]),
                ({"point_state": "connected"}, ["point_there"]),
                ({"has_applicant": False}, ["no_applicant"]),
            ],
            has_area=True,
        )

    def test_energising_temporary(self):
        self.check(
            Case("temporary", "lv_other"),
            "energised",
            [
                ({"date_to": None}, ["no_end_date"]),
                ({"date_to": TODAY - timedelta(1)}, ["end_date_passed"]),
            ],
            has_area=True,
            date_to=TODAY,
        )

    def test_energising_changes_of_capacity(self):
        table = [
            ({"contracts": ()}, ["no_contract"]),
            ({"contracts": ((TODAY, None),)}, ["contract_of_today"]),
            (
                {
                    "contracts": (
                        (date(2020, 1, 1), date(2026, 6, 1)),
                        (date(2026, 6, 2), None),
                    )
                },
                ["later_contract"],
            ),
            ({"point_state": None}, ["no_point"]),
            ({"point_state": "closed"}, ["point_closed"]),
        ]
        ready = {
            "point_state": "connected",
            "contracts": ((date(2020, 1, 1), None),),
            "current_kva": 50,
        }
        self.check(
            Case("increase", "lv_other"),
            "energised",
            [*table, ({"scheme_kva": 50}, ["not_more"])],
            scheme_kva=80,
            **ready,
        )
        self.check(
            Case("reduce", "lv_other"),
            "energised",
            [*table, ({"scheme_kva": 50}, ["not_less"])],
            scheme_kva=30,
            **ready,
        )

    def test_energising_suspension_and_resumption(self):
        self.check(
            Case("suspend", "hv_single"),
            "energised",
            [
                ({"point_state": "suspended"}, ["not_connected"]),
                ({"point_state": "closed"}, ["not_connected"]),
                ({"date_to": TODAY - timedelta(1)}, ["end_date_passed"]),
            ],
            point_state="connected",
            date_to=TODAY + timedelta(30),
        )
        self.check(
            Case("resume", "hv_single"),
            "energised",
            [({"point_state": "connected"}, ["not_suspended"])],
            point_state="suspended",
        )

    def test_closing_on_the_contracts_first_day_is_allowed(self):
        self.check(
            Case("close", "residential"),
            "energised",
            [({"contracts": ()}, ["no_contract"])],
            point_state="connected",
            contracts=((TODAY, None),),
        )
