"""How far a person has read, and how they arrange their own list."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import and_, case, func, select, update

from rapport.features.conversations.access import Seat, Viewer, access_conversation
from rapport.features.conversations.events import ConversationChanged, ReadMoved
from rapport.features.conversations.policies import (
    index_limit,
    receipt_list_limit,
    receipts_between_members,
    receipts_to_customers,
)
from rapport.features.conversations.tables import conversation, entry, participant
from rapport.features.conversations.types import COUNTED_KINDS, Read, Settings
from rapport.kernel.errors import NotFound
from rapport.kernel.journal import Audience
from rapport.kernel.policy import get_policy
from rapport.kernel.statements import among, command, p, query, scalar
from rapport.kernel.tx import Tx


class _Moved(msgspec.Struct, frozen=True):
    read_seq: int
    read_count: int
    shares_reads: int


class _Arrangement(msgspec.Struct, frozen=True):
    pinned_at: int | None
    muted: int
    marked_unread: int


_of_conversation = and_(participant.c.corp_id == p("key_corp"), participant.c.conversation_id == p("key_conversation"))
_read_to = query(
    update(participant)
    .where(_of_conversation, participant.c.person == p("key_person"))
    .values(
        read_seq=case((participant.c.read_seq < p("seq"), p("seq")), else_=participant.c.read_seq),
        read_count=case((participant.c.read_seq < p("seq"), p("count_there")), else_=participant.c.read_count),
        marked_unread=0,
        mark=p("new_mark"),
    )
    .returning(participant.c.read_seq, participant.c.read_count, participant.c.shares_reads),
    _Moved,
)
# Both rows of a pair, in one order, before either is changed: two who read each other never wait for each other.
_take_pair = scalar(
    select(participant.c.person)
    .where(
        participant.c.corp_id == p("corp_id"),
        participant.c.conversation_id == p("conversation_id"),
        among(participant.c.person, "people"),
    )
    .order_by(participant.c.person)
    .with_for_update()
)
_note_receipt = command(
    update(participant).where(_of_conversation, participant.c.person == p("key_person")).values(mark=p("new_mark"))
)
_note_receipts = command(update(participant).where(_of_conversation).values(mark=p("new_mark")))
_count_at = scalar(
    select(entry.c.count).where(
        entry.c.corp_id == p("corp_id"), entry.c.conversation_id == p("conversation_id"), entry.c.seq == p("seq")
    )
)
# One's own messages behind the cursor are no news: they count as read before they are.
_own_after = scalar(
    select(func.count()).where(
        entry.c.corp_id == p("corp_id"),
        entry.c.conversation_id == p("conversation_id"),
        entry.c.seq.between(p("first"), p("last")),
        entry.c.sender == p("person"),
        entry.c.automatic == 0,
        among(entry.c.kind, "kinds"),
    )
)
_COUNTED = sorted(COUNTED_KINDS)
_OWN_WITHIN = 1_000
"""How far behind the cursor own messages are looked for; apps read to what they show, which is nearly the end."""
_settings_of = query(
    select(participant.c.pinned_at, participant.c.muted, participant.c.marked_unread).where(
        _of_conversation, participant.c.person == p("key_person")
    ),
    _Arrangement,
)
_set_settings = command(
    update(participant)
    .where(_of_conversation, participant.c.person == p("key_person"))
    .values(pinned_at=p("pinned"), muted=p("mute"), marked_unread=p("unread"), mark=p("new_mark"))
)
_stop_waiting = command(update(participant).where(_of_conversation).values(waiting_since=None, mark=p("new_mark")))
_stop_waiting_of = command(
    update(conversation)
    .where(conversation.c.corp_id == p("key_corp"), conversation.c.conversation_id == p("key_conversation"))
    .values(waiting_since=None)
)
_share_reads = command(
    update(participant)
    .where(participant.c.corp_id == p("key_corp"), participant.c.person == p("key_person"))
    .values(shares_reads=p("share"), mark=p("new_mark"))
)
_conversations_of = select(participant.c.conversation_id).where(
    participant.c.corp_id == p("key_corp"), participant.c.person == p("key_person")
)
_note_sharing = command(
    update(participant)
    .where(participant.c.corp_id == p("key_corp"), participant.c.conversation_id.in_(_conversations_of))
    .values(mark=p("new_mark"))
)
# What lists do not show (a recall) leaves their order as it is.
_has_more_to_show = participant.c.last_seq < p("shown")
_index_group = command(
    update(participant)
    .where(_of_conversation, participant.c.last_seq < p("seq"))
    .values(
        last_seq=p("seq"),
        last_count=p("count_there"),
        last_mark=case((_has_more_to_show, p("new_mark")), else_=participant.c.last_mark),
        mark=case((_has_more_to_show, participant.c.mark), else_=p("new_mark")),
    )
)


class _Tail(msgspec.Struct, frozen=True):
    seq: int
    count: int
    shown: int
    people_count: int


_tail_of = query(
    select(conversation.c.last_seq, conversation.c.count, conversation.c.shown_seq, conversation.c.people_count).where(
        conversation.c.corp_id == p("corp_id"), conversation.c.conversation_id == p("conversation_id")
    ),
    _Tail,
)


def read_to(tx: Tx, viewers: Sequence[Viewer], conversation_id: str, seq: int) -> Read:
    """Move one's read cursor forward to ``seq`` (never back) and clear "marked unread". Announces ReadMoved.

    Who may see a receipt and is away finds it by their cursor: of two people the other at once, of a group a follower
    sees to it.
    """
    seat = access_conversation(tx, viewers, conversation_id)
    seq = min(seq, seat.visible_to)
    moved = seq > seat.read_seq
    at = {"corp_id": seat.corp_id, "conversation_id": conversation_id}
    if seat.people:
        tx.all(_take_pair, **at, people=list(seat.people))
    count = tx.one(_count_at, **at, seq=seq) or 0
    if seq < seat.visible_to:
        last = min(seat.visible_to, seq + _OWN_WITHIN)
        count += tx.one(_own_after, **at, person=seat.person, first=seq + 1, last=last, kinds=_COUNTED) or 0
    found = tx.one(
        _read_to,
        key_corp=seat.corp_id,
        key_conversation=conversation_id,
        key_person=seat.person,
        seq=seq,
        count_there=count,
        new_mark=tx.mark,
    )
    if found is None:
        raise NotFound
    read = Read(found.read_seq, found.read_count)
    audience = _receipt_audience(tx, seat, visible=moved and bool(found.shares_reads))
    key = {"key_corp": seat.corp_id, "key_conversation": conversation_id}
    for person in audience.people:
        if person != seat.person:
            tx.run(_note_receipt, **key, key_person=person, new_mark=tx.mark)
    fact = ReadMoved(conversation_id, seat.person, read.read_seq, read.read_count, audience.conversation is not None)
    tx.emit(seat.corp_id, fact, audience)
    return read


def _receipt_audience(tx: Tx, seat: Seat, *, visible: bool) -> Audience:
    """Who may see a receipt: always oneself; others where the policy and the reader allow it."""
    if visible and seat.person.startswith("m:"):
        policy = receipts_to_customers if seat.kind == "customer" else receipts_between_members
        visible = get_policy(tx, seat.corp_id, policy)
    if not visible:
        return Audience(people=(seat.person,))
    if seat.people:
        return Audience(people=seat.people)
    if seat.people_count > get_policy(tx, seat.corp_id, receipt_list_limit):
        return Audience(people=(seat.person,))
    return Audience(conversation=seat.conversation_id)


def change_settings(tx: Tx, viewers: Sequence[Viewer], conversation_id: str, settings: Settings) -> Seat:
    """Change one's own view: pin, mute, mark unread, or say that a waiting customer is done with."""
    seat = access_conversation(tx, viewers, conversation_id)
    key = {"key_corp": seat.corp_id, "key_conversation": conversation_id}
    present = tx.one(_settings_of, **key, key_person=seat.person)
    assert present is not None, "the seat was read in this transaction"
    pinned_at = present.pinned_at
    if settings.pinned is not None:
        pinned_at = (pinned_at or tx.now) if settings.pinned else None
    tx.run(
        _set_settings,
        **key,
        key_person=seat.person,
        pinned=pinned_at,
        mute=present.muted if settings.muted is None else int(settings.muted),
        unread=present.marked_unread if settings.marked_unread is None else int(settings.marked_unread),
        new_mark=tx.mark,
    )
    if settings.waiting is False and seat.person.startswith("m:"):
        tx.run(_stop_waiting_of, **key)
        tx.run(_stop_waiting, **key, new_mark=tx.mark)
    tx.emit(seat.corp_id, ConversationChanged(conversation_id), Audience(people=(seat.person,)))
    return seat


