"""Operators signing in and looking after their own account; what they do to corps is organization's matter."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody, PathParameter

from rapport.features.identity.actions.accounts import (
    accept_invitation,
    change_password,
    check_not_locked,
    renew_hash,
    sign_in_key,
    sign_in_member,
)
from rapport.features.identity.actions.sessions import open_session
from rapport.features.identity.errors import InvitationGone
from rapport.features.identity.http.proving import Device, NewPassword, Password, Typed, check_address
from rapport.features.identity.passwords import check_password, hasher_of
from rapport.features.identity.queries import find_account, find_account_by_login, find_invitation, get_operator
from rapport.features.identity.types import (
    Account,
    OpenedSession,
    Operator,
    OperatorInvitation,
    OperatorMe,
    OperatorToken,
)
from rapport.kernel.errors import NotFound
from rapport.kernel.http.requests import AnyRequest, OperatorRequest, operator_only, runtime
from rapport.kernel.http.signing_in import address_of, session_cookie, user_agent_of
from rapport.kernel.policy import PLATFORM
from rapport.kernel.texts import clean_optional_line
from rapport.kernel.tx import ReadTx, Tx

Secret = Annotated[str, PathParameter(max_length=64, description="What the command line printed")]


class OperatorSignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``login`` is what the operator was named on the command line."""

    login: Typed
    password: Password
    device: Device = ""


class OperatorPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The password to set: 8 to 128 characters, not a common one."""

    password: NewPassword
    device: Device = ""


class OperatorPasswordChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The present password and the one to set."""

    current: Password
    new: NewPassword


def _me(tx: ReadTx, operator_id: str, session_id: str) -> OperatorMe:
    account = find_account(tx, PLATFORM, operator_id)
    if account is None:
        raise NotFound
    return OperatorMe(get_operator(tx, operator_id), session_id, account.locale)


def _device(typed: str) -> str:
    return clean_optional_line("device", typed, 100) or ""


async def _prove(request: AnyRequest, login: str, password: str) -> tuple[str, Account | None]:
    """Verify a password before any transaction, in the same time whether the login exists; with the failures' key."""
    await check_address(request)
    rt = runtime(request)

    def look(tx: ReadTx) -> tuple[str, Account | None]:
        found = find_account_by_login(tx, PLATFORM, login, None)
        key = sign_in_key(found, login)
        check_not_locked(tx, PLATFORM, key)
        return key, found

    key, found = await rt.db.read(look)
    hasher = hasher_of(rt.settings)
    stored = None if found is None else found.password_hash
    right = await hasher.verify(stored, password)
    if not right or found is None or stored is None:
        return key, None
    if hasher.needs_rehash(stored):
        renewed = await hasher.hash(password)
        await rt.db.write(lambda tx: renew_hash(tx, found, renewed))
    return key, found


async def _enter(request: AnyRequest, data: OperatorSignIn) -> tuple[OperatorMe, OpenedSession]:
    device = _device(data.device)
    key, proven = await _prove(request, data.login, data.password)

    def enter(tx: Tx) -> tuple[OperatorMe, OpenedSession]:
        session = sign_in_member(
            tx,
            surface="operator",
            corp_id=PLATFORM,
            login=key,
            proven=proven,
            device=device,
            user_agent=user_agent_of(request),
            ip=address_of(request),
        )
        return _me(tx, proven.userid if proven else "", session.session_id), session

    return await runtime(request).db.write(enter)


def _opened(request: AnyRequest, me: OperatorMe, session: OpenedSession) -> Response[OperatorMe]:
    cookie = session_cookie(request, "operator", session.secret, session.lasts_s)
    return Response(me, status_code=200, cookies=[cookie], headers={"cache-control": "no-store"})


@post("/api/operator/sign-in", status_code=200, operation_id="operatorSignIn", tags=["operator"], security=[{}])
async def operator_sign_in(request: AnyRequest, data: JSONBody[OperatorSignIn]) -> Response[OperatorMe]:
    """Sign an operator in on this device; wrong passwords in a row pause sign-in for a while."""
    return _opened(request, *await _enter(request, data))


