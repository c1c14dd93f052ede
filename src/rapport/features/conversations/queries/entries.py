"""The log: ranges of entries that a seat may see."""

from collections.abc import Callable, Sequence
from typing import cast

import msgspec
from sqlalchemy import and_, select

from rapport.features.conversations.access import Seat
from rapport.features.conversations.events import EntryAppended
from rapport.features.conversations.tables import entry
from rapport.features.conversations.types import Body, Entry, EntryKind, EntryRange, is_for_members_only
from rapport.kernel.journal import Emission
from rapport.kernel.statements import p, query
from rapport.kernel.tx import ReadTx

_decode_body = cast("Callable[[str], Body]", msgspec.json.Decoder(Body).decode)


def make_entry(
    seq: int,
    count: int,
    entry_id: str,
    kind: str,
    sender: str,
    client_id: str,
    target_seq: int | None,
    body: str | None,
    sent_at: int,
    automatic: int,
) -> Entry:
    """Turn a row of the log into its wire shape; a recalled body is null."""
    return Entry(
        seq,
        count,
        entry_id,
        cast("EntryKind", kind),
        sender or None,
        client_id,
        target_seq,
        None if body is None else _decode_body(body),
        sent_at,
        bool(automatic),
    )


ENTRY_COLUMNS = (
    entry.c.seq,
    entry.c.count,
    entry.c.id,
    entry.c.kind,
    entry.c.sender,
    entry.c.client_id,
    entry.c.target_seq,
    entry.c.body,
    entry.c.sent_at,
    entry.c.automatic,
)
_in_log = and_(entry.c.corp_id == p("corp_id"), entry.c.conversation_id == p("conversation_id"))
_after = query(
    select(*ENTRY_COLUMNS)
    .where(_in_log, entry.c.seq > p("after"), entry.c.seq <= p("to"))
    .order_by(entry.c.seq)
    .limit(p("limit")),
    make_entry,
)
_before = query(
    select(*ENTRY_COLUMNS)
    .where(_in_log, entry.c.seq < p("before"), entry.c.seq > p("after"))
    .order_by(entry.c.seq.desc())
    .limit(p("limit")),
    make_entry,
)
entry_at = query(select(*ENTRY_COLUMNS).where(_in_log, entry.c.seq == p("seq")), make_entry)


def load_entries(tx: ReadTx, emissions: Sequence[Emission]) -> None:
    """Put the entries of facts on them as they stand now: what was recalled since is a stub."""
    places: list[dict[str, object]] = []
    for emission in emissions:
        fact = emission.fact
        assert isinstance(fact, EntryAppended)
        places.append({"corp_id": emission.corp_id, "conversation_id": fact.conversation_id, "seq": fact.seq})
    for emission, found in zip(emissions, tx.each(entry_at, places), strict=True):
        emission.content = found


def sender_of(tx: ReadTx, corp_id: str, conversation_id: str, seq: int) -> str | None:
    """Return who wrote an entry; None for the product itself."""
    found = tx.one(entry_at, corp_id=corp_id, conversation_id=conversation_id, seq=seq)
    return None if found is None else found.sender


def as_seen_by(person: str, entry: Entry) -> Entry:
    """Return an entry as a person may see it: what is for members only is a stub to a customer."""
    if person.startswith("c:") and is_for_members_only(entry.body):
        return msgspec.structs.replace(entry, body=None)
    return entry


def list_entries(tx: ReadTx, seat: Seat, *, after: int | None, before: int | None, limit: int) -> EntryRange:
    """Return a range of the log that the seat may see.

    Upwards from ``after``, or downwards from ``before`` (default: the end).
    """
    key = {"corp_id": seat.corp_id, "conversation_id": seat.conversation_id}
    if after is not None:
        start = max(after, seat.joined_seq)
        found = tx.all(_after, **key, after=start, to=seat.visible_to, limit=limit + 1)
        return EntryRange([as_seen_by(seat.person, one) for one in found[:limit]], len(found) > limit)
    upper = seat.visible_to + 1 if before is None else min(before, seat.visible_to + 1)
    found = tx.all(_before, **key, before=upper, after=seat.joined_seq, limit=limit + 1)
    return EntryRange([as_seen_by(seat.person, one) for one in found[:limit][::-1]], len(found) > limit)
