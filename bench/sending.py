"""Durable messages between two, socket to socket: what one costs, how many there are, how long they take at half load.

Floors: the same exchange without storage, and the same rows written straight to SQLite in batches as large.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median

import apsw

from bench.load import Meter, Pair, Sample, Socket, connected, drained, send_at_rate, without_pauses
from bench.processes import Process, bare_sockets, product
from bench.report import Line
from bench.run import Bench
from bench.seed import WORDS
from rapport.kernel.engines.sqlite import connect as open_database
from rapport.migrations import migrate

BUDGET_US = 100
BUDGET_P99 = 3
WARM_UP = 0.15
"""Share of a round that passes before it counts."""


async def measure(bench: Bench) -> list[Line]:
    """Return the lines of every number of senders, and the log's size at the end."""
    lines: list[Line] = []
    with product(bench.cores, bench.company.folder) as server, bare_sockets(bench.cores) as bare:
        for senders in bench.scale.senders:
            lines += await _with_senders(bench, server, bare, senders)
        log = bench.company.database.with_name("rapport.db-wal")
        size = log.stat().st_size / 2**20
    lines.append(Line(name="write-ahead log after the messages", unit="MiB", rounds=[size], budget=128))
    return lines


async def _with_senders(bench: Bench, server: Process, bare: Process, senders: int) -> list[Line]:
    full: list[Sample] = []
    half: list[Sample] = []
    bare_full: list[Sample] = []
    bare_half: list[Sample] = []
    async with _pairs(bench, server, senders) as real, _bare_pairs(bare, senders) as floor:
        for _ in range(bench.scale.rounds):
            full.append(await _as_fast_as_possible(bench, server, real))
            bare_full.append(await _as_fast_as_possible(bench, bare, floor))
            half.append(await _at_rate(bench, server, real, full[-1].per_s / 2))
            bare_half.append(await _at_rate(bench, bare, floor, bare_full[-1].per_s / 2))
    raw_per_s, raw_us = _raw_inserts(bench.company.folder / f"raw-{senders}.db", senders, bench.scale.seconds)
    p99 = median(sample.quantile_ms(0.99) for sample in bare_half)
    return [
        Line(
            name=f"durable 1:1, {senders} senders: server CPU per message",
            unit="µs",
            rounds=[sample.server_us for sample in full],
            floor=median(sample.server_us for sample in bare_full),
            floor_of="bare sockets, nothing stored",
            budget=BUDGET_US,
            also={"raw inserts µs": raw_us, "at half load µs": median(sample.server_us for sample in half)},
        ),
        Line(
            name=f"durable 1:1, {senders} senders: messages per second",
            unit="/s",
            rounds=[sample.per_s for sample in full],
            floor=raw_per_s,
            floor_of="the same rows inserted raw",
            also={
                "bare sockets /s": median(sample.per_s for sample in bare_full),
                "server busy": median(sample.server_s / sample.seconds for sample in full),
                "load busy": median(sample.load_s / sample.seconds for sample in full),
            },
        ),
        Line(
            name=f"durable 1:1, {senders} senders: p99 at half load",
            unit="ms",
            rounds=[sample.quantile_ms(0.99) for sample in half],
            floor=p99,
            floor_of="bare sockets at their half load",
            budget=BUDGET_P99,
            bounds="ratio",
            also={
                "p50 ms": median(sample.quantile_ms(0.5) for sample in half),
                "bare p50 ms": median(sample.quantile_ms(0.5) for sample in bare_half),
            },
        ),
    ]


@asynccontextmanager
async def _pairs(bench: Bench, server: Process, senders: int) -> AsyncIterator[list[Pair]]:
    chosen = bench.company.pairs[:senders]
    async with (
        connected(server, [("/realtime/staff", pair.sender) for pair in chosen]) as guides,
        connected(server, [("/realtime/consumer", pair.recipient) for pair in chosen]) as customers,
    ):
        yield _joined(guides, customers, [pair.conversation_id for pair in chosen])


@asynccontextmanager
async def _bare_pairs(bare: Process, senders: int) -> AsyncIterator[list[Pair]]:
    names = [f"{senders}-{number}" for number in range(senders)]
    async with (
        connected(bare, [(f"/pair/{name}/recipient", "") for name in names]) as recipients,
        connected(bare, [(f"/pair/{name}/sender", "") for name in names]) as guides,
    ):
        yield _joined(guides, recipients, ["01jd8xq4zk3v5m7n9p2r4t6w8y"] * senders)


