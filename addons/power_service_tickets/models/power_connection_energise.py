# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

SEQUENCE_CODE = "power.supply.point.connection"


class PowerConnection(models.Model):
    """Energising: what a connection makes of point and contract.

    All in the transaction of the step itself: pressed twice or killed in between, there
    is one point and one contract, or none.
    """

    _inherit = "power.connection"

    def _before_step(self, step, at):
        result = super()._before_step(step, at)
        if step == "energised":
            self._carry_out(self._get_day(at))
        return result

    def _check_step(self, step, at):
        if step == "energised" and self.supply_point_id:
            self._lock_point()
        return super()._check_step(step, at)

    def _lock_point(self):
        """Wait for whoever carries out another connection of the same point."""
        self.env.execute_query(
            SQL(
                "SELECT id FROM power_supply_point WHERE id = %s FOR NO KEY UPDATE",
                self.supply_point_id.id,
            )
        )
        self.supply_point_id.invalidate_recordset()
        self.supply_point_id.contract_ids.invalidate_recordset()

    def _carry_out(self, day):
        """Make or change point and contract; the step was checked before.

        :param day: the date on which it happens, where the station is
        """
        self.ensure_one()
        method = {
            "new": self._make_point,
            "temporary": self._make_point,
            "increase": self._change_capacity,
            "reduce": self._change_capacity,
            "transfer": self._transfer,
            "suspend": self._suspend,
            "resume": self._reconnect,
            "close": self._close_point,
        }[self.kind]
        method(day)

    # Point --------------------------------------------------------------------------

    def _prepare_point_vals(self):
        """Values of the point that a new connection makes."""
        return {
            "name": (self.point_number or "").strip() or self._next_point_number(),
            "company_id": self.company_id.id,
            "station_id": self.station_id.id,
            "grid_area_id": self.grid_area_id.id,
            "address": self.address or self.partner_id.contact_address_inline or False,
            "customer_class": self.customer_class,
            "voltage_level": self.voltage_level,
            "tariff_class_id": self.tariff_class_id.id,
            "importance_grade": self.importance_grade or "none",
            "supply_state": "connected",
            "source_ids": self._get_source_commands(),
        }

    def _make_point(self, day):
        point = self.env["power.supply.point"].create(self._prepare_point_vals())
        contract = self._make_contract(point, self.partner_id, day)
        if self.kind == "temporary":
            contract.date_to = self.date_to
        self.point_number = point.name
        self.ticket_id.supply_point_id = point
        self._move({"contract_id": contract.id})

    def _is_number_taken(self, number):
        # Also points that the user may not see keep their number.
        return bool(
            self.env["power.supply.point"]
            .sudo()
            .with_context(active_test=False)
            .search_count(
                [("company_id", "=", self.company_id.id), ("name", "=", number)],
                limit=1,
            )
        )

    def _next_point_number(self):
        """The company's next free consumer number.

        :raise UserError: its sequence gives none that is free
        """
        # Numbers are the system's to give; the right to the step was checked.
        sequences = self.env["ir.sequence"].sudo().with_company(self.company_id)
        if not sequences.search_count(
            [("code", "=", SEQUENCE_CODE), ("company_id", "=", self.company_id.id)]
        ):
            sequences.create(
                {
                    "name": self.env._(
                        "Consumer numbers, %(company)s", company=self.company_id.name
                    ),
                    "code": SEQUENCE_CODE,
                    "company_id": self.company_id.id,
                    "prefix": "9",
                    "padding": 9,
                }
            )
        for _attempt in range(100):
            number = sequences.next_by_code(SEQUENCE_CODE)
            if not self._is_number_taken(number):
                return number
        raise UserError(
            self.env._(
                "The next 100 consumer numbers are taken: set the company's sequence "
                "“%(code)s” further.",
                code=SEQUENCE_CODE,
            )
        )

    # Contract -----------------------------------------------------------------------

    def _prepare_contract_vals(self, point, partner, day):
        """Values of the contract that begins on ``day``."""
        return {
            "name": self.contract_number or False,
            "company_id": self.company_id.id,
            "supply_point_id": point.id,
            "partner_id": partner.id,
            "date_from": day,
            "contract_kva": self.scheme_kva,
        }

    def _make_contract(self, point, partner, day, **vals):
        return self.env["power.supply.contract"].create(
            {**self._prepare_contract_vals(point, partner, day), **vals}
        )

    def _get_contract(self, day):
        """The point's contract in force on ``day``."""
        point = self.supply_point_id
        return self.env["power.supply.contract"].search(
            point._get_current_contract_domain(day)
            & Domain("supply_point_id", "=", point.id)
        )

    def _replace_contract(self, day, partner, **vals):
        """End the contract in force the day before, and begin a new one.

        Bills and debts stay with the old one: they belong to whom it was made with.
        """
        old = self._get_contract(day)
        last_day = old.date_to
        old.date_to = day - timedelta(days=1)
        kept = {
            "payment_mode": old.payment_mode,
            "late_charge_rule": old.late_charge_rule,
            "date_to": last_day,
        }
        new = self._make_contract(
            self.supply_point_id, partner, day, **{**kept, **vals}
        )
        self._move({"contract_id": new.id, "previous_contract_id": old.id})
        return new

    def _change_capacity(self, day):
        point = self.supply_point_id
        self._replace_contract(day, self._get_contract(day).partner_id)
        point.write(
            {
                "customer_class": self.customer_class,
                "voltage_level": self.voltage_level,
                "importance_grade": self.importance_grade,
                **(
                    {"tariff_class_id": self.tariff_class_id.id}
                    if self.tariff_class_id
                    else {}
                ),
            }
        )
        self._replace_sources()

    def _replace_sources(self):
        """Bring the point's sources to those of the scheme."""
        point = self.supply_point_id
        wanted = {source.element_id: source.role for source in self.source_ids}
        if not wanted:
            return
        point.source_ids.filtered(
            lambda source: wanted.get(source.element_id) != source.role
        ).unlink()
        have = point.source_ids.element_id
        point.source_ids = [
            command
            for command, source in zip(
                self._get_source_commands(), self.source_ids, strict=True
            )
            if source.element_id not in have
        ]

    def _transfer(self, day):
        old = self._get_contract(day)
        # How the new customer pays is no business of how the old one did.
        self._replace_contract(
            day,
            self.new_partner_id,
            contract_kva=old.contract_kva,
            payment_mode="postpaid",
            date_to=False,
        )

    def _suspend(self, day):
        self.supply_point_id.supply_state = "suspended"
        self._move({"contract_id": self._get_contract(day).id})

    def _reconnect(self, day):
        self.supply_point_id.supply_state = "connected"
        self._move({"contract_id": self._get_contract(day).id})

    def _close_point(self, day):
        contract = self._get_contract(day)
        contract.date_to = day
        self.supply_point_id.supply_state = "closed"
        self._move({"contract_id": contract.id})
