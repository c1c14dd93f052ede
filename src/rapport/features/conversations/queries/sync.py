"""Keeping a client in step: what changed since its cursor, with nothing skipped and no partial recovery.

A cursor is ``epoch.mark[.conversation_id]``. It is read before the rows, in the same snapshot, so a change is seen
twice at worst and never missed. Another epoch (a restored database) means: drop everything and start over.
"""

from collections.abc import Sequence

from sqlalchemy import select

from rapport.features.conversations.access import Viewer
from rapport.features.conversations.queries.assembling import assemble
from rapport.features.conversations.queries.lists import ask_changed
from rapport.features.conversations.tables import conversation, participant
from rapport.features.conversations.types import Sync
from rapport.kernel.errors import InvalidInput
from rapport.kernel.reading import present
from rapport.kernel.statements import p, scalar
from rapport.kernel.tx import ReadTx

PAGE = 500

_last_seq = scalar(
    select(conversation.c.last_seq)
    .select_from(participant)
    .join(
        conversation,
        (conversation.c.corp_id == participant.c.corp_id)
        & (conversation.c.conversation_id == participant.c.conversation_id),
    )
    .where(
        participant.c.corp_id == p("corp_id"),
        participant.c.conversation_id == p("conversation_id"),
        participant.c.person == p("person"),
        participant.c.left_seq.is_(None),
    )
)


def cursor_at(epoch: str, mark: int) -> str:
    """Return the cursor of a client that has seen everything below ``mark``."""
    return f"{epoch}.{mark}"


def _parse(cursor: str) -> tuple[str, int, str]:
    epoch, _, rest = cursor.partition(".")
    mark, _, conversation_id = rest.partition(".")
    if not mark.isdigit() or len(mark) > 18 or len(conversation_id) > 64:  # noqa: PLR2004  18 digits fit 64 bits
        raise InvalidInput("cursor", "不是服务器给出的游标", "is not a cursor that this server gave")
    return epoch, int(mark), conversation_id


def sync(tx: ReadTx, viewers: Sequence[Viewer], epoch: str, cursor: str | None) -> Sync:
    """Return what changed for the viewers since ``cursor``; without one, just where to begin."""
    now = present(tx)
    if cursor is None:
        return Sync(epoch, cursor_at(epoch, now), reset=False, conversations=[], more=False)
    of_epoch, mark, conversation_id = _parse(cursor)
    if of_epoch != epoch or mark > now:
        return Sync(epoch, cursor_at(epoch, now), reset=True, conversations=[], more=False)
    asked = [ask_changed(tx, viewer, mark, conversation_id, PAGE) for viewer in viewers]
    found = [changed() for changed in asked]
    changed = assemble(tx, [row for rows, _ in found for row in rows])
    go_on = [more for _, more in found if more is not None]
    if go_on:
        next_mark, next_id = min(go_on)
        return Sync(epoch, f"{epoch}.{next_mark}.{next_id}", reset=False, conversations=changed, more=True)
    return Sync(epoch, cursor_at(epoch, now), reset=False, conversations=changed, more=False)


def find_stale(tx: ReadTx, viewers: Sequence[Viewer], seqs: dict[str, int]) -> dict[str, int]:
    """Return the conversations of which a client misses entries, with the true last seq (the heartbeat's question)."""
    stale: dict[str, int] = {}
    for conversation_id, held in seqs.items():
        for viewer in viewers:
            last = tx.one(_last_seq, corp_id=viewer.corp_id, conversation_id=conversation_id, person=viewer.person)
            if last is not None and last > held:
                stale[conversation_id] = last
    return stale
