"""From rows to conversations as somebody sees them: their people, read positions and last entries.

With a bounded number of queries per page, sent in three goes.
"""

from collections.abc import Callable, Sequence
from typing import cast

import msgspec
from sqlalchemy import select

from rapport.features.conversations.access import Viewer
from rapport.features.conversations.policies import receipts_between_members, receipts_to_customers
from rapport.features.conversations.queries.entries import ENTRY_COLUMNS, as_seen_by, make_entry
from rapport.features.conversations.tables import participant
from rapport.features.conversations.types import Conversation, ConversationKind, Entry, Receipt
from rapport.features.customers.api import ask_customers, ask_remarks
from rapport.features.organization.api import ask_badge, ask_members, member_person
from rapport.features.organization.types import Person
from rapport.kernel.policy import ask_policy
from rapport.kernel.statements import among, p, query
from rapport.kernel.tx import ReadTx

SHOWN_PEOPLE = 20
RECEIPTS_FOR = 200


class ConversationRow(msgspec.Struct, frozen=True):
    """A conversation from a participant's seat."""

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


def conversation_row(*columns: object) -> ConversationRow:
    """Return the row of its 22 columns and those of the entry shown with it."""
    own, shown = columns[:22], columns[22 : 22 + len(ENTRY_COLUMNS)]
    last = None if shown[0] is None else make_entry(*shown)  # pyright: ignore[reportArgumentType]  a row is untyped
    return ConversationRow(*own, last)  # pyright: ignore[reportArgumentType, reportCallIssue]  a row is untyped


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


def assemble(tx: ReadTx, seated: Sequence[tuple[Viewer, ConversationRow]]) -> list[Conversation]:
    """Join rows with their people, in the order given: a few queries for each viewer, whatever the number of rows."""
    rows: dict[Viewer, list[ConversationRow]] = {}
    for viewer, row in seated:
        rows.setdefault(viewer, []).append(row)
    asked = [(viewer, _ask_seats(tx, viewer, some), _ask_sharing(tx, viewer)) for viewer, some in rows.items()]
    seats = {viewer: seats() for viewer, seats, _ in asked}
    faces = [(viewer, ask_people(tx, viewer, _shown(seats[viewer]))) for viewer in rows]
    cards = {viewer: people() for viewer, people in faces}
    share = {viewer: sharing() for viewer, _, sharing in asked}
    return [
        _conversation(
            viewer, row, seats[viewer].get(row.conversation_id, []), cards[viewer], members_share=share[viewer]
        )
        for viewer, row in seated
    ]


def _ask_seats(
    tx: ReadTx, viewer: Viewer, rows: Sequence[ConversationRow]
) -> Callable[[], dict[str, list[_PersonRow]]]:
    """Ask for the people of conversations; of one of many people for the first of them."""
    large = [row.conversation_id for row in rows if row.people_count > RECEIPTS_FOR]
    small = [row.conversation_id for row in rows if row.people_count <= RECEIPTS_FOR]
    asked = [tx.ask(_first_people, corp_id=viewer.corp_id, conversation_id=each) for each in large]
    if small:
        asked.append(tx.ask(_people_of, corp_id=viewer.corp_id, conversations=small))

    def seats() -> dict[str, list[_PersonRow]]:
        found: dict[str, list[_PersonRow]] = {}
        for some in asked:
            for one in some.all():
                found.setdefault(one.conversation_id, []).append(one)
        return found

    return seats


def _ask_sharing(tx: ReadTx, viewer: Viewer) -> Callable[[], bool]:
    """Ask whether members' read positions are shown to the viewer."""
    of_members = viewer.person.startswith("m:")
    return ask_policy(tx, viewer.corp_id, receipts_between_members if of_members else receipts_to_customers)


def _shown(seats: dict[str, list[_PersonRow]]) -> set[str]:
    return {seated.person for people in seats.values() for seated in people[:SHOWN_PEOPLE]}


def ask_people(tx: ReadTx, viewer: Viewer, persons: set[str]) -> Callable[[], dict[str, Person]]:
    """Ask for the cards of people as the viewer sees them: customers by the viewer's remark, members with the badge.

    The badge is shown to customers only.
    """
    outside = viewer.person.startswith("c:")
    external_userids = [person[2:] for person in persons if person.startswith("c:")]
    userids = [person[2:] for person in persons if person.startswith("m:")]
    members = ask_members(tx, viewer.corp_id, userids)
    badge = ask_badge(tx, viewer.corp_id) if outside else None
    remarks = None if outside else ask_remarks(tx, viewer.corp_id, viewer.person[2:], external_userids)
    customers = ask_customers(tx, viewer.corp_id, external_userids)

    def people() -> dict[str, Person]:
        shown = None if badge is None else badge()
        cards = {f"m:{userid}": member_person(one, shown) for userid, one in members().items()}
        called = {} if remarks is None else remarks()
        for external_userid, person in customers().items():
            name = called.get(external_userid, person.name)
            cards[f"c:{external_userid}"] = msgspec.structs.replace(person, name=name)
        return cards

    return people


def _conversation(
    viewer: Viewer, row: ConversationRow, people: list[_PersonRow], cards: dict[str, Person], *, members_share: bool
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
