"""The log: ranges of entries that a seat may see."""

from collections import defaultdict
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
    seqs: dict[tuple[str, str], list[int]] = defaultdict(list)
    for emission in emissions:
        assert isinstance(emission.fact, EntryAppended)
        seqs[emission.corp_id, emission.fact.conversation_id].append(emission.fact.seq)
    found: dict[tuple[str, str, int], Entry] = {}
    for (corp_id, conversation_id), wanted in seqs.items():
        key = {"corp_id": corp_id, "conversation_id": conversation_id}
        low, high = min(wanted), max(wanted)
        entries = tx.all(_after, **key, after=low - 1, to=high, limit=high - low + 1)
        found |= {(corp_id, conversation_id, each.seq): each for each in entries}
    for emission in emissions:
        assert isinstance(emission.fact, EntryAppended)
        emission.content = found.get((emission.corp_id, emission.fact.conversation_id, emission.fact.seq))


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
