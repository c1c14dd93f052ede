"""Clients that stop reading in the middle of a busy group: what the others notice, what each costs until it is cut off.

Floor: the same group before, everybody reading.
"""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from statistics import median
from typing import Any

from bench.load import WITHIN_S, Crowd, Meter, Sample, Socket, connected, without_pauses
from bench.processes import Process, product
from bench.report import Line
from bench.run import Bench
from bench.seed import WORDS
from rapport.kernel.realtime.connection import MAX_WAITING_BYTES, PATIENCE_S

SHARE = 2
"""One in so many stops reading."""
WINDOW_BYTES, SEGMENT_BYTES = 4096, 536
"""What the kernel keeps for somebody who does not read: little, so that the product has to keep the rest."""
HIGH_WATER_KIB = 64
ENOUGH_S = 60


class _Stopping(Socket):
    """A socket that can stop reading."""

    def __init__(self, path: str, token: str) -> None:
        super().__init__(path, token)
        self._wire: Any = None

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401  asyncio's own shape
        """Begin."""
        self._wire = transport
        super().connection_made(transport)

    def stop_reading(self) -> None:
        """Take nothing more."""
        self._wire.pause_reading()


async def measure(bench: Bench) -> list[Line]:
    """Return the lines of the smallest group: it talks fastest."""
    group = bench.company.groups[0]
    stopping = max(1, len(group.tokens) // SHARE)
    readers = [("/realtime/staff", token) for token in group.tokens[:-stopping]]
    with product(bench.cores, bench.company.folder) as server:
        async with connected(server, readers) as sockets, _stoppers(server, group.tokens[-stopping:]) as slow:
            crowd = Crowd(Meter(), sockets, group.conversation_id, WORDS)
            calm = [await _round(bench, server, crowd) for _ in range(bench.scale.rounds)]
            before, held, began = server.memory_kib(), _sockets(server), time.perf_counter()
            for one in slow:
                one.stop_reading()
            samples: list[Sample] = []
            peak, gone_s = before, 0.0
            while not gone_s and time.perf_counter() - began < ENOUGH_S:
                samples.append(await _round(bench, server, crowd))
                peak = max(peak, server.memory_kib())
                gone_s = time.perf_counter() - began if _sockets(server) <= held - stopping else 0.0
            cut_off = held - _sockets(server)
    of = f"{stopping} of {len(group.tokens):,} stop reading"
    return [
        Line(
            name=f"{of}: until the others have a message",
            unit="ms",
            rounds=[sample.quantile_ms(0.5) for sample in samples],
            floor=median(sample.quantile_ms(0.5) for sample in calm),
            floor_of="when everybody reads",
            also={
                "p99 ms": max(sample.quantile_ms(0.99) for sample in samples),
                "p99 before ms": max(sample.quantile_ms(0.99) for sample in calm),
                "µs per delivery": median(sample.server_us for sample in samples),
                "before µs": median(sample.server_us for sample in calm),
            },
        ),
        Line(
            name=f"{of}: memory for each until cut off",
            unit="KiB",
            rounds=[max(0.1, (peak - before) / stopping)],
            budget=HIGH_WATER_KIB * 2 + MAX_WAITING_BYTES / 1024,
            also={"cut off": cut_off, "all within s": gone_s, "patience s": PATIENCE_S},
        ),
    ]


async def _round(bench: Bench, process: Process, crowd: Crowd) -> Sample:
    meter = crowd.meter
    meter.running = True
    with without_pauses():
        crowd.send()
        sample = await meter.sample(process, bench.scale.seconds)
        meter.running = False
        await crowd.drained()
    return sample


@asynccontextmanager
async def _stoppers(process: Process, tokens: list[str]) -> AsyncIterator[list[_Stopping]]:
    """Connect through sockets for which the kernel keeps little."""
    loop, opened = asyncio.get_running_loop(), list[_Stopping]()
    try:
        for token in tokens:
            narrow = socket.socket()
            narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WINDOW_BYTES)
            narrow.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SEGMENT_BYTES)
            narrow.settimeout(0)
            await loop.sock_connect(narrow, ("127.0.0.1", process.port))
            opened.append(_Stopping("/realtime/staff", token))
            await loop.create_connection(lambda: opened[-1], sock=narrow)
            async with asyncio.timeout(WITHIN_S):
                await opened[-1].welcome
        yield opened
    finally:
        for one in opened:
            one.close()


def _sockets(process: Process) -> int:
    """Return how many sockets a process has open."""
    found = 0
    for file in Path(f"/proc/{process.pid}/fd").iterdir():
        # A file may be closed between the list and the look.
        with suppress(FileNotFoundError):
            found += str(file.readlink()).startswith("socket:")
    return found
