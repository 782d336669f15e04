from lxml import html

from odoo.tests import tagged
from odoo.tools import format_datetime, mute_logger

from .test_portal import XSS, PowerPortalCommon


@tagged("post_install", "-at_install")
class TestPortalNotices(PowerPortalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.purpose = cls.env["power.notice.purpose"].create(
            {
                "name": "Portal test",
                "code": "portal_test",
                "channel_ids": [(0, 0, {"channel": "portal"})],
            }
        )
        cls.env["power.notice"].search([]).filtered(
            lambda notice: notice.state == "queued"
        )._record("cancelled")
        cls.notice = cls._create_notice(cls.customer, supply_point_id=cls.point.id)
        cls.notice_other = cls._create_notice(cls.customer_other)
        cls.waiting = cls._create_notice(cls.customer, subject="Not yet", sent=False)

    @classmethod
    def _create_notice(cls, partner, sent=True, **vals):
        notice = cls.env["power.notice"].create(
            {
                "purpose_id": cls.purpose.id,
                "partner_id": partner.id,
                "channel": "portal",
                "address": "portal",
                "subject": f"To {partner.name}",
                "body": "First line\nSecond line",
                "station_id": cls.station.id,
                **vals,
            }
        )
        if sent:
            notice._record("sent")
        return notice

    def _read(self, notice_id, csrf=True):
        return self._post(f"/my/notices/{notice_id}/read", csrf=csrf)

    def test_own_sent_notices_are_listed(self):
        self._login()
        text = self._get("/my/notices").text
        self.assertIn("To Wang Wei", text)
        self.assertIn(self.point.name, text)
        for hidden in ("To Li Na", "Not yet"):
            self.assertNotIn(hidden, text)
        answer = self.make_jsonrpc_request(
            "/my/counters", {"counters": ["notice_count", "unread_notice_count"]}
        )
        self.assertEqual(
            (answer["notice_count"], answer["unread_notice_count"]), (1, 1)
        )

    def test_times_and_counts_read_as_everywhere_in_the_portal(self):
        self._login()
        short = format_datetime(
            self.env(user=self.portal),
            self.notice.sent_at,
            tz=self.notice._get_tz(),
            dt_format="short",
        )
        times = self._tree("/my/notices").xpath("//article//p[1]/span[1]")
        self.assertEqual(times[0].text_content(), short)
        self.assertEqual(self.notice._format_portal_time(False), "")
        # "1 unread": no plural after the number.
        home = " ".join(self._tree("/my").text_content().split())
        self.assertIn("unread in your notices", home)

    def test_looking_changes_nothing_and_the_button_does(self):
        self._login()
        for path in ("/my/notices", f"/my/notices?filterby=unread#{self.notice.id}"):
            self._get(path)
        self.assertEqual(self.notice.proof_level, "sent")
        self.assertEqual(
            self._get(f"/my/notices/{self.notice.id}/read").status_code, 405
        )
        self.assertEqual(self.notice.proof_level, "sent")
        self._read(self.notice.id)
        self.assertEqual(self.notice.proof_level, "acknowledged")
        self._read(self.notice.id)
        kinds = self.notice.event_ids.mapped("kind")
        self.assertEqual(kinds.count("acknowledged"), 1)
        text = self._get("/my/notices", filterby="unread").text
        self.assertIn("No notice here", text)
        tree = self._tree("/my/notices")
        self.assertFalse(tree.xpath("//article//button"))

    def test_someone_elses_waiting_and_missing_notices_lead_home(self):
        self._login()
        for notice_id in (self.notice_other.id, self.waiting.id, 0, 2**31 - 1):
            with self.subTest(notice_id=notice_id):
                response = self._read(notice_id)
                self.assertEqual(response.status_code, 303)
                self.assertTrue(response.headers["Location"].endswith("/my"))
        self.assertEqual(self.notice_other.proof_level, "sent")
        self.assertEqual(self.waiting.state, "queued")

    @mute_logger("odoo.http")
    def test_the_button_needs_the_token_and_a_login(self):
        self._login()
        self.assertEqual(self._read(self.notice.id, csrf=False).status_code, 400)
        self.authenticate(None, None)
        self.assertIn("/web/login", self._get("/my/notices").url)
        self.assertIn(self._read(self.notice.id).status_code, (303, 400))
        self.assertEqual(self.notice.proof_level, "sent")

    def test_text_is_shown_as_text(self):
        self._create_notice(self.customer, subject=XSS, body=XSS)
        self._login()
        text = self._get("/my/notices", filterby=XSS).text
        self.assertNotIn("<script>alert(1)", text)
        self.assertIn("&lt;script&gt;alert(1)", text)

    def test_a_notice_about_a_former_point_is_still_there(self):
        self.contract.date_to = "2024-12-31"
        self._login()
        response = self._get("/my/notices")
        self.assertEqual(response.status_code, 200)
        self.assertIn("To Wang Wei", response.text)

    def test_pages_and_queries(self):
        self._login()
        few = self._count_queries("/my/notices")
        for number in range(24):
            self._create_notice(self.customer, subject=f"Number {number}")
        self.assertLessEqual(self._count_queries("/my/notices"), few)
        first = html.fromstring(self._get("/my/notices").text).xpath("//article")
        second = html.fromstring(self._get("/my/notices/page/2").text).xpath(
            "//article"
        )
        self.assertEqual((len(first), len(second)), (20, 5))

    def test_fields_of_the_house_are_closed(self):
        fields = self.env["power.notice"].with_user(self.portal).fields_get()
        for name in ("dedup_key", "station_id", "purpose_id", "send_after", "address"):
            self.assertNotIn(name, fields)
        self.assertIn("body", fields)
