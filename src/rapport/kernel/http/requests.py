"""What a handler gets: the running parts, the actor, the language, and idempotent commands."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.handlers import BaseRouteHandler
from sqlalchemy import PrimaryKeyConstraint, Table, delete, insert, select

from rapport.kernel.actor import Actor, ConsumerActor, Locale, MemberActor, OperatorActor, SignedIn, Surface
from rapport.kernel.clock import DAY
from rapport.kernel.errors import InvalidInput, KeyReused, MissingHeader, NotSignedIn
from rapport.kernel.http.credentials import bearer_of, cookie_of, locale_of_headers
from rapport.kernel.runtime import Runtime
from rapport.kernel.schema import metadata, moment, text
from rapport.kernel.statements import command, insertion, p, query
from rapport.kernel.tenancy import reach_of, stay_within
from rapport.kernel.tx import Tx

Result = TypeVar("Result")
StaffRequest = Request[MemberActor, Any, State]
AdminRequest = Request[MemberActor, Any, State]
ConsumerRequest = Request[ConsumerActor, Any, State]
OperatorRequest = Request[OperatorActor, Any, State]
AnyRequest = Request[Any, Any, State]

MAX_KEY = 128
KEEP_ANSWERS_US = 2 * DAY

idempotent_answer = Table(
    "idempotent_answer",
    metadata,
    text("principal"),
    text("key"),
    text("fingerprint"),
    text("body"),
    moment("at"),
    PrimaryKeyConstraint("principal", "key"),
    sqlite_with_rowid=False,
)


class _Answer(msgspec.Struct, frozen=True):
    fingerprint: str
    body: str


_find = query(
    select(idempotent_answer.c.fingerprint, idempotent_answer.c.body).where(
        idempotent_answer.c.principal == p("principal"), idempotent_answer.c.key == p("key")
    ),
    _Answer,
)
_keep = insertion(insert(idempotent_answer))
_trim = command(delete(idempotent_answer).where(idempotent_answer.c.at < p("before")))


def runtime(request: AnyRequest) -> Runtime:
    """Return the running parts of this process."""
    return cast("Runtime", request.app.state.runtime)


def locale_of(request: AnyRequest) -> Locale:
    """Return the caller's language: Accept-Language, else the account's, else Chinese."""
    asked = locale_of_headers(request.scope["headers"])
    if asked is not None:
        return asked
    user: object = cast("dict[str, Any]", request.scope).get("user")
    return user.locale if isinstance(user, SignedIn) else "zh-CN"


async def find_actor(request: AnyRequest, surface: Surface) -> SignedIn | None:
    """Return who calls on a surface, or None for a stranger; a cookie needs the X-Rapport header on unsafe methods."""
    headers = request.scope["headers"]
    secret = bearer_of(headers)
    if secret is None:
        secret = cookie_of(headers, surface)
        if secret is None:
            return None
        if request.method not in {"GET", "HEAD", "OPTIONS"} and request.headers.get("x-rapport") != "1":
            raise MissingHeader
    return await runtime(request).read_session(surface, secret)


def _guard(surface: Surface) -> Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], Awaitable[None]]:
    async def check(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        actor = await find_actor(cast("AnyRequest", connection), surface)
        if actor is None:
            raise NotSignedIn
        if isinstance(actor, MemberActor):
            stay_within(reach_of([actor.corp_id]))
        connection.scope["user"] = actor

    return check


staff_only = _guard("staff")
consumer_only = _guard("consumer")
admin_only = _guard("admin")
operator_only = _guard("operator")


def _principal(request: AnyRequest) -> str:
    actor: Actor | None = cast("dict[str, Any]", request.scope).get("user")
    match actor:
        case MemberActor():
            return f"{actor.corp_id}/{actor.userid}"
        case ConsumerActor():
            return f"/{actor.consumer_id}"
        case OperatorActor():
            return f"operator/{actor.operator_id}"
        case _:
            return f"@{request.client.host if request.client else ''}"


async def perform(
    request: AnyRequest, act: Callable[[Tx], Result], answer: type[Result], *, content: bytes | None = None
) -> Result:
    """Run a command once per ``Idempotency-Key``; without the header, run it.

    A repeat within two days returns the first answer; the same key with another request is refused (KeyReused).
    ``content`` stands for the body where that was streamed to disk instead of kept in memory (its digest).
    """
    db = runtime(request).db
    key = request.headers.get("idempotency-key")
    if key is None:
        return await db.write(act)
    if not 0 < len(key) <= MAX_KEY or not key.isascii():
        raise InvalidInput(
            "Idempotency-Key", f"应为 1 到 {MAX_KEY} 个 ASCII 字符", f"must be 1 to {MAX_KEY} ASCII characters"
        )
    body = await request.body() if content is None else content
    fingerprint = hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + body).hexdigest()
    principal = _principal(request)

    def once(tx: Tx) -> Result:
        found = tx.one(_find, principal=principal, key=key)
        if found is not None:
            if found.fingerprint != fingerprint:
                raise KeyReused
            return msgspec.json.decode(found.body, type=answer)
        result = act(tx)
        encoded = msgspec.json.encode(result).decode()
        tx.run(_keep, principal=principal, key=key, fingerprint=fingerprint, body=encoded, at=tx.now)
        return result

    return await db.write(once)


def trim_answers(tx: Tx, _corp_id: str, _body: bytes) -> None:
    """Forget answers older than two days (a periodic job)."""
    tx.run(_trim, before=tx.now - KEEP_ANSWERS_US)
