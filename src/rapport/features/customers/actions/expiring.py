"""Requests that nobody answered: they expire, leave the member's list, and the consumer may ask again."""

from typing import NamedTuple

from sqlalchemy import select, update

from rapport.features.customers.events import RelationExpired
from rapport.features.customers.policies import request_days
from rapport.features.customers.queries.customers import find_consumers_behind
from rapport.features.customers.tables import is_requested, relation
from rapport.kernel.clock import DAY
from rapport.kernel.journal import Audience
from rapport.kernel.policy import get_policy
from rapport.kernel.statements import command, p, query
from rapport.kernel.tx import Tx

AT_ONCE = 100

_r = relation.c


class _Waiting(NamedTuple):
    userid: str
    external_userid: str


class _Oldest(NamedTuple):
    corp_id: str
    related_at: int


_next_corp = query(
    # Ordered by both columns, so that the index of waiting requests serves it, and no member's list is read.
    select(_r.corp_id, _r.related_at)
    .where(is_requested, _r.corp_id > p("after"))
    .order_by(_r.corp_id, _r.related_at)
    .limit(1),
    _Oldest,
    crosses=True,
)
_overdue = query(
    select(_r.userid, _r.external_userid)
    .where(is_requested, _r.corp_id == p("corp_id"), _r.related_at <= p("before"))
    .order_by(_r.related_at)
    .limit(AT_ONCE),
    _Waiting,
)
_expire = command(
    update(relation)
    .where(_r.corp_id == p("in_corp"), _r.userid == p("who"), _r.external_userid == p("of"), is_requested)
    .values(status="expired", ended_at=p("now"))
)


def expire_requests(tx: Tx) -> None:
    """End requests older than their corp's policy, of each corp the oldest ``AT_ONCE``.

    Announces RelationExpired to the member and the consumer.
    """
    oldest = tx.one(_next_corp, after="")
    while oldest is not None:
        before = tx.now - get_policy(tx, oldest.corp_id, request_days) * DAY
        if oldest.related_at <= before:
            _expire_in(tx, oldest.corp_id, before)
        oldest = tx.one(_next_corp, after=oldest.corp_id)


def _expire_in(tx: Tx, corp_id: str, before: int) -> None:
    overdue = tx.all(_overdue, corp_id=corp_id, before=before)
    consumers = find_consumers_behind(tx, corp_id, [found.external_userid for found in overdue])
    for found in overdue:
        tx.run(_expire, in_corp=corp_id, who=found.userid, of=found.external_userid, now=tx.now)
        consumer = consumers.get(found.external_userid)
        audience = Audience(
            people=(f"m:{found.userid}",), consumers=() if consumer is None else (consumer.consumer_id,)
        )
        tx.emit(corp_id, RelationExpired(found.userid, found.external_userid), audience)
