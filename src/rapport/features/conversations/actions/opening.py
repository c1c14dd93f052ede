"""Opening and closing conversations: of two colleagues, of a group, of a member and a customer."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import and_, case, insert, select, update

from rapport.features.conversations.actions.seats import Sending
from rapport.features.conversations.actions.sending import send_one
from rapport.features.conversations.errors import (
    CannotTalkToYourself,
    GroupTooLarge,
    UnknownMembers,
)
from rapport.features.conversations.events import ConversationChanged
from rapport.features.conversations.policies import (
    group_limit,
    index_limit,
)
from rapport.features.conversations.tables import conversation, participant
from rapport.features.conversations.types import System
from rapport.features.organization.api import find_members
from rapport.kernel.actor import MemberActor
from rapport.kernel.journal import Audience
from rapport.kernel.policy import get_policy
from rapport.kernel.statements import command, insertion, p, scalar
from rapport.kernel.tx import Tx

_insert_conversation = insertion(insert(conversation))
_insert_participant = insertion(insert(participant))
_by_pair = scalar(
    select(conversation.c.conversation_id).where(
        conversation.c.corp_id == p("corp_id"), conversation.c.pair == p("pair")
    )
)
_pair_of = scalar(
    select(conversation.c.pair).where(
        conversation.c.corp_id == p("corp_id"), conversation.c.conversation_id == p("conversation_id")
    )
)
_set_state = command(
    update(conversation)
    .where(conversation.c.corp_id == p("key_corp"), conversation.c.conversation_id == p("key_conversation"))
    .values(
        state=p("new_state"),
        closed_reason=p("reason"),
        waiting_since=case((p("new_state") == "closed", None), else_=conversation.c.waiting_since),
    )
)
_of_conversation = and_(participant.c.corp_id == p("key_corp"), participant.c.conversation_id == p("key_conversation"))
_touch = command(update(participant).where(_of_conversation).values(mark=p("new_mark")))
_stop_waiting = command(update(participant).where(_of_conversation).values(waiting_since=None, mark=p("new_mark")))


class Seating(msgspec.Struct, frozen=True):
    """Somebody who takes part from the beginning."""

    person: str
    role: str = "member"
    shares_reads: bool = True


def _open(
    tx: Tx, corp_id: str, kind: str, people: Sequence[Seating], *, pair: str | None, title: str | None, large: bool
) -> str:
    conversation_id = tx.ids.new()
    tx.run(
        _insert_conversation,
        corp_id=corp_id,
        conversation_id=conversation_id,
        kind=kind,
        title=title,
        pair=pair,
        state="open",
        closed_reason=None,
        people_count=len(people),
        last_seq=0,
        count=0,
        shown_seq=0,
        last_at=tx.now,
        last_mark=tx.mark,
        waiting_since=None,
        created_at=tx.now,
    )
    tx.insert_all(
        _insert_participant,
        [
            {
                "corp_id": corp_id,
                "conversation_id": conversation_id,
                "person": seating.person,
                "role": seating.role,
                "joined_seq": 0,
                "left_seq": None,
                "read_seq": 0,
                "read_count": 0,
                "last_seq": 0,
                "last_count": 0,
                "last_mark": tx.mark,
                "waiting_since": None,
                "large": int(large),
                "shares_reads": int(seating.shares_reads),
                "muted": 0,
                "marked_unread": 0,
                "pinned_at": None,
                "mark": tx.mark,
            }
            for seating in people
        ],
    )
    audience = (
        Audience(people=tuple(seating.person for seating in people)) if pair else Audience(conversation=conversation_id)
    )
    tx.emit(corp_id, ConversationChanged(conversation_id), audience)
    return conversation_id


def open_direct(tx: Tx, actor: MemberActor, userid: str) -> str:
    """Return the conversation with a colleague, opened now if there was none; UnknownMembers, CannotTalkToYourself."""
    if userid == actor.userid:
        raise CannotTalkToYourself
    _check_members(tx, actor.corp_id, [userid])
    first, second = sorted((actor.person, f"m:{userid}"))
    pair = f"{first}|{second}"
    known = tx.one(_by_pair, corp_id=actor.corp_id, pair=pair)
    if known is not None:
        return known
    people = [Seating(first), Seating(second)]
    return _open(tx, actor.corp_id, "direct", people, pair=pair, title=None, large=False)


def open_group(tx: Tx, actor: MemberActor, title: str, userids: Sequence[str]) -> str:
    """Open a group of members; everybody learns of it, the maker owns it. UnknownMembers, GroupTooLarge."""
    invited = sorted(set(userids) - {actor.userid})
    limit = get_policy(tx, actor.corp_id, group_limit)
    if len(invited) + 1 > limit:
        raise GroupTooLarge(limit=limit)
    if not invited:
        raise CannotTalkToYourself
    _check_members(tx, actor.corp_id, invited)
    people = [Seating(actor.person, "owner"), *(Seating(f"m:{userid}") for userid in invited)]
    large = len(people) > get_policy(tx, actor.corp_id, index_limit)
    conversation_id = _open(tx, actor.corp_id, "group", people, pair=None, title=title.strip(), large=large)
    line = System("group_created", {"by": actor.person, "title": title.strip()})
    send_one(tx, actor.corp_id, Sending(conversation_id, "", "group-created", line, automatic=True))
    return conversation_id


def _check_members(tx: Tx, corp_id: str, userids: Sequence[str]) -> None:
    found = find_members(tx, corp_id, list(userids))
    missing = [userid for userid in userids if userid not in found or found[userid].status == "departed"]
    if missing:
        raise UnknownMembers(userids=", ".join(missing[:10]))


def open_customer_conversation(tx: Tx, corp_id: str, userid: str, external_userid: str, *, shares_reads: bool) -> str:
    """Return the conversation of a relation, opened now or opened again if it was closed (port of customers)."""
    pair = f"m:{userid}|c:{external_userid}"
    known = tx.one(_by_pair, corp_id=corp_id, pair=pair)
    if known is not None:
        _change_state(tx, corp_id, known, "open", None, pair)
        return known
    people = [Seating(f"m:{userid}"), Seating(f"c:{external_userid}", shares_reads=shares_reads)]
    return _open(tx, corp_id, "customer", people, pair=pair, title=None, large=False)


def touch_customer_conversation(tx: Tx, corp_id: str, userid: str, external_userid: str) -> None:
    """Let the member's clients read the conversation again (the customer is called by another name)."""
    known = tx.one(_by_pair, corp_id=corp_id, pair=f"m:{userid}|c:{external_userid}")
    if known is not None:
        tx.run(_touch, key_corp=corp_id, key_conversation=known, new_mark=tx.mark)
        tx.emit(corp_id, ConversationChanged(known), Audience(people=(f"m:{userid}",)))


def close_conversation(tx: Tx, corp_id: str, conversation_id: str, reason: str) -> None:
    """Close the conversation of a relation that ended: it stays readable, nothing can be sent (port of customers)."""
    pair = tx.one(_pair_of, corp_id=corp_id, conversation_id=conversation_id)
    if pair is not None:
        _change_state(tx, corp_id, conversation_id, "closed", reason, pair)


def _change_state(tx: Tx, corp_id: str, conversation_id: str, state: str, reason: str | None, pair: str) -> None:
    key = {"key_corp": corp_id, "key_conversation": conversation_id}
    tx.run(_set_state, **key, new_state=state, reason=reason)
    tx.run(_stop_waiting if state == "closed" else _touch, **key, new_mark=tx.mark)
    tx.emit(corp_id, ConversationChanged(conversation_id), Audience(people=tuple(pair.split("|"))))
