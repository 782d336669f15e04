"""Connection work and change of use (业扩报装, 变更用电): which steps a case has, what
must come before each, and what still stands against one.

A case is a kind for a customer class. Its steps are the milestones of its ticket, so
the promise clocks run between them. Nothing here knows "now": dates are passed in.

Source: the steps are those of the companies' published procedures; which class needs
which is set here [S].
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

KINDS = (
    "new",
    "increase",
    "reduce",
    "transfer",
    "suspend",
    "resume",
    "temporary",
    "close",
)
#: All steps, in the order in which they usually come; the codes of milestones.
STEPS = (
    "accepted",
    "surveyed",
    "scheme_answered",
    "fee_paid",
    "design_submitted",
    "design_reviewed",
    "mid_requested",
    "mid_inspected",
    "completion_requested",
    "completion_checked",
    "contract_signed",
    "metered",
    "energised",
    "archived",
)
HIGH_VOLTAGE = frozenset(("hv_single", "hv_dual"))
#: Kinds that make a supply point; all others change one.
MAKING_KINDS = frozenset(("new", "temporary"))
#: Kinds that say how much capacity is wanted.
CAPACITY_KINDS = frozenset(("new", "temporary", "increase", "reduce"))
#: Steps that are the customer's to take: until then the clocks rest.
CUSTOMER_STEPS = frozenset(
    ("fee_paid", "design_submitted", "mid_requested", "completion_requested")
)
#: Steps that people outside enter.
FIELD_STEPS = frozenset(
    ("surveyed", "mid_inspected", "completion_checked", "metered", "energised")
)
#: Checks that may find defects, and the request that has to come again then.
CHECKS = {
    "design_reviewed": "design_submitted",
    "mid_inspected": "mid_requested",
    "completion_checked": "completion_requested",
}
#: Steps that build on the supply scheme while it is valid.
SCHEME_STEPS = frozenset(
    ("fee_paid", "design_submitted", "mid_requested", "completion_requested")
)

_BUILDING = (
    "accepted",
    "surveyed",
    "scheme_answered",
    "fee_paid",
    "design_submitted",
    "design_reviewed",
    "mid_requested",
    "mid_inspected",
    "completion_requested",
    "completion_checked",
    "contract_signed",
    "metered",
    "energised",
    "archived",
)
_NO_DESIGN = frozenset(
    ("design_submitted", "design_reviewed", "mid_requested", "mid_inspected")
)
#: The steps of each kind, before class, importance and fee take some away.
KIND_STEPS = {
    "new": _BUILDING,
    "increase": _BUILDING,
    "temporary": tuple(step for step in _BUILDING if step not in _NO_DESIGN),
    "reduce": (
        "accepted",
        "surveyed",
        "scheme_answered",
        "contract_signed",
        "metered",
        "energised",
        "archived",
    ),
    "transfer": ("accepted", "contract_signed", "energised", "archived"),
    "suspend": ("accepted", "energised", "archived"),
    "resume": ("accepted", "energised", "archived"),
    "close": ("accepted", "surveyed", "fee_paid", "energised", "archived"),
}
#: What has to be done before a step. A step that a case hasn't is replaced by what
#: would have to come before it.
_AFTER = {
    "accepted": (),
    "surveyed": ("accepted",),
    "scheme_answered": ("surveyed",),
    "fee_paid": ("scheme_answered",),
    "design_submitted": ("scheme_answered",),
    "design_reviewed": ("design_submitted",),
    "mid_requested": ("design_reviewed",),
    "mid_inspected": ("mid_requested",),
    "completion_requested": ("mid_inspected",),
    "completion_checked": ("completion_requested",),
    "contract_signed": ("scheme_answered",),
    "metered": ("completion_checked", "fee_paid"),
    "energised": ("metered", "contract_signed"),
    "archived": ("energised",),
}


@dataclass(frozen=True)
class Case:
    """What decides the steps.

    :param kind: one of KINDS
    :param customer_class: the class applied for; None when nobody has said it yet
    :param is_important: an important user (重要用户) of any grade
    :param has_fee: something is to be paid before the meter is installed
    """

    kind: str
    customer_class: str | None = None
    is_important: bool = False
    has_fee: bool = False

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind: {self.kind}")


@dataclass(frozen=True)
class Fact:
    """One event of the ticket as far as the steps depend on it.

    ``at`` is naive UTC; ``step`` the step reached, or the check that found defects.
    """

    kind: str  # "milestone" or "check_failed"
    at: datetime
    sequence: int
    step: str


@dataclass(frozen=True)
class Reason:
    """Why a step can't be entered: a code, and what it is about."""

    code: str
    about: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facts:
    """What is known when a step is to be entered.

    :param today: the day on which it happened, where the station is
    :param papers: names of the papers this step needs and that are not there
    :param sources: number of network elements in the scheme that supply first
    :param standby_sources: number of those that stand by
    :param valid_until: last day of the supply scheme
    :param date_from, date_to: days asked for, of a suspension or temporary supply
    :param contracts: (first day, last day or None) of each contract of the point
    :param point_state: supply state of the point, None without a point
    """

    today: date
    papers: tuple[str, ...] = ()
    has_applicant: bool = True
    has_new_customer: bool = False
    is_new_customer_other: bool = True
    wanted_kva: float = 0
    scheme_kva: float = 0
    sources: int = 0
    standby_sources: int = 0
    has_metering: bool = False
    valid_until: date | None = None
    is_fee_told: bool = False
    has_meter: bool = False
    has_area: bool = False
    is_number_free: bool = True
    date_from: date | None = None
    date_to: date | None = None
    contracts: tuple[tuple[date, date | None], ...] = ()
    current_kva: float = 0
    point_state: str | None = None


