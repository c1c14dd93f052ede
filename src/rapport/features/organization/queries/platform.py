"""Reading corps as operators see them: all of the platform's, with who owns them and how many people they have."""

from typing import Any, NamedTuple

from sqlalchemy import and_, func, or_, select

from rapport.features.organization.queries.corps import CORP_COLUMNS, corp_row
from rapport.features.organization.tables import corp, member, operator_deed
from rapport.features.organization.types import CorpOwner, CorpStatus, MemberStatus, OperatorCorp, OperatorDeed
from rapport.kernel.errors import NotFound
from rapport.kernel.statements import among, p, ptext, query
from rapport.kernel.tx import ReadTx

_AFTER_ALL = 2**62
AFTER_ALL_IDS = "~"


class _Size(NamedTuple):
    corp_id: str
    members: int


class _Owner(NamedTuple):
    corp_id: str
    userid: str
    name: str
    status: MemberStatus


def _row(created_at: int, suspended_at: int | None, *columns: Any) -> OperatorCorp:  # noqa: ANN401  corp_row's columns
    status: CorpStatus = "open" if suspended_at is None else "suspended"
    return OperatorCorp(corp_row(*columns), status, suspended_at, created_at, 0, [])


_columns = (corp.c.created_at, corp.c.suspended_at, *CORP_COLUMNS)
_one = query(select(*_columns).where(corp.c.corp_id == p("corp_id")), _row)
_matching = or_(
    corp.c.corp_id == p("typed"),
    corp.c.name.like(ptext("pattern"), escape="\\"),
    corp.c.short_name.like(ptext("pattern"), escape="\\"),
)
_page = (
    select(*_columns)
    .where(
        or_(
            corp.c.created_at < p("before"),
            and_(corp.c.created_at == p("before"), corp.c.corp_id < p("before_id")),
        )
    )
    .order_by(corp.c.created_at.desc(), corp.c.corp_id.desc())
    .limit(p("limit"))
)
_all = query(_page.where(_matching), _row)
_by_status = {
    "open": query(_page.where(_matching, corp.c.suspended_at.is_(None)), _row),
    "suspended": query(_page.where(_matching, corp.c.suspended_at.isnot(None)), _row),
}
_sizes = query(
    select(member.c.corp_id, func.count())
    .where(among(member.c.corp_id, "corp_ids"), member.c.status != "departed")
    .group_by(member.c.corp_id),
    _Size,
)
_owners = query(
    select(member.c.corp_id, member.c.userid, member.c.name, member.c.status)
    .where(among(member.c.corp_id, "corp_ids"), member.c.role == "owner", member.c.status != "departed")
    .order_by(member.c.corp_id, member.c.userid),
    _Owner,
)
_deeds = query(
    select(*(operator_deed.c[name] for name in OperatorDeed.__struct_fields__))
    .where(operator_deed.c.deed_id < p("before"))
    .order_by(operator_deed.c.deed_id.desc())
    .limit(p("limit")),
    OperatorDeed,
)
_deeds_of = query(
    select(*(operator_deed.c[name] for name in OperatorDeed.__struct_fields__))
    .where(operator_deed.c.corp_id == p("corp_id"), operator_deed.c.deed_id < p("before"))
    .order_by(operator_deed.c.deed_id.desc())
    .limit(p("limit")),
    OperatorDeed,
)


def _filled(tx: ReadTx, found: list[OperatorCorp]) -> list[OperatorCorp]:
    """Add people: two queries, whatever the number of corps."""
    corp_ids = [one.corp.corp_id for one in found]
    sizes = {size.corp_id: size.members for size in tx.all(_sizes, corp_ids=corp_ids)}
    owners: dict[str, list[CorpOwner]] = {}
    for owner in tx.all(_owners, corp_ids=corp_ids):
        owners.setdefault(owner.corp_id, []).append(CorpOwner(owner.userid, owner.name, owner.status))
    return [
        OperatorCorp(
            one.corp,
            one.status,
            one.suspended_at,
            one.created_at,
            sizes.get(one.corp.corp_id, 0),
            owners.get(one.corp.corp_id, []),
        )
        for one in found
    ]


def get_operator_corp(tx: ReadTx, corp_id: str) -> OperatorCorp:
    """Return a corp as operators see it; raises NotFound."""
    found = tx.one(_one, corp_id=corp_id)
    if found is None:
        raise NotFound
    return _filled(tx, [found])[0]


def list_operator_corps(
    tx: ReadTx, *, search: str, status: CorpStatus | None, before: tuple[int, str] | None, limit: int
) -> list[OperatorCorp]:
    """Return ``limit`` corps, newest first, whose id was typed or whose name or short name holds ``search``."""
    typed = search.strip().removeprefix("@")
    safe = typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    at, before_id = before or (_AFTER_ALL, AFTER_ALL_IDS)
    statement = _all if status is None else _by_status[status]
    found = tx.all(statement, typed=typed, pattern=f"%{safe}%", before=at, before_id=before_id, limit=limit)
    return _filled(tx, found)


def list_deeds(tx: ReadTx, corp_id: str | None, before: str | None, limit: int) -> list[OperatorDeed]:
    """Return ``limit`` deeds of operators, newest first, of one corp when it is named."""
    at = AFTER_ALL_IDS if before is None else before
    if corp_id is None:
        return tx.all(_deeds, before=at, limit=limit)
    return tx.all(_deeds_of, corp_id=corp_id, before=at, limit=limit)
