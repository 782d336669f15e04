"""Requests of the demo station: of each type, at each stage, some of them late."""

from datetime import timedelta

# Type, category, channel, what about, the customer's words, hours ago, and what
# happened: milestone or kind, hours after the receipt, note.
TICKETS = [
    ("fault", "fault_lv", "hotline", "整栋楼停电", "3号楼全楼没电，别的楼有。", 1, []),
    ("fault", "fault_lv", "phone", "家中断电", "空气开关合不上。", 2, [
        ("accepted", 0.1, ""), ("arrived", 0.6, "表前线接触不良")]),
    ("fault", "fault_hv", "hotline", "变压器异响", "村口变压器冒火花。", 30, [
        ("accepted", 0.1, ""), ("arrived", 0.5, "跌落保险烧毁"),
        ("restored", 2, "已更换保险"), ("answered", 2.2, "已恢复供电并回复客户"),
        ("closed", 24, "")]),
    ("fault", "fault_internal", "phone", "热水器一开就跳闸", "怀疑是家里线路。", 50, [
        ("accepted", 0.2, ""), ("contacted", 0.5, "电话指导断开故障回路"),
        ("answered", 1, "客户侧故障，已指导处理"), ("closed", 20, "")]),
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
     "问了三次都不理。", 20, [("accepted", 1, ""), ("contacted", 4, "已致歉")]),
    ("complaint", "complaint_outage_notice", "portal", "停电没有提前通知",
     "冰柜里的货全坏了。", 26, []),
    ("complaint", "complaint_business_dunning", "city", "催费短信发错人",
     "我不是户主。", 230, [("accepted", 3, ""), ("contacted", 9, "已核实号码")]),
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
    rows = list(zip(TICKETS, points, strict=False))
    tickets = env["power.ticket"].create(
        [
            {
                "subject": subject,
                "description": words,
                "type_id": types[code].id,
                "category_id": categories[category].id,
                "channel": channel,
                "supply_point_id": point.id,
                "received_at": now - timedelta(hours=hours),
                "user_id": users[number % len(users)].id,
                "first_contact_user_id": users[number % len(users)].id,
            }
            for number, (
                (code, category, channel, subject, words, hours, _steps),
                point,
            ) in enumerate(rows)
        ]
    )
    for ticket, (row, _point) in zip(tickets, rows, strict=True):
        for what, hours, note in row[-1]:
            enter_step(ticket, what, ticket.received_at + timedelta(hours=hours), note)


def enter_step(ticket, what, at, note):
    """Enter what happened as if it had been entered at once."""
    vals = {"note": note, "recorded_at": at}
    if what == "paused":
        ticket._enter_event("paused", at, vals)
        return
    vals["milestone_id"] = ticket._get_milestone(what).id
    vals["is_public"] = what == "answered"
    ticket._enter_event("milestone", at, vals)
