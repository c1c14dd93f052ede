"""A retailer of the articles' size on both engines: loading it, and what its members ask for afterwards.

Not part of the default run: at full size it takes the better part of an hour and 20 GB of disk. Everything is done at a
tenth of the size first, which tells how it grows. Floor of the load: the same rows, made before, handed to the same
driver for the same tables, a tenth of them into an empty database.
"""

import asyncio
import math
import random
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from pathlib import Path
from statistics import quantiles
from typing import Any

import msgspec

from bench.report import Line
from rapport.database import open_database
from rapport.features.conversations.access import Viewer
from rapport.features.conversations.actions.seats import Sending
from rapport.features.conversations.actions.sending import send_many
from rapport.features.conversations.queries.lists import list_conversations
from rapport.features.conversations.queries.sync import cursor_at, sync
from rapport.features.conversations.types import Text
from rapport.features.customers.actions.search_words import search_pattern
from rapport.features.customers.queries.contact_ways import find_way_by_code
from rapport.features.customers.queries.relations import describe_customers, find_relation_row, list_relation_rows
from rapport.features.organization.api import create_corp
from rapport.features.organization.tables import corp, department
from rapport.kernel.clock import DAY, SystemClock
from rapport.kernel.database import Database
from rapport.kernel.ids import Ids
from rapport.kernel.statements import Statement
from rapport.kernel.tx import ReadTx
from rapport.operations.load.ahead import made_in_turn
from rapport.operations.load.crowd import AT_ONCE
from rapport.operations.load.loading import CHUNK, Founding, Load
from rapport.operations.load.plans import PROFILES, Plan, Size
from rapport.operations.load.staff import Employee, employees, staff_rows
from rapport.operations.load.writing import writing
from rapport.settings import Settings
from tests.services import running_postgres

LOAD_RATIO, PAGE_MS, LOOK_UP_MS = 0.5, 2.0, 1.0
ASKED = 300
"""Members who are asked for, beside the one with the most customers."""
WARM_UP = 30
SENT = 300
PAGE = 30
FOR_MUCH = {
    "shared_buffers": "4GB",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "15min",
    "maintenance_work_mem": "512MB",
}
"""What an operator sets for a database of this size."""
Breath = Callable[[], None]
"""Called between the steps of a load; whoever shares the machine may let others at it."""


class Asked(msgspec.Struct, frozen=True):
    """What asking for one thing cost, over many members: milliseconds inside the database, and in all."""

    inside: list[float]
    whole: list[float]
    biggest: float
    """Inside, for the member with the most customers."""
    queries: float


class Seen(msgspec.Struct, frozen=True):
    """What was measured at one size."""

    size: Size
    rows: int
    seconds: float
    raw_per_s: float | None
    asked: dict[str, Asked]
    database_bytes: int

    @property
    def per_s(self) -> float:
        """Rows loaded per second."""
        return self.rows / self.seconds


class Timed(ReadTx):
    """A read transaction that notes how long the database and its driver take."""

    def __init__(self, tx: ReadTx) -> None:
        self._tx = tx
        self.now = tx.now
        self.ms = 0.0
        self.queries = 0

    def _time(self, ask: Callable[[], Any]) -> Any:  # noqa: ANN401  whatever was asked for
        began = time.perf_counter()
        found = ask()
        self.ms += (time.perf_counter() - began) * 1000
        self.queries += 1
        return found

    def all(self, statement: Statement[Any], /, **parameters: object) -> list[Any]:
        """Time a query."""
        return self._time(lambda: self._tx.all(statement, **parameters))

    def one(self, statement: Statement[Any], /, **parameters: object) -> Any:  # noqa: ANN401  the row's own type
        """Time a query for one row."""
        return self._time(lambda: self._tx.one(statement, **parameters))

    def each(self, statement: Statement[Any], rows: Iterable[Any], /) -> list[Any]:
        """Time a batch."""
        return self._time(lambda: self._tx.each(statement, rows))

    @property
    def horizon(self) -> int:
        """Time the look at the clock of marks."""
        return self._time(lambda: self._tx.horizon)


async def measure(folder: Path, size: Size) -> list[Line]:
    """Return the lines of both engines."""
    lines: list[Line] = []
    for engine in ("embedded", "PostgreSQL"):
        started = nullcontext() if engine == "embedded" else running_postgres(durable=True, **FOR_MUCH)
        with started as postgres:
            small, large = tenth(size), size
            seen: list[Seen] = []
            for each in (small, large):
                url = None if postgres is None else postgres.new_database()
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


def _pass() -> None:
    pass


async def see(
    folder: Path, url: str | None, raw_url: str | None, size: Size, *, raw: bool, breath: Breath = _pass
) -> Seen:
    """Load a corp and ask for what its members ask for; the folder is left empty."""
    settings = await _make(folder, url)
    load = Load(settings, Founding("山野户外零售有限公司", "山野", size))
    rows, seconds = await asyncio.to_thread(_load, load, breath)
    assert load.plan is not None, "it was loaded"
    raw_per_s = None
    if raw:
        raw_settings = await _make(folder / "raw", raw_url)
        raw_per_s = await asyncio.to_thread(_raw, raw_settings, load.plan, breath)
        _empty(raw_settings.data)
    breath()
    clock = SystemClock()
    db = open_database(folder, url, clock, Ids(clock))
    try:
        asked = await _ask(db, load.plan)
        sizes = await db.sizes()
    finally:
        await db.close()
    _empty(folder)
    return Seen(size, rows, seconds, raw_per_s, asked, sizes.database_bytes)


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


