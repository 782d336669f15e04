"""The promises as shipped: each with its type, start, target and time."""

from odoo.tests import tagged

from .common import TicketCommon

# Name of the policy: type, what narrows it, start, target, how long.
PROMISES = {
    "arrive_urban": ("fault", "urban", "received", "arrived", 45, "minute"),
    "arrive_rural": ("fault", "rural", "received", "arrived", 90, "minute"),
    "arrive_remote": ("fault", "remote", "received", "arrived", 120, "minute"),
    "arrive_unknown": ("fault", "", "received", "arrived", 45, "minute"),
    "restore_urban": ("fault", "urban", "arrived", "restored", 180, "minute"),
    "restore_rural": ("fault", "rural", "arrived", "restored", 240, "minute"),
    "restore_remote": ("fault", "remote", "arrived", "restored", 240, "minute"),
    "restore_unknown": ("fault", "", "arrived", "restored", 180, "minute"),
    "arrive_damage": ("service", "service_damage", "received", "arrived", 1, "day"),
    "complaint_contact": ("complaint", "", "received", "contacted", 1, "working_day"),
    "complaint_answer": ("complaint", "", "received", "answered", 7, "working_day"),
    "complaint_regulator": (
        "complaint",
        "regulator",
        "received",
        "answered",
        10,
        "working_day",
    ),
    "complaint_city": ("complaint", "city", "received", "answered", 7, "day"),
    "report_answer": ("report", "", "received", "answered", 9, "working_day"),
    "opinion_answer": (
        "opinion suggestion",
        "",
        "received",
        "answered",
        9,
        "working_day",
    ),
    "enquiry_answer": ("enquiry", "", "received", "answered", 6, "working_day"),
    "meter_test": (
        "service",
        "service_meter_test",
        "received",
        "answered",
        5,
        "working_day",
    ),
    "reading_dispute": (
        "service",
        "service_reading",
        "received",
        "answered",
        5,
        "working_day",
    ),
    "meter_abnormal": (
        "service",
        "service_meter",
        "received",
        "answered",
        4,
        "working_day",
    ),
    "service_answer": ("service", "", "received", "answered", 5, "working_day"),
    "reconnect": ("service", "service_reconnect", "received", "restored", 1, "day"),
    "change_of_use": (
        "connection",
        "connection_transfer connection_suspend connection_resume connection_close",
        "accepted",
        "energised",
        5,
        "working_day",
    ),
}
# Of connections: customer class, start, target, working days.
CONNECTIONS = {
    "scheme_residential": ("residential", "accepted", "scheme_answered", 3),
    "scheme_lv_other": ("lv_other", "accepted", "scheme_answered", 7),
    "scheme_hv_single": ("hv_single", "accepted", "scheme_answered", 15),
    "scheme_hv_dual": ("hv_dual", "accepted", "scheme_answered", 30),
    "connection_residential": ("residential", "accepted", "energised", 5),
    "connection_lv_other": ("lv_other", "accepted", "energised", 6),
    "connection_hv_single": ("hv_single", "accepted", "energised", 22),
    "connection_hv_dual": ("hv_dual", "accepted", "energised", 32),
    "metered_residential": ("residential", "completion_checked", "energised", 3),
    "metered": ("", "completion_checked", "energised", 5),
    "design_lv": ("", "design_submitted", "design_reviewed", 8),
    "design_hv_single": ("hv_single", "design_submitted", "design_reviewed", 20),
    "design_hv_dual": ("hv_dual", "design_submitted", "design_reviewed", 20),
    "mid_lv": ("", "mid_requested", "mid_inspected", 3),
    "mid_hv_single": ("hv_single", "mid_requested", "mid_inspected", 5),
    "mid_hv_dual": ("hv_dual", "mid_requested", "mid_inspected", 5),
    "completion_lv": ("", "completion_requested", "completion_checked", 5),
    "completion_hv_single": (
        "hv_single",
        "completion_requested",
        "completion_checked",
        7,
    ),
    "completion_hv_dual": ("hv_dual", "completion_requested", "completion_checked", 7),
}


@tagged("post_install", "-at_install")
class TestShippedPromises(TicketCommon):
    def test_each_is_as_published(self):
        expected = dict(PROMISES)
        for name, (customer_class, start, target, days) in CONNECTIONS.items():
            expected[name] = (
                "connection",
                customer_class,
                start,
                target,
                days,
                "working_day",
            )
        data = self.env["ir.model.data"].search(
            [
                ("model", "=", "power.sla.policy"),
                ("module", "=", "power_service_tickets"),
            ]
        )
        prefix = "power_sla_policy_"
        found = {}
        for xmlid in data:
            policy = self.env["power.sla.policy"].browse(xmlid.res_id)
            narrowed = (
                policy.region_type,
                policy.customer_class,
                policy.channel,
                " ".join(policy.category_ids.mapped("code")),
            )
            found[xmlid.name.removeprefix(prefix)] = (
                " ".join(sorted(policy.type_ids.mapped("code"))),
                " ".join(name for name in narrowed if name),
                policy.start_milestone_id.code,
                policy.target_milestone_id.code,
                policy.duration,
                policy.unit,
            )
            # Each says where it comes from.
            self.assertTrue(policy.source, xmlid.name)
        self.assertEqual(found, expected)

    def test_what_else_ends_them(self):
        found = {
            policy.target_milestone_id.code: (
                policy.also_reached_by_ids.mapped("code"),
                policy.void_once_ids.mapped("code"),
            )
            for policy in self.env["power.sla.policy"].search([])
            if policy.also_reached_by_ids or policy.void_once_ids
        }
        self.assertEqual(
            found, {"contacted": (["answered"], []), "arrived": ([], ["restored"])}
        )
