"""Followers and jobs: nothing skipped, nothing done twice, a poisoned fact parked, visible and replayed."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import func, select

from rapport.kernel.clock import SystemClock
from rapport.kernel.database import Database
from rapport.kernel.errors import StillFailing
from rapport.kernel.followers import Followers, list_parked, list_states
from rapport.kernel.jobs import job, list_failed, replay_job, schedule
from rapport.kernel.policy import PolicyChanged, preset_policy, set_policy
from rapport.kernel.statements import scalar
from rapport.kernel.tx import Tx
from rapport.kernel.worker import OUTSIDE_AT_ONCE, Jobs

MINUTE = 60_000_000
PATIENCE_S = 30
_held = scalar(select(func.count()).select_from(job).where(job.c.state == "waiting", job.c.leased_until.isnot(None)))


@asynccontextmanager
async def working(*parts: Followers | Jobs) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(part.run()) for part in parts]
    await asyncio.sleep(0.05)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110  conditions of many kinds
            await asyncio.sleep(0.01)


async def at_rest(db: Database) -> None:
    """Wait until what the last run left is written: nobody holds a job."""
    async with asyncio.timeout(PATIENCE_S):
        while await db.read(lambda tx: tx.one(_held)):  # noqa: ASYNC110  nobody tells of it
            await asyncio.sleep(0.01)


async def change(db: Database, times: int = 1) -> None:
    for _ in range(times):
        await db.write(lambda tx: set_policy(tx, "corp", preset_policy.name, "wecom-today", "me"))


async def test_a_follower_sees_every_fact_once_across_restarts(db: Database) -> None:
    seen: list[int] = []

    def make() -> Followers:
        made = Followers(db)
        made.add("watcher").on(PolicyChanged, lambda _tx, _corp, fact: seen.append(fact.revision))
        db.on_committed = made.committed
        return made

    async with working(make()):
        await change(db, 3)
        await eventually(lambda: len(seen) == 3)
    await change(db, 2)
    async with working(make()):
        await eventually(lambda: len(seen) == 5)
    assert seen == [1, 2, 3, 4, 5]


async def test_a_poisoned_fact_is_parked_and_holds_up_nobody(db: Database) -> None:
    healthy: list[int] = []
    handled: list[int] = []
    poison = {2}

    def handle(_tx: Tx, _corp_id: str, fact: PolicyChanged) -> None:
        if fact.revision in poison:
            raise RuntimeError("cannot digest this")
        handled.append(fact.revision)

    found = Followers(db, backoff_s=0.001)
    found.add("healthy").on(PolicyChanged, lambda _tx, _corp, fact: healthy.append(fact.revision))
    found.add("sick").on(PolicyChanged, handle)
    db.on_committed = found.committed
    async with working(found):
        await change(db, 4)
        await eventually(lambda: healthy == [1, 2, 3, 4] and 4 in handled)
        parked = await db.read(lambda tx: list_parked(tx, "corp"))
        assert [(fact.follower, fact.kind) for fact in parked] == [("sick", "policy.changed")]
        assert "cannot digest this" in parked[0].error
        assert all(state.lag == 0 for state in await db.read(list_states))
        with pytest.raises(StillFailing) as refused:
            await db.write(lambda tx: found.replay(tx, "corp", "sick", parked[0].fact_id))
        assert "cannot digest this" in refused.value.text("en")
        assert await db.read(lambda tx: list_parked(tx, "corp")) == parked
        poison.clear()
        await db.write(lambda tx: found.replay(tx, "corp", "sick", parked[0].fact_id))
        assert 2 in handled
        assert await db.read(lambda tx: list_parked(tx, "corp")) == []


async def test_a_job_runs_once_and_the_same_key_is_one_job(db: Database) -> None:
    ran: list[bytes] = []
    jobs = Jobs(db)
    jobs.handle("count", lambda _tx, _corp, body: ran.append(body))
    async with working(jobs):
        await db.write(lambda tx: schedule(tx, "corp", "count", "k", {"n": 1}))
        await db.write(lambda tx: schedule(tx, "corp", "count", "k", {"n": 2}))
        await eventually(lambda: len(ran) == 1)
        await asyncio.sleep(0.1)
    assert ran == [b'{"n":1}']


async def test_a_deferred_job_waits_for_its_time(db: Database, clock: SystemClock) -> None:
    ran: list[bytes] = []
    jobs = Jobs(db)
    jobs.handle("later", lambda _tx, _corp, body: ran.append(body))
    async with working(jobs):
        await db.write(lambda tx: schedule(tx, "corp", "later", "k", {}, tx.now + MINUTE))
        await asyncio.sleep(0.1)
        assert ran == []
        clock.advance(2 * MINUTE)
        jobs.wake()
        await eventually(lambda: len(ran) == 1)


async def test_an_outside_job_is_retried_then_given_up_and_can_be_replayed(db: Database, clock: SystemClock) -> None:
    calls: list[str] = []
    broken = True

    async def call(corp_id: str, _body: bytes) -> None:
        calls.append(corp_id)
        if broken:
            raise ConnectionError("the provider is down")

    jobs = Jobs(db)
    jobs.handle_outside("call", call)
    async with working(jobs):
        await db.write(lambda tx: schedule(tx, "corp", "call", "k", {}))
        for attempt in range(1, 9):
            await eventually(lambda: len(calls) >= attempt)  # noqa: B023  awaited in this round
            await at_rest(db)
            clock.advance(60 * MINUTE)
            jobs.wake()
        failed = await db.read(lambda tx: list_failed(tx, "corp"))
        assert [(one.attempts, "provider is down" in one.error) for one in failed] == [(8, True)]
        broken = False
        await db.write(lambda tx: replay_job(tx, "corp", failed[0].id))
        await eventually(lambda: len(calls) == 9)
        await at_rest(db)
        assert await db.read(lambda tx: list_failed(tx, "corp")) == []


async def test_a_slow_world_outside_holds_up_nobody(db: Database) -> None:
    ran: list[str] = []
    waiting: list[bytes] = []
    slow = asyncio.Event()

    async def call(_corp_id: str, body: bytes) -> None:
        if body == b'"slow"':
            waiting.append(body)
            await slow.wait()
        ran.append(body.decode())

    jobs = Jobs(db)
    jobs.handle("inside", lambda _tx, _corp, _body: ran.append("inside"))
    jobs.handle_outside("call", call)
    async with working(jobs):
        for place in range(OUTSIDE_AT_ONCE - 1):
            await db.write(lambda tx, place=place: schedule(tx, "corp", "call", f"slow{place}", "slow"))
        await eventually(lambda: len(waiting) == OUTSIDE_AT_ONCE - 1)
        await db.write(lambda tx: schedule(tx, "corp", "call", "quick", "quick"))
        await db.write(lambda tx: schedule(tx, "corp", "inside", "k", {}))
        await eventually(lambda: sorted(ran) == ['"quick"', "inside"])
        # The last place is taken: whoever comes waits for one, and is not forgotten.
        await db.write(lambda tx: schedule(tx, "corp", "call", "one more", "slow"))
        await eventually(lambda: len(waiting) == OUTSIDE_AT_ONCE)
        await db.write(lambda tx: schedule(tx, "corp", "call", "late", "late"))
        await asyncio.sleep(0.2)
        assert '"late"' not in ran
        slow.set()
        await eventually(lambda: len(ran) == OUTSIDE_AT_ONCE + 3)
        await asyncio.sleep(0.1)
    assert len(ran) == OUTSIDE_AT_ONCE + 3


async def test_an_outside_job_repeats_when_it_should(db: Database, clock: SystemClock) -> None:
    calls: list[str] = []

    async def call(corp_id: str, _body: bytes) -> None:
        calls.append(corp_id)

    jobs = Jobs(db)
    jobs.handle_outside("again", call, every_us=MINUTE)
    async with working(jobs):
        for times in (1, 2, 3):
            await eventually(lambda: len(calls) == times)  # noqa: B023  awaited in this round
            await at_rest(db)
            clock.advance(2 * MINUTE)
            jobs.wake()


async def test_work_ends_when_told_to_even_as_something_wakes_it(db: Database) -> None:
    followers, jobs = Followers(db), Jobs(db)
    followers.add("watcher").on(PolicyChanged, lambda _tx, _corp, _fact: None)
    for part, wake in ((followers, followers.all["watcher"].woken.set), (jobs, jobs.wake)):
        task = asyncio.create_task(part.run())
        await asyncio.sleep(0.1)
        wake()
        await asyncio.sleep(0)
        task.cancel()
        done, _ = await asyncio.wait([task], timeout=PATIENCE_S)
        assert done, f"{type(part).__name__} went on"
