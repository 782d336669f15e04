"""Requests of the demo station: of each type, at each stage, some of them late."""

from datetime import time, timedelta
from itertools import cycle

from demo_times import move_on, plan

# What is repaired at any hour; the others call by day.
BY_NIGHT = ("fault",)
# When customers are called back.
CALLS = (time(9), time(11, 30))
# Type, category, channel, what about, the customer's words, hours ago, and what
# happened: milestone or kind, hours after the receipt, note.
TICKETS = [
    ("fault", "fault_lv", "hotline", "整栋楼停电", "3号楼全楼没电，别的楼有。", 1, [
        ("accepted", 0.1, ""), ("crew", 0.2, "")]),
    ("fault", "fault_lv", "phone", "家中断电", "空气开关合不上。", 2, [
        ("accepted", 0.1, ""), ("crew", 0.2, ""), ("crew_started", 0.3, ""),
        ("crew_arrived", 0.6, "表前线接触不良")]),
    ("fault", "fault_lv", "wechat", "楼道电表箱冒烟", "有焦味，邻居都不敢靠近。", 1.5, [
        ("accepted", 0.05, ""), ("crew", 0.1, ""), ("crew_started", 0.15, ""),
        ("crew_arrived", 0.4, ""), ("crew_done", 1.2, "更换接线端子，测温正常"),
        ("answered", 1.3, "已恢复供电并当面告知"), ("closed", 1.5, "")]),
    ("fault", "fault_hv", "hotline", "变压器异响", "村口变压器冒火花。", 30, [
        ("accepted", 0.1, ""), ("arrived", 0.5, "跌落保险烧毁"),
        ("restored", 2, "已更换保险"), ("answered", 2.2, "已恢复供电并回复客户"),
        ("closed", 24, "")]),
    ("fault", "fault_internal", "phone", "热水器一开就跳闸", "怀疑是家里线路。", 50, [
        ("accepted", 0.2, ""), ("contacted", 0.5, "电话指导断开故障回路"),
        ("restored", 0.6, "断开热水器回路后恢复供电，无需到场"),
        ("answered", 1, "客户侧故障，已指导处理")]),
    ("enquiry", "enquiry_bill", "counter", "电费比上月多一倍", "想知道怎么算的。", 5, [
        ("accepted", 0.1, "")]),
    ("enquiry", "enquiry_price", "portal", "峰谷电价怎么申请", "我家晚上用电多。", 28, [
        ("accepted", 3, ""), ("answered", 20, "已告知办理条件和所需资料")]),
    ("enquiry", "enquiry_outage", "hotline", "明天停不停电", "听说要检修。", 70, [
        ("answered", 0.2, "已告知计划停电时间"), ("closed", 0.5, "")]),
    ("service", "service_meter_test", "counter", "申请校验电表", "觉得电表快。", 60, [
        ("accepted", 1, "")]),
    ("service", "service_reading", "phone", "抄表示数不对", "表与账单不一致。", 90, [
        ("accepted", 2, ""), ("paused", 20, "等客户提供表计照片")]),
    ("service", "service_damage", "hotline", "电压突升烧坏电视", "三家都坏了。", 44, [
        ("accepted", 0.5, ""), ("arrived", 10, "已到现场拍照取证")]),
    ("service", "service_reconnect", "portal", "已缴清欠费请复电", "已网上缴清。", 40, [
        ("accepted", 0.5, ""), ("restored", 6, "已复电"),
        ("answered", 6.5, "已告知客户"), ("closed", 8, "")]),
    ("complaint", "complaint_service_attitude", "hotline", "营业厅人员态度生硬",
     "问了三次都不理。", 44, [("accepted", 1, ""), ("contacted", 4, "已致歉"),
        ("reply", 20, "情况属实，已批评教育当事人并专人为您办理，向您致歉。")]),
    ("complaint", "complaint_outage_notice", "portal", "停电没有提前通知",
     "冰柜里的货全坏了。", 26, []),
    ("complaint", "complaint_business_dunning", "city", "催费短信发错人",
     "我不是户主。", 230, [("accepted", 3, ""), ("contacted", 9, "已核实号码")]),
    ("complaint", "complaint_business_price", "city", "合表户电价偏高",
     "物业收一块一度。", 148, [("accepted", 1, ""), ("contacted", 3, "已约物业核对")]),
    ("complaint", "complaint_quality_voltage", "hotline", "晚上电压低空调不启动",
     "七点就这样。", 400, [("accepted", 2, ""), ("contacted", 40, "约定测量")]),
    ("opinion", "opinion_service", "wechat", "希望周末延长营业", "上班不便。", 33, [
        ("accepted", 2, "")]),
    ("suggestion", "suggestion_business", "portal", "建议账单显示每日用电", "", 80, [
        ("accepted", 3, "")]),
    ("praise", "praise_service", "phone", "表扬抢修师傅", "半小时修好，谢谢！", 100, [
        ("answered", 20, "已转达并致谢"), ("closed", 21, "")]),
]  # fmt: skip


