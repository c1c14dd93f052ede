"""Relations: the one-row check of every message, and a member's list of customers."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import select, tuple_

from rapport.features.customers.queries.customers import ask_consumers_behind, avatar_url
from rapport.features.customers.tables import customer, relation
from rapport.features.customers.types import Customer, Relation, RelationStatus
from rapport.features.organization.api import ask_members, member_person
from rapport.features.organization.types import Person
from rapport.kernel.errors import NotFound
from rapport.kernel.statements import among, p, ptext, query
from rapport.kernel.tx import ReadTx

MAX_FOLLOWERS_SHOWN = 20
_END = 2**62
_r = relation.c


class RelationRow(msgspec.Struct, frozen=True):
    """A stored relation; ``phones`` is a JSON list."""

    external_userid: str
    status: RelationStatus
    add_way: int
    state: str | None
    code: str | None
    remark: str | None
    description: str | None
    company: str | None
    phones: str
    conversation_id: str | None
    related_at: int


class KnownRelation(msgspec.Struct, frozen=True):
    """A relation of one consumer in one corp; a merged guest's count too."""

    userid: str
    external_userid: str
    status: RelationStatus
    code: str | None
    conversation_id: str | None
    ended_at: int | None


class _Follower(NamedTuple):
    external_userid: str
    userid: str


_columns = tuple(_r[name] for name in RelationRow.__struct_fields__)
_state = query(
    select(_r.corp_id, _r.userid, _r.external_userid, _r.status, _r.conversation_id).where(
        _r.corp_id == p("corp_id"), _r.userid == p("userid"), _r.external_userid == p("external_userid")
    ),
    Relation,
)
_row = query(
    select(*_columns).where(
        _r.corp_id == p("corp_id"), _r.userid == p("userid"), _r.external_userid == p("external_userid")
    ),
    RelationRow,
)
_list_core = (
    select(*_columns)
    .where(
        _r.corp_id == p("corp_id"),
        _r.userid == p("userid"),
        _r.status == p("status"),
        tuple_(_r.related_at, _r.external_userid) < tuple_(p("before"), p("before_id")),
    )
    .order_by(_r.related_at.desc(), _r.external_userid.desc())
    .limit(p("limit"))
)
_list = query(_list_core, RelationRow)
_found = query(_list_core.where(_r.search.like(ptext("pattern"), escape="\\")), RelationRow)
_known = query(
    select(_r.userid, _r.external_userid, _r.status, _r.code, _r.conversation_id, _r.ended_at)
    .join(customer, (customer.c.corp_id == _r.corp_id) & (customer.c.external_userid == _r.external_userid))
    .where(customer.c.corp_id == p("corp_id"), customer.c.consumer_id == p("consumer_id"))
    # The whole customer before merged guests, then the oldest relation: the same answer every time.
    .order_by(customer.c.merged_into.isnot(None), _r.related_at, _r.userid),
    KnownRelation,
)
_followers = query(
    select(_r.external_userid, _r.userid)
    .where(_r.corp_id == p("corp_id"), among(_r.external_userid, "external_userids"), _r.status == "active")
    .order_by(_r.external_userid, _r.userid)
    .limit(5000),
    _Follower,
)


def find_relation(tx: ReadTx, corp_id: str, userid: str, external_userid: str) -> Relation | None:
    """Return the state of a relation by its key, or None."""
    return tx.one(_state, corp_id=corp_id, userid=userid, external_userid=external_userid)


def get_relation(tx: ReadTx, corp_id: str, userid: str, external_userid: str) -> Relation:
    """Return the state of a relation; raises NotFound."""
    found = find_relation(tx, corp_id, userid, external_userid)
    if found is None:
        raise NotFound
    return found


def find_relation_row(tx: ReadTx, corp_id: str, userid: str, external_userid: str) -> RelationRow | None:
    """Return a relation with its notes, or None."""
    return tx.one(_row, corp_id=corp_id, userid=userid, external_userid=external_userid)


def list_known(tx: ReadTx, corp_id: str, consumer_id: str) -> list[KnownRelation]:
    """Return every relation of a consumer in a corp, whatever its status."""
    return tx.all(_known, corp_id=corp_id, consumer_id=consumer_id)


def list_relation_rows(
    tx: ReadTx,
    corp_id: str,
    userid: str,
    status: RelationStatus,
    *,
    pattern: str | None,
    before: tuple[int, str] | None,
    limit: int,
) -> list[RelationRow]:
    """Return a member's relations of one status, latest first, from before a (related_at, external_userid) key on.

    ``pattern`` is matched by LIKE with backslash as escape against the relation's search words.
    """
    at, before_id = before or (_END, "")
    key = {"corp_id": corp_id, "userid": userid, "status": status, "before": at, "before_id": before_id, "limit": limit}
    return tx.all(_list, **key) if pattern is None else tx.all(_found, **key, pattern=pattern)


def describe_customers(tx: ReadTx, corp_id: str, userid: str, rows: Sequence[RelationRow]) -> list[Customer]:
    """Return relations as the member sees them, with names and other followers: at most four queries, in two goes."""
    ids = [row.external_userid for row in rows]
    followed = tx.ask(_followers, corp_id=corp_id, external_userids=ids)
    behind = ask_consumers_behind(tx, corp_id, ids)
    others: dict[str, list[str]] = {}
    for external_userid, follower in followed.all():
        if follower != userid and len(others.setdefault(external_userid, [])) < MAX_FOLLOWERS_SHOWN:
            others[external_userid].append(follower)
    members = ask_members(tx, corp_id, list({follower for followers in others.values() for follower in followers}))
    consumers = behind()
    persons: dict[str, Person] = {follower: member_person(member, None) for follower, member in members().items()}
    return [
        Customer(
            external_userid=row.external_userid,
            name=consumers[row.external_userid].nickname,
            avatar_url=avatar_url(consumers[row.external_userid]),
            remark=row.remark,
            description=row.description,
            company=row.company,
            phones=msgspec.json.decode(row.phones, type=list[str]),
            add_way=row.add_way,
            state=row.state,
            code=row.code,
            related_at=row.related_at,
            status=row.status,
            conversation_id=row.conversation_id,
            other_followers=[persons[other] for other in others.get(row.external_userid, []) if other in persons],
            guest=consumers[row.external_userid].guest,
        )
        for row in rows
    ]


class _Remarked(msgspec.Struct, frozen=True):
    external_userid: str
    remark: str


_remarks = query(
    select(relation.c.external_userid, relation.c.remark).where(
        relation.c.corp_id == p("corp_id"),
        relation.c.userid == p("userid"),
        among(relation.c.external_userid, "external_userids"),
        relation.c.remark.isnot(None),
    ),
    _Remarked,
)


def ask_remarks(tx: ReadTx, corp_id: str, userid: str, external_userids: Iterable[str]) -> Callable[[], dict[str, str]]:
    """Ask how a member calls some customers, by external_userid, where the member wrote a remark."""
    wanted = list(set(external_userids))
    if not wanted:
        return dict
    asked = tx.ask(_remarks, corp_id=corp_id, userid=userid, external_userids=wanted)
    return lambda: {row.external_userid: row.remark for row in asked.all() if row.remark}
