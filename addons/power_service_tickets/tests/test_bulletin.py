import io
from ast import literal_eval
from datetime import datetime, timedelta

from lxml import etree, html
from openpyxl import load_workbook

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, freeze_time, tagged

from .test_complaint import ComplaintCommon

MARCH = datetime(2031, 3, 10, 2, 0)
FEBRUARY = datetime(2031, 2, 10, 2, 0)
APRIL = datetime(2031, 4, 2, 2, 0)


class BulletinCommon(ComplaintCommon):
    """Complaints of two stations in two months, of a company of their own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = "Asia/Shanghai"
        cls.chief.email = "chief@example.com"
        with freeze_time(FEBRUARY):
            cls.first = cls._create_complaint()
        with freeze_time(MARCH):
            cls.here = cls._create_complaint() | cls._create_complaint()
            cls.there = cls._create_complaint(supply_point_id=cls.point_other.id)
            cls.here[0].write({"finding": "responsible", "root_cause_id": cls.cause.id})
        cls.env.flush_all()

    @classmethod
    def _create_bulletin(cls, user, kind="monthly", day="2031-03-15"):
        return cls.env["power.complaint.bulletin"].create(
            {"kind": kind, "date_from": day, "user_id": user.id}
        )

    def _get_class(self):
        """The highest category above that of the complaints."""
        top = self.matter
        while top.parent_id:
            top = top.parent_id
        return top

    def _run(self):
        with self.enter_registry_test_mode():
            cron = self.env.ref("power_service_tickets.ir_cron_send_bulletins")
            self.assertIs(cron.method_direct_trigger(), True)
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestAnalysis(BulletinCommon):
    def test_class_station_and_cause(self):
        rows = self.env["power.ticket.analysis"]._read_group(
            [("ticket_id", "in", (self.here | self.there).ids)],
            ["station_id", "root_cause_id"],
            ["__count", "responsible_count:sum"],
        )
        self.assertIn((self.station, self.cause, 1, 1), rows)
        self.assertEqual(sum(row[2] for row in rows), 3)

    def test_a_chief_counts_the_own_station(self):
        found = self.env["power.ticket.analysis"].with_user(self.chief).search([])
        self.assertIn(self.here[0], found.ticket_id)
        self.assertNotIn(self.there, found.ticket_id)

    def test_pivot_and_graph_count_by_their_own_fields(self):
        """Class by station, month by month; by cause when one groups by it."""
        analysis = self.env["power.ticket.analysis"]
        tickets = self.first | self.here | self.there
        fields = {}
        for mode in ("pivot", "graph"):
            arch = etree.fromstring(analysis.get_view(view_type=mode)["arch"])
            fields[mode] = [
                ":".join(filter(None, (node.get("name"), node.get("interval"))))
                for node in arch.iter("field")
            ]
        months = {"received_at:month"}
        self.assertEqual(set(fields["pivot"]), months | {"class_id", "station_id"})
        self.assertEqual(set(fields["graph"]), months | {"class_id"})
        search = etree.fromstring(analysis.get_view(view_type="search")["arch"])
        (by_cause,) = search.xpath("//filter[@name='group_cause']")
        by_cause = literal_eval(by_cause.get("context"))["group_by"]
        top = self._get_class()
        self.assertNotEqual(top, self.matter)
        groups = ["received_at:month", "class_id", "station_id", by_cause]
        rows = analysis._read_group(
            [("ticket_id", "in", tickets.ids)], groups, ["__count"]
        )
        none = self.cause.browse()
        self.assertEqual(
            {(month.month, *keys): count for month, *keys, count in rows},
            {
                (2, top, self.station, none): 1,
                (3, top, self.station, none): 1,
                (3, top, self.station, self.cause): 1,
                (3, top, self.station_other, none): 1,
            },
        )

    def test_neither_confidential_nor_cancelled(self):
        report = self._create_ticket("report")
        gone = self._create_complaint()
        twice = self.env.ref("power_service_tickets.power_ticket_reason_cancel_twice")
        gone.cancel("Entered twice", twice.id)
        found = self.env["power.ticket.analysis"].search(
            [("ticket_id", "in", (report | gone).ids)]
        )
        self.assertFalse(found)


@tagged("post_install", "-at_install")
class TestBulletin(BulletinCommon):
    def test_a_new_one_is_made_by_a_button_under_the_name_of_its_kind(self):
        """Nobody may edit a bulletin, so the form has no icon to save it."""
        bulletins = self.env["power.complaint.bulletin"].with_user(self.chief)
        arch = etree.fromstring(bulletins.get_view(view_type="form")["arch"])
        self.assertEqual(arch.get("edit"), "0")
        (button,) = arch.xpath("//header/button[@invisible='id']")
        self.assertEqual(button.get("special"), "save")
        self.assertIn("btn-primary", button.get("class"))
        with freeze_time(MARCH + timedelta(days=4)):
            form = Form(bulletins)
            self.assertEqual(form.name, "Monthly Analysis 2031-03")
            form.kind = "weekly"
            self.assertEqual(form.name, "Weekly Bulletin 2031-03-10")
            bulletin = form.save()
        self.assertEqual(bulletin.name, "Weekly Bulletin 2031-03-10")
        self.assertTrue(bulletin.figures)

    def test_in_the_language_of_its_person_whoever_opens_it(self):
        self.chief.lang = "zh_CN"
        bulletin = self._create_bulletin(self.chief)
        seen = bulletin.with_user(self.users["manager"]).with_context(lang="en_US")
        page = self.env["ir.actions.report"]._render_qweb_html(
            "power_service_tickets.action_report_complaint_bulletin", bulletin.ids
        )[0]
        book = load_workbook(io.BytesIO(seen._make_xlsx()))
        for text in (seen.content, page.decode(), " ".join(book.sheetnames)):
            self.assertIn("指标数据", text)
            self.assertNotIn("Figures", text)

    def test_compared_and_missing_is_not_nothing(self):
        totals = self._create_bulletin(self.chief).figures["totals"]
        # The chief sees one station; nothing was there before February.
        self.assertEqual(totals["complaints"]["current"], 2)
        self.assertEqual(totals["complaints"]["previous"], 1)
        self.assertEqual(totals["responsible"]["current"], 1)
        self.assertIsNone(totals["satisfaction"]["current"])
        everything = self._create_bulletin(self.users["quality"]).figures["totals"]
        self.assertEqual(everything["complaints"]["current"], 3)

    def test_a_year_without_tickets_is_a_dash(self):
        bulletin = self._create_bulletin(self.chief)
        # Other tests' tickets may be older: only this station's are the chief's.
        table = bulletin._as_user()._get_tables()[0]
        complaints = table["rows"][1]
        self.assertEqual(complaints[1:4], ["2", "1", "+100.0 %"])
        self.assertIn("95", table["rows"][-1][0])
        self.assertEqual(complaints[-1], "–")
        self.assertEqual(complaints[-2], "–")

    def test_with_the_year_before_on_screen_in_pdf_and_in_the_workbook(self):
        with freeze_time(MARCH.replace(year=2030)):
            for _number in range(4):
                self._create_complaint()
        self.env.flush_all()
        bulletin = self._create_bulletin(self.chief)
        complaints = bulletin.figures["totals"]["complaints"]
        self.assertEqual(complaints, {"current": 2, "previous": 1, "last_year": 4})
        seen = bulletin._as_user()
        figures = ["2", "1", "+100.0 %", "4", "-50.0 %"]
        table = seen._get_tables()[0]
        self.assertEqual(table["rows"][1][1:], figures)
        page = seen._make_pdf()  # in tests, the page that it is made of
        for shown in (seen.content, page.decode()):
            rows = [
                [cell.text_content().strip() for cell in row.iter("td")]
                for row in html.fromstring(shown).iter("tr")
            ]
            self.assertIn(figures, [row[1:] for row in rows])
            self.assertTrue(
                [
                    row
                    for row in rows
                    if self.cause.display_name in row and self.station.name in row
                ]
            )
        book = load_workbook(io.BytesIO(seen._make_xlsx()))
        totals, matrix = (
            list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets[:2]
        )
        # Figures to count with: a change is a number that is shown in per cent.
        self.assertEqual(totals[5][1:], (2, 1, 1, 4, -0.5))
        cells = book.worksheets[0][6]
        self.assertEqual(cells[3].number_format, "+0.0%;-0.0%;0.0%")
        self.assertEqual(cells[1].number_format, "#,##0")
        (row,) = [row for row in matrix if self.cause.display_name in row]
        self.assertEqual(row[1], self.station.display_name)
        self.assertEqual(row[3], 1)

    def test_matrix_and_top(self):
        figures = self._create_bulletin(self.chief).figures
        labels = [row["labels"] for row in figures["matrix"]]
        self.assertIn(self.cause.display_name, [label[2] for label in labels])
        self.assertNotIn(self.station_other.name, str(figures))
        # The matrix is of complaints; the top matters are of everything but business as
        # usual.
        with freeze_time(MARCH):
            self._create_ticket("enquiry")
            for _number in range(3):
                self._create_ticket("praise")
                self._create_ticket("connection")
        self.env.flush_all()
        bulletin = self.env["power.complaint.bulletin"].search(
            [("user_id", "=", self.chief.id)]
        )
        bulletin.action_compute()
        self.assertEqual(len(bulletin.figures["matrix"]), len(figures["matrix"]))
        top = [row["current"] for row in bulletin.figures["top"]]
        self.assertEqual(top, [2, 1])
        # In the sum of what was received they count.
        self.assertEqual(
            bulletin.figures["totals"]["received"]["current"],
            figures["totals"]["received"]["current"] + 7,
        )
        self.assertEqual(figures["top"][0]["current"], 2)

    def test_week(self):
        bulletin = self._create_bulletin(self.chief, "weekly", "2031-03-12")
        self.assertEqual(str(bulletin.date_from), "2031-03-10")
        self.assertEqual(bulletin.figures["totals"]["complaints"]["current"], 2)

    def test_no_cell_is_cut_at_the_end_of_a_page(self):
        """The PDF tool cuts rows of tables, and blocks that say so it doesn't."""
        page = html.fromstring(self._create_bulletin(self.chief).content)
        cells = page.xpath("//tbody//td")
        self.assertTrue(cells)
        for cell in cells:
            [block] = cell
            self.assertIn("page-break-inside: avoid", block.get("style"))

    def test_language_is_the_persons(self):
        self.chief.lang = "zh_CN"
        bulletin = self._create_bulletin(self.chief)
        self.assertIn("2031-03", bulletin._as_user().name)
        content = bulletin._as_user().content
        self.assertIn("投诉", content)

    def test_names_are_in_each_reader_s_language(self):
        """One job makes the bulletins of several people."""
        category = self.here[0].category_id
        category.with_context(lang="zh_CN").name = "态度"
        category.with_context(lang="en_US").name = "Attitude"
        self.cause.with_context(lang="zh_CN").name = "推诿"
        self.env.flush_all()
        self.assertIn("Attitude", category.with_context(lang="en_US").display_name)
        self.assertIn("态度", category.with_context(lang="zh_CN").display_name)
        self.assertNotIn("推诿", self.cause.with_context(lang="en_US").display_name)
        self.assertIn("推诿", self.cause.with_context(lang="zh_CN").display_name)

    def test_workbook(self):
        self.cause.name = "=1+1"
        self._get_class().name = "=2+2"  # stands alone in its cell
        bulletin = self._create_bulletin(self.chief)
        book = load_workbook(io.BytesIO(bulletin._make_xlsx()))
        self.assertEqual(len(book.sheetnames), 4)
        values = [row for row in book.worksheets[0].iter_rows(values_only=True)]
        self.assertEqual(values[5][1:3], (2, 1))
        self.assertIn("=2+2", [cell.value for cell in book.worksheets[1]["A"]])
        formulas = [
            cell
            for sheet in book.worksheets
            for row in sheet.iter_rows()
            for cell in row
            if cell.data_type == "f"
        ]
        self.assertFalse(formulas)

    def test_a_long_title_is_cut_off_with_or_without_blanks(self):
        bulletins = self.env["power.complaint.bulletin"]
        for title, name in (
            ("Stations: top", "Stations top"),
            ("Complaints by class and station and cause", "Complaints by class and…"),
            ("各供电所投诉" * 6, "各供电所投诉" * 5 + "…"),
            ("x" * 31, "x" * 31),
        ):
            with self.subTest(title=title):
                self.assertEqual(bulletins._get_sheet_name(title), name)

    def test_figures_are_nobodys_to_type(self):
        bulletin = self._create_bulletin(self.chief)
        for user in (self.chief, self.users["manager"]):
            with self.assertRaises(AccessError):
                bulletin.with_user(user).write({"figures": {}})
        typed = (
            self.env["power.complaint.bulletin"]
            .with_user(self.chief)
            .create({"date_from": "2031-01-01", "figures": {"totals": {}}})
        )
        self.assertIn("top", typed.figures)
        with self.assertRaises(AccessError):
            self.env["power.complaint.bulletin"].with_user(self.chief).create(
                {"user_id": self.users["quality"].id, "date_from": "2031-02-01"}
            )

    def test_queries_do_not_grow(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            bulletin._as_user()._get_figures()
            return self.env.cr.sql_log_count - before

        bulletin = self._create_bulletin(self.chief)
        count()
        one = count()
        with freeze_time(MARCH):
            for _number in range(50):
                self._create_complaint()
        self.assertLessEqual(count(), one + 2)


@tagged("post_install", "-at_install")
class TestBulletinMail(BulletinCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["power.complaint.subscription"].search([]).unlink()
        cls.subscription = cls.env["power.complaint.subscription"].create(
            {"user_id": cls.chief.id, "weekly": False}
        )

    def _sent(self):
        return self.env["mail.mail"].search(
            [("recipient_ids", "in", self.chief.partner_id.ids)]
        )

    def test_once_per_period_with_pdf_and_workbook(self):
        for _number in range(2):
            with freeze_time(APRIL):
                self._run()
        mail = self._sent()
        self.assertEqual(len(mail), 1)
        self.assertEqual(
            sorted(
                name.rsplit(".", 1)[1] for name in mail.attachment_ids.mapped("name")
            ),
            ["pdf", "xlsx"],
        )
        bulletin = self.env["power.complaint.bulletin"].search(
            [("user_id", "=", self.chief.id)]
        )
        self.assertEqual(str(bulletin.date_from), "2031-03-01")
        self.assertTrue(bulletin.sent_at)
        self.assertNotIn(self.station_other.name, mail.body_html)
        with freeze_time(APRIL + timedelta(days=31)):
            self._run()
        self.assertEqual(len(self._sent()), 2)

    def test_one_that_fails_is_parked_and_holds_up_nobody(self):
        nobody = self._create_user(
            "nobody", "power_service_base.group_power_supervisor"
        )
        nobody.email = False
        self.env["power.complaint.subscription"].create(
            {"user_id": nobody.id, "weekly": False}
        )
        with freeze_time(APRIL):
            self._run()
        failed = self.env["power.complaint.bulletin"].search(
            [("user_id", "=", nobody.id)]
        )
        self.assertIn("no e-mail", failed.error)
        self.assertEqual(len(self._sent()), 1)

    def test_looked_at_before_it_is_sent_all_the_same(self):
        """Whoever opens the month's figures while it runs gets the whole month."""
        with freeze_time(MARCH - timedelta(days=5)):
            bulletin = self._create_bulletin(self.chief, day="2031-03-02")
        self.assertEqual(bulletin.figures["totals"]["complaints"]["current"], 2)
        twice = self.env.ref("power_service_tickets.power_ticket_reason_cancel_twice")
        with freeze_time(MARCH):
            self.here[0].cancel("Entered twice", twice.id)
        with freeze_time(APRIL):
            self._run()
            self._run()
        self.assertEqual(len(self._sent()), 1)
        self.assertTrue(bulletin.sent_at)
        self.assertEqual(bulletin.figures["totals"]["complaints"]["current"], 1)

    def test_another_period_is_another_bulletin(self):
        bulletin = self._create_bulletin(self.chief)
        with self.assertRaises(UserError):
            bulletin.date_from = "2031-05-01"


@tagged("post_install", "-at_install")
class TestBulletinDownload(BulletinCommon, HttpCase):
    def test_only_who_may_read_it(self):
        bulletin = self._create_bulletin(self.chief)
        url = f"/power_service_tickets/bulletin/{bulletin.id}.xlsx"
        for login, status in (("test_chief", 200), ("test_supervisor", 404)):
            self.authenticate(login, login)
            with self.subTest(login=login):
                self.assertEqual(self.url_open(url).status_code, status)

    def test_the_pdf_is_one(self):
        # Here, as the tool asks a server for the page's style.
        bulletin = self._create_bulletin(self.chief)._as_user()
        bulletin = bulletin.with_context(force_report_rendering=True)
        self.assertTrue(bulletin._make_pdf().startswith(b"%PDF"))
