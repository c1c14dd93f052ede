"""Tables of corps, departments and members."""

from sqlalchemy import ForeignKeyConstraint, Index, PrimaryKeyConstraint, Table, UniqueConstraint

from rapport.kernel.schema import flag, metadata, moment, number, text

corp = Table(
    "corp",
    metadata,
    text("corp_id", primary_key=True),
    text("name"),
    text("short_name"),
    text("short_key"),  # case-folded: what is typed at sign-in
    moment("verified_at", nullable=True),
    text("logo_file_id", nullable=True),
    text("time_zone"),
    moment("created_at"),
    moment("suspended_at", nullable=True),
    UniqueConstraint("short_key"),
    Index("ix_corp_created", "created_at", "corp_id"),
    sqlite_with_rowid=False,
)

department = Table(
    "department",
    metadata,
    text("corp_id"),
    number("id"),
    number("parent_id", nullable=True),
    text("name"),
    number("place"),
    PrimaryKeyConstraint("corp_id", "id"),
    ForeignKeyConstraint(["corp_id"], ["corp.corp_id"]),
    sqlite_with_rowid=False,
)

member = Table(
    "member",
    metadata,
    text("corp_id"),
    text("userid"),
    text("name"),
    text("alias", nullable=True),
    text("post", nullable=True),
    text("phone", nullable=True),
    text("store_name", nullable=True),
    text("store_address", nullable=True),
    text("hours", nullable=True),
    text("introduction", nullable=True),
    text("avatar_file_id", nullable=True),
    text("departments"),  # JSON list of ids, read with the row; member_department is its index
    text("role"),
    text("status"),
    moment("real_name_verified_at", nullable=True),
    text("real_name_verified_by", nullable=True),
    text("window_id"),
    flag("serves_customers"),
    text("sort_key"),
    text("search"),
    moment("created_at"),
    moment("departed_at", nullable=True),
    PrimaryKeyConstraint("corp_id", "userid"),
    ForeignKeyConstraint(["corp_id"], ["corp.corp_id"]),
    Index("ix_member_order", "corp_id", "sort_key", "userid"),
    Index("ix_member_role", "corp_id", "role", "status"),
    sqlite_with_rowid=False,
)

member_department = Table(
    "member_department",
    metadata,
    text("corp_id"),
    number("department_id"),
    text("userid"),
    PrimaryKeyConstraint("corp_id", "department_id", "userid"),
    ForeignKeyConstraint(["corp_id", "department_id"], ["department.corp_id", "department.id"]),
    ForeignKeyConstraint(["corp_id", "userid"], ["member.corp_id", "member.userid"]),
    Index("ix_member_department_member", "corp_id", "userid"),
    sqlite_with_rowid=False,
)

# The platform's directory of public window pages: a window's address names no corp.
window_directory = Table(
    "window_directory",
    metadata,
    text("window_id", primary_key=True),
    text("corp_id"),
    text("userid"),
    sqlite_with_rowid=False,
)

# What operators did to corps: written with the deed, never changed.
operator_deed = Table(
    "operator_deed",
    metadata,
    text("deed_id", primary_key=True),
    text("operator_id"),
    text("kind"),
    text("corp_id"),
    text("userid", nullable=True),
    text("reason", nullable=True),
    moment("at"),
    Index("ix_operator_deed_corp", "corp_id", "deed_id"),
    sqlite_with_rowid=False,
)
