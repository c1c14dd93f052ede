"""The scale-out engine: PostgreSQL through psycopg, commands in threads, batches per corp.

Commands run at SERIALIZABLE, so that what they check still holds when they commit; what collides runs again. Batch
commands (sending) take row locks in one order instead and run at READ COMMITTED: one batch of a corp at a time, the
next takes everything that queued up meanwhile.
"""

import asyncio
import contextvars
import logging
import random
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar, cast

import msgspec
import psycopg
import structlog
from psycopg import conninfo
from psycopg_pool import ConnectionPool, PoolTimeout
from sqlalchemy import func, select, text

from rapport.kernel.clock import Clock
from rapport.kernel.database import Sizes
from rapport.kernel.engines.postgres_tx import Connection, PostgresReadTx, PostgresTx
from rapport.kernel.errors import InvalidInput, Refusal, TryAgain
from rapport.kernel.ids import Ids
from rapport.kernel.journal import Emission
from rapport.kernel.metrics.meters import CommitMeter
from rapport.kernel.statements import scalar
from rapport.kernel.tenancy import EVERY_CORP, reach_now, reach_of
from rapport.kernel.tx import ReadTx, Tx

Result = TypeVar("Result")
Job = tuple["asyncio.Future[Any]", Any]

CONNECTIONS, NEAR_CONNECTIONS = 12, 4
MAX_BATCH = 512
ATTEMPTS = 12
CHECKED_AGAIN = 3
"""How often a row that is there already may be found too late; after that the command is wrong, not unlucky."""
GIVEN_UP_S = 2.0
"""A connection that cannot be made is given up after this long, for whoever asks next begins anew: the pauses between
the attempts double, and a database that is back after half a minute would be found after another."""
PAUSE_S = 0.004
PREPARED = 600
"""How many statements a connection keeps prepared: more than there are, so that none is planned anew."""
STATEMENT_TIMEOUT = "10s"
LOCK_TIMEOUT = "5s"
IDLE_TIMEOUT = "5s"
ABANDONED_AFTER_S = 10
"""A process that stands still in the middle of a command holds up whoever needs the same rows, and whoever reads the
journal behind it, for not much longer. In the middle of a pipeline PostgreSQL's own timeouts do not see it."""
_COLLIDED = (
    psycopg.errors.SerializationFailure,
    psycopg.errors.DeadlockDetected,
    # Two who checked at the same moment: the second finds the row when it looks again.
    psycopg.errors.UniqueViolation,
    # Somebody between us and the server forgot what we had prepared; the next connection prepares it again.
    psycopg.errors.InvalidSqlStatementName,
)
_UNAVAILABLE = (psycopg.OperationalError, psycopg.errors.ReadOnlySqlTransaction, PoolTimeout)
_OWN_FAULT = (psycopg.errors.QueryCanceled, psycopg.errors.LockNotAvailable)
"""What a statement brings upon itself: it took too long, or waited too long."""
_NUL = "NUL (0x00)"
_BEGIN = {
    True: "BEGIN ISOLATION LEVEL SERIALIZABLE",
    False: "BEGIN ISOLATION LEVEL READ COMMITTED",
}

_timeline = scalar(select(func.substr(func.pg_walfile_name(func.pg_current_wal_lsn()), 1, 8)))
_size = scalar(select(func.pg_database_size(func.current_database())))
_abandoned = scalar(
    text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        " AND usename = current_user AND application_name = current_setting('application_name')"
        " AND state = 'active' AND wait_event = 'ClientRead' AND backend_xid IS NOT NULL AND query NOT LIKE 'COPY %'"
        " AND state_change < clock_timestamp() - make_interval(secs => :seconds)"
    )
)
"""Whoever waits for the rest of a pipeline that writes."""
log = structlog.get_logger()
# A pipeline that a collision broke off says so again when it is left; the collision itself is handled.
logging.getLogger("psycopg").setLevel(logging.ERROR)


