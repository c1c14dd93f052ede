"""Signing out, and one's own devices."""

from functools import partial
from typing import Annotated, Any

import msgspec
from litestar import Response, delete, get, post
from litestar.params import PathParameter

from rapport.features.identity.actions.sessions import (
    revoke_consumer_session,
    revoke_consumer_sessions,
    revoke_member_session,
    revoke_member_sessions,
)
from rapport.features.identity.queries import list_consumer_sessions, list_member_sessions
from rapport.features.identity.types import Session, SessionList
from rapport.kernel.actor import ConsumerActor, MemberActor, OperatorActor, Surface
from rapport.kernel.http.requests import (
    AnyRequest,
    ConsumerRequest,
    OperatorRequest,
    StaffRequest,
    consumer_only,
    find_actor,
    operator_only,
    runtime,
    staff_only,
)
from rapport.kernel.http.signing_in import forgotten_cookie
from rapport.kernel.policy import PLATFORM

SessionId = Annotated[str, PathParameter(max_length=64, description="Id of a session in the list")]


async def _sign_out(request: AnyRequest, surface: Surface) -> Response[None]:
    """End the session that came along, if it is still one, and forget its cookie."""
    actor = await find_actor(request, surface)
    db = runtime(request).db
    match actor:
        case MemberActor(corp_id=corp_id, userid=userid):
            await db.write(partial(revoke_member_session, corp_id=corp_id, session_id=actor.session_id, userid=userid))
        case OperatorActor(operator_id=login):
            await db.write(partial(revoke_member_session, corp_id=PLATFORM, session_id=actor.session_id, userid=login))
        case ConsumerActor(consumer_id=consumer_id):
            await db.write(partial(revoke_consumer_session, consumer_id=consumer_id, session_id=actor.session_id))
        case None:
            pass
    return Response(None, status_code=204, cookies=[forgotten_cookie(request, surface)])


@post("/api/staff/sign-out", status_code=204, operation_id="staffSignOut", tags=["sign-in"])
async def staff_sign_out(request: AnyRequest) -> Response[None]:
    """End this device's session; without a live one it does no harm."""
    return await _sign_out(request, "staff")


@post("/api/admin/sign-out", status_code=204, operation_id="adminSignOut", tags=["sign-in"])
async def admin_sign_out(request: AnyRequest) -> Response[None]:
    """End this device's session; without a live one it does no harm."""
    return await _sign_out(request, "admin")


@post("/api/consumer/sign-out", status_code=204, operation_id="consumerSignOut", tags=["sign-in"])
async def consumer_sign_out(request: AnyRequest) -> Response[None]:
    """End this device's session; without a live one it does no harm."""
    return await _sign_out(request, "consumer")


@post("/api/operator/sign-out", status_code=204, operation_id="operatorSignOut", tags=["operator"])
async def operator_sign_out(request: AnyRequest) -> Response[None]:
    """End this device's session; without a live one it does no harm."""
    return await _sign_out(request, "operator")


def _marked(found: list[Session], session_id: str) -> SessionList:
    return SessionList([msgspec.structs.replace(one, current=one.session_id == session_id) for one in found], next=None)


@get("/api/staff/sessions", guards=[staff_only], operation_id="staffSessions", tags=["devices"])
async def staff_sessions(request: StaffRequest) -> SessionList:
    """List the devices on which one is signed in, newest first."""
    me = request.user
    found = await runtime(request).db.read(lambda tx: list_member_sessions(tx, me.corp_id, me.userid))
    return _marked(found, me.session_id)


@delete("/api/staff/sessions/{session_id:str}", guards=[staff_only], operation_id="staffEndSession", tags=["devices"])
async def staff_end_session(request: StaffRequest, session_id: SessionId) -> None:
    """Sign one of one's own devices out; its sockets close at once."""
    me = request.user
    await runtime(request).db.write(lambda tx: revoke_member_session(tx, me.corp_id, session_id, me.userid))


@delete("/api/staff/sessions", guards=[staff_only], operation_id="staffEndOtherSessions", tags=["devices"])
async def staff_end_other_sessions(request: StaffRequest) -> None:
    """Sign every other device of one's own out."""
    me = request.user
    await runtime(request).db.write(lambda tx: revoke_member_sessions(tx, me.corp_id, me.userid, but=me.session_id))


@get("/api/consumer/sessions", guards=[consumer_only], operation_id="consumerSessions", tags=["devices"])
async def consumer_sessions(request: ConsumerRequest) -> SessionList:
    """List the devices on which one is signed in, newest first."""
    me = request.user
    found = await runtime(request).db.read(lambda tx: list_consumer_sessions(tx, me.consumer_id))
    return _marked(found, me.session_id)


@delete(
    "/api/consumer/sessions/{session_id:str}",
    guards=[consumer_only],
    operation_id="consumerEndSession",
    tags=["devices"],
)
async def consumer_end_session(request: ConsumerRequest, session_id: SessionId) -> None:
    """Sign one of one's own devices out; its sockets close at once."""
    me = request.user
    await runtime(request).db.write(lambda tx: revoke_consumer_session(tx, me.consumer_id, session_id))


@delete("/api/consumer/sessions", guards=[consumer_only], operation_id="consumerEndOtherSessions", tags=["devices"])
async def consumer_end_other_sessions(request: ConsumerRequest) -> None:
    """Sign every other device of one's own out."""
    me = request.user
    await runtime(request).db.write(lambda tx: revoke_consumer_sessions(tx, me.consumer_id, but=me.session_id))


@get("/api/operator/sessions", guards=[operator_only], operation_id="operatorSessions", tags=["operator"])
async def operator_sessions(request: OperatorRequest) -> SessionList:
    """List the devices on which one is signed in, newest first."""
    me = request.user
    found = await runtime(request).db.read(lambda tx: list_member_sessions(tx, PLATFORM, me.operator_id))
    return _marked(found, me.session_id)


@delete(
    "/api/operator/sessions/{session_id:str}",
    guards=[operator_only],
    operation_id="operatorEndSession",
    tags=["operator"],
)
async def operator_end_session(request: OperatorRequest, session_id: SessionId) -> None:
    """Sign one of one's own devices out."""
    me = request.user
    await runtime(request).db.write(lambda tx: revoke_member_session(tx, PLATFORM, session_id, me.operator_id))


@delete("/api/operator/sessions", guards=[operator_only], operation_id="operatorEndOtherSessions", tags=["operator"])
async def operator_end_other_sessions(request: OperatorRequest) -> None:
    """Sign every other device of one's own out."""
    me = request.user
    await runtime(request).db.write(lambda tx: revoke_member_sessions(tx, PLATFORM, me.operator_id, but=me.session_id))


routes: list[Any] = [
    staff_sign_out,
    admin_sign_out,
    consumer_sign_out,
    staff_sessions,
    staff_end_session,
    staff_end_other_sessions,
    consumer_sessions,
    consumer_end_session,
    consumer_end_other_sessions,
    operator_sign_out,
    operator_sessions,
    operator_end_session,
    operator_end_other_sessions,
]
