"""What people are called and what they say in a corp that was made up."""

from rapport.features.conversations.types import Text

SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
FIRST = "伟芳娜敏静秀丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉玲建华亮红"
SECOND = ["", *"英雪梅琳晨宇轩涵萱怡佳欣悦然"]
NICKNAMES = ["小鱼", "阿福", "豆豆妈", "山里的风", "橙子", "木木", "向日葵", "大白", "晴天", "老猫"]
REMARKS = ["老客", "爱跑步", "周末来", "看过帐篷", "会员日", "要发票", "三十九码", "朋友介绍", "先别打扰", "送货上门"]
COMPANIES = ["青禾设计", "远山物流", "明德小学", "四方餐饮"]
REGIONS = ["华东", "华南", "华北", "华中", "西南", "西北", "东北", "江浙"]
POSTS = ["导购", "资深导购", "店长", "客户顾问"]

_OPENINGS = ["您好，", "早上好，", "打扰一下，", "好的，", "明白了，", "谢谢，", "请问，", "不好意思，"]
_GUIDES = [
    "您上次看中的那双跑鞋今天到货了，三十九码还剩两双，我先给您留一双。",
    "周末有会员日，全场两件八折，停车券我给您准备好了。",
    "这件冲锋衣可以拿回店里免费换一次大小，吊牌留着就行。",
    "快递已经发出，单号稍后发给您，大概后天下午能到。",
    "我帮您问了仓库，黑色的要等到下个月，蓝色的现货。",
    "门店晚上十点关门，您来之前跟我说一声，我在二楼等您。",
    "帐篷的说明书我拍给您，第一次搭建大约二十分钟。",
    "积分已经补上了，一共三千二百分，可以换一个水壶。",
]
_CUSTOMERS = [
    "还有大一号的吗？我平时穿四十二码，脚背有点高。",
    "周六下午可以过去试吗？大概三点左右。",
    "上次买的背包拉链坏了，可以修吗？",
    "这个颜色实物会不会偏深？能不能拍一张自然光下的照片。",
    "能开公司抬头的发票吗？抬头我等下发给你。",
    "收到了，很合适，孩子很喜欢。",
    "优惠到什么时候结束？我跟家里人商量一下。",
    "那就帮我留着，明天下班过来拿。",
]


def names() -> list[str]:
    """Return what customers are called: some twenty thousand names."""
    made = [f"{surname}{first}{second}" for surname in SURNAMES for first in FIRST for second in SECOND]
    return made + [f"{name}{number}" for name in NICKNAMES for number in range(50)]


def texts(*, of_member: bool) -> list[Text]:
    """Return what members or customers say."""
    sentences = _GUIDES if of_member else _CUSTOMERS
    return [Text(opening + sentence) for opening in _OPENINGS for sentence in sentences]
