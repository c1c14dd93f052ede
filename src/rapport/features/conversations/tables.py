"""Conversations, their participants and their logs; the corp leads every key."""

from sqlalchemy import ForeignKeyConstraint, Index, PrimaryKeyConstraint, Table, UniqueConstraint, or_
from sqlalchemy import text as sql

from rapport.kernel.schema import flag, metadata, moment, number, text

conversation = Table(
    "conversation",
    metadata,
    text("corp_id"),
    text("conversation_id"),
    text("kind"),
    text("title", nullable=True),
    # The two people of a conversation of two, in order: opening it twice is one conversation.
    text("pair", nullable=True),
    text("state"),
    text("closed_reason", nullable=True),
    number("people_count"),
    number("last_seq"),
    number("count"),
    # The entry that lists show: the latest that is not a recall.
    number("shown_seq"),
    moment("last_at"),
    # Stamp of that entry; lists are in the order of stamps.
    number("last_mark"),
    moment("waiting_since", nullable=True),
    moment("created_at"),
    PrimaryKeyConstraint("corp_id", "conversation_id"),
    UniqueConstraint("corp_id", "pair"),
    sqlite_with_rowid=False,
)

participant = Table(
    "participant",
    metadata,
    text("corp_id"),
    text("conversation_id"),
    text("person"),
    text("role"),
    number("joined_seq"),
    number("left_seq", nullable=True),
    number("read_seq"),
    number("read_count"),
    # Copies of the conversation's tail: the person's index, written by the send for conversations of two, by a
    # follower for groups.
    number("last_seq"),
    number("last_count"),
    number("last_mark"),
    moment("waiting_since", nullable=True),
    flag("large"),
    # Whether this person lets others see how far they read (consumers choose; members follow the policy).
    flag("shares_reads", default=1),
    flag("muted"),
    flag("marked_unread"),
    moment("pinned_at", nullable=True),
    # Stamp of the last change of this row that was not an entry: with ``last_mark``, what cursors are compared with.
    number("mark"),
    PrimaryKeyConstraint("corp_id", "conversation_id", "person"),
    ForeignKeyConstraint(["corp_id", "conversation_id"], ["conversation.corp_id", "conversation.conversation_id"]),
    sqlite_with_rowid=False,
)
Index("ix_participant_list", participant.c.corp_id, participant.c.person, participant.c.last_mark)
Index("ix_participant_mark", participant.c.corp_id, participant.c.person, participant.c.mark)
# The very clauses that queries use: SQLite takes a partial index only for the same words, its numbers written out.
is_waiting = participant.c.waiting_since.isnot(None)
Index(
    "ix_participant_waiting",
    participant.c.corp_id,
    participant.c.person,
    participant.c.waiting_since,
    sqlite_where=is_waiting,
    postgresql_where=is_waiting,
)
is_unread = or_(participant.c.last_count > participant.c.read_count, participant.c.marked_unread > sql("0"))
# Not in the list's order: what is unread already costs nothing when more comes.
Index(
    "ix_participant_unread",
    participant.c.corp_id,
    participant.c.person,
    sqlite_where=is_unread,
    postgresql_where=is_unread,
)
is_pinned = participant.c.pinned_at.isnot(None)
Index(
    "ix_participant_pinned",
    participant.c.corp_id,
    participant.c.person,
    participant.c.pinned_at,
    sqlite_where=is_pinned,
    postgresql_where=is_pinned,
)
is_large = participant.c.large > sql("0")
Index(
    "ix_participant_large",
    participant.c.corp_id,
    participant.c.person,
    sqlite_where=is_large,
    postgresql_where=is_large,
)

entry = Table(
    "entry",
    metadata,
    text("corp_id"),
    text("conversation_id"),
    number("seq"),
    number("count"),
    text("id"),
    text("kind"),
    text("sender"),
    text("client_id"),
    number("target_seq", nullable=True),
    text("body", nullable=True),
    moment("sent_at"),
    flag("automatic"),
    PrimaryKeyConstraint("corp_id", "conversation_id", "seq"),
    UniqueConstraint("corp_id", "conversation_id", "sender", "client_id"),
    sqlite_with_rowid=False,
)
