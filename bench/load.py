"""The load: sockets and HTTP connections on bare protocols, so cheap that the server is the bottleneck."""

import asyncio
import gc
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import httpx
import msgspec

from bench.processes import Process
from bench.wire import CLOSE, Mask, take_frames

HELLO = b'{"type":"hello","cursor":null}'
KIND = slice(9, 12)
"""Where a frame says what it is: ``{"type":"`` comes before."""
WELCOME, ACK, ENTRY, REFUSED, RESYNC, BYE = b"wel", b"ack", b"ent", b"ref", b"res", b"bye"
FAILURES = {REFUSED, RESYNC, BYE}
AT_ONCE = 100
WITHIN_S = 60
MOST_OUTSTANDING = 32


PATIENCE_S = 30
"""After so long without anything done, nothing ever will be."""


class LoadError(Exception):
    """The server did something that the load does not expect; figures would mean nothing."""


class Socket(asyncio.Protocol):
    """A client's socket. ``on_frame`` gets every frame after the welcome."""

    def __init__(self, path: str, token: str) -> None:
        self._head = (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            f"Authorization: Bearer {token}\r\n\r\n"
        ).encode()
        self._mask = Mask()
        self._rest = b""
        self._open = False
        self._transport: Any = None
        self.welcome: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.on_frame: Callable[[bytes], None] = lambda _: None

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401  asyncio's own shape
        """Ask for the upgrade."""
        self._transport = transport
        transport.write(self._head)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody waits for a welcome any more."""
        if not self.welcome.done():
            self.welcome.set_exception(LoadError(f"closed before the welcome: {exc!r}"))

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
                return
            self._open = True
            self.say(HELLO)
        self._rest = take_frames(data, self._take) if data else b""

    def _take(self, first: int, payload: bytes) -> None:
        if first == CLOSE:
            raise LoadError(f"the server closed the socket: {payload!r}")
        if not self.welcome.done():
            assert payload[KIND] == WELCOME, payload
            self.welcome.set_result(None)
        else:
            self.on_frame(payload)

    def say(self, payload: bytes) -> None:
        """Send a text frame."""
        self._transport.write(self._mask.frame(payload))

    def close(self) -> None:
        """Go without a word."""
        self._transport.abort()


@asynccontextmanager
async def connected(process: Process, paths_and_tokens: Sequence[tuple[str, str]]) -> AsyncIterator[list[Socket]]:
    """Open sockets, ``AT_ONCE`` at a time, each welcomed; close them at the end."""
    loop = asyncio.get_running_loop()
    sockets: list[Socket] = []
    try:
        for start in range(0, len(paths_and_tokens), AT_ONCE):
            opened = [Socket(path, token) for path, token in paths_and_tokens[start : start + AT_ONCE]]
            for socket in opened:
                await loop.create_connection(lambda socket=socket: socket, "127.0.0.1", process.port)
                sockets.append(socket)
            async with asyncio.timeout(WITHIN_S):
                await asyncio.gather(*(socket.welcome for socket in opened))
        yield sockets
    finally:
        for socket in sockets:
            socket.close()


class Sample(msgspec.Struct):
    """What a run showed: how much was done, in which time, at which cost; latencies in seconds."""

    done: int
    seconds: float
    server_s: float
    load_s: float
    latencies: list[float]

    @property
    def per_s(self) -> float:
        """Units of work per second."""
        return self.done / self.seconds

    @property
    def server_us(self) -> float:
        """Server CPU time per unit of work, in microseconds."""
        return self.server_s / self.done * 1e6

    def quantile_ms(self, share: float) -> float:
        """A quantile of the latencies, in milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


class Meter:
    """Counts what is done while it runs."""

    def __init__(self) -> None:
        self.done = 0
        self.latencies: list[float] = []
        self.running = True

    async def sample(self, process: Process, seconds: float) -> Sample:
        """Measure for a while, longer where a starved machine has done nothing yet."""
        self.done = 0
        self.latencies = []
        began, spent, own = time.perf_counter(), process.cpu_s(), time.process_time()
        await asyncio.sleep(seconds)
        while not self.done and time.perf_counter() - began < PATIENCE_S:  # noqa: ASYNC110  counted where it is done
            await asyncio.sleep(seconds)
        took, spent, own = time.perf_counter() - began, process.cpu_s() - spent, time.process_time() - own
        if not self.done:
            message = "nothing was done while it was measured"
            raise LoadError(message)
        return Sample(self.done, took, spent, own, self.latencies)


