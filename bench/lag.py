"""How far followers lag behind what is sent: their durable cursors beside the journal's head, at half and at full load.

Half load is half of what the same server had just reached. Beside the pairs somebody talks in a group, so that the
follower that keeps the lists of groups has something to do. Floor: the pause that a follower makes between two looks.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from pathlib import Path
from statistics import quantiles
from typing import Any

import msgspec
import psycopg

from bench.load import Meter, Pair, Sample, Socket, connected, drained, send_at_rate, without_pauses
from bench.nodes import Both
from bench.processes import Process, product
from bench.report import Line
from bench.run import Bench
from bench.seed import WORDS, Company, seed
from rapport.kernel.engines.sqlite import connect as open_database
from rapport.kernel.followers import REST_S
from tests.services import running_postgres

LOOK_S = 0.2
GROUP_EVERY_S = 0.05
WITHIN_S = 60
CONCERNED = ("conversations.index", "notifications.push")
"""The followers that a message concerns; others only pass over it."""
_BEHIND = (
    "SELECT f.name, (SELECT count(*) FROM journal WHERE id > f.cursor),"
    " (SELECT at FROM journal WHERE id > f.cursor ORDER BY id LIMIT 1) FROM follower_cursor f"
)
Rows = Sequence[Sequence[Any]]
Ask = Callable[[], Rows]


class Behind(msgspec.Struct, frozen=True):
    """How far a follower was behind when it was looked at."""

    follower: str
    facts: int
    ms: float


class _Watch:
    """Looks at the cursors again and again."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.seen: list[Behind] = []

    async def look(self) -> bool:
        """Look once; say whether everybody is at the head."""
        rows = await asyncio.to_thread(self.ask)
        now = time.time_ns() // 1000
        self.seen += [Behind(name, facts, 0.0 if at is None else (now - at) / 1000) for name, facts, at in rows]
        return not any(facts for _, facts, _ in rows)

    async def keep_looking(self) -> None:
        """Look until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_S)

    def of(self, *, concerned: bool) -> list[Behind]:
        """Return what was seen of the followers whom messages concern, or of the others."""
        return [seen for seen in self.seen if (seen.follower in CONCERNED) is concerned]


async def measure(bench: Bench) -> list[Line]:
    """Return the lines of the embedded engine, and of two nodes on PostgreSQL."""
    folder = bench.folder / "lag"
    folder.mkdir()
    company = await seed(folder, bench.scale.size.for_messages())
    with (
        product(bench.cores, folder) as server,
        closing(open_database(company.database, read_only=True)) as database,
    ):
        lines = await _of("embedded", bench, company, [server, server], lambda: database.execute(_BEHIND).fetchall())
    return [*lines, *await _on_postgres(bench)]


async def _on_postgres(bench: Bench) -> list[Line]:
    granted = os.sched_getaffinity(0)
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    try:
        with running_postgres(durable=True) as postgres:
            url, folder = postgres.new_served_database(), bench.folder / "lag-nodes"
            folder.mkdir()
            company = await seed(folder, bench.scale.size.for_messages(), database_url=url)
            with _two_nodes(folder, url) as nodes, psycopg.connect(url, autocommit=True) as connection:
                return await _of(
                    "PostgreSQL, two nodes", bench, company, nodes, lambda: connection.execute(_BEHIND).fetchall()
                )
    finally:
        os.sched_setaffinity(0, granted)


@contextmanager
def _two_nodes(folder: Path, url: str) -> Iterator[list[Process]]:
    nodes = [
        Process("bench.serve", ["--data", str(folder), "--database-url", url, "--role", role])
        for role in ("api,realtime,worker", "realtime")
    ]
    try:
        yield nodes
    finally:
        for node in nodes:
            node.stop()


async def _of(where: str, bench: Bench, company: Company, nodes: Sequence[Process], ask: Ask) -> list[Line]:
    """Measure at full and then at half load; members are connected to the first node, customers to the last."""
    process = Both(*{node.pid: node for node in nodes}.values())
    async with _talking(nodes, company) as (pairs, group):
        full = await _loaded(bench, process, pairs, group, _Watch(ask), per_s=None)
        half = await _loaded(bench, process, pairs, group, _Watch(ask), per_s=full.per_s / 2)
    return [_line(f"{where}, {name} load", figures) for name, figures in (("half", half), ("full", full))]


class _Figures(msgspec.Struct, frozen=True):
    per_s: float
    watch: _Watch
    caught_up_s: float
    others_caught_up_s: float


async def _loaded(
    bench: Bench, process: Process, pairs: list[Pair], group: "_GroupTalk", watch: _Watch, *, per_s: float | None
) -> _Figures:
    meter = pairs[0].meter
    meter.running = True
    with without_pauses():
        work = [asyncio.create_task(group.keep_talking())]
        if per_s is None:
            for pair in pairs:
                pair.keep_sending()
        else:
            for pair in pairs:
                pair.stop_repeating()
            work.append(asyncio.create_task(send_at_rate(pairs, meter, per_s)))
        looking = asyncio.create_task(watch.keep_looking())
        sample: Sample = await meter.sample(process, bench.scale.lag_seconds)
        meter.running = False
        looking.cancel()
        work[0].cancel()
        with suppress(asyncio.CancelledError):
            await looking
        await asyncio.gather(*work, return_exceptions=True)
        await drained(pairs)
    concerned_s, all_s = await _caught_up(_Watch(watch.ask))
    return _Figures(sample.per_s, watch, concerned_s, all_s)


async def _caught_up(watch: _Watch) -> tuple[float, float]:
    """Wait until all are at the head; the seconds until those were whom messages concern, and until all were."""
    began, concerned = time.perf_counter(), 0.0
    async with asyncio.timeout(WITHIN_S):
        while True:
            watch.seen.clear()
            everybody = await watch.look()
            if not concerned and not any(seen.facts for seen in watch.of(concerned=True)):
                concerned = time.perf_counter() - began
            if everybody:
                return concerned, time.perf_counter() - began
            await asyncio.sleep(0.02)


class _GroupTalk:
    """Somebody talks in a group at a steady pace; nobody else of it is connected."""

    def __init__(self, socket: Socket, conversation_id: str) -> None:
        self._socket = socket
        self._before = (
            f'{{"type":"send","ref":"g","conversation_id":"{conversation_id}","client_id":"g{time.time_ns():x}-'
        )
        self._number = 0

    async def keep_talking(self) -> None:
        """Send until cancelled."""
        while True:
            self._number += 1
            frame = f'{self._before}{self._number}","body":{{"kind":"text","text":"{WORDS}"}}}}'
            self._socket.say(frame.encode())
            await asyncio.sleep(GROUP_EVERY_S)


@asynccontextmanager
async def _talking(nodes: Sequence[Process], company: Company) -> AsyncIterator[tuple[list[Pair], _GroupTalk]]:
    group = company.groups[0]
    async with (
        connected(nodes[0], [("/realtime/staff", pair.sender) for pair in company.pairs]) as guides,
        connected(nodes[-1], [("/realtime/consumer", pair.recipient) for pair in company.pairs]) as customers,
        connected(nodes[0], [("/realtime/staff", group.tokens[0])]) as talking,
    ):
        meter = Meter()
        pairs = [
            Pair(meter, guide, customer, pair.conversation_id, WORDS)
            for guide, customer, pair in zip(guides, customers, company.pairs, strict=True)
        ]
        yield pairs, _GroupTalk(talking[0], group.conversation_id)


def _line(name: str, figures: _Figures) -> Line:
    concerned, others = figures.watch.of(concerned=True), figures.watch.of(concerned=False)
    by_name = {one: [seen for seen in concerned if seen.follower == one] for one in CONCERNED}
    return Line(
        name=f"followers, {name}: oldest message not followed, nine looks in ten",
        unit="ms",
        rounds=[max(0.1, quantiles((seen.ms for seen in concerned), n=10)[-1])],
        floor=REST_S * 1000,
        floor_of="the pause between two looks",
        also={
            "messages /s": figures.per_s,
            **{f"{one} most ms": max(seen.ms for seen in found) for one, found in by_name.items()},
            **{f"{one} most facts": max(seen.facts for seen in found) for one, found in by_name.items()},
            "others most ms": max(seen.ms for seen in others),
            "others most facts": max(seen.facts for seen in others),
            "caught up after ms": figures.caught_up_s * 1000,
            "others after ms": figures.others_caught_up_s * 1000,
        },
    )
