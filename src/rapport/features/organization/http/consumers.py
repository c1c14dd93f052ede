"""Consumers signing in with a one-time code, and oneself on the consumer surface."""

from functools import partial
from typing import Annotated, Any

import msgspec
from litestar import Response, get, patch, post
from litestar.params import JSONBody

from rapport.features.identity.api import (
    MAX_NICKNAME,
    ConsumerPatch,
    Device,
    change_consumer,
    check_address,
    prove_code,
    sign_in_consumer,
)
from rapport.features.identity.types import OpenedSession
from rapport.features.organization.ports import image_publishing
from rapport.features.organization.queries.me import read_consumer_me
from rapport.features.organization.types import ConsumerMe
from rapport.kernel.actor import ConsumerActor, Locale
from rapport.kernel.http.requests import (
    AnyRequest,
    ConsumerRequest,
    consumer_only,
    find_actor,
    locale_of,
    perform,
    runtime,
)
from rapport.kernel.http.signing_in import address_of, session_cookie, user_agent_of
from rapport.kernel.phones import parse_phone
from rapport.kernel.texts import clean_line, clean_optional_line
from rapport.kernel.tx import Tx

Nickname = Annotated[str, msgspec.Meta(max_length=200)]


class ConsumerSignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A phone, the code sent to it, and how one wants to be called when one is new."""

    phone: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    code: Annotated[str, msgspec.Meta(min_length=1, max_length=16)]
    nickname: Nickname | None = None
    device: Device = ""


class ConsumerMePatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What consumers change about themselves; an absent field stays, null empties the picture."""

    nickname: Nickname | msgspec.UnsetType = msgspec.UNSET
    avatar_file_id: str | msgspec.UnsetType | None = msgspec.UNSET
    locale: Locale | msgspec.UnsetType = msgspec.UNSET
    receipts: bool | msgspec.UnsetType = msgspec.UNSET


@post("/api/consumer/sign-in", status_code=200, operation_id="consumerSignIn", tags=["sign-in"], security=[{}])
async def consumer_sign_in(request: AnyRequest, data: JSONBody[ConsumerSignIn]) -> Response[ConsumerMe]:
    """Sign a consumer in by phone and code; a guest's session that comes along is merged into the account."""
    await check_address(request)
    phone = parse_phone(data.phone)
    nickname = clean_optional_line("nickname", data.nickname, MAX_NICKNAME)
    device = clean_optional_line("device", data.device, 100) or ""
    coming, locale = await find_actor(request, "consumer"), locale_of(request)
    keys = runtime(request).keys
    guest = coming if isinstance(coming, ConsumerActor) else None

    def enter(tx: Tx) -> tuple[ConsumerMe, OpenedSession]:
        prove_code(tx, keys, phone, data.code.strip())
        consumer_id, session = sign_in_consumer(
            tx,
            phone=phone,
            guest=guest,
            nickname=nickname,
            locale=locale,
            device=device,
            user_agent=user_agent_of(request),
            ip=address_of(request),
        )
        return read_consumer_me(tx, consumer_id, session.session_id), session

    me, session = await runtime(request).db.write(enter)
    cookie = session_cookie(request, "consumer", session.secret, session.lasts_s)
    return Response(me, status_code=200, cookies=[cookie], headers={"cache-control": "no-store"})


@get("/api/consumer/me", guards=[consumer_only], operation_id="consumerMe", tags=["me"])
async def consumer_me(request: ConsumerRequest) -> ConsumerMe:
    """Return who is signed in, with the corps met so far."""
    me = request.user
    return await runtime(request).db.read_briefly(lambda tx: read_consumer_me(tx, me.consumer_id, me.session_id))


def _change_me(tx: Tx, actor: ConsumerActor, wanted: ConsumerPatch) -> ConsumerMe:
    if isinstance(wanted.avatar_file_id, str):
        image_publishing.joined(tx, actor, wanted.avatar_file_id)
    change_consumer(tx, actor, wanted)
    return read_consumer_me(tx, actor.consumer_id, actor.session_id)


@patch("/api/consumer/me", guards=[consumer_only], operation_id="changeConsumerMe", tags=["me"])
async def change_consumer_me(request: ConsumerRequest, data: JSONBody[ConsumerMePatch]) -> ConsumerMe:
    """Change one's name, picture, language, or whether members see that one has read."""
    nickname = data.nickname if data.nickname is msgspec.UNSET else clean_line("nickname", data.nickname, MAX_NICKNAME)
    wanted = ConsumerPatch(nickname, data.avatar_file_id, data.locale, data.receipts)
    return await perform(request, partial(_change_me, actor=request.user, wanted=wanted), ConsumerMe)


routes: list[Any] = [consumer_sign_in, consumer_me, change_consumer_me]
