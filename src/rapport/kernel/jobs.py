"""Deferred work on the same database: scheduled in a transaction, run at least once, its effects once.

A worker claims jobs for a while, side by side with other workers: ``attempts`` counts the claims, and only whoever made
the last one may say how the job ended. A job whose handler takes a ``Tx`` runs inside the transaction that marks it
done: its writes happen exactly once. A job that talks to the world outside is asynchronous, runs outside any
transaction, and is retried with back-off; several run side by side, so that a slow world holds up neither each other
nor the jobs inside.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
import structlog
from sqlalchemy import (
    Column,
    ColumnElement,
    Index,
    Table,
    UniqueConstraint,
    and_,
    case,
    delete,
    func,
    not_,
    or_,
    select,
    update,
)

from rapport.kernel.clock import DAY, SECOND
from rapport.kernel.database import Database
from rapport.kernel.errors import NotFound
from rapport.kernel.schema import BigId, metadata, moment, number, text
from rapport.kernel.statements import Statement, among, command, p, query, scalar, upsert
from rapport.kernel.tx import ReadTx, Tx

job = Table(
    "job",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    text("corp_id"),
    text("kind"),
    text("key"),
    text("body"),
    text("state"),
    moment("run_at"),
    number("attempts"),
    moment("leased_until", nullable=True),
    text("error", nullable=True),
    moment("ended_at", nullable=True),
    UniqueConstraint("corp_id", "kind", "key"),
    Index("ix_job_due", "state", "run_at"),
    sqlite_autoincrement=True,
)

LEASE_US = 60 * SECOND
MAX_ATTEMPTS = 8
IDLE_S = 5.0
OUTSIDE_AT_ONCE = 32
INSIDE_AT_ONCE = 20
log = structlog.get_logger()

TxHandler = Callable[[Tx, str, bytes], None]
OutsideHandler = Callable[[str, bytes], Awaitable[None]]


class DueJob(msgspec.Struct, frozen=True):
    """A job that this worker claimed; ``attempts`` counts this claim too."""

    id: int
    corp_id: str
    kind: str
    key: str
    body: str
    attempts: int
    run_at: int


class FailedJob(msgspec.Struct, frozen=True):
    """A job that was given up after ``MAX_ATTEMPTS``; an administrator sees and replays it."""

    id: int
    kind: str
    key: str
    attempts: int
    error: str
    ended_at: int


_insert = command(
    upsert(job)
    .values(
        {name: p(name) for name in ("corp_id", "kind", "key", "body", "run_at")} | {"state": "waiting", "attempts": 0}
    )
    .on_conflict_do_nothing()
)
_runnable = and_(job.c.state == "waiting", or_(job.c.leased_until.is_(None), job.c.leased_until < p("now")))
_is_outside = among(job.c.kind, "outside")
_columns = (job.c.id, job.c.corp_id, job.c.kind, job.c.key, job.c.body, job.c.attempts, job.c.run_at)


def _claiming(which: ColumnElement[bool]) -> Statement[DueJob]:
    due = select(job.c.id).where(_runnable, job.c.run_at <= p("now"), which).order_by(job.c.run_at).limit(p("limit"))
    claimed = due.with_for_update(skip_locked=True)
    return query(
        update(job)
        .where(job.c.id.in_(claimed.scalar_subquery()))
        .values(leased_until=p("until"), attempts=job.c.attempts + 1)
        .returning(*_columns),
        DueJob,
    )


_claim_inside, _claim_outside = _claiming(not_(_is_outside)), _claiming(_is_outside)
_next = select(func.min(case((job.c.leased_until > job.c.run_at, job.c.leased_until), else_=job.c.run_at))).where(
    job.c.state == "waiting"
)
_next_inside, _next_outside = scalar(_next.where(not_(_is_outside))), scalar(_next.where(_is_outside))
_is_claimed = and_(job.c.id == p("job_id"), job.c.state == "waiting", job.c.attempts == p("claim"))
_end = command(update(job).where(_is_claimed).values(state="done", ended_at=p("now"), error=None, leased_until=None))
_fail = command(
    update(job)
    .where(_is_claimed)
    .values(state=p("new_state"), run_at=p("at"), error=p("why"), ended_at=p("now"), leased_until=None)
)
_again = command(
    update(job)
    .where(_is_claimed)
    .values(state="waiting", run_at=p("at"), attempts=0, error=None, ended_at=None, leased_until=None)
)
_hand_back = command(update(job).where(_is_claimed).values(leased_until=None, attempts=job.c.attempts - 1))
_failed = query(
    select(job.c.id, job.c.kind, job.c.key, job.c.attempts, job.c.error, job.c.ended_at)
    .where(job.c.state == "failed", job.c.corp_id == p("corp_id"))
    .order_by(job.c.id.desc())
    .limit(200),
    FailedJob,
)
_trim = command(delete(job).where(job.c.state == "done", job.c.ended_at < p("before")))
_replay = command(
    update(job)
    .where(job.c.id == p("job_id"), job.c.corp_id == p("corp_id"), job.c.state == "failed")
    .values(state="waiting", run_at=p("at"), attempts=0, error=None, ended_at=None, leased_until=None)
)


def schedule(tx: Tx, corp_id: str, kind: str, key: str, body: object, run_at: int | None = None) -> None:
    """Store a job with the transaction; the same (corp, kind, key) again is the same job."""
    encoded = msgspec.json.encode(body).decode()
    tx.run(_insert, corp_id=corp_id, kind=kind, key=key, body=encoded, run_at=tx.now if run_at is None else run_at)
    tx.after_commit(_wake_all)


def list_failed(tx: ReadTx, corp_id: str) -> list[FailedJob]:
    """Return the corp's jobs that were given up, newest first."""
    return tx.all(_failed, corp_id=corp_id)


