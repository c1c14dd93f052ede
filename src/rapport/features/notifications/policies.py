"""What a woken device may show, and for how large a group one is woken."""

from rapport.kernel.policy import Policy, define

push_shows_contents = define(
    Policy[bool](
        name="notifications.push_shows_contents",
        default=False,
        unit="yes/no",
        source="our decision: a locked screen is read by whoever stands beside it",
        zh="推送通知里显示发送人和内容",
        en="Notifications on closed devices show who wrote and what",
    )
)
push_group_limit = define(
    Policy[int](
        name="notifications.push_group_limit",
        default=200,
        unit="people",
        source="our decision: the size up to which groups are treated as talks among people",
        zh="超过多少人的群不发推送通知",
        en="Groups larger than this wake nobody",
        minimum=0,
        maximum=2000,
    )
)
