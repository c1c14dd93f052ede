"""Sending: the one code path by which an entry enters a log, for sockets, HTTP, jobs and other features alike.

Set-based from the first day: checks, idempotency, numbering and inserts are each one step for the whole batch, with
an answer per item; a single send is a batch of one. Acknowledged means committed; a repeat of a ``client_id`` returns
the first result.
"""

from collections.abc import Sequence
from typing import cast

import msgspec
from sqlalchemy import and_, case, func, insert, select, update

from rapport.features.conversations.access import Seat, seat_by_key
from rapport.features.conversations.actions.bodies import files_in, prepare_body
from rapport.features.conversations.errors import ConversationClosed
from rapport.features.conversations.events import EntryAppended
from rapport.features.conversations.tables import conversation, entry, participant
from rapport.features.conversations.types import (
    COUNTED_KINDS,
    Body,
    Entry,
    EntryKind,
    Recall,
    Sent,
)
from rapport.features.files.api import grant_files
from rapport.features.files.types import Grant
from rapport.kernel.actor import ConsumerActor, MemberActor
from rapport.kernel.errors import NotFound, Refusal
from rapport.kernel.journal import Audience
from rapport.kernel.statements import command, insertion, p, query
from rapport.kernel.tx import Tx

KEEP, START, CLEAR, RESTART = range(4)
"""What a batch does to a conversation's waiting time: nothing, begin if not running, end, begin anew."""


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


class _Tail(msgspec.Struct, frozen=True):
    last_seq: int
    count: int


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
_waiting_after = case(
    (p("waiting") == START, func.coalesce(conversation.c.waiting_since, p("now"))),
    (p("waiting") == CLEAR, None),
    (p("waiting") == RESTART, p("now")),
    else_=conversation.c.waiting_since,
)
_advance = query(
    update(conversation)
    .where(conversation.c.corp_id == p("key_corp"), conversation.c.conversation_id == p("key_conversation"))
    .values(
        last_seq=conversation.c.last_seq + p("entries"),
        count=conversation.c.count + p("messages"),
        shown_seq=case((p("shown") > 0, conversation.c.last_seq + p("shown")), else_=conversation.c.shown_seq),
        last_at=case((p("shown") > 0, p("now")), else_=conversation.c.last_at),
        waiting_since=_waiting_after,
    )
    .returning(conversation.c.last_seq, conversation.c.count),
    _Tail,
)
_insert_entry = insertion(insert(entry))
_move_two = command(
    update(participant)
    .where(participant.c.corp_id == p("key_corp"), participant.c.conversation_id == p("key_conversation"))
    .values(
        last_seq=p("tail_seq"),
        last_count=p("tail_count"),
        last_at=case((p("shown") > 0, p("now")), else_=participant.c.last_at),
        mark=p("new_mark"),
        waiting_since=case(
            (p("waiting") == START, func.coalesce(participant.c.waiting_since, p("now"))),
            (p("waiting") == CLEAR, None),
            (p("waiting") == RESTART, p("now")),
            else_=participant.c.waiting_since,
        ),
        read_seq=case((participant.c.person == p("reader"), p("reader_seq")), else_=participant.c.read_seq),
        read_count=case((participant.c.person == p("reader"), p("reader_count")), else_=participant.c.read_count),
        marked_unread=case((participant.c.person == p("reader"), 0), else_=participant.c.marked_unread),
    )
)
_move_own = command(
    update(participant)
    .where(
        and_(
            participant.c.corp_id == p("key_corp"),
            participant.c.conversation_id == p("key_conversation"),
            participant.c.person == p("reader"),
        )
    )
    .values(
        last_seq=p("reader_seq"),
        last_count=p("reader_count"),
        last_at=p("now"),
        mark=p("new_mark"),
        read_seq=p("reader_seq"),
        read_count=p("reader_count"),
        marked_unread=0,
    )
)


def send_many(tx: Tx, corp_id: str, items: Sequence[Sending]) -> list[Sent | Refusal]:
    """Append entries to the logs of one corp and answer each item with what was committed or why not.

    Checks seat, state, body and files; numbers densely in the order of ``items``; announces EntryAppended per entry.
    """
    answers: list[Sent | Refusal | None] = [None] * len(items)
    seats = _take_seats(tx, corp_id, items, answers)
    firsts = _answer_repeats(tx, corp_id, items, answers)
    bodies: list[Body] = [item.body for item in items]
    by_conversation: dict[str, list[int]] = {}
    for place in firsts.values():
        item = items[place]
        try:
            bodies[place] = prepare_body(tx, corp_id, item.actor, item.body)
        except Refusal as refusal:
            answers[place] = refusal
        else:
            by_conversation.setdefault(item.conversation_id, []).append(place)
    for conversation_id in sorted(by_conversation):
        places = by_conversation[conversation_id]
        seat = seats[places[0]]
        _append(tx, seat, [(items[place], bodies[place]) for place in places], places, answers)
    return [_answer(place, items, answers, firsts) for place in range(len(items))]


def send_one(tx: Tx, corp_id: str, item: Sending) -> Sent:
    """Send a single entry; raises its refusal."""
    answer = send_many(tx, corp_id, [item])[0]
    if isinstance(answer, Refusal):
        raise answer
    return answer


