"""Talks of the other guides, short talks that many customers had, and what colleagues said to one another."""

from rapport.demo.cast import GUIDE
from rapport.demo.talks import Talk, read_lines

OTHER_TALKS = [
    Talk(
        name="许小姐", guide="xiaohong", ended_min=35,
        lines=read_lines("""
            c 小红老师，产后四个月可以穿高强度运动内衣吗
            g 可以先从中强度开始，支撑够、不勒。您平时做什么运动？
            c 快走和一点瑜伽
            g 那这款很合适，M 码可以先来试
            c 明天上午在吗？
        """),
    ),
    Talk(
        name="顾先生", guide="anran", ended_min=130,
        lines=read_lines("""
            c 国庆想带孩子去露营，第一次，需要买什么？
            g 两大一小的话，三人帐、防潮垫、睡袋、营灯就够了，先别买太多
            g [image jacket]
            g 山里晚上冷，每人一件软壳
            c 能租吗
            g 帐篷和睡袋可以租，三天 180，押金 500
            c 好，我和家里商量一下
        """),
    ),
    Talk(
        name="Oliver Brown", guide="emily", ended_min=260,
        lines=read_lines("""
            c Hi Emily, do you restring rackets? Tension around 52 lbs.
            g Hi Oliver! Yes, every Wednesday and Saturday. Polyester or multifilament?
            c Multifilament please, my elbow complains a lot.
            g Good choice. 180 yuan including strings, ready in two hours.
            c Perfect, I'll bring it on Saturday morning.
            g See you then. We open at 10.
            c read
        """),
    ),
    Talk(
        name="童童妈妈", guide="sunmei", ended_min=620,
        lines=read_lines("""
            c 孩子脚长 19.5，买 31 还是 32？
            g 脚背高吗？高的话 32，不高 31 刚好
            c 挺高的
            g 那 32，再垫一层袜垫，能穿到明年春天
            c 谢谢，周末来买
            g done
        """),
    ),
    Talk(
        name="何先生", guide="wangzhuang", ended_min=1800, company="云栖科技",
        lines=read_lines("""
            c 王店长，公司年会想订 60 份运动礼盒
            g 何总好，预算每份多少？
            c 300 左右
            g 水壶、毛巾、运动袜加一张 100 的卡，正好 298，可以印公司标
            g [image bottle]
            c 不错，出个样品看看
            g 三天后给您送到公司
        """),
    ),
    Talk(
        name="邓女士", guide="heqian", ended_min=30_000,
        lines=read_lines("""
            c 您好，我的会员积分可以换什么？
            g 300 分可以换袜子，800 分换水壶
            c 那我攒到 800 吧
            g 好的，生日月双倍积分哦
            c read
        """),
    ),
]  # fmt: skip

# What many customers say after the welcome; each guest has one of these.
SHORT_TALKS = [
    read_lines("c 你好，请问今天营业到几点？\ng 您好，到晚上十点，欢迎来店里\nc 好的谢谢\ng done"),
    read_lines(
        "c 有 44 码的跑鞋吗？\ng 有的，您平时跑多少公里？我给您推荐\nc 一周 20 公里左右\n"
        "g [image shoe_lime]\nc 这双看起来不错，周末来试\ng 好，周末见"
    ),
    read_lines("c 收到优惠券了，怎么用？\ng 到店报手机号，或者下单时勾选，月底前有效\nc read"),
    read_lines("g 您上次看的外套今天到货了，要留一件吗？\nc 要的，留 L 码\ng 好的，已留\nc read"),
    read_lines("c 请问羽毛球拍可以穿线吗\ng 可以，40 元，当天取"),
    read_lines("c 谢谢今天的耐心介绍\ng 不客气，穿着不合适随时来调\nc read"),
    read_lines("c 这个水壶能装热水吗\nc [image bottle]\ng 可以，耐温 100 度，杯盖记得拧紧\nc 好的\ng done"),
    read_lines("c Is the store open on National Day?\ng Yes, 10 am to 10 pm every day.\nc Great, thanks!\ng done"),
]

# Colleagues: who talks with whom ("g" is the guide 小明), and the store's groups.
COLLEAGUES: list[tuple[str, int, str]] = [
    ("wangzhuang", 95, """
        c 小明，浦江中学的报价我改好了，九折封顶，你跟孙老师说一下
        g 收到店长，他们还问打样几天
        c 五个工作日，校徽要矢量文件
        g 好的
        c 另外周六步态测试排了 6 个人，你和小红分一下
    """),
    ("xiaohong", 1500, """
        c 方小姐的瑜伽垫发了吗
        g 今天上午发的，单号在系统里
        c 好，她又来问我护膝了，我来跟
        g 谢谢红姐
    """),
    ("anran", 4000, """
        g 五角场有没有 39 码的平底训练鞋？黑灰那双
        c 有两双，我让司机下午带过去
        g 太好了，客人明天来拿
        c [image shoe_grey]
        c 是这个吧
        g 对
        c read
    """),
    ("zhouqi", 8200, """
        c 下周一早上 8 点系统升级，大概 5 分钟，工作台会自动重连
        g 好的，我们会跟早班说
        c read
    """),
    ("linyue", 12_000, """
        c 陈晓明，你的夜跑团活动做得很好，下个月全公司推广一下
        g 谢谢林总！我把流程写一份给运营
    """),
]  # fmt: skip

GROUPS: list[tuple[str, list[str], int, list[tuple[str, str]]]] = [
    ("人民广场店早会", ["wangzhuang", GUIDE, "xiaohong"], 410, [
        ("wangzhuang", "早上好，今天重点：云跑 6 新配色到货，陈列放一号桌"),
        ("xiaohong", "收到，女子区我来调整"),
        (GUIDE, "库存已核对，珊瑚色 37 码只剩两双"),
        ("wangzhuang", "好。昨天等待超过一小时的客户有三位，大家注意回复时间"),
        (GUIDE, "明白，我中午前清完"),
        ("xiaohong", "+1"),
    ]),
    ("国庆活动筹备", ["tangyi", "wangzhuang", "liuyang", "gaofeng", GUIDE, "wenjing"], 2600, [
        ("tangyi", "国庆活动方案第一版，满 500 减 80，会员双倍积分"),
        ("liuyang", "五角场这边童鞋能不能单独做一档？"),
        ("tangyi", "可以，我加一档 3 件 8 折"),
        ("gaofeng", "徐家汇需要英文海报"),
        ("tangyi", "周三前给到"),
        ("wenjing", "售后提醒：活动期间退换延长到 15 天，大家口径一致"),
        (GUIDE, "收到，会在欢迎语里写清楚"),
    ]),
]  # fmt: skip
