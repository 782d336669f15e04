import logging
from collections import defaultdict
from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import plaintext2html

from odoo.addons.sms.tools.sms_api import SmsApi

from ..core.notice_channel import AUTOMATIC_CHANNELS, choose_fallback
from ..tools.gateway_client import GatewayMessage, GatewayResult
from .power_append_only_mixin import RETENTION

_logger = logging.getLogger(__name__)
# Tries without a clear answer before a notice is parked; 1, 2, 4 ... minutes apart.
MAX_TRIES = 6
# Visits are done by people, but a job gives them to them.
JOB_CHANNELS = (*AUTOMATIC_CHANNELS, "visit")
SMS_SUCCESS = ("success", "sent", "processing", "delivered")


class PowerNotice(models.Model):
    """Sending notices, collecting what came of it, falling back, and forgetting."""

    _inherit = "power.notice"  # pylint: disable=consider-merging-classes-inherited

    _mail_pending_idx = models.Index(
        "(id) WHERE state = 'accepted' AND channel = 'email'"
    )

    # ------------------------------------------------------------------
    # Hooks for other addons
    # ------------------------------------------------------------------

    def _render_at_send(self):
        """Bring subject and body up to date just before these notices are sent.

        To override: write what changed, cancel with :meth:`_cancel_pending` what has
        lost its reason (a bill that was paid meanwhile).

        :return: the notices that are still to be sent
        """
        return self

    def _cancel_pending(self):
        """Cancel those of these notices that have not left yet, at once.

        :return: the notices that were cancelled; the others were sent already
        """
        # The mail queue is the system's.
        locked_sudo = self.try_lock_for_update().sudo()
        mails_sudo = locked_sudo.mail_id.try_lock_for_update().filtered(
            lambda mail: mail.state in ("outgoing", "exception")
        )
        pending_sudo = locked_sudo.filtered(
            lambda notice: (
                notice.state in ("queued", "failed")
                or (notice.state == "accepted" and notice.mail_id in mails_sudo)
            )
        )
        (pending_sudo.mail_id & mails_sudo).cancel()
        pending = self & pending_sudo
        pending._record("cancelled")
        return pending

    # ------------------------------------------------------------------
    # Sending
    # ------------------------------------------------------------------

    @api.model
    def _get_queue_domain(self):
        return (
            Domain("state", "=", "queued")
            & Domain("channel", "in", JOB_CHANNELS)
            & Domain("send_after", "<=", fields.Datetime.now())
        )

    @api.model
    def _cron_send(self, batch_size=200):
        """Send what is due, and note what became of e-mails in Odoo's queue."""
        run = self.env["power.job.run"]._start_alone("power.notice.send")
        if not run:
            return
        collected = self._collect_mail_results(batch_size)
        domain = self._get_queue_domain()
        batch = self.search(domain, limit=batch_size, order="send_after, id")
        notices = batch.try_lock_for_update().filtered_domain(domain)
        parked = notices._send()
        remaining = self.search_count(domain)
        if len(collected) == batch_size:
            remaining += 1  # there may be more e-mails to look at
        done = len(notices - parked) + len(collected)
        run._end_batch(done, failed=len(parked), remaining=remaining)

    def _send(self):
        """Send these locked notices; each leaves the queue or waits for a later try.

        :return: the notices that were parked because of an unexpected error
        """
        ready, parked = self._hold_for_quiet_hours()._run_guarded("_prepare_sending")
        for (channel, company), notices in ready.grouped(
            lambda notice: (notice.channel, notice.company_id)
        ).items():
            notices = notices.with_company(company)._in_office_language(company)
            if channel == "sms" and (sms_api := notices._get_forgetful_sms_api()):
                notices._send_sms_once(sms_api)
            else:
                parked |= notices._run_guarded(f"_send_{channel}")[1]
        return parked

    def _in_office_language(self, company):
        """These records in the company's own language: the reasons that a job notes
        are read by its staff."""
        lang = company.sudo().partner_id.lang  # a language is no secret
        return self.with_context(lang=lang) if lang else self

    def _prepare_sending(self):
        notices = self._render_at_send()
        return notices.filtered(lambda notice: notice.state == "queued")

    def _hold_for_quiet_hours(self):
        """Put off those whose customer has quiet hours now (the job ran late).

        :return: the others
        """
        now = fields.Datetime.now()
        later = defaultdict(self.browse)
        for notice in self:
            at = notice._get_own_sending_time(now)
            if at > now:
                later[at] |= notice
        for at, notices in later.items():
            notices.send_after = at
            self -= notices
        return self

    def _run_guarded(self, method):
        """Run a method on all of these; when that fails, one by one.

        A failing notice is parked with its reason and holds up nobody.

        :return: (what the method returned, the notices that were parked)
        """
        try:
            with self.env.cr.savepoint():
                result = getattr(self, method)() if self else self
            return (self.browse() if result is None else result), self.browse()
        except Exception as error:
            if self._is_database_error(error):
                raise
            if len(self) == 1:
                _logger.warning("Notice %s was parked", self.id, exc_info=True)
                self._park(str(error) or type(error).__name__)
                return self.browse(), self
        results, parked = self.browse(), self.browse()
        for notice in self:
            result, failed = notice._run_guarded(method)
            results |= result
            parked |= failed
        return results, parked

    @api.model
    def _is_database_error(self, error):
        """Whether the database, not a record, is at fault: the whole batch is repeated.

        The error may be the cause of another one (a text that failed to render).
        """
        while error:
            if isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError):
                return True
            error = error.__cause__
        return False

    def _park(self, reason):
        """Take these notices out of the queue as failed, and tell somebody."""
        self._record("failed", reason=reason[:1000])
        for purpose, notices in self.grouped("purpose_id").items():
            purpose.sudo()._park(len(notices), reason)  # staff don't write purposes

    def _send_portal(self):
        self._record("sent")

    def _send_email(self):
        """Put e-mails into Odoo's queue: handed over, not yet sent."""
        notices_sudo = self.sudo()  # the queue is the system's
        notices_sudo.mail_id.filtered(
            lambda mail: mail.state in ("outgoing", "exception")
        ).cancel()
        vals_list = [notice._prepare_mail_vals() for notice in self]
        mails_sudo = self.env["mail.mail"].sudo().create(vals_list)  # as above
        for notice, mail in zip(notices_sudo, mails_sudo, strict=True):
            notice.mail_id = mail
        self._record("accepted")
        self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()

    def _prepare_mail_vals(self):
        self.ensure_one()
        company = self.company_id
        return {
            "subject": self.subject,
            "body_html": plaintext2html(self.body),
            "email_to": self.address,
            "email_from": company.email_formatted or self.env.user.email_formatted,
            "author_id": company.partner_id.id,
            "reply_to": company.email_formatted,
            "model": self._name,
            "res_id": self.id,
            "message_type": "auto_comment",
        }

    def _get_gateway_key(self):
        """The key under which the gateway knows this attempt. A try without a clear
        answer is repeated with the same key; a retry after a refusal has a new one."""
        self.ensure_one()
        if self.attempt == 1:
            return self.dedup_key
        return f"{self.dedup_key}#{self.attempt}"

    def _send_wechat(self):
        gateway = self.env["power.message.gateway"]._get_gateway(
            "wechat", self.env.company
        )
        if not gateway:
            self._fail_without_gateway()
            return
        results = gateway._send_messages(
            [
                GatewayMessage(
                    notice._get_gateway_key(),
                    notice.address,
                    notice.subject,
                    notice.body,
                )
                for notice in self
            ]
        )
        self._handle_results(results)

    def _send_sms(self):
        """Send through the company's SMS class, as core's own queue does."""
        company = self.env.company
        api_class = company._get_sms_api_class()
        if not getattr(api_class, "is_idempotent", False):
            self._fail_without_gateway()
            return
        sms_api = api_class(self.env)
        sms_api._set_company(company)
        answers = sms_api._send_sms_batch(self._prepare_sms_batch())
        self._handle_results({answer["uuid"]: answer["gateway"] for answer in answers})

    def _prepare_sms_batch(self):
        """The messages in the form of core's SMS classes: grouped by text."""
        return [
            {
                "content": body,
                "numbers": [
                    {"uuid": notice._get_gateway_key(), "number": notice.address}
                    for notice in notices
                ],
            }
            for body, notices in self.grouped("body").items()
        ]

    def _get_forgetful_sms_api(self):
        """The company's SMS class, when it may send one key twice (core's own service
        or another module's), ready to use; else nothing."""
        company = self.env.company
        api_class = company._get_sms_api_class()
        if getattr(api_class, "is_idempotent", False):
            return None
        if api_class is SmsApi and not self._has_sms_account():
            return None
        sms_api = api_class(self.env)
        sms_api._set_company(company)
        return sms_api

    def _send_sms_once(self, sms_api):
        """Send through a provider that may send one key twice: never ask again.

        "Handed over" is committed before the request; what has no clear outcome stays
        so, with the error shown.
        """
        self._record("accepted")
        self.env["ir.cron"]._commit_progress(0)
        try:
            answers = sms_api._send_sms_batch(self._prepare_sms_batch())
        except Exception as error:
            _logger.warning("SMS provider: no clear answer", exc_info=True)
            self.last_error = str(error)[:1000]
            return
        texts = sms_api._get_sms_api_error_messages()
        results = {}
        for answer in answers:
            if answer["state"] in SMS_SUCCESS:
                result = GatewayResult("accepted")
            else:
                reason = answer.get("failure_reason") or texts.get(answer["state"])
                result = GatewayResult("refused", str(reason or answer["state"]))
            results[answer["uuid"]] = result
        self.filtered(lambda n: n._get_gateway_key() in results)._handle_results(
            results
        )

    @api.model
    def _has_sms_account(self):
        """Whether core's own SMS service was set up by somebody."""
        accounts = self.env["iap.account"].sudo()  # to know that there is one
        return bool(
            accounts.search_count(
                [("service_name", "=", "sms"), ("state", "=", "registered")], limit=1
            )
        )

    def _fail_without_gateway(self):
        self._record(
            "failed",
            reason=self.env._(
                "No gateway for this channel: a manager adds one under "
                "Configuration ▸ Message Gateways."
            ),
        )

    def _handle_results(self, results):
        """Record what the gateway answered.

        :param results: ``{gateway key: GatewayResult}``
        """
        now = fields.Datetime.now()
        rows, unknown = [], defaultdict(self.browse)
        for notice in self:
            result = results.get(
                notice._get_gateway_key(), GatewayResult("unknown", problem="missing")
            )
            reason = notice._describe_result(result)
            if result.state == "unknown":
                unknown[reason] |= notice
                continue
            kind = "sent" if result.state == "accepted" else "failed"
            key = result.provider_key or None
            why = reason if kind == "failed" else None
            rows.append((notice.id, notice.attempt, kind, now, why, key))
        self._record_rows(rows)
        for reason, notices in unknown.items():
            notices._postpone(reason)

    def _describe_result(self, result):
        """The sentence that users read for a result that is not ``accepted``."""
        texts = {
            "timeout": self.env._("The provider did not answer in time."),
            "unreachable": self.env._("The provider can't be reached."),
            "malformed": self.env._("The provider's answer has the wrong form."),
            "missing": self.env._("The provider's answer lacks this message."),
            "too_long": self.env._("The provider's answer is too long."),
        }
        if result.problem.startswith("http_"):
            return self.env._(
                "The provider answered with HTTP %(status)s.",
                status=result.problem.removeprefix("http_"),
            )
        return (
            texts.get(result.problem)
            or result.reason
            or self.env._("Refused by the provider, without a reason.")
        )

    def _postpone(self, reason):
        """Try again later, with the same key; after the last try park as failed."""
        now = fields.Datetime.now()
        for tries, notices in self.grouped("try_count").items():
            notices.write(
                {
                    "try_count": tries + 1,
                    "last_error": reason,
                    "send_after": now + timedelta(minutes=2**tries),
                }
            )
            if tries + 1 >= MAX_TRIES:
                notices._park(
                    self.env._(
                        "No clear answer after %(count)s tries, it may have been "
                        "sent: %(reason)s",
                        count=tries + 1,
                        reason=reason,
                    )
                )

    # ------------------------------------------------------------------
    # What became of it
    # ------------------------------------------------------------------

    @api.model
    def _collect_mail_results(self, limit):
        """Record which e-mails Odoo's queue has sent or could not send.

        :return: the notices that got a result
        """
        pending = (
            self.sudo()  # the queue is the system's
            .search(
                Domain("state", "=", "accepted")
                & Domain("channel", "=", "email")
                & (
                    Domain("mail_id", "=", False)
                    | Domain("mail_id.state", "in", ("sent", "exception", "cancel"))
                ),
                limit=limit,
            )
            .try_lock_for_update()
        )
        now, rows = fields.Datetime.now(), []
        for notice in pending:
            notice = notice._in_office_language(notice.company_id)
            mail = notice.mail_id
            kind = "failed"
            reason = notice.env._("The e-mail was cancelled or deleted.")
            if mail.state == "sent":
                kind, reason = "sent", None
            elif mail.state == "exception":
                reason = mail.failure_reason or dict(
                    mail._fields["failure_type"]._description_selection(notice.env)
                ).get(mail.failure_type, notice.env._("Unknown error"))
            rows.append((notice.id, notice.attempt, kind, now, reason, None))
        self._record_rows(rows)
        return pending

    @api.model
    def _receive(self, gateway, receipts):
        """Record receipts of a provider; unknown or repeated ones change nothing.

        :param gateway: the gateway that sent them: only messages that went through one
            of its kind and company can be its business
        :param receipts: list of (gateway key, event kind, at, reason, provider key)
        """
        keys = [receipt[0].partition("#")[0] for receipt in receipts]
        notices = self.search(
            Domain("dedup_key", "in", keys)
            & Domain("company_id", "=", gateway.company_id.id)
        )
        by_key = {notice.dedup_key: notice for notice in notices}
        rows = []
        for key, *event in receipts:
            dedup_key, _sign, text = key.partition("#")
            notice = by_key.get(dedup_key)
            if not notice or not (text or "1").isascii() or len(text) > 6:
                continue
            attempt = int(text) if text.isdigit() else 1
            if not 1 <= attempt <= notice.attempt:
                continue
            if attempt == notice.attempt and notice.channel != gateway.kind:
                continue
            rows.append((notice.id, attempt, *event))
        self._record_rows(rows)

    # ------------------------------------------------------------------
    # Falling back
    # ------------------------------------------------------------------

    @api.model
    def _cron_fall_back(self, batch_size=200):
        """Make a notice on the next channel where the proof did not come in time."""
        run = self.env["power.job.run"]._start_alone("power.notice.fallback")
        if not run:
            return
        domain = Domain("fallback_due_at", "<=", fields.Datetime.now())
        batch = self.search(domain, limit=batch_size, order="fallback_due_at, id")
        notices = batch.try_lock_for_update().filtered_domain(domain)
        _results, parked = notices._run_guarded("_fall_back")
        # A parked one must not come again at every run: somebody has to look.
        parked._write_projected({"is_exhausted": True})
        parked._project()
        remaining = self.search_count(domain)
        run._end_batch(len(notices - parked), failed=len(parked), remaining=remaining)

    def _fall_back(self):
        """Go on to the next channel, once; where there is none, say so.

        :return: the new notices
        """
        reaches = self._get_reaches(
            (notice.partner_id.id, notice.supply_point_id.id) for notice in self
        )
        vals_list, replaced, exhausted = [], self.browse(), self.browse()
        for notice in self:
            chosen = choose_fallback(
                notice._get_used_channels(),
                notice.purpose_id._get_channels(),
                reaches[notice.partner_id.id, notice.supply_point_id.id],
            )
            if chosen:
                replaced |= notice
                vals_list.append(notice._prepare_fallback_vals(*chosen))
            else:
                exhausted |= notice
        exhausted._write_projected({"is_exhausted": True})
        exhausted._project()
        new = self.create(vals_list) if vals_list else self.browse()
        replaced._record("fallback")
        return new

    def _get_used_channels(self):
        """The channels of this notice and of those that it replaced."""
        used, notice = [], self
        while notice:
            used.append(notice.channel)
            notice = notice.fallback_of_id
        return used

    def _prepare_fallback_vals(self, channel, address):
        self.ensure_one()
        return {
            "purpose_id": self.purpose_id.id,
            "partner_id": self.partner_id.id,
            "supply_point_id": self.supply_point_id.id,
            "company_id": self.company_id.id,
            "station_id": self.station_id.id,
            "res_model": self.res_model,
            "res_id": self.res_id,
            "subject": self.subject,
            "body": self.body,
            "needed_proof": self.needed_proof,
            "fallback_after_hours": self.fallback_after_hours,
            "channel": channel,
            "address": address,
            "fallback_of_id": self.id,
            "dedup_key": f"{self.dedup_key}/{channel}",
        }

    # ------------------------------------------------------------------
    # Forgetting
    # ------------------------------------------------------------------

    @api.model
    def _cron_delete_old(self, batch_size=500):
        """Delete notices with their evidence when the purpose's years are over."""
        self.env["power.job.run"]._run_batch(
            "power.notice.retention",
            self,
            self._get_outlived_domain,
            lambda old: old._delete_with_evidence(),
            batch_size,
        )

    @api.model
    def _get_outlived_domain(self):
        return Domain.OR(
            Domain("purpose_id", "=", purpose.id)
            & Domain("create_date", "<", f"-{purpose.retention_years}y")
            for purpose in self.env["power.notice.purpose"]
            .with_context(active_test=False)
            .search([("retention_years", ">", 0)])
        )

    def _delete_with_evidence(self):
        """Delete these notices, their events, proof and e-mails: the retention job."""
        # Nobody has the right to; this is the one way in which evidence goes.
        doomed = self.sudo().with_context(power_retention=RETENTION)
        mails, events = doomed.mail_id, doomed.event_ids
        events.unlink()
        doomed.unlink()
        mails.unlink()
