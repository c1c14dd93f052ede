"""Where a sender sits, and what was sent before: the checks of a batch that come first."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import select

from rapport.features.conversations.access import SEAT, Seat
from rapport.features.conversations.errors import ConversationClosed
from rapport.features.conversations.tables import conversation, entry, participant
from rapport.features.conversations.types import Body, Recall, Sent
from rapport.kernel.actor import ConsumerActor, MemberActor
from rapport.kernel.errors import NotFound, Refusal
from rapport.kernel.statements import p, query
from rapport.kernel.tx import Tx


class Sending(msgspec.Struct, frozen=True):
    """One entry to be sent: ``person`` is the sender ("" for the product itself).

    ``actor`` whoever acts as that person.

    Without an actor the product sends on somebody's behalf; ``automatic`` entries answer nobody and read nothing.
    """

    conversation_id: str
    person: str
    client_id: str
    body: Body
    actor: MemberActor | ConsumerActor | None = None
    automatic: bool = False
    target_seq: int | None = None


def _first_result(conversation_id: str, seq: int, count: int, entry_id: str, sent_at: int) -> Sent:
    return Sent(conversation_id, seq, count, entry_id, sent_at, duplicate=True)


_find_sent = query(
    select(entry.c.conversation_id, entry.c.seq, entry.c.count, entry.c.id, entry.c.sent_at).where(
        entry.c.corp_id == p("corp_id"),
        entry.c.conversation_id == p("conversation_id"),
        entry.c.sender == p("sender"),
        entry.c.client_id == p("client_id"),
    ),
    _first_result,
)


class _Placed(msgspec.Struct, frozen=True):
    """A sender's seat, and the seq that the same ``client_id`` took before, if it did."""

    seat: Seat
    sent_seq: int | None


def _placed(*columns: Any) -> _Placed:  # noqa: ANN401  a row is untyped
    return _Placed(Seat(*columns[:-1]), columns[-1])


_sent_before = (
    select(entry.c.seq)
    .where(
        entry.c.corp_id == p("corp_id"),
        entry.c.conversation_id == p("conversation_id"),
        entry.c.sender == p("person"),
        entry.c.client_id == p("client_id"),
    )
    .scalar_subquery()
)
# Numbers are given and cursors moved from what is read here: until the commit nobody else may.
_seat_and_sent = query(SEAT.add_columns(_sent_before).with_for_update(of=[conversation, participant]), _placed)


def take_seats(
    tx: Tx, corp_id: str, items: Sequence[Sending], answers: list[Sent | Refusal | None]
) -> tuple[list[Seat], set[int]]:
    """Return every item's seat, and the places of items that were committed before; refuse those without a seat."""
    # In one order, so that two batches never wait for each other.
    order = sorted(range(len(items)), key=lambda place: (items[place].conversation_id, items[place].person))
    rows = tx.each(
        _seat_and_sent,
        [
            {
                "corp_id": corp_id,
                "conversation_id": item.conversation_id,
                "person": item.person,
                "client_id": item.client_id,
            }
            for item in (items[place] for place in order)
        ],
    )
    found = dict(zip(order, rows, strict=True))
    seats: list[Seat] = []
    repeats: set[int] = set()
    for place, item in enumerate(items):
        placed = found[place]
        if placed is not None:
            seat = placed.seat
        else:
            seat = _NOWHERE if item.person else _product_seat(tx, corp_id, item.conversation_id)
        if placed is None or placed.sent_seq is not None:
            repeats.add(place)
        if seat is _NOWHERE or seat.left_seq is not None:
            answers[place] = NotFound()
        elif seat.state != "open" and not item.automatic and not isinstance(item.body, Recall):
            answers[place] = ConversationClosed()
        seats.append(seat)
    return seats, repeats


_NOWHERE = Seat("", "", "", "", "", None, 0, 0, 0, None, 0, None, 0, 0)


class _Product(msgspec.Struct, frozen=True):
    kind: str
    state: str
    pair: str | None
    people_count: int
    last_seq: int
    count: int
    waiting_since: int | None


_by_id = query(
    select(
        conversation.c.kind,
        conversation.c.state,
        conversation.c.pair,
        conversation.c.people_count,
        conversation.c.last_seq,
        conversation.c.count,
        conversation.c.waiting_since,
    )
    .where(conversation.c.corp_id == p("corp_id"), conversation.c.conversation_id == p("conversation_id"))
    .with_for_update(),
    _Product,
)


def _product_seat(tx: Tx, corp_id: str, conversation_id: str) -> Seat:
    row = tx.one(_by_id, corp_id=corp_id, conversation_id=conversation_id)
    if row is None:
        return _NOWHERE
    return Seat(
        corp_id=corp_id,
        conversation_id=conversation_id,
        person="",
        kind=row.kind,
        state=row.state,
        pair=row.pair,
        people_count=row.people_count,
        last_seq=row.last_seq,
        count=row.count,
        waiting_since=row.waiting_since,
        joined_seq=0,
        left_seq=None,
        read_seq=0,
        read_count=0,
    )


def answer_repeats(
    tx: Tx, corp_id: str, items: Sequence[Sending], repeats: set[int], answers: list[Sent | Refusal | None]
) -> dict[tuple[str, str, str], int]:
    """Answer what was committed before, even where nothing new may be said; return the first place of what is new."""
    places = sorted(repeats)
    known = tx.each(
        _find_sent,
        [
            {
                "corp_id": corp_id,
                "conversation_id": items[place].conversation_id,
                "sender": items[place].person,
                "client_id": items[place].client_id,
            }
            for place in places
        ],
    )
    for place, sent in zip(places, known, strict=True):
        if sent is not None and not isinstance(answers[place], NotFound):
            answers[place] = sent
    firsts: dict[tuple[str, str, str], int] = {}
    for place, item in enumerate(items):
        if answers[place] is None:
            firsts.setdefault((item.conversation_id, item.person, item.client_id), place)
    return firsts
