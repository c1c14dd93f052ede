"""The platform's corps, as operators look after them."""

from typing import Annotated, Any

import msgspec
from litestar import get, post
from litestar.params import JSONBody, PathParameter, QueryParameter

from rapport.features.organization.actions.platform import (
    bring_back,
    confirm_corp,
    found_corp,
    invite_owner,
    take_out_of_service,
)
from rapport.features.organization.http.directory import Userid
from rapport.features.organization.queries.platform import get_operator_corp, list_deeds, list_operator_corps
from rapport.features.organization.types import (
    CorpStatus,
    FoundedCorp,
    InvitationLink,
    NewCorp,
    OperatorCorp,
    OperatorDeed,
)
from rapport.kernel.http.origin import origin_of
from rapport.kernel.http.paging import After, Limit, Page, decode_cursor, page_of
from rapport.kernel.http.requests import OperatorRequest, operator_only, perform, runtime

CorpId = Annotated[str, PathParameter(max_length=64)]
Search = Annotated[str, QueryParameter(max_length=64, description="Part of a name or short name, or a corp_id")]
WithStatus = Annotated[CorpStatus | None, QueryParameter()]
OfCorp = Annotated[str | None, QueryParameter(max_length=64, description="A corp_id")]


class WithReason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why; it stays on record."""

    reason: Annotated[str, msgspec.Meta(max_length=2000)] | None = None


def _link(request: OperatorRequest, secret: str) -> str:
    return f"{origin_of(request)}/staff/invitation#{secret}"


@get("/api/operator/corps", guards=[operator_only], operation_id="operatorCorps", tags=["operator"])
async def operator_corps(
    request: OperatorRequest, search: Search = "", status: WithStatus = None, after: After = None, limit: Limit = 50
) -> Page[OperatorCorp]:
    """Page through the platform's corps, newest first."""
    before: tuple[int, str] | None = None
    if after is not None:
        created_at, corp_id = decode_cursor(after, int, str)
        before = (created_at, corp_id)
    found = await runtime(request).db.read(
        lambda tx: list_operator_corps(tx, search=search, status=status, before=before, limit=limit + 1)
    )
    last = found[:limit][-1] if found else None
    return page_of(found, limit, *((last.created_at, last.corp.corp_id) if last is not None else ()))


@post("/api/operator/corps", guards=[operator_only], operation_id="foundCorp", tags=["operator"])
async def post_corp(request: OperatorRequest, data: JSONBody[NewCorp]) -> FoundedCorp:
    """Found a corp and return the link with which its owner sets a password."""
    me = request.user
    made = await perform(request, lambda tx: found_corp(tx, me, data), OperatorCorp)
    # Apart from the command above, so that no answer kept for a repeated request carries a secret.
    corp_id, userid = made.corp.corp_id, data.owner.userid
    secret = await runtime(request).db.write(lambda tx: invite_owner(tx, me, corp_id, userid))
    return FoundedCorp(made, _link(request, secret))


@get("/api/operator/corps/{corp_id:str}", guards=[operator_only], operation_id="operatorCorp", tags=["operator"])
async def operator_corp(request: OperatorRequest, corp_id: CorpId) -> OperatorCorp:
    """Return one corp."""
    return await runtime(request).db.read(lambda tx: get_operator_corp(tx, corp_id))


@post(
    "/api/operator/corps/{corp_id:str}/verify",
    status_code=200,
    guards=[operator_only],
    operation_id="verifyCorp",
    tags=["operator"],
)
async def verify(request: OperatorRequest, corp_id: CorpId) -> OperatorCorp:
    """Note that the corp's full name was checked; its people's windows show it."""
    return await perform(request, lambda tx: confirm_corp(tx, request.user, corp_id), OperatorCorp)


@post(
    "/api/operator/corps/{corp_id:str}/suspend",
    status_code=200,
    guards=[operator_only],
    operation_id="suspendCorp",
    tags=["operator"],
)
async def suspend(request: OperatorRequest, corp_id: CorpId, data: JSONBody[WithReason]) -> OperatorCorp:
    """Take a corp out of service: its members' sessions end at once, its codes show as closed."""
    me = request.user
    return await perform(request, lambda tx: take_out_of_service(tx, me, corp_id, data.reason), OperatorCorp)


@post(
    "/api/operator/corps/{corp_id:str}/reopen",
    status_code=200,
    guards=[operator_only],
    operation_id="reopenCorp",
    tags=["operator"],
)
async def reopen(request: OperatorRequest, corp_id: CorpId, data: JSONBody[WithReason]) -> OperatorCorp:
    """Bring a suspended corp back; its members sign in again."""
    return await perform(request, lambda tx: bring_back(tx, request.user, corp_id, data.reason), OperatorCorp)


@post(
    "/api/operator/corps/{corp_id:str}/owners/{userid:str}/invite",
    status_code=200,
    guards=[operator_only],
    operation_id="inviteOwner",
    tags=["operator"],
)
async def invite(request: OperatorRequest, corp_id: CorpId, userid: Userid) -> InvitationLink:
    """Return a new link for an owner who never signed in; earlier links stop working."""
    me = request.user
    secret = await runtime(request).db.write(lambda tx: invite_owner(tx, me, corp_id, userid))
    return InvitationLink(_link(request, secret))


@get("/api/operator/deeds", guards=[operator_only], operation_id="operatorDeeds", tags=["operator"])
async def operator_deeds(
    request: OperatorRequest, corp: OfCorp = None, after: After = None, limit: Limit = 50
) -> Page[OperatorDeed]:
    """Page through what operators did, newest first."""
    before = None if after is None else str(decode_cursor(after, str)[0])
    found = await runtime(request).db.read(lambda tx: list_deeds(tx, corp, before, limit + 1))
    return page_of(found, limit, found[:limit][-1].deed_id if found else "")


routes: list[Any] = [
    operator_corps,
    post_corp,
    operator_corp,
    verify,
    suspend,
    reopen,
    invite,
    operator_deeds,
]
