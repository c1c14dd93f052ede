"""Tables of accounts, sessions and consumers.

Sessions, invitations, codes and consumers are the platform's: they are found by a secret or a phone before any corp
is known.
"""

from sqlalchemy import Index, PrimaryKeyConstraint, Table, UniqueConstraint

from rapport.kernel.schema import flag, metadata, moment, number, text

account = Table(
    "account",
    metadata,
    text("corp_id"),
    text("userid"),
    text("userid_key"),  # case-folded: two members whose userids differ in case alone cannot exist
    text("phone", nullable=True),
    text("password_hash", nullable=True),
    number("password_version"),
    text("role"),
    text("locale"),
    flag("disabled"),
    moment("created_at"),
    PrimaryKeyConstraint("corp_id", "userid"),
    UniqueConstraint("corp_id", "userid_key"),
    UniqueConstraint("corp_id", "phone"),
    sqlite_with_rowid=False,
)

# Who runs the platform. Their accounts are rows of ``account`` like everybody's, under the platform instead of a corp.
operator = Table(
    "operator",
    metadata,
    text("operator_id", primary_key=True),
    text("name"),
    moment("created_at"),
    sqlite_with_rowid=False,
)

# Failures are kept by what was typed, whether an account of that name exists or not: a lock must not tell them apart.
failed_sign_in = Table(
    "failed_sign_in",
    metadata,
    text("corp_id"),
    text("login"),
    number("failures"),
    moment("locked_until", nullable=True),
    moment("failed_at"),
    PrimaryKeyConstraint("corp_id", "login"),
    sqlite_with_rowid=False,
)

session = Table(
    "session",
    metadata,
    text("token_hash", primary_key=True),
    text("session_id"),
    text("surface"),
    text("corp_id", nullable=True),
    text("userid", nullable=True),
    text("consumer_id", nullable=True),
    text("device"),
    text("user_agent"),
    text("ip"),
    moment("created_at"),
    moment("seen_at"),
    number("idle_us"),
    moment("expires_at"),
    moment("revoked_at", nullable=True),
    Index("ix_session_id", "session_id", unique=True),
    Index("ix_session_member", "corp_id", "userid", "session_id"),
    Index("ix_session_corp", "corp_id", "session_id"),
    Index("ix_session_consumer", "consumer_id", "session_id"),
    Index("ix_session_expiry", "expires_at"),
    sqlite_with_rowid=False,
)

invitation = Table(
    "invitation",
    metadata,
    text("token_hash", primary_key=True),
    text("corp_id"),
    text("userid"),
    text("purpose"),
    moment("created_at"),
    moment("expires_at"),
    Index("ix_invitation_member", "corp_id", "userid"),
    sqlite_with_rowid=False,
)

consumer = Table(
    "consumer",
    metadata,
    text("consumer_id", primary_key=True),
    text("phone", nullable=True),
    text("nickname"),
    text("avatar_file_id", nullable=True),
    flag("guest"),
    flag("receipts"),
    text("locale"),
    text("merged_into", nullable=True),
    moment("created_at"),
    UniqueConstraint("phone"),
    sqlite_with_rowid=False,
)

one_time_code = Table(
    "one_time_code",
    metadata,
    text("code_id", primary_key=True),
    text("phone"),
    text("code_hash", nullable=True),  # set when the code is made, at delivery
    text("locale"),
    number("attempts"),
    moment("created_at"),
    moment("expires_at"),
    moment("ended_at", nullable=True),
    Index("ix_one_time_code_phone", "phone", "created_at"),
    sqlite_with_rowid=False,
)

demo_code = Table(
    "demo_code",
    metadata,
    text("code_id", primary_key=True),
    text("phone"),
    text("code"),
    moment("sent_at"),
    Index("ix_demo_code_phone", "phone", "code_id"),
    sqlite_with_rowid=False,
)
