from odoo import api, models

from .power_notice_shipped import SHIPPED


class PowerNotice(models.Model):
    _inherit = "power.notice"

    @api.model
    def _tell_about(self, purpose_code, keys):
        """Make one notice to the customer of each record, in the purpose's words, once
        a key; a constant number of queries. An archived purpose tells nobody.

        :param purpose_code: code of a ``power.notice.purpose``
        :param keys: dict of record, all of one model with ``partner_id``, point,
            station and company, to what tells this notice from all others
        :return: the notices made
        """
        purpose = self.env["power.notice.purpose"].search([("code", "=", purpose_code)])
        if not (keys and purpose):
            return self.browse()
        records = next(iter(keys)).union(*keys)
        texts = purpose._render_texts(records, SHIPPED[purpose_code])
        return self._notify(
            purpose_code,
            [
                {
                    "partner_id": record.partner_id.id,
                    "supply_point_id": record.supply_point_id.id,
                    "station_id": record.station_id.id,
                    "company_id": record.company_id.id,
                    "subject": texts[record.id][0],
                    "body": texts[record.id][1],
                    "res_model": record._name,
                    "res_id": record.id,
                    "dedup_key": key,
                }
                for record, key in keys.items()
            ],
        )

    def _prepare_mail_vals(self):
        """What a customer answers to a ticket's notice comes back to the tickets."""
        vals = super()._prepare_mail_vals()
        if self.res_model == "power.ticket":
            address = self.env["power.ticket"]._get_intake_address(self.company_id)
            if address:
                vals["reply_to"] = address
        return vals
