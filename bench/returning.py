"""Clients that come back: the web client's back-off and resume, on bare protocols."""

import asyncio
import random
import time
from collections.abc import Callable
from typing import Any

import msgspec

from bench.load import BYE, KIND, WELCOME, LoadError
from bench.wire import CLOSE, Mask, take_frames

SHORTEST_S, LONGEST_S = 0.5, 30.0
"""Back-off as in web/src/shared/net/backoff.ts."""
WELCOME_S, CALL_S = 10.0, 30.0
"""How long it waits for a welcome (realtime.ts) and for an answer over HTTP (api.ts)."""
HELLO = '{{"type":"hello","cursor":{}}}'
Address = tuple[str, int]


class _Welcome(msgspec.Struct):
    cursor: str = ""
    resync: bool = False


class _Bye(msgspec.Struct):
    retry_after_ms: int


class _Sync(msgspec.Struct):
    cursor: str
    more: bool


_welcome = msgspec.json.Decoder(_Welcome).decode
_bye = msgspec.json.Decoder(_Bye).decode
_sync = msgspec.json.Decoder(_Sync).decode


class Tally:
    """What happened to all clients together."""

    def __init__(self) -> None:
        self.back_at: dict[Client, float] = {}
        """When each was connected, welcomed and in step, for those who are."""
        self.unheard: list[tuple[float, str]] = []
        """Tries that met nobody, when and why: the server was away, or it was not and should have listened."""
        self.turned_away = 0
        """Tries that the server closed before it had welcomed them."""
        self.late = 0
        """Tries given up because there was no welcome, or no news, in time."""
        self.errors: list[str] = []
        """What should not have happened."""
        self.resyncs = 0

    def reset(self) -> None:
        """Count anew; who is connected stays so."""
        self.late = self.resyncs = self.turned_away = 0
        self.unheard.clear()
        self.errors.clear()


class TurnedAwayError(Exception):
    """The server closed the socket before it welcomed the client."""


