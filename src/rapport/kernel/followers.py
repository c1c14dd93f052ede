"""Followers: what reacts to facts after they are committed, each with a durable cursor of its own.

A follower handles each fact in a transaction together with its cursor, so a crash repeats nothing and skips nothing.
A fact that keeps failing is parked where an administrator sees and replays it; no follower holds up another.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
import structlog
from sqlalchemy import PrimaryKeyConstraint, Table, delete, func, insert, select, update

from rapport.kernel.database import Database
from rapport.kernel.errors import NoLongerHandled, NotFound, Refusal, StillFailing, TryAgain
from rapport.kernel.journal import Emission, Fact, JournalRow, journal
from rapport.kernel.leases import hold, release
from rapport.kernel.reading import present, read_facts
from rapport.kernel.schema import metadata, moment, number, text
from rapport.kernel.statements import command, insertion, p, query, scalar, upsert
from rapport.kernel.tenancy import reach_for
from rapport.kernel.tx import ReadTx, Tx

follower_cursor = Table(
    "follower_cursor",
    metadata,
    text("name", primary_key=True),
    number("cursor"),
    number("attempts"),
    moment("moved_at"),
    sqlite_with_rowid=False,
)
parked_fact = Table(
    "parked_fact",
    metadata,
    text("follower"),
    number("fact_id"),
    text("corp_id"),
    text("kind"),
    text("audience"),
    text("body"),
    number("attempts"),
    text("error"),
    moment("at"),
    moment("parked_at"),
    PrimaryKeyConstraint("follower", "fact_id"),
    sqlite_with_rowid=False,
)

BATCH = 200
SWEEP_S = 5.0
REST_S = 0.1
AGAIN_S = 1.0
"""The least time between two looks of a follower: one that reacts to every fact at once commits as often as senders."""
MAX_ATTEMPTS = 6
REST, WAIT, GO_ON, ELSEWHERE = range(4)
"""After a look: nothing more is there, something is not for reading yet, there is more, another process follows."""
log = structlog.get_logger()

FactType = TypeVar("FactType", bound=Fact)
Handler = Callable[[Tx, str, Any], None]


class ParkedFact(msgspec.Struct, frozen=True):
    """A fact that a follower could not handle."""

    follower: str
    fact_id: int
    kind: str
    attempts: int
    error: str
    parked_at: int


class FollowerState(msgspec.Struct, frozen=True):
    """Where a follower stands; ``lag`` counts facts behind the head of the journal."""

    name: str
    cursor: int
    lag: int


def _follower_state(name: str, cursor: int, head: int) -> FollowerState:
    return FollowerState(name, cursor, max(0, head - cursor))


_cursor_of = scalar(select(follower_cursor.c.cursor).where(follower_cursor.c.name == p("name")))
_plant = command(
    upsert(follower_cursor)
    .values(name=p("name"), cursor=p("cursor"), attempts=0, moved_at=p("now"))
    .on_conflict_do_nothing()
)
_move = command(
    update(follower_cursor).where(follower_cursor.c.name == p("key")).values(cursor=p("to"), moved_at=p("now"))
)
_states = query(
    select(
        follower_cursor.c.name,
        follower_cursor.c.cursor,
        select(func.coalesce(func.max(journal.c.id), 0)).scalar_subquery(),
    ),
    _follower_state,
)
_park = insertion(insert(parked_fact))
_parked = query(
    select(
        parked_fact.c.follower,
        parked_fact.c.fact_id,
        parked_fact.c.kind,
        parked_fact.c.attempts,
        parked_fact.c.error,
        parked_fact.c.parked_at,
    )
    .where(parked_fact.c.corp_id == p("corp_id"))
    .order_by(parked_fact.c.fact_id.desc())
    .limit(200),
    ParkedFact,
)
_parked_row = query(
    select(
        parked_fact.c.fact_id,
        parked_fact.c.corp_id,
        parked_fact.c.kind,
        parked_fact.c.audience,
        parked_fact.c.body,
        parked_fact.c.at,
    ).where(
        parked_fact.c.corp_id == p("corp_id"),
        parked_fact.c.follower == p("follower"),
        parked_fact.c.fact_id == p("fact_id"),
    ),
    JournalRow,
)
_unpark = command(
    delete(parked_fact).where(parked_fact.c.follower == p("follower"), parked_fact.c.fact_id == p("fact_id"))
)
_slowest = scalar(select(func.min(follower_cursor.c.cursor)))
_trim = command(delete(journal).where(journal.c.id <= p("to"), journal.c.at < p("before")))


class Follower:
    """A named reaction to some kinds of facts; handlers must be idempotent."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.handlers: dict[str, Handler] = {}
        self.woken = asyncio.Event()
        self.handled: Callable[[JournalRow], None] | None = None
        """Told of each fact that was handled, inside the transaction (traces)."""

    def on(self, kind: type[FactType], handler: Callable[[Tx, str, FactType], None]) -> None:
        """Handle facts of one class with ``handler(tx, corp_id, fact)``."""
        self.handlers[kind.kind] = handler


