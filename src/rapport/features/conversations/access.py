"""From an outside id to a seat in a conversation: the only way in. Somebody else's conversation is not found."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import and_, select

from rapport.features.conversations.tables import conversation, participant
from rapport.kernel.errors import NotFound
from rapport.kernel.statements import p, query
from rapport.kernel.tx import ReadTx


class Viewer(msgspec.Struct, frozen=True):
    """Who looks: a person inside a corp. A consumer has one viewer per corp."""

    corp_id: str
    person: str


class Seat(msgspec.Struct, frozen=True):
    """A participant's place in a conversation and the conversation's present state."""

    corp_id: str
    conversation_id: str
    person: str
    kind: str
    state: str
    pair: str | None
    people_count: int
    last_seq: int
    count: int
    waiting_since: int | None
    joined_seq: int
    left_seq: int | None
    read_seq: int
    read_count: int

    @property
    def visible_to(self) -> int:
        """The last seq this participant may see."""
        return self.last_seq if self.left_seq is None else min(self.left_seq, self.last_seq)

    @property
    def people(self) -> tuple[str, ...]:
        """Both people of a conversation of two; empty for groups."""
        return tuple(self.pair.split("|")) if self.pair is not None else ()


SEAT = (
    select(
        conversation.c.corp_id,
        conversation.c.conversation_id,
        participant.c.person,
        conversation.c.kind,
        conversation.c.state,
        conversation.c.pair,
        conversation.c.people_count,
        conversation.c.last_seq,
        conversation.c.count,
        conversation.c.waiting_since,
        participant.c.joined_seq,
        participant.c.left_seq,
        participant.c.read_seq,
        participant.c.read_count,
    )
    .select_from(participant)
    .join(
        conversation,
        and_(
            conversation.c.corp_id == participant.c.corp_id,
            conversation.c.conversation_id == participant.c.conversation_id,
        ),
    )
    .where(
        participant.c.corp_id == p("corp_id"),
        participant.c.conversation_id == p("conversation_id"),
        participant.c.person == p("person"),
    )
)
seat_by_key = query(SEAT, Seat)


def access_conversation(tx: ReadTx, viewers: Sequence[Viewer], conversation_id: str) -> Seat:
    """Return the viewer's seat in a conversation; raises NotFound for a stranger, a wrong id or another corp's."""
    for viewer in viewers:
        seat = tx.one(seat_by_key, corp_id=viewer.corp_id, conversation_id=conversation_id, person=viewer.person)
        if seat is not None:
            return seat
    raise NotFound
