"""Reactions to facts: lists of a group's people follow its tail, receipts, names and faces follow people's choices."""

from rapport.features.conversations.access import Viewer
from rapport.features.conversations.actions.faces import begin_showing
from rapport.features.conversations.actions.opening import touch_customer_conversation
from rapport.features.conversations.actions.reading import index_group_tail, note_receipts, set_shares_reads
from rapport.features.conversations.events import EntryAppended, ReadMoved
from rapport.features.customers.api import persons_of
from rapport.features.customers.events import RelationChanged
from rapport.features.identity.api import find_consumers
from rapport.features.identity.events import ConsumerChanged
from rapport.features.organization.events import MemberChanged
from rapport.kernel.followers import Followers
from rapport.kernel.tx import Tx


def _on_entry(tx: Tx, corp_id: str, fact: EntryAppended) -> None:
    if fact.conversation_kind != "group":
        return
    # A row is moved to the tail that there is now: once is enough for all the facts that are handled together.
    moved = (_on_entry, corp_id, fact.conversation_id)
    if tx.memo.get(moved, 0) < fact.seq:
        tx.memo[moved] = index_group_tail(tx, corp_id, fact.conversation_id)


def _on_read(tx: Tx, corp_id: str, fact: ReadMoved) -> None:
    noted = (_on_read, corp_id, fact.conversation_id)
    if fact.in_group and noted not in tx.memo:
        tx.memo[noted] = True
        note_receipts(tx, corp_id, fact.conversation_id)


def _on_consumer(tx: Tx, _corp_id: str, fact: ConsumerChanged) -> None:
    """A consumer's choice about receipts holds in every conversation they have."""
    found = find_consumers(tx, [fact.consumer_id]).get(fact.consumer_id)
    if found is not None:
        viewers = [Viewer(corp_id, person) for corp_id, person in persons_of(tx, fact.consumer_id)]
        set_shares_reads(tx, viewers, share=found.receipts)


def _on_relation(tx: Tx, corp_id: str, fact: RelationChanged) -> None:
    """A member calls a customer by another name: the member's list and open sockets learn of it."""
    touch_customer_conversation(tx, corp_id, fact.userid, fact.external_userid)


def _on_member(tx: Tx, corp_id: str, fact: MemberChanged) -> None:
    """A member changed, was suspended or left: open pages of their customers say so."""
    begin_showing(tx, corp_id, fact.userid)


def register(followers: Followers) -> None:
    """Add this feature's followers."""
    index = followers.add("conversations.index")
    index.on(EntryAppended, _on_entry)
    index.on(ReadMoved, _on_read)
    followers.add("conversations.receipts").on(ConsumerChanged, _on_consumer)
    followers.add("conversations.names").on(RelationChanged, _on_relation)
    followers.add("conversations.faces").on(MemberChanged, _on_member)
