"""What a station's business customers are, and what each kind uses."""

from typing import NamedTuple

AGRICULTURE = "农、林、牧、渔业"
MINING = "采矿业"
MANUFACTURING = "制造业"
UTILITIES = "电力、热力、燃气及水生产和供应业"
TRADE = "批发和零售业"
TRANSPORT = "交通运输、仓储和邮政业"
CATERING = "住宿和餐饮业"
TELECOM = "信息传输、软件和信息技术服务业"
PROPERTY = "房地产业"
WATER = "水利、环境和公共设施管理业"
REPAIR = "居民服务、修理和其他服务业"
EDUCATION = "教育"
HEALTH = "卫生和社会工作"
CULTURE = "文化、体育和娱乐业"
GOVERNMENT = "公共管理、社会保障和社会组织"


class Business(NamedTuple):
    """A kind of business customer.

    ``suffix`` follows the name of the place (or the brand), ``low`` and ``high`` are
    the usual contract capacity in kVA, ``is_personal`` says whether a person may run
    it in the own name, ``grade`` is the importance.
    """

    weight: int
    suffix: str
    industry: str
    tariff_class: str
    segments: str
    low: int
    high: int
    is_personal: bool = False
    grade: str = "none"


def _by_weight(kinds):
    return [kind for kind in kinds for _ in range(kind.weight)]


#: Low-voltage business customers.
LOW_VOLTAGE = _by_weight(
    (
        Business(14, "便民超市", TRADE, "commercial", "", 8, 30, True),
        Business(12, "小卖部", TRADE, "commercial", "", 6, 12, True),
        Business(12, "餐馆", CATERING, "commercial", "", 10, 40, True),
        Business(6, "理发店", REPAIR, "commercial", "", 6, 12, True),
        Business(5, "五金店", TRADE, "commercial", "", 6, 15, True),
        Business(4, "药店", TRADE, "commercial", "", 8, 20, True),
        Business(5, "汽修店", REPAIR, "commercial", "", 15, 50, True),
        Business(4, "快递服务站", TRANSPORT, "commercial", "", 6, 15, True),
        Business(3, "家庭旅馆", CATERING, "commercial", "", 20, 60, True),
        Business(6, "养殖场", AGRICULTURE, "agricultural", "countryside", 15, 80, True),
        Business(
            4, "家庭农场", AGRICULTURE, "agricultural", "countryside", 15, 80, True
        ),
        Business(
            4,
            "农业专业合作社",
            AGRICULTURE,
            "agricultural",
            "enterprise|countryside",
            20,
            90,
        ),
        Business(4, "排灌站", WATER, "agricultural", "countryside", 20, 90),
        Business(4, "茶叶加工厂", MANUFACTURING, "commercial", "enterprise", 30, 95),
        Business(3, "粮油加工厂", MANUFACTURING, "commercial", "enterprise", 30, 95),
        Business(3, "木材加工厂", MANUFACTURING, "commercial", "enterprise", 30, 95),
        Business(2, "加油站", TRADE, "commercial", "enterprise", 30, 80),
        Business(2, "农村信用社", GOVERNMENT, "commercial", "enterprise", 15, 40),
        Business(2, "幼儿园", EDUCATION, "residential", "school", 20, 80),
        Business(2, "敬老院", HEALTH, "residential", "vulnerable", 20, 60),
    )
)

#: Those of them that are found in a town: no farms, no mills.
LOW_VOLTAGE_TOWN = [
    kind
    for kind in LOW_VOLTAGE
    if kind.tariff_class != "agricultural" and kind.industry != MANUFACTURING
]

#: What every village has once.
VILLAGE = (
    Business(1, "村民委员会", GOVERNMENT, "commercial", "community", 10, 30),
    Business(1, "村卫生室", HEALTH, "commercial", "", 8, 20),
    Business(1, "村小学", EDUCATION, "residential", "school", 30, 95),
)

#: Owners of many small points all over the station, the last only in the country:
#: (name of the point, owner, industry, tariff class).
CHAINS = (
    ("通信基站", "通信基站服务有限公司", TELECOM, "commercial"),
    ("路灯", "市政路灯管理所", WATER, "commercial"),
    ("饮水泵房", "农村饮水安全管理站", UTILITIES, "agricultural"),
)

