"""The demo station's service quality: duty, journals, inspections, campaigns, cases,
rectifications, meetings, claims. Called by demo_station.py, after people and customers.
"""

from base64 import b64decode
from datetime import datetime, time, timedelta

from demo_tickets import call_back

# A grey picture of one pixel: stands for a photo.
PHOTO = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mOsr6//DwAFiQKUr3b2kAAA"
    "AABJRU5ErkJggg=="
)
CASES = [
    (
        "停电通知未送达引发投诉",
        "case",
        "停电 通知 老人 微信",
        "某村检修停电前仅在微信群发布通知，两户老人没有智能手机，停电时家中冰柜存放的货物受损，拨打95598投诉。",
        "客户经济损失约三百元，当月产生一件属实投诉。",
        "停电通知渠道单一，没有核对是否送达；特殊困难客户名单未维护。",
        "当日上门致歉并核实损失，第二个工作日答复客户；补登记联系方式和家属电话。",
        "对特殊困难客户逐户上门送达停电通知并签收；计划停电提前7天，重要客户单独通知。",
    ),
    (
        "台区末端低电压反复报修",
        "case",
        "低电压 空调 迎峰度夏",
        "夏季用电高峰期间，台区末端客户空调无法启动，一个月内三次报修，均为临时调整档位，未根治。",
        "客户第三次来电要求投诉，影响十二户。",
        "台区供电半径过长，配变重过载；前两次处理未登记原因，没有转为整改。",
        "测量末端电压190伏，临时增加移动调压装置，两周内完成台区分装改造。",
        "迎峰度夏前普查低电压和重过载台区，列出清单，限期改造；同一事项两次来电即转整改。",
    ),
    (
        "抄表差错多计电费",
        "case",
        "抄表 电费 差错 退费",
        "抄表员估抄，致使客户当月电费比上月高出三倍，客户到营业厅反映后被要求自行核对。",
        "客户往返两次，产生服务态度投诉。",
        "抄表未到位；营业厅违反首问负责制。",
        "现场核对表计示数，次日退还多计电费，责任人当面道歉。",
        "异常电量自动复核后再发行；窗口人员落实首问负责制，代客户联系核实。",
    ),
    (
        "居民更名过户办理要点",
        "knowledge",
        "过户 更名 资料",
        "",
        "",
        "",
        "一、客户提供身份证、房产证明；二、结清电费；三、系统发起更名流程；四、签订新供用电合同，当日生效。",
        "一次性告知所需资料，资料不全的发放告知书。",
    ),
    (
        "居民峰谷电价办理要点",
        "knowledge",
        "峰谷 电价 分时",
        "",
        "",
        "",
        "一、核对户号；二、讲解峰谷时段和电价；三、登记执行日期，次日生效。",
        "办理前与客户一起对比近三个月用电。",
    ),
]
RECTIFICATIONS = [
    (
        "营业厅服务承诺公示牌内容过期",
        "更换公示牌并核对电价表",
        "slight",
        -12,
        "verified",
    ),
    ("抢修车辆备品不足", "补齐熔断器和工器具，建立交接清单", "general", -9, "open"),
    ("首问负责制执行不到位", "组织窗口培训并抽查录音", "general", -5, "done"),
    ("台区负荷普查记录不全", "补录三个台区夏季负荷", "slight", -2, "returned"),
    ("停电通知未逐户送达", "建立特殊客户送达签收簿", "major", 1, "open"),
    ("档案客户电话缺失", "网格员逐户补采联系电话", "general", 6, "open"),
    ("营业厅无障碍坡道破损", "联系施工单位修复", "slight", 12, "draft"),
]
JOURNALS = [
    ("巡视古岭线三个台区，处理熔断器一只。", "hot", "多户询问峰谷电价何时执行。"),
    (
        "走访重要客户两家，检查备用电源。",
        "hard",
        "学校宿舍末端电压偏低，需要台区改造。",
    ),
    ("营业厅受理业务二十六笔，解释电费五人次。", "hot", "老人反映线上缴费不会操作。"),
    ("核表八只，现场纠正错误户号一处。", "hard", "共用表箱锁具损坏，产权争议未定。"),
    (
        "协助敷设低压电缆，清理树障两处。",
        "hard",
        "果园树木距导线过近，户主不同意修剪。",
    ),
]
CLAIMS = [
    (
        "电压突升损坏冰箱和电视机",
        [("电冰箱", 1600, 900), ("电视机", 2200, 0)],
        "decided",
    ),
    ("零线断线烧坏热水器", [("电热水器", 980, 700)], "paid"),
    ("雷雨后空调不启动", [("空调器", 2600, 0)], "submitted"),
]
MINUTES = (
    "<p>通报上月服务工单、投诉分析和整改完成情况。</p>"
    "<p>各班组汇报难点问题，所长强调停电通知逐户送达和首问负责制。</p>"
)


