"""A message to a group whose members are all online: what a delivery costs. Floor: a prepared frame written to each."""

import asyncio
from statistics import median

from bench.load import Crowd, Meter, Sample, connected, without_pauses
from bench.processes import Process, bare_sockets, product
from bench.report import Line
from bench.run import Bench
from bench.seed import WORDS, Group

BUDGET = 2
WARM_UP = 0.2


async def measure(bench: Bench) -> list[Line]:
    """Return one line per size of group."""
    with product(bench.cores, bench.company.folder) as server:
        return [await _group(bench, server, group) for group in bench.company.groups]


async def _group(bench: Bench, server: Process, group: Group) -> Line:
    real: list[Sample] = []
    floor: list[Sample] = []
    async with connected(server, [("/realtime/staff", token) for token in group.tokens]) as sockets:
        crowd = Crowd(Meter(), sockets, group.conversation_id, WORDS)
        await _round(bench, server, crowd)
        with bare_sockets(bench.cores, frame_bytes=crowd.entry_bytes) as bare:
            async with connected(bare, [("/fan", "") for _ in group.tokens]) as others:
                bare_crowd = Crowd(Meter(), others, group.conversation_id, WORDS)
                for _ in range(bench.scale.rounds):
                    real.append(await _round(bench, server, crowd))
                    floor.append(await _round(bench, bare, bare_crowd))
    return Line(
        name=f"group of {len(group.tokens):,} online: server CPU per delivery",
        unit="µs",
        rounds=[sample.server_us for sample in real],
        floor=median(sample.server_us for sample in floor),
        floor_of="one prepared frame written to each",
        budget=BUDGET,
        bounds="ratio",
        also={
            "deliveries /s": median(sample.per_s for sample in real),
            "bare /s": median(sample.per_s for sample in floor),
            "to everybody p50 ms": median(sample.quantile_ms(0.5) for sample in real),
        },
    )


async def _round(bench: Bench, process: Process, crowd: Crowd) -> Sample:
    meter = crowd.meter
    meter.running = True
    with without_pauses():
        crowd.send()
        await asyncio.sleep(bench.scale.seconds * WARM_UP)
        sample = await meter.sample(process, bench.scale.seconds)
        meter.running = False
        await crowd.drained()
    return sample
