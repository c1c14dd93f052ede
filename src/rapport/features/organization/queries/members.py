"""Reading members: by userid, and as a directory that is searched by name, pinyin, initials, userid and phone."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from sqlalchemy import and_, exists, func, or_, select

from rapport.features.identity.api import last_seen
from rapport.features.organization.queries.corps import file_url
from rapport.features.organization.queries.departments import below, list_rows
from rapport.features.organization.tables import member, member_department
from rapport.features.organization.types import Member, Person
from rapport.kernel.errors import NotFound
from rapport.kernel.statements import among, p, ptext, query, scalar
from rapport.kernel.tx import ReadTx

_PHONE_TAIL = re.compile(r"\d{3,}")
EVERY_STATUS = ["invited", "active", "suspended", "departed"]
COLLEAGUES = ["invited", "active", "suspended"]

_decode_ids = msgspec.json.Decoder(list[int]).decode


class MemberRow(msgspec.Struct, frozen=True):
    """A stored member with the key by which the directory is ordered."""

    member: Member
    sort_key: str


def _member(*columns: Any) -> Member:  # noqa: ANN401  columns in the order of the Struct, some decoded
    (
        userid,
        name,
        alias,
        post,
        phone,
        store_name,
        store_address,
        hours,
        introduction,
        avatar_file_id,
        departments,
        role,
        status,
        verified_at,
        window_id,
        serves_customers,
        created_at,
    ) = columns
    return Member(
        userid,
        name,
        alias,
        post,
        phone,
        store_name,
        store_address,
        hours,
        introduction,
        file_url(avatar_file_id),
        _decode_ids(departments),
        role,
        status,
        verified_at,
        window_id,
        bool(serves_customers),
        created_at,
        None,
    )


def _sorted_member(sort_key: str, *columns: Any) -> MemberRow:  # noqa: ANN401  see above
    return MemberRow(_member(*columns), sort_key)


_columns = (
    member.c.userid,
    member.c.name,
    member.c.alias,
    member.c.post,
    member.c.phone,
    member.c.store_name,
    member.c.store_address,
    member.c.hours,
    member.c.introduction,
    member.c.avatar_file_id,
    member.c.departments,
    member.c.role,
    member.c.status,
    member.c.real_name_verified_at,
    member.c.window_id,
    member.c.serves_customers,
    member.c.created_at,
)
_one = query(select(*_columns).where(member.c.corp_id == p("corp_id"), member.c.userid == p("userid")), _member)
_some = query(select(*_columns).where(member.c.corp_id == p("corp_id"), among(member.c.userid, "userids")), _member)
_after = (
    member.c.corp_id == p("corp_id"),
    or_(
        member.c.sort_key > p("sort_key"),
        and_(member.c.sort_key == p("sort_key"), member.c.userid > p("userid")),
    ),
    among(member.c.status, "statuses"),
)
_matching = or_(member.c.search.like(ptext("pattern"), escape="\\"), member.c.search.like(ptext("tail"), escape="\\"))
_seated = exists(
    select(member_department.c.userid).where(
        member_department.c.corp_id == member.c.corp_id,
        member_department.c.userid == member.c.userid,
        among(member_department.c.department_id, "department_ids"),
    )
)
_ordered = select(member.c.sort_key, *_columns).order_by(member.c.sort_key, member.c.userid).limit(p("limit"))
_directory = query(_ordered.where(*_after), _sorted_member)
_searched = query(_ordered.where(*_after, _matching), _sorted_member)
_seated_directory = query(_ordered.where(*_after, _seated), _sorted_member)
_seated_searched = query(_ordered.where(*_after, _matching, _seated), _sorted_member)
_owners = scalar(
    select(func.count())
    .select_from(member)
    .where(
        member.c.corp_id == p("corp_id"),
        member.c.role == "owner",
        member.c.status == "active",
        member.c.userid != p("userid"),
    )
)


def _with_last_seen(tx: ReadTx, corp_id: str, found: Sequence[Member]) -> list[Member]:
    seen = last_seen(tx, corp_id, [one.userid for one in found])
    return [msgspec.structs.replace(one, last_seen_at=seen.get(one.userid)) for one in found]


def get_member(tx: ReadTx, corp_id: str, userid: str) -> Member:
    """Return a member of the corp, departed ones too; raises NotFound."""
    found = tx.one(_one, corp_id=corp_id, userid=userid)
    if found is None:
        raise NotFound
    return _with_last_seen(tx, corp_id, [found])[0]


def ask_members(tx: ReadTx, corp_id: str, userids: Sequence[str]) -> Callable[[], dict[str, Member]]:
    """Ask for ``find_members``."""
    if not userids:
        return dict
    asked = tx.ask(_some, corp_id=corp_id, userids=list(userids))
    return lambda: {one.userid: one for one in asked.all()}


def find_members(tx: ReadTx, corp_id: str, userids: Sequence[str]) -> dict[str, Member]:
    """Return the members by userid, departed ones too; unknown ones are absent. One query, whatever their number.

    When they were last seen is left out.
    """
    return ask_members(tx, corp_id, userids)()


def has_other_owner(tx: ReadTx, corp_id: str, userid: str) -> bool:
    """Say whether the corp has an active owner besides the member."""
    return bool(tx.one(_owners, corp_id=corp_id, userid=userid))


def _patterns(search: str) -> tuple[str, str]:
    """What the search column must be like: anywhere for Chinese, from the start of a key for letters and digits.

    Digits may also be the end of a phone. Keys in the column stand between line ends.
    """
    folded = " ".join(search.casefold().split())
    safe = folded.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    if not folded.isascii():
        return f"%{safe}%", f"%{safe}%"
    tail = f"%{safe}\n%" if _PHONE_TAIL.fullmatch(folded) else f"%\n{safe}%"
    return f"%\n{safe}%", tail


def list_members(
    tx: ReadTx,
    corp_id: str,
    *,
    search: str | None,
    department_id: int | None,
    statuses: list[str],
    after: tuple[str, str] | None,
    limit: int,
) -> list[MemberRow]:
    """Return ``limit`` members by name; of a department and everything below it when one is named."""
    sort_key, userid = ("", "") if after is None else after
    where: dict[str, Any] = {
        "corp_id": corp_id,
        "sort_key": sort_key,
        "userid": userid,
        "statuses": statuses,
        "limit": limit,
    }
    if search:
        where["pattern"], where["tail"] = _patterns(search)
    if department_id is not None:
        where["department_ids"] = sorted(below(list_rows(tx, corp_id), department_id))
        rows = tx.all(_seated_searched if search else _seated_directory, **where)
    else:
        rows = tx.all(_searched if search else _directory, **where)
    members = _with_last_seen(tx, corp_id, [row.member for row in rows])
    return [MemberRow(one, row.sort_key) for one, row in zip(members, rows, strict=True)]


def member_person(member: Member, badge: str | None) -> Person:
    """Return a member as shown beside what the member says.

    With a badge: the outward face (the alias, where there is one). Without: as colleagues know the member.
    """
    name = member.name if badge is None else member.alias or member.name
    return Person(
        f"m:{member.userid}",
        name,
        badge,
        member.post,
        member.avatar_url,
        departed=member.status == "departed",
        suspended=member.status == "suspended",
    )