def make_tickets(env, now, users, points):
    """Make the tickets of the list, each as far as it says.

    :param env: Odoo environment of the superuser
    :param now: naive UTC
    :param users: staff who handle them, by turns
    :param points: supply points with a customer, one for each ticket
    """
    types = {record.code: record for record in env["power.ticket.type"].search([])}
    categories = {
        record.code: record for record in env["power.ticket.category"].search([])
    }
    own = cycle(find_portal_points(env))
    rows = [
        (
            row,
            next(own) if row[2] == "portal" else point,
            *plan(now, row[5], row[6], row[0] in BY_NIGHT),
        )
        for row, point in zip(TICKETS, points, strict=False)
    ]
    tickets = env["power.ticket"].create(
        [
            {
                "subject": subject,
                "description": words,
                "type_id": types[code].id,
                "category_id": categories[category].id,
                "channel": channel,
                "supply_point_id": point.id,
                "received_at": received,
                "user_id": users[number % len(users)].id,
                "first_contact_user_id": users[number % len(users)].id,
            }
            for number, (
                (code, category, channel, subject, words, *_rest),
                point,
                received,
                _steps,
            ) in enumerate(rows)
        ]
    )
    for ticket, (*_row, steps) in zip(tickets, rows, strict=True):
        for what, at, note in steps:
            enter_step(ticket.with_user(ticket.user_id), what, at, note)
    return tickets


def make_report(env, now):
    """A report of wrongdoing: quality staff alone see it; nobody gave a name."""
    types, categories = env["power.ticket.type"], env["power.ticket.category"]
    received, _steps = plan(now, 52, [], False)
    return env["power.ticket"].create(
        {
            "subject": "反映抄表员收受烟酒",
            "description": "去年底给他送过两条烟，之后电费才没有再估抄。",
            "type_id": types.search([("code", "=", "report")]).id,
            "category_id": categories.search([("code", "=", "report_gain")]).id,
            "channel": "hotline",
            "is_anonymous": True,
            "received_at": received,
        }
    )


def find_portal_points(env):
    """A point of each customer who logs in: what they ask for comes from them."""
    customers = env["res.users"].search([("login", "=like", "customer%")])
    points = env["power.supply.point"].search(
        [("partner_id", "in", customers.partner_id.ids)]
    )
    return [
        points.filtered(lambda point, c=customer: point.partner_id == c.partner_id)[0]
        for customer in customers.sorted("login")
    ]


def enter_step(ticket, what, at, note):
    """Enter what happened as if it had been entered at once."""
    vals = {"note": note, "recorded_at": at}
    if what == "paused":
        ticket._enter_event("paused", at, vals)
    elif what == "reply":
        ticket.submit_reply(note)
    elif what == "crew":
        send_crew(ticket, at)
    elif what.startswith("crew_"):
        report_work(ticket, what, at, note)
    else:
        if what == "closed":
            call_back(ticket)
        vals["milestone_id"] = ticket._get_milestone(what).id
        vals["is_public"] = what == "answered"
        ticket._enter_event("milestone", at, vals)


def send_crew(ticket, at):
    """Somebody of the crew goes, who speaks the language of the one who sends."""
    login = "field_en" if ticket.user_id.login.endswith("_en") else "field"
    user = ticket.env["res.users"].sudo().search([("login", "=", login)])
    ticket.send_crew(user_id=user.id)
    get_tasks(ticket).created_at = at


def get_tasks(ticket):
    return (
        ticket.env["power.field.task"]
        .sudo()
        .search([("res_model", "=", ticket._name), ("res_id", "=", ticket.id)])
    )


def report_work(ticket, what, at, note):
    for task in get_tasks(ticket):
        crew = task.with_user(task.user_id)
        if what == "crew_started":
            crew.action_start(at=at)
        elif what == "crew_arrived":
            crew.action_arrive(at=at)
        else:
            crew.action_done(note=note, at=at)


def get_call_time(answered):
    return move_on(answered + timedelta(hours=2), CALLS)


def call_back(ticket):
    """Whoever closes a ticket has called the customer, where that has to be."""
    ticket.sudo()._plan_missing_callbacks()
    calls = ticket.sudo().callback_ids.filtered(lambda call: call.state == "open")
    for callback in calls:
        at = get_call_time(callback.answered_at)
        if at > callback.env.cr.now():  # answered just now, at any hour of the day
            callback._end("not_wanted", "refused", {})
        else:
            callback.register_attempt(
                "reached", satisfaction="satisfied", note="客户表示满意", at=at
            )


def make_callbacks(env):
    """Those that wait; who was called back is told when a ticket is closed."""
    # The job's work, which comes too late for what follows.
    env["power.ticket"].search(
        [("answered_at", "!=", False), ("type_id.needs_callback", "=", True)]
    )._plan_missing_callbacks()
