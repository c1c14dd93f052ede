"""Who sits in a group, kept in memory while it is talked in: fan-out must not read 2,000 rows per message."""

from collections import OrderedDict

from sqlalchemy import select

from rapport.features.conversations.tables import conversation, participant
from rapport.kernel.database import Database
from rapport.kernel.realtime.hub import person_key
from rapport.kernel.statements import p, scalar
from rapport.kernel.tx import ReadTx

MAX_KEPT = 2_000

_present = scalar(
    select(participant.c.person).where(
        participant.c.corp_id == p("corp_id"),
        participant.c.conversation_id == p("conversation_id"),
        participant.c.left_seq.is_(None),
    )
)


_size = scalar(
    select(conversation.c.people_count).where(
        conversation.c.corp_id == p("corp_id"), conversation.c.conversation_id == p("conversation_id")
    )
)


def list_present(tx: ReadTx, corp_id: str, conversation_id: str) -> list[str]:
    """Return the person ids of everyone who is in a conversation now."""
    return tx.all(_present, corp_id=corp_id, conversation_id=conversation_id)


def count_people(tx: ReadTx, corp_id: str, conversation_id: str) -> int:
    """Return how many people a conversation has; 0 for one that is not there."""
    return tx.one(_size, corp_id=corp_id, conversation_id=conversation_id) or 0


class Rosters:
    """Addresses of the people of recently active conversations; a change of membership forgets them."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._kept: OrderedDict[tuple[str, str], list[str]] = OrderedDict()
        self._forgotten = 0

    def known(self, corp_id: str, conversation_id: str) -> list[str] | None:
        """Return the addresses of everyone who is in the conversation now; None when they have to be read first."""
        key = (corp_id, conversation_id)
        keys = self._kept.get(key)
        if keys is not None:
            self._kept.move_to_end(key)
        return keys

    async def load(self, corp_id: str, conversation_id: str) -> list[str]:
        """Return the addresses of everyone who is in the conversation now."""
        if (known := self.known(corp_id, conversation_id)) is not None:
            return known
        began = self._forgotten
        people = await self._db.read_briefly(
            lambda tx: tx.all(_present, corp_id=corp_id, conversation_id=conversation_id)
        )
        keys = [person_key(corp_id, person) for person in people]
        # What was forgotten during the question may be out of date in the answer.
        if began == self._forgotten:
            self._kept[corp_id, conversation_id] = keys
            if len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
        return keys

    def forget(self, corp_id: str, conversation_id: str) -> None:
        """Read the conversation's people again next time."""
        self._forgotten += 1
        self._kept.pop((corp_id, conversation_id), None)
