"""Contact ways of members (staff) and of the whole corp (admin)."""

from collections.abc import Callable
from typing import Annotated

from litestar import get, patch, post
from litestar.params import FromPath, JSONBody, QueryParameter

from rapport.features.customers.access import access_way
from rapport.features.customers.actions.contact_ways import (
    ContactWayPatch,
    NewContactWay,
    change_contact_way,
    close_contact_way,
    create_contact_way,
    get_own_contact_way,
)
from rapport.features.customers.queries.contact_ways import WayRow, describe_ways, find_own_way, list_ways
from rapport.features.customers.types import ContactWay, ContactWayStatus
from rapport.kernel.http.origin import origin_of
from rapport.kernel.http.paging import After, Limit, Page, decode_cursor, page_of
from rapport.kernel.http.requests import AdminRequest, StaffRequest, admin_only, perform, runtime, staff_only
from rapport.kernel.tx import ReadTx, Tx

Status = Annotated[ContactWayStatus | None, QueryParameter(description="Only codes of this status")]
OfMember = Annotated[str | None, QueryParameter(max_length=64, description="Only codes of this member (userid)")]


def _described(tx: ReadTx, row: WayRow, origin: str) -> ContactWay:
    return describe_ways(tx, row.corp_id, [row], origin)[0]


async def _change(request: StaffRequest, act: Callable[[Tx], WayRow]) -> ContactWay:
    origin = origin_of(request)
    return await perform(request, lambda tx: _described(tx, act(tx), origin), ContactWay)


async def _list(
    request: StaffRequest, member: str | None, status: ContactWayStatus | None, after: str | None, limit: int
) -> Page[ContactWay]:
    before: tuple[int, str] | None = None
    if after is not None:
        created_at, code = decode_cursor(after, int, str)
        before = (created_at, code)
    corp_id, origin = request.user.corp_id, origin_of(request)

    def read(tx: ReadTx) -> Page[ContactWay]:
        rows = list_ways(tx, corp_id, member=member, status=status, before=before, limit=limit + 1)
        last = rows[:limit][-1] if rows else None
        found = describe_ways(tx, corp_id, rows, origin)
        return page_of(found, limit, *((last.created_at, last.code) if last is not None else ()))

    return await runtime(request).db.read(read)


@get("/api/staff/contact-ways", guards=[staff_only], operation_id="staff_list_contact_ways", tags=["customers"])
async def list_my_ways(
    request: StaffRequest, status: Status = None, after: After = None, limit: Limit = 50
) -> Page[ContactWay]:
    """Return the codes that I answer, alone or with others, newest first."""
    return await _list(request, request.user.userid, status, after, limit)


@get("/api/staff/contact-ways/mine", guards=[staff_only], operation_id="staff_own_contact_way", tags=["customers"])
async def get_mine(request: StaffRequest) -> ContactWay:
    """Return my own code, made on first use; 409 ``member_cannot_serve`` for who cannot serve customers."""
    db, actor, origin = runtime(request).db, request.user, origin_of(request)

    def find(tx: ReadTx) -> ContactWay | None:
        row = find_own_way(tx, actor.corp_id, actor.userid)
        return None if row is None else _described(tx, row, origin)

    found = await db.read(find)
    if found is not None:
        return found
    return await db.write(lambda tx: _described(tx, get_own_contact_way(tx, actor), origin))


@get(
    "/api/staff/contact-ways/{code:str}", guards=[staff_only], operation_id="staff_get_contact_way", tags=["customers"]
)
async def get_way(request: StaffRequest, code: FromPath[str]) -> ContactWay:
    """Return a code that I answer or made."""
    actor, origin = request.user, origin_of(request)
    return await runtime(request).db.read(lambda tx: _described(tx, access_way(tx, actor, code), origin))


@post("/api/staff/contact-ways", guards=[staff_only], operation_id="staff_create_contact_way", tags=["customers"])
async def create_my_way(request: StaffRequest, data: JSONBody[NewContactWay]) -> ContactWay:
    """Make a code; members make them for themselves, administrators for everybody."""
    return await _change(request, lambda tx: create_contact_way(tx, request.user, data))


@patch(
    "/api/staff/contact-ways/{code:str}",
    guards=[staff_only],
    operation_id="staff_change_contact_way",
    tags=["customers"],
)
async def change_my_way(request: StaffRequest, code: FromPath[str], data: JSONBody[ContactWayPatch]) -> ContactWay:
    """Change a code that I made."""
    return await _change(request, lambda tx: change_contact_way(tx, request.user, code, data))


@post(
    "/api/staff/contact-ways/{code:str}/close",
    guards=[staff_only],
    status_code=200,
    operation_id="staff_close_contact_way",
    tags=["customers"],
)
async def close_my_way(request: StaffRequest, code: FromPath[str]) -> ContactWay:
    """Close a code that I made, for good."""
    return await _change(request, lambda tx: close_contact_way(tx, request.user, code))


@get("/api/admin/contact-ways", guards=[admin_only], operation_id="admin_list_contact_ways", tags=["customers"])
async def list_corp_ways(
    request: AdminRequest, member: OfMember = None, status: Status = None, after: After = None, limit: Limit = 50
) -> Page[ContactWay]:
    """Return the corp's codes, or those of one member, newest first."""
    return await _list(request, member, status, after, limit)


@get(
    "/api/admin/contact-ways/{code:str}", guards=[admin_only], operation_id="admin_get_contact_way", tags=["customers"]
)
async def get_corp_way(request: AdminRequest, code: FromPath[str]) -> ContactWay:
    """Return a code of the corp."""
    actor, origin = request.user, origin_of(request)
    return await runtime(request).db.read(lambda tx: _described(tx, access_way(tx, actor, code), origin))


@post("/api/admin/contact-ways", guards=[admin_only], operation_id="admin_create_contact_way", tags=["customers"])
async def create_corp_way(request: AdminRequest, data: JSONBody[NewContactWay]) -> ContactWay:
    """Make a code for one or several members."""
    return await _change(request, lambda tx: create_contact_way(tx, request.user, data))


@patch(
    "/api/admin/contact-ways/{code:str}",
    guards=[admin_only],
    operation_id="admin_change_contact_way",
    tags=["customers"],
)
async def change_corp_way(request: AdminRequest, code: FromPath[str], data: JSONBody[ContactWayPatch]) -> ContactWay:
    """Change any code of the corp."""
    return await _change(request, lambda tx: change_contact_way(tx, request.user, code, data))


@post(
    "/api/admin/contact-ways/{code:str}/close",
    guards=[admin_only],
    status_code=200,
    operation_id="admin_close_contact_way",
    tags=["customers"],
)
async def close_corp_way(request: AdminRequest, code: FromPath[str]) -> ContactWay:
    """Close any code of the corp, for good."""
    return await _change(request, lambda tx: close_contact_way(tx, request.user, code))


routes = [
    list_my_ways,
    get_mine,
    get_way,
    create_my_way,
    change_my_way,
    close_my_way,
    list_corp_ways,
    get_corp_way,
    create_corp_way,
    change_corp_way,
    close_corp_way,
]
