"""The worker: claims due jobs, runs them, retries with back-off."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import partial
from typing import Any

import structlog

from rapport.kernel.bells import BusError, Offer, WorkQueue
from rapport.kernel.clock import SECOND
from rapport.kernel.database import Database
from rapport.kernel.errors import TryAgain
from rapport.kernel.jobs import (
    LEASE_US,
    DueJob,
    OfferedJob,
    claim_inside,
    claim_outside,
    claim_taken,
    due_outside,
    end_job,
    fail_job,
    hand_back_job,
    insert_job,
    next_inside,
    next_outside,
    on_scheduled,
    repeat_job,
)
from rapport.kernel.leases import hold
from rapport.kernel.statements import Statement
from rapport.kernel.tenancy import reach_for, stay_within
from rapport.kernel.tx import ReadTx, Tx

MAX_ATTEMPTS = 8
IDLE_S = 5.0
OUTSIDE_AT_ONCE = 32
INSIDE_AT_ONCE = 20
REST_S = 0.1
AGAIN_S = 1.0
MOST_OFFERED = 500
OFFERED_AGAIN_US = 20 * SECOND
log = structlog.get_logger()

TxHandler = Callable[[Tx, str, bytes], None]
OutsideHandler = Callable[[str, bytes], Awaitable[None]]


class Jobs:
    """Runs the handlers that features registered."""

    def __init__(self, db: Database, *, holder: str = "", queue: WorkQueue | None = None) -> None:
        self._db = db
        self._holder = holder
        self._queue = queue
        self._handlers: dict[str, TxHandler] = {}
        self._outside: dict[str, OutsideHandler] = {}
        self._every: dict[str, int] = {}
        self._claimed: dict[int, DueJob] = {}
        self._woken = asyncio.Event()
        self._outside_woken = asyncio.Event()
        self._offering_woken = asyncio.Event()
        self._acknowledge: dict[int, Callable[[], Awaitable[None]]] = {}

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
        self._offering_woken.set()

    async def run(self) -> None:
        """Run due jobs until cancelled; what was claimed and not begun, or not ended, is handed back."""
        on_scheduled.add(self.wake)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(_steadily(self._work_inside))
                both.create_task(_steadily(self._work_outside))
                if self._queue is not None:
                    both.create_task(_steadily(partial(self._offer, self._queue)))
        finally:
            on_scheduled.discard(self.wake)
            if left := list(self._claimed.values()):
                # What cannot be handed back is free when its lease ends.
                with contextlib.suppress(TryAgain):
                    await self._db.write(lambda tx: _return(tx, left))

    async def _claim(self, statement: Statement[DueJob], limit: int, **which: object) -> list[DueJob]:
        kinds = list(self._outside)
        found = await self._db.write(
            lambda tx: tx.all(statement, now=tx.now, until=tx.now + LEASE_US, limit=limit, outside=kinds, **which)
        )
        self._claimed |= {item.id: item for item in found}
        return sorted(found, key=lambda item: (item.run_at, item.id))

    async def _work_inside(self) -> None:
        await self._db.write(self._plant_periodic)
        while True:
            self._woken.clear()
            due = await self._claim(claim_inside, INSIDE_AT_ONCE)
            for item in due:
                if item.kind in self._handlers:
                    await self._run_inside(item)
                else:
                    await self._settle_failure(item, f"no handler for {item.kind}")
            if not due:
                await self._sleep(self._woken, next_inside)

    async def _work_outside(self) -> None:
        async with asyncio.TaskGroup() as running:
            under_way: set[asyncio.Task[None]] = set()

            def ended(task: asyncio.Task[None]) -> None:
                under_way.discard(task)
                self._outside_woken.set()

            while True:
                self._outside_woken.clear()
                room = OUTSIDE_AT_ONCE - len(under_way)
                try:
                    due = await self._take(room) if room else []
                except TryAgain as error:
                    # What runs goes on; nothing new is begun.
                    log.warning("worker_waits", error=error)
                    await asyncio.sleep(AGAIN_S)
                    continue
                for item in due:
                    task = running.create_task(self._run_outside(item))
                    under_way.add(task)
                    task.add_done_callback(ended)
                if not room:
                    await self._outside_woken.wait()
                elif not due and not (self._queue and self._queue.works):
                    await self._sleep(self._outside_woken, next_outside)

    async def _take(self, room: int) -> list[DueJob]:
        """Claim jobs that the queue brings; without a queue, or while it is away, whatever is due."""
        queue = self._queue
        if queue is None or not queue.works:
            return await self._claim(claim_outside, room)
        try:
            taken = await queue.take(room, IDLE_S)
        except BusError as error:
            log.warning("queue_lost", error=error)
            await asyncio.sleep(REST_S)
            return await self._claim(claim_outside, room)
        if not taken:
            return []
        due = await self._claim(claim_taken, len(taken), taken=[offer.job_id for offer in taken])
        claimed = {item.id for item in due}
        for offer in taken:
            if offer.job_id in claimed:
                self._acknowledge[offer.job_id] = offer.acknowledge
            else:
                await offer.acknowledge()
        return due

    async def _offer(self, queue: WorkQueue) -> None:
        """Offer what is due; one worker does it at a time, and what nobody took for a while is offered again."""
        offered: set[str] = set()
        while True:
            self._offering_woken.clear()
            kinds = list(self._outside)

            def find(tx: Tx, kinds: list[str] = kinds) -> tuple[list[OfferedJob], int]:
                is_mine = hold(tx, "jobs offering", self._holder).holder == self._holder
                due = tx.all(due_outside, now=tx.now, limit=MOST_OFFERED, outside=kinds) if is_mine else []
                return due, tx.now // OFFERED_AGAIN_US

            if queue.works:
                due, period = await self._db.write(find)
                fresh = [Offer(item.id, f"{item.id}.{item.attempts}.{period}") for item in due]
                try:
                    await queue.offer([offer for offer in fresh if offer.key not in offered])
                    offered = {offer.key for offer in fresh}
                except BusError as error:
                    log.warning("queue_lost", error=error)
            await asyncio.sleep(REST_S)
            await self._sleep(self._offering_woken, next_outside)

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
            tx.run(insert_job, corp_id="", kind=kind, key="periodic", body="{}", run_at=tx.now)

    async def _run_inside(self, item: DueJob) -> None:
        def run(tx: Tx) -> None:
            # First, so that whoever lost the claim does nothing.
            if self._settle_success(tx, item):
                tx.confine(reach_for(item.corp_id))
                self._handlers[item.kind](tx, item.corp_id, item.body.encode())

        try:
            await self._db.write(run)
            self._claimed.pop(item.id, None)
        except Exception as error:  # noqa: BLE001  whatever a handler raises is retried
            await self._settle_failure(item, repr(error))

    async def _run_outside(self, item: DueJob) -> None:
        failure: Exception | None = None
        # Each job is a task of its own.
        stay_within(reach_for(item.corp_id))
        try:
            async with asyncio.timeout(LEASE_US / SECOND / 2):
                await self._outside[item.kind](item.corp_id, item.body.encode())
        except Exception as error:  # noqa: BLE001  whatever the world outside raises is retried
            failure = error
        try:
            if failure is not None:
                await self._settle_failure(item, repr(failure))
                return
            await self._db.write(lambda tx: self._settle_success(tx, item))
        except TryAgain as error:
            # How it ended cannot be written down: it runs again when its lease ends.
            log.warning("worker_waits", error=error)
        await self._forget(item)

    async def _forget(self, item: DueJob) -> None:
        """The claim has ended: nothing to hand back, and the queue may drop the offer."""
        self._claimed.pop(item.id, None)
        if acknowledge := self._acknowledge.pop(item.id, None):
            await acknowledge()

    def _settle_success(self, tx: Tx, item: DueJob) -> bool:
        """Note that a job is done; False when another worker has claimed it since."""
        if item.kind in self._every:
            return bool(tx.run(repeat_job, job_id=item.id, claim=item.attempts, at=tx.now + self._every[item.kind]))
        return bool(tx.run(end_job, job_id=item.id, claim=item.attempts, now=tx.now))

    async def _settle_failure(self, item: DueJob, why: str) -> None:
        given_up = item.attempts >= MAX_ATTEMPTS and item.kind not in self._every
        log.warning("job_failed", kind=item.kind, key=item.key, attempts=item.attempts, error=why, given_up=given_up)

        def settle(tx: Tx) -> None:
            pause = min(2**item.attempts, 3600) * SECOND
            tx.run(
                fail_job,
                job_id=item.id,
                claim=item.attempts,
                new_state="failed" if given_up else "waiting",
                at=tx.now + pause,
                why=why,
                now=tx.now,
            )

        await self._db.write(settle)
        await self._forget(item)


async def _steadily(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Work on when the database was away."""
    while True:
        try:
            await work()
        except* TryAgain as errors:
            log.warning("worker_waits", error=errors)
        await asyncio.sleep(AGAIN_S)


def _return(tx: Tx, items: Sequence[DueJob]) -> None:
    for item in items:
        tx.run(hand_back_job, job_id=item.id, claim=item.attempts)
