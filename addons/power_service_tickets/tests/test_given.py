"""What other programs hand to review, rate, call-backs and crews: what makes no sense
is refused in words that name the field, and nothing is half done."""

from datetime import UTC, date, datetime, timedelta

from odoo.exceptions import AccessError, MissingError, UserError
from odoo.tests import freeze_time, tagged

from .common import MONDAY
from .test_callback import CallbackCommon

NOT_TEXTS = (5, 1.5, True, ["x"], {"x": 1}, b"x", object())
BAD_TEXTS = (*NOT_TEXTS, "x" * 20_001, "a\x00b", "\ud800")
NOT_FLAGS = (None, 0, 1, "true", "", [], {}, 1.0, object())
NOT_CODES = (None, False, True, 5, "", "satisfied ", "x" * 500, ["satisfied"], {}, b"x")
NOT_TIMES = (
    True,
    5,
    1.5,
    "abc",
    "2026-13-01 00:00:00",
    ["x"],
    {"x": 1},
    [],
    {},
    "\x00",
)
NOT_REASONS = ("abc", 5, True, ["abc"], [True], [1.5], [None], [-1], [0], {"x": 1}, "")
UNKNOWN = 2**31 - 1
# What a form says that was left empty, and what a program is told.
SATISFIED = "“Satisfaction” is one of|whether the customer is satisfied"


