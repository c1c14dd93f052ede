"""Connections of signed-in consumers who do nothing: the memory that each takes. Floor: a bare protocol's."""

import asyncio

from bench.load import connected
from bench.processes import Process, bare_sockets, product
from bench.report import Line
from bench.run import Bench

BUDGET_KIB = 30
WARM_UP = 50
SETTLE_S = 0.5


async def measure(bench: Bench) -> list[Line]:
    """Return the line."""
    tokens = [met.token for met in bench.company.guide.met[: bench.scale.idle]]
    with product(bench.cores, bench.company.folder) as server:
        figure = await _growth(server, [("/realtime/consumer", token) for token in tokens])
    with bare_sockets(bench.cores) as bare:
        floor = await _growth(bare, [("/idle", "") for _ in tokens])
    line = Line(
        name=f"{len(tokens):,} idle connections: memory of each",
        unit="KiB",
        rounds=[figure],
        floor=floor,
        floor_of="bare protocol",
        budget=BUDGET_KIB,
    )
    return [line]


async def _growth(process: Process, paths_and_tokens: list[tuple[str, str]]) -> float:
    """Connect a few, so that what is loaded once is loaded, then all; KiB of private memory per connection."""
    async with connected(process, paths_and_tokens[:WARM_UP]):
        pass
    await asyncio.sleep(SETTLE_S)
    before = process.memory_kib()
    async with connected(process, paths_and_tokens) as sockets:
        await asyncio.sleep(SETTLE_S)
        return (process.memory_kib() - before) / len(sockets)
