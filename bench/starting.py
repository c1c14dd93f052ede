"""From the start of the process to its first answer, on a database that exists. Floor: bare Litestar's."""

import time
from contextlib import AbstractContextManager
from statistics import median

from bench.load import fetch
from bench.processes import Process, bare_http, product
from bench.report import Line
from bench.run import Bench

BUDGET_S = 2
STARTS = 3


async def measure(bench: Bench) -> list[Line]:
    """Return the line."""
    starts = min(STARTS, bench.scale.rounds)
    figure = [await _start("/readyz", product(bench.cores, bench.company.folder)) for _ in range(starts)]
    floor = [await _start("/body", bare_http(bench.cores, bench.company.folder, b"{}")) for _ in range(starts)]
    line = Line(
        name="cold start to the first answer",
        unit="s",
        rounds=figure,
        floor=median(floor),
        floor_of="bare Litestar",
        budget=BUDGET_S,
        also={"database MiB": bench.company.database.stat().st_size / 2**20},
    )
    return [line]


async def _start(path: str, starting: AbstractContextManager[Process]) -> float:
    began = time.perf_counter()
    with starting as process:
        await fetch(process, path, "")
        return time.perf_counter() - began