def _take_seats(tx: Tx, corp_id: str, items: Sequence[Sending], answers: list[Sent | Refusal | None]) -> list[Seat]:
    found = tx.each(
        seat_by_key,
        [
            {
                "corp_id": corp_id,
                "conversation_id": item.conversation_id,
                "person": item.person,
            }
            for item in items
        ],
    )
    seats: list[Seat] = []
    for place, (item, seat) in enumerate(zip(items, found, strict=True)):
        if seat is None:
            seat = _NOWHERE if item.person else _product_seat(tx, corp_id, item.conversation_id)  # noqa: PLW2901  the product has no row
        if seat is _NOWHERE or seat.left_seq is not None:
            answers[place] = NotFound()
        elif seat.state != "open" and not item.automatic and not isinstance(item.body, Recall):
            answers[place] = ConversationClosed()
        seats.append(seat)
    return seats


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
    ).where(conversation.c.corp_id == p("corp_id"), conversation.c.conversation_id == p("conversation_id")),
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


def _answer_repeats(
    tx: Tx, corp_id: str, items: Sequence[Sending], answers: list[Sent | Refusal | None]
) -> dict[tuple[str, str, str], int]:
    """Answer what was committed before; return the first place of every client_id that is new."""
    places = [place for place, answer in enumerate(answers) if answer is None]
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
    firsts: dict[tuple[str, str, str], int] = {}
    for place, sent in zip(places, known, strict=True):
        if sent is not None:
            answers[place] = sent
        else:
            item = items[place]
            firsts.setdefault((item.conversation_id, item.person, item.client_id), place)
    return firsts


def _append(
    tx: Tx,
    seat: Seat,
    sendings: list[tuple[Sending, Body]],
    places: list[int],
    answers: list[Sent | Refusal | None],
) -> None:
    """Number and store the entries of one conversation, in order, and move the tails that the lists read."""
    kinds = [str(body.__struct_config__.tag) for _, body in sendings]
    shown = max((at + 1 for at, kind in enumerate(kinds) if kind != "recall"), default=0)
    key = {"key_corp": seat.corp_id, "key_conversation": seat.conversation_id}
    waiting = _waiting_effect(seat, [item for item, _ in sendings], kinds)
    messages = sum(kind in COUNTED_KINDS for kind in kinds)
    tail = tx.one(_advance, **key, entries=len(sendings), messages=messages, shown=shown, now=tx.now, waiting=waiting)
    assert tail is not None, "the seat was read in this transaction"
    seq, count = tail.last_seq - len(sendings), tail.count - messages
    readers: dict[str, tuple[int, int]] = {}
    rows: list[dict[str, object]] = []
    grants: list[tuple[str, Grant]] = []
    for (item, body), kind, place in zip(sendings, kinds, places, strict=True):
        seq += 1
        count += kind in COUNTED_KINDS
        new = Entry(
            seq,
            count,
            tx.ids.new(),
            cast("EntryKind", kind),
            item.person or None,
            item.client_id,
            item.target_seq,
            body,
            tx.now,
            item.automatic,
        )
        rows.append(
            {
                "corp_id": seat.corp_id,
                "conversation_id": seat.conversation_id,
                "seq": seq,
                "count": count,
                "id": new.id,
                "kind": kind,
                "sender": item.person,
                "client_id": item.client_id,
                "target_seq": item.target_seq,
                "body": msgspec.json.encode(body).decode(),
                "sent_at": tx.now,
                "automatic": int(item.automatic),
            }
        )
        if item.person and not item.automatic and kind in COUNTED_KINDS:
            readers[item.person] = (seq, count)
        audience = Audience(people=seat.people) if seat.people else Audience(conversation=seat.conversation_id)
        fact = EntryAppended(seat.conversation_id, seq, new.id, kind, seat.kind)
        tx.emit(seat.corp_id, fact, audience, new)
        answers[place] = Sent(seat.conversation_id, seq, count, new.id, tx.now, duplicate=False)
        grant = Grant(seat.corp_id, seat.conversation_id, seq)
        grants += [(file_id, grant) for file_id in files_in(body)]
    tx.each(_insert_entry, rows)
    grant_files(tx, grants)
    _move_tails(tx, seat, tail, readers, shown=shown, waiting=waiting)


def _waiting_effect(seat: Seat, items: list[Sending], kinds: list[str]) -> int:
    """A customer's message begins the wait, a member's own answer ends it; automatic replies and recalls do neither."""
    if seat.kind != "customer":
        return KEEP
    effect = KEEP
    for item, kind in zip(items, kinds, strict=True):
        if kind not in COUNTED_KINDS or item.automatic:
            continue
        if item.person.startswith("c:"):
            effect = RESTART if effect == CLEAR else (effect if effect == RESTART else START)
        else:
            effect = CLEAR
    return effect


def _move_tails(
    tx: Tx, seat: Seat, tail: _Tail, readers: dict[str, tuple[int, int]], *, shown: int, waiting: int
) -> None:
    key = {"key_corp": seat.corp_id, "key_conversation": seat.conversation_id, "now": tx.now, "new_mark": tx.mark}
    others = list(readers.items())
    if seat.people:
        reader, (reader_seq, reader_count) = others.pop() if others else ("", (0, 0))
        tx.run(
            _move_two,
            **key,
            tail_seq=tail.last_seq,
            tail_count=tail.count,
            shown=shown,
            waiting=waiting,
            reader=reader,
            reader_seq=reader_seq,
            reader_count=reader_count,
        )
    for reader, (reader_seq, reader_count) in others:
        tx.run(_move_own, **key, reader=reader, reader_seq=reader_seq, reader_count=reader_count)


def _answer(
    place: int,
    items: Sequence[Sending],
    answers: list[Sent | Refusal | None],
    firsts: dict[tuple[str, str, str], int],
) -> Sent | Refusal:
    answer = answers[place]
    if answer is None:
        item = items[place]
        first = answers[firsts[item.conversation_id, item.person, item.client_id]]
        assert first is not None, "the first of equals was answered"
        return first if isinstance(first, Refusal) else msgspec.structs.replace(first, duplicate=True)
    return answer
