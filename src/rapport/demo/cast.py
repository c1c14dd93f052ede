"""The people of the demo: an invented sports shop with three stores, its staff and its customers."""

import re

import msgspec

from rapport.features.organization.types import NewMember
from rapport.kernel.actor import Role

CORP_NAME, SHORT_NAME = "云杉运动有限公司", "云杉"
PASSWORD = "yunshan-2026"  # noqa: S105  shown on the demo's own sign-in page
OWNER, GUIDE, FORMER, SUSPENDED, INVITED = "linyue", "xiaoming", "heqian", "zhaolei", "fangfang"
CONSUMER_PHONE = "+8613900000101"


class Store(msgspec.Struct, frozen=True):
    """A shop that consumers know."""

    name: str
    address: str
    hours: str


SQUARE = Store("云杉运动 · 人民广场店", "上海市黄浦区西藏中路 268 号 3 层", "10:00–22:00")
CORNER = Store("云杉运动 · 五角场店", "上海市杨浦区淞沪路 77 号 2 层", "10:00–22:00")
WEST = Store("云杉运动 · 徐家汇店", "上海市徐汇区虹桥路 1 号 5 层", "10:00–21:30")

# Name and parent by name; the corp itself is the root.
DEPARTMENTS: list[tuple[str, str | None]] = [
    ("零售部", None),
    ("总部", None),
    ("人民广场店", "零售部"),
    ("五角场店", "零售部"),
    ("徐家汇店", "零售部"),
    ("运营部", "总部"),
    ("客服部", "总部"),
    ("信息技术部", "总部"),
]


class Employee(msgspec.Struct, frozen=True, kw_only=True):
    """A member before the departments have ids."""

    userid: str
    name: str
    department: str
    post: str
    phone: str
    alias: str | None = None
    role: Role = "member"
    store: Store | None = None
    introduction: str | None = None
    verified: bool = True
    serves: bool = True

    def new_member(self, departments: tuple[int, ...]) -> NewMember:
        """Return what organization creates."""
        return NewMember(
            userid=self.userid,
            name=self.name,
            phone=self.phone,
            alias=self.alias,
            post=self.post,
            store_name=self.store.name if self.store else None,
            store_address=self.store.address if self.store else None,
            hours=self.store.hours if self.store else None,
            introduction=self.introduction,
            departments=departments,
            role=self.role,
            serves_customers=self.serves,
        )


EMPLOYEES = [
    Employee(
        userid=OWNER, name="林越", department="总部", post="总经理", phone="+8613900000001", role="owner", serves=False
    ),
    Employee(
        userid="zhouqi",
        name="周琪",
        department="信息技术部",
        post="系统管理员",
        phone="+8613900000002",
        role="admin",
        serves=False,
    ),
    Employee(
        userid=GUIDE,
        name="陈晓明",
        alias="小明",
        department="人民广场店",
        post="运动馆导购",
        phone="+8613900000003",
        store=SQUARE,
        introduction="跑步十年，三次全马。选鞋、搭配、训练计划都可以问我，周一休息，其余时间一般十分钟内回复。",
    ),
    Employee(
        userid="wangzhuang",
        name="王大壮",
        department="人民广场店",
        post="店长",
        phone="+8613900000004",
        store=SQUARE,
        introduction="人民广场店店长，退换货和大宗订购请找我。",
    ),
    Employee(
        userid="xiaohong",
        name="李晓红",
        alias="小红",
        department="人民广场店",
        post="瑜伽与女子训练顾问",
        phone="+8613900000005",
        store=SQUARE,
        introduction="瑜伽教练证，擅长体态与女子训练装备。",
    ),
    Employee(
        userid="anran",
        name="安然",
        department="五角场店",
        post="户外装备导购",
        phone="+8613900000006",
        store=CORNER,
        introduction="徒步、露营、越野跑。周末常在莫干山。",
    ),
    Employee(userid="liuyang", name="刘洋", department="五角场店", post="店长", phone="+8613900000007", store=CORNER),
    Employee(
        userid="sunmei", name="孙梅", department="五角场店", post="童鞋顾问", phone="+8613900000008", store=CORNER
    ),
    Employee(
        userid="emily",
        name="Emily Chen",
        department="徐家汇店",
        post="Tennis & running advisor",
        phone="+8613900000009",
        store=WEST,
        introduction="Happy to help in English or Chinese. 网球拍穿线每周三、六。",
    ),
    Employee(userid="gaofeng", name="高峰", department="徐家汇店", post="店长", phone="+8613900000010", store=WEST),
    Employee(userid="tangyi", name="唐一", department="运营部", post="会员运营", phone="+8613900000011"),
    Employee(userid="wenjing", name="文静", department="客服部", post="售后客服", phone="+8613900000012"),
    Employee(userid=FORMER, name="何倩", department="徐家汇店", post="导购", phone="+8613900000013", store=WEST),
    Employee(userid=SUSPENDED, name="赵磊", department="五角场店", post="导购", phone="+8613900000014", store=CORNER),
    Employee(
        userid=INVITED,
        name="方芳",
        department="人民广场店",
        post="实习导购",
        phone="+8613900000015",
        store=SQUARE,
        verified=False,
    ),
]

# Customers without a talk of their own, by the guide whom they met; names are apart by two spaces.
GUESTS: dict[str, str] = {
    GUIDE: """
        阿May  李先生  Sunny  周周  爱跑步的橘子  陈阿姨  Kevin Zhao  小鹿  吴同学  木木爸爸  一叶知秋  Grace  老徐
        夜跑团 阿杰  徐女士  蒋小姐  大鹏  Luna  郑老师  海盐汽水  钱先生  冯冯  Tony  何太太  小雨点  马拉松老王
    """,
    "xiaohong": "沈小姐  芊芊  瑜伽小白  杨女士  阿青",
    "anran": "山野  老驴  露营新手  孟先生",
    "sunmei": "果果妈妈  双胞胎爸爸",
    "emily": "Mike Turner  Anna  网球少年",
    "wangzhuang": "秦先生  彭主任",
    FORMER: "曹小姐  许先生",
    "gaofeng": "安安",
}


def list_guests() -> list[tuple[str, str]]:
    """Return the names of the customers without a talk of their own, each with the guide."""
    split = re.compile(r"\s{2,}|\n")
    return [(name, guide) for guide, names in GUESTS.items() for name in split.split(names.strip()) if name]