def _joined(senders: list[Socket], recipients: list[Socket], conversation_ids: list[str]) -> list[Pair]:
    meter = Meter()
    return [
        Pair(meter, sender, recipient, conversation_id, WORDS)
        for sender, recipient, conversation_id in zip(senders, recipients, conversation_ids, strict=True)
    ]


async def _as_fast_as_possible(bench: Bench, process: Process, pairs: list[Pair]) -> Sample:
    """Every sender sends as soon as its last message is done."""
    meter = pairs[0].meter
    meter.running = True
    with without_pauses():
        for pair in pairs:
            pair.keep_sending()
        await asyncio.sleep(bench.scale.seconds * WARM_UP)
        sample = await meter.sample(process, bench.scale.seconds)
        meter.running = False
        await drained(pairs)
    return sample


async def _at_rate(bench: Bench, process: Process, pairs: list[Pair], per_s: float) -> Sample:
    """Send at a steady rate, whatever the answers do."""
    meter = pairs[0].meter
    meter.running = True
    for pair in pairs:
        pair.stop_repeating()
    with without_pauses():
        sending = asyncio.create_task(send_at_rate(pairs, meter, per_s))
        await asyncio.sleep(bench.scale.seconds * WARM_UP)
        sample = await meter.sample(process, bench.scale.seconds)
        meter.running = False
        await sending
        await drained(pairs)
    return sample


_ENTRY = "INSERT INTO entry VALUES ('corp',?,?,?,?,'text','m:guide',?,NULL,?,?,0)"
_TAIL = "UPDATE conversation SET last_seq=?,count=?,shown_seq=?,last_at=? WHERE corp_id='corp' AND conversation_id=?"
_PEOPLE = "UPDATE participant SET last_seq=?,last_count=?,last_mark=? WHERE corp_id='corp' AND conversation_id=?"
_FACT = "INSERT INTO journal (corp_id, kind, audience, body, at) VALUES ('corp','conversations.entry_appended',?,?,?)"


def _raw_inserts(path: Path, batch: int, seconds: float) -> tuple[float, float]:
    """Write the rows of a message to the same tables, ``batch`` messages per commit; messages/s and µs each."""
    migrate(path)
    database = open_database(path, read_only=False)
    names = [f"01jd8xq4zk3v5m7n9p2r4t{number:04d}" for number in range(batch)]
    _prepare(database, names)
    body, audience = f'{{"kind":"text","text":"{WORDS}"}}', '{"people":["m:guide","c:wm0123456789abcdef"]}'
    fact = '{"conversation_id":"01jd8xq4zk3v5m7n9p2r4t0000","seq":1,"entry_id":"01jd8xq4zk3v5m7n9p2r4t6w8y"}'
    seq, began, spent = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - began < seconds:
        seq += 1
        now = time.time_ns() // 1000
        database.execute("BEGIN IMMEDIATE")
        database.executemany(_ENTRY, [(name, seq, seq, f"{name}{seq}", f"b-{seq}", body, now) for name in names])
        database.executemany(_TAIL, [(seq, seq, seq, now, name) for name in names])
        database.executemany(_PEOPLE, [(seq, seq, seq, name) for name in names])
        database.executemany(_FACT, [(audience, fact, now) for _ in names])
        database.execute("COMMIT")
    took, spent = time.perf_counter() - began, time.process_time() - spent
    database.close()
    return seq * batch / took, spent / (seq * batch) * 1e6


def _prepare(database: apsw.Connection, names: list[str]) -> None:
    database.execute("BEGIN")
    for name in names:
        database.execute(
            "INSERT INTO conversation (corp_id, conversation_id, kind, pair, state, people_count, last_seq,"
            " count, shown_seq, last_at, last_mark, created_at)"
            " VALUES ('corp', ?, 'customer', ?, 'open', 2, 0, 0, 0, 0, 0, 0)",
            (name, name),
        )
        for person in ("m:guide", f"c:{name}"):
            database.execute(
                "INSERT INTO participant (corp_id, conversation_id, person, role, joined_seq, read_seq,"
                " read_count, last_seq, last_count, last_mark, large, mark)"
                " VALUES ('corp', ?, ?, 'member', 0, 0, 0, 0, 0, 0, 0, 0)",
                (name, person),
            )
    database.execute("COMMIT")
