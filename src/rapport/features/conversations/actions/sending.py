"""Sending: the one code path by which an entry enters a log, for sockets, HTTP, jobs and other features alike.

Set-based from the first day: checks, idempotency, numbering and inserts are each one step for the whole batch, with an answer
per item; a single send is a batch of one. Acknowledged means committed; a repeat of a ``client_id`` returns the first result.
"""

import unicodedata
from collections.abc import Sequence

import msgspec
from sqlalchemy import and_, case, func, insert, select, update

from rapport.features.conversations.access import Seat, seat_by_key
from rapport.features.conversations.errors import ConversationClosed, TextEmpty, TextNotAllowed, TextTooLong
from rapport.features.conversations.events import EntryAppended
from rapport.features.conversations.policies import text_limit_bytes
from rapport.features.conversations.tables import conversation, entry, participant
from rapport.features.conversations.types import (
    COUNTED_KINDS,
    Attachment,
    Body,
    Entry,
    Image,
    Link,
    Recall,
    Sent,
    System,
    Text,
    Voice,
)
from rapport.features.files.api import check_attachable, get_file, grant_files
from rapport.features.files.types import File, FileKind, Grant
from rapport.kernel.actor import ConsumerActor, MemberActor
from rapport.kernel.errors import NotFound, Refusal
from rapport.kernel.journal import Audience
from rapport.kernel.policy import get_policy
from rapport.kernel.statements import command, insertion, p, query
from rapport.kernel.tx import Tx

ALLOWED_CONTROLS = frozenset("\n\t")
KEEP, START, CLEAR, RESTART = range(4)
"""What a batch does to a conversation's waiting time: nothing, begin if not running, end, begin anew."""


class Sending(msgspec.Struct, frozen=True):
    """One entry to be sent: ``person`` is the sender ("" for the product itself), ``actor`` whoever acts as that person.

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


_find_sent = query(
    select(entry.c.conversation_id, entry.c.seq, entry.c.count, entry.c.id, entry.c.sent_at).where(
        entry.c.corp_id == p("corp_id"),
        entry.c.conversation_id == p("conversation_id"),
        entry.c.sender == p("sender"),
        entry.c.client_id == p("client_id"),
    ),
    lambda conversation_id, seq, count, entry_id, sent_at: Sent(conversation_id, seq, count, entry_id, sent_at, True),
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
            bodies[place] = _prepare_body(tx, corp_id, item)
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
    lambda *columns: columns,
)


def _product_seat(tx: Tx, corp_id: str, conversation_id: str) -> Seat:
    row = tx.one(_by_id, corp_id=corp_id, conversation_id=conversation_id)
    return _NOWHERE if row is None else Seat(corp_id, conversation_id, "", *row, 0, None, 0, 0)


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


def _prepare_body(tx: Tx, corp_id: str, item: Sending) -> Body:
    """Check a body and complete it from what is stored; the client's own claims about a file are not believed."""
    body = item.body
    match body:
        case Text():
            _check_text(tx, corp_id, body.text)
            return body
        case Image():
            stored = _file_of(tx, item, body.file_id, "image")
            return Image(body.file_id, stored.width or 0, stored.height or 0, stored.size)
        case Attachment():
            stored = _file_of(tx, item, body.file_id, "file")
            return Attachment(body.file_id, stored.name, stored.mime, stored.size)
        case Voice():
            stored = _file_of(tx, item, body.file_id, "voice")
            return Voice(body.file_id, stored.duration_ms or 0, stored.mime, stored.size)
        case Link():
            for words in (body.title, body.description):
                _check_characters(words)
            if body.image_file_id is not None:
                _file_of(tx, item, body.image_file_id, "image")
            return body
        case System() | Recall():
            return body


def _file_of(tx: Tx, item: Sending, file_id: str, kind: FileKind) -> File:
    """Return the stored file; whoever acts must be able to read it, the product checked before."""
    return get_file(tx, file_id) if item.actor is None else check_attachable(tx, item.actor, file_id, kind)


def _files_in(body: Body) -> tuple[str, ...]:
    match body:
        case Image() | Attachment() | Voice():
            return (body.file_id,)
        case Link():
            return () if body.image_file_id is None else (body.image_file_id,)
        case _:
            return ()


def _check_text(tx: Tx, corp_id: str, words: str) -> None:
    if not words.strip():
        raise TextEmpty
    limit = get_policy(tx, corp_id, text_limit_bytes)
    if len(words) * 4 > limit:
        size = len(words.encode())
        if size > limit:
            raise TextTooLong(limit_bytes=limit, characters=limit // 3, size_bytes=size)
    _check_characters(words)


def _check_characters(words: str) -> None:
    if words.isprintable():
        return
    for position, character in enumerate(words):
        if character not in ALLOWED_CONTROLS and unicodedata.category(character) in {"Cc", "Cs"}:
            raise TextNotAllowed(position=position)


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
            kind,
            item.person or None,
            item.client_id,
            item.target_seq,
            body,
            tx.now,
            item.automatic,  # pyright: ignore[reportArgumentType]  the tag is the kind
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
        answers[place] = Sent(seat.conversation_id, seq, count, new.id, tx.now, False)
        grant = Grant(seat.corp_id, seat.conversation_id, seq)
        grants += [(file_id, grant) for file_id in _files_in(body)]
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
