"""The limits of meeting customers, as policies; each with where its number comes from."""

from rapport.kernel.policy import Policy, define

SECTION_2 = "product-rules.md §2 (Adding customers)"
SECTION_2B = "product-rules.md §2b (Contact me codes)"
SECTION_3 = "product-rules.md §3 (Welcome message)"


def _limit(
    name: str, default: int, unit: str, source: str, *, zh: str, en: str, maximum: int, minimum: int = 1
) -> Policy[int]:
    return define(
        Policy[int](
            name=f"customers.{name}",
            default=default,
            unit=unit,
            source=source,
            zh=zh,
            en=en,
            minimum=minimum,
            maximum=maximum,
        )
    )


remark_length = _limit(
    "remark_length",
    20,
    "characters",
    SECTION_2,
    zh="客户备注名的最大长度",
    en="Longest remark of a customer",
    maximum=64,
)
description_length = _limit(
    "description_length",
    150,
    "characters",
    SECTION_2,
    zh="客户描述的最大长度",
    en="Longest description of a customer",
    maximum=1000,
)
company_length = _limit(
    "company_length",
    20,
    "characters",
    SECTION_2,
    zh="客户备注企业的最大长度",
    en="Longest company of a customer",
    maximum=64,
)
phones_per_customer = _limit(
    "phones_per_customer",
    5,
    "phones",
    "product-rules.md §2 says several; the number is ours",
    zh="一位客户可备注的电话数量",
    en="Phones noted for one customer",
    maximum=20,
)
member_cap = define(
    Policy[int](
        name="customers.member_cap",
        default=5000,
        unit="customers",
        source="product-rules.md §2: 5,000 at first, extendable to 20,000",
        zh="一位成员的客户数量上限",
        en="Customers that one member may have",
        minimum=1,
        maximum=1_000_000,
        presets={"wecom-3.0": 5000, "wecom-today": 20_000},
    )
)
corp_cap = define(
    Policy[int](
        name="customers.corp_cap",
        default=50_000,
        unit="relations",
        source="product-rules.md §1, §2: 50,000 relations at first, extended in steps of 50,000",
        zh="企业的客户关系数量上限",
        en="Customer relations that the corp may have",
        minimum=1,
        maximum=1_000_000_000,
        presets={"wecom-3.0": 50_000, "wecom-today": 50_000},
    )
)
contact_way_quota = define(
    Policy[int](
        name="customers.contact_way_quota",
        default=500_000,
        unit="codes",
        source=SECTION_2B,
        zh="企业可同时使用的二维码数量",
        en="Codes that the corp may have in use",
        minimum=1,
        maximum=10_000_000,
        presets={"wecom-3.0": 500_000, "wecom-today": 500_000},
    )
)
contact_way_members = _limit(
    "contact_way_members",
    100,
    "members",
    SECTION_2B,
    zh="一个二维码的成员数量",
    en="Members behind one code",
    maximum=1000,
)
contact_way_remark_length = _limit(
    "contact_way_remark_length",
    30,
    "characters",
    SECTION_2B,
    zh="二维码备注的最大长度",
    en="Longest remark of a code",
    maximum=100,
)
contact_way_state_length = _limit(
    "contact_way_state_length",
    30,
    "characters",
    SECTION_2B,
    zh="二维码 state 的最大长度",
    en="Longest state of a code",
    maximum=128,
)
contact_way_minutes_min = _limit(
    "contact_way_minutes_min",
    1,
    "minutes",
    "a shorter life could not be scanned; the number is ours",
    zh="二维码有效期至少多久",
    en="Shortest validity of a code",
    maximum=1440,
)
contact_way_days_max = _limit(
    "contact_way_days_max",
    3650,
    "days",
    "product-rules.md §2b sets no bound for permanent codes; the number is ours",
    zh="二维码有效期最长多久（不设有效期则一直有效）",
    en="Longest validity of a code (without one it stays open)",
    maximum=36_500,
)
welcome_window_s = _limit(
    "welcome_window_s",
    20,
    "s",
    SECTION_3,
    zh="添加客户后可发送欢迎语的时间",
    en="How long a welcome may be sent",
    maximum=3600,
)
welcome_text_bytes = _limit(
    "welcome_text_bytes",
    4000,
    "bytes",
    SECTION_3,
    zh="欢迎语文字的最大长度（UTF-8 字节）",
    en="Longest welcome text, in UTF-8 bytes",
    maximum=4000,
)
welcome_attachments = _limit(
    "welcome_attachments",
    9,
    "parts",
    SECTION_3,
    zh="欢迎语除文字外的附件数量",
    en="Attachments of a welcome beside its text",
    maximum=9,
    minimum=0,
)
welcome_title_bytes = _limit(
    "welcome_title_bytes",
    64,
    "bytes",
    SECTION_3,
    zh="欢迎语链接标题的最大长度",
    en="Longest title of a link in a welcome",
    maximum=128,
)
welcome_description_bytes = _limit(
    "welcome_description_bytes",
    512,
    "bytes",
    SECTION_3,
    zh="欢迎语链接描述的最大长度",
    en="Longest description of a link in a welcome",
    maximum=512,
)
accepts_per_address_minute = define(
    Policy[int](
        name="customers.accepts_per_address_minute",
        default=300,
        unit="acceptances",
        source="a shop's whole Wi-Fi is one address; the number is ours",
        zh="一个网络地址每分钟最多有几位新访客添加",
        en="Strangers who accept a code from one network address within a minute",
        minimum=1,
        maximum=1_000_000,
        scope="platform",
    )
)
request_days = _limit(
    "request_days",
    7,
    "days",
    "product-rules.md §2 (an ignored request expires; Tencent publishes no number, this one is ours)",
    zh="添加请求多久没有回应就过期",
    en="How long a request to be followed waits for an answer",
    maximum=90,
)
declined_pause_hours = _limit(
    "declined_pause_hours",
    24,
    "hours",
    "product-rules.md §2, §19 (nobody is pressed by asking again and again; the number is ours)",
    zh="被拒绝后多久才能再次请求",
    en="After a request was declined, how long before the same member may be asked again",
    maximum=8760,
)
