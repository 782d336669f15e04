from odoo import fields, models


class PowerLimit(models.Model):
    _inherit = "power.limit"

    max_chases = fields.Integer(
        "Chases per Ticket",
        required=True,
        default=2,
        help="How often a customer's asking again is passed on (催办). Usual in 95598 "
        "centres; no public text.",
    )
    reopen_days = fields.Integer(
        "Days to Reopen",
        required=True,
        default=15,
        help="Within which a customer's answer opens an answered or closed ticket "
        "again; 0 for never. A default, no public text.",
    )
    merge_hours = fields.Float(
        "Hours Between Merged",
        required=True,
        default=24,
        help="Reports that were received further apart aren't merged as one fault. A "
        "default, no public text.",
    )
    file_megabytes = fields.Float(
        "Size of a File (MB)",
        required=True,
        default=10,
        help="Of one file that comes with a request. Larger ones are refused; of an "
        "e-mail they are left out, and the history says so. A default, no public text.",
    )
    max_files = fields.Integer(
        "Files per Request",
        required=True,
        default=10,
        help="By e-mail and from other systems. A default, no public text.",
    )
    portal_max_files = fields.Integer(
        "Files per Form in the Portal",
        required=True,
        default=5,
        help="A default, no public text.",
    )
    portal_max_tickets = fields.Integer(
        "Requests a Day in the Portal",
        required=True,
        default=20,
        help="Of one person within 24 hours. A default, no public text.",
    )
    evidence_years = fields.Integer(
        "Years Evidence Is Kept",
        required=True,
        default=3,
        help="Photos, scans and files of a ticket that has ended, general or "
        "important; 0 for ever. They are deleted afterwards, unless something is in "
        "dispute. A default, no public text.",
    )
    evidence_years_grave = fields.Integer(
        "Years Evidence of Grave Complaints Is Kept",
        required=True,
        default=5,
        help="The same of major and special complaints. A default, no public text.",
    )

    _evidence_years_valid = models.Constraint(
        "CHECK (evidence_years >= 0 AND evidence_years_grave >= 0)",
        "Years aren't less than nothing.",
    )
    _ticket_limits_valid = models.Constraint(
        "CHECK (max_chases >= 0 AND reopen_days >= 0 AND merge_hours > 0"
        " AND file_megabytes > 0"
        " AND max_files > 0 AND portal_max_files > 0 AND portal_max_tickets > 0)",
        "Files, sizes, requests and hours are more than nothing, chases and days not "
        "less.",
    )
    # What is larger is refused before it is read: see MAX_BODY of the portal's pages.
    _portal_files_valid = models.Constraint(
        "CHECK (portal_max_files * file_megabytes <= 60)",
        "The files of one form in the portal have 60 MB together at most.",
    )
