"""One socket: what waits to be sent, bounded, and what its client may do."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any

from rapport.kernel.actor import ConsumerActor, MemberActor
from rapport.kernel.realtime.frames import CLOSE_CODES, Bye, Resync, encode

MAX_WAITING_FRAMES = 256
MAX_WAITING_CHARACTERS = 1024 * 1024
MAX_IN_FLIGHT = 64
Send = Callable[[dict[str, Any]], Awaitable[None]]
_RESYNC = encode(Resync())


class _Continued:
    """Awaits the rest of a coroutine that was already stepped once outside a task."""

    def __init__(self, coroutine: Coroutine[Any, Any, None], waiting_for: object) -> None:
        self._coroutine = coroutine
        self._waiting_for = waiting_for

    def __await__(self) -> Generator[Any, Any, None]:
        waiting_for = self._waiting_for
        while True:
            try:
                answer = yield waiting_for
            except BaseException as error:  # noqa: BLE001  cancellation too belongs to the inner coroutine
                step = self._coroutine.throw
                argument: Any = error
            else:
                step, argument = self._coroutine.send, answer
            try:
                waiting_for = step(argument)
            except StopIteration:
                return


class Connection:
    """A socket of one signed-in person.

    ``push`` never waits: a frame goes straight to the transport while that accepts it, queues while it does not, and
    past the bound the queue is dropped and replaced by one ``resync``: the client pulls, nobody else waits.
    """

    __slots__ = (
        "_closed",
        "_pump",
        "_send",
        "_tokens",
        "_tokens_at",
        "_waiting",
        "_waiting_characters",
        "actor",
        "garbage",
        "greeted",
        "heard_at",
        "in_flight",
        "keys",
        "rate",
        "watching",
    )

    def __init__(self, send: Send, actor: MemberActor | ConsumerActor, keys: set[str], rate: int) -> None:
        self._send = send
        self.actor = actor
        self.keys = keys
        self.rate = rate
        self.watching: frozenset[str] = frozenset()
        self.in_flight = 0
        self.garbage = 0
        self.greeted = False
        self.heard_at = self._tokens_at = time.monotonic()
        self._tokens = float(rate * 3)
        self._waiting: deque[str] = deque()
        self._waiting_characters = 0
        self._pump: asyncio.Task[None] | None = None
        self._closed = False

    def push(self, frame: str) -> None:
        """Send a frame, or queue it behind those that wait."""
        if self._closed:
            return
        if self._pump is not None:
            self._enqueue(frame)
            return
        sending: Any = self._send({"type": "websocket.send", "text": frame})
        try:
            waiting_for = sending.send(None)
        except StopIteration:
            return
        except (OSError, RuntimeError):
            self._closed = True
            return
        self._pump = asyncio.ensure_future(self._drain(_Continued(sending, waiting_for)))

    def _enqueue(self, frame: str) -> None:
        self._waiting.append(frame)
        self._waiting_characters += len(frame)
        if len(self._waiting) > MAX_WAITING_FRAMES or self._waiting_characters > MAX_WAITING_CHARACTERS:
            self._waiting.clear()
            self._waiting.append(_RESYNC)
            self._waiting_characters = len(_RESYNC)

    async def _drain(self, first: _Continued) -> None:
        try:
            await first
            while self._waiting:
                frame = self._waiting.popleft()
                self._waiting_characters -= len(frame)
                await self._send({"type": "websocket.send", "text": frame})
        except (OSError, RuntimeError):
            self._closed = True
        finally:
            self._pump = None

    def allow(self) -> bool:
        """Take one token of the client's budget of frames (``rate`` per second, bursts of three seconds' worth)."""
        now = time.monotonic()
        self.heard_at = now
        self._tokens = min(self.rate * 3.0, self._tokens + (now - self._tokens_at) * self.rate)
        self._tokens_at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    async def close(self, bye: Bye) -> None:
        """Say why and close."""
        if self._closed:
            return
        self.push(encode(bye))
        self._closed = True
        if self._pump is not None:
            await asyncio.wait([self._pump], timeout=1)
        try:
            await self._send({"type": "websocket.close", "code": CLOSE_CODES[bye.reason], "reason": bye.reason})
        except (OSError, RuntimeError):
            return
