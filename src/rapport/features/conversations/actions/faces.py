"""A member looks different to customers (another name, post or picture, suspended, back, gone): their pages follow.

A guide may have ten thousand customers, so this is a job that goes through them part by part; each part marks the
customers' rows, so that a page that was asleep learns of it with its next sync, and names them in one fact.
"""

from typing import NamedTuple

import msgspec
from sqlalchemy import select, update

from rapport.features.conversations.events import FacesChanged
from rapport.features.conversations.tables import conversation, participant
from rapport.kernel.jobs import schedule
from rapport.kernel.journal import Audience
from rapport.kernel.statements import command, p, query
from rapport.kernel.tx import Tx

SHOW_FACE = "conversations.show_face"
PART = 100


class FaceShowing(msgspec.Struct, frozen=True):
    """The body of the job: whose customers, and after which pair to go on."""

    userid: str
    after: str


class _Pair(NamedTuple):
    conversation_id: str
    pair: str


_customers = query(
    select(conversation.c.conversation_id, conversation.c.pair)
    .where(conversation.c.corp_id == p("corp_id"), conversation.c.pair > p("after"), conversation.c.pair < p("before"))
    .order_by(conversation.c.pair)
    .limit(p("limit")),
    _Pair,
)
_touch = command(
    update(participant)
    .where(
        participant.c.corp_id == p("key_corp"),
        participant.c.conversation_id == p("key_conversation"),
        participant.c.person == p("key_person"),
    )
    .values(mark=p("new_mark"))
)


def begin_showing(tx: Tx, corp_id: str, userid: str) -> None:
    """Let the pages of a member's customers show the member as they are now."""
    _go_on(tx, corp_id, userid, f"m:{userid}|c:")


def _go_on(tx: Tx, corp_id: str, userid: str, after: str) -> None:
    schedule(tx, corp_id, SHOW_FACE, tx.ids.new(), FaceShowing(userid, after))


def show_part(tx: Tx, corp_id: str, showing: FaceShowing, part: int = PART) -> None:
    """Mark the next ``part`` customers and announce FacesChanged to them; the rest is the next job's."""
    # Of all pairs, those of a member with customers begin "m:{userid}|c:"; the semicolon follows the colon.
    found = tx.all(_customers, corp_id=corp_id, after=showing.after, before=f"m:{showing.userid}|c;", limit=part)
    if not found:
        return
    people = tuple(row.pair.partition("|")[2] for row in found)
    tx.run_all(
        _touch,
        [
            {
                "key_corp": corp_id,
                "key_conversation": row.conversation_id,
                "key_person": person,
                "new_mark": tx.mark,
            }
            for row, person in zip(found, people, strict=True)
        ],
    )
    conversation_ids = tuple(row.conversation_id for row in found)
    tx.emit(corp_id, FacesChanged(showing.userid, conversation_ids), Audience(people=people))
    if len(found) == part:
        _go_on(tx, corp_id, showing.userid, found[-1].pair)
