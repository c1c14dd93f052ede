"""Sending: one job per device and message, outside any transaction, retried when the push service is not well."""

import ssl
from functools import lru_cache
from urllib.parse import urlsplit

import httpx
import msgspec
import structlog

from rapport.features.notifications.actions import PUSH, unsubscribe
from rapport.features.notifications.queries import compose_push
from rapport.features.notifications.types import PushMessage, PushNote, Subscription
from rapport.kernel.clock import SECOND
from rapport.kernel.realtime.hub import person_key
from rapport.kernel.runtime import Runtime
from rapport.kernel.webpush import decode_key, prove_sender, seal_message
from rapport.settings import Settings

TIMEOUT_S = 10.0
KEPT_S = 24 * 3600
GONE = frozenset({404, 410})
LATER = frozenset({408, 425, 429})
NO_CONTACT = "https://rapport.invalid"
"""Push services want to know whom to ask; without a public address there is nobody to name."""
log = structlog.get_logger()


class PushNotSentError(Exception):
    """The push service is not well; it is asked again later."""

    def __init__(self, host: str, status: int) -> None:
        super().__init__(f"{host} answered {status}")


def is_known_service(settings: Settings, endpoint: str) -> bool:
    """Say whether an address is one of the push services that this server may call; it calls no others.

    Anybody may name an address, so without this the server could be sent to the machines beside it.
    """
    try:
        parts = urlsplit(endpoint)
        plain = parts.scheme == "https" and parts.port is None and "@" not in parts.netloc
    except ValueError:
        return False
    return any(
        f"{parts.scheme}://{parts.netloc}" == known or (plain and _is_of(parts.hostname or "", known))
        for known in settings.push_services.split()
    )


def _is_of(host: str, known: str) -> bool:
    return host == known or (known.startswith("*.") and host.endswith(known[1:]))


@lru_cache
def _tls() -> ssl.SSLContext:
    """Filling one with certificates takes 30 ms, so it is done once."""
    return ssl.create_default_context()


def register(rt: Runtime) -> None:
    """Let the worker send."""

    async def push(corp_id: str, body: bytes) -> None:
        note = msgspec.json.decode(body, type=PushNote)
        found = await rt.db.read(lambda tx: compose_push(tx, corp_id, note))
        is_here = any(True for _ in rt.hub.at(person_key(corp_id, note.person)))
        if found is None or is_here or not is_known_service(rt.settings, found[0].endpoint):
            return
        status = await _send(rt, *found)
        if status in GONE:
            await rt.db.write(lambda tx: unsubscribe(tx, [note.session_id]))

    rt.jobs.handle_outside(PUSH, push)


async def _send(rt: Runtime, device: Subscription, message: PushMessage) -> int:
    plain, host = msgspec.json.encode(message), urlsplit(device.endpoint).netloc
    public = rt.settings.public_url or ""
    contact = public if public.startswith("https://") else NO_CONTACT
    headers = {
        "Authorization": prove_sender(rt.keys, device.endpoint, contact, rt.clock.now() // SECOND),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(KEPT_S),
        "Urgency": "high",
        # A device that was off gets the last message of a conversation, not all of them.
        "Topic": message.conversation_id[:32],
    }
    sealed = seal_message(decode_key(device.p256dh) or b"", decode_key(device.auth) or b"", plain)
    async with httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False, verify=_tls()) as client:
        answer = await client.post(device.endpoint, content=sealed, headers=headers)
    if answer.status_code in LATER or answer.is_server_error:
        raise PushNotSentError(host, answer.status_code)
    if not answer.is_success and answer.status_code not in GONE:
        log.warning("push_refused", host=host, status=answer.status_code)
    return answer.status_code
