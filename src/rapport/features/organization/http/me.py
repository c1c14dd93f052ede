"""Oneself on the staff and the admin surface."""

from typing import Any

import msgspec
from litestar import Response, get, patch, post
from litestar.params import JSONBody

from rapport.features.identity.api import (
    NewPassword,
    Password,
    change_password,
    check_address,
    check_not_locked,
    find_account,
    hasher_of,
    set_locale,
    sign_in_key,
)
from rapport.features.identity.types import Account
from rapport.features.organization.actions.members import change_me
from rapport.features.organization.http.proving import hash_new_password
from rapport.features.organization.queries.corps import get_corp
from rapport.features.organization.queries.me import read_staff_me
from rapport.features.organization.queries.members import get_member
from rapport.features.organization.types import Corp, Member, MemberPatch, StaffMe
from rapport.kernel.actor import Locale, MemberActor
from rapport.kernel.errors import NotFound
from rapport.kernel.http.requests import AdminRequest, StaffRequest, admin_only, perform, runtime, staff_only
from rapport.kernel.tx import ReadTx, Tx


class MePatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What members change about themselves; an absent field stays, null empties it."""

    alias: str | msgspec.UnsetType | None = msgspec.UNSET
    introduction: str | msgspec.UnsetType | None = msgspec.UNSET
    avatar_file_id: str | msgspec.UnsetType | None = msgspec.UNSET
    locale: Locale | msgspec.UnsetType = msgspec.UNSET


class PasswordChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The present password and the one to set: 8 to 128 characters, not a common one."""

    current: Password
    new: NewPassword


def _me(tx: ReadTx, actor: MemberActor, locale: Locale) -> StaffMe:
    return read_staff_me(tx, actor.corp_id, actor.userid, actor.session_id, locale)


@get("/api/staff/me", guards=[staff_only], operation_id="staffMe", tags=["me"])
async def staff_me(request: StaffRequest) -> StaffMe:
    """Return who is signed in, with the corp."""
    return await runtime(request).db.read_briefly(lambda tx: _me(tx, request.user, request.user.locale))


@get("/api/admin/me", guards=[admin_only], operation_id="adminMe", tags=["me"])
async def admin_me(request: AdminRequest) -> StaffMe:
    """Return who is signed in, with the corp."""
    return await runtime(request).db.read_briefly(lambda tx: _me(tx, request.user, request.user.locale))


def _change_me(tx: Tx, actor: MemberActor, data: MePatch) -> StaffMe:
    fields = MemberPatch(alias=data.alias, introduction=data.introduction, avatar_file_id=data.avatar_file_id)
    if fields != MemberPatch():
        change_me(tx, actor, fields)
    locale = actor.locale
    if data.locale is not msgspec.UNSET:
        locale = data.locale
        set_locale(tx, actor.corp_id, actor.userid, locale)
    return _me(tx, actor, locale)


@patch("/api/staff/me", guards=[staff_only], operation_id="changeStaffMe", tags=["me"])
async def change_staff_me(request: StaffRequest, data: JSONBody[MePatch]) -> StaffMe:
    """Change one's outward nickname, introduction, avatar or language."""
    return await perform(request, lambda tx: _change_me(tx, request.user, data), StaffMe)


@post("/api/staff/me/password", status_code=204, guards=[staff_only], operation_id="changePassword", tags=["me"])
async def change_my_password(request: StaffRequest, data: JSONBody[PasswordChange]) -> Response[None]:
    """Set a new password; every other session of one's own ends. A wrong current one counts towards the lock."""
    await check_address(request)
    rt, me = runtime(request), request.user

    def look(tx: ReadTx) -> tuple[Account, Corp, Member]:
        account = find_account(tx, me.corp_id, me.userid)
        if account is None:
            raise NotFound
        check_not_locked(tx, me.corp_id, sign_in_key(account, me.userid))
        return account, get_corp(tx, me.corp_id), get_member(tx, me.corp_id, me.userid)

    account, corp, member = await rt.db.read(look)
    right = await hasher_of(rt.settings).verify(account.password_hash, data.current)
    proven = account if right else None
    password_hash = await hash_new_password(request, data.new, corp, member)
    await rt.db.write(lambda tx: change_password(tx, me.corp_id, me.userid, me.session_id, proven, password_hash))
    return Response(None, status_code=204)


routes: list[Any] = [staff_me, admin_me, change_staff_me, change_my_password]
