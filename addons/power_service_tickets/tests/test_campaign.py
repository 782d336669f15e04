from psycopg2.errors import CheckViolation, UniqueViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import QualityCommon


@tagged("post_install", "-at_install")
class TestCampaign(QualityCommon):
    def _campaign(self, start=True, **vals):
        campaign = (
            self.env["power.campaign"]
            .with_user(self.chief)
            .create(
                {
                    "name": "Self-check before the summer",
                    "date_from": "2026-03-01",
                    "date_to": "2026-03-31",
                    "owner_id": self.worker.id,
                    **vals,
                }
            )
        )
        if start:
            campaign.action_start()
        return campaign

    def test_a_self_check_has_its_six_dated_phases_others_three(self):
        phases = self._campaign(start=False).phase_ids
        self.assertEqual(
            phases.mapped("kind"),
            ["mobilise", "check", "plan", "rectify", "accept", "summarise"],
        )
        self.assertEqual(str(phases[0].date_from), "2026-03-01")
        self.assertEqual(str(phases[-1].date_to), "2026-03-31")
        for former, phase in zip(phases, phases[1:], strict=False):
            self.assertEqual((phase.date_from - former.date_to).days, 1)
        self.assertEqual(set(phases.owner_id), {self.worker})
        self.assertEqual(len(self._campaign(kind="publicity").phase_ids), 3)

    def test_a_short_campaign_has_valid_phases(self):
        campaign = self._campaign(date_to="2026-03-02")
        self.assertEqual(len(campaign.phase_ids), 6)
        self.assertLessEqual(str(campaign.phase_ids[-1].date_from), "2026-03-02")

    def test_one_phase_after_the_other_until_it_is_done(self):
        campaign = self._campaign()
        first, second, *others = campaign.phase_ids
        with self.assertRaisesRegex(UserError, "Mobilise has to be done"):
            second.action_done()
        with self.assertRaisesRegex(UserError, "what the phase brought"):
            first.action_done()
        first.result = "Meeting held"
        first.action_done()
        self.assertEqual(campaign.progress, 16)
        self.assertEqual(campaign.current_phase_id, second)
        with self.assertRaises(UserError):
            first.result = "Something else"
        with self.assertRaises(UserError):
            first.action_done()
        for phase in (second, *others):
            phase.with_user(self.users["staff"]).result = "Done"
            phase.with_user(self.users["staff"]).action_done()
        self.assertEqual((campaign.state, campaign.progress), ("done", 100))

    def test_start_needs_somebody_for_each_phase(self):
        campaign = self._campaign(start=False, owner_id=False)
        with self.assertRaises(UserError):
            campaign.action_start()

    def test_phases_of_a_campaign_that_waits_are_not_done(self):
        campaign = self._campaign(start=False)
        campaign.phase_ids[0].result = "x"
        with self.assertRaises(UserError):
            campaign.phase_ids[0].action_done()

    def test_an_overdue_phase_is_shown(self):
        campaign = self._campaign()
        found = [("has_overdue_phase", "=", True), ("id", "=", campaign.id)]
        last = str(campaign.phase_ids[0].date_to)
        for now, expected in ((f"{last} 15:00", 0), (f"{last} 17:00", 1)):
            with self.subTest(now=now), freeze_time(now):
                self.env.invalidate_all()
                self.assertEqual(campaign.search_count(found), expected)
                self.assertEqual(campaign.has_overdue_phase, bool(expected))

    def test_phases_keep_their_order(self):
        campaign = self._campaign(start=False)
        with self.assertRaises(UserError):
            campaign.phase_ids[3].write(
                {"date_from": "2026-02-01", "date_to": "2026-02-02"}
            )
        with (
            self.assertRaises(UniqueViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            campaign.phase_ids[0].copy()

    def _count(self, campaign, user=None, **vals):
        return (
            self.env["power.campaign.count"]
            .with_user(user or self.users["field"])
            .create({"campaign_id": campaign.id, "quantity": 30, **vals})
        )

    def test_counts_against_targets(self):
        campaign = self._campaign(
            kind="publicity",
            target_ids=[(0, 0, {"measure": "people", "target": 200})],
        )
        self._count(campaign)
        self._count(campaign, quantity=70)
        self._count(campaign, measure="leaflets", quantity=500)
        self.env.invalidate_all()
        self.assertEqual(
            (campaign.target_ids.reached, campaign.target_ids.progress), (100, 50)
        )
        self.assertEqual(campaign.count_ids[0].employee_id, self.worker)

    def test_counts_are_above_zero_and_only_while_it_runs(self):
        campaign = self._campaign()
        with (
            self.assertRaises(CheckViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self._count(campaign, quantity=-5)
        count = self._count(campaign)
        campaign.action_cancel("Typhoon")
        for call in (
            lambda: self._count(campaign),
            lambda: count.write({"quantity": 1}),
            lambda: count.sudo().unlink(),
        ):
            with self.assertRaises(UserError):
                call()

    def test_staff_neither_make_nor_cancel_campaigns(self):
        campaign = self._campaign()
        with self.assertRaises(AccessError):
            campaign.with_user(self.users["staff"]).action_cancel("No time")
        with self.assertRaises(AccessError):
            campaign.with_user(self.users["staff"]).goal = "None"
        with self.assertRaises(UserError):
            campaign.state = "done"

    def test_another_station_does_not_see_it(self):
        other = self._create_user(
            "other", "power_service_base.group_power_staff", self.station_other
        )
        campaign = self._campaign()
        for record in (campaign, campaign.phase_ids[0], self._count(campaign)):
            with self.subTest(model=record._name):
                self.assertFalse(record.with_user(other).has_access("read"))

    def test_lists_cost_the_same_for_1_and_for_50(self):
        def queries(count):
            self.env.flush_all()
            start = self.cr.sql_log_count
            campaigns = self.env["power.campaign"].create(
                [
                    {
                        "name": "x",
                        "date_from": "2026-03-01",
                        "date_to": "2026-03-31",
                        "station_id": self.station.id,
                        "target_ids": [(0, 0, {"measure": "people", "target": 9})],
                    }
                ]
                * count
            )
            self.env.flush_all()
            created = self.cr.sql_log_count - start
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            campaigns.read(["name", "progress", "has_overdue_phase"])
            campaigns.target_ids.read(["reached", "progress"])
            return created, self.cr.sql_log_count - start

        queries(1)
        (made_1, read_1), (made_50, read_50) = queries(1), queries(50)
        self.assertEqual(read_1, read_50)
        # 300 lines are inserted by the hundred.
        self.assertLessEqual(made_50, made_1 + 4)
