import re
from unittest.mock import patch

from lxml import html

from odoo.http import Request
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import PowerServiceCommon

XSS = "<script>alert(1)</script>"


class PowerPortalCommon(HttpCase, PowerServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls.env["hr.employee"].create(
            {
                "name": "Zhang Manager",
                "mobile_phone": "13900001111",
                "private_phone": "13911112222",
                "department_id": cls.station.id,
            }
        )
        cls.area.manager_id = cls.manager
        cls.station.write({"hotline": "0571-1", "supervision_phone": "0571-9"})
        # A test user gives its partner a name and an address of its own.
        cls.customer.write({"name": "Wang Wei", "email": False})
        cls.portal_other = new_test_user(
            cls.env,
            login="test_portal_other",
            groups="base.group_portal",
            partner_id=cls.customer_other.id,
        )

    def _login(self, login="test_portal"):
        self.authenticate(login, login)

    def _get(self, path, **params):
        return self.opener.get(self.base_url() + path, params=params, timeout=20)

    def _tree(self, path, **params):
        response = self._get(path, **params)
        self.assertEqual(response.status_code, 200)
        return html.fromstring(response.text)

    def _post(self, path="/my/contact-data", csrf=True, **data):
        if csrf:
            data["csrf_token"] = Request.csrf_token(self)
        return self.opener.post(
            self.base_url() + path, data=data, timeout=20, allow_redirects=False
        )

    def _count_queries(self, path):
        self._get(path)
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        self._get(path)
        return self.env.cr.sql_log_count - before

    def _requests(self, partner=None):
        return self.env["power.customer.change.request"].search(
            [("partner_id", "=", (partner or self.customer).id)]
        )


@tagged("post_install", "-at_install")
class TestPortalPoints(PowerPortalCommon):
    def test_home_counts_only_what_is_asked(self):
        self._login()
        answer = self.make_jsonrpc_request("/my/counters", {"counters": []})
        self.assertNotIn("supply_point_count", answer)
        answer = self.make_jsonrpc_request(
            "/my/counters", {"counters": ["supply_point_count"]}
        )
        self.assertEqual(answer["supply_point_count"], 1)
        home = self._get("/my").text
        self.assertIn("/my/supply-points", home)
        self.assertIn("/my/contact-data", home)

    def test_home_of_someone_who_is_no_customer(self):
        new_test_user(self.env, login="test_nobody", groups="base.group_portal")
        self._login("test_nobody")
        self.assertNotIn("/my/contact-data", self._get("/my").text)
        self.assertTrue(self._get("/my/contact-data").url.endswith("/my"))
        answer = self.make_jsonrpc_request(
            "/my/counters", {"counters": ["supply_point_count"]}
        )
        self.assertEqual(answer["supply_point_count"], 0)
        self.assertIn("Call the hotline", self._get("/my/supply-points").text)

    def test_list_shows_own_points_and_finds_by_number(self):
        self._create_point("3300000077", self.customer)
        self._login()
        text = self._get("/my/supply-points").text
        self.assertIn(self.point.name, text)
        self.assertNotIn(self.point_other.name, text)
        text = self._get("/my/supply-points", search="0077").text
        self.assertIn("3300000077", text)
        self.assertNotIn(self.point.name, text)
        text = self._get("/my/supply-points", search=self.point_other.name).text
        self.assertNotIn(f'">{self.point_other.name}<', text)

    def test_list_has_pages_and_orders(self):
        for number in range(24):
            self._create_point(f"34000000{number:02d}", self.customer)
        self._login()

        def rows(path, **params):
            return self._tree(path, **params).xpath("//tbody//td[1]/a/text()")

        first = rows("/my/supply-points")
        second = rows("/my/supply-points/page/2")
        self.assertEqual((len(first), len(second)), (20, 5))
        self.assertFalse(set(first) & set(second))
        for path in ("/my/supply-points/page/0", "/my/supply-points/page/99"):
            self.assertEqual(self._get(path).status_code, 200)
        for order in ("number", "address", "state", "name; DROP TABLE x", XSS):
            self.assertEqual(len(rows("/my/supply-points", sortby=order)), 20)

    def test_list_costs_the_same_for_1_and_for_50(self):
        self._login()
        one = self._count_queries("/my/supply-points")
        for number in range(49):
            self._create_point(f"34000000{number:02d}", self.customer)
        with patch(
            "odoo.addons.power_service_base.controllers.portal"
            ".PowerCustomerPortal._points_per_page",
            50,
        ):
            self.assertLessEqual(self._count_queries("/my/supply-points"), one)

    def test_detail_shows_contracts_and_the_account_managers_card(self):
        self._login()
        text = self._get(f"/my/supply-points/{self.point.id}").text
        for wanted in (
            self.point.name,
            "Connected",
            "No end date",
            "Zhang Manager",
            "13900001111",
            "0571-1",
            "0571-9",
            "Yunxi",
        ):
            self.assertIn(wanted, text)
        self.assertNotIn("13911112222", text)

    def test_card_prefers_the_customers_own_account_manager(self):
        own = self.env["hr.employee"].create({"name": "Own", "work_phone": "0571-5"})
        self.customer.account_manager_id = own
        card = self.customer._get_account_manager_card(self.point)
        self.assertEqual((card["name"], card["phone"]), ("Own", "0571-5"))
        own.active = False
        card = self.customer._get_account_manager_card(self.point)
        self.assertEqual(card["name"], "Zhang Manager")

    def test_card_without_manager_and_station_still_names_the_hotline(self):
        nobody = self.env["res.partner"].create({"name": "New"})
        card = nobody._get_account_manager_card()
        self.assertEqual(card["name"], "")
        self.assertEqual(card["hotline"], "95598")

    def test_former_customer_keeps_the_contract_and_loses_the_point(self):
        self.contract.date_to = "2024-12-31"
        self.env["power.supply.contract"].create(
            {
                "partner_id": self.customer_other.id,
                "supply_point_id": self.point.id,
                "date_from": "2025-01-01",
            }
        )
        self._login()
        self.assertTrue(
            self._get(f"/my/supply-points/{self.point.id}").url[-3:] == "/my"
        )
        self._login("test_portal_other")
        tree = self._tree(f"/my/supply-points/{self.point.id}")
        self.assertEqual(len(tree.xpath("//table/tbody/tr")), 1)
        # ... and the old contract does not tell who lives there now.
        names = self.contract.with_user(self.portal).read(["supply_point_id"])
        self.assertEqual(names[0]["supply_point_id"][1], self.point.name)

    def test_contact_person_of_a_company_sees_the_companys_points(self):
        company = self.env["res.partner"].create(
            {"name": "Mill", "is_company": True, "is_power_customer": True}
        )
        person = self.env["res.partner"].create(
            {"name": "Person", "parent_id": company.id}
        )
        point, _contract = self._create_point("3300000100", company)
        new_test_user(
            self.env,
            login="test_person",
            groups="base.group_portal",
            partner_id=person.id,
        )
        self._login("test_person")
        self.assertIn("3300000100", self._get("/my/supply-points").text)
        self.assertIn("Mill", self._get(f"/my/supply-points/{point.id}").text)
        self.assertIn('value="Mill"', self._get("/my/contact-data").text)

    def test_someone_elses_point_and_missing_ones_lead_home(self):
        self._login()
        for point_id in (self.point_other.id, 0, 2**31 - 1):
            with self.subTest(point_id=point_id):
                response = self._get(f"/my/supply-points/{point_id}")
                self.assertTrue(response.url.endswith("/my"), response.url)
                self.assertNotIn(self.point_other.name, response.text)
        self.assertEqual(self._get(f"/my/supply-points/{10**20}").status_code, 404)

    def test_the_public_is_asked_to_log_in(self):
        for path in (
            "/my/supply-points",
            f"/my/supply-points/{self.point.id}",
            "/my/contact-data",
        ):
            self.assertIn("/web/login", self._get(path).url)

    def test_text_is_shown_as_text(self):
        self.customer.name = XSS
        self.point.address = XSS
        self.contract.name = XSS
        self.manager.write({"name": XSS, "mobile_phone": '"><script>alert(1)</script>'})
        self.station.write({"name": XSS, "hotline": XSS, "supervision_phone": XSS})
        self._login()
        for path in (
            "/my",
            "/my/supply-points",
            f"/my/supply-points/{self.point.id}",
            "/my/contact-data",
        ):
            with self.subTest(path=path):
                text = self._get(path, search=XSS + '"').text
                self.assertNotIn("<script>alert(1)", text)

    def test_forms_and_tables_are_well_marked_up(self):
        self._login()
        for path in (
            "/my/supply-points",
            f"/my/supply-points/{self.point.id}",
            "/my/contact-data",
        ):
            tree = self._tree(path)
            with self.subTest(path=path):
                self.assertEqual(len(tree.xpath("//h1")), 1)
                for field in tree.xpath(
                    "//*[@id='wrap']//*[self::input or self::select or self::textarea]"
                    "[not(@type='hidden')]"
                ):
                    label = tree.xpath(f"//label[@for='{field.get('id')}']")
                    self.assertTrue(label and label[0].text_content().strip())
                for header in tree.xpath("//th"):
                    self.assertEqual(header.get("scope"), "col")


@tagged("post_install", "-at_install")
class TestPortalContactData(PowerPortalCommon):
    def test_preferences_apply_at_once(self):
        self._login()
        response = self._post(
            email="wang@example.com",
            preferred_channel="email",
            quiet_from="21:30",
            quiet_to="07:00",
        )
        self.assertEqual(response.status_code, 303)
        self.assertTrue(response.headers["Location"].endswith("saved=saved"))
        self.assertRecordValues(
            self.customer,
            [
                {
                    "email": "wang@example.com",
                    "preferred_channel": "email",
                    "quiet_from": 21.5,
                    "quiet_to": 7.0,
                }
            ],
        )
        self.assertFalse(self._requests())
        tree = self._tree("/my/contact-data")
        self.assertEqual(tree.xpath("//input[@name='quiet_from']/@value"), ["21:30"])
        self._post(preferred_channel="", quiet_from="", quiet_to="")
        self.assertFalse(self.customer.preferred_channel)
        self.assertEqual((self.customer.quiet_from, self.customer.quiet_to), (0, 0))

    def _get_mails(self, address):
        return self.env["mail.mail"].search([("email_to", "=", address)])

    def test_old_address_hears_of_a_new_one(self):
        self.station.hotline = "95598"
        self.customer.email = "wang@example.com"
        self.env["res.lang"]._activate_lang("zh_CN")
        self.customer.lang = "zh_CN"
        self._login()
        self._post(email="Wei.Wang@example.org")
        mail = self._get_mails("wang@example.com")
        self.assertEqual(len(mail), 1)
        self.assertIn("95598", mail.body_html)
        self.assertIn("W***@example.org", mail.body_html)
        self.assertNotIn("Wei.Wang", mail.body_html)
        # It is the customer's history, in the customer's language.
        self.assertEqual((mail.model, mail.res_id), ("res.partner", self.customer.id))
        self.assertIn("电子邮箱", mail.subject)
        self.assertNotIn("sign in", mail.body_html)
        # The same address again is no change; a first one has nobody to tell.
        self._post(email="Wei.Wang@example.org")
        self.assertEqual(self._get_mails("wang@example.com"), mail)
        self.customer.email = False
        self._post(email="first@example.com")
        self.assertFalse(self._get_mails("Wei.Wang@example.org"))

    def test_old_address_that_is_the_login_hears_how_to_sign_in(self):
        self.customer.email = self.portal.login = "wang@example.com"
        self.authenticate("wang@example.com", "test_portal")
        self._post(email="wei@example.org")
        mail = self._get_mails("wang@example.com")
        self.assertIn("still sign in with wang@example.com", mail.body_html)
        self.assertEqual(self.portal.login, "wang@example.com")
        # Taken away altogether: told as well.
        self._post(email="")
        self.assertIn("none", self._get_mails("wei@example.org").body_html)

    def test_identity_is_asked_for_and_not_changed(self):
        self._login()
        response = self._post(
            name="Wang Wei", phone="13800000009", street="New street 5", reason="Moved"
        )
        self.assertTrue(response.headers["Location"].endswith("saved=asked"))
        self.assertEqual(self.customer.phone, "+8613800000001")
        self.assertFalse(self.customer.street)
        requests = self._requests()
        self.assertEqual(
            {r.field_name: (r.old_value, r.new_value) for r in requests},
            {
                "phone": ("+8613800000001", "+8613800000009"),
                "street": (False, "New street 5"),
            },
        )
        self.assertEqual(set(requests.mapped("reason")), {"Moved"})
        self.assertEqual(requests.user_id, self.portal)
        self.assertEqual(requests.station_id, self.station)
        text = self._get("/my/contact-data").text
        self.assertIn("Being decided", text)
        self.assertIn("+8613800000001", text)

    def test_asking_again_changes_the_open_request(self):
        self._login()
        self._post(street="First street")
        first = self._requests()
        self._post(street="Second street")
        self.assertEqual(self._requests(), first)
        self.assertEqual(first.new_value, "Second street")
        self._post(street="")
        self.assertEqual(first.state, "withdrawn")
        self._post(street="Third street")
        self.assertEqual(len(self._requests()), 2)

    def test_the_same_phone_written_differently_is_no_change(self):
        self._login()
        self._post(phone="+86 138 0000 0001")
        self.assertFalse(self._requests())

    def test_wrong_values_are_told_at_the_field_and_nothing_is_saved(self):
        self._login()
        cases = {
            "email": ("no address", {"email": "no address"}),
            "phone": ("abc", {"phone": "abc"}),
            "name": ("", {"name": " "}),
            "street": ("", {"street": "x" * 300}),
            "preferred_channel": ("", {"preferred_channel": "pigeon"}),
            "quiet_from": ("", {"quiet_from": "25:00", "quiet_to": "07:00"}),
            "quiet_to": ("", {"quiet_from": "21:00", "quiet_to": ""}),
            "reason": ("", {"reason": "x" * 501}),
        }
        for name, (shown, values) in cases.items():
            form = {"preferred_channel": "visit", "city": "Hangzhou", **values}
            with self.subTest(name=name):
                response = self._post(**form)
                self.assertEqual(response.status_code, 200)
                tree = html.fromstring(response.text)
                field = tree.xpath(f"//*[@name='{name}']")[0]
                self.assertIn("is-invalid", field.get("class"))
                described = tree.get_element_by_id(f"contact_{name}_help")
                self.assertTrue(described.text_content().strip())
                self.assertIn(shown, response.text)
                self.assertEqual(
                    tree.xpath("//input[@name='city']/@value"), ["Hangzhou"]
                )
                self.assertFalse(self.customer.preferred_channel)
                self.assertFalse(self._requests())

    def test_a_channel_needs_its_address(self):
        self._login()
        response = self._post(preferred_channel="email")
        self.assertIn("give an e-mail address", response.text)
        response = self._post(preferred_channel="email", email="wang@example.com")
        self.assertEqual(response.status_code, 303)

    def test_errors_speak_the_users_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self._login()
        for path, lang, chinese in (
            ("/zh_CN/my/contact-data", "zh_CN", True),
            ("/en/my/contact-data", "en_US", False),
        ):
            self.opener.cookies.set("frontend_lang", lang)
            tree = html.fromstring(self._post(path, email="no address").text)
            message = tree.get_element_by_id("contact_email_help").text_content()
            with self.subTest(lang=lang):
                self.assertEqual(bool(re.search("[\u4e00-\u9fff]", message)), chinese)
                self.assertIn("name@example.com", message)

    def test_every_page_says_its_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.portal.lang = "zh_CN"
        self._login()
        for path, lang in (
            ("/zh_CN/my", "zh-CN"),
            ("/zh_CN/my/contact-data", "zh-CN"),
            ("/en/my/security", "en-US"),
        ):
            self.opener.cookies.set("frontend_lang", lang.replace("-", "_"))
            page = html.fromstring(self.url_open(path).content)
            with self.subTest(path=path):
                self.assertEqual(page.get("lang"), lang)

    @mute_logger("odoo.http")
    def test_without_the_csrf_token_nothing_happens(self):
        self._login()
        response = self._post(csrf=False, preferred_channel="visit", street="Evil 1")
        self.assertEqual(response.status_code, 400)
        self.assertFalse(self.customer.preferred_channel)
        self.assertFalse(self._requests())

    def test_getting_the_page_changes_nothing(self):
        self._login()
        self._get("/my/contact-data", preferred_channel="visit", street="Evil 1")
        self.assertFalse(self.customer.preferred_channel)
        self.assertFalse(self._requests())

    def test_another_customers_id_in_the_form_is_ignored(self):
        self._login()
        self._post(
            street="Mine 1",
            preferred_channel="visit",
            partner_id=str(self.customer_other.id),
            id=str(self.customer_other.id),
            credit_grade="a",
            is_power_customer="",
        )
        self.assertFalse(self._requests(self.customer_other))
        self.assertFalse(self.customer_other.preferred_channel)
        self.assertFalse(self.customer.credit_grade)
        self.assertTrue(self.customer.is_power_customer)
        self.assertEqual(self._requests().new_value, "Mine 1")

    def test_the_public_may_not_post(self):
        self.authenticate(None, None)
        response = self._post(street="Evil 1")
        self.assertIn(response.status_code, (303, 400))
        self.assertFalse(self.env["power.customer.change.request"].search([]))

    def test_cores_account_form_is_no_way_round(self):
        self._login()
        self.assertTrue(self._get("/my/account").url.endswith("/my/contact-data"))
        data = {
            "partner_id": str(self.customer.id),
            "name": "Evil",
            "phone": "+8613811111111",
            "email": "evil@example.com",
            "street": "Evil 1",
            "city": "Evil",
            "country_id": str(self.env.ref("base.cn").id),
        }
        with mute_logger("odoo.http"):
            response = self._post("/my/address/submit", **data)
        self.assertEqual(response.status_code, 403)
        self.assertEqual(self.customer.name, "Wang Wei")
        self.assertEqual(self.customer.phone, "+8613800000001")

    def test_a_companys_name_cannot_be_changed_through_its_contact(self):
        company = self.env["res.partner"].create(
            {"name": "Mill", "is_company": True, "is_power_customer": True}
        )
        person = self.env["res.partner"].create(
            {"name": "Person", "parent_id": company.id}
        )
        new_test_user(
            self.env,
            login="test_person",
            groups="base.group_portal",
            partner_id=person.id,
        )
        self._login("test_person")
        self._post(
            "/my/address/submit",
            partner_id=str(person.id),
            name="Person",
            company_name="Evil",
            email="p@example.com",
            phone="1",
            street="s",
            city="c",
            country_id=str(self.env.ref("base.cn").id),
        )
        self.assertEqual(company.name, "Mill")

    def test_text_is_shown_as_text(self):
        self._login()
        self._post(street=XSS, name=XSS, city=XSS, reason=XSS)
        self._requests().write({"decision_note": XSS})
        self._requests()[:1].with_user(self.users["staff"]).action_refuse()
        text = self._get("/my/contact-data").text
        self.assertNotIn("<script>alert(1)", text)
        self.assertIn("&lt;script&gt;alert(1)", text)
        response = self._post(email=XSS, reason=XSS)
        self.assertNotIn("<script>alert(1)", response.text)

    def test_an_employees_email_is_not_changed_here(self):
        user = self.users["staff"]
        user.partner_id.is_power_customer = True
        self._login("test_staff")
        response = self._post(email="other@example.com")
        self.assertIn("Employees change", response.text)
        self.assertNotEqual(user.email, "other@example.com")
