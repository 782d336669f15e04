# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, email_normalize

# Where a person of ours takes the request in, who has been asked first by that.
PERSONAL_CHANNELS = frozenset(("counter", "phone", "visit", "letter", "internal"))
# Passed in the context by the code that takes a request in. Being an object, it can't
# be sent by a client.
RECOGNISED = object()


class PowerTicket(models.Model):
    """Taking requests in: numbers, customers recognised, where they lie."""

    _inherit = "power.ticket"

    consumer_number_given = fields.Char(
        copy=False,
        help="What the caller said, when no supply point of ours has that number.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Take requests in. It never fails for want of area, station or calendar."""
        for vals in vals_list:
            self._check_not_projected(vals)
        self._check_reach([self.default_get(self._reach_fields), *vals_list])
        vals_list = self._prepare_intake_vals_list(vals_list)
        # Neither a log line nor a follower per ticket: the received event says it.
        silent = self.with_context(
            mail_create_nosubscribe=True,
            mail_create_nolog=True,
            power_ticket_recognised=RECOGNISED,
        )
        tickets = super(PowerTicket, silent).create(vals_list).with_env(self.env)
        tickets._after_intake()
        return tickets

    def _check_reach(self, vals_list):
        # Checked as it came in: whom we recognise ourselves may be anybody's.
        is_ours = self.env.context.get("power_ticket_recognised") is RECOGNISED
        return super()._check_reach([] if is_ours else vals_list)

    def copy_data(self, default=None):
        """A copy names another station's point as its caller did: by its number."""
        vals_list = super().copy_data(default)
        points = self.env["power.supply.point"]
        for ticket, vals in zip(self, vals_list, strict=True):
            point = points.browse(vals.get("supply_point_id") or [])
            if (
                point
                and point == ticket.supply_point_id
                and not point.has_access("read")
            ):
                # The ticket that one reads shows this number.
                number = point.sudo().name
                vals |= {"supply_point_id": False, "consumer_number_given": number}
        return vals_list

    @api.model
    def _prepare_intake_vals_list(self, vals_list):
        """Complete the values of new tickets. A constant number of queries.

        :return: new dicts, in the same order
        """
        vals_list = [dict(vals) for vals in vals_list]
        default_type = None
        for vals in vals_list:
            if not vals.get("type_id"):
                default_type = default_type or self._default_type_id()
                vals["type_id"] = default_type.id
        self._place_anonymous([vals for vals in vals_list if vals.get("is_anonymous")])
        self._recognise_customers(vals_list)
        internal = not self.env.user.share and not self.env.su
        numbers = self._next_numbers(len(vals_list))
        types = self.env["power.ticket.type"].browse(
            {vals["type_id"] for vals in vals_list}
        )
        initial = types._get_initial_stages()
        default_channel = self.default_get(["channel"]).get("channel")
        now = fields.Datetime.now()
        for vals, number in zip(vals_list, numbers, strict=True):
            if vals.get("name", "/") == "/":
                vals["name"] = number
            vals["stage_id"] = initial.get(vals["type_id"])
            received_at = self._get_moment(vals.get("received_at"))
            if received_at and received_at > now:
                raise UserError(
                    self.env._(
                        "Received At (%(time)s UTC) lies in the future; check the date "
                        "and time.",
                        time=received_at,
                    )
                )
            channel = vals.get("channel") or default_channel
            if internal and channel in PERSONAL_CHANNELS:
                vals["first_contact_user_id"] = self.env.uid
        return vals_list

    @api.model
    def _get_anonymous_vals(self):
        """What isn't kept of somebody who doesn't want to be known."""
        return {
            "partner_id": False,
            "contact_name": False,
            "contact_phone": False,
            "contact_email": False,
            "consumer_number_given": False,
        }

    @api.constrains(
        "is_anonymous",
        "partner_id",
        "contact_name",
        "contact_phone",
        "contact_email",
        "consumer_number_given",
    )
    def _check_anonymous(self):
        names = list(self._get_anonymous_vals())
        for ticket in self.filtered("is_anonymous"):
            if any(ticket[name] for name in names):
                raise ValidationError(
                    self.env._(
                        "%(ticket)s is anonymous: nothing of who called is kept.",
                        ticket=ticket.name,
                    )
                )

    @api.model
    def _place_anonymous(self, vals_list):
        """Take out of the values of anonymous requests what tells who called; where
        it is, stays: at the point whose number was given when its supply is the matter,
        else only in that point's area.

        :param vals_list: values of new tickets; changed in place
        """
        numbered = [
            vals
            for vals in vals_list
            if vals.get("consumer_number_given") and not vals.get("supply_point_id")
        ]
        for vals in numbered:
            vals["company_id"] = vals.get("company_id") or self.env.company.id
        if numbered:
            self._recognise_by_number(numbered)
        for vals in numbered:
            ticket_type = self.env["power.ticket.type"].browse(vals["type_id"])
            if not ticket_type._is_about_supply() and vals.get("supply_point_id"):
                # Of any station: the ticket goes where the point is.
                point = self.env["power.supply.point"].sudo()
                point = point.browse(vals.pop("supply_point_id"))
                vals["grid_area_id"] = vals.get("grid_area_id") or point.grid_area_id.id
                vals["station_id"] = vals.get("station_id") or point.station_id.id
        for vals in vals_list:
            vals.update(self._get_anonymous_vals())

    def _forget_phones(self):
        """Drop the phones that the trace of changes tells, and the one that is about
        to be dropped without a trace."""
        self.check_access("write")
        self.filtered("contact_phone")._project_write({"contact_phone": False})
        # Not the user's to read; who may write the ticket may have it forgotten.
        self.env["mail.tracking.value"].sudo().search(
            [
                ("field_id.model", "=", self._name),
                ("field_id.name", "=", "contact_phone"),
                ("mail_message_id.model", "=", self._name),
                ("mail_message_id.res_id", "in", self.ids),
            ]
        ).unlink()

    @api.model
    def _next_numbers(self, count):
        """The next numbers of tickets, in one query.

        :param count: how many
        :return: list of that many numbers
        """
        # Whoever may create tickets may number them.
        sequence = self.env.ref("power_service_tickets.power_ticket_sequence").sudo()
        rows = self.env.execute_query(
            SQL(
                "SELECT nextval(%s) FROM generate_series(1, %s)",
                f"ir_sequence_{sequence.id:03d}",
                count,
            )
        )
        return [sequence.get_next_char(number) for (number,) in rows]

    def _after_intake(self):
        """What follows a receipt, once for all of them: event, handler, clocks."""
        self._enter_received()
        self._refresh_clocks()

    # Who it is ----------------------------------------------------------------------

    @api.model
    def _recognise_customers(self, vals_list):
        """Fill in supply point and customer of those who only gave a number, phone or
        e-mail: exact matches, and only when there is just one.

        A constant number of queries, none when there is nobody to recognise.

        :param vals_list: values of new tickets; completed in place
        """
        unknown = []
        country = self._get_phone_country()
        for vals in vals_list:
            phone = self._normalise_phone(vals.get("contact_phone"), country)
            if phone:
                vals["contact_phone"] = phone
            email = email_normalize(vals.get("contact_email"))
            if email:
                vals["contact_email"] = email
            if vals.get("supply_point_id") or vals.get("is_anonymous"):
                continue
            vals["company_id"] = vals.get("company_id") or self.env.company.id
            if {"consumer_number_given", "partner_id"} & vals.keys() or phone or email:
                unknown.append(vals)
        if not unknown:
            return
        self._recognise_by_number(unknown)
        self._recognise_by_address(unknown)

    @api.model
    def _get_phone_country(self):
        return self.env.company.country_id or self.env.ref("base.cn")

    @api.model
    def _normalise_phone(self, phone, country):
        """``phone`` in international form, as customers' phones are kept; False for
        what is no phone number."""
        phone = (phone or "").strip()
        if not phone:
            return False
        partners = self.env["res.partner"]
        return partners._phone_format(number=phone, country=country) or False

    @api.model
    def _recognise_by_number(self, vals_list):
        numbers = {vals.get("consumer_number_given") for vals in vals_list} - {None}
        if not numbers:
            return
        points = self.env["power.supply.point"].sudo()  # of any station, exactly
        points = points.search(
            Domain("name", "in", list(numbers))
            & Domain("company_id", "in", [vals["company_id"] for vals in vals_list])
        )
        found = {(point.company_id.id, point.name): point.id for point in points}
        for vals in vals_list:
            key = (vals["company_id"], vals.get("consumer_number_given"))
            if key in found:
                vals["supply_point_id"] = found[key]
                vals["consumer_number_given"] = False

    @api.model
    def _recognise_by_address(self, vals_list):
        """By phone, then e-mail; then by the only supply point of the customer."""
        keys = {"phone_sanitized": "contact_phone", "email_normalized": "contact_email"}
        for name, given in keys.items():
            todo = [
                vals
                for vals in vals_list
                if not vals.get("supply_point_id")
                and not vals.get("partner_id")
                and vals.get(given)
            ]
            if not todo:
                continue
            customers = self._find_customers(name, {vals[given] for vals in todo})
            for vals in todo:
                fitting = [
                    partner_id
                    for partner_id, company_id in customers[vals[given]]
                    if company_id in (None, vals["company_id"])
                ]
                if len(fitting) == 1:
                    vals["partner_id"] = fitting[0]
        todo = [
            vals
            for vals in vals_list
            if vals.get("partner_id") and not vals.get("supply_point_id")
        ]
        if not todo:
            return
        points = self.env["power.supply.point"].sudo()  # as for the number
        rows = points._read_group(
            Domain("partner_id", "in", [vals["partner_id"] for vals in todo])
            & Domain("supply_state", "!=", "closed"),
            ["partner_id", "company_id"],
            ["id:array_agg"],
        )
        only = {
            (partner.id, company.id): point_ids[0]
            for partner, company, point_ids in rows
            if len(point_ids) == 1
        }
        for vals in todo:
            key = (vals["partner_id"], vals["company_id"])
            if key in only:
                vals["supply_point_id"] = only[key]

    @api.model
    def _find_customers(self, name, values):
        """Dict of value to (customer id, company id or None) of those who have it.

        :param name: ``phone_sanitized`` or ``email_normalized``
        """
        partners = self.env["res.partner"].sudo()  # customers of any station
        found = defaultdict(list)
        for partner in partners.search_fetch(
            Domain(name, "in", list(values)) & Domain("is_power_customer", "=", True),
            [name, "company_id"],
        ):
            found[partner[name]].append((partner.id, partner.company_id.id or None))
        return found

    @api.model
    def _get_known_interruption(self, supply_point):
        """What is known already about the supply of a point: shown at intake.

        Nothing here; outages and disconnections extend it.

        :param supply_point: one ``power.supply.point``, also of another station
        :return: list of dicts with ``kind`` (a technical name), ``text`` (what the
            clerk may tell the caller), ``until`` (naive UTC datetime or False)
        """
        return []
