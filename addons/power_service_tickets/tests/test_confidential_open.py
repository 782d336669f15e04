"""How a confidential ticket is opened: with a reason, by another, and by an event."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .test_confidential import SECRET, ConfidentialCommon


@tagged("post_install", "-at_install")
class TestDisclose(ConfidentialCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.by_hand = cls._create_ticket(
            "opinion", subject="By hand", is_confidential=True
        )
        cls.env.flush_all()

    def _events(self, ticket):
        return ticket.event_ids.filtered(
            lambda event: event.kind in ("disclosed", "reclassified")
        )

    def test_not_by_writing_the_field(self):
        for ticket in (self.report, self.by_hand):
            for vals in (
                {"is_confidential": False},
                {"is_confidential": 0, "subject": "Other"},
            ):
                for env in (ticket.with_user(self.reviewer), ticket):
                    with self.assertRaisesRegex(UserError, "is confidential"):
                        env.write(vals)
            # What a client may send isn't the word of the code.
            with self.assertRaises(UserError):
                ticket.with_context(power_disclosing=True).write(
                    {"is_confidential": False}
                )
            self.assertTrue(ticket.is_confidential)
            self.assertFalse(self._events(ticket))

    def test_not_when_it_is_taken_in_or_becomes_a_report(self):
        report = self._create_ticket("report", is_confidential=False)
        self.assertTrue(report.is_confidential)
        ticket = self._create_ticket("opinion")
        with self.assertRaisesRegex(UserError, "every .* is confidential"):
            ticket.write({"type_id": self.types["report"].id, "is_confidential": False})

    def test_by_hand_with_a_reason_and_an_event(self):
        ticket = self.by_hand.with_user(self.reviewer)
        for note in (None, "", "  "):
            with self.assertRaisesRegex(UserError, "Say why"):
                ticket.disclose(note)
        ticket.disclose("It names nobody")
        event = self._events(self.by_hand)
        self.assertRecordValues(
            event,
            [
                {
                    "kind": "disclosed",
                    "note": "It names nobody",
                    "user_id": self.reviewer.id,
                    "is_public": False,
                }
            ],
        )
        self.env.invalidate_all()
        self.assertTrue(self.by_hand.with_user(self.chief).has_access("read"))

    def test_by_another_than_who_handles_it(self):
        self.by_hand.user_id = self.reviewer
        with self.assertRaisesRegex(UserError, "somebody else"):
            self.by_hand.with_user(self.reviewer).disclose("x")
        self.assertTrue(self.by_hand.is_confidential)

    def test_by_nobody_who_may_not_see_it(self):
        for user in self.outsiders.values():
            with self.assertRaises(AccessError):
                self.report.with_user(user).disclose("x")
        for name in ("chief", "supervisor", "staff"):
            with self.assertRaises(AccessError):
                self.by_hand.with_user(self.users[name]).disclose("x")

    def test_a_report_is_opened_by_another_type_only(self):
        report = self.report.with_user(self.reviewer)
        with self.assertRaisesRegex(UserError, "use Reclassify"):
            report.disclose("x")
        with self.assertRaisesRegex(UserError, "Say why"):
            report.reclassify(self.types["opinion"].id, " ")
        self.report.user_id = self.reviewer
        with self.assertRaisesRegex(UserError, "somebody else"):
            report.reclassify(self.types["opinion"].id, "x")
        self.report.user_id = False
        self.assertTrue(self.report.is_confidential)
        report.reclassify(self.types["opinion"].id, "It is about a tariff")
        self.assertFalse(self.report.is_confidential)
        event = self._events(self.report)
        self.assertRecordValues(
            event,
            [
                {
                    "kind": "reclassified",
                    "note": "It is about a tariff",
                    "user_id": self.reviewer.id,
                    "previous_type_id": self.types["report"].id,
                    "type_id": self.types["opinion"].id,
                }
            ],
        )
        self.env.invalidate_all()
        found = self.report.with_user(self.chief).read(["subject"])
        self.assertEqual(found[0]["subject"], SECRET)

    def test_another_type_leaves_closed_what_was_closed_by_hand(self):
        self.by_hand.with_user(self.reviewer).reclassify(
            self.types["enquiry"].id, "An enquiry"
        )
        self.assertTrue(self.by_hand.is_confidential)

    def test_from_the_form(self):
        opened = (
            self.by_hand.with_user(self.reviewer)
            .with_context(power_entry="disclose")
            .action_open_entry()
        )
        form = Form(
            self.env["power.ticket.entry"]
            .with_user(self.reviewer)
            .with_context(**opened["context"])
        )
        form.note = "It names nobody"
        form.save().action_confirm()
        self.assertFalse(self.by_hand.is_confidential)

    def test_the_customer_is_not_shown_the_event(self):
        self.by_hand.disclose("It names nobody")
        titles = str(self.by_hand._get_portal_timeline())
        self.assertNotIn("It names nobody", titles)
        self.assertNotIn("onfidential", titles)