def set_shares_reads(tx: Tx, viewers: Sequence[Viewer], *, share: bool) -> None:
    """Let others see how far this person reads, or no longer, in every conversation."""
    for viewer in viewers:
        key = {"key_corp": viewer.corp_id, "key_person": viewer.person}
        tx.run(_share_reads, **key, share=int(share), new_mark=tx.mark)
        tx.run(_note_sharing, **key, new_mark=tx.mark)


def note_receipts(tx: Tx, corp_id: str, conversation_id: str) -> None:
    """Let those of a group who are away find by their cursors how far others read (a follower's; repeatable)."""
    tail = tx.one(_tail_of, corp_id=corp_id, conversation_id=conversation_id)
    if tail is not None and tail.people_count <= get_policy(tx, corp_id, receipt_list_limit):
        tx.run(_note_receipts, key_corp=corp_id, key_conversation=conversation_id, new_mark=tx.mark)


def index_group_tail(tx: Tx, corp_id: str, conversation_id: str) -> int:
    """Bring the lists of a group's people up to its tail and return its seq (called by a follower; repeatable)."""
    tail = tx.one(_tail_of, corp_id=corp_id, conversation_id=conversation_id)
    if tail is None:
        return 0
    if tail.people_count <= get_policy(tx, corp_id, index_limit):
        tx.run(
            _index_group,
            key_corp=corp_id,
            key_conversation=conversation_id,
            seq=tail.seq,
            count_there=tail.count,
            shown=tail.shown,
            new_mark=tx.mark,
        )
    return tail.seq
