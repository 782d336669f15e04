from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.power_service_base.tests.common import PowerServiceCommon
from odoo.addons.power_service_tickets_survey.models.power_survey_round import SHIPPED


class RoundCommon(PowerServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.survey = cls.env["survey.survey"].create(
            {
                "title": "Satisfaction",
                "access_mode": "token",
                "scoring_type": "scoring_without_answers",
                "question_and_page_ids": [
                    (
                        0,
                        0,
                        {
                            "title": "How was it?",
                            "question_type": "simple_choice",
                            "suggested_answer_ids": [
                                (
                                    0,
                                    0,
                                    {
                                        "value": "Good",
                                        "answer_score": 10,
                                        "is_correct": True,
                                    },
                                ),
                                (0, 0, {"value": "Bad"}),
                            ],
                        },
                    )
                ],
            }
        )
        cls.round = cls.env["power.survey.round"].create(
            {
                "name": "Second quarter",
                "survey_id": cls.survey.id,
                "station_ids": [(6, 0, (cls.station | cls.station_other).ids)],
            }
        )

    def _run_job(self):
        with self.enter_registry_test_mode():
            cron = self.env.ref("power_service_tickets_survey.ir_cron_send_rounds")
            self.assertIs(cron.method_direct_trigger(), True)
        self.env.invalidate_all()

    def _send(self):
        self.round.with_user(self.users["quality"]).action_send()
        self.round._send_batch(200)
        self.env.flush_all()


@tagged("post_install", "-at_install")
class TestSurveyRound(RoundCommon):
    def test_each_customer_once_with_the_station(self):
        self._send()
        self.assertEqual(self.round._send_batch(200), 0)
        answers = self.round.answer_ids
        self.assertIn(self.customer, answers.partner_id)
        self.assertEqual(len(answers), len(answers.partner_id))
        stations = {answer.partner_id: answer.power_station_id for answer in answers}
        self.assertEqual(stations[self.customer], self.station)
        self.assertEqual(stations[self.customer_other], self.station_other)
        notices = self.env["power.notice"].search(
            [("dedup_key", "like", f"power.survey.round/{self.round.id}/")]
        )
        self.assertEqual(len(notices), len(answers))
        self.assertIn(answers[0].access_token, "".join(notices.mapped("body")))

    @mute_logger("odoo.sql_db")
    def test_the_database_refuses_a_second_one(self):
        self._send()
        first = self.round.answer_ids[0]
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.env["survey.user_input"].create(
                {
                    "survey_id": self.survey.id,
                    "partner_id": first.partner_id.id,
                    "power_round_id": self.round.id,
                }
            )

    def test_the_text_is_an_administrators_in_the_customers_language(self):
        purpose = self.env.ref(
            "power_service_tickets_survey.power_notice_purpose_survey"
        )
        self.assertEqual((purpose.subject, purpose.body), tuple(map(str, SHIPPED)))
        self.env["res.lang"]._activate_lang("zh_CN")
        purpose.with_context(lang="zh_CN").body = "问卷：{{ object.power_notice_link }}"
        self.customer.lang = "zh_CN"
        self._send()
        answer = self.round.answer_ids.filtered(
            lambda answer: answer.partner_id == self.customer
        )
        notice = self.env["power.notice"].search(
            [("partner_id", "=", self.customer.id), ("purpose_id", "=", purpose.id)]
        )
        self.assertEqual(notice.subject, self.survey.title)
        self.assertEqual(
            notice.body, f"问卷：{answer.get_base_url()}{answer.get_start_url()}"
        )

    def test_the_job_ends_the_sending(self):
        self.round.with_user(self.users["quality"]).action_send()
        self._run_job()
        self.assertEqual(self.round.state, "sent")
        with self.assertRaises(UserError):
            self.round.action_send()

    def test_counted_per_station_and_missing_is_not_nothing(self):
        self._send()
        answer = self.round.answer_ids.filtered(
            lambda answer: answer.partner_id == self.customer
        )
        question = self.survey.question_ids
        answer._save_lines(question, str(question.suggested_answer_ids[0].id))
        answer._mark_done()
        self.env.flush_all()
        rows = {
            station: values
            for station, *values in self.env["power.survey.result"]._read_group(
                [("round_id", "=", self.round.id)],
                ["station_id"],
                ["asked:sum", "answered:sum", "score:avg"],
            )
        }
        self.assertEqual(rows[self.station][1:], [1, 100])
        self.assertEqual(rows[self.station_other][1], 0)
        self.assertFalse(rows[self.station_other][2])
        result = self.env["power.survey.result"].with_user(self.users["supervisor"])
        self.assertEqual(
            result.search([("round_id", "=", self.round.id)]).station_id, self.station
        )

    def test_only_the_own_customers_of_station_and_segment(self):
        far = self.env["res.partner"].create(
            {"name": "Far away", "is_power_customer": True}
        )
        self._create_point("3300000077", far, self.area_foreign)
        segment = self.env["power.customer.segment"].create(
            {"name": "VIP", "code": "vip_test"}
        )
        self.customer_other.segment_ids = segment
        stations = self.station | self.station_other
        for vals, expected in (
            ({"station_ids": [(5,)]}, self.customer | self.customer_other),
            ({"station_ids": [(6, 0, self.station.ids)]}, self.customer),
            (
                {
                    "station_ids": [(6, 0, stations.ids)],
                    "segment_ids": [(6, 0, segment.ids)],
                },
                self.customer_other,
            ),
        ):
            with self.subTest(vals):
                this = self.round.copy(vals)
                this._send_batch(200)
                asked = this.answer_ids.partner_id
                ours = asked & (self.customer | self.customer_other | far)
                self.assertEqual(ours, expected)

    def test_who_is_no_customer_any_more_is_not_asked(self):
        gone = self.env["res.partner"].create(
            {"name": "Moved away", "grid_area_id": self.area.id}
        )
        self.assertEqual(gone.power_station_id, self.station)
        self.assertFalse(gone.is_power_customer)
        self._send()
        self.assertNotIn(gone, self.round.answer_ids.partner_id)

    def test_who_did_not_answer_has_no_score(self):
        silent = self.env["res.partner"].create(
            {"name": "Silent", "is_power_customer": True}
        )
        self._create_point("3300000078", silent)
        self._send()
        answer = self.round.answer_ids.filtered(
            lambda answer: answer.partner_id == self.customer
        )
        question = self.survey.question_ids
        answer._save_lines(question, str(question.suggested_answer_ids[0].id))
        answer._mark_done()
        self.env.flush_all()
        ((score, rate),) = self.env["power.survey.result"]._read_group(
            [("round_id", "=", self.round.id), ("station_id", "=", self.station.id)],
            [],
            ["score:avg", "response_rate:avg"],
        )
        self.assertEqual(score, 100)
        self.assertEqual(rate, 50)

    def test_third_party_is_told_apart_and_trials_are_left_out(self):
        own, theirs = self.round, self.round.copy({"is_third_party": True})
        for one in own | theirs:
            one._send_batch(200)
        trial = theirs.answer_ids[0]
        trial.test_entry = True
        self.env.flush_all()
        rows = dict(
            self.env["power.survey.result"]._read_group(
                [("round_id", "in", (own | theirs).ids)],
                ["is_third_party"],
                ["asked:sum"],
            )
        )
        self.assertEqual(
            rows,
            {False: len(own.answer_ids), True: len(theirs.answer_ids) - 1},
        )

    def test_who_answered_is_not_in_the_results(self):
        relations = {
            field.comodel_name
            for field in self.env["power.survey.result"]._fields.values()
            if field.relational and field.name not in ("create_uid", "write_uid")
        }
        self.assertEqual(
            relations,
            {"power.survey.round", "survey.survey", "res.company", "hr.department"},
        )
        self._send()
        with self.assertRaises(AccessError):
            self.round.with_user(self.users["supervisor"]).answer_ids.read(["email"])

    def test_asked_and_answered_are_counted_on_the_round(self):
        self._send()
        asked = len(self.round.answer_ids)
        self.round.answer_ids[0]._mark_done()
        self.round.invalidate_recordset()
        seen = self.round.with_user(self.users["supervisor"])
        self.assertEqual((seen.asked_count, seen.answered_count), (asked, 1))

    def test_a_closed_round_is_sent_to_nobody(self):
        self.round.with_user(self.users["quality"]).action_send()
        self.round.with_user(self.users["quality"]).action_close()
        self._run_job()
        self.assertEqual(self.round.state, "closed")
        self.assertFalse(self.round.answer_ids)
        with self.assertRaises(AccessError):
            self.round.with_user(self.users["supervisor"]).action_close()

    def test_supervisors_read_the_questionnaires_of_rounds_only(self):
        other = self.survey.copy({"title": "Of the staff canteen"})
        both = self.survey | other
        for name, expected in (
            ("supervisor", self.survey),
            ("quality", both),
            ("manager", both),
        ):
            with self.subTest(name):
                surveys = self.env["survey.survey"].with_user(self.users[name])
                found = surveys.search([("id", "in", both.ids)])
                self.assertEqual(found, expected)
        with self.assertRaises(AccessError):
            other.with_user(self.users["supervisor"]).read(["title"])

    def test_limit_and_filter(self):
        self.round.limit = 1
        self.assertEqual(self.round._send_batch(200), 1)
        self.assertEqual(self.round._send_batch(200), 0)
        with self.assertRaises(ValidationError):
            self.round.customer_domain = "[('nothing', '=', 1)]"

    def test_state_is_nobodys_to_type(self):
        with self.assertRaises(UserError):
            self.round.with_user(self.users["manager"]).state = "sent"
        with self.assertRaises(AccessError):
            self.round.with_user(self.users["supervisor"]).action_send()

    def test_queries_do_not_grow(self):
        def count(number):
            for index in range(number):
                customer = self.env["res.partner"].create(
                    {"name": f"C{index}", "is_power_customer": True}
                )
                self._create_point(f"88{customer.id:08d}", customer)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(self.round._send_batch(200), number)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        self.round._send_batch(200)
        count(1)
        one = count(1)
        self.assertLessEqual(count(50), one + 5)


@tagged("post_install", "-at_install")
class TestSurveyPage(RoundCommon, HttpCase):
    def test_the_link_opens_the_questionnaire(self):
        self._send()
        answer = self.round.answer_ids[0]
        page = self.url_open(answer.get_start_url())
        self.assertEqual(page.status_code, 200)
        self.assertIn("Satisfaction", page.text)
