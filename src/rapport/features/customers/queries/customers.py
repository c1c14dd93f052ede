"""Consumers as a corp knows them."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from sqlalchemy import select

from rapport.features.customers.tables import customer
from rapport.features.identity.api import find_consumers
from rapport.features.identity.types import Consumer
from rapport.features.organization.types import Person
from rapport.kernel.errors import NotFound
from rapport.kernel.statements import among, p, query, scalar
from rapport.kernel.tx import ReadTx

_c = customer.c


class Known(NamedTuple):
    """A consumer as one corp knows them; ``merged_into`` for a guest who was known already."""

    corp_id: str
    external_userid: str
    merged_into: str | None


class _Behind(NamedTuple):
    external_userid: str
    consumer_id: str


_by_consumer = scalar(
    select(_c.external_userid).where(
        _c.corp_id == p("corp_id"), _c.consumer_id == p("consumer_id"), _c.merged_into.is_(None)
    )
)
_everywhere = query(
    select(_c.corp_id, _c.external_userid, _c.merged_into)
    .where(_c.consumer_id == p("consumer_id"))
    .order_by(_c.created_at, _c.external_userid),
    Known,
    crosses=True,
)
_consumer_ids = query(
    select(_c.external_userid, _c.consumer_id).where(
        _c.corp_id == p("corp_id"), among(_c.external_userid, "external_userids")
    ),
    _Behind,
)


def customer_of(tx: ReadTx, corp_id: str, consumer_id: str) -> str | None:
    """Return the external_userid under which the corp knows a consumer, or None."""
    return tx.one(_by_consumer, corp_id=corp_id, consumer_id=consumer_id)


def get_external_userid(tx: ReadTx, corp_id: str, consumer_id: str) -> str:
    """Return what ``customer_of`` returns; raises NotFound when the corp does not know the consumer."""
    found = customer_of(tx, corp_id, consumer_id)
    if found is None:
        raise NotFound
    return found


def list_customers_of(tx: ReadTx, consumer_id: str) -> list[Known]:
    """Return what a consumer is in every corp, in the order of meeting."""
    return tx.all(_everywhere, consumer_id=consumer_id)


def persons_of(tx: ReadTx, consumer_id: str) -> list[tuple[str, str]]:
    """Return every (corp_id, person id) that a consumer is, in the order of meeting, those of merged guests too."""
    return [(corp_id, f"c:{external_userid}") for corp_id, external_userid, _ in list_customers_of(tx, consumer_id)]


def ask_consumers_behind(
    tx: ReadTx, corp_id: str, external_userids: Iterable[str]
) -> Callable[[], dict[str, Consumer]]:
    """Ask for ``find_consumers_behind``."""
    wanted = list(set(external_userids))
    if not wanted:
        return dict
    asked = tx.ask(_consumer_ids, corp_id=corp_id, external_userids=wanted)

    def behind() -> dict[str, Consumer]:
        pairs = asked.all()
        consumers = find_consumers(tx, [consumer_id for _, consumer_id in pairs])
        return {
            external_userid: consumers[consumer_id]
            for external_userid, consumer_id in pairs
            if consumer_id in consumers
        }

    return behind


def find_consumers_behind(tx: ReadTx, corp_id: str, external_userids: Iterable[str]) -> dict[str, Consumer]:
    """Return the consumers behind some customers of a corp, by external_userid, in two queries."""
    return ask_consumers_behind(tx, corp_id, external_userids)()


def avatar_url(consumer: Consumer) -> str | None:
    """Return where a consumer's picture is served, or None."""
    return None if consumer.avatar_file_id is None else f"/files/{consumer.avatar_file_id}"


def ask_customers(tx: ReadTx, corp_id: str, external_userids: Iterable[str]) -> Callable[[], dict[str, Person]]:
    """Ask for ``find_customers``."""
    behind = ask_consumers_behind(tx, corp_id, external_userids)
    return lambda: {external_userid: _person(external_userid, one) for external_userid, one in behind().items()}


def find_customers(tx: ReadTx, corp_id: str, external_userids: Iterable[str]) -> dict[str, Person]:
    """Return customers of a corp as persons, by external_userid; unknown ids are left out. Two queries however many."""
    return ask_customers(tx, corp_id, external_userids)()


def _person(external_userid: str, consumer: Consumer) -> Person:
    person_id, picture = f"c:{external_userid}", avatar_url(consumer)
    return Person(person_id, consumer.nickname, None, None, picture, departed=False, suspended=False)