class Followers:
    """Runs every follower and keeps its cursor."""

    def __init__(self, db: Database, *, holder: str = "", backoff_s: float = 0.05) -> None:
        self._db = db
        self._holder = holder
        self._backoff_s = backoff_s
        self.all: dict[str, Follower] = {}

    def add(self, name: str) -> Follower:
        """Create a follower; a new one starts at the present, a known one where it stood."""
        follower = self.all[name] = Follower(name)
        return follower

    def committed(self, emissions: list[Emission]) -> None:
        """Wake the followers whom the facts of this batch concern."""
        kinds = {emission.fact.kind for emission in emissions}
        for follower in self.all.values():
            if not kinds.isdisjoint(follower.handlers):
                follower.woken.set()

    async def run(self) -> None:
        """Run all followers until cancelled."""
        async with asyncio.TaskGroup() as group:
            for follower in self.all.values():
                group.create_task(self._follow(follower))

    async def let_go(self) -> None:
        """Leave the leases to others at once, when this process goes."""
        with contextlib.suppress(Refusal):
            await self._db.write(lambda tx: release(tx, self._holder))

    async def _follow(self, follower: Follower) -> None:
        def plant(tx: Tx) -> None:
            tx.run(_plant, name=follower.name, cursor=present(tx) - 1, now=tx.now)

        while not await self._answered(plant):  # noqa: ASYNC110  the database tells nobody when it is back
            await asyncio.sleep(AGAIN_S)
        attempts, loop = 0, asyncio.get_running_loop()
        while True:
            began, losses = loop.time(), self._db.losses
            follower.woken.clear()
            try:
                more = await self._db.write(lambda tx: _step(tx, follower, self._holder))
                attempts = 0
            except Exception as error:  # noqa: BLE001  whatever a handler raises is retried, then parked
                # That the database was away is no fault of the fact.
                attempts += self._db.losses == losses
                log.warning("follower_failed", follower=follower.name, attempts=attempts, error=error)
                if attempts < MAX_ATTEMPTS:
                    await asyncio.sleep(min(self._backoff_s * 4**attempts, 30) if attempts else AGAIN_S)
                elif await self._answered(self._parking(follower, attempts, repr(error))):
                    attempts = 0
                continue
            if more == WAIT:
                await asyncio.sleep(REST_S)
            elif more == ELSEWHERE:
                await asyncio.sleep(SWEEP_S)
            elif more == REST:
                # Not wait_for: before Python 3.12 it loses a cancellation that arrives together with the wake-up.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(SWEEP_S):
                        await follower.woken.wait()
                await asyncio.sleep(max(0.0, began + REST_S - loop.time()))

    async def _answered(self, command: Callable[[Tx], None]) -> bool:
        try:
            await self._db.write(command)
        except TryAgain:
            return False
        return True

    def _parking(self, follower: Follower, attempts: int, error: str) -> Callable[[Tx], None]:
        def park(tx: Tx) -> None:
            if hold(tx, f"follower {follower.name}", self._holder).holder != self._holder:
                return
            cursor = tx.one(_cursor_of, name=follower.name)
            for row in read_facts(tx, cursor, BATCH)[0]:
                if row.kind in follower.handlers and not _survives(tx, follower, row):
                    tx.run(
                        _park,
                        follower=follower.name,
                        fact_id=row.id,
                        corp_id=row.corp_id,
                        kind=row.kind,
                        audience=row.audience,
                        body=row.body,
                        attempts=attempts,
                        error=error,
                        at=row.at,
                        parked_at=tx.now,
                    )
                    tx.run(_move, key=follower.name, to=row.id, now=tx.now)
                    log.error("fact_parked", follower=follower.name, fact=row.id, kind=row.kind)
                    return
                tx.run(_move, key=follower.name, to=row.id, now=tx.now)

        return park

    def replay(self, tx: Tx, corp_id: str, follower: str, fact_id: int) -> None:
        """Handle a parked fact again and forget it; raises NotFound, NoLongerHandled and StillFailing."""
        row = tx.one(_parked_row, corp_id=corp_id, follower=follower, fact_id=fact_id)
        if row is None:
            raise NotFound
        known = self.all.get(follower)
        handler = None if known is None else known.handlers.get(row.kind)
        if handler is None:
            raise NoLongerHandled(follower=follower, kind=row.kind)
        try:
            with tx.savepoint():
                handler(tx, row.corp_id, row.fact())
        except Exception as error:  # what parked the fact may well be there still
            raise StillFailing(error=repr(error)) from error
        tx.run(_unpark, follower=follower, fact_id=fact_id)


def _survives(tx: Tx, follower: Follower, row: JournalRow) -> bool:
    """Try one fact alone; its writes stay when it succeeds."""
    try:
        with tx.savepoint():
            tx.confine(reach_for(row.corp_id))
            follower.handlers[row.kind](tx, row.corp_id, row.fact())
    except Exception:  # noqa: BLE001  whatever it raises, the fact does not survive
        return False
    return True


def _step(tx: Tx, follower: Follower, holder: str) -> int:
    """Handle the next facts and move the cursor with them; say whether there are more."""
    if hold(tx, f"follower {follower.name}", holder).holder != holder:
        return ELSEWHERE
    cursor = tx.one(_cursor_of, name=follower.name)
    rows, waits = read_facts(tx, cursor, BATCH)
    for row in rows:
        handler = follower.handlers.get(row.kind)
        if handler is not None:
            tx.confine(reach_for(row.corp_id))
            handler(tx, row.corp_id, row.fact())
            if follower.handled is not None:
                follower.handled(row)
    if rows:
        tx.run_all(_move, [{"key": follower.name, "to": rows[-1].id, "now": tx.now}])
        if len(rows) == BATCH:
            return GO_ON
    return WAIT if waits else REST


def list_parked(tx: ReadTx, corp_id: str) -> list[ParkedFact]:
    """Return the corp's parked facts, newest first."""
    return tx.all(_parked, corp_id=corp_id)


def list_states(tx: ReadTx) -> list[FollowerState]:
    """Return where every follower stands."""
    return tx.all(_states)


def trim_journal(tx: Tx, keep_us: int) -> int:
    """Forget facts older than ``keep_us``, never past any follower's cursor; return how many."""
    slowest = tx.one(_slowest)
    return tx.run(_trim, to=tx.horizon if slowest is None else slowest, before=tx.now - keep_us)