#: High-voltage customers with one source, as companies with a brand.
HIGH_VOLTAGE = _by_weight(
    (
        Business(
            3, "水泥制品有限公司", MANUFACTURING, "industrial", "enterprise", 315, 1250
        ),
        Business(3, "砂石有限公司", MINING, "industrial", "enterprise", 315, 1250),
        Business(
            3, "纺织有限公司", MANUFACTURING, "industrial", "enterprise", 250, 1250
        ),
        Business(
            4, "食品有限公司", MANUFACTURING, "industrial", "enterprise", 200, 1000
        ),
        Business(
            3, "木业有限公司", MANUFACTURING, "commercial", "enterprise", 160, 630
        ),
        Business(
            3, "机械有限公司", MANUFACTURING, "industrial", "enterprise", 315, 1250
        ),
        Business(
            2, "陶瓷有限公司", MANUFACTURING, "industrial", "enterprise", 315, 1250
        ),
        Business(
            2, "塑料制品有限公司", MANUFACTURING, "industrial", "enterprise", 250, 800
        ),
        Business(
            3, "冷链物流有限公司", TRANSPORT, "commercial", "enterprise", 250, 800
        ),
        Business(
            3,
            "生态养殖有限公司",
            AGRICULTURE,
            "agricultural",
            "enterprise|countryside",
            160,
            500,
        ),
        Business(2, "酒店有限公司", CATERING, "commercial", "enterprise", 250, 800),
        Business(2, "商贸城有限公司", TRADE, "commercial", "enterprise", 400, 1250),
        Business(
            3, "物业服务有限公司", PROPERTY, "residential", "community", 400, 1000
        ),
    )
)

#: High-voltage customers with two sources that are companies with a brand.
TWO_SOURCES = (
    Business(
        1,
        "化工有限公司",
        MANUFACTURING,
        "industrial",
        "enterprise",
        1250,
        8000,
        False,
        "first",
    ),
    Business(
        1,
        "矿业有限公司",
        MINING,
        "industrial",
        "enterprise",
        1000,
        5000,
        False,
        "first",
    ),
    Business(
        1,
        "电子有限公司",
        MANUFACTURING,
        "industrial",
        "enterprise",
        1000,
        6300,
        False,
        "second",
    ),
    Business(
        1,
        "制药有限公司",
        MANUFACTURING,
        "industrial",
        "enterprise",
        800,
        4000,
        False,
        "second",
    ),
    Business(
        1,
        "数据服务有限公司",
        TELECOM,
        "industrial",
        "enterprise",
        2000,
        8000,
        False,
        "second",
    ),
)

#: Two-source customers with a name of their own, the most important first. The first
#: station has those of the county, every other station those of its town.
COUNTY_IMPORTANT = (
    Business(1, "人民医院", HEALTH, "commercial", "", 1600, 3150, False, "first"),
    Business(1, "自来水厂", UTILITIES, "industrial", "", 630, 1600, False, "second"),
    Business(
        1, "应急指挥中心", GOVERNMENT, "commercial", "", 500, 1000, False, "special"
    ),
    Business(1, "体育中心", CULTURE, "commercial", "", 800, 1600, False, "temporary"),
    Business(
        1, "第一中学", EDUCATION, "residential", "school", 800, 2000, False, "second"
    ),
    Business(1, "污水处理厂", WATER, "industrial", "", 630, 1250, False, "second"),
    Business(1, "广播电视台", CULTURE, "commercial", "", 500, 1000, False, "second"),
)
TOWN_IMPORTANT = (
    Business(1, "中心卫生院", HEALTH, "commercial", "", 500, 1250, False, "first"),
    Business(1, "自来水厂", UTILITIES, "industrial", "", 500, 1000, False, "second"),
    Business(
        1, "初级中学", EDUCATION, "residential", "school", 400, 1000, False, "second"
    ),
    Business(1, "污水处理站", WATER, "industrial", "", 400, 800, False, "second"),
)
