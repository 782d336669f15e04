import logging

from odoo import api, models

_logger = logging.getLogger(__name__)


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def message_route(self, message, message_dict, *args, **kwargs):
        """Leave out what machines write to the tickets: nobody asks by that."""
        routes = super().message_route(message, message_dict, *args, **kwargs)
        tickets = self.env["power.ticket"]
        if not any(route[0] == tickets._name for route in routes or ()):
            return routes
        if not tickets._is_automatic_mail(message):
            return routes
        _logger.info(
            "Left out an automatic e-mail to the tickets: %s",
            message_dict.get("message_id"),
        )
        return [route for route in routes if route[0] != tickets._name]
