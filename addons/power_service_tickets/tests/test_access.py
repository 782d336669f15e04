"""Who may do what: every model of the addon x group x operation."""

from odoo.tests import tagged

from odoo.addons.power_service_base.tests.common import (
    AccessTableMixin,
    PowerServiceCommon,
)

#                                 field   staff   superv. quality manager portal
TABLE = {
    "power.rectification":        ("rw",   "rwc",  "rwc",  "rwc",  "rwcu", ""),
    "power.rectification.step":   ("r",    "r",    "r",    "r",    "rwcu", ""),
    "power.rectification.escalation": ("r", "r",   "r",    "r",    "r",    ""),
    "power.duty.shift":           ("r",    "r",    "rwcu", "rwcu", "rwcu", ""),
    "power.duty.post":            ("r",    "r",    "r",    "r",    "rwcu", ""),
    "power.duty.handover":        ("rwcu", "rwcu", "rwcu", "rwcu", "rwcu", ""),
    "power.duty.check":           ("rwcu", "rwcu", "rwcu", "rwcu", "rwcu", ""),
    "power.duty.check.line":      ("rwcu", "rwcu", "rwcu", "rwcu", "rwcu", ""),
    "power.duty.plan":            ("",     "",     "rwcu", "rwcu", "rwcu", ""),
    "power.duty.plan.line":       ("",     "",     "rwcu", "rwcu", "rwcu", ""),
    "power.case":                 ("r",    "rwc",  "rwc",  "rwc",  "rwcu", ""),
    "power.work.journal":         ("rwcu", "rwcu", "rwcu", "rwcu", "rwcu", ""),
    "power.work.journal.line":    ("rwcu", "rwcu", "rwcu", "rwcu", "rwcu", ""),
    "power.inspection":           ("rwc",  "rwc",  "rwc",  "rwc",  "rwcu", ""),
    "power.inspection.line":      ("rwcu", "rwcu", "rwcu", "rwcu", "rwcu", ""),
    "power.inspection.finding":   ("rwcu", "rwcu", "rwcu", "rwcu", "rwcu", ""),
    "power.inspection.checklist": ("r",    "r",    "r",    "r",    "rwcu", ""),
    "power.inspection.checklist.item": ("r", "r",  "r",    "r",    "rwcu", ""),
    "power.campaign":             ("r",    "r",    "rwc",  "rwc",  "rwcu", ""),
    "power.campaign.phase":       ("r",    "rw",   "rwcu", "rwcu", "rwcu", ""),
    "power.campaign.target":      ("r",    "r",    "rwcu", "rwcu", "rwcu", ""),
    "power.campaign.count":       ("rwc",  "rwc",  "rwcu", "rwcu", "rwcu", ""),
    "power.service.meeting":      ("r",    "r",    "rwc",  "rwc",  "rwcu", ""),
    "power.service.meeting.figure": ("r",  "r",    "r",    "r",    "r",    ""),
    "power.service.meeting.decision": ("r", "r",   "rwcu", "rwcu", "rwcu", ""),
    "power.claim":                ("r",    "rwc",  "rwc",  "rwc",  "rwcu", ""),
    "power.claim.line":           ("r",    "rwcu", "rwcu", "rwcu", "rwcu", ""),
    "power.reason.entry":         ("rwcu", "rwcu", "rwcu", "rwcu", "rwcu", ""),
    "power.ticket":               ("r",    "rwc",  "rwc",  "rwc",  "rwc",  "r"),
    "power.ticket.event":         ("r",    "r",    "r",    "r",    "r",    ""),
    "power.ticket.type":          ("r",    "r",    "r",    "r",    "rwcu", ""),
    "power.ticket.category":      ("r",    "r",    "r",    "r",    "rwcu", ""),
    "power.ticket.stage":         ("r",    "r",    "r",    "r",    "rwcu", ""),
    "power.ticket.milestone":     ("r",    "r",    "r",    "r",    "rwcu", ""),
    "power.ticket.reason":        ("r",    "r",    "r",    "r",    "rwcu", ""),
    "power.ticket.route":        ("r",    "r",    "r",    "r",    "rwcu", ""),
    "power.ticket.charge":       ("r",    "rw",   "rw",   "rw",   "rw",   ""),
    "power.ticket.entry":        ("",     "rwcu", "rwcu", "rwcu", "rwcu", ""),
    "power.ticket.intake":       ("",     "rwcu", "rwcu", "rwcu", "rwcu", ""),
    "power.sla.policy":           ("r",    "r",    "r",    "r",    "rwcu", ""),
    "power.sla.escalation":       ("r",    "r",    "r",    "r",    "rwcu", ""),
    "power.sla.clock":            ("r",    "r",    "r",    "r",    "r",    ""),
    "power.root.cause":           ("r",    "r",    "r",    "r",    "rwcu", ""),
    "power.connection":           ("r",    "rwc",  "rwc",  "rwc",  "rwc",  "r"),
    "power.connection.paper":     ("r",    "rwc",  "rwc",  "rwc",  "rwc",  ""),
    "power.connection.source":    ("r",    "rwcu", "rwcu", "rwcu", "rwcu", ""),
    "power.connection.paper.type": ("r",   "r",    "r",    "r",    "rwcu", ""),
    "power.connection.rule":      ("r",    "r",    "r",    "r",    "rwcu", ""),
    "power.connection.entry":     ("rwcu", "rwcu", "rwcu", "rwcu", "rwcu", ""),
    "power.complaint.rule":       ("r",    "r",    "r",    "r",    "rwcu", ""),
    "power.complaint.rule.quiet": ("r",    "r",    "r",    "r",    "rwcu", ""),
    "power.ticket.review":        ("r",    "r",    "r",    "r",    "r",    ""),
    "power.ticket.reply.entry":   ("",     "rwcu", "rwcu", "rwcu", "rwcu", ""),
    "power.ticket.review.entry":  ("",     "",     "rwcu", "rwcu", "rwcu", ""),
    "power.sla.alert":            ("r",    "r",    "r",    "r",    "r",    ""),
    "power.webhook":              ("",     "",     "",     "",     "rwcu", ""),
    "power.ticket.callback":      ("r",    "r",    "r",    "r",    "r",    ""),
    "power.ticket.callback.attempt": ("r", "r",    "r",    "r",    "r",    ""),
    "power.ticket.callback.entry": ("",    "rwcu", "rwcu", "rwcu", "rwcu", ""),
    "power.ticket.rating":        ("r",    "r",    "r",    "r",    "r",    ""),
    "power.ticket.analysis":      ("r",    "r",    "r",    "r",    "r",    ""),
    "power.complaint.bulletin":   ("",     "",     "rc",   "rc",   "rcu",  ""),
    "power.complaint.subscription": ("",   "",     "r",    "r",    "rwcu", ""),
    "power.webhook.message":      ("",     "",     "",     "",     "rw",   ""),
    "power.sla.bulletin":         ("",     "",     "r",    "r",    "rwcu", ""),
    "power.sla.recount":          ("",     "",     "",     "",     "r",    ""),
}  # fmt: skip


@tagged("post_install", "-at_install")
class TestAccessTable(AccessTableMixin, PowerServiceCommon):
    addon = "power_service_tickets"
    table = TABLE
