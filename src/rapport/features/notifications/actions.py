"""Subscribing a session's device, and putting down who is to be woken for a message."""

from collections.abc import Iterable

from sqlalchemy import delete

from rapport.features.conversations.api import count_people, list_present
from rapport.features.notifications.policies import push_group_limit
from rapport.features.notifications.queries import find_sessions, is_anybody_subscribed
from rapport.features.notifications.tables import push_subscription
from rapport.features.notifications.types import NewSubscription, PushNote
from rapport.kernel.actor import ConsumerActor, MemberActor
from rapport.kernel.clock import SECOND
from rapport.kernel.jobs import schedule
from rapport.kernel.policy import get_policy
from rapport.kernel.statements import among, command, p, upsert
from rapport.kernel.tx import Tx

PUSH = "notifications.push"
GRACE_US = 2 * SECOND
"""Whoever has the app open elsewhere has read by then; of a burst of messages the last one wakes."""

_s = push_subscription.c
_put = upsert(push_subscription).values({column.name: p(column.name) for column in push_subscription.columns})
_subscribe = command(
    _put.on_conflict_do_update(
        index_elements=["session_id"],
        set_={name: _put.excluded[name] for name in ("endpoint", "p256dh", "auth", "locale", "created_at")},
    )
)
_take_over = command(delete(push_subscription).where(_s.endpoint == p("endpoint"), _s.session_id != p("session_id")))
_drop = command(delete(push_subscription).where(among(_s.session_id, "session_ids")))


def subscribe(tx: Tx, actor: MemberActor | ConsumerActor, new: NewSubscription) -> None:
    """Wake this session's device from now on; whoever was signed in on it before is not woken there any more."""
    is_member = isinstance(actor, MemberActor)
    tx.memo.pop(is_anybody_subscribed, None)
    tx.run(_take_over, endpoint=new.endpoint, session_id=actor.session_id)
    tx.run(
        _subscribe,
        session_id=actor.session_id,
        surface="staff" if is_member else "consumer",
        corp_id=actor.corp_id if is_member else None,
        userid=actor.userid if is_member else None,
        consumer_id=None if is_member else actor.consumer_id,
        endpoint=new.endpoint,
        p256dh=new.keys.p256dh,
        auth=new.keys.auth,
        locale=actor.locale,
        created_at=tx.now,
    )


def unsubscribe(tx: Tx, session_ids: Iterable[str]) -> None:
    """Wake the sessions' devices no more; those that never were are passed over."""
    tx.run(_drop, session_ids=list(session_ids))


def note_message(tx: Tx, corp_id: str, conversation_id: str, seq: int, sender: str | None) -> None:
    """Put down a push for every device of those in the conversation but the sender's."""
    if count_people(tx, corp_id, conversation_id) > get_policy(tx, corp_id, push_group_limit):
        return
    persons = [person for person in list_present(tx, corp_id, conversation_id) if person != sender]
    for person, session_id in find_sessions(tx, corp_id, persons):
        note = PushNote(session_id, person, conversation_id, seq)
        schedule(tx, corp_id, PUSH, f"{session_id}/{conversation_id}/{seq}", note, tx.now + GRACE_US)