class _Link(asyncio.Protocol):
    """One socket: a try that may become a connection."""

    def __init__(self, client: "Client") -> None:
        self._client = client
        self._mask = Mask()
        self._rest = b""
        self._open = False
        self._transport: Any = None
        loop = asyncio.get_running_loop()
        self.welcome: asyncio.Future[_Welcome] = loop.create_future()
        self.lost: asyncio.Future[None] = loop.create_future()
        self.retry_after_s: float | None = None

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401  asyncio's own shape
        """Ask for the upgrade."""
        self._transport = transport
        transport.write(self._client.head)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody waits any more."""
        if not self.welcome.done():
            self.welcome.set_exception(ConnectionResetError(f"closed before the welcome: {exc!r}"))
        if not self.lost.done():
            self.lost.set_result(None)

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        if self._rest:
            data = self._rest + data
        if not self._open:
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self._rest = head
                return
            if b" 101 " not in head:
                self.welcome.set_exception(LoadError(head.decode("latin-1")))
                self._transport.abort()
                return
            self._open = True
            cursor = self._client.cursor
            self.say(HELLO.format("null" if cursor is None else f'"{cursor}"').encode())
        self._rest = take_frames(data, self._take) if data else b""

    def _take(self, first: int, payload: bytes) -> None:
        if first == CLOSE:
            if not self.welcome.done():
                self.welcome.set_exception(TurnedAwayError(payload))
            self._transport.abort()
            return
        kind = payload[KIND]
        if kind == WELCOME and not self.welcome.done():
            self.welcome.set_result(_welcome(payload))
        elif kind == BYE:
            self.retry_after_s = _bye(payload).retry_after_ms / 1000
        else:
            self._client.on_frame(payload)

    def say(self, payload: bytes) -> None:
        """Send a text frame."""
        self._transport.write(self._mask.frame(payload))

    def close(self) -> None:
        """Go without a word."""
        self._transport.abort()


class HttpOnce(asyncio.Protocol):
    """One request on a connection of its own, as a browser's first one after its server was away."""

    def __init__(self, path: str, token: str) -> None:
        self._request = (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\nConnection: close\r\n"
            f"Authorization: Bearer {token}\r\n\r\n"
        ).encode()
        self._heard = b""
        self.answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401  asyncio's own shape
        """Ask."""
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Keep what came."""
        self._heard += data

    def connection_lost(self, exc: Exception | None) -> None:
        """The answer is complete, or there is none."""
        if self.answer.done():
            return
        head, end, body = self._heard.partition(b"\r\n\r\n")
        if head.startswith(b"HTTP/1.1 200") and end:
            self.answer.set_result(body)
        elif head:
            self.answer.set_exception(LoadError(self._heard.decode("latin-1")))
        else:
            self.answer.set_exception(ConnectionResetError(f"no answer: {exc!r}"))


class Client:
    """Somebody who is connected whenever the server is there; with ``sync`` they ask what they missed."""

    def __init__(self, tally: Tally, address: Address, path: str, token: str, *, sync: str | None) -> None:
        self.head = (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            f"Authorization: Bearer {token}\r\n\r\n"
        ).encode()
        self.cursor: str | None = None
        self.on_frame: Callable[[bytes], None] = lambda _: None
        self.in_step = asyncio.Event()
        self.out_of_step = asyncio.Event()
        self.out_of_step.set()
        self._tally = tally
        self._address = address
        self._token = token
        self._sync = sync
        self._link: _Link | None = None
        self._failures = 0
        self._life: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Connect and stay."""
        self._life = asyncio.create_task(self._stay())

    async def stop(self) -> None:
        """Go."""
        if self._life is not None:
            self._life.cancel()
            await asyncio.gather(self._life, return_exceptions=True)
        if self._link is not None:
            self._link.close()

    def say(self, payload: bytes) -> None:
        """Send a frame, if there is anybody to send it to."""
        if self._link is not None:
            self._link.say(payload)

    async def _stay(self) -> None:
        while True:
            link = await self._try()
            if link is None:
                await asyncio.sleep(self._back_off())
                continue
            self._failures = 0
            catching_up = asyncio.create_task(self._catch_up(link.welcome.result()))
            try:
                await link.lost
            finally:
                catching_up.cancel()
            self._link = None
            self.in_step.clear()
            self.out_of_step.set()
            self._tally.back_at.pop(self, None)
            asked = link.retry_after_s
            await asyncio.sleep(self._back_off() if asked is None else asked * (1 + random.random()))

    async def _try(self) -> _Link | None:
        loop, link = asyncio.get_running_loop(), _Link(self)
        try:
            async with asyncio.timeout(WELCOME_S):
                await loop.create_connection(lambda: link, *self._address)
                self._link = link
                await link.welcome
        except TimeoutError:
            self._tally.late += 1
        except OSError as error:
            self._tally.unheard.append((time.perf_counter(), repr(error)))
        except TurnedAwayError:
            self._tally.turned_away += 1
        except LoadError as error:
            self._tally.errors.append(str(error))
        else:
            return link
        if self._link is not None:
            self._link.close()
            self._link = None
        return None

    async def _catch_up(self, welcome: _Welcome) -> None:
        """Ask what changed, again after a pause if nobody answers; the socket stays."""
        more = welcome.resync and self._sync is not None
        self.cursor = self.cursor if more else welcome.cursor
        self._tally.resyncs += more
        while more:
            try:
                async with asyncio.timeout(CALL_S):
                    found = await self._ask_for_news()
            except TimeoutError:
                self._tally.late += 1
            except OSError as error:
                self._tally.unheard.append((time.perf_counter(), f"sync: {error!r}"))
            except LoadError as error:
                self._tally.errors.append(str(error))
            else:
                self.cursor, more = found.cursor, found.more
                continue
            await asyncio.sleep(self._back_off())
        self._failures = 0
        self._tally.back_at[self] = time.perf_counter()
        self.in_step.set()
        self.out_of_step.clear()

    async def _ask_for_news(self) -> _Sync:
        question = "" if self.cursor is None else f"?cursor={self.cursor}"
        once = HttpOnce(f"{self._sync}{question}", self._token)
        await asyncio.get_running_loop().create_connection(lambda: once, *self._address)
        return _sync(await once.answer)

    def _back_off(self) -> float:
        self._failures += 1
        bound = min(LONGEST_S, SHORTEST_S * 2 ** min(self._failures, 16))
        return SHORTEST_S + random.random() * (bound - SHORTEST_S)
