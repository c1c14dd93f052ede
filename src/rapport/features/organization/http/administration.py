"""Members as owners and administrators manage them."""

from collections.abc import Callable
from typing import Annotated, Any

from litestar import get, patch, post
from litestar.params import JSONBody, QueryParameter

from rapport.features.organization.actions.members import add_member, change_member
from rapport.features.organization.actions.standing import (
    depart_member,
    invite_member,
    restore_member,
    suspend_member,
    verify_member,
)
from rapport.features.organization.http.directory import InDepartment, Search, Userid, directory_page
from rapport.features.organization.queries.members import get_member
from rapport.features.organization.types import (
    InvitationLink,
    InvitedMember,
    Member,
    MemberPatch,
    MemberStatus,
    NewMember,
)
from rapport.kernel.actor import MemberActor
from rapport.kernel.http.origin import origin_of
from rapport.kernel.http.paging import After, Limit, Page
from rapport.kernel.http.requests import AdminRequest, admin_only, perform, runtime
from rapport.kernel.tx import Tx

WithStatus = Annotated[MemberStatus | None, QueryParameter()]
Step = Callable[[Tx, MemberActor, str], Member]


def _link(request: AdminRequest, secret: str) -> str:
    """The page of the staff app that takes a link; the secret stays out of server logs behind the ``#``."""
    return f"{origin_of(request)}/staff/invitation#{secret}"


@get("/api/admin/members", guards=[admin_only], operation_id="adminMembers", tags=["members"])
async def admin_members(
    request: AdminRequest,
    search: Search = None,
    status: WithStatus = None,
    department: InDepartment = None,
    after: After = None,
    limit: Limit = 50,
) -> Page[Member]:
    """Page through the corp's members by name, those who left too."""
    return await directory_page(
        runtime(request),
        request.user.corp_id,
        search=search,
        department=department,
        status=status,
        colleagues=False,
        after=after,
        limit=limit,
    )


@get("/api/admin/members/{userid:str}", guards=[admin_only], operation_id="adminMember", tags=["members"])
async def admin_member(request: AdminRequest, userid: Userid) -> Member:
    """Return one member of the corp, also one who left."""
    corp_id = request.user.corp_id
    return await runtime(request).db.read(lambda tx: get_member(tx, corp_id, userid))


@post("/api/admin/members", operation_id="addMember", guards=[admin_only], tags=["members"])
async def post_member(request: AdminRequest, data: JSONBody[NewMember]) -> InvitedMember:
    """Add a member and return the link with which a first password is set."""
    me = request.user
    member = await perform(request, lambda tx: add_member(tx, me, data), Member)
    # Apart from the command above, so that no answer kept for a repeated request carries a secret.
    secret = await runtime(request).db.write(lambda tx: invite_member(tx, me, member.userid))
    return InvitedMember(member, _link(request, secret))


@patch("/api/admin/members/{userid:str}", guards=[admin_only], operation_id="changeMember", tags=["members"])
async def patch_member(request: AdminRequest, userid: Userid, data: JSONBody[MemberPatch]) -> Member:
    """Change what is known of a member; roles are the owners' matter."""
    return await perform(request, lambda tx: change_member(tx, request.user, userid, data), Member)


async def _step(request: AdminRequest, userid: str, step: Step) -> Member:
    return await perform(request, lambda tx: step(tx, request.user, userid), Member)


@post(
    "/api/admin/members/{userid:str}/suspend",
    status_code=200,
    guards=[admin_only],
    operation_id="suspendMember",
    tags=["members"],
)
async def suspend(request: AdminRequest, userid: Userid) -> Member:
    """Take a member out of service; sessions end at once."""
    return await _step(request, userid, suspend_member)


@post(
    "/api/admin/members/{userid:str}/restore",
    status_code=200,
    guards=[admin_only],
    operation_id="restoreMember",
    tags=["members"],
)
async def restore(request: AdminRequest, userid: Userid) -> Member:
    """Bring a suspended member back."""
    return await _step(request, userid, restore_member)


@post(
    "/api/admin/members/{userid:str}/depart",
    status_code=200,
    guards=[admin_only],
    operation_id="departMember",
    tags=["members"],
)
async def depart(request: AdminRequest, userid: Userid) -> Member:
    """Let a member leave for good; sessions end at once, the window says so."""
    return await _step(request, userid, depart_member)


@post(
    "/api/admin/members/{userid:str}/verify",
    status_code=200,
    guards=[admin_only],
    operation_id="verifyMember",
    tags=["members"],
)
async def verify(request: AdminRequest, userid: Userid) -> Member:
    """Note that the member's real name was checked, once and for good."""
    return await _step(request, userid, verify_member)


@post(
    "/api/admin/members/{userid:str}/invite",
    status_code=200,
    guards=[admin_only],
    operation_id="inviteMember",
    tags=["members"],
)
async def invite(request: AdminRequest, userid: Userid) -> InvitationLink:
    """Return a new link to set a password; earlier links of the member stop working."""
    me = request.user
    return InvitationLink(_link(request, await runtime(request).db.write(lambda tx: invite_member(tx, me, userid))))


routes: list[Any] = [admin_members, admin_member, post_member, patch_member, suspend, restore, depart, verify, invite]
