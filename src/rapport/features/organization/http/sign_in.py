"""Members signing in: by password, as a program, and by an invitation link."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.params import JSONBody, PathParameter

from rapport.features.identity.api import (
    Device,
    NewPassword,
    Password,
    Typed,
    accept_invitation,
    check_address,
    find_account,
    find_invitation,
    open_session,
    sign_in_member,
)
from rapport.features.identity.errors import InvitationGone
from rapport.features.identity.types import OpenedSession
from rapport.features.organization.actions.standing import activate_member
from rapport.features.organization.http.proving import Proof, hash_new_password, prove
from rapport.features.organization.queries.corps import check_corp_open, get_corp
from rapport.features.organization.queries.me import read_staff_me
from rapport.features.organization.queries.members import get_member
from rapport.features.organization.types import Corp, InvitationView, Member, StaffMe, Token
from rapport.kernel.actor import Locale, Surface
from rapport.kernel.errors import NotFound
from rapport.kernel.http.requests import AnyRequest, runtime
from rapport.kernel.http.signing_in import address_of, session_cookie, user_agent_of
from rapport.kernel.policy import PLATFORM
from rapport.kernel.texts import clean_line, clean_optional_line
from rapport.kernel.tx import ReadTx, Tx

InvitationToken = Annotated[str, PathParameter(max_length=64, description="The last part of the link")]


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``corp`` is the short name or the id, ``login`` the userid or the phone."""

    corp: Typed
    login: Typed
    password: Password
    device: Device = ""


class TokenRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """As for signing in; ``name`` is what the token is called in the list of devices."""

    corp: Typed
    login: Typed
    password: Password
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class FirstPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The password to set: 8 to 128 characters, not a common one."""

    password: NewPassword
    device: Device = ""


def _device(typed: str) -> str:
    return clean_optional_line("device", typed, 100) or ""


def _opened(request: AnyRequest, surface: Surface, me: StaffMe, session: OpenedSession) -> Response[StaffMe]:
    cookie = session_cookie(request, surface, session.secret, session.lasts_s)
    return Response(me, status_code=200, cookies=[cookie], headers={"cache-control": "no-store"})


def _locale(tx: ReadTx, corp_id: str, userid: str) -> Locale:
    account = find_account(tx, corp_id, userid)
    if account is None:
        raise NotFound
    return account.locale


def _enter(tx: Tx, request: AnyRequest, surface: Surface, proof: Proof, device: str, *, program: bool) -> OpenedSession:
    session = sign_in_member(
        tx,
        surface=surface,
        corp_id=proof.corp_id,
        login=proof.key,
        proven=proof.account,
        device=device,
        user_agent=user_agent_of(request),
        ip=address_of(request),
        program=program,
    )
    # Only after the password was right: a stranger learns nothing of a corp.
    check_corp_open(tx, proof.corp_id)
    return session


async def _sign_in(request: AnyRequest, surface: Surface, data: SignIn) -> Response[StaffMe]:
    device = _device(data.device)
    proof = await prove(request, data.corp, data.login, data.password)

    def enter(tx: Tx) -> tuple[StaffMe, OpenedSession]:
        session = _enter(tx, request, surface, proof, device, program=False)
        userid = proof.account.userid if proof.account else ""
        locale = _locale(tx, proof.corp_id, userid)
        return read_staff_me(tx, proof.corp_id, userid, session.session_id, locale), session

    return _opened(request, surface, *await runtime(request).db.write(enter))


@post("/api/staff/sign-in", status_code=200, operation_id="staffSignIn", tags=["sign-in"], security=[{}])
async def staff_sign_in(request: AnyRequest, data: JSONBody[SignIn]) -> Response[StaffMe]:
    """Sign a member in on this device; wrong passwords in a row pause sign-in for a while."""
    return await _sign_in(request, "staff", data)


@post("/api/admin/sign-in", status_code=200, operation_id="adminSignIn", tags=["sign-in"], security=[{}])
async def admin_sign_in(request: AnyRequest, data: JSONBody[SignIn]) -> Response[StaffMe]:
    """Sign an owner or administrator in to the administration."""
    return await _sign_in(request, "admin", data)


@post("/api/staff/tokens", operation_id="createToken", tags=["sign-in"], security=[{}])
async def create_token(request: AnyRequest, data: JSONBody[TokenRequest]) -> Response[Token]:
    """Make a bearer token for a program that acts as the member; it is listed and revoked as a device."""
    name = clean_line("name", data.name, 100)
    proof = await prove(request, data.corp, data.login, data.password)
    session = await runtime(request).db.write(lambda tx: _enter(tx, request, "staff", proof, name, program=True))
    token = Token(session.secret, session.session_id)
    return Response(token, status_code=201, headers={"cache-control": "no-store"})


def _invited(tx: ReadTx, token: str) -> tuple[InvitationView, Corp, Member]:
    found = find_invitation(tx, token)
    if found is None or found.corp_id == PLATFORM:
        raise InvitationGone
    corp, member = get_corp(tx, found.corp_id), get_member(tx, found.corp_id, found.userid)
    return InvitationView(corp, member.name, found.purpose), corp, member


@get("/api/staff/invitations/{token:str}", operation_id="readInvitation", tags=["sign-in"], security=[{}])
async def read_invitation(request: AnyRequest, token: InvitationToken) -> InvitationView:
    """Show whose link this is; 410 when it was used, replaced or is too old."""
    await check_address(request)
    return (await runtime(request).db.read(lambda tx: _invited(tx, token)))[0]


@post(
    "/api/staff/invitations/{token:str}",
    status_code=200,
    operation_id="acceptInvitation",
    tags=["sign-in"],
    security=[{}],
)
async def take_invitation(
    request: AnyRequest, token: InvitationToken, data: JSONBody[FirstPassword]
) -> Response[StaffMe]:
    """Set the password by a link, once, and sign in on this device; sessions of before end."""
    await check_address(request)
    rt, device = runtime(request), _device(data.device)
    _, corp, member = await rt.db.read(lambda tx: _invited(tx, token))
    password_hash = await hash_new_password(request, data.password, corp, member)

    def enter(tx: Tx) -> tuple[StaffMe, OpenedSession]:
        found = accept_invitation(tx, token, password_hash)
        check_corp_open(tx, found.corp_id)
        activate_member(tx, found.corp_id, found.userid)
        session = open_session(
            tx,
            surface="staff",
            corp_id=found.corp_id,
            userid=found.userid,
            consumer_id=None,
            device=device,
            user_agent=user_agent_of(request),
            ip=address_of(request),
        )
        locale = _locale(tx, found.corp_id, found.userid)
        return read_staff_me(tx, found.corp_id, found.userid, session.session_id, locale), session

    return _opened(request, "staff", *await rt.db.write(enter))


routes: list[Any] = [staff_sign_in, admin_sign_in, create_token, read_invitation, take_invitation]
