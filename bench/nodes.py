"""Durable messages on PostgreSQL, the two who talk connected to different processes.

Floor: the rows of the same messages written straight to the same server, in one process, in batches as large. Server,
processes and load share the machine: no core is set aside.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from statistics import median

import psycopg

from bench.load import Meter, Pair, Sample, connected, drained, without_pauses
from bench.processes import Process
from bench.report import Line
from bench.run import Bench
from bench.seed import WORDS, Company, seed
from rapport.migrations import migrate_postgres
from tests.services import Postgres, running_postgres

BUDGET = 0.7
WARM_UP = 0.3


class Both(Process):
    """Two processes counted as one."""

    def __init__(self, *parts: Process) -> None:
        self._parts = parts

    def cpu_s(self) -> float:
        """CPU time of both."""
        return sum(part.cpu_s() for part in self._parts)


async def measure(bench: Bench) -> list[Line]:
    """Return the lines of every number of senders."""
    granted = os.sched_getaffinity(0)
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    try:
        with running_postgres(durable=True) as postgres:
            return await _on(bench, postgres)
    finally:
        os.sched_setaffinity(0, granted)


async def _on(bench: Bench, postgres: Postgres) -> list[Line]:
    url, folder = postgres.new_served_database(), bench.folder / "nodes"
    folder.mkdir()
    company = await seed(folder, bench.scale.size.for_messages(), database_url=url)
    lines: list[Line] = []
    with ExitStack() as stack:
        nodes: list[Process] = []
        for role in ("api,realtime,worker", "realtime"):
            nodes.append(Process("bench.serve", ["--data", str(folder), "--database-url", url, "--role", role]))
            stack.callback(nodes[-1].stop)
        for senders in bench.scale.senders:
            lines += await _with_senders(bench, company, nodes, postgres, senders)
    return lines


async def _with_senders(
    bench: Bench, company: Company, nodes: list[Process], postgres: Postgres, senders: int
) -> list[Line]:
    samples: list[Sample] = []
    both = Both(*nodes)
    async with _pairs(company, nodes, senders) as pairs:
        meter = pairs[0].meter
        for _ in range(bench.scale.rounds):
            meter.running = True
            with without_pauses():
                for pair in pairs:
                    pair.keep_sending()
                await asyncio.sleep(bench.scale.seconds * WARM_UP)
                samples.append(await meter.sample(both, bench.scale.seconds))
                meter.running = False
                await drained(pairs)
    raw = await asyncio.to_thread(_raw_inserts, postgres.new_database(), senders, bench.scale.seconds)
    return [
        Line(
            name=f"PostgreSQL, two nodes, {senders} senders: messages per second",
            unit="/s",
            rounds=[sample.per_s for sample in samples],
            floor=raw,
            floor_of="the same rows inserted raw",
            least=BUDGET,
            also={
                "nodes' CPU µs per message": median(sample.server_us for sample in samples),
                "load busy": median(sample.load_s / sample.seconds for sample in samples),
                "p50 ms": median(sample.quantile_ms(0.5) for sample in samples),
                "p99 ms": median(sample.quantile_ms(0.99) for sample in samples),
            },
        )
    ]


@asynccontextmanager
async def _pairs(company: Company, nodes: list[Process], senders: int) -> AsyncIterator[list[Pair]]:
    chosen = company.pairs[:senders]
    async with (
        connected(nodes[0], [("/realtime/staff", pair.sender) for pair in chosen]) as guides,
        connected(nodes[1], [("/realtime/consumer", pair.recipient) for pair in chosen]) as customers,
    ):
        meter = Meter()
        yield [
            Pair(meter, guide, customer, pair.conversation_id, WORDS)
            for guide, customer, pair in zip(guides, customers, chosen, strict=True)
        ]


_ENTRY = "INSERT INTO entry VALUES ('corp',%s,%s,%s,%s,'text','m:guide',%s,NULL,%s,%s,0)"
_TAIL = (
    "UPDATE conversation SET last_seq=%s,count=%s,shown_seq=%s,last_at=%s WHERE corp_id='corp' AND conversation_id=%s"
)
_PEOPLE = "UPDATE participant SET last_seq=%s,last_count=%s,last_mark=%s WHERE corp_id='corp' AND conversation_id=%s"
_FACT = (
    "INSERT INTO journal (id, corp_id, kind, audience, body, at)"
    " VALUES (%s,'corp','conversations.entry_appended',%s,%s,%s)"
)
_CONVERSATION = (
    "INSERT INTO conversation (corp_id, conversation_id, kind, pair, state, people_count, last_seq, count, shown_seq,"
    " last_at, last_mark, created_at) VALUES ('corp', %s, 'customer', %s, 'open', 2, 0, 0, 0, 0, 0, 0)"
)
_PARTICIPANT = (
    "INSERT INTO participant (corp_id, conversation_id, person, role, joined_seq, read_seq, read_count, last_seq,"
    " last_count, last_mark, large, mark) VALUES ('corp', %s, %s, 'member', 0, 0, 0, 0, 0, 0, 0, 0)"
)


def _raw_inserts(url: str, batch: int, seconds: float) -> float:
    """Write the rows of a message to the same tables, ``batch`` messages per commit; return messages per second."""
    migrate_postgres(url)
    names = [f"01jd8xq4zk3v5m7n9p2r4t{number:04d}" for number in range(batch)]
    body, audience = f'{{"kind":"text","text":"{WORDS}"}}', '{"people":["m:guide","c:wm0123456789abcdef"]}'
    fact = '{"conversation_id":"01jd8xq4zk3v5m7n9p2r4t0000","seq":1,"entry_id":"01jd8xq4zk3v5m7n9p2r4t6w8y"}'
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.executemany(_CONVERSATION, [(name, name) for name in names])
        cursor.executemany(_PARTICIPANT, [(name, person) for name in names for person in ("m:guide", f"c:{name}")])
        connection.commit()
        seq, began = 0, time.perf_counter()
        while time.perf_counter() - began < seconds:
            seq += 1
            now = time.time_ns() // 1000
            with connection.pipeline():
                cursor.executemany(_ENTRY, [(name, seq, seq, f"{name}{seq}", f"b-{seq}", body, now) for name in names])
                cursor.executemany(_TAIL, [(seq, seq, seq, now, name) for name in names])
                cursor.executemany(_PEOPLE, [(seq, seq, seq, name) for name in names])
                facts = [(seq * batch + place, audience, fact, now) for place in range(batch)]
                cursor.executemany(_FACT, facts)
            connection.commit()
        return seq * batch / (time.perf_counter() - began)
