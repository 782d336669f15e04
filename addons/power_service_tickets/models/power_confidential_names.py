# The records below a ticket that have a name of their own; one line each.
# pylint: disable=consider-merging-classes-inherited
from odoo import models


class PowerTicketEvent(models.Model):
    _name = "power.ticket.event"
    _inherit = ["power.confidential.name.mixin", "power.ticket.event"]
    _confidential_path = "ticket_id.is_confidential"


class PowerSlaClock(models.Model):
    _name = "power.sla.clock"
    _inherit = ["power.confidential.name.mixin", "power.sla.clock"]
    _confidential_path = "ticket_id.is_confidential"


class PowerSlaAlert(models.Model):
    _name = "power.sla.alert"
    _inherit = ["power.confidential.name.mixin", "power.sla.alert"]
    _confidential_path = "ticket_id.is_confidential"


class PowerTicketReview(models.Model):
    _name = "power.ticket.review"
    _inherit = ["power.confidential.name.mixin", "power.ticket.review"]
    _confidential_path = "ticket_id.is_confidential"


class PowerTicketCallback(models.Model):
    _name = "power.ticket.callback"
    _inherit = ["power.confidential.name.mixin", "power.ticket.callback"]
    _confidential_path = "ticket_id.is_confidential"


class PowerTicketCallbackAttempt(models.Model):
    _name = "power.ticket.callback.attempt"
    _inherit = ["power.confidential.name.mixin", "power.ticket.callback.attempt"]
    _confidential_path = "callback_id.ticket_id.is_confidential"


class PowerTicketRating(models.Model):
    _name = "power.ticket.rating"
    _inherit = ["power.confidential.name.mixin", "power.ticket.rating"]
    _confidential_path = "ticket_id.is_confidential"


class PowerTicketCharge(models.Model):
    _name = "power.ticket.charge"
    _inherit = ["power.confidential.name.mixin", "power.ticket.charge"]
    _confidential_path = "ticket_id.is_confidential"


class PowerClaim(models.Model):
    _name = "power.claim"
    _inherit = ["power.confidential.name.mixin", "power.claim"]
    _confidential_path = "ticket_id.is_confidential"


class PowerClaimLine(models.Model):
    _name = "power.claim.line"
    _inherit = ["power.confidential.name.mixin", "power.claim.line"]
    _confidential_path = "claim_id.ticket_id.is_confidential"


class PowerCase(models.Model):
    _name = "power.case"
    _inherit = ["power.confidential.name.mixin", "power.case"]
    _confidential_path = "ticket_ids.is_confidential"


class PowerConnection(models.Model):
    _name = "power.connection"
    _inherit = ["power.confidential.name.mixin", "power.connection"]
    _confidential_path = "ticket_id.is_confidential"


class PowerConnectionPaper(models.Model):
    _name = "power.connection.paper"
    _inherit = ["power.confidential.name.mixin", "power.connection.paper"]
    _confidential_path = "connection_id.ticket_id.is_confidential"


class PowerConnectionSource(models.Model):
    _name = "power.connection.source"
    _inherit = ["power.confidential.name.mixin", "power.connection.source"]
    _confidential_path = "connection_id.ticket_id.is_confidential"


class PowerRectificationEscalation(models.Model):
    _name = "power.rectification.escalation"
    _inherit = ["power.confidential.name.mixin", "power.rectification.escalation"]
    _confidential_path = "rectification_id.confidential_ticket_id.is_confidential"


class PowerFieldTaskEvent(models.Model):
    _name = "power.field.task.event"
    _inherit = ["power.confidential.name.mixin", "power.field.task.event"]
    _confidential_path = "task_id.confidential_ticket_id.is_confidential"


class PowerNoticeEvent(models.Model):
    _name = "power.notice.event"
    _inherit = ["power.confidential.name.mixin", "power.notice.event"]
    _confidential_path = "notice_id.confidential_ticket_id.is_confidential"


class RatingRating(models.Model):
    _name = "rating.rating"
    _inherit = ["power.confidential.name.mixin", "rating.rating"]
    _confidential_path = "power_ticket_id.is_confidential"
