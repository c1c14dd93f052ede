# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# apsw's stubs leave its buffer types unknown.
"""The embedded engine: SQLite through apsw, one writer thread with group commit, a pool of readers.

The writer takes every command that queued up while the last commit ran, runs each in a savepoint, commits once
(synchronous=FULL) and answers them all. Checkpoints run on a connection of their own; past ``WAL_LIMIT_BYTES`` the
writer restarts the log itself between two batches, because passive checkpoints never catch up under load.
"""

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import apsw
import msgspec
import structlog

from rapport.kernel.clock import Clock
from rapport.kernel.database import Sizes
from rapport.kernel.engines.sqlite_tx import BUSY_TIMEOUT_MS, SqliteReadTx, SqliteTx, connect
from rapport.kernel.engines.statistics import plant_statistics
from rapport.kernel.errors import Refusal, TryAgain
from rapport.kernel.ids import Ids
from rapport.kernel.journal import Emission
from rapport.kernel.metrics.meters import CommitMeter
from rapport.kernel.tx import ReadTx, Tx

Row = TypeVar("Row")
Result = TypeVar("Result")

WAL_LIMIT_BYTES = 64 * 1024 * 1024
RESTART_WAIT_MS = 50
RESTART_AGAIN_S = 0.25
MAX_BATCH = 512
SLOW_COMMAND_US = 5_000
ALARMING_US = 100_000
"""What everybody who writes at that moment notices; below it is for whoever looks for it."""
READERS = 4
CHECKPOINT_EVERY_S = 0.25

log = structlog.get_logger()


class _Job(msgspec.Struct):
    """A queued command, alone or one item of a batch command, and where its answer goes."""

    future: "asyncio.Future[Any]"
    command: Callable[..., Any]
    corp_id: str | None = None
    item: Any = None


class _Answers(msgspec.Struct):
    """What a committed batch hands back to the loop."""

    done: list[tuple["asyncio.Future[Any]", Any, BaseException | None]]
    emitted: list[Emission]
    effects: list[Callable[[], None]]


