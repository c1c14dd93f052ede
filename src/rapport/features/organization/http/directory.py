"""The corp's directory as colleagues see it."""

from typing import Annotated, Any

from litestar import get
from litestar.params import PathParameter, QueryParameter

from rapport.features.organization.queries.departments import list_departments
from rapport.features.organization.queries.members import COLLEAGUES, EVERY_STATUS, get_member, list_members
from rapport.features.organization.types import DepartmentList, Member, MemberStatus
from rapport.kernel.http.paging import After, Limit, Page, decode_cursor, encode_cursor
from rapport.kernel.http.requests import StaffRequest, runtime, staff_only
from rapport.kernel.runtime import Runtime

Search = Annotated[
    str | None, QueryParameter(max_length=64, description="Part of a name, pinyin, initials, userid or end of a phone")
]
InDepartment = Annotated[int | None, QueryParameter(ge=1, le=2**53)]
Userid = Annotated[str, PathParameter(max_length=64)]


async def directory_page(
    rt: Runtime,
    corp_id: str,
    *,
    search: str | None,
    department: int | None,
    status: MemberStatus | None,
    colleagues: bool,
    after: str | None,
    limit: int,
) -> Page[Member]:
    """Return a page of members by name; ``colleagues`` leaves out those who left."""
    statuses = [status] if status is not None else COLLEAGUES if colleagues else EVERY_STATUS
    key = None if after is None else decode_cursor(after, str, str)
    rows = await rt.db.read(
        lambda tx: list_members(
            tx,
            corp_id,
            search=None if search is None else search.strip() or None,
            department_id=department,
            statuses=statuses,
            after=None if key is None else (key[0], key[1]),
            limit=limit + 1,
        )
    )
    shown = rows[:limit]
    following = encode_cursor(shown[-1].sort_key, shown[-1].member.userid) if len(rows) > limit else None
    return Page([row.member for row in shown], following)


@get("/api/staff/departments", guards=[staff_only], operation_id="staffDepartments", tags=["directory"])
async def staff_departments(request: StaffRequest) -> DepartmentList:
    """List the corp's departments by order."""
    corp_id = request.user.corp_id
    return DepartmentList(await runtime(request).db.read(lambda tx: list_departments(tx, corp_id)), None)


@get("/api/staff/members", guards=[staff_only], operation_id="staffMembers", tags=["directory"])
async def staff_members(
    request: StaffRequest,
    search: Search = None,
    department: InDepartment = None,
    after: After = None,
    limit: Limit = 50,
) -> Page[Member]:
    """Page through one's colleagues by name; those who left are not among them."""
    return await directory_page(
        runtime(request),
        request.user.corp_id,
        search=search,
        department=department,
        status=None,
        colleagues=True,
        after=after,
        limit=limit,
    )


@get("/api/staff/members/{userid:str}", guards=[staff_only], operation_id="staffMember", tags=["directory"])
async def staff_member(request: StaffRequest, userid: Userid) -> Member:
    """Return one member of one's corp, also one who left."""
    corp_id = request.user.corp_id
    return await runtime(request).db.read(lambda tx: get_member(tx, corp_id, userid))


routes: list[Any] = [staff_departments, staff_members, staff_member]
