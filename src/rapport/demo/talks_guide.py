"""The talks of 小明: what a good guide's week looks like, from answered long ago to waiting right now."""

from rapport.demo.cast import CONSUMER_PHONE, GUIDE
from rapport.demo.talks import Talk, read_lines

GUIDE_TALKS = [
    Talk(
        name="王女士", guide=GUIDE, ended_min=4, phone=CONSUMER_PHONE, remark="王姐 · 37 码", company="静安某设计公司",
        description="每周跑三次，足弓偏低；喜欢珊瑚色。女儿上小学。",
        lines=read_lines("""
            c 你好，刚在店里试的那双云跑 6，37 码有珊瑚色吗？
            g 王姐好！我查一下库存，马上回您
            g [image shoe_coral]
            g 有的，人民广场店还有两双。这个颜色是本季新配色
            c 好看！和我上次买的云跑 5 比，脚感差别大吗
            g 前掌更软一点，回弹更明显。您足弓偏低，我建议配那双支撑鞋垫，一起用会更稳
            c 那鞋垫多少钱
            g 129，和鞋一起买有会员九折
            g [link 云跑 6 女子缓震跑鞋 | 本季新配色 · 会员九折 | https://shop.example.com/p/cloud-6 | shoe_coral]
            c read
            ~ 2d
            c 我周六下午过去拿，可以先帮我留一双吗？
            g 没问题，给您留到周日闭店，报手机尾号就行
            c 太好了，谢谢小明
            g 不客气，周六见
            c read
            ~ 6d
            c 鞋子跑了三次了，真的不错
            c [image track]
            g 看着就舒服！跑完记得松开鞋带晾一晾，中底恢复得快
            c 收到。对了，女儿学校要开运动会，想给她也买一双，34 码有合适的吗？
            g [voice]
            c read
            ~ 20m
            c 好的，那我把她的脚长量一下发你
            c 22 厘米整，脚背有点高
        """),
    ),
    Talk(
        name="赵先生", guide=GUIDE, ended_min=17, remark="赵哥 备战上马", phone="+8613900000102",
        lines=read_lines("""
            c 小明，上海马拉松还有 8 周，想换一双比赛鞋，预算 1500 以内
            g 赵哥好，目标成绩多少？上次半马是 1 小时 48 对吧
            c 对，全马想进 3 小时 50
            g 那不建议上最激进的碳板，对小腿压力大。这两双您看看
            g [image shoe_blue]
            g [image shoe_lime]
            g 蓝色是训练和比赛都能用的，绿色偏比赛，更轻 38 克
            c 蓝色那双多少钱，什么时候能试？
            g 1299。您哪天方便？我把 42 和 42.5 都准备好
            ~ 1d
            c 今晚 8 点可以吗
            g 可以，我今天晚班，到 10 点
            c 好的
            ~ 5d
            c 跑了一次 25 公里，第 20 公里以后右脚小趾有点磨，是不是码小了？
        """),
    ),
    Talk(
        name="Linda", guide=GUIDE, ended_min=52, remark="Linda（英语）",
        lines=read_lines("""
            c Hi! I got your card at the People's Square store. Do you speak English?
            g Hi Linda, yes, a little. How can I help you?
            c I'm looking for a light rain jacket for cycling to work, size M.
            g [image jacket]
            g This one is 180 g, packs into its own pocket. 599 yuan, three colours: navy, sand and green.
            c Looks great. Is it really waterproof or just water resistant?
            g Waterproof to 10,000 mm, taped seams. Fine for 40 minutes in the rain.
            ~ 3h
            c Could you keep a sand one in M for me? I can come by on Thursday after 6.
        """),
    ),
    Talk(
        name="孙先生", guide=GUIDE, ended_min=185, company="浦江中学", remark="孙老师 · 校队采购",
        lines=read_lines("""
            c 您好，我是浦江中学体育组的孙老师，想给校队订 24 套训练服
            g 孙老师好！请问是田径队吗？男女各多少？
            c 男 14 女 10，要能印校徽
            g 可以印，20 套以上有团购价。我把尺码表发您，麻烦统计一下
            g [file guide]
            c 收到
            ~ 1d
            c 尺码统计好了，S 6 件，M 11 件，L 7 件
            g 好的，我让店长出报价，今天下班前给您
            g [recall]
            g 好的，我让店长出报价，明天上午给您，还会附上打样时间
            c 行，另外能开增值税专票吗？
            g 可以的
            ~ 1d
            c 报价收到了，校领导问能不能再便宜 5%？另外打样要几天？
        """),
    ),
    Talk(
        name="小鱼", guide=GUIDE, ended_min=1490, remark="小鱼 健身房前台",
        lines=read_lines("""
            c 有没有适合深蹲的平底训练鞋
            g 有，这双鞋底硬、鞋跟稳，很多力量房的朋友在穿
            g [image shoe_grey]
            c 39 有货吗
            g 39 要从五角场店调，明天下午能到
            c 那帮我调一双，谢谢
            g 好的，到了告诉您
            ~ 1d
            g 鞋到店了，您随时可以来试
            c read
            c 明天下班过去，另外你们有护腕吗？
        """),
    ),
    Talk(
        name="梁阿姨", guide=GUIDE, ended_min=310, remark="梁阿姨 广场舞队",
        lines=read_lines("""
            c 小陈啊，我们队里 12 个人想买一样的鞋子，软一点的
            g 阿姨好！平时跳多久？地面是水泥的还是塑胶的？
            c 每天一个半小时，水泥地
            g 那要缓震好一点的。这双很轻，老人家穿着不累
            g [image shoe_coral]
            c 红的好看！多少钱呀
            g 原价 399，12 双给您 329 一双，还送袜子
            c 我问问姐妹们
            g 好嘞，不急
            c read
        """),
    ),
    Talk(
        name="周医生", guide=GUIDE, ended_min=2900, company="瑞金医院",
        lines=read_lines("""
            c 医生站一天，有没有推荐的鞋？不能太花
            g 周医生辛苦了！推荐这双，纯黑白两色，防滑鞋底
            g [image shoe_grey]
            g [link 云行 2 全天候步行鞋 | 防滑 · 易清洁 · 久站推荐 | https://shop.example.com/p/walk-2 | shoe_grey]
            c 好，买一双白的 41，寄到医院可以吗
            g 可以，发我地址就行
            c 那就寄到门诊楼三层护士站，写我名字
            c [recall]
            c 地址我私下填在订单里了
            g 收到，今天发出
            c 谢谢
            ~ 3d
            g 周医生，鞋子穿得还习惯吗？
            c 很好，科室同事都问我在哪买的
            g 太好了，欢迎同事们来，报您的名字送袜子
            c read
        """),
    ),
    Talk(
        name="Jason", guide=GUIDE, ended_min=4400,
        lines=read_lines("""
            c 请问店里可以做步态测试吗？
            g 可以，免费的，大约 15 分钟，建议穿短裤来
            c 需要预约吗
            g 周末最好约一下。这周六 11 点和 15 点还有空
            c 15 点吧
            g 已帮您登记，到店找我就行
            c 👍
            g done
        """),
    ),
    Talk(
        name="方小姐", guide=GUIDE, ended_min=7300, remark="方小姐 · 瑜伽",
        lines=read_lines("""
            c 想买一块厚一点的瑜伽垫，膝盖跪着疼
            g 8 毫米的这款最合适，防滑也好
            g [image mat]
            c 有紫色吗
            g 有，紫色和灰绿色。要不要我给您寄？满 299 包邮
            c 要，再加一个水壶
            g [image bottle]
            g 这个 750 毫升的可以吗？
            c 可以，一起下单
            g 好的，链接发您
            g [link 瑜伽垫 8 mm + 水壶 | 满 299 包邮 | https://shop.example.com/p/mat-8 | mat]
            c 已付款
            g 收到，明天发货
            c read
        """),
    ),
    Talk(
        name="老高", guide=GUIDE, ended_min=11_600, company="黄浦夜跑团", remark="高团长",
        lines=read_lines("""
            c 小明，周四夜跑你来不来领跑 6 分配速？
            g 来！带几个人？
            c 目前 14 个，有 3 个新人
            g 那我带新人组，提前半小时到店门口热身
            c 好，赞助几瓶水没问题吧
            g 店长批了，水和能量胶都有
            c 够意思
            ~ 2d
            c [image track]
            c 昨晚的合影，回头大家都想要反光背心
            g 好，我给团里做个团购，20 件起 8 折
            c 行，我统计
            g done
        """),
    ),
    Talk(
        name="胡女士", guide=GUIDE, ended_min=15_800,
        lines=read_lines("""
            c 上周买的裤子洗了以后缩水了，可以退吗？
            g 胡女士抱歉给您添麻烦了。方便拍一下洗标和裤长吗？
            c 用温水洗的，标上写了冷水
            g 明白。这种情况不能直接退，不过我帮您申请了换一条大一码的，您看行吗
            c 可以，谢谢你帮我争取
            g 应该的，到店找我或者寄回都行，运费我们出
            c read
        """),
    ),
    Talk(
        name="苏先生", guide=GUIDE, ended_min=20_000,
        lines=read_lines("""
            c 你们篮球鞋有实战外场款吗
            g 有的，外场建议耐磨橡胶大底，这双口碑最好
            g [image shoe_blue]
            c 多少钱
            g 699，44 码也有
            c 44.5 呢
            g 44.5 卖完了，下周三到货
            c 到了喊我
            g 好的
            ~ 4d
            g 苏先生，44.5 到货了，给您留了一双
            c read
        """),
    ),
]  # fmt: skip
