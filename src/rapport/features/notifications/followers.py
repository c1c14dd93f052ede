"""Reactions to facts: a message wakes devices, a session that ended is woken no more."""

from rapport.features.conversations.api import sender_of
from rapport.features.conversations.events import EntryAppended
from rapport.features.conversations.types import COUNTED_KINDS
from rapport.features.identity.events import SessionsRevoked
from rapport.features.notifications.actions import note_message, unsubscribe
from rapport.features.notifications.queries import is_anybody_subscribed
from rapport.kernel.followers import Followers
from rapport.kernel.tx import Tx


def register(followers: Followers) -> None:
    """Follow the facts that concern devices."""
    follower = followers.add("notifications.push")
    follower.on(EntryAppended, _on_entry)
    follower.on(SessionsRevoked, _on_revoked)


def _on_entry(tx: Tx, corp_id: str, fact: EntryAppended) -> None:
    if fact.entry_kind in COUNTED_KINDS and is_anybody_subscribed(tx):
        sender = sender_of(tx, corp_id, fact.conversation_id, fact.seq)
        note_message(tx, corp_id, fact.conversation_id, fact.seq, sender)


def _on_revoked(tx: Tx, _corp_id: str, fact: SessionsRevoked) -> None:
    unsubscribe(tx, fact.session_ids)