def replay_job(tx: Tx, corp_id: str, job_id: int) -> None:
    """Let a job that was given up run again; raises NotFound when there is none."""
    if not tx.run(_replay, corp_id=corp_id, job_id=job_id, at=tx.now):
        raise NotFound
    tx.after_commit(_wake_all)


on_scheduled: set[Callable[[], None]] = set()
"""Called on the event loop after a commit that scheduled something."""


def _wake_all() -> None:
    for wake in tuple(on_scheduled):
        wake()


class Jobs:
    """The worker: claims due jobs, runs them, retries with back-off."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._handlers: dict[str, TxHandler] = {}
        self._outside: dict[str, OutsideHandler] = {}
        self._every: dict[str, int] = {}
        self._claimed: dict[int, DueJob] = {}
        self._woken = asyncio.Event()
        self._outside_woken = asyncio.Event()

    def handle(self, kind: str, handler: TxHandler, *, every_us: int | None = None) -> None:
        """Register a handler that runs inside a transaction; with ``every_us`` it repeats for ever."""
        self._handlers[kind] = handler
        if every_us is not None:
            self._every[kind] = every_us

    def handle_outside(self, kind: str, handler: OutsideHandler, *, every_us: int | None = None) -> None:
        """Register an asynchronous handler that talks to the world outside; with ``every_us`` it repeats for ever."""
        self._outside[kind] = handler
        if every_us is not None:
            self._every[kind] = every_us

    def wake(self) -> None:
        """Look for due jobs now."""
        self._woken.set()
        self._outside_woken.set()

    async def run(self) -> None:
        """Run due jobs until cancelled; what was claimed and not begun, or not ended, is handed back."""
        on_scheduled.add(self.wake)
        try:
            await self._db.write(self._plant_periodic)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._work_inside())
                both.create_task(self._work_outside())
        finally:
            on_scheduled.discard(self.wake)
            if left := list(self._claimed.values()):
                await self._db.write(lambda tx: _return(tx, left))

    async def _claim(self, statement: Statement[DueJob], limit: int) -> list[DueJob]:
        kinds = list(self._outside)
        found = await self._db.write(
            lambda tx: tx.all(statement, now=tx.now, until=tx.now + LEASE_US, limit=limit, outside=kinds)
        )
        self._claimed |= {item.id: item for item in found}
        return sorted(found, key=lambda item: (item.run_at, item.id))

    async def _work_inside(self) -> None:
        while True:
            self._woken.clear()
            due = await self._claim(_claim_inside, INSIDE_AT_ONCE)
            for item in due:
                if item.kind in self._handlers:
                    await self._run_inside(item)
                else:
                    await self._settle_failure(item, f"no handler for {item.kind}")
            if not due:
                await self._sleep(self._woken, _next_inside)

    async def _work_outside(self) -> None:
        async with asyncio.TaskGroup() as running:
            under_way: set[asyncio.Task[None]] = set()

            def ended(task: asyncio.Task[None]) -> None:
                under_way.discard(task)
                self._outside_woken.set()

            while True:
                self._outside_woken.clear()
                room = OUTSIDE_AT_ONCE - len(under_way)
                due = await self._claim(_claim_outside, room) if room else []
                for item in due:
                    task = running.create_task(self._run_outside(item))
                    under_way.add(task)
                    task.add_done_callback(ended)
                if not room:
                    await self._outside_woken.wait()
                elif not due:
                    await self._sleep(self._outside_woken, _next_outside)

    async def _sleep(self, woken: asyncio.Event, statement: Statement[Any]) -> None:
        kinds = list(self._outside)

        def until_next(tx: ReadTx) -> float:
            at = tx.one(statement, outside=kinds)
            return IDLE_S if at is None else (at - tx.now) / SECOND

        pause = min(max(await self._db.read(until_next), 0.01), IDLE_S)
        # Not wait_for: before Python 3.12 it loses a cancellation that arrives together with the wake-up.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await woken.wait()

    def _plant_periodic(self, tx: Tx) -> None:
        for kind in self._every:
            tx.run(_insert, corp_id="", kind=kind, key="periodic", body="{}", run_at=tx.now)

    async def _run_inside(self, item: DueJob) -> None:
        def run(tx: Tx) -> None:
            # First, so that whoever lost the claim does nothing.
            if self._settle_success(tx, item):
                self._handlers[item.kind](tx, item.corp_id, item.body.encode())

        try:
            await self._db.write(run)
            self._claimed.pop(item.id, None)
        except Exception as error:  # noqa: BLE001  whatever a handler raises is retried
            await self._settle_failure(item, repr(error))

    async def _run_outside(self, item: DueJob) -> None:
        try:
            async with asyncio.timeout(LEASE_US / SECOND / 2):
                await self._outside[item.kind](item.corp_id, item.body.encode())
        except Exception as error:  # noqa: BLE001  whatever the world outside raises is retried
            await self._settle_failure(item, repr(error))
            return
        await self._db.write(lambda tx: self._settle_success(tx, item))
        self._claimed.pop(item.id, None)

    def _settle_success(self, tx: Tx, item: DueJob) -> bool:
        """Note that a job is done; False when another worker has claimed it since."""
        if item.kind in self._every:
            return bool(tx.run(_again, job_id=item.id, claim=item.attempts, at=tx.now + self._every[item.kind]))
        return bool(tx.run(_end, job_id=item.id, claim=item.attempts, now=tx.now))

    async def _settle_failure(self, item: DueJob, why: str) -> None:
        given_up = item.attempts >= MAX_ATTEMPTS and item.kind not in self._every
        log.warning("job_failed", kind=item.kind, key=item.key, attempts=item.attempts, error=why, given_up=given_up)

        def settle(tx: Tx) -> None:
            pause = min(2**item.attempts, 3600) * SECOND
            tx.run(
                _fail,
                job_id=item.id,
                claim=item.attempts,
                new_state="failed" if given_up else "waiting",
                at=tx.now + pause,
                why=why,
                now=tx.now,
            )

        await self._db.write(settle)
        self._claimed.pop(item.id, None)


def _return(tx: Tx, items: Sequence[DueJob]) -> None:
    for item in items:
        tx.run(_hand_back, job_id=item.id, claim=item.attempts)


def trim_done(tx: Tx, _corp_id: str, _body: bytes) -> None:
    """Forget jobs that ended more than a week ago (a periodic job)."""
    tx.run(_trim, before=tx.now - 7 * DAY)
