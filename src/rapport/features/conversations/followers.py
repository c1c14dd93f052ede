"""Reactions to facts: the lists of a group's people follow its tail."""

from rapport.features.conversations.actions.reading import index_group_tail
from rapport.features.conversations.events import EntryAppended
from rapport.kernel.followers import Followers
from rapport.kernel.tx import Tx


def _on_entry(tx: Tx, corp_id: str, fact: EntryAppended) -> None:
    if fact.conversation_kind == "group":
        index_group_tail(tx, corp_id, fact.conversation_id)


def register(followers: Followers) -> None:
    """Add this feature's followers."""
    followers.add("conversations.index").on(EntryAppended, _on_entry)
