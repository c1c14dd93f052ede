"""The limits of identity as data. Those of consumers and of whole addresses are the platform's, not a corp's."""

from rapport.kernel.policy import Policy, define

SOURCE = "product-rules.md §1, messaging-evidence.md §10"

password_attempts = define(
    Policy[int](
        name="identity.password_attempts",
        default=8,
        unit="attempts",
        source=SOURCE,
        zh="连续输错多少次密码后暂停登录",
        en="Wrong passwords in a row before sign-in is paused",
        minimum=3,
        maximum=50,
    )
)
lock_out_minutes = define(
    Policy[int](
        name="identity.lock_out_minutes",
        default=15,
        unit="minutes",
        source=SOURCE,
        zh="输错密码过多后暂停登录的时间",
        en="How long sign-in is paused after too many wrong passwords",
        minimum=1,
        maximum=1440,
    )
)
staff_idle_days = define(
    Policy[int](
        name="identity.staff_idle_days",
        default=14,
        unit="days",
        source=SOURCE,
        zh="成员端登录多久不用后失效",
        en="Unused for this long, a staff session ends",
        minimum=1,
        maximum=365,
    )
)
staff_session_days = define(
    Policy[int](
        name="identity.staff_session_days",
        default=30,
        unit="days",
        source=SOURCE,
        zh="成员端登录的最长有效期",
        en="The longest life of a staff session",
        minimum=1,
        maximum=365,
    )
)
admin_idle_hours = define(
    Policy[int](
        name="identity.admin_idle_hours",
        default=12,
        unit="hours",
        source=SOURCE,
        zh="管理端登录多久不用后失效",
        en="Unused for this long, an admin session ends",
        minimum=1,
        maximum=168,
    )
)
admin_session_hours = define(
    Policy[int](
        name="identity.admin_session_hours",
        default=24,
        unit="hours",
        source=SOURCE,
        zh="管理端登录的最长有效期",
        en="The longest life of an admin session",
        minimum=1,
        maximum=720,
    )
)
operator_idle_hours = define(
    Policy[int](
        name="identity.operator_idle_hours",
        default=4,
        unit="hours",
        source=f"{SOURCE}; shorter than an administrator's, for an operator acts on every corp",
        zh="平台运营者登录多久不用后失效",
        en="Unused for this long, an operator's session ends",
        minimum=1,
        maximum=168,
        scope="platform",
    )
)
operator_session_hours = define(
    Policy[int](
        name="identity.operator_session_hours",
        default=12,
        unit="hours",
        source=f"{SOURCE}; shorter than an administrator's, for an operator acts on every corp",
        zh="平台运营者登录的最长有效期",
        en="The longest life of an operator's session",
        minimum=1,
        maximum=168,
        scope="platform",
    )
)
token_days = define(
    Policy[int](
        name="identity.token_days",
        default=365,
        unit="days",
        source=SOURCE,
        zh="程序令牌的有效期",
        en="The life of a program's token",
        minimum=1,
        maximum=3650,
    )
)
invitation_days = define(
    Policy[int](
        name="identity.invitation_days",
        default=7,
        unit="days",
        source=SOURCE,
        zh="邀请链接的有效期",
        en="How long an invitation link works",
        minimum=1,
        maximum=90,
    )
)
reset_hours = define(
    Policy[int](
        name="identity.reset_hours",
        default=24,
        unit="hours",
        source=SOURCE,
        zh="重置密码链接的有效期",
        en="How long a reset link works",
        minimum=1,
        maximum=168,
    )
)
consumer_idle_days = define(
    Policy[int](
        name="identity.consumer_idle_days",
        default=14,
        unit="days",
        source=SOURCE,
        zh="消费者登录多久不用后失效",
        en="Unused for this long, a consumer's session ends",
        minimum=1,
        maximum=365,
        scope="platform",
    )
)
consumer_session_days = define(
    Policy[int](
        name="identity.consumer_session_days",
        default=30,
        unit="days",
        source=SOURCE,
        zh="消费者登录的最长有效期",
        en="The longest life of a consumer's session",
        minimum=1,
        maximum=365,
        scope="platform",
    )
)
guest_session_days = define(
    Policy[int](
        name="identity.guest_session_days",
        default=365,
        unit="days",
        source="ux.md §4: a guest has no other way back to the conversation",
        zh="游客身份在同一设备上保留多久",
        en="How long a guest is remembered on the device",
        minimum=1,
        maximum=3650,
        scope="platform",
    )
)
code_minutes = define(
    Policy[int](
        name="identity.code_minutes",
        default=5,
        unit="minutes",
        source=SOURCE,
        zh="验证码有效期",
        en="How long a one-time code counts",
        minimum=1,
        maximum=30,
        scope="platform",
    )
)
code_attempts = define(
    Policy[int](
        name="identity.code_attempts",
        default=5,
        unit="attempts",
        source=SOURCE,
        zh="一个验证码可以试几次",
        en="How often one code may be tried",
        minimum=1,
        maximum=20,
        scope="platform",
    )
)
code_resend_s = define(
    Policy[int](
        name="identity.code_resend_s",
        default=60,
        unit="seconds",
        source=SOURCE,
        zh="两次发送验证码的最短间隔",
        en="The shortest time between two codes to one phone",
        minimum=10,
        maximum=3600,
        scope="platform",
    )
)
codes_per_phone_day = define(
    Policy[int](
        name="identity.codes_per_phone_day",
        default=10,
        unit="codes",
        source=SOURCE,
        zh="一个手机号每天最多几个验证码",
        en="Codes to one phone within a day",
        minimum=1,
        maximum=1000,
        scope="platform",
    )
)
codes_per_address_hour = define(
    Policy[int](
        name="identity.codes_per_address_hour",
        default=60,
        unit="codes",
        source=SOURCE,
        zh="一个网络地址每小时最多请求几个验证码",
        en="Codes asked for from one network address within an hour",
        minimum=1,
        maximum=1_000_000,
        scope="platform",
    )
)
sign_ins_per_address_minute = define(
    Policy[int](
        name="identity.sign_ins_per_address_minute",
        default=60,
        unit="attempts",
        source=SOURCE,
        zh="一个网络地址每分钟最多尝试登录几次",
        en="Sign-ins tried from one network address within a minute",
        minimum=1,
        maximum=1_000_000,
        scope="platform",
    )
)
session_trace_days = define(
    Policy[int](
        name="identity.session_trace_days",
        default=90,
        unit="days",
        source=SOURCE,
        zh="已结束的登录记录保留多久",
        en="How long ended sessions are kept on record",
        minimum=1,
        maximum=3650,
        scope="platform",
    )
)
