"""One simulated user: opens conversations, scrolls, looks at lists, and now and then writes.

The weights are those of a chat's users as Mattermost published them (per message posted), presence and idle time as in
its load test; what a screen of Rapport asks for each is what its web client asks for.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from bench.load import ACK, ENTRY, KIND, REFUSED, LoadError
from bench.returning import Address, Client, Tally
from bench.seed import WORDS

WEIGHTS = {"open": 6.5, "scroll": 2.0, "unread": 1.0, "list": 0.6, "send": 1.0}
"""Actions per message posted."""
IDLE_S = 20.0
"""Mean time between two actions of one user."""
HEARTBEAT_S = 25.0
PAGE = 50
GIVE_UP_S = 10.0


class _Seq(msgspec.Struct):
    seq: int


class _Range(msgspec.Struct):
    items: list[_Seq]


class _EntryFrame(msgspec.Struct):
    conversation_id: str
    entry: _Seq


_range = msgspec.json.Decoder(_Range).decode
_entry = msgspec.json.Decoder(_EntryFrame).decode


class Figures:
    """What all users together saw; in seconds, by action."""

    def __init__(self) -> None:
        self.took: dict[str, list[float]] = {name: [] for name in WEIGHTS}
        self.errors: list[str] = []

    def reset(self) -> None:
        """Count anew."""
        for took in self.took.values():
            took.clear()
        self.errors.clear()

    @property
    def done(self) -> int:
        """How many actions came to an end."""
        return sum(len(took) for took in self.took.values())


class Asking(asyncio.Protocol):
    """A browser's connection: one request at a time, opened again when the server closed it for being idle."""

    def __init__(self, address: Address, token: str) -> None:
        self._address = address
        self._headers = (
            f" HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\nAuthorization: Bearer {token}\r\n\r\n"
        )
        self._transport: Any = None
        self._heard = b""
        self._end = -1
        self._answer: asyncio.Future[bytes] | None = None

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401  asyncio's own shape
        """Be ready."""
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever waits asks again."""
        self._transport = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionResetError(f"closed: {exc!r}"))

    def data_received(self, data: bytes) -> None:
        """Take what came; the length is announced."""
        self._heard += data
        if self._end < 0:
            at = self._heard.find(b"\r\n\r\n")
            if at < 0:
                return
            head = self._heard[:at].lower()
            length = head.index(b"content-length: ") + 16
            self._end = at + 4 + int(head[length:].partition(b"\r\n")[0])
        if len(self._heard) >= self._end and self._answer is not None:
            self._answer.set_result(self._heard)

    async def get(self, path: str) -> bytes:
        """Return the body; once more on a new connection if the server had closed the old one meanwhile."""
        was_open = self._transport is not None
        try:
            return await self._ask(path)
        except ConnectionResetError:
            if not was_open:
                raise
            return await self._ask(path)

    async def _ask(self, path: str) -> bytes:
        loop = asyncio.get_running_loop()
        transport = self._transport
        if transport is None:
            transport, _ = await loop.create_connection(lambda: self, *self._address)
        self._heard, self._end, self._answer = b"", -1, loop.create_future()
        transport.write(f"GET {path}{self._headers}".encode())
        heard = await self._answer
        head, _, body = heard.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise LoadError(heard[:500].decode("latin-1"))
        return body

    def close(self) -> None:
        """Go; a half-heard answer does not disturb the next one."""
        if self._transport is not None:
            self._transport.abort()


class Person:
    """A member or a customer in front of a screen; ``pace`` times as quick as in life."""

    def __init__(
        self,
        figures: Figures,
        tally: Tally,
        address: Address,
        surface: str,
        token: str,
        conversations: list[str],
        pace: float,
    ) -> None:
        self._figures = figures
        self._root = f"/api/{surface}"
        self._conversations = conversations
        self._pace = pace
        self._asking = Asking(address, token)
        self._socket = Client(tally, address, f"/realtime/{surface}", token, sync=f"/api/{surface}/sync")
        self._socket.on_frame = self._hear
        self._on_screen = conversations[0]
        self._last: dict[str, int] = {}
        self._read: dict[str, int] = {}
        self._oldest = 0
        self._number = 0
        self._acked: asyncio.Future[None] | None = None
        self._life: asyncio.Task[None] | None = None
        self._prefix = f"u{time.time_ns():x}-"
        self._acts: dict[str, Callable[[], Awaitable[None]]] = {
            "open": self._open,
            "scroll": self._scroll,
            "unread": lambda: self._list("unread"),
            "list": lambda: self._list("all"),
            "send": self._send,
        }

    async def arrive(self) -> None:
        """Connect, and begin."""
        self._socket.start()
        await self._socket.in_step.wait()
        self._life = asyncio.create_task(self._live())

    async def leave(self) -> None:
        """Close the screen."""
        if self._life is not None:
            self._life.cancel()
            await asyncio.gather(self._life, return_exceptions=True)
        self._asking.close()
        await self._socket.stop()

    async def _live(self) -> None:
        names, weights, idle_s = list(WEIGHTS), list(WEIGHTS.values()), IDLE_S / self._pace
        heartbeat_s = HEARTBEAT_S / self._pace
        beat_at = time.perf_counter() + random.random() * heartbeat_s
        await asyncio.sleep(random.random() * idle_s)
        while True:
            name = random.choices(names, weights)[0]
            await self._act(name)
            act_at = time.perf_counter() + random.expovariate(1 / idle_s)
            while beat_at < act_at:
                await asyncio.sleep(max(0.0, beat_at - time.perf_counter()))
                self._socket.say(f'{{"type":"ping","seqs":{{"{self._on_screen}":{self._seen()}}}}}'.encode())
                beat_at = max(beat_at + heartbeat_s, time.perf_counter())
            await asyncio.sleep(max(0.0, act_at - time.perf_counter()))

    async def _act(self, name: str) -> None:
        began = time.perf_counter()
        try:
            async with asyncio.timeout(GIVE_UP_S):
                await self._acts[name]()
        except TimeoutError:
            self._asking.close()
            self._figures.errors.append(f"{name}: no answer in {GIVE_UP_S:.0f} s")
        except (LoadError, OSError) as error:
            self._figures.errors.append(f"{name}: {error}")
        else:
            self._figures.took[name].append(time.perf_counter() - began)

    def _seen(self) -> int:
        return self._last.get(self._on_screen, 0)

    async def _open(self) -> None:
        """Open a conversation: itself, its last page, what is typed there from now on, and that it is read."""
        of = self._on_screen = random.choice(self._conversations)
        await self._asking.get(f"{self._root}/conversations/{of}")
        items = _range(await self._asking.get(f"{self._root}/conversations/{of}/entries?limit={PAGE}")).items
        self._oldest = items[0].seq
        self._last[of] = max(self._last.get(of, 0), items[-1].seq)
        self._socket.say(f'{{"type":"watch","conversation_ids":["{of}"]}}'.encode())
        self._say_read()

    async def _scroll(self) -> None:
        if self._oldest <= 1:
            await self._open()
        path = f"{self._root}/conversations/{self._on_screen}/entries?before={self._oldest}&limit={PAGE}"
        items = _range(await self._asking.get(path)).items
        self._oldest = items[0].seq if items else 1

    async def _list(self, segment: str) -> None:
        await self._asking.get(f"{self._root}/conversations?segment={segment}&limit=30")

    async def _send(self) -> None:
        """Write into what is on screen; done when it is acknowledged."""
        of, self._number = self._on_screen, self._number + 1
        self._acked = asyncio.get_running_loop().create_future()
        self._socket.say(f'{{"type":"typing","conversation_id":"{of}"}}'.encode())
        self._socket.say(
            f'{{"type":"send","ref":"s","conversation_id":"{of}","client_id":"{self._prefix}{self._number}",'
            f'"body":{{"kind":"text","text":"{WORDS}"}}}}'.encode()
        )
        await self._acked

    def _say_read(self) -> None:
        """Say that what is on screen was seen, if that is news."""
        of, seq = self._on_screen, self._seen()
        if seq > self._read.get(of, 0):
            self._read[of] = seq
            self._socket.say(f'{{"type":"read","ref":"r","conversation_id":"{of}","seq":{seq}}}'.encode())

    def _hear(self, payload: bytes) -> None:
        kind = payload[KIND]
        if kind == ENTRY:
            found = _entry(payload)
            self._last[found.conversation_id] = found.entry.seq
            if found.conversation_id == self._on_screen:
                self._say_read()
        elif kind == ACK and self._acked is not None and not self._acked.done():
            self._acked.set_result(None)
        elif kind == REFUSED:
            self._figures.errors.append(payload.decode())
            if self._acked is not None and not self._acked.done():
                self._acked.set_exception(LoadError(payload.decode()))
