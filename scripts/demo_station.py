"""Load a lively demo station into an empty database: generated people, places and work.

The archive comes through the bulk import, as a real station's would.
"""

import importlib.util
import random
import sys
import tempfile
from base64 import b64encode
from datetime import date, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import odoo.api
from odoo.orm.registry import Registry
from odoo.tools import config

ROOT = Path(__file__).resolve().parent.parent
BASE = ROOT / "addons" / "power_service_base"
ICON = BASE / "static" / "description" / "icon.png"
sys.path.insert(0, str(ROOT / "scripts" / "generator"))
sys.path.insert(0, str(ROOT / "scripts"))

from demo_quality import DemoQuality  # noqa: E402
from demo_times import OFFICE, ZONE, at_station  # noqa: E402
from station_generator import english_names, station  # noqa: E402
from station_generator.files import write_station  # noqa: E402

SEED = 7
CUSTOMERS = 2000
PASSWORD = "demo"
# login: group, and the employees who are it in Chinese and in English
LOGINS = {
    "staff": ("group_power_staff", "S01-005", "S01-006"),
    "field": ("group_power_field", "S01-014", "S01-015"),
    "chief": ("group_power_supervisor", "S01-001", "S01-004"),
    "quality": ("group_power_quality", "S01-003", "S01-010"),
    "manager": ("group_power_manager", "S01-002", "S01-011"),
}
# What opens after the login.
# Who begins elsewhere than the product lets them: field staff with My Work, all others
# with their tickets.
FIRST_SCREEN = {
    "chief": "power_field_task_action_board",
}
LANGUAGES = {"": "zh_CN", "_en": "en_US"}
ADVICE = "气温下降，请检查线路和插座，不私拉乱接。需要帮助请拨打所内电话。"
ARCHIVE = ("areas", "reading_units", "elements", "customers", "former_customers")
CONTACTS = [
    ("counter", "in", "咨询阶梯电价", "已讲解第二档起算电量，客户清楚。"),
    ("phone", "in", "询问本月电费", "已告知金额和缴费渠道。"),
    ("hotline", "in", "反映晚间电压偏低", "已转网格长现场测量。"),
    ("visit", "out", "走访重要客户", "检查备用电源，建议更换蓄电池。"),
    ("phone", "out", "首问回访", "客户对处理结果满意。"),
    ("wechat", "in", "申请更名过户", "一次性告知所需资料。"),
    ("visit", "out", "帮扶走访", "更换老化插座一只，免费。"),
    ("counter", "in", "办理峰谷电申请", "已受理，次日生效。"),
]
TASKS = [
    ("visit", "走访客户，征求意见"),
    ("meter_check", "核对表计示数"),
    ("inspection", "用电安全检查"),
    ("notice_delivery", "送达停电通知书"),
    ("free_repair", "为困难户检修室内线路"),
    ("repair", "处理低压线路故障"),
    ("supply_guarantee", "学校考试保电巡视"),
]


OUTLETS = [
    (
        "营业厅",
        "hall",
        "澄湾县云溪镇解放路18号",
        "周一至周日 8:30–17:30",
        "新装增容、变更用电、电费查询与缴纳、咨询投诉",
    ),
    (
        "古岭村服务点",
        "payment",
        "澄湾县云溪镇古岭村村委会",
        "周一至周五 9:00–16:00",
        "代收电费、业务代办",
    ),
]


EXTENSION_PRICE = 30
# Where prices come from: kind of source, its name in Chinese and English.
TARIFF = (
    "law",
    "省电网销售电价表（演示数据）",
    "Province's list of tariffs (demo data)",
)
PAID = ("practice", "有偿服务价目表（演示数据）", "List of paid services (demo data)")
# The members of the key-account team by what they do.
TEAM = {"account_manager": "S01-005", "inspection": "S01-007", "dispatcher": "S01-008"}


