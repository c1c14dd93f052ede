"""Everybody comes back at once: the server is killed, or told to go, with 10,000 clients connected, and started again.

Floor: the same clients, without anything to ask for, on a bare WebSocket server that dies the same way.
"""

import asyncio
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from statistics import median

import msgspec

from bench.load import ACK, KIND, LoadError
from bench.processes import Process
from bench.report import Line
from bench.returning import Client, Tally
from bench.run import Bench
from bench.seed import WORDS, Pair
from tests.services import free_port

AT_ONCE = 200
SENDERS = 20
EVERY_S = 0.2
"""How often each of those sends who talk meanwhile."""
LOOK_EVERY_S, PAUSE_S = 0.02, 0.03
GRACE_S = 2.0
"""So much later the load still hears of tries that met nobody, busy as it is."""
WITHIN_S = 150
ENDS: dict[str, Callable[[Process], None]] = {"kill -9": Process.kill, "SIGTERM": Process.stop}


class Sending(msgspec.Struct, frozen=True):
    """A message that somebody sent: when, and how long until it was acknowledged; repeated if the link broke."""

    at: float
    took: float
    repeated: bool


class _Sender:
    """Sends at a steady pace while connected; what was not acknowledged is sent again after coming back."""

    def __init__(self, client: Client, conversation_id: str) -> None:
        self.sent: list[Sending] = []
        self.refused: list[str] = []
        self._client = client
        self._acked = asyncio.Event()
        self._before = (
            f'{{"type":"send","ref":"r","conversation_id":"{conversation_id}","client_id":"s{time.time_ns():x}-'
        )
        client.on_frame = self._heard

    async def keep_sending(self) -> None:
        """Send until cancelled."""
        number, due = 0, time.perf_counter()
        while True:
            number += 1
            if not self._client.in_step.is_set():
                await self._client.in_step.wait()
                due = time.perf_counter()
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            repeated = await self._send(number)
            now = time.perf_counter()
            self.sent.append(Sending(due, now - due, repeated))
            due = now if repeated else due + EVERY_S

    async def _send(self, number: int) -> bool:
        frame = f'{self._before}{number}","body":{{"kind":"text","text":"{WORDS}"}}}}'.encode()
        self._acked.clear()
        for attempt in range(100):
            await self._client.in_step.wait()
            self._client.say(frame)
            acked = asyncio.create_task(self._acked.wait())
            lost = asyncio.create_task(self._client.out_of_step.wait())
            try:
                await asyncio.wait({acked, lost}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                acked.cancel()
                lost.cancel()
            if self._acked.is_set():
                return attempt > 0
        message = "a message was sent a hundred times"
        raise LoadError(message)

    def _heard(self, payload: bytes) -> None:
        kind = payload[KIND]
        if kind == ACK:
            self._acked.set()
        elif kind == b"ref":
            self.refused.append(payload.decode())


class _Pauses:
    """When the load itself stood still: thousands of ends and beginnings at once keep its loop busy, too."""

    def __init__(self) -> None:
        self._found: list[tuple[float, float]] = []

    async def watch(self) -> None:
        """Look until cancelled."""
        while True:
            began = time.perf_counter()
            await asyncio.sleep(LOOK_EVERY_S)
            if (now := time.perf_counter()) - began > LOOK_EVERY_S + PAUSE_S:
                self._found.append((began, now))

    def longest(self, since: float, until: float) -> float:
        """Return the longest of a while, in seconds."""
        return max((end - began for began, end in self._found if since <= began <= until), default=0.0)

    def touch(self, sending: Sending) -> bool:
        """Say whether a message was under way while the load stood still."""
        return any(began <= sending.at + sending.took and sending.at <= end for began, end in self._found)


class _Storm(msgspec.Struct, frozen=True):
    """What one storm showed; times in seconds after the end of the old process, except ``away_s``."""

    away_s: float
    """From the signal until the new process answers."""
    last_s: float
    half_s: float
    resume_us: float
    resyncs: int
    unheard: int
    late: int
    turned_away: int
    errors: int
    before_mib: float
    after_mib: float
    peak_mib: float
    calm_p99_ms: float
    p50_ms: float
    p99_ms: float
    all_p99_ms: float
    """The same with those messages during which the load stood still."""
    load_paused_s: float
    repeated: int
    load_busy: float


async def measure(bench: Bench) -> list[Line]:
    """Return three lines for each way in which the server may end."""
    return [line for end in ENDS for line in await _of(bench, end)]


async def _of(bench: Bench, end: str) -> list[Line]:
    company, tokens = bench.company, [met.token for met in bench.company.guide.met]
    arguments, calm_s = ["--core", str(bench.cores.server)], bench.scale.seconds
    real: list[_Storm] = []
    floor: list[_Storm] = []
    for _ in range(bench.scale.storms):
        product = ["bench.serve", *arguments, "--data", str(company.folder)]
        real.append(await _storm(product, end, tokens, company.pairs[:SENDERS], calm_s))
        floor.append(await _storm(["bench.bare", "socket", *arguments], end, tokens, [], calm_s))
    of = f"{len(tokens):,} come back after {end}"
    return [
        Line(
            name=f"{of}: until the last is in step",
            unit="s",
            rounds=[storm.last_s for storm in real],
            floor=median(storm.last_s for storm in floor),
            floor_of="bare sockets, nothing to ask for",
            also={
                "half after s": median(storm.half_s for storm in real),
                "away s": median(storm.away_s for storm in real),
                "bare away s": median(storm.away_s for storm in floor),
                "met nobody": median(storm.unheard for storm in real),
                "gave up waiting": median(storm.late for storm in real),
                "turned away": median(storm.turned_away for storm in real),
                "errors": sum(storm.errors for storm in real),
            },
        ),
        Line(
            name=f"{of}: server CPU per resume",
            unit="µs",
            rounds=[storm.resume_us for storm in real],
            floor=median(storm.resume_us for storm in floor),
            floor_of="a bare handshake",
            also={
                "asked what changed": median(storm.resyncs for storm in real),
                "MiB before": median(storm.before_mib for storm in real),
                "MiB after": median(storm.after_mib for storm in real),
                "peak MiB": median(storm.peak_mib for storm in real),
                "load busy": median(storm.load_busy for storm in real),
            },
        ),
        Line(
            name=f"{of}: p99 of others' sends meanwhile",
            unit="ms",
            rounds=[storm.p99_ms for storm in real],
            floor=median(storm.calm_p99_ms for storm in real),
            floor_of="the same senders before",
            also={
                "p50 ms": median(storm.p50_ms for storm in real),
                "sent again": median(storm.repeated for storm in real),
                "p99 ms, with those behind the load's own pauses": median(storm.all_p99_ms for storm in real),
                "its longest pause s": median(storm.load_paused_s for storm in real),
            },
        ),
    ]


async def _storm(command: list[str], end: str, tokens: list[str], pairs: list[Pair], calm_s: float) -> _Storm:
    module, *arguments = command
    arguments += ["--port", str(free_port())]
    process = await asyncio.to_thread(Process, module, arguments)
    tally, is_bare, pauses = Tally(), not pairs, _Pauses()
    watching = asyncio.create_task(pauses.watch())
    try:
        async with _connected(tally, process, tokens, is_bare=is_bare) as clients, _sending(process, pairs) as senders:
            calm_from = time.perf_counter()
            await asyncio.sleep(calm_s)
            before, calm_to = process.memory_kib(), time.perf_counter()
            tally.reset()
            began, own = time.perf_counter(), time.process_time()
            await asyncio.to_thread(ENDS[end], process)
            ended = time.perf_counter()
            process = await asyncio.to_thread(Process, module, arguments)
            ready, spent = time.perf_counter(), process.cpu_s()
            async with asyncio.timeout(WITHIN_S):
                while len(tally.back_at) < len(clients):  # noqa: ASYNC110  counted where it happens
                    await asyncio.sleep(0.05)
            last, spent = max(tally.back_at.values()), process.cpu_s() - spent
            back = sorted(tally.back_at.values())
            busy = (time.process_time() - own) / (time.perf_counter() - began)
            await asyncio.sleep(EVERY_S * 3)
            sent = [each for sender in senders for each in sender.sent]
            calm = [each.took for each in sent if calm_from <= each.at < calm_to and not each.repeated]
            stormy = [each.took for each in sent if ready <= each.at <= last and not each.repeated]
            undisturbed = [
                each.took for each in sent if ready <= each.at <= last and not each.repeated and not pauses.touch(each)
            ]
            deaf = [why for at, why in tally.unheard if at > ready + GRACE_S]
            errors = [*tally.errors, *deaf, *(why for sender in senders for why in sender.refused)]
            for why, times in Counter(errors).most_common(3):
                print(f"{times} times: {why}", file=sys.stderr)
            return _Storm(
                away_s=ready - began,
                last_s=last - ended,
                half_s=back[len(back) // 2] - ended,
                resume_us=spent / len(clients) * 1e6,
                resyncs=tally.resyncs,
                unheard=len(tally.unheard),
                late=tally.late,
                turned_away=tally.turned_away,
                errors=len(errors),
                before_mib=before / 1024,
                after_mib=process.memory_kib() / 1024,
                peak_mib=process.peak_kib() / 1024,
                calm_p99_ms=_quantile_ms(calm, 0.99),
                p50_ms=_quantile_ms(undisturbed, 0.5),
                p99_ms=_quantile_ms(undisturbed, 0.99),
                all_p99_ms=_quantile_ms(stormy, 0.99),
                load_paused_s=pauses.longest(ready, last),
                repeated=sum(each.repeated for each in sent),
                load_busy=busy,
            )
    finally:
        watching.cancel()
        process.stop()


@asynccontextmanager
async def _connected(
    tally: Tally, process: Process, tokens: list[str], *, is_bare: bool
) -> AsyncIterator[list[Client]]:
    address, path = ("127.0.0.1", process.port), "/idle" if is_bare else "/realtime/consumer"
    sync = None if is_bare else "/api/consumer/sync"
    clients = [Client(tally, address, path, token, sync=sync) for token in tokens]
    try:
        async with asyncio.timeout(WITHIN_S):
            for start in range(0, len(clients), AT_ONCE):
                for client in clients[start : start + AT_ONCE]:
                    client.start()
                await asyncio.gather(*(client.in_step.wait() for client in clients[start : start + AT_ONCE]))
        yield clients
    finally:
        await asyncio.gather(*(client.stop() for client in clients))


@asynccontextmanager
async def _sending(process: Process, pairs: list[Pair]) -> AsyncIterator[list[_Sender]]:
    """Let a few members send to their customers, who are away."""
    address, tally = ("127.0.0.1", process.port), Tally()
    clients = [Client(tally, address, "/realtime/staff", pair.sender, sync="/api/staff/sync") for pair in pairs]
    senders = [_Sender(client, pair.conversation_id) for client, pair in zip(clients, pairs, strict=True)]
    for client in clients:
        client.start()
    async with asyncio.timeout(WITHIN_S):
        await asyncio.gather(*(client.in_step.wait() for client in clients))
    work = [asyncio.create_task(sender.keep_sending()) for sender in senders]
    try:
        yield senders
    finally:
        for task in work:
            task.cancel()
        ended = await asyncio.gather(*work, return_exceptions=True)
        await asyncio.gather(*(client.stop() for client in clients))
        for result in ended:
            if isinstance(result, Exception):
                raise result


def _quantile_ms(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000 if ordered else 0.0