def get_steps(case: Case) -> tuple[str, ...]:
    """Return the steps of a case, in their order."""
    heavy = case.customer_class in HIGH_VOLTAGE or case.is_important
    dropped = set() if heavy else set(_NO_DESIGN)
    if not case.has_fee:
        dropped.add("fee_paid")
    if case.customer_class == "residential" and not case.is_important:
        # A household's installation is checked without being asked for it.
        dropped.add("completion_requested")
    return tuple(step for step in KIND_STEPS[case.kind] if step not in dropped)


def get_absent_steps(case: Case) -> frozenset[str]:
    """Return the steps of other cases that this one hasn't: nothing is promised for
    what never comes."""
    return frozenset(STEPS) - frozenset(get_steps(case))


def get_needed_before(case: Case, step: str) -> tuple[str, ...]:
    """Return the steps of the case that have to be done right before ``step``."""
    steps = get_steps(case)
    found = []
    todo = list(_AFTER[step])
    while todo:
        before = todo.pop(0)
        if before not in steps:
            todo += _AFTER[before]
        elif before not in found:
            found.append(before)
    return tuple(sorted(found, key=STEPS.index))


def get_next_step(case: Case, done: Iterable[str]) -> str | None:
    """Return the first step that is not done, None when there is none left."""
    done = set(done)
    return next((step for step in get_steps(case) if step not in done), None)


def get_open_steps(case: Case, done: Iterable[str]) -> tuple[str, ...]:
    """Return the steps that may come now: what they need is done, they aren't."""
    done = set(done)
    return tuple(
        step
        for step in get_steps(case)
        if step not in done and done.issuperset(get_needed_before(case, step))
    )


def is_customers_turn(case: Case, done: Iterable[str]) -> bool:
    """Return whether nothing goes on before the customer does something."""
    return get_next_step(case, done) in CUSTOMER_STEPS


def read_steps(facts: Iterable[Fact]) -> dict[str, datetime]:
    """Return what is done and when it was first done.

    A check that found defects takes back the request before it: the customer puts the
    defects right and asks again. What was reached stays reached over a reopening of the
    ticket: nobody is energised twice.

    :param facts: in any order
    """
    done = {}
    for fact in sorted(facts, key=lambda fact: (fact.at, fact.sequence)):
        if fact.kind == "check_failed":
            if fact.step not in done:
                done.pop(CHECKS[fact.step], None)
        else:
            done.setdefault(fact.step, fact.at)
    return done


