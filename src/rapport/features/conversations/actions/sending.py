"""Sending: the one code path by which an entry enters a log, for sockets, HTTP, jobs and other features alike.

Set-based from the first day: checks, idempotency, numbering and inserts are each one step for the whole batch, with
an answer per item; a single send is a batch of one. Acknowledged means committed; a repeat of a ``client_id`` returns
the first result.
"""

from collections.abc import Sequence
from typing import cast

import msgspec
from sqlalchemy import and_, case, func, insert, update

from rapport.features.conversations.access import Seat
from rapport.features.conversations.actions.bodies import files_in, prepare_body
from rapport.features.conversations.actions.seats import Sending, answer_repeats, take_seats
from rapport.features.conversations.events import EntryAppended
from rapport.features.conversations.tables import conversation, entry, participant
from rapport.features.conversations.types import (
    COUNTED_KINDS,
    Body,
    Entry,
    EntryKind,
    Sent,
    is_for_members_only,
)
from rapport.features.files.api import grant_files
from rapport.features.files.types import Grant
from rapport.kernel.errors import Refusal
from rapport.kernel.journal import Audience
from rapport.kernel.statements import command, insertion, p, query
from rapport.kernel.tx import Tx

KEEP, START, CLEAR, RESTART = range(4)
"""What a batch does to a conversation's waiting time: nothing, begin if not running, end, begin anew."""


class _Tail(msgspec.Struct, frozen=True):
    last_seq: int
    count: int


class _Wrote(msgspec.Struct, frozen=True):
    """Where a batch takes the cursor of one of its senders: the last of the ``written`` messages."""

    reader_seq: int
    reader_count: int
    read_before: int
    """The messages they must have read for the cursor to move; beyond reach if the batch holds others' before it."""
    written: int


_UNREACHABLE = 1 << 62
_NOBODY = _Wrote(0, 0, _UNREACHABLE, 0)


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
# What one writes oneself is no news to oneself. Whoever had read everything before it is at its end now; for others the
# cursor stays, so that nothing unseen passes for read, and only the count of what is no news grows.
_had_read_all = participant.c.read_count >= p("read_before")
_read_after = {
    "read_seq": case((_had_read_all, p("reader_seq")), else_=participant.c.read_seq),
    "read_count": case((_had_read_all, p("reader_count")), else_=participant.c.read_count + p("written")),
}
_is_reader = participant.c.person == p("reader")
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
        read_seq=case((_is_reader, _read_after["read_seq"]), else_=participant.c.read_seq),
        read_count=case((_is_reader, _read_after["read_count"]), else_=participant.c.read_count),
        marked_unread=case((_is_reader, 0), else_=participant.c.marked_unread),
    )
)
_move_own = command(
    update(participant)
    .where(
        and_(
            participant.c.corp_id == p("key_corp"),
            participant.c.conversation_id == p("key_conversation"),
            _is_reader,
        )
    )
    .values(
        last_seq=p("reader_seq"),
        last_count=p("reader_count"),
        last_at=p("now"),
        mark=p("new_mark"),
        **_read_after,
        marked_unread=0,
    )
)


def send_many(tx: Tx, corp_id: str, items: Sequence[Sending]) -> list[Sent | Refusal]:
    """Append entries to the logs of one corp and answer each item with what was committed or why not.

    Checks seat, state, body and files; numbers densely in the order of ``items``; announces EntryAppended per entry.
    """
    answers: list[Sent | Refusal | None] = [None] * len(items)
    seats, repeats = take_seats(tx, corp_id, items, answers)
    firsts = answer_repeats(tx, corp_id, items, repeats, answers)
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
    count_before = count
    readers: dict[str, _Wrote] = {}
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
            written = readers.get(item.person, _NOBODY).written + 1
            is_alone = count - count_before == written
            readers[item.person] = _Wrote(seq, count, count_before if is_alone else _UNREACHABLE, written)
        audience = _audience(seat, body)
        fact = EntryAppended(seat.conversation_id, seq, new.id, kind, seat.kind)
        tx.emit(seat.corp_id, fact, audience, new)
        answers[place] = Sent(seat.conversation_id, seq, count, new.id, tx.now, duplicate=False)
        grant = Grant(seat.corp_id, seat.conversation_id, seq)
        grants += [(file_id, grant) for file_id in files_in(body)]
    tx.insert_all(_insert_entry, rows)
    grant_files(tx, grants)
    _move_tails(tx, seat, tail, readers, shown=shown, waiting=waiting)


def _audience(seat: Seat, body: Body) -> Audience:
    """Everyone in the conversation; of a line for members only, the members."""
    if not seat.people:
        return Audience(conversation=seat.conversation_id)
    if is_for_members_only(body):
        return Audience(people=tuple(person for person in seat.people if person.startswith("m:")))
    return Audience(people=seat.people)


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
    tx: Tx, seat: Seat, tail: _Tail, readers: dict[str, _Wrote], *, shown: int, waiting: int
) -> None:
    key = {"key_corp": seat.corp_id, "key_conversation": seat.conversation_id, "now": tx.now, "new_mark": tx.mark}
    others = list(readers.items())
    if seat.people:
        reader, wrote = others.pop() if others else ("", _NOBODY)
        tx.run(
            _move_two,
            **key,
            tail_seq=tail.last_seq,
            tail_count=tail.count,
            shown=shown,
            waiting=waiting,
            reader=reader,
            **msgspec.structs.asdict(wrote),
        )
    for reader, wrote in others:
        tx.run(_move_own, **key, reader=reader, **msgspec.structs.asdict(wrote))


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
