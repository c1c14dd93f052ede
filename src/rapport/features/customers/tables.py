"""Tables of contact ways, customers, relations and welcomes; the corp leads every key but the directory's."""

from sqlalchemy import ForeignKeyConstraint, Index, PrimaryKeyConstraint, Table, UniqueConstraint
from sqlalchemy import literal_column as sql

from rapport.kernel.schema import flag, metadata, moment, number, text

contact_code = Table(
    # The platform's directory: a code says nothing about its corp, and whoever scans one names none.
    "contact_code",
    metadata,
    text("code", primary_key=True),
    text("corp_id"),
    sqlite_with_rowid=False,
)
contact_way = Table(
    "contact_way",
    metadata,
    text("corp_id"),
    text("code"),
    # The member whose own code this is: one each; null for every other way.
    text("own_of", nullable=True),
    text("remark"),
    text("state"),
    flag("skip_verify"),
    flag("exclusive"),
    text("greeting", nullable=True),
    moment("valid_until", nullable=True),
    moment("closed_at", nullable=True),
    moment("created_at"),
    text("created_by"),
    number("accepted"),
    # How many customers were given to a member so far: the turn that the next one takes.
    number("turns"),
    PrimaryKeyConstraint("corp_id", "code"),
    UniqueConstraint("corp_id", "own_of"),
    sqlite_with_rowid=False,
)
Index("ix_contact_way_list", contact_way.c.corp_id, contact_way.c.created_at, contact_way.c.code)

contact_way_member = Table(
    "contact_way_member",
    metadata,
    text("corp_id"),
    text("code"),
    text("userid"),
    number("position"),
    # The way's turn at which this member was last chosen; 0 = never, so a new one comes first.
    number("turn"),
    # A copy, so that a member's codes page by one index.
    moment("created_at"),
    PrimaryKeyConstraint("corp_id", "code", "userid"),
    ForeignKeyConstraint(["corp_id", "code"], ["contact_way.corp_id", "contact_way.code"]),
    sqlite_with_rowid=False,
)
Index(
    "ix_contact_way_member_list",
    contact_way_member.c.corp_id,
    contact_way_member.c.userid,
    contact_way_member.c.created_at,
    contact_way_member.c.code,
)

customer = Table(
    "customer",
    metadata,
    text("corp_id"),
    text("external_userid"),
    text("consumer_id"),
    # Set when a guest turned out to be a consumer whom this corp knew already: that customer's id.
    text("merged_into", nullable=True),
    moment("created_at"),
    PrimaryKeyConstraint("corp_id", "external_userid"),
    sqlite_with_rowid=False,
)
_whole = customer.c.merged_into.is_(None)
Index(
    "uq_customer_consumer",
    customer.c.corp_id,
    customer.c.consumer_id,
    unique=True,
    sqlite_where=_whole,
    postgresql_where=_whole,
)
Index("ix_customer_consumer", customer.c.consumer_id, customer.c.corp_id)

relation = Table(
    "relation",
    metadata,
    text("corp_id"),
    text("userid"),
    text("external_userid"),
    text("status"),
    number("add_way"),
    text("state", nullable=True),
    text("code", nullable=True),
    text("remark", nullable=True),
    text("description", nullable=True),
    text("company", nullable=True),
    text("phones"),
    # What the member finds this customer by: name, remark, company, pinyin, initials, digits of phones.
    text("search"),
    text("conversation_id", nullable=True),
    moment("related_at"),
    moment("ended_at", nullable=True),
    PrimaryKeyConstraint("corp_id", "userid", "external_userid"),
    ForeignKeyConstraint(["corp_id", "external_userid"], ["customer.corp_id", "customer.external_userid"]),
    sqlite_with_rowid=False,
)
Index(
    "ix_relation_list",
    relation.c.corp_id,
    relation.c.userid,
    relation.c.status,
    relation.c.related_at,
    relation.c.external_userid,
)
# Literal, so that the index serves statements that say the same; few requests wait, many relations do not.
is_requested = relation.c.status == sql("'requested'")
Index(
    "ix_relation_requested",
    relation.c.corp_id,
    relation.c.related_at,
    sqlite_where=is_requested,
    postgresql_where=is_requested,
)
Index("ix_relation_customer", relation.c.corp_id, relation.c.external_userid)

corp_tally = Table(
    # Counts that quotas are held against (queries/tallies.py).
    "corp_tally",
    metadata,
    text("corp_id"),
    text("name"),
    number("value"),
    PrimaryKeyConstraint("corp_id", "name"),
    sqlite_with_rowid=False,
)
greeting = Table(
    # A member's own welcome, or with userid "" the corp's.
    "greeting",
    metadata,
    text("corp_id"),
    text("userid"),
    text("parts"),
    moment("changed_at"),
    text("changed_by"),
    PrimaryKeyConstraint("corp_id", "userid"),
    sqlite_with_rowid=False,
)
welcome = Table(
    # The id is the once-only code: whoever settles the row first has used it.
    "welcome",
    metadata,
    text("corp_id"),
    text("welcome_id"),
    text("userid"),
    text("external_userid"),
    text("code", nullable=True),
    text("status"),
    text("reason", nullable=True),
    moment("expires_at"),
    moment("at"),
    PrimaryKeyConstraint("corp_id", "welcome_id"),
    sqlite_with_rowid=False,
)
guest_accept = Table(
    # A stranger's Idempotency-Key, hashed: the repeat of a lost answer finds the same guest.
    "guest_accept",
    metadata,
    text("key_hash", primary_key=True),
    text("consumer_id"),
    moment("at"),
    sqlite_with_rowid=False,
)
Index("ix_guest_accept_at", guest_accept.c.at)
