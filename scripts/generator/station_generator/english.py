"""English display names for the English demo station.

A Chinese name is translated phrase by phrase (the longest first) and what is left is
written in pinyin: ``云溪供电所`` is "Yunxi Supply Station".
"""

from .names import PINYIN

PHRASES = {
    "供电所": "Supply Station",
    "澄湾县": "Chengwan County",
    "镇": "Town",
    "村": "Village",
    "集镇片区": "Town Zone",
    "乡村片区": "Country Zone",
    "偏远片区": "Remote Zone",
    "网格": "Grid",
    "变电站": "Substation",
    "线": "Line",
    "支线": "Branch",
    "号公变": "Transformer",
    "抄表段": "Reading Section",
    "高压客户抄表段": "High-Voltage Reading Section",
    "花园": "Garden",
    "家园": "Homes",
    "小区": "Estate",
    "公寓": "Apartments",
    "路": "Road",
    "街": "Street",
    "大道": "Avenue",
    "号": "No.",
    "栋": "Building",
    "单元": "Entrance",
    "室": "Room",
    "组": "Group",
    # teams and jobs
    "所部": "Station Office",
    "综合班": "Customer Desk",
    "抢修班": "Repair Team",
    "网格服务一班": "Grid Team 1",
    "网格服务二班": "Grid Team 2",
    "网格服务三班": "Grid Team 3",
    "网格服务四班": "Grid Team 4",
    "所长": "Station Chief",
    "副所长": "Deputy Chief",
    "安全质量员": "Safety and Quality Officer",
    "营业班长": "Desk Leader",
    "综合柜员": "Counter Clerk",
    "抢修班长": "Repair Leader",
    "抢修员": "Repair Technician",
    "网格班长": "Grid Team Leader",
    "网格长": "Grid Manager",
    # businesses
    "便民超市": "Convenience Store",
    "小卖部": "Corner Shop",
    "餐馆": "Restaurant",
    "理发店": "Barber",
    "五金店": "Hardware Shop",
    "药店": "Pharmacy",
    "汽修店": "Car Repair",
    "快递服务站": "Parcel Point",
    "家庭旅馆": "Guest House",
    "养殖场": "Livestock Farm",
    "家庭农场": "Family Farm",
    "农业专业合作社": "Farm Cooperative",
    "排灌站": "Irrigation Station",
    "茶叶加工厂": "Tea Factory",
    "粮油加工厂": "Grain and Oil Mill",
    "木材加工厂": "Sawmill",
    "加油站": "Petrol Station",
    "农村信用社": "Rural Credit Union",
    "幼儿园": "Kindergarten",
    "敬老院": "Home for the Elderly",
    "村民委员会": "Village Committee",
    "村卫生室": "Village Clinic",
    "村小学": "Village Primary School",
    "通信基站服务": "Mobile Mast Services",
    "通信基站": "Mobile Mast",
    "市政路灯管理所": "Street Light Office",
    "路灯": "Street Lights",
    "商行": "Trading",
    "农村饮水安全管理站": "Rural Water Office",
    "饮水泵房": "Pump House",
    "有限公司": "Co., Ltd.",
    "水泥制品": "Cement Products",
    "砂石": "Aggregates",
    "纺织": "Textiles",
    "食品": "Foods",
    "木业": "Timber",
    "机械": "Machinery",
    "陶瓷": "Ceramics",
    "塑料制品": "Plastics",
    "冷链物流": "Cold Chain Logistics",
    "生态养殖": "Livestock",
    "酒店": "Hotel",
    "商贸城": "Trade City",
    "物业服务": "Property Services",
    "化工": "Chemicals",
    "矿业": "Mining",
    "电子": "Electronics",
    "制药": "Pharmaceuticals",
    "数据服务": "Data Services",
    "人民医院": "People's Hospital",
    "自来水厂": "Water Works",
    "应急指挥中心": "Emergency Command Centre",
    "体育中心": "Sports Centre",
    "第一中学": "No. 1 Middle School",
    "污水处理厂": "Sewage Works",
    "广播电视台": "Broadcasting Station",
    "中心卫生院": "Central Clinic",
    "初级中学": "Middle School",
    "污水处理站": "Sewage Plant",
    "（": "(",
    "）": ")",
}
_LONGEST = max(map(len, PHRASES))


def english(text):
    """A Chinese name of a place, thing, post or company as an English display name.

    :return: plain ASCII
    :raise KeyError: a character that the generator never writes
    """
    words = []
    reading = ""
    at = 0
    while at < len(text):
        for length in range(min(_LONGEST, len(text) - at), 0, -1):
            phrase = PHRASES.get(text[at : at + length])
            if phrase:
                break
        char = text[at]
        if not phrase and not char.isascii():
            reading += PINYIN[char]
            at += 1
            continue
        if reading:
            words.append(reading.capitalize())
            reading = ""
        if phrase:
            words.append(phrase)
            at += length
        elif words and words[-1][-1:].isalnum() and text[at - 1].isascii():
            words[-1] += char
            at += 1
        else:
            words.append(char)
            at += 1
    if reading:
        words.append(reading.capitalize())
    return " ".join(" ".join(words).split()).replace("( ", "(").replace(" )", ")")


def english_person(name):
    """A person's name in pinyin, surname first: ``王建国`` is "Wang Jianguo"."""
    cut = 2 if name.startswith("欧阳") else 1
    return " ".join(
        "".join(PINYIN[char] for char in part).capitalize()
        for part in (name[:cut], name[cut:])
        if part
    )
