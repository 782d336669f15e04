import json
from datetime import timedelta
from uuid import uuid4

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..core.notice_channel import SILENT_CHANNELS, Reach, choose_channel
from ..core.notice_projection import get_proof_rank
from ..core.quiet_hours import delay_for_quiet_hours
from .power_notice import PROJECTED_FIELDS
from .power_notice_purpose import CHANNELS


class PowerNotice(models.Model):
    """Making notices: one, or 10,000 in one batch."""

    _inherit = "power.notice"  # pylint: disable=consider-merging-classes-inherited

    @api.model_create_multi
    def create(self, vals_list):
        vals_list, reasons = self._prepare_vals_list(vals_list)
        notices = super().create(vals_list)
        notices._record_made(reasons)
        return notices

    @api.model
    def _notify(self, purpose, vals_list):
        """Make one notice per item, in one batch: what other addons call.

        :param purpose: the code of a purpose
        :param vals_list: dicts with ``partner_id``, ``subject``, ``body`` and a
            ``dedup_key`` that says what is told to whom; optionally ``res_model`` and
            ``res_id`` (origin), ``supply_point_id``, ``channel``, ``address``,
            ``send_after`` (naive UTC), ``needed_proof``, ``fallback_after_hours``,
            ``station_id``, ``company_id``
        :return: the notices made now; items whose key exists already are left out, so
            a batch can be repeated
        :raise UserError: when there is no such purpose
        """
        self.check_access("create")
        purpose = self.env["power.notice.purpose"]._get_by_code(purpose)
        wanted = {}
        for vals in vals_list:
            wanted.setdefault(vals["dedup_key"], {**vals, "purpose_id": purpose.id})
        self.flush_model(["dedup_key"])
        self.env.cr.execute(
            "SELECT dedup_key FROM power_notice WHERE dedup_key = ANY(%s)",
            [list(wanted)],
        )
        for (key,) in self.env.cr.fetchall():
            del wanted[key]
        vals_list, reasons = self._prepare_vals_list(list(wanted.values()))
        if not vals_list:
            return self.browse()
        notices = self._insert(vals_list)
        keys = dict(zip(wanted, reasons, strict=True))
        notices._record_made([keys[key] for key in notices.mapped("dedup_key")])
        return notices

    @api.model
    def _insert(self, vals_list):
        """Insert prepared values in one statement, several times as fast as the ORM.

        A key that another transaction has taken meanwhile is left out. Fields that an
        addon adds are filled from ``vals_list`` or by their default; with a stored
        computed field the ORM does it.

        :return: the new notices
        """
        columns = {
            name: field
            for name, field in self._fields.items()
            if field.store and field.column_type and name not in models.MAGIC_COLUMNS
        }
        names = set().union(*vals_list)
        if names - columns.keys() or any(f.compute for f in columns.values()):
            # Not own create(), which prepares the values.
            return super().create(vals_list)  # pylint: disable=super-method-mismatch
        missing = columns.keys() - names
        defaults = self._add_missing_default_values(dict.fromkeys(names))
        defaults = {name: defaults[name] for name in missing & defaults.keys()}
        names |= defaults.keys()
        uid, now = self.env.uid, self.env.cr.now()
        log = {"create_uid": uid, "create_date": now, "write_uid": uid}
        defaults |= log | {"write_date": now}
        names = sorted(names | defaults.keys())
        booleans = {n for n in names if self._fields[n].type == "boolean"}
        rows = [
            {
                name: value
                for name, value in (defaults | vals).items()
                if value is not False or name in booleans
            }
            for vals in vals_list
        ]
        target = SQL(", ").join(map(SQL.identifier, names))
        types = SQL(", ").join(
            SQL("%s %s", SQL.identifier(name), SQL(self._fields[name].column_type[1]))
            for name in names
        )
        inserted = self.env.execute_query(
            SQL(
                "INSERT INTO power_notice (%s) SELECT %s FROM "
                "jsonb_to_recordset(%s::jsonb) AS row(%s) "
                "ON CONFLICT (dedup_key) DO NOTHING RETURNING id",
                target,
                target,
                json.dumps(rows, default=str),
                types,
            )
        )
        notices = self.browse(row[0] for row in inserted)
        self.env["res.partner"].invalidate_model(["power_notice_ids"])
        notices.check_access("create")
        notices._check_company(["station_id", "supply_point_id"])
        return notices

    def _record_made(self, reasons):
        """Record that these were made, and which of them can't be sent and why.

        :param reasons: for each of the notices why it can't be sent, or ``""``
        """
        now = fields.Datetime.now()
        rows = [(notice.id, 1, "queued", now, None, None) for notice in self]
        rows += [
            (notice.id, 1, "failed", now, reason, None)
            for notice, reason in zip(self, reasons, strict=True)
            if reason
        ]
        self.env["power.notice.event"]._insert(rows)

    @api.model
    def _prepare_vals_list(self, vals_list):
        """Complete the values of new notices: channel, address, time, station.

        A constant number of queries, however many there are.

        :return: the values, and for each the reason why it can't be sent or ``""``
        """
        env = self.env
        ids = {vals.get("purpose_id") for vals in vals_list} - {None, False}
        purposes = {
            purpose.id: (purpose, purpose._get_channels())
            for purpose in env["power.notice.purpose"].browse(ids)
        }
        default_purpose = None
        partners = env["res.partner"].browse(
            {vals.get("partner_id") for vals in vals_list} - {None, False}
        )
        points = env["power.supply.point"].browse(
            {vals.get("supply_point_id") for vals in vals_list} - {None, False}
        )
        reaches = self._get_reaches(
            (vals["partner_id"], vals.get("supply_point_id") or False)
            for vals in vals_list
            if vals.get("partner_id")
        )
        station_default = self._default_station_id()
        own_stations = self._get_own_stations()
        now = fields.Datetime.now()
        result, reasons = [], []
        for vals in vals_list:
            vals = {k: v for k, v in vals.items() if k not in PROJECTED_FIELDS}
            if not vals.get("purpose_id"):
                default_purpose = default_purpose or env[
                    "power.notice.purpose"
                ]._get_by_code("general")
                vals["purpose_id"] = default_purpose.id
                purposes[default_purpose.id] = (
                    default_purpose,
                    default_purpose._get_channels(),
                )
            purpose, allowed = purposes[vals["purpose_id"]]
            partner = partners.browse(vals.get("partner_id") or [])
            point = points.browse(vals.get("supply_point_id") or [])
            vals.setdefault("needed_proof", purpose.proof_level)
            vals.setdefault("fallback_after_hours", purpose.fallback_after_hours)
            vals.setdefault("dedup_key", uuid4().hex)
            if "station_id" not in vals:
                station = point.station_id or partner.power_station_id
                if own_stations is not None and station not in own_stations:
                    station = station_default
                vals["station_id"] = (station or station_default).id
            if "company_id" not in vals:
                station = env["hr.department"].browse(vals["station_id"])
                company = point.company_id or station.company_id or env.company
                vals["company_id"] = company.id
            reach = reaches.get((partner.id, point.id)) or Reach()
            reason = self._prepare_channel(vals, partner, allowed, reach)
            vals["send_after"] = self._get_sending_time(
                vals.get("send_after") or now, vals, purpose, partner
            )
            hours = vals["fallback_after_hours"]
            vals["fallback_due_at"] = (
                fields.Datetime.to_datetime(vals["send_after"]) + timedelta(hours=hours)
                if hours
                else False
            )
            vals["state"] = "failed" if reason else "queued"
            vals["failure_reason"] = reason or False
            vals["proof_level"] = "none"
            vals["is_proven"] = not get_proof_rank(vals["needed_proof"])
            result.append(vals)
            reasons.append(reason)
        return result, reasons

    @api.model
    def _get_own_stations(self):
        """The stations that the user sees, or None for all.

        A notice to a customer of another station belongs to the one that sends it.
        """
        user = self.env.user
        if self.env.su or user.has_group("power_service_base.group_power_quality"):
            return None
        stations = user.power_station_ids
        if user.has_group("power_service_base.group_power_supervisor"):
            return stations.search([("id", "child_of", stations.ids)])
        return stations

    def _prepare_channel(self, vals, partner, allowed, reach):
        """Set channel and address in ``vals``.

        :return: why the customer can't be reached, or ``""``
        """
        channel = vals.get("channel")
        if channel and channel not in allowed:
            raise UserError(
                self.env._(
                    "This purpose does not allow the channel %(channel)s.",
                    channel=dict(CHANNELS).get(channel, channel),
                )
            )
        if not channel:
            chosen = choose_channel(partner.preferred_channel, allowed, reach)
            vals["channel"], vals["address"] = chosen or (allowed[0], False)
            if not chosen:
                return self._get_no_address_reason(None)
        elif not vals.get("address"):
            vals["address"] = reach.get_address(channel) or False
            if not vals["address"]:
                return self._get_no_address_reason(channel)
        return ""

    @api.model
    def _get_no_address_reason(self, channel):
        """Why a customer can't be reached on ``channel``, or on any (None); from a job
        in the company's language."""
        if self.env.uid == SUPERUSER_ID:
            self = self._in_office_language(self.env.company)
        return {
            None: self.env._(
                "The customer has no address on any of the allowed channels."
            ),
            "email": self.env._("The customer has no valid e-mail address."),
            "sms": self.env._("The customer has no mobile number."),
            "wechat": self.env._("The customer's WeChat is not known."),
            "fax": self.env._("The customer has no fax number."),
            "letter": self.env._("The customer has no postal address."),
            "phone": self.env._("The customer has no phone number."),
            "visit": self.env._("The customer has no address to visit."),
            "portal": self.env._("The customer has no portal login."),
        }[channel]

    @api.model
    def _get_reaches(self, pairs):
        """Where customers can be reached; constant queries.

        :param pairs: (customer id, supply point id or False)
        :return: ``{pair: Reach}``
        """
        pairs = set(pairs)
        # Staff of one station may write to a customer of another one: the contact data
        # is needed to send, nothing of it is shown.
        partners = self.env["res.partner"].sudo().browse({pair[0] for pair in pairs})
        points = self.env["power.supply.point"].sudo()  # as above
        points = points.browse({pair[1] for pair in pairs if pair[1]})
        users = self.env["res.users"].sudo()  # as above
        with_login = users._read_group(
            [("partner_id", "in", partners.ids), ("share", "=", True)], ["partner_id"]
        )
        with_login = {partner.id for (partner,) in with_login}
        address_of_point = {
            point.id: point.address or point.address_id.contact_address_inline or ""
            for point in points
        }
        base_of_partner = {
            partner.id: {
                "email": partner.email or "",
                "phone": partner.phone or "",
                "wechat": partner.wechat_openid or "",
                "fax": partner.power_fax or "",
                "postal": " ".join(
                    filter(None, (partner.zip, partner.city, partner.street))
                )
                or partner.supply_address
                or "",
                "has_portal": partner.id in with_login,
            }
            for partner in partners
        }
        reaches = {}
        for partner_id, point_id in pairs:
            values = base_of_partner[partner_id]
            if point_id and not partners.browse(partner_id).street:
                values = {**values, "postal": address_of_point[point_id]}
            reaches[partner_id, point_id] = Reach(**values)
        return reaches

    def _get_sending_time(self, at, vals, purpose, partner):
        """``at``, or the end of the quiet hours that it falls into (naive UTC): the
        customer's, else the company's."""
        at = fields.Datetime.to_datetime(at)
        if not purpose.has_quiet_hours or vals["channel"] in SILENT_CHANNELS:
            return at
        station = self.env["hr.department"].browse(vals["station_id"])
        company = self.env["res.company"].browse(vals["company_id"])
        quiet_from, quiet_to = partner.quiet_from, partner.quiet_to
        if quiet_from == quiet_to:
            company_sudo = company.sudo()  # when it may disturb is no secret
            quiet_from = company_sudo.power_quiet_from
            quiet_to = company_sudo.power_quiet_to
        if quiet_from == quiet_to:
            return at
        tz = self._get_station_tz(station, company)
        return delay_for_quiet_hours(at, tz, quiet_from, quiet_to)

    def _get_own_sending_time(self, at):
        """When this notice may disturb its customer, ``at`` or later."""
        self.ensure_one()
        vals = {
            "channel": self.channel,
            "station_id": self.station_id.id,
            "company_id": self.company_id.id,
        }
        return self._get_sending_time(at, vals, self.purpose_id, self.partner_id)

    @api.model
    def _get_station_tz(self, station, company):
        """The name of the time zone that the station, else the company works in."""
        return station._get_power_tz() if station else company._get_power_tz()
