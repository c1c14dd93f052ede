"""Work of identity that no request waits for: delivering codes, noting who was seen, closing what expired."""

import asyncio
from typing import Protocol
from urllib.parse import quote

import httpx
import msgspec
import structlog

from rapport.features.identity.actions.accounts import forget_stale_credentials
from rapport.features.identity.actions.codes import DELIVER, CodeDelivery, forget_codes, keep_demo_code, make_code
from rapport.features.identity.actions.sessions import end_expired_sessions, touch_sessions
from rapport.features.identity.queries import find_session
from rapport.kernel.actor import Locale, SignedIn, Surface
from rapport.kernel.clock import MINUTE, Clock
from rapport.kernel.database import Database
from rapport.kernel.runtime import Runtime
from rapport.kernel.tx import Tx
from rapport.settings import Settings

TOUCH_US = MINUTE
FLUSH_S = 10.0
NOTED_AT_ONCE = 500
PROVIDER_TIMEOUT_S = 10.0
log = structlog.get_logger()


class CodeProvider(Protocol):
    """Port: how a code reaches a phone."""

    async def __call__(self, phone: str, code: str, locale: Locale) -> None:
        """Send it; any exception means that it was not sent and is tried again."""
        ...


class HttpProvider:
    """A provider's HTTP interface: POST of JSON ``{phone, code, locale}``; the address may name the first two."""

    def __init__(self, url: str, token: str | None) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def __call__(self, phone: str, code: str, locale: Locale) -> None:
        """Send the code; anything but a 2xx answer is a failure."""
        url = self._url.replace("{phone}", quote(phone, safe="")).replace("{code}", code)
        async with httpx.AsyncClient(timeout=PROVIDER_TIMEOUT_S, follow_redirects=False) as client:
            answer = await client.post(
                url, json={"phone": phone, "code": code, "locale": locale}, headers=self._headers
            )
        if not answer.is_success:
            raise CodeNotSentError(answer.status_code)


class CodeNotSentError(Exception):
    """The provider answered, but not that it sent the code; its text is kept out, it may name the code."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the provider answered {status}")


class DemoProvider:
    """The demo's visible inbox."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def __call__(self, phone: str, code: str, locale: Locale) -> None:
        """Put the code where the demo's visitor reads it; the inbox shows digits, in every language alike."""
        del locale
        await self._db.write(lambda tx: keep_demo_code(tx, phone, code))


def provider_of(settings: Settings, db: Database) -> CodeProvider | None:
    """Return how this installation sends codes, or None."""
    match settings.sms:
        case "demo":
            return DemoProvider(db)
        case "http":
            return HttpProvider(settings.sms_url or "", settings.sms_token)
        case "none":
            return None


class SessionReader:
    """Answers who holds a secret, and notes at most once a minute per session that it was used.

    Notes are kept in memory and written together every few seconds: a read must not wait for a commit, and losing the
    last notes in a crash costs nobody a session.
    """

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._seen: set[str] = set()

    async def __call__(self, surface: Surface, secret: str) -> SignedIn | None:
        """Return the actor, or None when there is no live session of that surface."""
        live = await self._db.read_briefly(lambda tx: find_session(tx, surface, secret))
        if live is None:
            return None
        now = self._clock.now()
        if now - live.seen_at >= TOUCH_US:
            self._seen.add(live.actor.session_id)
        return live.actor

    def saw(self, session_id: str) -> None:
        """Note that a session is in use (a socket's heartbeat)."""
        self._seen.add(session_id)

    async def flush(self) -> None:
        """Write the notes, some at a time: after thousands came at once, others' commands come in between."""
        seen, self._seen, now = sorted(self._seen), set(), self._clock.now()
        for start in range(0, len(seen), NOTED_AT_ONCE):
            some = seen[start : start + NOTED_AT_ONCE]
            await self._db.write(lambda tx, some=some: touch_sessions(tx, some, now))

    async def run(self) -> None:
        """Write the notes every few seconds until cancelled; a failed write is logged and forgotten."""
        while True:
            await asyncio.sleep(FLUSH_S)
            try:
                await self.flush()
            except Exception as error:  # noqa: BLE001  whatever it was, the next round goes on
                log.warning("sightings_not_written", error=error)


def register(rt: Runtime) -> None:
    """Register the jobs of identity."""
    provider = provider_of(rt.settings, rt.db)

    async def deliver(_corp_id: str, body: bytes) -> None:
        code_id = msgspec.json.decode(body, type=CodeDelivery).code_id
        made = await rt.db.write(lambda tx: make_code(tx, rt.keys, code_id))
        if made is None or provider is None:
            return
        pending, code = made
        await provider(pending.phone, code, pending.locale)

    rt.jobs.handle_outside(DELIVER, deliver)
    rt.jobs.handle("identity.trim", trim, every_us=MINUTE)


def trim(tx: Tx, _corp_id: str, _body: bytes) -> None:
    """End expired sessions, sockets included, and forget stale codes, links and failures (a periodic job)."""
    end_expired_sessions(tx)
    forget_codes(tx)
    forget_stale_credentials(tx)