def check_step(
    case: Case, step: str, done: Iterable[str], facts: Facts
) -> tuple[Reason, ...]:
    """Return everything that stands against entering ``step``; empty when it may be.

    :param done: the steps done
    :raise ValueError: there is no such step
    """
    if step not in STEPS:
        raise ValueError(f"unknown step: {step}")
    if step not in get_steps(case):
        return (Reason("not_needed"),)
    done = set(done)
    reasons = []
    before = tuple(item for item in get_needed_before(case, step) if item not in done)
    if before:
        reasons.append(Reason("before", before))
    if facts.papers:
        reasons.append(Reason("papers", facts.papers))
    if step in SCHEME_STEPS and facts.valid_until and facts.valid_until < facts.today:
        reasons.append(Reason("scheme_lapsed", (facts.valid_until.isoformat(),)))
    reasons += _CHECKS.get(step, lambda case, facts: ())(case, facts)
    return tuple(reasons)


def _check_accepted(case, facts):
    """Complete papers are what starts the clocks [C]."""
    if not case.customer_class:
        yield Reason("no_class")
    if not facts.has_applicant:
        yield Reason("no_applicant")
    if case.kind in CAPACITY_KINDS and facts.wanted_kva <= 0:
        yield Reason("no_capacity")
    if case.kind not in MAKING_KINDS and facts.point_state is None:
        yield Reason("no_point")
    if case.kind == "transfer":
        yield from _check_new_customer(facts)
    yield from _check_dates(case, facts)


def _check_new_customer(facts):
    if not facts.has_new_customer:
        yield Reason("no_new_customer")
    elif not facts.is_new_customer_other:
        yield Reason("same_customer")


def _check_dates(case, facts):
    if case.kind in ("suspend", "temporary"):
        if not facts.date_to:
            yield Reason("no_end_date")
        elif facts.date_from and facts.date_to < facts.date_from:
            yield Reason("ends_before_start")


def _check_scheme(case, facts):
    if facts.scheme_kva <= 0:
        yield Reason("scheme_no_capacity")
    if not facts.has_metering:
        yield Reason("scheme_no_metering")
    if facts.sources != 1:
        yield Reason("scheme_no_source")
    if case.customer_class == "hv_dual" and not facts.standby_sources:
        yield Reason("scheme_one_source")


def _check_fee(case, facts):
    if not facts.is_fee_told:
        yield Reason("fee_not_told")


def _check_metered(case, facts):
    if not facts.has_meter:
        yield Reason("no_meter")


def _check_energised(case, facts):
    """What has to hold for point and contract to be made or changed."""
    if case.kind in MAKING_KINDS:
        yield from _check_making(case, facts)
        return
    if facts.point_state is None:
        yield Reason("no_point")
        return
    if case.kind == "suspend" and facts.point_state != "connected":
        yield Reason("not_connected")
    elif case.kind == "resume" and facts.point_state != "suspended":
        yield Reason("not_suspended")
    elif facts.point_state == "closed":
        yield Reason("point_closed")
    if case.kind == "suspend":
        yield from _check_dates(case, facts)
        if facts.date_to and facts.date_to < facts.today:
            yield Reason("end_date_passed")
    if case.kind not in ("suspend", "resume"):
        yield from _check_contract(case, facts)
    if case.kind == "transfer":
        yield from _check_new_customer(facts)


def _check_making(case, facts):
    if facts.point_state is not None:
        yield Reason("point_there")
    if not facts.has_applicant:
        yield Reason("no_applicant")
    if not facts.has_area:
        yield Reason("no_area")
    if not facts.is_number_free:
        yield Reason("number_taken")
    if case.kind == "temporary":
        yield from _check_dates(case, facts)
        if facts.date_to and facts.date_to < facts.today:
            yield Reason("end_date_passed")


def _check_contract(case, facts):
    current = [
        (start, end)
        for start, end in facts.contracts
        if start <= facts.today and (end is None or end >= facts.today)
    ]
    if any(start > facts.today for start, _end in facts.contracts):
        yield Reason("later_contract")
    if not current:
        yield Reason("no_contract")
        return
    if case.kind == "close":
        return
    if current[0][0] == facts.today:
        # The old contract needs a last day before the new one's first.
        yield Reason("contract_of_today")
    if case.kind == "increase" and facts.scheme_kva <= facts.current_kva:
        yield Reason("not_more")
    if case.kind == "reduce" and not 0 < facts.scheme_kva < facts.current_kva:
        yield Reason("not_less")


_CHECKS = {
    "accepted": _check_accepted,
    "scheme_answered": _check_scheme,
    "fee_paid": _check_fee,
    "metered": _check_metered,
    "energised": _check_energised,
}
