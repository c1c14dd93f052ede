"""What a consumer does with a code: look who it is, accept, and end a relation again."""

from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.params import FromPath, JSONBody

from rapport.features.customers.actions.accepting import Stranger, accept_as_stranger, accept_contact_way
from rapport.features.customers.actions.relations import end_relation
from rapport.features.customers.policies import accepts_per_address_minute
from rapport.features.customers.queries.choices import read_landing
from rapport.features.customers.queries.relations import list_known
from rapport.features.customers.types import Accepted, Landing, RelationStatus
from rapport.features.identity.api import MAX_DEVICE
from rapport.features.organization.api import get_window, read_consumer_me
from rapport.features.organization.types import ConsumerMe, Window
from rapport.kernel.actor import ConsumerActor
from rapport.kernel.errors import InvalidInput, NotFound
from rapport.kernel.http.requests import (
    MAX_KEY,
    AnyRequest,
    ConsumerRequest,
    consumer_only,
    find_actor,
    locale_of,
    perform,
    runtime,
)
from rapport.kernel.http.signing_in import address_of, session_cookie, user_agent_of
from rapport.kernel.policy import PLATFORM, get_policy
from rapport.kernel.tx import ReadTx, Tx

MIN_STRANGER_KEY = 22
"""Characters: about 128 random bits. A stranger's key is what brings back the guest whose answer was lost."""


class AcceptRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a new guest wants to be called (somebody known keeps their name), and the device for the list of sessions."""

    nickname: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    device: Annotated[str, msgspec.Meta(max_length=MAX_DEVICE)] = ""


class AcceptAnswer(msgspec.Struct, frozen=True):
    """Where accepting led: ``conversation_id`` is null while ``status`` is ``requested``; ``new`` on the first time."""

    corp_id: str
    userid: str
    status: RelationStatus
    conversation_id: str | None
    consumer: ConsumerMe
    new: bool


class RelationCard(msgspec.Struct, frozen=True):
    """Whom one talks to: the member's window as of now, what the relation is, the code that began it, if one did."""

    window: Window
    status: RelationStatus
    code: str | None


class EndRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``block``: not to be reached again; scanning a code of one's own accord still starts anew."""

    block: bool = False


class EndAnswer(msgspec.Struct, frozen=True):
    """What the relation is now."""

    status: RelationStatus


async def _visitor(request: AnyRequest) -> ConsumerActor | None:
    """Who opens the page, if anybody is signed in here."""
    actor = await find_actor(request, "consumer")
    return actor if isinstance(actor, ConsumerActor) else None


@get(
    "/api/consumer/contact-ways/{code:str}", operation_id="consumer_get_contact_way", tags=["customers"], security=[{}]
)
async def get_landing(request: AnyRequest, code: FromPath[str]) -> Landing:
    """Return who stands behind a code, usable before any sign-in."""
    visitor = await _visitor(request)
    consumer_id = None if visitor is None else visitor.consumer_id
    return await runtime(request).db.read(lambda tx: read_landing(tx, code, consumer_id))


@post(
    "/api/consumer/contact-ways/{code:str}/accept",
    operation_id="consumer_accept_contact_way",
    tags=["customers"],
    status_code=200,
    security=[{}],
)
async def accept(request: AnyRequest, code: FromPath[str], data: JSONBody[AcceptRequest]) -> Response[AcceptAnswer]:
    """Accept a code; a stranger becomes a guest and gets the session cookie.

    Repeated it gives the same relation. A stranger's repeat is recognised by ``Idempotency-Key``, a random text of
    at least 22 characters that the browser keeps for the code.
    """
    visitor = await _visitor(request)
    if visitor is None:
        return await _accept_as_stranger(request, code, data)
    request.scope["user"] = visitor

    def act(tx: Tx) -> AcceptAnswer:
        return _answer(tx, accept_contact_way(tx, code, visitor.consumer_id), visitor.session_id)

    return Response(await perform(request, act, AcceptAnswer))


async def _accept_as_stranger(request: AnyRequest, code: str, data: AcceptRequest) -> Response[AcceptAnswer]:
    rt, ip = runtime(request), address_of(request)
    times = await rt.db.read_briefly(lambda tx: get_policy(tx, PLATFORM, accepts_per_address_minute))
    rt.limiter.check("customers.accept", ip, times=times, per_s=60)
    stranger = Stranger(
        data.nickname, locale_of(request), data.device, user_agent_of(request), ip, _stranger_key(request)
    )

    def act(tx: Tx) -> tuple[AcceptAnswer, Cookie]:
        accepted, opened = accept_as_stranger(tx, code, stranger)
        cookie = session_cookie(request, "consumer", opened.secret, opened.lasts_s)
        return _answer(tx, accepted, opened.session_id), cookie

    answer, cookie = await rt.db.write(act)
    return Response(answer, cookies=[cookie])


def _stranger_key(request: AnyRequest) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is not None and not (MIN_STRANGER_KEY <= len(key) <= MAX_KEY and key.isascii()):
        raise InvalidInput(
            "Idempotency-Key",
            f"登录前应为 {MIN_STRANGER_KEY} 到 {MAX_KEY} 个随机 ASCII 字符",
            f"before signing in it must be {MIN_STRANGER_KEY} to {MAX_KEY} random ASCII characters",
        )
    return key


def _answer(tx: Tx, accepted: Accepted, session_id: str) -> AcceptAnswer:
    return AcceptAnswer(
        corp_id=accepted.corp_id,
        userid=accepted.userid,
        status=accepted.status,
        conversation_id=accepted.conversation_id,
        consumer=read_consumer_me(tx, accepted.consumer_id, session_id),
        new=accepted.new,
    )


@get(
    "/api/consumer/relations/{corp_id:str}/{userid:str}",
    operation_id="consumer_get_relation",
    tags=["customers"],
    guards=[consumer_only],
)
async def get_card(request: ConsumerRequest, corp_id: FromPath[str], userid: FromPath[str]) -> RelationCard:
    """Return the window of a member whom one has met, also after the relation ended or the member left."""
    me = request.user

    def read(tx: ReadTx) -> RelationCard:
        known = [found for found in list_known(tx, corp_id, me.consumer_id) if found.userid == userid]
        if not known:
            raise NotFound
        return RelationCard(get_window(tx, corp_id, userid), known[0].status, known[0].code)

    return await runtime(request).db.read(read)


@post(
    "/api/consumer/relations/{corp_id:str}/{userid:str}/end",
    operation_id="consumer_end_relation",
    tags=["customers"],
    guards=[consumer_only],
    status_code=200,
)
async def end(
    request: ConsumerRequest, corp_id: FromPath[str], userid: FromPath[str], data: JSONBody[EndRequest]
) -> EndAnswer:
    """Delete or block a member; the conversation stays readable."""
    status: RelationStatus = "blocked_by_customer" if data.block else "deleted_by_customer"

    def act(tx: Tx) -> EndAnswer:
        return EndAnswer(end_relation(tx, corp_id, userid, request.user.consumer_id, status))

    return await perform(request, act, EndAnswer)


routes = [get_landing, accept, get_card, end]
