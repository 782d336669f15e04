# One theme a file.
# pylint: disable=consider-merging-classes-inherited
from odoo import api, fields, models
from odoo.tools import format_date


class PowerConnection(models.Model):
    """What the applicant is told: by notices, on the applicant's own channel."""

    _inherit = "power.connection"

    # Words of the texts; nobody else reads them.
    notice_papers = fields.Text(
        "Missing Papers",
        compute="_compute_notice_papers",
        groups=fields.NO_ACCESS,
    )
    notice_fee = fields.Char(
        "Fee to Pay",
        compute="_compute_notice_fee",
        groups=fields.NO_ACCESS,
    )
    notice_valid_until = fields.Char(
        "Scheme Valid Until",
        compute="_compute_notice_valid_until",
        groups=fields.NO_ACCESS,
    )

    def _tell(self, key, purpose_code):
        """Make one notice to the applicant.

        :param key: what tells this notice from others about the connection
        :param purpose_code: code of a ``power.notice.purpose``
        :return: the notice, empty when it was made before or nobody is to be told
        """
        self.ensure_one()
        keys = {self: f"connection/{self.id}/{key}"} if self.partner_id else {}
        return self.env["power.notice"]._tell_about(purpose_code, keys)

    # Words of the texts --------------------------------------------------------------

    @api.model
    def mail_allowed_qweb_expressions(self):
        return (
            *super().mail_allowed_qweb_expressions(),
            "object.station_id.name",
            "object.station_id.hotline",
            "object.supply_point_id.name",
            "object.scheme_kva",
            "object.scheme_note",
            "object.notice_valid_until",
            "object.notice_papers",
            "object.notice_fee",
        )

    @api.depends_context("lang", "power_notice_papers")
    def _compute_notice_papers(self):
        ids = self.env.context.get("power_notice_papers") or ()
        papers = self.env["power.connection.paper"].browse(ids)
        self.notice_papers = "\n".join(f"- {t}" for t in self._get_titles(papers))

    @api.depends("fee_amount", "currency_id")
    @api.depends_context("lang")
    def _compute_notice_fee(self):
        for connection in self:
            connection.notice_fee = connection.currency_id.format(connection.fee_amount)

    @api.depends("scheme_valid_until")
    @api.depends_context("lang")
    def _compute_notice_valid_until(self):
        for connection in self:
            until = connection.scheme_valid_until
            connection.notice_valid_until = until and format_date(self.env, until)