def _load(load: Load, breath: Breath) -> tuple[int, float]:
    """Load; return how many rows there are and how many seconds it took, from beginning to end."""
    rows, idle, began = 0, 0.0, time.perf_counter()
    load.check()
    for step in load.steps():
        rows, resting = rows + step.rows, time.perf_counter()
        breath()
        idle += time.perf_counter() - resting
    return rows, time.perf_counter() - began - idle


def _raw(settings: Settings, plan: Plan, breath: Breath) -> float:
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
            breath()
    return rows / seconds


async def _ask(db: Database, plan: Plan) -> dict[str, Asked]:
    """Ask for everything, for each of many members."""
    rng = random.Random(7)
    people = employees(plan)
    busiest = max(range(len(people)), key=_share_of(plan.shares()))
    chosen = [people[busiest], *rng.choices(people, k=ASKED)]
    others = rng.choices(people, k=WARM_UP)
    known = {one.userid: await db.read(lambda tx, one=one: _customer(tx, plan, one)) for one in chosen + others}
    asked: dict[str, Asked] = {}
    for name, ask in _questions(plan, known).items():
        for person in others:
            await db.read(lambda tx, ask=ask, person=person: ask(tx, person))
        asked[name] = await _each(db, ask, chosen)
    asked["sending a message"] = await _send(db, plan, chosen)
    return asked


def _share_of(shares: Sequence[float]) -> Callable[[int], float]:
    return lambda place: shares[place] - (shares[place - 1] if place else 0.0)


def _customer(tx: ReadTx, plan: Plan, person: Employee) -> str:
    """Return one of a member's customers."""
    found = list_relation_rows(tx, plan.corp_id, person.userid, "active", pattern=None, before=None, limit=PAGE)
    return found[-1].external_userid


Question = Callable[[ReadTx, Employee], object]


def _questions(plan: Plan, known: dict[str, str]) -> dict[str, Question]:
    corp_id = plan.corp_id

    def conversations(tx: ReadTx, person: Employee) -> object:
        return list_conversations(tx, [Viewer(corp_id, f"m:{person.userid}")], "all", None, PAGE)

    def customers(tx: ReadTx, person: Employee, pattern: str | None = None) -> object:
        rows = list_relation_rows(tx, corp_id, person.userid, "active", pattern=pattern, before=None, limit=PAGE + 1)
        return describe_customers(tx, corp_id, person.userid, rows)

    def customer(tx: ReadTx, person: Employee) -> object:
        row = find_relation_row(tx, corp_id, person.userid, known[person.userid])
        assert row is not None, "the member follows this customer"
        return describe_customers(tx, corp_id, person.userid, [row])

    def code(tx: ReadTx, person: Employee) -> object:
        return find_way_by_code(tx, person.code)

    def search(tx: ReadTx, person: Employee) -> object:
        return customers(tx, person, search_pattern("wxm"))

    def resume(tx: ReadTx, person: Employee) -> object:
        cursor = cursor_at("epoch", plan.mark_at(plan.now - DAY))
        return sync(tx, [Viewer(corp_id, f"m:{person.userid}")], "epoch", cursor)

    return {
        "first page of conversations": conversations,
        "first page of customers": customers,
        "looking up a customer": customer,
        "looking up a code": code,
        "search among one's customers": search,
        "resume after a day": resume,
    }


async def _each(db: Database, ask: Question, people: list[Employee]) -> Asked:
    """Ask for each person once; the first is the one with the most customers."""
    inside: list[float] = []
    whole: list[float] = []
    queries = 0

    def timed(tx: ReadTx, person: Employee) -> int:
        watch = Timed(tx)
        began = time.perf_counter()
        ask(watch, person)
        whole.append((time.perf_counter() - began) * 1000)
        inside.append(watch.ms)
        return watch.queries

    for person in people:
        queries = await db.read(lambda tx, person=person: timed(tx, person))
    return Asked(inside, whole, inside[0], queries)


async def _send(db: Database, plan: Plan, people: list[Employee]) -> Asked:
    """Let members write, each to a customer, one after the other; until it is durable."""
    whole: list[float] = []
    for number, person in enumerate(people[:SENT]):
        page = await db.read(
            lambda tx, person=person: list_conversations(
                tx, [Viewer(plan.corp_id, f"m:{person.userid}")], "all", None, PAGE
            )
        )
        open_ones = [one.conversation_id for one in page.items if one.state == "open"]
        item = Sending(open_ones[-1], f"m:{person.userid}", f"bench-{number}", Text("您好，您看中的帐篷到货了。"))
        began = time.perf_counter()
        await db.write_batched(send_many, plan.corp_id, item)
        whole.append((time.perf_counter() - began) * 1000)
    return Asked(whole, whole, whole[0], 0)


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
    return [*lines, *(_line(of, name, small.asked[name], large.asked[name]) for name in large.asked)]


def _line(of: str, name: str, small: Asked, large: Asked) -> Line:
    cuts, fewer = _cuts(large.inside), _cuts(small.inside)
    also = {"p99 ms": cuts[98], "most customers ms": large.biggest, "a tenth's p50 ms": fewer[49]}
    if large.queries:
        also |= {"with Python p50 ms": _cuts(large.whole)[49], "queries": large.queries}
    return Line(name=f"{of}: {name}, p50", unit="ms", rounds=[cuts[49]], budget=BUDGETS.get(name), also=also)


def _cuts(values: list[float]) -> list[float]:
    return quantiles(values, n=100, method="inclusive")
