"""Nobody is told of a ticket of a company that they don't work for."""

from contextlib import contextmanager

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .test_sla_tick import TickCommon


@tagged("post_install", "-at_install")
class TestLadderOfAnotherCompany(TickCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stranger = cls._create_user(
            "stranger", "power_service_base.group_power_staff", cls.station_foreign
        )
        cls.stranger.write(
            {
                "company_ids": [Command.set(cls.company_other.ids)],
                "company_id": cls.company_other.id,
            }
        )

    @contextmanager
    def _refused(self):
        with (
            self.assertRaisesRegex(ValidationError, "don't work for"),
            self.env.cr.savepoint(),
        ):
            yield

    def _prepare_rung(self, user):
        return {
            "name": "A person",
            "moment": "missed",
            "whom": "user",
            "how": "email",
            "user_id": user.id,
        }

    def test_not_to_be_configured(self):
        rungs = self.env["power.sla.escalation"].with_user(self.users["manager"])
        with self._refused():
            rungs.create(self._prepare_rung(self.stranger))
        rung = rungs.create(self._prepare_rung(self.chief))
        with self._refused():
            rung.user_id = self.stranger

    def test_not_on_the_ladder_of_another_companys_promise(self):
        rungs = self.env["power.sla.escalation"].with_context(
            allowed_company_ids=(self.company | self.company_other).ids
        )
        rung = rungs.create(self._prepare_rung(self.stranger))
        self.policy.company_id = self.company
        with self._refused():
            self.policy.escalation_ids += rung
        self.policy.company_id = self.company_other
        self.policy.escalation_ids = rung
        with self._refused():
            self.policy.company_id = self.company
        with self._refused():
            rung.user_id = self.chief

    def test_not_told_where_it_was_configured_before(self):
        rung = self.env["power.sla.escalation"].create(self._prepare_rung(self.chief))
        self.policy.escalation_ids = rung
        # As it may stand in a database, or after the person changed companies.
        self.chief.write(
            {
                "company_ids": [Command.set(self.company_other.ids)],
                "company_id": self.company_other.id,
            }
        )
        ticket = self._create_promised()
        self._tick(minutes=61)
        alert = ticket.clock_ids.alert_ids.filtered("escalation_id")
        self.assertEqual(alert.told, "team_leader")
        self.assertEqual(alert.told_user_ids, self.leader)
        self.assertFalse(
            self.env["mail.message"].search(
                [("partner_ids", "in", self.chief.partner_id.ids)]
            )
        )

    def test_nor_is_a_leader_who_left_the_company(self):
        self.leader.write(
            {
                "company_ids": [Command.set(self.company_other.ids)],
                "company_id": self.company_other.id,
            }
        )
        ticket = self._create_promised()
        self._tick(minutes=61)
        alerts = ticket.clock_ids.alert_ids
        self.assertNotIn(self.leader, alerts.told_user_ids)
        self.assertIn("station_chief", alerts.mapped("told"))
