"""Reactions to facts of lower features: a new nickname is found by search."""

from rapport.features.customers.actions.relations import renew_search
from rapport.features.identity.events import ConsumerChanged
from rapport.kernel.followers import Followers
from rapport.kernel.tx import Tx


def register(followers: Followers) -> None:
    """Follow the facts that concern customers."""
    followers.add("customers.search").on(ConsumerChanged, _renew)


def _renew(tx: Tx, _corp_id: str, fact: ConsumerChanged) -> None:
    renew_search(tx, fact.consumer_id)
