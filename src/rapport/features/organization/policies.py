"""What a window shows, and how large a corp's tree may grow, as data."""

from rapport.kernel.policy import Policy, define

SOURCE = "product-rules.md §1 (outward profile)"

window_shows_phone = define(
    Policy[bool](
        name="organization.window_shows_phone",
        default=True,
        unit="yes/no",
        source=SOURCE,
        zh="服务窗口对外展示手机号",
        en="Windows show the member's phone",
    )
)
window_shows_store = define(
    Policy[bool](
        name="organization.window_shows_store",
        default=True,
        unit="yes/no",
        source=SOURCE,
        zh="服务窗口对外展示门店和地址",
        en="Windows show the store and its address",
    )
)
window_shows_hours = define(
    Policy[bool](
        name="organization.window_shows_hours",
        default=True,
        unit="yes/no",
        source=SOURCE,
        zh="服务窗口对外展示服务时间",
        en="Windows show the hours of service",
    )
)
window_shows_introduction = define(
    Policy[bool](
        name="organization.window_shows_introduction",
        default=True,
        unit="yes/no",
        source=SOURCE,
        zh="服务窗口对外展示个人介绍",
        en="Windows show the introduction",
    )
)
most_departments = define(
    Policy[int](
        name="organization.most_departments",
        default=1000,
        unit="departments",
        source="decision: the tree is read whole",
        zh="企业最多有多少个部门",
        en="The most departments a corp may have",
        minimum=1,
        maximum=10_000,
    )
)
