from datetime import date, datetime, timedelta

from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import MONDAY
from .connection_common import ConnectionCommon

TODAY = date(2026, 3, 2)


@tagged("post_install", "-at_install")
@freeze_time(MONDAY)
class TestEnergising(ConnectionCommon):
    def _energise(self, kind, customer_class="residential", **vals):
        connection = self._create_connection(kind, customer_class, **vals)
        self._take_until(connection, "energised")
        connection.enter_step("energised")
        return connection

    def test_new_makes_point_sources_and_contract(self):
        connection = self._energise(
            "new", address="Mill Lane 7", point_number="3300009999", fee_amount=50
        )
        point = connection.supply_point_id
        self.assertRecordValues(
            point,
            [
                {
                    "name": "3300009999",
                    "partner_id": self.applicant.id,
                    "grid_area_id": self.area.id,
                    "station_id": self.station.id,
                    "customer_class": "residential",
                    "address": "Mill Lane 7",
                    "supply_state": "connected",
                    "main_element_id": self.transformer.id,
                }
            ],
        )
        self.assertRecordValues(
            connection.contract_id,
            [
                {
                    "partner_id": self.applicant.id,
                    "supply_point_id": point.id,
                    "date_from": TODAY,
                    "date_to": False,
                    "contract_kva": 8,
                    "is_current": True,
                }
            ],
        )
        self.assertEqual(connection.ticket_id.supply_point_id, point)
        self.assertTrue(self.applicant.is_power_customer)

    def test_number_comes_from_the_companys_sequence_and_skips_taken_ones(self):
        first = self._energise("new").supply_point_id.name
        taken = f"{int(first) + 1}"
        self._create_point(taken, self.customer)
        second = self._energise("new").supply_point_id.name
        self.assertEqual(int(second), int(first) + 2)
        sequence = self.env["ir.sequence"].search(
            [("code", "=", "power.supply.point.connection")]
        )
        self.assertEqual(sequence.company_id, self.company)

    def test_pressed_twice_makes_one_point(self):
        connection = self._energise("new")
        count = self.env["power.supply.point"].search_count([])
        events = connection.event_ids
        connection.enter_step("energised")
        self.assertEqual(self.env["power.supply.point"].search_count([]), count)
        self.assertEqual(connection.event_ids, events)

    def test_killed_in_the_middle_leaves_nothing(self):
        connection = self._create_connection("new", point_number="3300009998")
        self._take_until(connection, "energised")
        contracts = self.registry["power.supply.contract"]

        def fail(model, vals_list):
            raise ZeroDivisionError

        self.patch(contracts, "create", fail)
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            connection.enter_step("energised")
        connection.invalidate_recordset()
        self.assertFalse(connection.energised_at)
        self.assertFalse(connection.supply_point_id)
        self.assertFalse(
            self.env["power.supply.point"].search([("name", "=", "3300009998")])
        )

    def test_reopening_the_ticket_energises_nobody_again(self):
        connection = self._energise("new")
        self._take(connection, "archived")
        ticket = connection.ticket_id
        ticket.register_event("milestone", milestone="closed")
        ticket.reopen("Meter sealed badly")
        point = connection.supply_point_id
        connection.enter_step("energised")
        self.assertEqual(connection.supply_point_id, point)
        self.assertTrue(connection.energised_at)

    def test_without_area_is_refused(self):
        connection = self._create_connection("new", grid_area_id=False)
        self._take_until(connection, "energised")
        with self.assertRaisesRegex(UserError, "grid area"):
            connection.enter_step("energised")

    def test_number_of_another_point_is_refused(self):
        connection = self._create_connection("new", point_number=self.point.name)
        self._take_until(connection, "energised")
        with self.assertRaisesRegex(UserError, "has this consumer number"):
            connection.enter_step("energised")

    def test_only_the_connection_energises(self):
        connection = self._create_connection("new")
        self._take_until(connection, "energised")
        with self.assertRaisesRegex(UserError, "buttons of the connection"):
            connection.ticket_id.register_event("milestone", milestone="energised")
        with self.assertRaisesRegex(UserError, "buttons of the connection"):
            connection.ticket_id.stage_id = self.stages["energised"]

    def test_more_capacity_ends_the_contract_and_begins_one(self):
        self.contract.contract_kva = 8
        connection = self._energise("increase", wanted_kva=30)
        self.assertRecordValues(
            connection.previous_contract_id,
            [{"id": self.contract.id, "date_to": TODAY - timedelta(1)}],
        )
        self.assertRecordValues(
            connection.contract_id,
            [
                {
                    "partner_id": self.customer.id,
                    "date_from": TODAY,
                    "date_to": False,
                    "contract_kva": 30,
                }
            ],
        )
        self.assertEqual(self.contract.contract_kva, 8)
        self.assertEqual(self.point.contract_id, connection.contract_id)
        self.assertEqual(self.point.main_element_id, self.transformer)
        self.assertEqual(connection.current_kva, 8)

    def test_more_capacity_may_change_the_class_and_the_sources(self):
        self.contract.contract_kva = 8
        self.point.source_ids = [
            (0, 0, {"element_id": self.transformer.id, "role": "standby"})
        ]
        connection = self._energise(
            "increase", "hv_dual", wanted_kva=630, voltage_level="10kv"
        )
        self.assertRecordValues(
            self.point, [{"customer_class": "hv_dual", "voltage_level": "10kv"}]
        )
        self.assertEqual(
            {(s.element_id, s.role) for s in self.point.source_ids},
            {(self.transformer, "main"), (self.transformer_standby, "standby")},
        )
        self.assertEqual(connection.contract_id.contract_kva, 630)

    def test_less_capacity(self):
        self.contract.contract_kva = 50
        connection = self._energise("reduce", "lv_other", wanted_kva=20)
        self.assertEqual(connection.contract_id.contract_kva, 20)
        self.assertEqual(self.point.contract_id, connection.contract_id)

    def test_capacity_that_isnt_less_is_refused(self):
        self.contract.contract_kva = 10
        connection = self._create_connection("reduce", wanted_kva=20)
        self._take_until(connection, "energised")
        with self.assertRaisesRegex(UserError, "isn't less"):
            connection.enter_step("energised")
        self.assertFalse(self.contract.date_to)

    def test_transfer_begins_the_new_customers_contract_without_old_debts(self):
        self.contract.write({"contract_kva": 8, "payment_mode": "prepaid"})
        self.contract.date_to = date(2026, 12, 31)
        connection = self._energise("transfer", new_partner_id=self.applicant.id)
        self.assertRecordValues(
            connection.contract_id,
            [
                {
                    "partner_id": self.applicant.id,
                    "date_from": TODAY,
                    "date_to": False,
                    "contract_kva": 8,
                    "payment_mode": "postpaid",
                }
            ],
        )
        self.assertRecordValues(
            self.contract,
            [{"partner_id": self.customer.id, "date_to": TODAY - timedelta(1)}],
        )
        self.assertEqual(self.point.partner_id, self.applicant)
        self.assertEqual(connection.partner_id, self.customer)

    def test_suspension_and_resumption(self):
        connection = self._energise(
            "suspend", "hv_single", date_from=TODAY, date_to=date(2026, 6, 30)
        )
        self.assertEqual(self.point.supply_state, "suspended")
        self.assertEqual(self.point.contract_id, self.contract)
        self.assertEqual(connection.contract_id, self.contract)
        again = self._create_connection(
            "suspend", "hv_single", date_to=date(2026, 9, 30)
        )
        self._take_until(again, "energised")
        with self.assertRaisesRegex(UserError, "isn't connected"):
            again.enter_step("energised")
        self._energise("resume", "hv_single")
        self.assertEqual(self.point.supply_state, "connected")

    def test_end_of_a_suspension_is_reminded_of(self):
        connection = self._energise("suspend", "hv_single", date_to=date(2026, 6, 30))
        rule = self.env.ref("power_service_tickets.power_reminder_rule_suspension")
        self.assertNotIn(
            connection, connection.search(rule._get_due_domain(date(2026, 6, 19)))
        )
        due = rule._get_due_domain(date(2026, 6, 20))
        self.assertIn(connection, connection.search(due))
        self.point.supply_state = "connected"
        self.assertNotIn(connection, connection.search(due))

    def test_temporary_supply_ends_by_itself(self):
        connection = self._energise("temporary", date_to=date(2026, 5, 31))
        self.assertEqual(connection.contract_id.date_to, date(2026, 5, 31))
        rule = self.env.ref("power_service_base.power_reminder_rule_contract_end")
        contracts = self.env["power.supply.contract"]
        self.assertIn(
            connection.contract_id,
            contracts.search(rule._get_due_domain(date(2026, 5, 2))),
        )

    def test_closing_ends_the_contract_and_the_point(self):
        self._energise("close")
        self.assertEqual(self.contract.date_to, TODAY)
        self.assertEqual(self.point.supply_state, "closed")
        connection = self._create_connection("increase", wanted_kva=30)
        self._take_until(connection, "energised")
        with self.assertRaisesRegex(UserError, "closed"):
            connection.enter_step("energised")

    def test_contract_that_begins_later_or_today_is_named(self):
        self.contract.contract_kva = 8
        connection = self._create_connection("increase", wanted_kva=30)
        self._take_until(connection, "energised")
        self.contract.date_to = date(2026, 6, 30)
        later = self.contract.copy({"date_from": date(2026, 7, 1), "date_to": False})
        with self.assertRaisesRegex(UserError, "begins later"):
            connection.enter_step("energised")
        later.unlink()
        self.contract.date_from = TODAY
        with self.assertRaisesRegex(UserError, "begins on the same day"):
            connection.enter_step("energised")

    @mute_logger("odoo.sql_db")
    def test_two_current_contracts_are_impossible(self):
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.contract.copy({"date_from": TODAY})

    def test_the_day_is_the_stations(self):
        # 1 March, 20:00 UTC is 2 March in China.
        connection = self._create_connection("new", point_number="3300009997")
        with freeze_time(MONDAY + timedelta(days=1)):
            self._take_until(connection, "energised")
        with freeze_time(datetime(2026, 3, 4, 2)):
            connection.enter_step("energised", at=datetime(2026, 3, 3, 20))
        self.assertEqual(connection.contract_id.date_from, date(2026, 3, 4))
