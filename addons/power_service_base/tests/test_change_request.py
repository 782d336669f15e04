from unittest.mock import patch

import psycopg2

from odoo.exceptions import AccessError, ConcurrencyError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import GROUPS, PowerServiceCommon


@tagged("post_install", "-at_install")
class TestChangeRequest(PowerServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Request = cls.env["power.customer.change.request"]
        cls.customer.email = "wang@example.com"

    def _ask(self, partner=None, user=None, reason=False, **values):
        return self.Request.with_user(user or self.portal)._request_changes(
            partner or self.customer, values, reason
        )

    def test_approving_writes_the_value_and_tells_the_customer(self):
        request = self._ask(phone="+8613800000009")
        request.with_user(self.users["staff"]).action_approve()
        self.assertEqual(self.customer.phone, "+8613800000009")
        self.assertRecordValues(
            request,
            [
                {
                    "state": "approved",
                    "old_value": "+8613800000001",
                    "decided_by": self.users["staff"].id,
                }
            ],
        )
        self.assertTrue(request.decided_at)
        message = request.message_ids.filtered(lambda m: self.customer in m.partner_ids)
        self.assertIn("+8613800000009", message.body)

    def test_refusing_needs_an_answer_and_changes_nothing(self):
        request = self._ask(street="New street 5")
        staff_request = request.with_user(self.users["staff"])
        with self.assertRaises(UserError):
            staff_request.action_refuse()
        staff_request.decision_note = "Bring <b>the</b> papers"
        staff_request.action_refuse()
        self.assertEqual(request.state, "refused")
        self.assertFalse(self.customer.street)
        message = request.message_ids.filtered(lambda m: self.customer in m.partner_ids)
        self.assertIn("Bring &lt;b&gt;the", message.body)

    def test_the_customer_is_told_in_their_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.portal.partner_id.lang = "zh_CN"
        request = self._ask(street="New street 5")
        langs = []
        original = self.env.registry["power.customer.change.request"].message_post

        def message_post(records, **kwargs):
            langs.append(records.env.lang)
            return original(records, **kwargs)

        with patch.object(
            self.env.registry["power.customer.change.request"],
            "message_post",
            message_post,
        ):
            request.with_user(self.users["staff"]).action_approve()
        self.assertEqual(langs, ["zh_CN"])

    def test_the_answer_goes_to_who_asked(self):
        """A company's contact asks in its name: the contact is told, not the desk."""
        self.customer.is_company = True
        contact = self.env["res.partner"].create(
            {"name": "Bookkeeper", "parent_id": self.customer.id}
        )
        asker = new_test_user(
            self.env, "test_asker", "base.group_portal", partner_id=contact.id
        )
        request = self._ask(user=asker, street="New street 5")
        self.assertEqual(request.user_id, asker)
        before = request.message_ids
        request.with_user(self.users["staff"]).action_approve()
        told = (request.message_ids - before).partner_ids
        self.assertEqual(told, contact)

    def test_decided_is_decided(self):
        request = self._ask(street="New street 5").with_user(self.users["staff"])
        request.action_approve()
        for action in (request.action_approve, request.action_refuse):
            with self.assertRaises(UserError):
                action()
        with self.assertRaises(AccessError):
            request.decision_note = "Another answer"

    def test_several_are_approved_together_or_none(self):
        requests = self._ask(street="New street 5", city="Hangzhou")
        requests[0].with_user(self.users["staff"]).action_approve()
        with self.assertRaises(UserError):
            requests.with_user(self.users["staff"]).action_approve()
        self.assertEqual(requests[1].state, "requested")
        requests[1].with_user(self.users["staff"]).action_approve()
        self.assertEqual(self.customer.city, "Hangzhou")

    def test_nobody_writes_or_makes_a_request_by_hand(self):
        request = self._ask(street="New street 5")
        for name in GROUPS:
            if name == "field":
                continue
            own = request.with_user(self.users[name])
            for vals in (
                {"state": "approved"},
                {"new_value": "Other"},
                {"old_value": "Other"},
                {"partner_id": self.customer_other.id},
                {"decided_by": self.users["staff"].id},
            ):
                with (
                    self.subTest(group=name, vals=vals),
                    self.assertRaises(AccessError),
                ):
                    own.write(vals)
            with self.subTest(group=name), self.assertRaises(AccessError):
                own.copy()
            with self.subTest(group=name), self.assertRaises(AccessError):
                own.unlink()

    def test_customers_may_not_decide(self):
        request = self._ask(street="New street 5").with_user(self.portal)
        for action in (request.action_approve, request.action_refuse):
            with self.assertRaises(AccessError):
                action()
        with self.assertRaises(AccessError):
            request.write({"decision_note": "Yes"})

    def test_staff_decide_for_their_own_stations(self):
        request = self._ask(street="New street 5")
        other = self._create_user("elsewhere", GROUPS["staff"], self.station_other)
        with self.assertRaises(AccessError):
            request.with_user(other).action_approve()
        self.assertEqual(self.Request.with_user(other).search([]), self.Request)
        self.assertEqual(
            self.Request.with_user(self.users["staff"]).search([]), request
        )
        field = self.users["field"]
        with self.assertRaises(AccessError):
            self.Request.with_user(field).search([])

    def test_one_open_request_per_customer_and_field(self):
        request = self._ask(street="New street 5")
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.UniqueViolation),
            self.cr.savepoint(),
        ):
            request.sudo().copy()

    def test_two_who_ask_at_once_do_not_lose_one(self):
        request = self._ask(street="New street 5")
        # The other transaction's request is not seen by the search, only by the index.
        with (
            patch.object(type(self.Request), "search", lambda *a, **k: self.Request),
            mute_logger("odoo.sql_db"),
            self.assertRaises(ConcurrencyError),
        ):
            self._ask(street="Other street 6")
        # The transaction is run again, and then it sees the request.
        self._ask(street="Other street 6")
        self.assertEqual(request.new_value, "Other street 6")

    def test_a_value_changed_meanwhile_is_shown(self):
        request = self._ask(phone="+8613800000009")
        self.assertFalse(request.is_outdated)
        self.customer.phone = "+8613800000005"
        request.invalidate_recordset()
        self.assertTrue(request.is_outdated)
        self.assertEqual(request.current_value, "+8613800000005")

    def test_a_customer_of_no_station_is_seen_by_all(self):
        nobody = self.env["res.partner"].create(
            {"name": "New", "is_power_customer": True}
        )
        user = new_test_user(
            self.env,
            login="test_new",
            groups="base.group_portal",
            partner_id=nobody.id,
        )
        request = self._ask(nobody, user, street="Somewhere 1")
        self.assertFalse(request.station_id)
        request.with_user(self.users["staff"]).action_approve()
        self.assertEqual(nobody.street, "Somewhere 1")
