"""A retailer of the articles' size on both engines: loading it, and what its members ask for afterwards.

Not part of the default run: at full size it takes the better part of an hour and 20 GB of disk. Everything is done at a
tenth of the size first, which tells how it grows. Floor of the load: the same rows, made before, handed to the same
driver for the same tables, a tenth of them into an empty database.
"""

import asyncio
import math
import time
from contextlib import nullcontext
from pathlib import Path
from statistics import quantiles

import msgspec

from bench.asking import Cost, ask_for_everything, cost_of_nothing
from bench.report import Line
from rapport.database import open_database
from rapport.features.organization.api import create_corp
from rapport.features.organization.tables import corp, department
from rapport.kernel.clock import SystemClock
from rapport.kernel.ids import Ids
from rapport.kernel.tenancy import reach_of, within
from rapport.operations.load.ahead import made_in_turn
from rapport.operations.load.crowd import AT_ONCE
from rapport.operations.load.loading import CHUNK, Founding, Load
from rapport.operations.load.plans import PROFILES, Plan, Size
from rapport.operations.load.staff import staff_rows
from rapport.operations.load.writing import writing
from rapport.settings import Settings
from tests.services import Postgres, running_postgres

LOAD_RATIO, PAGE_MS, LOOK_UP_MS = 0.5, 2.0, 1.0
FOR_MUCH = {
    "shared_buffers": "4GB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "15min",
    "maintenance_work_mem": "512MB",
}
"""What an operator sets for a database of this size."""


class Seen(msgspec.Struct, frozen=True):
    """What was measured at one size."""

    size: Size
    rows: int
    seconds: float
    raw_per_s: float | None
    asked: dict[str, Cost]
    nothing_ms: float
    """What a query costs that reads nothing: the way there and back."""
    database_bytes: int

    @property
    def per_s(self) -> float:
        """Rows loaded per second."""
        return self.rows / self.seconds


async def measure(folder: Path, size: Size) -> list[Line]:
    """Return the lines of both engines."""
    lines: list[Line] = []
    for engine in ("embedded", "PostgreSQL"):
        started = nullcontext() if engine == "embedded" else running_postgres(durable=True, **FOR_MUCH)
        with started as postgres:
            small, large = tenth(size), size
            seen: list[Seen] = []
            for each in (small, large):
                url = None if postgres is None else postgres.new_served_database()
                raw_url = None if postgres is None else postgres.new_database()
                seen.append(await see(folder / f"{engine}-{each.customers}", url, raw_url, each, raw=each is small))
            lines += lines_of(engine, *seen)
    return lines


def sized(customers: int) -> Size:
    """Return a retailer of so many customers, with as many members and messages for each as the profile has."""
    whole = PROFILES["retailer"]
    members, messages = whole.members * customers // whole.customers, whole.messages * customers // whole.customers
    return Size(max(2, members), customers, messages)


