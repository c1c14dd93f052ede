"""Reading conversations: rows become the types of the contract here, once.

With a bounded number of queries per page.
"""

from collections.abc import Sequence
from typing import Any, cast

import msgspec
from sqlalchemy import Column, Select, and_, func, or_, select, union_all

from rapport.features.conversations.access import Viewer
from rapport.features.conversations.policies import receipts_between_members, receipts_to_customers
from rapport.features.conversations.queries.entries import ENTRY_COLUMNS, as_seen_by, make_entry
from rapport.features.conversations.tables import (
    conversation,
    entry,
    is_large,
    is_pinned,
    is_unread,
    is_waiting,
    participant,
)
from rapport.features.conversations.types import (
    Conversation,
    ConversationKind,
    ConversationPage,
    Counts,
    Entry,
    Receipt,
    Segment,
)
from rapport.features.customers.api import find_customers, find_remarks
from rapport.features.organization.api import badge_of, find_members, member_person
from rapport.features.organization.types import Person
from rapport.kernel.http.paging import decode_cursor, encode_cursor
from rapport.kernel.policy import get_policy
from rapport.kernel.statements import Statement, among, p, query, scalar
from rapport.kernel.tx import ReadTx

SHOWN_PEOPLE = 20
RECEIPTS_FOR = 200


class _Row(msgspec.Struct, frozen=True):
    corp_id: str
    conversation_id: str
    person: str
    kind: str
    title: str | None
    people_count: int
    last_seq: int
    count: int
    last_at: int
    last_mark: int
    waiting_since: int | None
    state: str
    closed_reason: str | None
    joined_seq: int
    left_seq: int | None
    read_seq: int
    read_count: int
    muted: int
    marked_unread: int
    pinned_at: int | None
    sort_mark: int
    large: int
    last: Entry | None


