from datetime import date, timedelta

from lxml import html
from psycopg2 import errors

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import PowerServiceCommon

PAGES = (
    "/service",
    "/service/commitments",
    "/service/prices",
    "/service/procedures",
    "/service/outlets",
)
XSS = "<script>alert(1)</script>"


@tagged("post_install", "-at_install")
class TestServicePages(HttpCase, PowerServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.env["res.lang"]._activate_lang("en_US")
        cls.station.write({"hotline": "0571-1", "supervision_phone": "0571-9"})
        cls.today = date.today()

    @classmethod
    def _create(cls, model, code, **vals):
        defaults = {
            "power.service.price": {
                "unit": "kWh",
                "price": 0.5469,
                "date_from": "2024-01-01",
            },
            "power.service.procedure": {"steps": "Ask\n\n Bring the papers "},
            "power.service.outlet": {"address": "Main street 1"},
        }.get(model, {})
        return cls.env[model].create(
            {
                "code": code,
                "name": f"Name {code}",
                "is_published": True,
                **defaults,
                **vals,
            }
        )

    def _get(self, path, lang="en_US", **kwargs):
        self.opener.cookies.set("frontend_lang", lang)
        return self.url_open(path, **kwargs)

    def test_every_page_is_open_to_everybody_with_the_phones(self):
        for path in PAGES:
            with self.subTest(path=path):
                response = self._get(path)
                self.assertEqual(response.status_code, 200)
                for phone in ("0571-1", "0571-9", "95598", "12398"):
                    self.assertIn(phone, response.text)

    def test_the_login_page_leads_to_them(self):
        page = html.fromstring(self.url_open("/web/login").content)
        self.assertTrue(page.xpath("//a[@href='/service']"))

    def test_every_page_is_well_marked_up(self):
        for path in PAGES:
            with self.subTest(path=path):
                tree = html.fromstring(self._get(path).text)
                self.assertEqual(len(tree.xpath("//h1")), 1)
                self.assertTrue(tree.xpath("//title")[0].text.strip())
                self.assertTrue(tree.xpath("//*[@aria-current='page']"))
                for field in tree.xpath("//*[@id='wrap']//select"):
                    self.assertTrue(tree.xpath(f"//label[@for='{field.get('id')}']"))

    def test_only_published_and_active_records_are_shown(self):
        for model, path in (
            ("power.service.commitment", "/service/commitments"),
            ("power.service.price", "/service/prices"),
            ("power.service.procedure", "/service/procedures"),
            ("power.service.outlet", "/service/outlets"),
        ):
            self._create(model, "shown")
            self._create(model, "hidden", is_published=False)
            self._create(model, "archived", active=False)
            foreign = {"company_id": self.company_other.id}
            self._create(model, "foreign", **foreign)
            text = self._get(path).text
            with self.subTest(model=model):
                self.assertIn("Name shown", text)
                for code in ("hidden", "archived", "foreign"):
                    self.assertNotIn(f"Name {code}", text)

    def test_a_company_is_chosen_when_there_are_several(self):
        self._create("power.service.outlet", "ours")
        self._create("power.service.outlet", "theirs", company_id=self.company_other.id)
        first = self._get("/service/outlets")
        self.assertIn("Name ours", first.text)
        self.assertIn(self.company_other.name, first.text)
        other = self._get(f"/service/outlets?company={self.company_other.id}").text
        self.assertIn("Name theirs", other)
        self.assertNotIn("Name ours", other)
        for wrong in ("0", "x", "-1", "9" * 30, "1 OR 1=1", XSS):
            with self.subTest(company=wrong):
                response = self.opener.get(
                    self.base_url() + "/service/outlets", params={"company": wrong}
                )
                self.assertEqual(response.status_code, 200)
                self.assertIn("Name ours", response.text)
                self.assertNotIn(XSS, response.text)

    def test_a_companys_own_commitment_hides_everybodys(self):
        self._create("power.service.commitment", "same", company_id=False)
        own = self._create("power.service.commitment", "same", name="Own words")
        shown = self.env["power.service.commitment"]._get_published(self.company)
        self.assertEqual(shown.filtered(lambda c: c.code == "same"), own)

    def test_prices_of_the_past_are_gone_and_coming_ones_are_marked(self):
        yesterday = self.today - timedelta(days=1)
        later = self.today + timedelta(days=40)
        self._create("power.service.price", "p", name="Old", date_to=yesterday)
        self._create(
            "power.service.price",
            "p",
            name="New",
            date_from=self.today,
            date_to=later - timedelta(days=1),
        )
        self._create("power.service.price", "p", name="Later", date_from=later)
        text = self._get("/service/prices").text
        self.assertNotIn(">Old<", text)
        self.assertIn(">New<", text)
        tree = html.fromstring(text)
        coming = tree.xpath("//li[.//*[normalize-space()='Coming']]//h3/text()")
        self.assertEqual(coming, ["Later"])

    @mute_logger("odoo.sql_db")
    def test_one_price_of_an_item_at_a_time(self):
        self._create("power.service.price", "p")
        with self.assertRaises(errors.ExclusionViolation), self.cr.savepoint():
            self._create("power.service.price", "p", date_from=self.today)

    def test_procedure_shows_steps_and_only_published_commitments(self):
        shown = self._create("power.service.commitment", "c1")
        hidden = self._create("power.service.commitment", "c2", is_published=False)
        self._create(
            "power.service.procedure", "p", commitment_ids=(shown | hidden).ids
        )
        text = self._get("/service/procedures").text
        self.assertIn("<li>Bring the papers</li>", text)
        self.assertIn("Name c1", text)
        self.assertNotIn("Name c2", text)

    def test_text_is_shown_as_text(self):
        for model, vals in (
            ("power.service.commitment", {"text": XSS, "source_note": XSS}),
            ("power.service.price", {"text": XSS, "unit": XSS, "source_note": XSS}),
            (
                "power.service.procedure",
                {"steps": XSS, "papers": XSS, "duration": XSS, "fee": XSS},
            ),
            (
                "power.service.outlet",
                {
                    "address": XSS,
                    "hours": XSS,
                    "services": XSS,
                    "phone": '"><script>alert(1)</script>',
                },
            ),
        ):
            self._create(model, "x", name=XSS, **vals)
        self.station.write(
            {
                "name": XSS,
                "hotline": '1"><script>alert(1)</script>',
                "power_address": XSS,
            }
        )
        self.company.power_hotline = XSS
        for path in PAGES:
            with self.subTest(path=path):
                text = self._get(path).text
                self.assertNotIn("<script>alert(1)", text)
                self.assertIn("&lt;script&gt;alert(1)", text)

    def test_language_follows_address_cookie_and_offers_the_switch(self):
        english = self._get("/en/service")
        self.assertEqual(html.fromstring(english.text).get("lang"), "en-US")
        chinese = self._get("/zh_CN/service", "zh_CN")
        self.assertEqual(html.fromstring(chinese.text).get("lang"), "zh-CN")
        for response in (english, chinese):
            tree = html.fromstring(response.text)
            codes = tree.xpath("//a[contains(@class, 'js_change_lang')]/@data-url_code")
            self.assertTrue({"en", "zh_CN"} <= set(codes))
        commitment = self._create("power.service.commitment", "c", name="In English")
        commitment.with_context(lang="zh_CN").name = "中文名称"
        self.assertIn("In English", self._get("/en/service/commitments").text)
        text = self._get("/zh_CN/service/commitments", "zh_CN").text
        self.assertIn("中文名称", text)
        self.assertNotIn("In English", text)

    def test_headers_let_the_public_cache_and_never_a_users_page(self):
        response = self._get("/service")
        response = self._get("/service", response.request._cookies["frontend_lang"])
        self.assertIn("max-age=300", response.headers["Cache-Control"])
        self.assertIn("Cookie", response.headers["Vary"])
        self.assertNotIn("session_id", response.headers.get("Set-Cookie", ""))
        self.authenticate("test_portal", "test_portal")
        response = self._get("/service")
        self.assertEqual(response.headers["Cache-Control"], "private, no-store")

    def test_nothing_personal_is_shown(self):
        self.area.manager_id = self.env["hr.employee"].create(
            {"name": "Zhang Private", "mobile_phone": "13900001111"}
        )
        for path in PAGES:
            text = self._get(path).text
            for secret in ("Zhang Private", "13900001111", "Wang Wei", "3300000001"):
                self.assertNotIn(secret, text)

    def test_queries_do_not_grow_with_the_records(self):
        Commitment = self.env["power.service.commitment"]
        Commitment.search([]).is_published = False
        self._create("power.service.commitment", "one")
        few = self._count_queries("/service/commitments")
        for number in range(50):
            self._create("power.service.commitment", f"many{number}")
        self.assertLessEqual(self._count_queries("/service/commitments"), few)

    def _count_queries(self, path):
        self._get(path)
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        self.assertEqual(self._get(path).status_code, 200)
        return self.env.cr.sql_log_count - before


@tagged("post_install", "-at_install")
class TestOpenness(PowerServiceCommon):
    def test_defaults_say_honestly_where_they_come_from(self):
        def ref(code):
            return self.env.ref(f"power_service_base.commitment_{code}")

        values = {
            "repair_site_urban": (45, "minute", "promise"),
            "repair_site_rural": (90, "minute", "promise"),
            "repair_site_remote": (120, "minute", "promise"),
            "restore_urban": (3, "hour", "promise"),
            "complaint_answer": (7, "working_day", "promise"),
            "opinion_answer": (9, "working_day", "practice"),
            "meter_abnormal": (4, "working_day", "practice"),
            "damage_site": (24, "hour", "practice"),
            "outage_planned_notice": (7, "day", "law"),
            "reconnect": (24, "hour", "promise"),
            "reliability_urban": (99.9, "percent", "promise"),
        }
        for code, expected in values.items():
            record = ref(code)
            with self.subTest(code=code):
                self.assertEqual(
                    (record.limit_value, record.limit_unit, record.source), expected
                )
        law = self.env["power.service.commitment"].search([("source", "=", "law")])
        self.assertEqual(
            law, ref("outage_planned_notice") | ref("outage_temporary_notice")
        )

    def test_example_prices_are_not_published_by_themselves(self):
        prices = self.env["power.service.price"].search([])
        self.assertTrue(prices)
        self.assertFalse(prices.filtered("is_published"))

    def test_limit_in_words(self):
        commitment = self.env["power.service.commitment"].new(
            {"limit_value": 1, "limit_unit": "working_day"}
        )
        for value, unit, text in (
            (1, "working_day", "1 working day"),
            (7, "working_day", "7 working days"),
            (99.9, "percent", "99.9 %"),
            (45, "minute", "45 minutes"),
            (24, "hour", "24 hours"),
        ):
            commitment.update({"limit_value": value, "limit_unit": unit})
            self.assertEqual(commitment.limit_text, text)

    def test_public_page_opens_with_its_address_and_qr_code(self):
        outlet = self.env["power.service.outlet"].create(
            {"code": "o", "name": "Hall", "address": "Street 1"}
        )
        self.assertEqual(outlet.action_open_public_page()["url"], "/service/outlets")
        self.assertIn(f"/service/outlets?company={self.company.id}", outlet.public_url)
        self.assertTrue(outlet.public_qr)

    @mute_logger("odoo.sql_db")
    def test_a_code_is_there_once(self):
        vals = {"code": "same", "name": "One", "company_id": False}
        self.env["power.service.commitment"].create(vals)
        with self.assertRaises(errors.UniqueViolation), self.cr.savepoint():
            self.env["power.service.commitment"].create(vals)