class _Outcome(msgspec.Struct):
    """What a committed transaction hands back to the loop."""

    result: Any
    emitted: list[Emission]
    effects: list[Callable[[], None]]


class PostgresDatabase:
    """One PostgreSQL database, shared with other processes."""

    def __init__(self, url: str, clock: Clock, ids: Ids, *, base: int = 0) -> None:
        self.clock = clock
        self.ids = ids
        self.base = base
        self.commits = CommitMeter()
        self.losses = 0
        self._checking = threading.Lock()
        self.on_committed: Callable[[list[Emission]], None] = lambda _: None
        self._loop = asyncio.get_running_loop()
        self._platform = contextvars.copy_context()
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            with_watch(url),
            min_size=2,
            max_size=CONNECTIONS,
            open=True,
            configure=_configure,
            timeout=10,
            reconnect_timeout=GIVEN_UP_S,
        )
        # Who calls, who sits where: everything begins with such a look-up, so it never queues behind commands.
        self._near: ConnectionPool[Connection] = ConnectionPool(
            with_watch(url),
            min_size=1,
            max_size=NEAR_CONNECTIONS,
            open=True,
            configure=_configure,
            timeout=10,
            reconnect_timeout=GIVEN_UP_S,
        )
        self._threads = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="postgres")
        self._near_threads = ThreadPoolExecutor(NEAR_CONNECTIONS, thread_name_prefix="postgres-near")
        self._queues: dict[tuple[Callable[..., Any], str], list[Job]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def write(self, command: Callable[[Tx], Result], /) -> "asyncio.Future[Result]":
        """Run a command; the future resolves after the commit."""
        future: asyncio.Future[Any] = self._loop.create_future()
        self._track(self._write_one(future, command, reach_now()))
        return future

    def write_batched(
        self, command: Callable[[Tx, str, Sequence[Any]], Sequence[Any]], corp_id: str, item: object, /
    ) -> "asyncio.Future[Any]":
        """Queue one item of a batch command; what waits for the same corp runs as one call."""
        future: asyncio.Future[Any] = self._loop.create_future()
        key = (command, corp_id)
        queue = self._queues.get(key)
        if queue is None:
            self._queues[key] = [(future, item)]
            self._track(self._write_batches(key))
        else:
            queue.append((future, item))
        return future

    def read(self, query: Callable[[ReadTx], Result], /) -> "asyncio.Future[Result]":
        """Run a query on a snapshot in a thread."""
        return self._loop.run_in_executor(self._threads, partial(self._read, self._pool, query, reach_now()))

    async def read_briefly(self, query: Callable[[ReadTx], Result], /) -> Result:
        """Run a handful of look-ups by key on a snapshot, on connections of their own."""
        work = partial(self._read, self._near, query, reach_now())
        return await self._loop.run_in_executor(self._near_threads, work)

    async def sizes(self) -> Sizes:
        """Return the size of the database; its log is the cluster's."""
        return Sizes(await self.read(lambda tx: tx.one(_size) or 0), None)

    async def timeline(self) -> str | None:
        """Return the number in which the cluster counts its promotions."""
        return await self.read(lambda tx: tx.one(_timeline))

    async def end_abandoned(self) -> int:
        """End commands whose process sends nothing more; should it wake, it is told to try again."""
        ended = len(await self.read(lambda tx: tx.all(_abandoned, seconds=ABANDONED_AFTER_S)))
        if ended:
            log.warning("abandoned_commands_ended", commands=ended)
        return ended

    async def close(self) -> None:
        """Wait for what was accepted and close the connections."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)
        for threads in (self._threads, self._near_threads):
            await self._loop.run_in_executor(None, threads.shutdown)
        for pool in (self._pool, self._near):
            await self._loop.run_in_executor(None, pool.close)

    def _track(self, work: Any) -> None:  # noqa: ANN401  a coroutine
        # What follows a commit is the platform's, whoever asked for it.
        task = self._loop.create_task(work, context=self._platform.copy())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, command: Callable[[Tx], Any], reach: str, *, serial: bool, size: int = 1) -> Any:  # noqa: ANN401  the command's answer
        """Run a command in a thread and hand over what it emitted."""
        began = time.perf_counter()
        work = partial(self._transact, command, reach, serial=serial)
        outcome = await self._loop.run_in_executor(self._threads, work)
        self.commits.note(size, time.perf_counter() - began)
        for effect in outcome.effects:
            effect()
        if outcome.emitted:
            self.on_committed(outcome.emitted)
        return outcome.result

    async def _write_one(self, future: "asyncio.Future[Any]", command: Callable[[Tx], Any], reach: str) -> None:
        try:
            answer = await self._run(command, reach, serial=True)
        except Exception as error:  # noqa: BLE001  the caller's to handle
            _settle(future, None, error)
        else:
            _settle(future, *_split(answer))

    async def _write_batches(self, key: tuple[Callable[..., Any], str]) -> None:
        command, corp_id = key
        while jobs := self._queues[key][:MAX_BATCH]:
            del self._queues[key][: len(jobs)]
            await self._write_batch(command, corp_id, jobs)
        del self._queues[key]

    async def _write_batch(self, command: Callable[..., Any], corp_id: str, jobs: list[Job]) -> None:
        items, reach = [item for _, item in jobs], reach_of([corp_id])
        try:
            answers = await self._run(lambda tx: command(tx, corp_id, items), reach, serial=False, size=len(items))
        except Exception as error:  # noqa: BLE001  told to whom it concerns
            if len(jobs) == 1 or isinstance(error, TryAgain):
                for future, _ in jobs:
                    _settle(future, None, error)
                return
            # One item spoiled the whole call: each gets a call of its own, so that it answers for itself alone.
            for job in jobs:
                await self._write_batch(command, corp_id, [job])
            return
        for (future, _), answer in zip(jobs, answers, strict=True):
            _settle(future, *_split(answer))

    def _transact(self, command: Callable[[Tx], Any], reach: str, *, serial: bool) -> _Outcome:
        """Run a command and commit it, again when it collided with another."""
        for attempt in range(ATTEMPTS):
            try:
                with self._pool.connection() as connection:
                    return self._attempt(connection, command, reach, serial=serial)
            except _COLLIDED as error:
                if isinstance(error, psycopg.errors.UniqueViolation) and attempt >= CHECKED_AGAIN:
                    raise
                if attempt == ATTEMPTS - 1:
                    log.warning("command_collided", error=error, attempts=ATTEMPTS)
                    raise TryAgain(retry_after_s=1) from error
                time.sleep(random.uniform(0, PAUSE_S * 2 ** min(attempt, 6)))  # noqa: S311  no secret
            except (*_UNAVAILABLE, psycopg.DataError) as error:
                raise self._refusal_of(error) from error
        raise AssertionError

    def _attempt(self, connection: Connection, command: Callable[[Tx], Any], reach: str, *, serial: bool) -> _Outcome:
        try:
            with connection.pipeline() as pipeline:
                connection.execute(cast("Any", _BEGIN[serial]))
                tx = PostgresTx(connection, pipeline, self.clock, self.ids, self.base, reach)
                try:
                    result = command(tx)
                except Refusal as refusal:
                    if not refusal.keeps_writes:
                        raise
                    result = refusal
                emitted = tx.flush_facts()
                ended = connection.execute("COMMIT")
                # Here, for leaving the pipeline would tell of the last failure instead of the first.
                pipeline.sync()
            # Of a transaction that failed where nobody looked, PostgreSQL makes the end a way back.
            assert ended.statusmessage == "COMMIT", ended.statusmessage
        except (psycopg.errors.ReadOnlySqlTransaction, psycopg.errors.InvalidSqlStatementName):
            # It was the primary once, or never, or is not the session it was: the next connection begins anew.
            connection.close()
            raise
        except BaseException:
            if not connection.closed:
                connection.execute("ROLLBACK")
            raise
        return _Outcome(result, emitted, tx.effects)

    def _read(self, pool: "ConnectionPool[Connection]", query: Callable[[ReadTx], Result], reach: str) -> Result:
        try:
            try:
                return self._read_once(pool, query, reach)
            except psycopg.errors.InvalidSqlStatementName:
                return self._read_once(pool, query, reach)
            except psycopg.OperationalError as error:
                # A connection that died while it waited: nothing was done, another one may live.
                if isinstance(error, _OWN_FAULT):
                    raise
                self._note_loss()
                return self._read_once(pool, query, reach)
        except (*_UNAVAILABLE, psycopg.DataError) as error:
            raise self._refusal_of(error) from error

    def _read_once(self, pool: "ConnectionPool[Connection]", query: Callable[[ReadTx], Result], reach: str) -> Result:
        with pool.connection() as connection:
            try:
                with connection.pipeline() as pipeline:
                    connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    answer = query(PostgresReadTx(connection, self.clock.now(), self.base, reach))
                    connection.execute("COMMIT")
                    pipeline.sync()
            except psycopg.errors.InvalidSqlStatementName:
                connection.close()
                raise
            except BaseException:
                if not connection.closed:
                    connection.execute("ROLLBACK")
                raise
            return answer

    def _refusal_of(self, error: Exception) -> Exception:
        """What a caller is told of a database that cannot answer, or that cannot hold what they said."""
        if isinstance(error, psycopg.DataError):
            # The driver itself finds it; no text of PostgreSQL's can hold it.
            return (
                InvalidInput("", "不接受字符 U+0000", "the character U+0000 is not accepted")
                if _NUL in str(error)
                else error
            )
        log.warning("database_unavailable", error=error)
        if not isinstance(error, _OWN_FAULT):
            self._note_loss()
        return TryAgain(retry_after_s=1)

    def _note_loss(self) -> None:
        """One lost connection is not alone: look at the others now, so that callers need not find out one by one."""
        self.losses += 1
        if self._checking.acquire(blocking=False):
            try:
                for pool in (self._pool, self._near):
                    pool.check()
            finally:
                self._checking.release()


def with_watch(url: str) -> str:
    """Return an address that notices a dead server within seconds, and that of several takes the one that writes."""
    given = conninfo.conninfo_to_dict(url)
    watch: dict[str, str | int] = {
        "connect_timeout": 5,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,
        "application_name": "rapport",
        "target_session_attrs": "read-write",
    }
    return conninfo.make_conninfo(url, **{name: value for name, value in watch.items() if name not in given})


def _configure(connection: Connection) -> None:
    connection.autocommit = True
    # Those that ask for it are prepared, at once. What the driver prepares on the third time it takes for prepared even
    # when the pipeline broke off before that, and the connection fails from then on.
    connection.prepare_threshold = sys.maxsize
    connection.prepared_max = PREPARED
    connection.execute(f"SET rapport.corps = '{EVERY_CORP}'")
    # Every statement has its index; without this a table that grew since it was analyzed is read whole for one row.
    connection.execute("SET enable_seqscan = off")
    connection.execute("SET jit = off")
    connection.execute(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'")
    connection.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
    connection.execute(f"SET idle_in_transaction_session_timeout = '{IDLE_TIMEOUT}'")
    # The driver throws away what is prepared when it first meets a way back, in a pipeline also what it prepares right
    # after; these it has met before there was anything.
    for known in ("BEGIN", "SAVEPOINT inner_step", "ROLLBACK TO SAVEPOINT inner_step", "ROLLBACK"):
        connection.execute(cast("Any", known))


def _split(answer: Any) -> tuple[Any, BaseException | None]:  # noqa: ANN401  any command's answer
    return (None, answer) if isinstance(answer, Refusal) else (answer, None)


def _settle(future: "asyncio.Future[Any]", result: Any, error: BaseException | None) -> None:  # noqa: ANN401  same
    if future.done():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