def _row(*columns: object) -> _Row:
    own, shown = columns[:22], columns[22 : 22 + len(ENTRY_COLUMNS)]
    last = None if shown[0] is None else make_entry(*shown)  # pyright: ignore[reportArgumentType]  a row is untyped
    return _Row(*own, last)  # pyright: ignore[reportArgumentType, reportCallIssue]  a row is untyped


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
) -> Statement[_Row]:
    statement = cast("Select[Any]", _JOINED).where(older, participant.c.large == 0)  # pyright: ignore[reportArgumentType]
    if where is not None:
        statement = statement.where(where)  # pyright: ignore[reportArgumentType]  a clause
    return query(statement.order_by(*order).limit(p("limit")), _row, by_values=True)  # pyright: ignore[reportArgumentType]  columns


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
_segments: dict[Segment, Statement[_Row]] = {
    "all": _segment(participant.c.pinned_at.is_(None)),
    "unread": query(
        _JOINED.where(participant.c.conversation_id.in_(_unread_ids)).order_by(*_newest_first), _row, by_values=True
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
_pinned = query(_JOINED.where(is_pinned).order_by(participant.c.pinned_at.desc()).limit(200), _row)
_large = query(_JOINED.where(is_large, participant.c.pinned_at.is_(None)).limit(500), _row)
_one = query(_JOINED.where(participant.c.conversation_id == p("conversation_id")), _row)


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
    lambda *columns: (columns[-1], _row(*columns)),
    by_values=True,
)
_count_waiting = scalar(select(func.count()).select_from(participant).where(_of_viewer, is_waiting))
_count_unread = scalar(
    select(func.count()).select_from(participant).where(_of_viewer, is_unread, participant.c.muted == 0)
)


class _PersonRow(msgspec.Struct, frozen=True):
    conversation_id: str
    person: str
    read_seq: int
    shares_reads: int


_people_of = query(
    select(participant.c.conversation_id, participant.c.person, participant.c.read_seq, participant.c.shares_reads)
    .where(participant.c.corp_id == p("corp_id"), among(participant.c.conversation_id, "conversations"))
    .order_by(participant.c.conversation_id, participant.c.person),
    _PersonRow,
)
_first_people = query(
    select(participant.c.conversation_id, participant.c.person, participant.c.read_seq, participant.c.shares_reads)
    .where(participant.c.corp_id == p("corp_id"), participant.c.conversation_id == p("conversation_id"))
    .order_by(participant.c.person)
    .limit(SHOWN_PEOPLE),
    _PersonRow,
)


def _assemble(tx: ReadTx, viewer: Viewer, rows: Sequence[_Row]) -> list[Conversation]:
    """Join the rows of one corp with their people: three more queries, whatever the number of rows."""
    if not rows:
        return []
    small = [row.conversation_id for row in rows if row.people_count <= RECEIPTS_FOR]
    by_conversation: dict[str, list[_PersonRow]] = {}
    if small:
        for found in tx.all(_people_of, corp_id=viewer.corp_id, conversations=small):
            by_conversation.setdefault(found.conversation_id, []).append(found)
    for row in rows:
        if row.people_count > RECEIPTS_FOR:
            key = {"corp_id": viewer.corp_id, "conversation_id": row.conversation_id}
            by_conversation[row.conversation_id] = tx.all(_first_people, **key)
    shown = {seated.person for people in by_conversation.values() for seated in people[:SHOWN_PEOPLE]}
    cards = find_people(tx, viewer, shown)
    members_share = get_policy(
        tx, viewer.corp_id, receipts_between_members if viewer.person.startswith("m:") else receipts_to_customers
    )
    return [
        _conversation(viewer, row, by_conversation.get(row.conversation_id, []), cards, members_share=members_share)
        for row in rows
    ]


def find_people(tx: ReadTx, viewer: Viewer, persons: set[str]) -> dict[str, Person]:
    """Return the cards of people as the viewer sees them: customers by the viewer's remark, members with the badge.

    The badge is shown to customers only.
    """
    outside = viewer.person.startswith("c:")
    members = find_members(tx, viewer.corp_id, [person[2:] for person in persons if person.startswith("m:")])
    badge = badge_of(tx, viewer.corp_id) if outside else None
    cards = {f"m:{userid}": member_person(member, badge) for userid, member in members.items()}
    external_userids = [person[2:] for person in persons if person.startswith("c:")]
    customers = find_customers(tx, viewer.corp_id, external_userids)
    remarks = {} if outside else find_remarks(tx, viewer.corp_id, viewer.person[2:], external_userids)
    for external_userid, person in customers.items():
        name = remarks.get(external_userid, person.name)
        cards[f"c:{external_userid}"] = msgspec.structs.replace(person, name=name)
    return cards


def _conversation(
    viewer: Viewer, row: _Row, people: list[_PersonRow], cards: dict[str, Person], *, members_share: bool
) -> Conversation:
    visible = row.last_seq if row.left_seq is None else min(row.left_seq, row.last_seq)
    last = None
    if row.last is not None and row.joined_seq < row.last.seq <= visible:
        last = as_seen_by(viewer.person, row.last)
    staff = viewer.person.startswith("m:")
    return Conversation(
        corp_id=row.corp_id,
        conversation_id=row.conversation_id,
        kind=cast("ConversationKind", row.kind),
        title=row.title,
        people=[cards[found.person] for found in people[:SHOWN_PEOPLE] if found.person in cards],
        people_count=row.people_count,
        last_seq=visible,
        count=row.count,
        last=last,
        last_at=row.last_at,
        joined_seq=row.joined_seq,
        read_seq=row.read_seq,
        read_count=row.read_count,
        reads=[
            Receipt(found.person, found.read_seq)
            for found in people
            if found.person != viewer.person
            and row.people_count <= RECEIPTS_FOR
            and found.shares_reads
            and (members_share or found.person.startswith("c:"))
        ],
        pinned=row.pinned_at is not None,
        muted=bool(row.muted),
        marked_unread=bool(row.marked_unread),
        waiting_since=row.waiting_since if staff else None,
        state="open" if row.state == "open" else "closed",
        closed_reason=row.closed_reason,
    )


def get_conversation(tx: ReadTx, viewer: Viewer, conversation_id: str) -> Conversation | None:
    """Return one conversation as the viewer sees it, or None when the viewer is not in it."""
    row = tx.one(_one, corp_id=viewer.corp_id, person=viewer.person, conversation_id=conversation_id)
    return _assemble(tx, viewer, [row])[0] if row is not None else None


def count_conversations(tx: ReadTx, viewers: Sequence[Viewer]) -> Counts:
    """Count what waits for a reply and what holds something unread (muted ones not), from partial indexes."""
    waiting = unread = 0
    for viewer in viewers:
        waiting += tx.one(_count_waiting, corp_id=viewer.corp_id, person=viewer.person) or 0
        unread += tx.one(_count_unread, corp_id=viewer.corp_id, person=viewer.person) or 0
    return Counts(waiting, unread)


def list_conversations(
    tx: ReadTx, viewers: Sequence[Viewer], segment: Segment, after: str | None, limit: int
) -> ConversationPage:
    """Return a page of the viewers' conversations: newest first, waiting ones by how long they wait.

    The first page of ``all`` begins with the pinned ones; large groups are merged in as they are read.
    """
    ascending = segment == "waiting"
    first = (0, "") if ascending else (2**62, "")
    at, conversation_id = decode_cursor(after, int, str) if after is not None else first
    pages: list[Conversation] = []
    keyed: list[tuple[tuple[int, str], Viewer, _Row]] = []
    head: list[Conversation] = []
    for viewer in viewers:
        who = {"corp_id": viewer.corp_id, "person": viewer.person}
        rows = tx.all(_segments[segment], **who, at=at, id=conversation_id, limit=limit + 1)
        if segment in {"all", "group", "unread"}:
            rows += [row for row in tx.all(_large, **who) if _belongs(row, segment, at, conversation_id)]
        keyed += [((_sort_key(row, ascending=ascending), row.conversation_id), viewer, row) for row in rows]
        if segment == "all" and after is None:
            head += _assemble(tx, viewer, tx.all(_pinned, **who))
    keyed.sort(key=lambda item: item[0], reverse=not ascending)
    page, more = keyed[:limit], len(keyed) > limit
    for viewer in viewers:
        pages += _assemble(tx, viewer, [row for _, of, row in page if of is viewer])
    order = {row.conversation_id: place for place, (_, _, row) in enumerate(page)}
    pages.sort(key=lambda found: order[found.conversation_id])
    return ConversationPage(
        head + pages, encode_cursor(*page[-1][0]) if more else None, count_conversations(tx, viewers)
    )


def _sort_key(row: _Row, *, ascending: bool) -> int:
    if ascending:
        return row.waiting_since or 0
    return row.last_mark if row.large else row.sort_mark


def _belongs(row: _Row, segment: Segment, at: int, conversation_id: str) -> bool:
    if segment == "unread" and row.count <= row.read_count and not row.marked_unread:
        return False
    return (row.last_mark, row.conversation_id) < (at, conversation_id or "~")


def list_changed(
    tx: ReadTx, viewer: Viewer, mark: int, conversation_id: str, limit: int
) -> tuple[list[Conversation], tuple[int, str] | None]:
    """Return conversations changed at or after a mark, and where to go on when there are more."""
    who = {"corp_id": viewer.corp_id, "person": viewer.person}
    rows = tx.all(_changed, **who, mark=mark, id=conversation_id, limit=limit + 1)
    more = (rows[limit - 1][0], rows[limit - 1][1].conversation_id) if len(rows) > limit else None
    page = list({row.conversation_id: row for _, row in rows[:limit]}.values())
    if more is None:
        page += tx.all(_large, **who)
    return _assemble(tx, viewer, page), more