class DemoStation:
    """Builds the demo; each step needs those before it."""

    def __init__(self, env):
        context = {"tracking_disable": True, "no_reset_password": True}
        self.env = env(context=dict(env.context, lang="zh_CN", **context))
        self.random = random.Random(SEED)
        self.today = date.today()
        self.now = datetime.now().replace(microsecond=0)
        self.employees = {}
        self.station = None

    def load(self):
        self.set_company()
        self.make_people()
        self.import_archive()
        self.make_earlier_managers()
        self.make_users()
        self.make_portal_customers()
        self.make_contacts()
        self.make_field_tasks()
        self.make_notices()
        self.make_change_requests()
        self.make_openness()
        self.make_key_account_team()
        self.end_some_contracts()
        self.make_tickets()
        self.make_connections()
        DemoQuality(self).load()
        self.enter_at_once()
        self.env["power.supply.contract"]._cron_refresh_customers()
        self.send_text_messages()

    def make_tickets(self):
        # As below.
        import demo_tickets

        users = self.env["res.users"].search([("login", "=like", "staff%")])
        points = self.sample_points(len(demo_tickets.TICKETS))
        demo_tickets.make_tickets(self.env, self.now, users, points)
        demo_tickets.make_report(self.env, self.now)
        demo_tickets.make_callbacks(self.env)

    def make_connections(self):
        # It needs the addons, whose place is known only now.
        import demo_connections

        users = self.env["res.users"].search([("login", "=like", "staff%")])
        demo_connections.make_connections(self.env, self.now, users)

    def enter_at_once(self):
        """What happened in the demo's past was entered then, not while it is loaded:
        each line would say that it came late."""
        self.env.flush_all()
        tickets = self.env["power.ticket"].search([("clock_ids", "!=", False)])
        self.env.cr.execute("UPDATE power_ticket_event SET recorded_at = at")
        # Clocks that were decided on while it was thought late are counted anew.
        self.env.cr.execute(
            "DELETE FROM power_sla_clock AS clock WHERE NOT EXISTS"
            " (SELECT FROM power_sla_alert AS alert WHERE alert.clock_id = clock.id)"
        )
        self.env.invalidate_all()
        tickets._refresh_clocks()

    def set_company(self):
        yuan = self.env.ref("base.CNY")
        yuan.active = True
        self.env.company.write(
            {
                "name": "澄湾县供电公司",
                "country_id": self.env.ref("base.cn").id,
                "currency_id": yuan.id,
                "phone": "0873-6270000",
                "street": "澄湾县云溪镇解放路1号",
                "logo": b64encode(ICON.read_bytes()),
            }
        )
        # The office hours know the public holidays: promises are counted by them.
        self.env.company.resource_calendar_id = self.env.ref(
            "power_service_base.resource_calendar_office"
        )
        self.env.company.resource_calendar_id.tz = "Asia/Shanghai"
        self.env.ref("base.user_admin").write({"tz": "Asia/Shanghai"})

    def make_people(self):
        """Stations, teams and employees; English names for those who log in so."""
        records = list(station(SEED, CUSTOMERS, self.today))
        english = english_names(SEED, CUSTOMERS)["employees.csv"]
        in_english = {codes[2] for codes in LOGINS.values()}
        teams, jobs = {}, {}
        for record in records:
            kind = type(record).__name__
            if kind == "Station":
                self.station = self.make_station(record)
            elif kind == "Employee":
                team = self.get_or_make(
                    teams,
                    record.team,
                    "hr.department",
                    {"power_unit": "team", "parent_id": self.station.id},
                )
                job = self.get_or_make(jobs, record.job, "hr.job", {})
                names = english if record.code in in_english else {}
                self.employees[record.code] = self.env["hr.employee"].create(
                    {
                        "name": names.get(record.code, record.name),
                        "power_code": record.code,
                        "barcode": record.code.replace("-", ""),
                        "department_id": team.id,
                        "job_id": job.id,
                        "job_title": record.job,
                        "mobile_phone": record.mobile,
                        "work_phone": record.mobile,
                        "tz": "Asia/Shanghai",
                    }
                )
        self.station.manager_id = self.employees["S01-001"]
        for team in teams.values():
            team.manager_id = self.env["hr.employee"].search(
                [("department_id", "=", team.id)], order="power_code", limit=1
            )

    def make_station(self, record):
        return self.env["hr.department"].create(
            {
                "name": record.name,
                "power_unit": "station",
                "power_code": record.code,
                "hotline": record.hotline,
                # With its public holidays, so that promises aren't provisional.
                "duty_calendar_id": self.env.ref(
                    "power_service_base.resource_calendar_office"
                ).id,
                "supervision_phone": "0873-6270001",
                "power_address": "澄湾县云溪镇解放路18号",
            }
        )

    def get_or_make(self, known, name, model, vals):
        if name not in known:
            known[name] = self.env[model].create({"name": name, **vals})
        return known[name]

    def import_archive(self):
        """Areas, reading sections, network, customers, and who was supplied before."""
        with tempfile.TemporaryDirectory() as folder:
            write_station(folder, SEED, CUSTOMERS, self.today)
            for kind in ARCHIVE:
                path = Path(folder, f"{kind}.csv")
                done = self.env["power.import"]._import_file(kind, path)
                if done.state != "done" or done.refused_count:
                    raise SystemExit(f"{kind}: {done.message}")

    def make_users(self):
        for login, (group, *codes) in LOGINS.items():
            first = FIRST_SCREEN.get(login)
            for code, (suffix, lang) in zip(codes, LANGUAGES.items(), strict=True):
                employee = self.employees[code]
                group_id = self.env.ref(f"power_service_base.{group}").id
                user = self.env["res.users"].create(
                    {
                        # No tutorial of core's bot over the first screen of a phone.
                        "odoobot_state": "disabled",
                        "name": employee.name,
                        "action_id": first
                        and self.env.ref(f"power_service_base.{first}").id,
                        "login": login + suffix,
                        "password": PASSWORD,
                        "lang": lang,
                        "tz": "Asia/Shanghai",
                        "email": f"{login}{suffix}@example.com",
                        # What they are told is seen here: no mail leaves the demo.
                        "notification_type": "inbox",
                        "group_ids": [(4, group_id)],
                    }
                )
                employee.user_id = user

    def make_portal_customers(self):
        """A household with its point, and an organisation with several."""
        Point = self.env["power.supply.point"]
        household = Point.search([("customer_class", "=", "residential")], limit=1)
        organisation = Point.search([("customer_class", "!=", "residential")], limit=1)
        for suffix, point in zip(LANGUAGES, (household, organisation), strict=True):
            partner = point.partner_id
            partner.write({"email": f"customer{suffix}@example.com"})
            self.env["res.users"].create(
                {
                    "partner_id": partner.id,
                    "login": f"customer{suffix}",
                    "password": PASSWORD,
                    "lang": LANGUAGES[suffix],
                    "tz": "Asia/Shanghai",
                    "group_ids": [(6, 0, self.env.ref("base.group_portal").ids)],
                }
            )

    def sample_points(self, count):
        ids = self.env["power.supply.point"].search([("partner_id", "!=", False)]).ids
        return self.env["power.supply.point"].browse(self.random.sample(ids, count))

    def staff_users(self):
        return self.env["res.users"].search([("login", "in", list(LOGINS))])

    def make_contacts(self):
        users = self.staff_users()
        vals_list = []
        for point in self.sample_points(240):
            channel, direction, subject, outcome = self.random.choice(CONTACTS)
            at = self.office_time(-self.random.randrange(90))
            vals_list.append(
                {
                    "partner_id": point.partner_id.id,
                    "supply_point_id": point.id,
                    "station_id": point.station_id.id,
                    "channel": channel,
                    "direction": direction,
                    "subject": subject,
                    "outcome": outcome,
                    "contacted_at": at,
                    "user_id": self.random.choice(users).id,
                }
            )
        self.env["power.customer.contact"].create(vals_list)

    def office_time(self, days, may_come=False):
        """A moment in office hours, that many days from now; a past one is before now,
        and so is today's unless it ``may_come`` later.

        Odoo keeps UTC; the station's office is open from 8:30 to 17:30, UTC+8.
        """
        day = (self.now + timedelta(hours=8)).date() + timedelta(days=days)
        midnight = datetime.combine(day, datetime.min.time()) - timedelta(hours=8)
        at = midnight + timedelta(minutes=5 * self.random.randrange(102, 210))
        if days <= 0 and at > self.now and not may_come:
            at -= timedelta(days=1)
        return at

    def make_field_tasks(self):
        """A week's tasks: older ones mostly done, some overdue, the rest to come."""
        users = self.env["res.users"].search([("login", "=like", "field%")])
        vals_list = []
        for point in self.sample_points(70):
            kind, subject = self.random.choice(TASKS)
            due = self.office_time(self.random.randrange(-4, 4), may_come=True)
            vals_list.append(
                {
                    "kind": kind,
                    "name": subject,
                    "supply_point_id": point.id,
                    "partner_id": point.partner_id.id,
                    "user_id": self.random.choice(users).id,
                    "created_at": self.now - timedelta(days=7),
                    "due_at": due,
                }
            )
        tasks = self.env["power.field.task"].create(vals_list)
        for task in tasks.filtered(lambda task: task.due_at < self.now):
            if self.random.random() < 0.8:
                done = task.due_at - timedelta(minutes=self.random.randrange(10, 240))
                # Nobody sets out before the office opens: then it was done late.
                opens = at_station((task.due_at + ZONE).date(), OFFICE[0])
                done = max(done, opens + timedelta(hours=1))
                if done > self.now:
                    continue
                task.action_start(at=done - timedelta(minutes=50))
                task.action_arrive(at=done - timedelta(minutes=25))
                task.action_done(note="已完成，客户确认。", at=done)

    def make_notices(self):
        """Safety advice by phone and letter, half of it done; some in the portal."""
        portal = self.env["res.users"].search([("login", "=like", "customer%")])
        told = [(partner, "portal") for partner in portal.partner_id]
        for point in self.sample_points(60):
            told.append((point.partner_id, self.random.choice(["phone", "letter"])))
        notices = self.env["power.notice"]._notify(
            "general",
            [
                {
                    "partner_id": partner.id,
                    "channel": channel,
                    "subject": "迎峰度冬安全用电提示",
                    "body": f"尊敬的{partner.name}：{ADVICE}",
                    "dedup_key": f"demo/winter/{partner.id}",
                }
                for partner, channel in told
            ],
        )
        by_hand = notices.filtered(lambda notice: notice.channel != "portal")
        for notice in by_hand[: len(by_hand) // 2]:
            notice._record("sent")
            if notice.channel == "phone":
                notice._record("acknowledged")

        self.make_failed_notices()

    def make_failed_notices(self):
        """E-mails to customers who have none, and a number that is nobody's."""
        points = self.sample_points(6)
        without = points.partner_id.filtered(lambda partner: not partner.email)
        vals_list = [
            {
                "partner_id": partner.id,
                "channel": channel,
                "subject": "用电安全检查预约",
                "body": f"尊敬的{partner.name}：我所拟于下周上门检查用电安全。",
                "dedup_key": f"demo/visit/{partner.id}",
            }
            for partner, channel in zip(
                without, ("email", "phone", "email", "phone"), strict=False
            )
        ]
        notices = self.env["power.notice"]._notify("general", vals_list)
        for notice in notices.filtered(lambda notice: notice.channel == "phone"):
            notice._record("failed", reason="空号")

    def send_text_messages(self):
        """What customers were told by SMS: a provider on the loopback address takes it.

        It exists only meanwhile, so the gateway is archived: the demo sends nothing.
        """
        self.env["power.ticket"]._cron_ask_ratings()
        notices = self.env["power.notice"].search(
            [("state", "=", "queued"), ("channel", "=", "sms")]
        )
        provider = load_provider()
        provider.plan = {notices[0].address: "refuse"}
        provider.reason = "空号"
        gateway = self.env["power.message.gateway"].create(
            {
                "name": "演示短信平台",
                "url": provider.url,
                "key_id": provider.key_id,
                "secret": provider.secret,
            }
        )
        notices.send_after = self.now
        # Whatever the hour it is loaded at.
        job = type(notices)
        with patch.object(job, "_hold_for_quiet_hours", lambda notices: notices):
            notices._send()
        provider.stop()
        sent = notices.filtered(lambda notice: notice.state == "sent")
        arrived = [
            (notice._get_gateway_key(), "delivered", self.now, None, None)
            for notice in sent[: len(sent) * 3 // 4]
        ]
        notices._receive(gateway, arrived)
        gateway.active = False

    def make_change_requests(self):
        """What customers of the portal asked for: one is to be decided, one was."""
        requests = self.env["power.customer.change.request"]
        asked = ("+8613988001234", "+8613887004321")
        users = self.env["res.users"].search([("login", "=like", "customer%")])
        for user, phone in zip(users.sorted("login"), asked, strict=True):
            requests |= requests.with_user(user)._request_changes(
                user.partner_id, {"phone": phone}, reason="换了手机号"
            )
        chief = self.env["res.users"].search([("login", "=", "chief")])
        requests[-1:].with_user(chief).action_approve()

    def make_openness(self):
        """What the public pages show: the prices, and where the station is."""
        prices = self.env["power.service.price"].search([])
        for price in prices:
            source, note, english = PAID if not price.price else TARIFF
            price.write({"source": source, "source_note": note})
            price.with_context(lang="en_US").source_note = english
        prices.filtered(lambda price: not price.price).price = EXTENSION_PRICE
        prices.is_published = True
        self.env["power.service.outlet"].create(
            [
                {
                    "code": f"S01-{kind}",
                    "name": f"{self.station.name}{name}",
                    "kind": kind,
                    "station_id": self.station.id,
                    "address": address,
                    "hours": hours,
                    "phone": self.station.hotline,
                    "services": services,
                    "is_published": True,
                }
                for name, kind, address, hours, services in OUTLETS
            ]
        )

    def make_key_account_team(self):
        """One leader, three members, for the high-voltage customers."""
        customers = self.env["power.supply.point"].search(
            [("customer_class", "in", ("hv_single", "hv_dual"))]
        )
        team = self.env["power.key.account.team"].create(
            {
                "name": "大客户服务一组",
                "leader_id": self.employees["S01-001"].id,
                "phone": self.station.hotline,
                "station_id": self.station.id,
                "member_ids": [
                    (0, 0, {"role": role, "employee_id": self.employees[code].id})
                    for role, code in TEAM.items()
                ],
            }
        )
        customers.partner_id.key_account_team_id = team

    def make_earlier_managers(self):
        """Who managed the grid areas before: some changed hands in the last months."""
        found = self.env["power.responsibility"].search(
            [("role", "=", "grid_manager"), ("employee_id.department_id", "!=", False)],
            order="id",
        )
        found.write({"date_from": self.today - timedelta(days=700)})
        for number, current in enumerate(found[::3], 1):
            taken_over = self.today - timedelta(days=45 * number)
            before = found.employee_id - current.employee_id
            current.date_from = taken_over
            current.copy(
                {
                    "employee_id": before[-number].id,
                    "date_from": taken_over - timedelta(days=400),
                    "date_to": taken_over - timedelta(days=1),
                    "note": "岗位调整，移交给下一任网格长",
                }
            )

    def end_some_contracts(self):
        """Organisations whose contracts end soon: the calendar, and what to renew."""
        contracts = self.env["power.supply.contract"].search(
            [
                ("is_current", "=", True),
                ("supply_point_id.customer_class", "!=", "residential"),
            ],
            limit=24,
        )
        for contract in contracts:
            contract.date_to = self.today + timedelta(self.random.randrange(1, 60))


def load_provider():
    """The provider that the tests play, without the tests."""
    path = BASE / "tests" / "message_provider.py"
    spec = importlib.util.spec_from_file_location("message_provider", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.MessageProvider()


def main(options):
    config.parse_config(options, setup_logging=True)
    registry = Registry(config["db_name"][0])
    with registry.cursor() as cr:
        DemoStation(odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})).load()


if __name__ == "__main__":
    main(sys.argv[1:])
