"""Reading windows: a member's face towards customers, with only what the corp shows outside."""

from sqlalchemy import select

from rapport.features.organization.errors import MemberCannotServe
from rapport.features.organization.policies import (
    window_shows_hours,
    window_shows_introduction,
    window_shows_phone,
    window_shows_store,
)
from rapport.features.organization.queries.corps import get_corp, is_suspended
from rapport.features.organization.queries.members import get_member
from rapport.features.organization.tables import corp, member, window_directory
from rapport.features.organization.types import Member, Window, WindowStatus
from rapport.kernel.errors import NotFound
from rapport.kernel.policy import get_policy
from rapport.kernel.statements import p, query
from rapport.kernel.tx import ReadTx


def _address(corp_id: str, userid: str) -> tuple[str, str]:
    return corp_id, userid


def _may_serve(status: str, verified_at: int | None, serves: int, suspended_at: int | None) -> bool:
    return status == "active" and verified_at is not None and bool(serves) and suspended_at is None


_directory = query(
    select(window_directory.c.corp_id, window_directory.c.userid).where(window_directory.c.window_id == p("window_id")),
    _address,
)
_serving = query(
    select(member.c.status, member.c.real_name_verified_at, member.c.serves_customers, corp.c.suspended_at)
    .join(corp, corp.c.corp_id == member.c.corp_id)
    .where(member.c.corp_id == p("corp_id"), member.c.userid == p("userid")),
    _may_serve,
)


def get_window(tx: ReadTx, corp_id: str, userid: str) -> Window:
    """Return a member's window as of now; raises NotFound, also for members who never signed in."""
    found = get_member(tx, corp_id, userid)
    if found.status == "invited":
        raise NotFound
    return _window(tx, corp_id, found)


def get_window_by_id(tx: ReadTx, window_id: str) -> Window:
    """Return the window with a public id; raises NotFound."""
    where = tx.one(_directory, window_id=window_id)
    if where is None:
        raise NotFound
    return get_window(tx, *where)


def _window(tx: ReadTx, corp_id: str, found: Member) -> Window:
    its_corp = get_corp(tx, corp_id)
    status: WindowStatus
    match found.status:
        case "departed":
            status = "departed"
        case "suspended":
            status = "suspended"
        case "active" | "invited":
            status = "suspended" if is_suspended(tx, corp_id) else "active"
    here = status != "departed"
    store = here and get_policy(tx, corp_id, window_shows_store)
    return Window(
        window_id=found.window_id,
        corp=its_corp,
        userid=found.userid,
        name=found.alias or found.name,
        badge=its_corp.badge,
        post=found.post if here else None,
        phone=found.phone if here and get_policy(tx, corp_id, window_shows_phone) else None,
        store_name=found.store_name if store else None,
        store_address=found.store_address if store else None,
        hours=found.hours if here and get_policy(tx, corp_id, window_shows_hours) else None,
        introduction=found.introduction if here and get_policy(tx, corp_id, window_shows_introduction) else None,
        avatar_url=found.avatar_url,
        real_name_verified_at=found.real_name_verified_at if here else None,
        status=status,
        checked_at=tx.now,
    )


def check_serving(tx: ReadTx, corp_id: str, userid: str) -> None:
    """Raise MemberCannotServe unless active, real-name verified, in the contact scope and of a corp in service.

    NotFound when unknown.
    """
    serving = tx.one(_serving, corp_id=corp_id, userid=userid)
    if serving is None:
        raise NotFound
    if not serving:
        raise MemberCannotServe
