"""Sending: the one code path by which an entry enters a log, for sockets, HTTP, jobs and other features alike.

Set-based from the first day: checks, idempotency, numbering and inserts are each one step for the whole batch, with
an answer per item; a single send is a batch of one. Acknowledged means committed; a repeat of a ``client_id`` returns
the first result.
"""

from collections.abc import Sequence
from typing import cast

import msgspec
from sqlalchemy import and_, insert, update

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
from rapport.kernel.statements import command, insertion, p
from rapport.kernel.tx import Tx


class _Cursor(msgspec.Struct):
    """Where a batch leaves the read cursor of one of its senders.

    What one writes oneself is no news to oneself. Whoever had read everything before it is at its end now; for others
    the cursor stays, so that nothing unseen passes for read, and only the count of what is no news grows.
    """

    seq: int
    count: int

    def write(self, seq: int, count: int) -> None:
        """Take a message of one's own that became ``seq``, the ``count``-th."""
        if self.count >= count - 1:
            self.seq, self.count = seq, count
        else:
            self.count += 1


class _Writing(msgspec.Struct):
    """The rows of a batch, each table's written at once."""

    entries: list[dict[str, object]]
    shown: list[dict[str, object]]
    """Conversations that have something new to show in lists."""
    unshown: list[dict[str, object]]
    """Conversations whose lists stay as they are (a recall)."""
    tails: list[dict[str, object]]
    quiet_tails: list[dict[str, object]]
    senders: list[dict[str, object]]
    """Participants of whom the read cursor moves too."""
    grants: list[tuple[str, Grant]]


_conversation_key = and_(
    conversation.c.corp_id == p("key_corp"), conversation.c.conversation_id == p("key_conversation")
)
_person_key = and_(
    participant.c.corp_id == p("key_corp"),
    participant.c.conversation_id == p("key_conversation"),
    participant.c.person == p("key_person"),
)
_insert_entry = insertion(insert(entry))
_tail = {"last_seq": p("tail_seq"), "count": p("tail_count")}
_advance = command(
    update(conversation)
    .where(_conversation_key)
    .values(**_tail, shown_seq=p("shown"), last_at=p("now"), last_mark=p("stamp"), waiting_since=p("waiting"))
)
_advance_unshown = command(update(conversation).where(_conversation_key).values(**_tail))
_person_tail = {"last_seq": p("tail_seq"), "last_count": p("tail_count")}
_move_tail = command(
    update(participant).where(_person_key).values(**_person_tail, last_mark=p("stamp"), waiting_since=p("waiting"))
)
_move_quietly = command(update(participant).where(_person_key).values(**_person_tail, mark=p("stamp")))
_move_sender = command(
    update(participant)
    .where(_person_key)
    .values(
        **_person_tail,
        last_mark=p("stamp"),
        waiting_since=p("waiting"),
        read_seq=p("cursor_seq"),
        read_count=p("cursor_count"),
        marked_unread=0,
    )
)
_encode_body = msgspec.json.Encoder().encode


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
    writing = _Writing([], [], [], [], [], [], [])
    for conversation_id in sorted(by_conversation):
        _append(
            tx,
            [(place, seats[place], items[place], bodies[place]) for place in by_conversation[conversation_id]],
            writing,
            answers,
        )
    _write(tx, writing)
    return [_answer(place, items, answers, firsts) for place in range(len(items))]


def send_one(tx: Tx, corp_id: str, item: Sending) -> Sent:
    """Send a single entry; raises its refusal."""
    answer = send_many(tx, corp_id, [item])[0]
    if isinstance(answer, Refusal):
        raise answer
    return answer