@tagged("post_install", "-at_install")
class TestGiven(CallbackCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.outsider = cls._create_user(
            "outsider", "power_service_base.group_power_supervisor", cls.station_other
        )
        cls.other_kind = cls.why.id

    def _get_state(self):
        """What a call that was refused must not have changed."""
        self.env.flush_all()
        self.env.invalidate_all()
        models = (
            "power.ticket.event",
            "power.ticket.review",
            "power.ticket.rating",
            "power.ticket.callback.attempt",
            "power.field.task",
            "mail.activity",
            "power.ticket",
        )
        counts = {model: self.env[model].search_count([]) for model in models}
        tickets = self.env["power.ticket"].search([])
        return counts, tickets.read(["review_state", "satisfaction", "cycle"])

    def _assert_refused(self, call, words, error=UserError):
        """A call ends in words, and leaves all as it was."""
        before = self._get_state()
        with self.assertRaisesRegex(error, words), self.env.cr.savepoint():
            call()
            self.env.flush_all()
        self.assertEqual(self._get_state(), before)

    def _assert_each_refused(self, values, call, words):
        for value in values:
            with self.subTest(field=words, value=repr(value)[:40]):
                self._assert_refused(lambda value=value: call(value), words)

    # Review -------------------------------------------------------------------------

    def _to_review(self):
        ticket = self._create_complaint()
        ticket.with_user(self.users["staff"]).answer("We are sorry")
        return ticket.with_user(self.users["supervisor"])

    def test_review(self):
        ticket = self._to_review()
        for values, call, words in (
            (NOT_FLAGS, lambda bad: ticket.review(bad, True, True), "“True”"),
            (NOT_FLAGS, lambda bad: ticket.review(True, bad, True), "“Accurate”"),
            (NOT_FLAGS, lambda bad: ticket.review(True, True, bad), "“Complete”"),
            (
                BAD_TEXTS,
                lambda bad: ticket.review(
                    True, True, False, bad, reason_ids=self.reason.ids
                ),
                "“Note”",
            ),
            (
                (*NOT_REASONS, [UNKNOWN], [self.reason.id, UNKNOWN], [self.other_kind]),
                lambda bad: ticket.review(True, True, False, reason_ids=bad),
                "“Reasons”",
            ),
        ):
            self._assert_each_refused(values, call, words)
        self._assert_refused(
            lambda: ticket.review(True, True, False, reason_ids=[]), "Choose why"
        )
        # As a program may send it, and taken.
        ticket.review(True, True, False, "Say more", (self.reason.id,))
        self.assertEqual(ticket.review_state, "sent_back")

    def test_review_of_what_is_not_there_or_not_theirs(self):
        ticket = self._to_review()
        other = ticket.with_user(self.outsider)
        self._assert_refused(lambda: other.review(True, True, True), "", AccessError)
        nothing = ticket.browse(UNKNOWN)
        self._assert_refused(
            lambda: nothing.review(True, True, True), "", (MissingError, AccessError)
        )

    # Rating -------------------------------------------------------------------------

    def test_rate(self):
        ticket = self._answered()
        own = ticket.with_user(self.portal)
        with freeze_time(MONDAY):
            self._assert_each_refused(NOT_CODES, own.rate, SATISFIED)
            self._assert_each_refused(
                (*BAD_TEXTS, "x" * 5_001),
                lambda bad: own.rate("satisfied", bad),
                "“In the Customer's Words”",
            )
            own.rate("satisfied", "  Good  ")
        self.assertEqual(ticket.satisfaction_ids.note, "Good")

    def test_rating_apply(self):
        """Where the page behind the link ends, as superuser."""
        ticket, other = self._answered(), self._answered()
        complaint = self._create_complaint()
        links = self.env["rating.rating"]

        def make(record):
            token = record._rating_get_access_token()
            return links.search([("access_token", "=", token)])

        link, foreign = make(ticket), make(other)
        unasked = make(complaint)
        partners = links.create(
            {
                "res_model_id": self.env["ir.model"]._get_id("res.partner"),
                "res_id": self.customer.id,
                "partner_id": self.customer.id,
            }
        )
        not_rates = (
            *(None, False, True, "", "5", "nine", -1, 0, 2, 4, 4.9, 6, 1e308),
            *(float("nan"), float("inf"), [5], {}, {"x": 5}, b"5", object()),
        )
        not_tokens = (
            *("wrong", "", " ", None, False, True, 5, ["x"], {}, "x" * 5_000),
            *("a\x00b", link.access_token.upper() + "0", foreign.access_token),
            *(unasked.access_token, partners.access_token),
        )
        not_links = (None, False, 5, "5", [], links, link | foreign, foreign)
        not_links += (unasked, partners, self.customer)
        with freeze_time(MONDAY):
            for values, call, words in (
                (
                    not_rates,
                    lambda bad: ticket.rating_apply(bad, rating=link),
                    "whether the customer is satisfied",
                ),
                (
                    not_tokens,
                    lambda bad: ticket.rating_apply(5, token=bad),
                    "isn't for this request",
                ),
                (
                    not_links,
                    lambda bad: ticket.rating_apply(5, rating=bad),
                    "isn't for this request",
                ),
                (
                    (*BAD_TEXTS, "x" * 5_001),
                    lambda bad: ticket.rating_apply(5, rating=link, feedback=bad),
                    "“In the Customer's Words”",
                ),
            ):
                self._assert_each_refused(values, call, words)
            self._assert_refused(
                lambda: complaint.rating_apply(5, rating=unasked), "when it is answered"
            )
            ticket.rating_apply(5, token=link.access_token, feedback=" <b>Good</b> ")
            for rate in (5, 1):
                self._assert_refused(
                    lambda rate=rate: ticket.rating_apply(rate, rating=link), "already"
                )
            # Nor is the next answer rated by the link of the one before.
            ticket.reopen("Again")
            ticket.answer("Here it is")
            self._assert_refused(lambda: ticket.rating_apply(1, rating=link), "already")
        self.assertEqual(ticket.satisfaction_ids.note, "<b>Good</b>")
        late = MONDAY + timedelta(days=31)
        with freeze_time(late):
            self._assert_refused(
                lambda: other.rating_apply(5, rating=foreign), "is over"
            )

    def test_rating_apply_by_anybody_with_a_login(self):
        """Staff, the customer, another customer, and whoever has the link's token."""
        ticket = self._answered()
        foreign = self._answered(
            partner_id=self.customer_other.id, supply_point_id=self.point_other.id
        )
        people = (*self.users.values(), self.portal, self.env.ref("base.public_user"))
        with freeze_time(MONDAY):
            for record in (ticket, foreign):
                token = record._rating_get_access_token()
                for user in people:
                    own = record.with_user(user)
                    for rate, kwargs in (
                        (5, {"token": token}),
                        (1, {"token": token, "feedback": "<script>"}),
                        ("x", {"token": None, "feedback": 5}),
                    ):
                        with self.subTest(user=user.login, rate=rate):
                            self._assert_refused(
                                lambda own=own, rate=rate, kwargs=kwargs: (
                                    own.rating_apply(rate, **kwargs)
                                ),
                                "Only customers",
                                AccessError,
                            )

    def test_rate_of_what_is_not_there_or_not_theirs(self):
        ticket = self._answered()
        foreign = self._answered(
            partner_id=self.customer_other.id, supply_point_id=self.point_other.id
        )
        with freeze_time(MONDAY):
            for records, error in (
                (foreign, AccessError),
                (ticket.browse(UNKNOWN), (MissingError, AccessError)),
                (ticket.browse(), UserError),
                (ticket | foreign, UserError),
            ):
                with self.subTest(records=records):
                    self._assert_refused(
                        lambda records=records: records.with_user(self.portal).rate(
                            "satisfied"
                        ),
                        "",
                        error,
                    )

    # Call-backs ---------------------------------------------------------------------

    def test_register_attempt(self):
        call = self._answered().callback_ids.with_user(self.users["staff"])
        satisfied = {"satisfaction": "satisfied"}
        unsatisfied = {"satisfaction": "unsatisfied", "reason_ids": self.why.ids}
        later = MONDAY + timedelta(hours=1)
        with freeze_time(later):
            for values, attempt, words in (
                (NOT_CODES, call.register_attempt, "“Outcome”"),
                (
                    NOT_CODES,
                    lambda bad: call.register_attempt("reached", satisfaction=bad),
                    SATISFIED,
                ),
                (
                    BAD_TEXTS,
                    lambda bad: call.register_attempt("reached", note=bad, **satisfied),
                    "“Note”",
                ),
                (
                    (*NOT_REASONS, [UNKNOWN], self.reason.ids),
                    lambda bad: call.register_attempt(
                        "reached", **{**unsatisfied, "reason_ids": bad}
                    ),
                    "“Reasons”",
                ),
                (
                    ("abc", 5, True, ["reopen"], {"x": 1}),
                    lambda bad: call.register_attempt(
                        "reached", follow_up=bad, **unsatisfied
                    ),
                    "“Follow Up”",
                ),
                (
                    (*NOT_TIMES, datetime(2026, 3, 2, 2, tzinfo=UTC)),
                    lambda bad: call.register_attempt("not_reached", at=bad),
                    "“Happened At”",
                ),
                (
                    (later + timedelta(seconds=1), "9999-12-31 00:00:00"),
                    lambda bad: call.register_attempt("not_reached", at=bad),
                    "future",
                ),
                (
                    (
                        MONDAY - timedelta(days=1),
                        "0001-01-01 00:00:00",
                        date(2026, 1, 1),
                    ),
                    lambda bad: call.register_attempt("not_reached", at=bad),
                    "after the answer",
                ),
            ):
                self._assert_each_refused(values, attempt, words)
            self._assert_refused(
                lambda: call.register_attempt("reached", satisfaction="unsatisfied"),
                "Choose why",
            )
            # A text is UTC, as a program sends it.
            call.register_attempt("not_reached", at="2026-03-02 02:30:00")
        self.assertEqual(call.sudo().attempt_ids.at, datetime(2026, 3, 2, 2, 30))

    def test_call_backs_that_are_not_there_or_not_theirs(self):
        call = self._answered().callback_ids
        calls = ("action_reached_satisfied", "action_not_reached", "action_refused")
        for name in (*calls, "action_take"):
            for records, user in (
                (call, self.outsider),
                (call, self.portal),
                (call.browse(UNKNOWN), self.users["staff"]),
            ):
                with self.subTest(name=name, records=records, user=user.login):
                    self._assert_refused(
                        getattr(records.with_user(user), name),
                        "",
                        (AccessError, MissingError),
                    )
        for records in (call.browse(), call | self._answered().callback_ids):
            self._assert_refused(records.action_unsatisfied, "One call-back")

    # Crews --------------------------------------------------------------------------

    def test_send_crew(self):
        with freeze_time(MONDAY):
            ticket = self._create_ticket("fault").with_user(self.users["staff"])
            not_ids = ("abc", -1, 10**12, UNKNOWN, [1], {"id": 1}, True, 1.5, object())
            foreign = self.env["hr.department"].create(
                {
                    "name": "Far team",
                    "power_unit": "team",
                    "parent_id": self.station_foreign.id,
                    "company_id": self.company_other.id,
                }
            )
            for values, call, words in (
                (NOT_CODES, ticket.send_crew, "“Kind”"),
                (
                    (*NOT_TIMES, datetime(2026, 3, 3, 2, tzinfo=UTC)),
                    lambda bad: ticket.send_crew(due_at=bad),
                    "“Due”",
                ),
                (
                    (
                        MONDAY - timedelta(seconds=1),
                        "2026-03-02 01:59:59",
                        date(2026, 3, 1),
                        "0001-01-01 00:00:00",
                    ),
                    lambda bad: ticket.send_crew(due_at=bad),
                    "“Due” lies in the past",
                ),
                (
                    (MONDAY + timedelta(days=367), "9999-12-31 23:59:59"),
                    lambda bad: ticket.send_crew(due_at=bad),
                    "“Due” lies more than a year",
                ),
                (BAD_TEXTS, lambda bad: ticket.send_crew(note=bad), "“What to Do”"),
                (
                    (*not_ids, self.portal.id),
                    lambda bad: ticket.send_crew(user_id=bad),
                    "is no id|no such employee",
                ),
                (
                    (*not_ids, foreign.id, self.station.id),
                    lambda bad: ticket.send_crew(team_id=bad),
                    "is no id|no such station or team",
                ),
            ):
                self._assert_each_refused(values, call, words)
            self._assert_refused(
                ticket.with_user(self.outsider).send_crew, "", AccessError
            )
            self._assert_refused(
                ticket.browse(UNKNOWN).send_crew, "", (MissingError, AccessError)
            )
            # A text is UTC; the promise's own deadline is taken also when it is over.
            ticket.send_crew(due_at="2026-03-02 05:00:00")
        tasks = self.env["power.field.task"]
        domain = [("res_model", "=", "power.ticket"), ("res_id", "=", ticket.id)]
        self.assertEqual(tasks.search(domain).due_at, datetime(2026, 3, 2, 5))
        late = self._create_ticket("fault", received_at=MONDAY)
        late.send_crew()
        domain[1] = ("res_id", "=", late.id)
        self.assertEqual(
            tasks.search(domain).due_at, self._clock(late, "arrived").deadline
        )
