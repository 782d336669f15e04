# One theme a file.
# pylint: disable=consider-merging-classes-inherited
import re

from odoo import api, models, tools
from odoo.exceptions import UserError
from odoo.tools import plaintext2html, single_email_re

from .power_customer_change_request import CHANGE_FIELDS

MAX_LENGTHS = {"name": 128, "phone": 32, "street": 256, "city": 64, "zip": 16}
MAX_EMAIL = 254
TIME = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?", re.ASCII)
# Channels that need a piece of the customer's data to work.
CHANNEL_NEEDS = {"email": "email", "sms": "phone", "phone": "phone"}


class ResPartner(models.Model):
    """What customers see and change of themselves in the portal."""

    _inherit = "res.partner"

    # What the station notes about customers is the station's: of the fields that the
    # power service adds, customers read these.

    @api.model
    def _get_portal_fields(self):
        """Names of the power service's fields that a customer may read of itself."""
        return {
            "is_power_customer",
            "power_customer_kind",
            "preferred_channel",
            "quiet_from",
            "quiet_to",
            "supply_contract_ids",
            "supply_point_count",
            "supply_point_ids",
        }

    def _has_field_access(self, field, operation):
        if not super()._has_field_access(field, operation):
            return False
        if self.env.su or self._is_internal_user() or not field._modules:
            return True
        if not all(name.startswith("power_service") for name in field._modules):
            return True
        return operation == "read" and field.name in self._get_portal_fields()

    @api.model
    @tools.ormcache("self.env.uid")
    def _is_internal_user(self):
        """Whether the current user works here. Asked for each value that is read, so
        in one look-up; the cache is emptied with the users' groups.
        """
        return self.env.user._is_internal()

    def _get_power_customer(self):
        """The customer whom this contact speaks for: itself, or its company.

        :return: a customer, or nobody
        """
        self.ensure_one()
        if self.is_power_customer:
            return self
        company = self.commercial_partner_id
        return company if company.is_power_customer else self.browse()

    def _get_account_manager_card(self, point=None):
        """What a customer is told about the own account manager: these values only.

        :param point: a supply point: who answers for it, by date; without account
            manager that is the grid manager of its area, then the station chief
        :return: dict with ``name``, ``phone``, ``photo`` (bytes) of a person, all empty
            when there is none, and ``station``, ``hotline``, ``supervision_phone``,
            ``regulator_phone``
        """
        self.ensure_one()
        # sudo: customers may not read employees and stations; only these few values of
        # the people who answer for this customer get out.
        customer = self.sudo()
        area = (point.sudo() if point else customer).grid_area_id  # sudo: see above
        subject = point or self
        found = (
            self.env["power.responsibility"]
            .sudo()  # see above
            ._get_responsible(subject._name, subject.ids, "account_manager")
        )
        # Who has left doesn't answer the phone.
        candidates = found[subject.id] | customer.account_manager_id | area.manager_id
        employee = candidates.filtered("active")[:1]
        station = (
            (point.sudo().station_id if point else area.station_id)  # sudo: see above
            or customer.power_station_id
            or area.station_id
        )
        company = station.company_id or self.env.company
        return {
            "name": employee.name or "",
            "phone": employee.mobile_phone or employee.work_phone or "",
            "photo": employee.avatar_128 if employee else b"",
            "station": station.name or "",
            "hotline": station.hotline or company.power_hotline or "",
            "supervision_phone": station.supervision_phone or "",
            "regulator_phone": company.power_regulator_phone or "",
        }

    # Core's account form writes name, phone and address at once. Customers ask for
    # them to be changed, so their own record is closed to that form.

    def _can_be_edited_by_current_customer(self, **kwargs):
        if self.is_power_customer and not self.env.user._is_internal():
            return False
        return super()._can_be_edited_by_current_customer(**kwargs)

    @api.model
    def _get_frontend_writable_fields(self):
        writable = super()._get_frontend_writable_fields()
        # The name of a customer's company would be written through "company_name".
        if self.env.user.partner_id.commercial_partner_id.is_power_customer:
            writable = writable - {"company_name"}
        return writable

    # Contact data and preferences

    def _check_contact_form(self, form):
        """Read what a customer typed about contact data and preferences.

        :param dict form: name -> text; ``quiet_from`` and ``quiet_to`` as HH:MM, in
            the customer's time; fields that are missing stay as they are
        :return: (preferences, identity, errors): values to write at once, values to
            ask for, and field name -> message in the user's language
        """
        self.ensure_one()
        preferences, identity, errors = {}, {}, {}
        for name, _label in CHANGE_FIELDS:
            if name in form:
                self._check_identity_value(name, form[name], identity, errors)
        if "email" in form:
            self._check_email_value(form["email"], preferences, errors)
        if "preferred_channel" in form:
            self._check_channel_value(form["preferred_channel"], preferences, errors)
        if "quiet_from" in form or "quiet_to" in form:
            self._check_quiet_values(form, preferences, errors)
        return preferences, identity, errors

    def _check_identity_value(self, name, text, identity, errors):
        value = " ".join(str(text or "").split())
        if len(value) > MAX_LENGTHS[name]:
            errors[name] = self.env._(
                "This is too long: %(count)s characters at most.",
                count=MAX_LENGTHS[name],
            )
        elif not value and self[name]:
            errors[name] = self.env._("This can't be empty.")
        elif name == "phone" and value and value != (self.phone or ""):
            try:
                value = self._phone_format_customer(value)
            except UserError:
                errors[name] = self.env._(
                    "This is no phone number: type it with its area code, for example "
                    "+86 138 0000 0000."
                )
            # The same number written in another way is no change.
            if self.phone and self._phone_format_customer(self.phone, False) == value:
                value = self.phone
        identity[name] = value

    def _phone_format_customer(self, number, raise_exception=True):
        """``number`` in international form, of the customer's country or China.

        :raise UserError: it is no phone number, and ``raise_exception`` is set
        """
        country = (
            self.country_id or self.env.company.country_id or self.env.ref("base.cn")
        )
        return self._phone_format(
            number=number,
            country=country,
            force_format="E164",
            raise_exception=raise_exception,
        )

    def _check_email_value(self, text, preferences, errors):
        value = str(text or "").strip()
        if value == (self.email or ""):
            return
        if value and (len(value) > MAX_EMAIL or not single_email_re.match(value)):
            errors["email"] = self.env._(
                "This is no e-mail address: type it like name@example.com."
            )
        elif not all(self.user_ids.mapped("share")):
            errors["email"] = self.env._(
                "Employees change their e-mail address in their own preferences."
            )
        preferences["email"] = value or False

    def _check_channel_value(self, value, preferences, errors):
        channels = dict(self._fields["preferred_channel"].selection)
        value = value or False
        if value and value not in channels:
            errors["preferred_channel"] = self.env._("Choose one of the list.")
            return
        needed = CHANNEL_NEEDS.get(value)
        if needed and not preferences.get(needed, self[needed]):
            errors["preferred_channel"] = (
                self.env._("To be written to by e-mail, give an e-mail address.")
                if needed == "email"
                else self.env._("For this channel we need your phone number first.")
            )
        preferences["preferred_channel"] = value

    def _check_quiet_values(self, form, preferences, errors):
        hours = {}
        for name in ("quiet_from", "quiet_to"):
            text = str(form.get(name) or "").strip()
            if not text:
                continue
            match = TIME.fullmatch(text)
            hour, minute = (int(part) for part in match.groups()) if match else (99, 0)
            if hour > 23 or minute > 59:
                errors[name] = self.env._("Type a time like 21:30.")
                continue
            hours[name] = hour + minute / 60
        if errors.keys() & {"quiet_from", "quiet_to"}:
            return
        if len(hours) == 1:
            missing = ({"quiet_from", "quiet_to"} - hours.keys()).pop()
            errors[missing] = self.env._("Quiet hours need a start and an end.")
        elif hours and hours["quiet_from"] == hours["quiet_to"]:
            errors["quiet_to"] = self.env._("Quiet hours can't end when they start.")
        preferences["quiet_from"] = hours.get("quiet_from", 0.0)
        preferences["quiet_to"] = hours.get("quiet_to", 0.0)

    def _save_contact_form(self, preferences, identity, reason=False):
        """Write the preferences and ask for the rest, for the current user.

        :param dict preferences: values to write at once
        :param dict identity: values to ask for
        :param str reason: why, in the customer's words
        :return: the open change requests for these values, as superuser
        """
        self.ensure_one()
        # sudo: customers may not write partners; the values are those of the form, on
        # the customer that the user speaks for.
        customer_sudo = self.sudo()
        changed = {
            name: value
            for name, value in preferences.items()
            if (customer_sudo[name] or False) != (value or False)
        }
        if changed:
            old_email = customer_sudo.email
            customer_sudo.write(changed)
            if "email" in changed:
                customer_sudo._message_log(
                    body=self.env._(
                        "E-mail changed in the portal: %(old)s → %(new)s",
                        old=old_email or "-",
                        new=changed["email"] or "-",
                    )
                )
                if old_email:
                    customer_sudo._tell_old_address(old_email)
        return self.env["power.customer.change.request"]._request_changes(
            self, identity, reason
        )

    def _tell_old_address(self, old_email):
        """Send word to the e-mail address that was replaced in the portal.

        Whoever took over an account can't do so in silence: the mail is kept in the
        customer's history. It says how to sign in, where the old address is the login.

        :param str old_email: where to write to
        """
        self.ensure_one()
        partner = self.with_context(lang=self.lang or self.env.lang)
        env = partner.env
        station = partner.power_station_id
        company = station.company_id or partner.company_id or env.company
        lines = [
            env._("Dear %(name)s,", name=partner.name),
            env._(
                "in the customer portal your e-mail address was just changed to "
                "%(email)s. From now on we write to the new address.",
                email=self._mask_email(self.email) or env._("none"),
            ),
        ]
        logins = partner.user_ids.filtered("share").mapped("login")
        if old_email.strip().lower() in [login.strip().lower() for login in logins]:
            lines.append(
                env._(
                    "You still sign in with %(login)s; a new password is sent to the "
                    "new address.",
                    login=old_email,
                )
            )
        lines.append(
            env._(
                "If this was not you, please call %(phone)s at once.",
                phone=station.hotline
                or company.power_hotline
                or company.phone
                or company.name,
            )
        )
        # The queue is the system's; the mail stays in the customer's history.
        env["mail.mail"].sudo().create(
            {
                "subject": env._("Your e-mail address was changed"),
                "body_html": plaintext2html("\n\n".join(lines)),
                "email_to": old_email,
                "email_from": company.email_formatted or env.user.email_formatted,
                "author_id": company.partner_id.id,
                "reply_to": company.email_formatted,
                "model": self._name,
                "res_id": self.id,
                "message_type": "auto_comment",
            }
        )
        env.ref("mail.ir_cron_mail_scheduler_action")._trigger()

    @api.model
    def _mask_email(self, email):
        """An address that its owner recognises and nobody else learns."""
        name, at, domain = (email or "").partition("@")
        return f"{name[:1]}***{at}{domain}" if at else ""