def _append(
    tx: Tx,
    sendings: list[tuple[int, Seat, Sending, Body]],
    writing: _Writing,
    answers: list[Sent | Refusal | None],
) -> None:
    """Number the entries of one conversation, in order, and note what is to be written for them."""
    seat = sendings[0][1]
    corp_id, conversation_id = seat.corp_id, seat.conversation_id
    seq, count, waiting, shown, stamp = seat.last_seq, seat.count, seat.waiting_since, 0, tx.mark
    cursors: dict[str, _Cursor] = {}
    for place, sender, item, body in sendings:
        kind = cast("EntryKind", body.__struct_config__.tag)
        seq += 1
        if kind != "recall":
            shown, stamp = seq, tx.mark
        if kind in COUNTED_KINDS:
            count += 1
            if item.person and not item.automatic:
                cursor = cursors.get(item.person)
                if cursor is None:
                    cursor = cursors[item.person] = _Cursor(sender.read_seq, sender.read_count)
                cursor.write(seq, count)
                waiting = _waiting_after(seat, item.person, waiting, tx.now)
        new = Entry(
            seq,
            count,
            tx.ids.new(),
            kind,
            item.person or None,
            item.client_id,
            item.target_seq,
            body,
            tx.now,
            item.automatic,
        )
        writing.entries.append(
            {
                "corp_id": corp_id,
                "conversation_id": conversation_id,
                "seq": seq,
                "count": count,
                "id": new.id,
                "kind": kind,
                "sender": item.person,
                "client_id": item.client_id,
                "target_seq": item.target_seq,
                "body": _encode_body(body).decode(),
                "sent_at": tx.now,
                "automatic": int(item.automatic),
            }
        )
        fact = EntryAppended(conversation_id, seq, new.id, kind, seat.kind)
        tx.emit(corp_id, fact, _audience(seat, body), new)
        answers[place] = Sent(conversation_id, seq, count, new.id, tx.now, duplicate=False)
        if files := files_in(body):
            grant = Grant(corp_id, conversation_id, seq)
            writing.grants += [(file_id, grant) for file_id in files]
    _note_tails(tx, seat, _Tail(seq, count, shown, stamp, waiting), cursors, writing)


def _waiting_after(seat: Seat, person: str, waiting: int | None, now: int) -> int | None:
    """A customer's message begins the wait, a member's own answer ends it; automatic replies and recalls do neither."""
    if seat.kind != "customer":
        return waiting
    if person.startswith("c:"):
        return now if waiting is None else waiting
    return None


def _audience(seat: Seat, body: Body) -> Audience:
    """Everyone in the conversation; of a line for members only, the members."""
    people = seat.people
    if not people:
        return Audience(conversation=seat.conversation_id)
    if is_for_members_only(body):
        return Audience(people=tuple(person for person in people if person.startswith("m:")))
    return Audience(people=people)


class _Tail(msgspec.Struct, frozen=True):
    """Where a batch leaves a conversation; ``shown`` is the entry that lists show now, 0 if the same as before."""

    seq: int
    count: int
    shown: int
    stamp: int
    waiting: int | None


def _note_tails(tx: Tx, seat: Seat, tail: _Tail, cursors: dict[str, _Cursor], writing: _Writing) -> None:
    """Note the rows that follow the log: the conversation's, and those by which its people's lists are made.

    Of two people both, of a group those who wrote; a follower brings the others up.
    """
    place: dict[str, object] = {
        "key_corp": seat.corp_id,
        "key_conversation": seat.conversation_id,
        "tail_seq": tail.seq,
        "tail_count": tail.count,
    }
    if tail.shown:
        at = {"shown": tail.shown, "now": tx.now, "stamp": tail.stamp, "waiting": tail.waiting}
        writing.shown.append({**place, **at})
    else:
        writing.unshown.append(place)
    for person in seat.people or cursors:
        row = {**place, "key_person": person, "stamp": tail.stamp}
        cursor = cursors.get(person)
        if not tail.shown:
            writing.quiet_tails.append(row)
            continue
        row["waiting"] = tail.waiting if person.startswith("m:") else None
        if cursor is None:
            writing.tails.append(row)
        else:
            writing.senders.append({**row, "cursor_seq": cursor.seq, "cursor_count": cursor.count})


def _write(tx: Tx, writing: _Writing) -> None:
    tx.insert_all(_insert_entry, writing.entries)
    tx.run_all(_advance, writing.shown)
    tx.run_all(_advance_unshown, writing.unshown)
    tx.run_all(_move_tail, writing.tails)
    tx.run_all(_move_quietly, writing.quiet_tails)
    tx.run_all(_move_sender, writing.senders)
    grant_files(tx, writing.grants)


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
