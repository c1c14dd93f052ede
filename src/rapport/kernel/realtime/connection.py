"""One socket: what waits to be sent, bounded, and what its client may do."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from rapport.kernel.actor import ConsumerActor, MemberActor
from rapport.kernel.metrics.meters import Meters
from rapport.kernel.realtime.frames import CLOSE_CODES, Bye, Resync, encode
from rapport.kernel.realtime.transport import Transport
from rapport.kernel.tenancy import reach_of

MAX_WAITING_FRAMES = 256
MAX_WAITING_BYTES = 1024 * 1024
MAX_IN_FLIGHT = 64
PATIENCE_S = 10.0
"""Whoever takes nothing at all for so long is cut off: a client that lives comes back and asks what it missed."""
Send = Callable[[dict[str, Any]], Awaitable[None]]
RESYNC = encode(Resync())


class Connection:
    """A socket of one signed-in person.

    ``push`` never waits: a frame goes straight to the transport while that accepts it, queues while it does not, and
    past the bound the queue is dropped and replaced by one ``resync``: the client pulls, nobody else waits. A socket
    that takes nothing for ``patience_s`` is cut off.
    """

    __slots__ = (
        "_closed",
        "_meters",
        "_patience_s",
        "_pump",
        "_send",
        "_tokens",
        "_tokens_at",
        "_transport",
        "_waiting",
        "_waiting_bytes",
        "actor",
        "garbage",
        "greeted",
        "heard_at",
        "held",
        "in_flight",
        "keys",
        "rate",
        "seats",
        "watching",
    )

    def __init__(
        self,
        transport: Transport,
        send: Send,
        meters: Meters,
        actor: MemberActor | ConsumerActor,
        keys: set[str],
        rate: int,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._meters = meters
        self._patience_s = patience_s
        self._transport = transport
        self._send = send
        self.actor = actor
        self.keys = keys
        self.rate = rate
        self.watching: frozenset[str] = frozenset()
        self.in_flight = 0
        self.garbage = 0
        self.greeted = False
        self.held: deque[str] | None = None
        """Frames that wait behind one whose handler looks something up; None when there is none."""
        self.seats: dict[str, Any] = {}
        """What features found out about this socket's people once, by conversation."""
        self.heard_at = self._tokens_at = time.monotonic()
        self._tokens = float(rate * 3)
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._pump: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def reach(self) -> str:
        """The corps whose rows this socket's people may touch."""
        if isinstance(self.actor, MemberActor):
            return reach_of([self.actor.corp_id])
        return reach_of({corp_id for corp_id, _, _ in (key.partition("/") for key in self.keys) if corp_id})

    def push(self, frame: bytes) -> None:
        """Send a frame, or queue it behind those that wait."""
        if self._closed:
            return
        self._meters.frames_out += 1
        if self._pump is None and self._transport.writable.is_set():
            self._closed = not self._transport.write(frame)
            return
        self._enqueue(frame)
        if self._pump is None:
            self._pump = asyncio.ensure_future(self._drain())

    def _enqueue(self, frame: bytes) -> None:
        self._waiting.append(frame)
        self._waiting_bytes += len(frame)
        if len(self._waiting) > MAX_WAITING_FRAMES or self._waiting_bytes > MAX_WAITING_BYTES:
            self._waiting.clear()
            self._waiting.append(RESYNC)
            self._waiting_bytes = len(RESYNC)

    async def _drain(self) -> None:
        try:
            while self._waiting:
                if not self._transport.writable.is_set() and not await self._moves():
                    self._waiting.clear()
                    self._cut_off()
                    return
                frame = self._waiting.popleft()
                self._waiting_bytes -= len(frame)
                if not self._transport.write(frame):
                    self._closed = True
                    return
        finally:
            self._pump = None

    async def _moves(self) -> bool:
        """Wait until the socket takes more; False when it takes nothing at all for too long."""
        while True:
            unsent = self._transport.unsent()
            try:
                async with asyncio.timeout(self._patience_s):
                    await self._transport.writable.wait()
            except TimeoutError:
                if self._transport.unsent() >= unsent:
                    return False
            else:
                return True

    def _cut_off(self) -> None:
        self._closed = True
        self._transport.abort()

    def allow(self) -> bool:
        """Take one token of the client's budget of frames (``rate`` per second, bursts of three seconds' worth)."""
        now = time.monotonic()
        self.heard_at = now
        self._meters.frames_in += 1
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
        if not self._transport.writable.is_set():
            # Nothing can be said to somebody who takes nothing; closing politely would wait for them for ever.
            self._cut_off()
            return
        try:
            await self._send({"type": "websocket.close", "code": CLOSE_CODES[bye.reason], "reason": bye.reason})
        except (OSError, RuntimeError):
            return