class DemoQuality:
    """Fills the screens of service quality; ``demo`` is the station made before."""

    def __init__(self, demo):
        self.demo = demo
        self.env = demo.env
        self.random = demo.random
        self.station = demo.station
        self.people = list(demo.employees.values())
        self.chief = demo.employees["S01-001"]
        self.today = self.env["power.duty.shift"]._get_company_today()

    def load(self):
        self.make_duty()
        self.make_cases()
        self.make_rectifications()
        self.make_journals()
        self.make_inspections()
        self.make_campaigns()
        self.make_claims()
        self.make_meetings()
        self.make_bulletins()

    def date_back(self, records, **moments):
        """Put what buttons enter as "now" on the day it would have happened."""
        for record in records:
            known = {name: at for name, at in moments.items() if record[name]}
            record._move(known)

    def date_ticket_back(self, ticket, first, **moments):
        """As above, of a ticket and its history: its milestones, and what else was
        done on it at first."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE power_ticket_event SET at = %s WHERE ticket_id = %s",
            [first, ticket.id],
        )
        for code, at in moments.items():
            self.env.cr.execute(
                "UPDATE power_ticket_event AS event SET at = %s"
                " FROM power_ticket_milestone AS milestone"
                " WHERE milestone.id = event.milestone_id AND milestone.code = %s"
                " AND event.ticket_id = %s",
                [at, code, ticket.id],
            )
        self.env.invalidate_all()
        times = {"received": first, "accepted": first, **moments}
        ticket.sudo()._project_write(
            {
                f"{code}_at": at
                for code, at in times.items()
                if f"{code}_at" in ticket._fields and ticket[f"{code}_at"]
            }
        )

    def day(self, days):
        return self.today + timedelta(days=days)

    def at(self, days, hour):
        """An hour of a day at the station, in UTC."""
        return datetime.combine(self.day(days), time(hour)) - timedelta(hours=8)

    def as_user(self, login):
        return self.env["res.users"].search([("login", "=", login)], limit=1)

    def make_duty(self):
        """Two weeks behind and ahead; some hours nobody covers, one on duty twice."""
        officers, crew, leaders = self.people[3:9], self.people[10:16], self.people[:3]
        vals_list = []
        for number in range(-14, 11):
            for role, people, hours in (
                ("officer", officers, 12),
                ("repair", crew, 24),
                ("leader", leaders, 24),
            ):
                for turn in range(24 // hours):
                    if role == "officer" and number in (3, 8) and turn:
                        continue
                    start = self.at(number, 8) + timedelta(hours=hours * turn)
                    vals_list.append(
                        {
                            "station_id": self.station.id,
                            "employee_id": people[(number + turn) % len(people)].id,
                            "role": role,
                            "start_at": start,
                            "end_at": start + timedelta(hours=hours),
                        }
                    )
        vals_list.append(
            {
                "station_id": self.station.id,
                "employee_id": crew[2].id,
                "role": "counter",
                "start_at": self.at(2, 9),
                "end_at": self.at(2, 17),
            }
        )
        shifts = self.env["power.duty.shift"].create(vals_list)
        over = shifts.filtered(lambda s: s.end_at < self.env.cr.now() and s.hours <= 24)
        for shift in over[-12:]:
            shift._hand_over(
                self.random.choice(
                    ["无未完事项，钥匙和车辆已交接。", "古岭线跳闸已恢复，待查原因。"]
                ),
                shift.end_at,
            )

    def make_cases(self):
        cases = self.env["power.case"].create(
            [
                {
                    "name": name,
                    "kind": kind,
                    "keywords": keywords,
                    "background": background,
                    "impact": impact,
                    "root_cause": cause,
                    "handling": handling,
                    "advice": advice,
                    "station_id": self.station.id,
                }
                for name, kind, keywords, background, impact, cause, *rest in CASES
                for handling, advice in [rest]
            ]
        )
        cases.with_user(self.as_user("quality")).sudo().action_publish()
        for number, case in enumerate(cases):
            self.date_back(case, published_at=self.at(-7 * number - 2, 10))

    def make_rectifications(self):
        field = self.as_user("field")
        for name, measure, severity, days, state in RECTIFICATIONS:
            owner = self.random.choice(self.people[4:16])
            record = self.env["power.rectification"].create(
                {
                    "name": name,
                    "measure": measure,
                    "severity": severity,
                    "owner_id": owner.id,
                    "due_date": self.day(days),
                    "station_id": self.station.id,
                    "cause": "日常管理不细，检查督促不到位。",
                }
            )
            if state == "draft":
                continue
            record._add_proof("整改前.png", PHOTO, "image/png", "before_ids")
            record.action_open()
            if state == "open":
                continue
            record._add_proof("整改后.png", PHOTO + b" ", "image/png")
            record.with_user(field).sudo().action_submit("已按措施完成。")
            judge = record.with_user(self.as_user("quality")).sudo()
            if state == "verified":
                judge.action_verify()
            elif state == "returned":
                judge.action_send_back("照片不能说明已完成，请补充。")
            self.date_back(
                record,
                submitted_at=self.at(days - 1, 16),
                verified_at=self.at(days, 10),
            )

    def make_journals(self):
        chief = self.as_user("chief")
        for number, (summary, kind, text) in enumerate(JOURNALS * 4):
            employee = self.people[4 + number % 8]
            journal = self.env["power.work.journal"].create(
                {
                    "employee_id": employee.id,
                    "date": self.day(-(number // 4) - 1),
                    "summary": summary,
                    "line_ids": [
                        (
                            0,
                            0,
                            {
                                "kind": kind,
                                "text": text,
                                "solve_by": kind == "hard"
                                and self.day(self.random.randrange(-3, 9)),
                            },
                        )
                    ],
                }
            )
            if number % 4:
                user = employee.user_id or self.as_user("staff")
                journal.with_user(user).sudo().action_sign()
            if number % 4 > 1 and employee.user_id != chief:
                journal.with_user(chief).sudo().action_countersign()
            day = -(number // 4) - 1
            self.date_back(
                journal,
                signed_at=self.at(day, 17),
                countersigned_at=self.at(day, 18),
            )

    def make_inspections(self):
        """Of each kind one done, one under way and one planned."""
        lists = self.env["power.inspection.checklist"].search([])
        for number, checklist in enumerate(lists):
            point = self.demo.sample_points(1)
            for days, state in ((-6, "done"), (-1, "running"), (4, "draft")):
                inspection = self.env["power.inspection"].create(
                    {
                        "name": f"{checklist.name}检查",
                        "kind": checklist.kind,
                        "checklist_id": checklist.id,
                        "inspector_id": self.people[13 + number % 2].id,
                        "team_id": self.people[6].department_id.id,
                        "planned_date": self.day(days),
                        "station_id": self.station.id,
                        "place": "云溪镇营业厅" if checklist.kind == "walk" else False,
                        "supply_point_id": checklist.kind == "use" and point.id,
                    }
                )
                if state != "draft":
                    self.inspect(inspection, state == "done")
                    self.date_back(
                        inspection,
                        started_at=self.at(days, 9),
                        done_at=self.at(days, 11),
                    )

    def inspect(self, inspection, is_done):
        inspector = inspection.inspector_id.user_id or self.as_user("field")
        inspection = inspection.with_user(inspector).sudo()
        inspection.action_start()
        first, second, *others = inspection.line_ids
        for line in others if is_done else others[:2]:
            line.action_right()
        finding = self.env["power.inspection.finding"].browse(
            first.action_wrong()["res_id"]
        )
        finding.write(
            {
                "handling": "dated",
                "owner_id": self.random.choice(self.people[4:12]).id,
                "due_date": self.day(5),
                "measure": "限期整改并拍照",
                "description": "现场检查发现。",
            }
        )
        finding._add_proof("问题照片.png", PHOTO + b"\n", "image/png", "before_ids")
        if is_done:
            second.action_right()
            if inspection.kind == "use":
                inspection.write(
                    {"notice": "hazard", "notice_text": "七日内更换老化线路。"}
                )
            inspection.conclusion = "总体良好，问题已列入整改。"
            inspection.action_done()

    def make_campaigns(self):
        for kind, name, first, days, measures in (
            ("self_check", "供电服务自查自纠", -20, 48, ["problems"]),
            ("publicity", "秋收安全用电宣传", -12, 24, ["people", "leaflets"]),
            ("winter_help", "冬季暖心帮扶", -4, 30, ["households", "visits"]),
        ):
            campaign = self.env["power.campaign"].create(
                {
                    "name": name,
                    "kind": kind,
                    "owner_id": self.people[2].id,
                    "date_from": self.day(first),
                    "date_to": self.day(first + days),
                    "station_id": self.station.id,
                    "goal": "找准问题、落实责任、客户满意。",
                    "target_ids": [
                        (0, 0, {"measure": measure, "target": 300})
                        for measure in measures
                    ],
                }
            )
            campaign.action_start()
            phase = campaign.phase_ids[0]
            phase.result = "召开动员会，方案下发到各班组。"
            phase.with_user(self.as_user("chief")).sudo().action_done()
            self.date_back(phase, done_at=self.at(first + 1, 10))
            self.env["power.campaign.count"].create(
                [
                    {
                        "campaign_id": campaign.id,
                        "date": self.day(-number),
                        "measure": measure,
                        "quantity": self.random.randrange(8, 60),
                        "place": self.random.choice(
                            ["古岭村", "云溪镇集市", "中心小学"]
                        ),
                        "employee_id": self.random.choice(self.people[4:12]).id,
                    }
                    for number in range(4)
                    for measure in measures
                ]
            )

    def make_claims(self):
        chief, quality = self.as_user("chief"), self.as_user("quality")
        for name, lines, state in CLAIMS:
            # What was reported yesterday may wait for its check, and for its answer
            # what was reported this week.
            waiting = {"submitted": -1, "decided": -4}
            day = waiting.get(state) or -self.random.randrange(3, 20)
            point = self.demo.sample_points(1)
            claim = self.env["power.claim"].create(
                {
                    "name": name,
                    "partner_id": point.partner_id.id,
                    "supply_point_id": point.id,
                    "station_id": self.station.id,
                    "happened_at": self.at(day, 15),
                    "reported_at": self.at(day, 18),
                    "cause": "客户陈述：当晚电灯突然变亮，随后家电停止工作。",
                    "line_ids": [
                        (0, 0, {"name": thing, "amount_claimed": asked})
                        for thing, asked, _approved in lines
                    ],
                }
            )
            claim = claim.with_user(self.as_user("staff")).sudo()
            claim.action_submit()
            self.date_back(claim, submitted_at=self.at(day, 19))
            if state == "submitted":
                self.date_ticket_back(claim.check_ticket_id, self.at(day, 18))
                continue
            ticket = claim.check_ticket_id.with_user(self.as_user("staff"))
            claim.check_note = "现场核查：中性线接头烧断，电压记录异常。"
            claim.action_check()
            for line, (_thing, _asked, approved) in zip(
                claim.line_ids, lines, strict=True
            ):
                line.amount_approved = approved
            claim.write(
                {"responsibility": "supplier", "decision": "供电设施故障，按折旧赔偿。"}
            )
            claim.with_user(chief).sudo().action_decide()
            if state == "paid":
                judge = claim.with_user(quality).sudo()
                judge.action_approve()
                claim._add_proof("付款收据.png", PHOTO + b"  ", "image/png")
                judge.action_pay()
                ticket.answer(
                    "已核实为供电设施故障，热水器按折旧赔偿700元，款项已支付。"
                )
                call_back(ticket)
                ticket.close()
            self.date_back(
                claim,
                checked_at=self.at(day + 1, 10),
                decided_at=self.at(day + 2, 15),
                approved_at=self.at(day + 2, 16),
            )
            self.date_ticket_back(
                claim.check_ticket_id,
                self.at(day, 18),
                arrived=self.at(day + 1, 10),
                answered=self.at(day + 2, 17),
                closed=self.at(day + 3, 9),
            )

    def find_workday(self, days):
        """So many days from today, or the Monday after."""
        weekday = (self.today + timedelta(days)).weekday()
        return days + max(7 - weekday, 0) if weekday > 4 else days

    def make_meetings(self):
        first = self.today.replace(day=1)
        held = (first - timedelta(days=1)).replace(day=1)
        for month, is_held in ((held - timedelta(days=1), True), (held, False)):
            meeting = self.env["power.service.meeting"].create(
                {
                    "month": month.replace(day=1),
                    "station_id": self.station.id,
                    "chair_id": self.chief.id,
                    "attendee_ids": [person.id for person in self.people[:8]],
                    "place": "所部会议室",
                    "minutes": MINUTES if is_held else False,
                    "planned_at": self.at(self.find_workday(-18 if is_held else 2), 9),
                    "decision_ids": is_held
                    and [
                        (
                            0,
                            0,
                            {
                                "name": "建立停电通知送达签收簿",
                                "owner_id": self.people[5].id,
                                "due_date": self.day(10),
                            },
                        ),
                        (0, 0, {"name": "通报表扬首问负责制执行好的班组"}),
                    ],
                }
            )
            meeting.with_user(self.as_user("chief")).sudo().action_prepare()
            self.date_back(meeting, figures_at=self.at(-19 if is_held else -1, 16))
            if is_held:
                meeting.held_at = self.at(self.find_workday(-18), 9)
                meeting.action_hold()

    def make_bulletins(self):
        """Last week's for who watches the quality, and who gets them by mail."""
        for login in ("chief", "quality", "chief_en", "quality_en"):
            user = self.as_user(login)
            self.env["power.complaint.subscription"].create({"user_id": user.id})
            self.env["power.complaint.bulletin"].create(
                [
                    {"user_id": user.id, "kind": kind, "date_from": self.day(days)}
                    for kind, days in (("weekly", -7), ("monthly", 0))
                ]
            )