def tenth(size: Size) -> Size:
    """Return a tenth of a size."""
    return sized(max(1, size.customers // 10))


async def see(folder: Path, url: str | None, raw_url: str | None, size: Size, *, raw: bool) -> Seen:
    """Load a corp and ask for what its members ask for; the folder is left empty."""
    settings = await _make(folder, url)
    owned = settings if url is None else msgspec.structs.replace(settings, database_url=Postgres.owned(url))
    load = Load(owned, Founding("山野户外零售有限公司", "山野", size))
    rows, seconds = await asyncio.to_thread(_load, load)
    assert load.plan is not None, "it was loaded"
    raw_per_s = None
    if raw:
        raw_settings = await _make(folder / "raw", raw_url)
        raw_per_s = await asyncio.to_thread(_raw, raw_settings, load.plan)
        _empty(raw_settings.data)
    clock = SystemClock()
    db = open_database(folder, url, clock, Ids(clock))
    try:
        with within(reach_of([load.plan.corp_id])):
            asked = await ask_for_everything(db, load.plan)
        nothing_ms = await db.read(cost_of_nothing)
        sizes = await db.sizes()
    finally:
        await db.close()
    _empty(folder)
    return Seen(size, rows, seconds, raw_per_s, asked, nothing_ms, sizes.database_bytes)


def _empty(folder: Path) -> None:
    for file in folder.glob("rapport.db*"):
        file.unlink()


async def _make(folder: Path, url: str | None) -> Settings:
    """Make an installation with a first corp, as ``rapport init`` does."""
    await asyncio.to_thread(folder.mkdir, parents=True)
    settings = Settings(data=folder, database_url=url)
    clock = SystemClock()
    db = open_database(settings.data, settings.database_url, clock, Ids(clock))
    await db.write(lambda tx: create_corp(tx, "云杉运动有限公司", "云杉"))
    await db.close()
    return settings


def _load(load: Load) -> tuple[int, float]:
    """Load; return how many rows there are and how many seconds it took, from beginning to end."""
    began = time.perf_counter()
    load.check()
    rows = sum(step.rows for step in load.steps())
    return rows, time.perf_counter() - began


def _raw(settings: Settings, plan: Plan) -> float:
    """Hand the rows that a load makes to the driver, ready-made; return rows per second."""
    rows, seconds = 0, 0.0
    with writing(settings) as target:
        with target.transaction():
            target.put(corp, [(plan.corp_id, "山野", "山野", "山野", None, None, "Asia/Shanghai", plan.now, None)])
            target.put(department, [(plan.corp_id, 1, None, "山野", 0)])
            for table, some in staff_rows(plan):
                target.put(table, some)
        for start in range(0, plan.size.customers, CHUNK):
            end = min(start + CHUNK, plan.size.customers)
            ranges = [(first, min(first + AT_ONCE, end)) for first in range(start, end, AT_ONCE)]
            tables = [part for made in made_in_turn(plan, ranges) for part in made.tables()]
            began = time.perf_counter()
            with target.transaction():
                for table, some in tables:
                    target.put(table, some)
                    rows += len(some)
            seconds += time.perf_counter() - began
    return rows / seconds


BUDGETS = {
    "first page of conversations": PAGE_MS,
    "first page of customers": PAGE_MS,
    "looking up a customer": LOOK_UP_MS,
    "looking up a code": LOOK_UP_MS,
}


def lines_of(engine: str, small: Seen, large: Seen) -> list[Line]:
    """Return the lines of one engine."""
    of = f"{engine}, {large.size.customers:,} customers"
    few, many = small.size.customers, large.size.customers
    most = many * math.log(max(many, 2)) / (few * math.log(max(few, 2)))
    lines = [
        Line(
            name=f"{engine}, {seen.size.customers:,} customers: rows loaded per second",
            unit="/s",
            rounds=[seen.per_s],
            floor=small.raw_per_s,
            floor_of=f"the rows of {few:,} inserted raw",
            least=LOAD_RATIO,
            also={"rows": seen.rows, "seconds": seen.seconds, "database MiB": seen.database_bytes / 2**20},
        )
        for seen in (small, large)
    ]
    lines.append(
        Line(
            name=f"{of}: time of the load against a tenth's",
            unit="times",
            rounds=[large.seconds / small.seconds],
            budget=most,
            also={"database": large.database_bytes / small.database_bytes},
        )
    )
    return [*lines, *(_line(of, name, small, large) for name in large.asked)]


def _line(of: str, name: str, at_a_tenth: Seen, seen: Seen) -> Line:
    large, small = seen.asked[name], at_a_tenth.asked[name]
    cuts, fewer = _cuts(large.inside), _cuts(small.inside)
    also = {"p99 ms": cuts[98], "most customers ms": large.biggest, "a tenth's p50 ms": fewer[49]}
    floor, floor_of = None, None
    if large.queries:
        also |= {"with Python p50 ms": _cuts(large.whole)[49], "queries": large.queries, "goes": large.goes}
        floor, floor_of = large.goes * seen.nothing_ms, "as many ways there and back"
    return Line(
        name=f"{of}: {name}, p50",
        unit="ms",
        rounds=[cuts[49]],
        floor=floor,
        floor_of=floor_of,
        budget=BUDGETS.get(name),
        also=also,
    )


def _cuts(values: list[float]) -> list[float]:
    return quantiles(values, n=100, method="inclusive")
