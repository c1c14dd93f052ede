"""Pages of conversations and what changed in them: which ones, in which order; a bounded number of queries each."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, cast

from sqlalchemy import Column, Select, and_, func, or_, select, union_all

from rapport.features.conversations.access import Viewer
from rapport.features.conversations.queries.assembling import ConversationRow, assemble, conversation_row
from rapport.features.conversations.queries.entries import ENTRY_COLUMNS
from rapport.features.conversations.tables import (
    conversation,
    entry,
    is_large,
    is_pinned,
    is_unread,
    is_waiting,
    participant,
)
from rapport.features.conversations.types import Conversation, ConversationPage, Counts, Segment
from rapport.kernel.http.paging import decode_cursor, encode_cursor
from rapport.kernel.statements import Statement, p, query, scalar
from rapport.kernel.tx import Asked, ReadTx

_of_viewer = and_(participant.c.corp_id == p("corp_id"), participant.c.person == p("person"))
_JOINED = (
    select(
        participant.c.corp_id,
        participant.c.conversation_id,
        participant.c.person,
        conversation.c.kind,
        conversation.c.title,
        conversation.c.people_count,
        conversation.c.last_seq,
        conversation.c.count,
        conversation.c.last_at,
        conversation.c.last_mark,
        conversation.c.waiting_since,
        conversation.c.state,
        conversation.c.closed_reason,
        participant.c.joined_seq,
        participant.c.left_seq,
        participant.c.read_seq,
        participant.c.read_count,
        participant.c.muted,
        participant.c.marked_unread,
        participant.c.pinned_at,
        participant.c.last_mark,
        participant.c.large,
        *ENTRY_COLUMNS,
    )
    .select_from(participant)
    .join(
        conversation,
        and_(
            conversation.c.corp_id == participant.c.corp_id,
            conversation.c.conversation_id == participant.c.conversation_id,
        ),
    )
    .outerjoin(
        entry,
        and_(
            entry.c.corp_id == conversation.c.corp_id,
            entry.c.conversation_id == conversation.c.conversation_id,
            entry.c.seq == conversation.c.shown_seq,
        ),
    )
    .where(_of_viewer)
)
_older = or_(
    participant.c.last_mark < p("at"),
    and_(participant.c.last_mark == p("at"), participant.c.conversation_id < p("id")),
)
_newest_first = (participant.c.last_mark.desc(), participant.c.conversation_id.desc())


def _segment(
    where: object = None, *, order: tuple[object, ...] = _newest_first, older: object = _older
) -> Statement[ConversationRow]:
    statement = cast("Select[Any]", _JOINED).where(older, participant.c.large == 0)  # pyright: ignore[reportArgumentType]
    if where is not None:
        statement = statement.where(where)  # pyright: ignore[reportArgumentType]  a clause
    return query(statement.order_by(*order).limit(p("limit")), conversation_row, by_values=True)  # pyright: ignore[reportArgumentType]  columns


_longer_waiting = or_(
    participant.c.waiting_since > p("at"),
    and_(participant.c.waiting_since == p("at"), participant.c.conversation_id > p("id")),
)
# What is unread is chosen and put in order before anything is joined to it: its index is not in the list's order.
_unread_ids = (
    select(participant.c.conversation_id)
    .where(_of_viewer, is_unread, _older, participant.c.large == 0)
    .order_by(*_newest_first)
    .limit(p("limit"))
)
_segments: dict[Segment, Statement[ConversationRow]] = {
    "all": _segment(participant.c.pinned_at.is_(None)),
    "unread": query(
        _JOINED.where(participant.c.conversation_id.in_(_unread_ids)).order_by(*_newest_first),
        conversation_row,
        by_values=True,
    ),
    "waiting": _segment(
        is_waiting,
        order=(participant.c.waiting_since, participant.c.conversation_id),
        older=_longer_waiting,
    ),
    "direct": _segment(conversation.c.kind == "direct"),
    "group": _segment(conversation.c.kind == "group"),
    "customer": _segment(conversation.c.kind == "customer"),
}
_pinned = query(_JOINED.where(is_pinned).order_by(participant.c.pinned_at.desc()).limit(200), conversation_row)
_large = query(_JOINED.where(is_large, participant.c.pinned_at.is_(None)).limit(500), conversation_row)
_one = query(_JOINED.where(participant.c.conversation_id == p("conversation_id")), conversation_row)


def _stamped(stamp: Column[int]) -> "Select[Any, int]":
    after = and_(stamp >= p("mark"), or_(stamp > p("mark"), participant.c.conversation_id > p("id")))
    return select(participant.c.conversation_id, stamp.label("stamp")).where(
        _of_viewer, after, participant.c.large == 0
    )


# By an entry or otherwise; both is possible, and seen twice.
_stamps = (
    union_all(_stamped(participant.c.last_mark), _stamped(participant.c.mark))
    .order_by("stamp", "conversation_id")
    .limit(p("limit"))
    .subquery()
)
_changed = query(
    _JOINED.add_columns(_stamps.c.stamp)
    .join(_stamps, _stamps.c.conversation_id == participant.c.conversation_id)
    .order_by(_stamps.c.stamp, _stamps.c.conversation_id),
    lambda *columns: (columns[-1], conversation_row(*columns)),
    by_values=True,
)
_count_waiting = scalar(select(func.count()).select_from(participant).where(_of_viewer, is_waiting))
_count_unread = scalar(
    select(func.count()).select_from(participant).where(_of_viewer, is_unread, participant.c.muted == 0)
)


def get_conversation(tx: ReadTx, viewer: Viewer, conversation_id: str) -> Conversation | None:
    """Return one conversation as the viewer sees it, or None when the viewer is not in it."""
    row = tx.one(_one, corp_id=viewer.corp_id, person=viewer.person, conversation_id=conversation_id)
    return assemble(tx, [(viewer, row)])[0] if row is not None else None


def _ask_counts(tx: ReadTx, viewers: Sequence[Viewer]) -> Callable[[], Counts]:
    """Ask how much waits for a reply and holds something unread (muted ones not), from partial indexes."""
    whose = [{"corp_id": viewer.corp_id, "person": viewer.person} for viewer in viewers]
    waiting, unread = ([tx.ask(count, **who) for who in whose] for count in (_count_waiting, _count_unread))
    return lambda: Counts(sum(one.one() or 0 for one in waiting), sum(one.one() or 0 for one in unread))


class _Page(NamedTuple):
    """What a page was asked for of one viewer."""

    viewer: Viewer
    rows: Asked[ConversationRow]
    large: Asked[ConversationRow] | None
    pinned: Asked[ConversationRow] | None


def list_conversations(
    tx: ReadTx, viewers: Sequence[Viewer], segment: Segment, after: str | None, limit: int
) -> ConversationPage:
    """Return a page of the viewers' conversations: newest first, waiting ones by how long they wait.

    The first page of ``all`` begins with the pinned ones; large groups are merged in as they are read.
    """
    ascending = segment == "waiting"
    first = (0, "") if ascending else (2**62, "")
    at, conversation_id = decode_cursor(after, int, str) if after is not None else first

    def ask(viewer: Viewer) -> _Page:
        who = {"corp_id": viewer.corp_id, "person": viewer.person}
        rows = tx.ask(_segments[segment], **who, at=at, id=conversation_id, limit=limit + 1)
        large = tx.ask(_large, **who) if segment in {"all", "group", "unread"} else None
        pinned = tx.ask(_pinned, **who) if segment == "all" and after is None else None
        return _Page(viewer, rows, large, pinned)

    asked = [ask(viewer) for viewer in viewers]
    counts = _ask_counts(tx, viewers)
    head: list[tuple[Viewer, ConversationRow]] = []
    keyed: list[tuple[tuple[int, str], Viewer, ConversationRow]] = []
    for viewer, found, large, pinned in asked:
        rows = found.all()
        if large is not None:
            rows += [row for row in large.all() if _belongs(row, segment, at, conversation_id)]
        keyed += [((_sort_key(row, ascending=ascending), row.conversation_id), viewer, row) for row in rows]
        if pinned is not None:
            head += [(viewer, row) for row in pinned.all()]
    keyed.sort(key=lambda item: item[0], reverse=not ascending)
    page, more = keyed[:limit], len(keyed) > limit
    conversations = assemble(tx, head + [(viewer, row) for _, viewer, row in page])
    return ConversationPage(conversations, encode_cursor(*page[-1][0]) if more else None, counts())


def _sort_key(row: ConversationRow, *, ascending: bool) -> int:
    if ascending:
        return row.waiting_since or 0
    return row.last_mark if row.large else row.sort_mark


def _belongs(row: ConversationRow, segment: Segment, at: int, conversation_id: str) -> bool:
    if segment == "unread" and row.count <= row.read_count and not row.marked_unread:
        return False
    return (row.last_mark, row.conversation_id) < (at, conversation_id or "~")


Changed = tuple[list[tuple[Viewer, ConversationRow]], tuple[int, str] | None]


def ask_changed(tx: ReadTx, viewer: Viewer, mark: int, conversation_id: str, limit: int) -> Callable[[], Changed]:
    """Ask for conversations changed at or after a mark, and where to go on when there are more.

    Large groups are among them on the last page, changed or not.
    """
    who = {"corp_id": viewer.corp_id, "person": viewer.person}
    asked = tx.ask(_changed, **who, mark=mark, id=conversation_id, limit=limit + 1)
    asked_large = tx.ask(_large, **who)

    def changed() -> Changed:
        rows, large = asked.all(), asked_large.all()
        more = (rows[limit - 1][0], rows[limit - 1][1].conversation_id) if len(rows) > limit else None
        page = list({row.conversation_id: row for _, row in rows[:limit]}.values())
        return [(viewer, row) for row in (page if more else page + large)], more

    return changed
