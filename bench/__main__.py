"""``python -m bench [line …] [--quick]``: seed a company, measure, print the table and keep it in ``results``."""

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import structlog
import uvloop

from bench import fanout, idle, lag, nodes, reading, resuming, retailer, sending, slow, starting, storm, users
from bench.machine import allow_many_files, describe, take_cores
from bench.report import Line, Report, encode, table
from bench.run import FULL, QUICK, RESULTS, Bench
from bench.scale import lines as scale
from bench.seed import seed
from rapport.operations.load.plans import Size

LINES: dict[str, Callable[[Bench], Awaitable[list[Line]]]] = {
    "idle": idle.measure,
    "resume": resuming.measure,
    "http": reading.measure,
    "fanout": fanout.measure,
    "send": sending.measure,
    "start": starting.measure,
    "nodes": nodes.measure,
    "storm": storm.measure,
    "slow": slow.measure,
    "users": users.measure,
    "lag": lag.measure,
    "scale": scale.measure,
}
ON_DEMAND = {"storm", "slow", "users", "lag", "scale"}
"""Lines that are measured when they are named: they take minutes each, or measure nothing themselves."""
ALONE = {"nodes", "users", "lag", "scale"}
"""Lines that make a company of their own."""
OF_A_SIZE: dict[str, Callable[[Path, Size], Awaitable[list[Line]]]] = {"retailer": retailer.measure}
"""Lines on demand, too, that load a corp of a size that one gives."""
FULL_CUSTOMERS, QUICK_CUSTOMERS = 3_000_000, 600


async def measure(names: list[str], folder: Path, *, quick: bool, retailers: Size) -> Report:
    """Seed and measure; whatever goes wrong in a socket ends the run, because its figures would mean nothing."""
    scale, began, machine = QUICK if quick else FULL, time.monotonic(), describe()
    me = asyncio.current_task()
    assert me is not None, "this runs in a task"
    accidents: list[dict[str, Any]] = []

    def stop(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        accidents.append(context)
        me.cancel()

    asyncio.get_running_loop().set_exception_handler(stop)
    lines: list[Line] = []
    try:
        for name in OF_A_SIZE.keys() & set(names):
            lines += await OF_A_SIZE[name](folder / name, retailers)
            _say(f"{name} after {time.monotonic() - began:.0f} s")
        shared = [name for name in names if name in LINES]
        if not shared:
            return Report(machine, lines)
        cores = take_cores()
        size = QUICK.size if ALONE.issuperset(shared) else scale.size
        bench = Bench(folder, cores, scale, await seed(folder, size))
        _say(f"seeded after {time.monotonic() - began:.0f} s")
        for name in shared:
            lines += await LINES[name](bench)
            _say(f"{name} after {time.monotonic() - began:.0f} s")
    except asyncio.CancelledError:
        if accidents:
            raise SystemExit(f"The run means nothing: {accidents[0]}") from accidents[0].get("exception")
        raise
    return Report(machine, lines)


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def main() -> int:
    """Run the lines that are named, or those that are not on demand; 1 when a budget is missed."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("lines", nargs="*", metavar="line", help=", ".join([*LINES, *OF_A_SIZE]))
    parser.add_argument("--quick", action="store_true", help="tiny numbers: shows that it runs, measures nothing")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of bench.json and bench.md")
    parser.add_argument("--customers", type=int, help="of the line retailer, members and messages in proportion")
    options = parser.parse_args()
    if unknown := set(options.lines) - LINES.keys() - OF_A_SIZE.keys():
        parser.error(f"no such line: {', '.join(sorted(unknown))}; there are {', '.join([*LINES, *OF_A_SIZE])}")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    allow_many_files()
    chosen = set(options.lines) or LINES.keys() - ON_DEMAND
    names = [name for name in (*OF_A_SIZE, *LINES) if name in chosen]
    retailers = retailer.sized(options.customers or (QUICK_CUSTOMERS if options.quick else FULL_CUSTOMERS))
    with tempfile.TemporaryDirectory(prefix="rapport-bench-") as folder:
        report = uvloop.run(measure(names, Path(folder), quick=options.quick, retailers=retailers))
    shown = f"{report.machine}\n\n{table(report)}\n"
    options.results.mkdir(parents=True, exist_ok=True)
    (options.results / "bench.json").write_bytes(encode(report))
    (options.results / "bench.md").write_text(shown)
    print(f"\n{shown}")
    missed = [line.name for line in report.lines if line.holds is False]
    return int(bool(missed) and not options.quick)


if __name__ == "__main__":
    sys.exit(main())
