"""The corp itself, its tree and everybody's devices, as owners and administrators manage them."""

from typing import Annotated, Any

import msgspec
from litestar import delete, get, patch, post
from litestar.params import JSONBody, PathParameter, QueryParameter

from rapport.features.identity.api import list_corp_sessions, revoke_member_session
from rapport.features.identity.types import Session
from rapport.features.organization.actions.corps import change_corp
from rapport.features.organization.actions.departments import (
    MAX_PLACE,
    ROOT,
    change_department,
    create_department,
    delete_department,
)
from rapport.features.organization.queries.corps import get_corp
from rapport.features.organization.queries.departments import list_departments
from rapport.features.organization.queries.members import find_members
from rapport.features.organization.types import Corp, CorpPatch, Department, DepartmentList, DepartmentPatch
from rapport.kernel.http.paging import After, Limit, Page, decode_cursor, page_of
from rapport.kernel.http.requests import AdminRequest, admin_only, perform, runtime
from rapport.kernel.tx import ReadTx

DepartmentId = Annotated[int, PathParameter(ge=1, le=2**53)]
SessionId = Annotated[str, PathParameter(max_length=64, description="Id of a session in the list")]
OfUser = Annotated[str | None, QueryParameter(max_length=64)]


class NewDepartment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A name and the department it lies below, the root when absent."""

    name: str
    parent_id: Annotated[int, msgspec.Meta(ge=1, le=2**53)] = ROOT


class DepartmentChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is changed; an absent field stays."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    parent_id: Annotated[int, msgspec.Meta(ge=1, le=2**53)] | msgspec.UnsetType = msgspec.UNSET
    order: Annotated[int, msgspec.Meta(ge=0, le=MAX_PLACE)] | msgspec.UnsetType = msgspec.UNSET


@get("/api/admin/corp", guards=[admin_only], operation_id="adminCorp", tags=["corp"])
async def admin_corp(request: AdminRequest) -> Corp:
    """Return one's corp."""
    corp_id = request.user.corp_id
    return await runtime(request).db.read(lambda tx: get_corp(tx, corp_id))


@patch("/api/admin/corp", guards=[admin_only], operation_id="changeCorp", tags=["corp"])
async def patch_corp(request: AdminRequest, data: JSONBody[CorpPatch]) -> Corp:
    """Change the corp's names, logo or time zone."""
    return await perform(request, lambda tx: change_corp(tx, request.user, data), Corp)


@get("/api/admin/departments", guards=[admin_only], operation_id="adminDepartments", tags=["departments"])
async def admin_departments(request: AdminRequest) -> DepartmentList:
    """List the corp's departments by order."""
    corp_id = request.user.corp_id
    return DepartmentList(await runtime(request).db.read(lambda tx: list_departments(tx, corp_id)), None)


@post("/api/admin/departments", guards=[admin_only], operation_id="createDepartment", tags=["departments"])
async def post_department(request: AdminRequest, data: JSONBody[NewDepartment]) -> Department:
    """Create a department below another."""
    corp_id = request.user.corp_id
    return await perform(request, lambda tx: create_department(tx, corp_id, data.name, data.parent_id), Department)


@patch(
    "/api/admin/departments/{department_id:int}",
    guards=[admin_only],
    operation_id="changeDepartment",
    tags=["departments"],
)
async def patch_department(
    request: AdminRequest, department_id: DepartmentId, data: JSONBody[DepartmentChange]
) -> Department:
    """Rename, reorder or move a department."""
    corp_id = request.user.corp_id
    wanted = DepartmentPatch(name=data.name, parent_id=data.parent_id, order=data.order)
    return await perform(request, lambda tx: change_department(tx, corp_id, department_id, wanted), Department)


@delete(
    "/api/admin/departments/{department_id:int}",
    guards=[admin_only],
    operation_id="deleteDepartment",
    tags=["departments"],
)
async def remove_department(request: AdminRequest, department_id: DepartmentId) -> None:
    """Remove an empty department."""
    corp_id = request.user.corp_id
    await runtime(request).db.write(lambda tx: delete_department(tx, corp_id, department_id))


def _named_sessions(
    tx: ReadTx, corp_id: str, *, current: str, userid: str | None, after: str | None, limit: int
) -> Page[Session]:
    found = list_corp_sessions(tx, corp_id, userid, after, limit + 1)
    people = find_members(tx, corp_id, [one.userid for one in found if one.userid is not None])
    shown = [
        msgspec.structs.replace(
            one,
            current=one.session_id == current,
            person=people[one.userid].name if one.userid in people else None,
        )
        for one in found
    ]
    return page_of(shown, limit, shown[:limit][-1].session_id if shown else "")


@get("/api/admin/sessions", guards=[admin_only], operation_id="adminSessions", tags=["devices"])
async def admin_sessions(
    request: AdminRequest, userid: OfUser = None, after: After = None, limit: Limit = 50
) -> Page[Session]:
    """Page through the devices on which the corp's members are signed in, newest first."""
    me = request.user
    before = None if after is None else str(decode_cursor(after, str)[0])
    return await runtime(request).db.read(
        lambda tx: _named_sessions(tx, me.corp_id, current=me.session_id, userid=userid, after=before, limit=limit)
    )


@delete("/api/admin/sessions/{session_id:str}", guards=[admin_only], operation_id="adminEndSession", tags=["devices"])
async def admin_end_session(request: AdminRequest, session_id: SessionId) -> None:
    """Sign a member's device out; its sockets close at once."""
    corp_id = request.user.corp_id
    await runtime(request).db.write(lambda tx: revoke_member_session(tx, corp_id, session_id))


routes: list[Any] = [
    admin_corp,
    patch_corp,
    admin_departments,
    post_department,
    patch_department,
    remove_department,
    admin_sessions,
    admin_end_session,
]