@post("/api/operator/tokens", operation_id="operatorToken", tags=["operator"], security=[{}])
async def operator_token(request: AnyRequest, data: JSONBody[OperatorSignIn]) -> Response[OperatorToken]:
    """Sign an operator in on a command line: the same session, handed over as a bearer token."""
    _, session = await _enter(request, data)
    token = OperatorToken(session.secret, session.session_id, session.lasts_s)
    return Response(token, status_code=201, headers={"cache-control": "no-store"})


def _invited(tx: ReadTx, secret: str) -> tuple[Operator, OperatorInvitation]:
    found = find_invitation(tx, secret)
    if found is None or found.corp_id != PLATFORM:
        raise InvitationGone
    operator = get_operator(tx, found.userid)
    return operator, OperatorInvitation(operator.name, found.purpose)


async def _hash(request: AnyRequest, password: str, operator: Operator) -> str:
    check_password(password, (operator.operator_id, operator.name, "rapport"))
    return await hasher_of(runtime(request).settings).hash(password)


@get("/api/operator/invitations/{token:str}", operation_id="operatorInvitation", tags=["operator"], security=[{}])
async def read_operator_invitation(request: AnyRequest, token: Secret) -> OperatorInvitation:
    """Show whose one-time secret this is; 410 when it was used, replaced or is too old."""
    await check_address(request)
    return (await runtime(request).db.read(lambda tx: _invited(tx, token)))[1]


@post(
    "/api/operator/invitations/{token:str}",
    status_code=200,
    operation_id="acceptOperatorInvitation",
    tags=["operator"],
    security=[{}],
)
async def take_operator_invitation(
    request: AnyRequest, token: Secret, data: JSONBody[OperatorPassword]
) -> Response[OperatorMe]:
    """Set the password by a one-time secret, and sign in on this device; sessions of before end."""
    await check_address(request)
    rt, device = runtime(request), _device(data.device)
    operator, _ = await rt.db.read(lambda tx: _invited(tx, token))
    password_hash = await _hash(request, data.password, operator)

    def enter(tx: Tx) -> tuple[OperatorMe, OpenedSession]:
        found = accept_invitation(tx, token, password_hash)
        session = open_session(
            tx,
            surface="operator",
            corp_id=PLATFORM,
            userid=found.userid,
            consumer_id=None,
            device=device,
            user_agent=user_agent_of(request),
            ip=address_of(request),
        )
        return _me(tx, found.userid, session.session_id), session

    return _opened(request, *await rt.db.write(enter))


@get("/api/operator/me", guards=[operator_only], operation_id="operatorMe", tags=["operator"])
async def operator_me(request: OperatorRequest) -> OperatorMe:
    """Return who is signed in."""
    me = request.user
    return await runtime(request).db.read(lambda tx: _me(tx, me.operator_id, me.session_id))


@post(
    "/api/operator/me/password",
    status_code=204,
    guards=[operator_only],
    operation_id="changeOperatorPassword",
    tags=["operator"],
)
async def change_operator_password(request: OperatorRequest, data: JSONBody[OperatorPasswordChange]) -> Response[None]:
    """Set a new password; every other session of one's own ends. A wrong current one counts towards the lock."""
    me, db = request.user, runtime(request).db
    _, proven = await _prove(request, me.operator_id, data.current)
    operator = await db.read(lambda tx: get_operator(tx, me.operator_id))
    password_hash = await _hash(request, data.new, operator)
    await db.write(lambda tx: change_password(tx, PLATFORM, me.operator_id, me.session_id, proven, password_hash))
    return Response(None, status_code=204)


routes: list[Any] = [
    operator_sign_in,
    operator_token,
    read_operator_invitation,
    take_operator_invitation,
    operator_me,
    change_operator_password,
]
