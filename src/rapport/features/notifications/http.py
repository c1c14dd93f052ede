"""Subscribing this device, on both surfaces where people are written to."""

from typing import Any

from litestar import delete, get, put
from litestar.params import JSONBody

from rapport.features.notifications.actions import subscribe, unsubscribe
from rapport.features.notifications.errors import UnknownPushService
from rapport.features.notifications.jobs import is_known_service
from rapport.features.notifications.types import NewSubscription, PushServer
from rapport.kernel.errors import InvalidInput
from rapport.kernel.http.requests import (
    AnyRequest,
    ConsumerRequest,
    StaffRequest,
    consumer_only,
    runtime,
    staff_only,
)
from rapport.kernel.webpush import AUTH_BYTES, decode_key, encode_key, is_public_key


@get("/api/public/push", operation_id="pushServer", tags=["push"], security=[{}])
async def push_server(request: AnyRequest) -> PushServer:
    """Return the key with which browsers subscribe; it stays the same as long as the installation has its keys."""
    return PushServer(encode_key(runtime(request).keys.vapid_public))


async def _subscribe(request: StaffRequest | ConsumerRequest, data: NewSubscription) -> None:
    rt, actor = runtime(request), request.user
    key, auth = decode_key(data.keys.p256dh), decode_key(data.keys.auth)
    if key is None or not is_public_key(key):
        raise InvalidInput("keys.p256dh", "不是浏览器给出的公钥", "is not a public key as browsers write it")
    if auth is None or len(auth) != AUTH_BYTES:
        raise InvalidInput("keys.auth", "不是浏览器给出的密钥", "is not a secret as browsers write it")
    if not is_known_service(rt.settings, data.endpoint):
        raise UnknownPushService
    await rt.db.write(lambda tx: subscribe(tx, actor, data))


@put("/api/staff/push", guards=[staff_only], status_code=204, operation_id="staffSubscribe", tags=["push"])
async def staff_subscribe(request: StaffRequest, data: JSONBody[NewSubscription]) -> None:
    """Wake this session's device for messages while the app is closed; again replaces what was."""
    await _subscribe(request, data)


@delete("/api/staff/push", guards=[staff_only], operation_id="staffUnsubscribe", tags=["push"])
async def staff_unsubscribe(request: StaffRequest) -> None:
    """Wake this session's device no more."""
    session_id = request.user.session_id
    await runtime(request).db.write(lambda tx: unsubscribe(tx, [session_id]))


@put("/api/consumer/push", guards=[consumer_only], status_code=204, operation_id="consumerSubscribe", tags=["push"])
async def consumer_subscribe(request: ConsumerRequest, data: JSONBody[NewSubscription]) -> None:
    """Wake this session's device for messages while the app is closed; again replaces what was."""
    await _subscribe(request, data)


@delete("/api/consumer/push", guards=[consumer_only], operation_id="consumerUnsubscribe", tags=["push"])
async def consumer_unsubscribe(request: ConsumerRequest) -> None:
    """Wake this session's device no more."""
    session_id = request.user.session_id
    await runtime(request).db.write(lambda tx: unsubscribe(tx, [session_id]))


routes: list[Any] = [push_server, staff_subscribe, staff_unsubscribe, consumer_subscribe, consumer_unsubscribe]
