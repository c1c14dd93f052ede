"""The limits of talking, as policies (product-rules.md §6, §16, §22; architecture.md §5)."""

from rapport.kernel.policy import Policy, define

text_limit_bytes = define(
    Policy[int](
        name="conversations.text_limit_bytes",
        default=4000,
        unit="bytes",
        source="product-rules.md §3, §8",
        zh="一条文字消息的最大长度（UTF-8 字节）",
        en="Longest text message, in UTF-8 bytes",
        minimum=1,
        maximum=20_000,
    )
)
recall_between_members_s = define(
    Policy[int](
        name="conversations.recall_between_members_s",
        default=24 * 3600,
        unit="s",
        source="architecture.md §5; messaging-evidence.md §1.1",
        zh="内部会话中可撤回消息的时间",
        en="How long a message between members can be recalled",
        minimum=0,
        maximum=7 * 24 * 3600,
    )
)
recall_towards_customer_s = define(
    Policy[int](
        name="conversations.recall_towards_customer_s",
        default=120,
        unit="s",
        source="architecture.md §5",
        zh="与客户的会话中可撤回消息的时间",
        en="How long a message in a conversation with a customer can be recalled",
        minimum=0,
        maximum=24 * 3600,
    )
)
receipts_between_members = define(
    Policy[bool](
        name="conversations.receipts_between_members",
        default=True,
        unit="switch",
        source="product-rules.md §16",
        zh="成员之间显示已读",
        en="Members see whether colleagues have read",
    )
)
receipts_to_customers = define(
    Policy[bool](
        name="conversations.receipts_to_customers",
        default=True,
        unit="switch",
        source="architecture.md §5",
        zh="客户能看到成员是否已读",
        en="Customers see whether the member has read",
    )
)
receipt_list_limit = define(
    Policy[int](
        name="conversations.receipt_list_limit",
        default=200,
        unit="people",
        source="architecture.md §5",
        zh="多大的群仍显示已读名单",
        en="Largest group in which it is shown who has read",
        minimum=0,
        maximum=2000,
    )
)
group_limit = define(
    Policy[int](
        name="conversations.group_limit",
        default=2000,
        unit="people",
        source="product-rules.md §6",
        zh="内部群的人数上限",
        en="Largest internal group",
        minimum=3,
        maximum=10_000,
    )
)
index_limit = define(
    Policy[int](
        name="conversations.index_limit",
        default=200,
        unit="people",
        source="architecture.md §5",
        zh="多大的群由后台写入每个人的会话列表（更大的群在查看时读取）",
        en="Largest group whose activity is written into everyone's list (larger ones are read on demand)",
        minimum=2,
        maximum=2000,
    )
)
frames_per_s = define(
    Policy[int](
        name="realtime.frames_per_s",
        default=20,
        unit="frames/s",
        source="architecture.md §5; messaging-evidence.md §10",
        zh="一个连接每秒可以发送的帧数（三秒内可突发）",
        en="Frames a connection may send per second (bursts of three seconds' worth)",
        minimum=1,
        maximum=1_000_000,
    )
)
sends_per_minute = define(
    Policy[int](
        name="conversations.sends_per_minute",
        default=600,
        unit="messages/min",
        source="messaging-evidence.md §10",
        zh="一个人每分钟可以发送的消息数",
        en="Messages one person may send per minute",
        minimum=1,
        maximum=100_000_000,
    )
)