@contextmanager
def without_pauses() -> Iterator[None]:
    """Keep the load's own garbage collection out of the latencies."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class Pair:
    """One sender and one recipient of a conversation. A message is done when it is acknowledged and has arrived."""

    def __init__(self, meter: Meter, sender: Socket, recipient: Socket, conversation_id: str, words: str) -> None:
        self.meter = meter
        self._sender = sender
        self._sent: deque[float] = deque()
        self._acknowledged = self._arrived = self._number = 0
        self._closed_loop = False
        self._before = (
            f'{{"type":"send","ref":"r","conversation_id":"{conversation_id}","client_id":"b{time.time_ns():x}-'
        )
        self._after = f'","body":{{"kind":"text","text":"{words}"}}}}'
        sender.on_frame = self._heard
        recipient.on_frame = self._received

    @property
    def outstanding(self) -> int:
        """How many messages are on their way."""
        return self._number - min(self._acknowledged, self._arrived)

    def send(self) -> None:
        """Send the next message."""
        self._number += 1
        self._sent.append(time.perf_counter())
        self._sender.say(f"{self._before}{self._number}{self._after}".encode())

    def keep_sending(self) -> None:
        """Send, and send again whenever a message is done, until the meter stops."""
        self._closed_loop = True
        self.send()

    def stop_repeating(self) -> None:
        """Send only when told to."""
        self._closed_loop = False

    def _heard(self, payload: bytes) -> None:
        kind = payload[KIND]
        if kind == ACK:
            self._acknowledged += 1
            if self._acknowledged <= self._arrived:
                self._finish()
        elif kind in FAILURES:
            raise LoadError(payload.decode())

    def _received(self, payload: bytes) -> None:
        kind = payload[KIND]
        if kind == ENTRY:
            self._arrived += 1
            self.meter.latencies.append(time.perf_counter() - self._sent.popleft())
            if self._arrived <= self._acknowledged:
                self._finish()
        elif kind in FAILURES:
            raise LoadError(payload.decode())

    def _finish(self) -> None:
        self.meter.done += 1
        if self._closed_loop and self.meter.running:
            self.send()


async def send_at_rate(pairs: Sequence[Pair], meter: Meter, per_s: float) -> None:
    """Send at a steady rate, whatever the answers do, until the meter stops; a sender who has too much out sits out."""
    began, sent = time.perf_counter(), 0
    while meter.running:
        await asyncio.sleep(0.001)
        due = int((time.perf_counter() - began) * per_s)
        while sent < due:
            pair = pairs[sent % len(pairs)]
            sent += 1
            if pair.outstanding < MOST_OUTSTANDING:
                pair.send()


async def drained(pairs: Sequence[Pair]) -> None:
    """Wait until nothing is on its way."""
    async with asyncio.timeout(WITHIN_S):
        while any(pair.outstanding for pair in pairs):  # noqa: ASYNC110  an event would cost each message
            await asyncio.sleep(0.01)


class Crowd:
    """The sockets of a group; the first one sends, and again once everybody has the last message."""

    def __init__(self, meter: Meter, sockets: Sequence[Socket], conversation_id: str, words: str) -> None:
        self.meter = meter
        self._sender = sockets[0]
        self._people = len(sockets)
        self._missing = 0
        self._number = 0
        self._sent_at = 0.0
        self.entry_bytes = 0
        self._before = (
            f'{{"type":"send","ref":"r","conversation_id":"{conversation_id}","client_id":"b{time.time_ns():x}-'
        )
        self._after = f'","body":{{"kind":"text","text":"{words}"}}}}'
        for socket in sockets:
            socket.on_frame = self._received

    def send(self) -> None:
        """Send the next message."""
        self._number += 1
        self._missing = self._people
        self._sent_at = time.perf_counter()
        self._sender.say(f"{self._before}{self._number}{self._after}".encode())

    def _received(self, payload: bytes) -> None:
        kind = payload[KIND]
        if kind == ENTRY:
            self.meter.done += 1
            self._missing -= 1
            if not self._missing:
                self.entry_bytes = len(payload)
                self.meter.latencies.append(time.perf_counter() - self._sent_at)
                if self.meter.running:
                    self.send()
        elif kind in FAILURES:
            raise LoadError(payload.decode())

    async def drained(self) -> None:
        """Wait until everybody has the last message."""
        async with asyncio.timeout(WITHIN_S):
            while self._missing:  # noqa: ASYNC110  an event would cost each message
                await asyncio.sleep(0.01)


class HttpConnection(asyncio.Protocol):
    """One kept-open connection that asks again as soon as it was answered."""

    def __init__(self, meter: Meter, path: str, token: str) -> None:
        self._meter = meter
        self._request = (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n"
            f"Authorization: Bearer {token}\r\n\r\n"
        ).encode()
        self._transport: Any = None
        self._asked_at = 0.0
        self._rest = b""
        self._missing = -1
        self.failed: LoadError | None = None

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401  asyncio's own shape
        """Ask."""
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        self._asked_at = time.perf_counter()
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Take what came; the length is announced, so the body need not be kept."""
        if self._missing < 0:
            head, end, body = (self._rest + data).partition(b"\r\n\r\n")
            if not end:
                self._rest = head
                return
            self._rest = b""
            if not head.startswith(b"HTTP/1.1 200"):
                self.failed = LoadError((head + body).decode("latin-1"))
                self._transport.abort()
                return
            at = head.lower().index(b"content-length: ") + 16
            self._missing = int(head[at:].partition(b"\r\n")[0]) - len(body)
        else:
            self._missing -= len(data)
        if self._missing == 0:
            self._missing = -1
            self._meter.done += 1
            self._meter.latencies.append(time.perf_counter() - self._asked_at)
            if self._meter.running:
                self._ask()
            else:
                self._transport.close()


async def fetch(process: Process, path: str, token: str) -> bytes:
    """Ask for one address once, as a stranger without ``token``, and return the body."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with httpx.AsyncClient(trust_env=False, verify=False, timeout=WITHIN_S) as client:  # noqa: S501  plain HTTP
        answer = await client.get(f"{process.url}{path}", headers=headers)
    if answer.status_code != httpx.codes.OK:
        raise LoadError(answer.text)
    return answer.content


async def ask(process: Process, path: str, token: str, *, connections: int, seconds: float) -> Sample:
    """Ask for one address over and over on some connections, and measure."""
    loop, meter = asyncio.get_running_loop(), Meter()
    opened = [HttpConnection(meter, path, token) for _ in range(connections)]
    with without_pauses():
        for one in opened:
            await loop.create_connection(lambda one=one: one, "127.0.0.1", process.port)
        await asyncio.sleep(seconds / 5)
        sample = await meter.sample(process, seconds)
    meter.running = False
    await asyncio.sleep(0.1)
    for one in opened:
        if one.failed is not None:
            raise one.failed
    return sample
