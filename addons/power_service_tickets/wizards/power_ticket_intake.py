from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import format_datetime

from ..models.power_ticket import CHANNELS

# At the counter and on the phone, also of the hotline's own desk.
INTAKE_CHANNELS = [
    channel for channel in CHANNELS if channel[0] not in ("email", "portal")
]


class PowerTicketIntake(models.TransientModel):
    """The clerk's quick form: a number is typed, and who calls is there at once with
    address, what is known of the supply, and the tickets that are open already."""

    _name = "power.ticket.intake"
    _description = "New Request"
    _rec_name = "lookup"

    lookup = fields.Char(
        "Number or Phone",
        help="A whole consumer number, customer number or phone number.",
    )
    message = fields.Char(compute="_compute_found")
    found_ids = fields.Many2many("power.supply.point", compute="_compute_found")
    other_point_id = fields.Integer(
        compute="_compute_found",
        help="Of another station: told to the clerk by a logged look-up.",
    )
    found_partner_ids = fields.Many2many("res.partner", compute="_compute_found")
    supply_point_id = fields.Many2one(
        "power.supply.point",
        compute="_compute_supply_point_id",
        compute_sudo=False,  # what the user finds
        store=True,
        readonly=False,
        domain="[('id', 'in', found_ids)]",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        compute="_compute_partner_id",
        compute_sudo=False,
        store=True,
        readonly=False,
        domain="[('id', 'in', found_partner_ids)]",
    )
    address = fields.Char(compute="_compute_customer")
    station_name = fields.Char("Station", compute="_compute_customer")
    hotline = fields.Char("Station's Hotline", compute="_compute_customer")
    is_other_station = fields.Boolean(compute="_compute_customer")
    is_green_channel = fields.Boolean("Green Channel", compute="_compute_customer")
    interruption = fields.Text("Known About the Supply", compute="_compute_customer")
    open_ticket_ids = fields.Many2many(
        "power.ticket", string="Open Tickets", compute="_compute_open_ticket_ids"
    )
    type_id = fields.Many2one(
        "power.ticket.type",
        required=True,
        default=lambda self: self.env["power.ticket"]._default_type_id(),
    )
    category_id = fields.Many2one(
        "power.ticket.category",
        compute="_compute_category_id",
        store=True,
        readonly=False,
        domain="[('type_id', '=', type_id)]",
    )
    channel = fields.Selection(INTAKE_CHANNELS, required=True, default="phone")
    subject = fields.Char(
        compute="_compute_subject", store=True, readonly=False, required=True
    )
    description = fields.Text("In the Customer's Words")
    contact_name = fields.Char("Caller")
    contact_phone = fields.Char(
        "Call-back Phone",
        compute="_compute_contact_phone",
        compute_sudo=False,  # of a customer whom the user sees
        store=True,
        readonly=False,
    )
    place = fields.Char("Where", help="When it isn't the supply point's address.")
    is_anonymous = fields.Boolean("Anonymous")
    has_injury = fields.Boolean("Personal Injury", help="Leaders are told at once.")
    has_media = fields.Boolean("Media Coverage", help="Leaders are told at once.")
    proof_ids = fields.Many2many("ir.attachment", string="Files")

    repeat_text = fields.Text("Same Matter?", compute="_compute_repeat")
    is_frequent = fields.Boolean(compute="_compute_repeat")
    repeat_answer = fields.Selection(
        [("confirmed", "The same matter again"), ("undone", "Another matter")],
        "The Caller Says",
        help="Left open, it is taken as proposed and can be judged later.",
    )

    # Who it is ----------------------------------------------------------------------

    @api.depends("lookup")
    def _compute_found(self):
        for intake in self:
            key = (intake.lookup or "").strip()
            intake.update(intake._find(key))

    def _find(self, key):
        """Look a customer up: among those of the own stations, then by the logged
        look-up of base.

        :return: dict of the computed fields
        """
        points = self.env["power.supply.point"]
        partners = self.env["res.partner"]
        result = {
            "found_ids": points,
            "other_point_id": 0,
            "found_partner_ids": partners,
            "message": False,
        }
        if len(key) < 4:
            return result
        own = points.search([("name", "=", key)], limit=5)
        if own:
            return result | {"found_ids": own, "found_partner_ids": own.partner_id}
        found = partners.find_customer(number=key)
        tickets = self.env["power.ticket"]
        phone = tickets._normalise_phone(key, tickets._get_phone_country())
        if not found and phone:
            found = partners.find_customer(phone=key)
        if not found:
            return result | {"message": self.env._("Nobody has this number.")}
        rows = {row["id"]: row for line in found for row in line["supply_points"]}
        own = points.browse(rows)._filtered_access("read")
        others = [res_id for res_id in rows if res_id not in own.ids]
        message = False
        if others and len(rows) > 1:
            numbers = ", ".join(rows[res_id]["number"] for res_id in others)
            message = self.env._(
                "Also supplied by other stations: %(numbers)s. Type one of these.",
                numbers=numbers,
            )
        return result | {
            "found_ids": own,
            "other_point_id": others[0] if len(rows) == 1 and others else 0,
            "found_partner_ids": partners.browse(row["id"] for row in found),
            "message": message,
        }

    @api.depends("found_ids")
    def _compute_supply_point_id(self):
        for intake in self:
            points = intake.found_ids
            intake.supply_point_id = points if len(points) == 1 else False

    @api.depends("found_partner_ids", "supply_point_id", "is_anonymous")
    def _compute_partner_id(self):
        for intake in self:
            point = intake._get_point()
            partners = point.partner_id or intake.found_partner_ids
            known = len(partners) == 1 and not intake.is_anonymous
            intake.partner_id = partners._origin.id if known else False

    @api.depends("supply_point_id", "other_point_id", "partner_id")
    def _compute_customer(self):
        stations = self.env["power.ticket"]._get_panel_station_domain()
        own = self.env["hr.department"].sudo().search(stations)  # to compare only
        for intake in self:
            point = intake._get_point()
            station = point.station_id
            intake.address = point.address or intake.partner_id.contact_address_inline
            intake.station_name = station.name
            intake.hotline = station.hotline
            intake.is_other_station = bool(station) and station not in own
            segments = intake.partner_id.sudo().segment_ids  # decides who goes first
            intake.is_green_channel = point.importance_grade not in (
                False,
                "none",
            ) or any(item.is_vulnerable or item.has_green_channel for item in segments)
            intake.interruption = intake._get_interruption_text(point)

    def _get_point(self):
        """The point found: one that the user may see, or another station's whose whole
        number was typed; that look-up was logged."""
        points = self.supply_point_id._origin._filtered_access("read")
        if not points and self._is_looked_up(self.other_point_id):
            points = points.browse(self.other_point_id)
        return points.sudo()  # as said

    def _is_looked_up(self, point_id):
        """Whether the point is what the user's own logged look-up found: a form may
        send any id."""
        key = (self.lookup or "").strip()
        if not point_id or not key:
            return False
        partners = self.env["res.partner"]
        phone = partners._phone_format(
            number=key, country=self.env["power.ticket"]._get_phone_country()
        )
        point = self.env["power.supply.point"].sudo().browse(point_id)  # to compare
        customer = point.partner_id
        fitting = {"number": key in (point.name, customer.ref)}
        fitting["phone"] = phone and customer.phone_sanitized == phone
        log = self.env["power.customer.lookup"].sudo()  # the user's own lines
        hashes = [
            log._hash_keys(partners._normalise_find_keys(**{kind: key}))
            for kind, fits in fitting.items()
            if fits and point.company_id in self.env.companies
        ]
        return bool(
            hashes
            and log.search_count(
                [("key_hash", "in", hashes), ("user_id", "=", self.env.uid)], limit=1
            )
        )

    def _get_interruption_text(self, point):
        if not point:
            return False
        lines = []
        for item in self.env["power.ticket"]._get_known_interruption(point):
            until = item.get("until")
            lines.append(
                self.env._(
                    "%(text)s Expected until %(until)s.",
                    text=item["text"],
                    until=format_datetime(self.env, until, dt_format="short"),
                )
                if until
                else item["text"]
            )
        return "\n".join(lines)

    @api.depends("supply_point_id", "other_point_id", "partner_id")
    def _compute_open_ticket_ids(self):
        tickets = self.env["power.ticket"]
        for intake in self:
            point, partner = intake._get_point(), intake.partner_id._origin
            domain = Domain("supply_point_id", "=", point.id) if point else Domain.FALSE
            if partner:
                domain |= Domain("partner_id", "=", partner.id)
            intake.open_ticket_ids = tickets.search(
                domain & tickets._get_open_domain(), limit=10
            )

    @api.depends("partner_id", "lookup")
    def _compute_contact_phone(self):
        tickets = self.env["power.ticket"]
        country = tickets._get_phone_country()
        for intake in self:
            # The number somebody calls from is the one to call back.
            typed = tickets._normalise_phone(intake.lookup, country)
            point = intake.found_ids
            if typed and intake.lookup not in point.mapped("name"):
                intake.contact_phone = typed
            else:
                intake.contact_phone = intake.partner_id.phone

    # What it is about ---------------------------------------------------------------

    @api.depends("type_id")
    def _compute_category_id(self):
        for intake in self:
            if intake.category_id.type_id != intake.type_id:
                intake.category_id = False

    @api.depends("category_id", "type_id")
    def _compute_subject(self):
        names = set(self.env["power.ticket.category"].search([]).mapped("name"))
        names |= set(self.env["power.ticket.type"].search([]).mapped("name"))
        for intake in self:
            # What the clerk typed stays.
            if not intake.subject or intake.subject in names:
                intake.subject = intake.category_id.name or intake.type_id.name

    @api.depends(
        "supply_point_id", "other_point_id", "partner_id", "category_id", "is_anonymous"
    )
    def _compute_repeat(self):
        # Of other stations' tickets the clerk is told number, type and day.
        tickets = self.env["power.ticket"].sudo()
        for intake in self:
            point = intake._get_point()
            repeat = not intake.is_anonymous and tickets._preview_repeat(
                point.company_id or intake.env.company,
                intake.partner_id._origin.sudo(),  # as above
                point,
                intake.category_id._origin.sudo(),  # as above
            )
            intake.is_frequent = bool(repeat and repeat.is_frequent)
            intake.repeat_text = repeat and intake._get_repeat_text(
                tickets.browse(repeat.repeat_of or []), repeat.calls
            )

    def _get_repeat_text(self, ticket, calls):
        lines = []
        if ticket:
            seen = ticket.with_env(self.env)._filtered_access("read")
            lines.append(
                self.env._(
                    "Repeats %(ticket)s (%(subject)s), closed %(day)s.",
                    ticket=ticket.name,
                    subject=seen.subject or ticket.type_id.name,
                    day=format_datetime(self.env, ticket.closed_at, dt_format="short"),
                )
            )
        if calls > 1:
            lines.append(self.env._("This is call %(count)s about it.", count=calls))
        return "\n".join(lines)

    # Doing it -----------------------------------------------------------------------

    def action_create(self):
        """Take the request in.

        :return: a window action: the ticket, or a message when it isn't the clerk's to
            see (another station's, a report of wrongdoing)
        """
        ticket = self._create_ticket()
        if ticket.has_access("read"):
            return {
                "type": "ir.actions.act_window",
                "res_model": "power.ticket",
                "res_id": ticket.id,
                "view_mode": "form",
                "target": "main",
            }
        return self._show_taken(ticket.sudo())  # its number is for the customer

    def action_create_next(self):
        """Take the request in, and show an empty form for the next one."""
        ticket = self._create_ticket().sudo()  # as above
        action = self._show_taken(ticket)
        action["params"]["next"] = self.env["ir.actions.act_window"]._for_xml_id(
            "power_service_tickets.power_ticket_intake_action"
        )
        return action

    def _show_taken(self, ticket):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "title": ticket.name,
                "message": self.env._(
                    "Taken in, for %(station)s.",
                    station=ticket.station_id.name or ticket.company_id.name,
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _create_ticket(self):
        self.ensure_one()
        tickets = self.env["power.ticket"]
        tickets.check_access("create")
        self.env["power.ticket.event"]._check_own_files(self.proof_ids.ids)
        if self.proof_ids.filtered(lambda file: file.res_id):
            raise AccessError(
                self.env._("A file that belongs to another record stays there.")
            )
        for file in self.proof_ids:
            tickets._check_file(file.name, file.raw)
        # A clerk takes in for every station, and reports of wrongdoing unseen.
        ticket = tickets.sudo().create([self._prepare_ticket_vals()])
        self.proof_ids.sudo().write(  # the clerk's own uploads
            {"res_model": ticket._name, "res_id": ticket.id}
        )
        if self.repeat_answer and (ticket.repeat_of_id or ticket.call_count > 1):
            if self.repeat_answer == "undone":
                ticket.undo_repeat()
            elif ticket.repeat_of_id:
                ticket.confirm_repeat()
        if self.is_anonymous:  # what was typed isn't kept here either
            self.write({"lookup": False, "contact_name": False, "contact_phone": False})
        return ticket.with_env(self.env)

    def _prepare_ticket_vals(self):
        point = self._get_point()
        vals = {
            "subject": self.subject,
            "description": self.description,
            "type_id": self.type_id.id,
            "category_id": self.category_id.id,
            "channel": self.channel,
            "contact_name": self.contact_name,
            "contact_phone": self.contact_phone,
            "address": self.place,
            "is_anonymous": self.is_anonymous,
            "has_injury": self.has_injury,
            "has_media": self.has_media,
            "supply_point_id": point.id,
            "first_contact_user_id": self.env.uid,
        }
        if point:
            vals["company_id"] = point.company_id.id
        if self.is_anonymous and point:
            # Only where it is is taken from it, when its supply isn't the matter.
            vals |= {"supply_point_id": False, "consumer_number_given": point.name}
        elif self.partner_id:
            vals["partner_id"] = self.partner_id.id
        elif self.lookup and not point and self.lookup != self.contact_phone:
            vals["consumer_number_given"] = self.lookup.strip()
        return vals