class SqliteDatabase:
    """One database file, opened by this process alone."""

    def __init__(self, path: Path, clock: Clock, ids: Ids) -> None:
        self.path = path
        self.clock = clock
        self.ids = ids
        self.wal_limit_bytes = WAL_LIMIT_BYTES
        self.commits = CommitMeter()
        self.losses = 0
        self.on_committed: Callable[[list[Emission]], None] = lambda _: None
        self._loop = asyncio.get_running_loop()
        self._home = threading.get_ident()
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._writing = connect(path, read_only=False)
        plant_statistics(self._writing)
        self._here = connect(path, read_only=True)
        self._local = threading.local()
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")
        self._closing = threading.Event()
        self._restart_at = 0.0
        self._writer = threading.Thread(target=self._write_loop, name="writer", daemon=True)
        self._checkpointer = threading.Thread(target=self._checkpoint_loop, name="checkpoint", daemon=True)
        self._writer.start()
        self._checkpointer.start()

    def write(self, command: Callable[[Tx], Result], /) -> "asyncio.Future[Result]":
        """Queue a command; the future resolves after the commit."""
        future: asyncio.Future[Any] = self._loop.create_future()
        self._queue.put(_Job(future, command))
        return future

    def write_batched(
        self, command: Callable[[Tx, str, Sequence[Any]], Sequence[Any]], corp_id: str, item: object, /
    ) -> "asyncio.Future[Any]":
        """Queue one item of a batch command; neighbours of the same corp run as one call."""
        future: asyncio.Future[Any] = self._loop.create_future()
        self._queue.put(_Job(future, command, corp_id, item))
        return future

    def read(self, query: Callable[[ReadTx], Result], /) -> "asyncio.Future[Result]":
        """Run a query on a snapshot in the reader pool."""
        return self._loop.run_in_executor(self._readers, partial(self._read, query))

    async def read_briefly(self, query: Callable[[ReadTx], Result], /) -> Result:
        """Run a handful of look-ups by key on a snapshot, here: the way to a thread costs more than they do."""
        connection = self._near()
        connection.execute("BEGIN")
        try:
            return query(SqliteReadTx(connection, self.clock.now()))
        finally:
            if connection.in_transaction:
                connection.execute("COMMIT")

    def _near(self) -> apsw.Connection:
        """Return the loop's own connection; two threads on it at once would break one of them, now and then."""
        assert threading.get_ident() == self._home, "only the event loop's thread may ask here"
        return self._here

    async def sizes(self) -> Sizes:
        """Return the sizes of the file and of its log."""
        return Sizes(self.path.stat().st_size, self.wal_bytes())

    async def timeline(self) -> str | None:
        """A file has one history."""
        return None

    async def end_abandoned(self) -> int:
        """Find nothing: whoever writes here is this process."""
        return 0

    async def close(self) -> None:
        """Commit what was accepted, fold the log into the file, release it."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._queue.put(None)
        await self._loop.run_in_executor(None, self._writer.join)
        await self._loop.run_in_executor(None, self._checkpointer.join)
        self._readers.shutdown()
        self._here.close()
        self._writing.close()

    def wal_bytes(self) -> int:
        """Size of the write-ahead log on disk."""
        try:
            return Path(f"{self.path}-wal").stat().st_size
        except FileNotFoundError:
            return 0

    def _read(self, query: Callable[[ReadTx], Result]) -> Result:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = connect(self.path, read_only=True)
        connection.execute("BEGIN")
        try:
            return query(SqliteReadTx(connection, self.clock.now()))
        finally:
            if connection.in_transaction:  # a read that failed may have ended it already
                connection.execute("COMMIT")

    def _write_loop(self) -> None:
        jobs: list[_Job] = []
        running = True
        while running:
            first = self._queue.get()
            if first is None:
                break
            jobs = [first]
            while len(jobs) < MAX_BATCH:
                try:
                    job = self._queue.get_nowait()
                except queue.Empty:
                    break
                if job is None:
                    running = False
                    break
                jobs.append(job)
            answers = self._commit(jobs)
            self._loop.call_soon_threadsafe(self._deliver, answers)
            if self.wal_bytes() > self.wal_limit_bytes and time.monotonic() >= self._restart_at:
                self._restart_log()

    def _commit(self, jobs: list[_Job]) -> _Answers:
        connection, began = self._writing, time.perf_counter()
        answers = _Answers([], [], [])
        try:
            _Batch(connection, self.clock, self.ids, answers).run(_grouped(jobs))
            connection.execute("COMMIT")
        except Exception as error:
            log.exception("commit_failed", error=error, commands=len(jobs))
            self.losses += 1
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            return _Answers([(job.future, None, TryAgain(retry_after_s=1)) for job in jobs], [], [])
        self.commits.note(len(jobs), time.perf_counter() - began)
        return answers

    def _deliver(self, answers: _Answers) -> None:
        for future, result, error in answers.done:
            if future.done():
                continue
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)
        for effect in answers.effects:
            effect()
        if answers.emitted:
            self.on_committed(answers.emitted)

    def _restart_log(self) -> None:
        # Somebody may read for minutes (a backup): writers wait a moment for them now and then, no more.
        self._writing.set_busy_timeout(RESTART_WAIT_MS)
        try:
            self._writing.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_RESTART)
        except apsw.BusyError:
            self._restart_at = time.monotonic() + RESTART_AGAIN_S
            log.warning("wal_restart_busy", wal_bytes=self.wal_bytes())
        finally:
            self._writing.set_busy_timeout(BUSY_TIMEOUT_MS)

    def _checkpoint_loop(self) -> None:
        connection = connect(self.path, read_only=False)
        while not self._closing.wait(CHECKPOINT_EVERY_S):
            try:
                connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
            except (apsw.BusyError, apsw.LockedError):
                continue
            except apsw.Error as error:
                log.exception("checkpoint_failed", error=error)
        connection.close()


def _grouped(jobs: list[_Job]) -> list[list[_Job]]:
    """Join neighbours that are items of the same batch command of the same corp; order is kept."""
    groups: list[list[_Job]] = []
    for job in jobs:
        if groups and job.corp_id is not None:
            head = groups[-1][0]
            if head.corp_id == job.corp_id and head.command is job.command:
                groups[-1].append(job)
                continue
        groups.append([job])
    return groups


class _Batch:
    """Commands that one transaction commits, each undone alone when it fails.

    The first needs no savepoint, since nothing came before it that could be lost: it is undone by beginning anew.
    Savepoints cost a copy of every page that is written behind them, and most batches are one call.
    """

    def __init__(self, connection: apsw.Connection, clock: Clock, ids: Ids, answers: _Answers) -> None:
        self._connection = connection
        self._clock = clock
        self._ids = ids
        self._answers = answers
        self._begin()

    def _begin(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        self._tx = SqliteTx(self._connection, self._clock, self._ids)
        self._is_first = True

    def run(self, groups: list[list[_Job]]) -> None:
        """Run every group; what each is answered is noted."""
        for group in groups:
            self._run(group)

    def _run(self, group: list[_Job]) -> None:
        tx, head = self._tx, group[0]
        tx.now = self._clock.now()
        if not self._is_first:
            self._connection.execute("SAVEPOINT command")
        try:
            if head.corp_id is None:
                outcomes: Sequence[Any] = [head.command(tx)]
            else:
                outcomes = head.command(tx, head.corp_id, [job.item for job in group])
            facts = tx.flush_facts()
        except (apsw.FullError, apsw.IOError):
            raise
        except Exception as error:
            if isinstance(error, Refusal) and error.keeps_writes and len(group) == 1:
                self._keep(tx.flush_facts())
            else:
                self._undo()
            if len(group) > 1:
                self._run_apart(group)
                return
            if not isinstance(error, Refusal):
                log.exception("command_failed", command=_name_of(head.command))
            self._answers.done.append((head.future, None, error))
            return
        self._keep(facts)
        if self._clock.now() - tx.now > SLOW_COMMAND_US * len(group):
            took = self._clock.now() - tx.now
            tell = log.warning if took > ALARMING_US * len(group) else log.info
            tell("slow_command", command=_name_of(head.command), microseconds=took)
        for job, outcome in zip(group, outcomes, strict=True):
            refused = isinstance(outcome, Refusal)
            self._answers.done.append((job.future, None, outcome) if refused else (job.future, outcome, None))

    def _run_apart(self, group: list[_Job]) -> None:
        """One item spoiled the whole call: each gets a call of its own, so that it answers for itself alone."""
        for job in group:
            self._run([job])

    def _keep(self, facts: list[Emission]) -> None:
        if not self._is_first:
            self._connection.execute("RELEASE command")
        self._is_first = False
        self._answers.emitted.extend(facts)
        self._answers.effects.extend(self._tx.effects)
        self._tx.effects.clear()

    def _undo(self) -> None:
        if self._is_first:
            self._connection.execute("ROLLBACK")
            self._begin()
            return
        self._connection.execute("ROLLBACK TO command; RELEASE command")
        self._tx.emitted.clear()
        self._tx.effects.clear()
        self._tx.memo.clear()


def _name_of(command: Callable[..., Any]) -> str:
    return getattr(command, "__qualname__", repr(command))
