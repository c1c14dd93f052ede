"""Transactions on PostgreSQL.

Facts and marks are numbered by the transaction, ``base + (xid << 16) + place``: whatever a snapshot does not see yet
has a higher number than its horizon, so readers of the journal and clients' cursors never step over a late commit.
"""

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, TypeVar, cast

import msgspec
import psycopg

from rapport.kernel.clock import Clock
from rapport.kernel.ids import Ids
from rapport.kernel.journal import PLACE_BITS, Emission, insert_fact
from rapport.kernel.statements import Compiled, Statement
from rapport.kernel.tenancy import EVERY_CORP
from rapport.kernel.tx import Asked, ReadTx, Tx

Row = TypeVar("Row")
Connection = psycopg.Connection[tuple[Any, ...]]

_encode_text = msgspec.json.Encoder().encode


def _bind(compiled: Compiled, parameters: Mapping[str, object]) -> dict[str, Any]:
    return {**compiled.constants, **parameters} if compiled.constants else dict(parameters)


def _bind_lists(compiled: Compiled, rows: Sequence[Mapping[str, object]]) -> dict[str, Any]:
    return {**compiled.constants, **{name: _array([row[name] for row in rows]) for name in compiled.names}}


def _array(values: list[Any]) -> str:
    """Write a list as PostgreSQL reads it: the driver's own way costs ten times as much and a third of a send."""
    return "{" + ",".join([_element(value) for value in values]) + "}"


def _element(value: object) -> str:
    if type(value) is int:
        return str(value)
    if value is None:
        return "NULL"
    assert type(value) is str, "columns hold text and numbers"
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


class _Cursor(Asked[Row]):
    """A query in the pipeline."""

    __slots__ = ("_cursor", "_row")

    def __init__(self, cursor: psycopg.Cursor[tuple[Any, ...]], row: Callable[..., Row]) -> None:
        self._cursor = cursor
        self._row = row

    def all(self) -> list[Row]:
        """Wait for its rows."""
        row = self._row
        return [row(*values) for values in self._cursor.fetchall()]

    def one(self) -> Row | None:
        """Wait for its first row."""
        values = self._cursor.fetchone()
        return None if values is None else self._row(*values)


class PostgresReadTx(ReadTx):
    """Queries of one transaction, in a pipeline: nobody waits for what nobody looks at."""

    def __init__(self, connection: Connection, now: int, base: int, reach: str = EVERY_CORP) -> None:
        self.connection = connection
        self.now = now
        self.base = base
        # Every connection of ours begins like that.
        self._reach = EVERY_CORP
        self.confine(reach)

    def confine(self, reach: str) -> None:
        """Let the policies of the tables show and take the rows of these corps alone."""
        if reach != self._reach:
            self._reach = reach
            self.connection.execute("SELECT set_config('rapport.corps', %s, true)", [reach], prepare=True)

    def ask(self, statement: Statement[Row], /, **parameters: object) -> Asked[Row]:
        """Send a query; its answer is waited for when it is taken."""
        return _Cursor(self._send(statement, parameters), statement.row)

    def _send(self, statement: Statement[Row], parameters: Mapping[str, object]) -> psycopg.Cursor[tuple[Any, ...]]:
        reach = self._reach
        if statement.crosses:
            self.confine(EVERY_CORP)
        compiled = statement.postgresql
        prepare = not statement.by_values
        asked = self.connection.execute(cast("Any", compiled.sql), _bind(compiled, parameters), prepare=prepare)
        # What fails goes back to where its transaction or its step began, and so does the reach.
        self.confine(reach)
        return asked

    def each(self, statement: Statement[Row], rows: Iterable[Mapping[str, object]], /) -> list[Row | None]:
        """Run one query over all parameter sets."""
        asked, compiled = list(rows), statement.postgresql_sets
        answers: list[Row | None] = [None] * len(asked)
        if asked:
            found = self.connection.execute(cast("Any", compiled.sql), _bind_lists(compiled, asked), prepare=True)
            for place, *values in reversed(found.fetchall()):
                answers[place - 1] = statement.row(*values)
        return answers

    @property
    def horizon(self) -> int:
        """The first number that a transaction unseen by this snapshot may have given."""
        asked = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
        row = self.connection.execute(asked, prepare=True).fetchone()
        assert row is not None, "this query has one row"
        return self.base + (int(row[0]) << PLACE_BITS)


class PostgresTx(PostgresReadTx, Tx):
    """A transaction that writes, in a pipeline: nobody waits for what nobody looks at before the commit."""

    def __init__(
        self,
        connection: Connection,
        pipeline: psycopg.Pipeline,
        clock: Clock,
        ids: Ids,
        base: int,
        reach: str = EVERY_CORP,
    ) -> None:
        Tx.__init__(self)
        PostgresReadTx.__init__(self, connection, clock.now(), base, reach)
        self._pipeline = pipeline
        self.clock = clock
        self.ids = ids
        self._xid = connection.execute("SELECT pg_current_xact_id()::text::bigint", prepare=True)
        self._flushed = 0

    @cached_property
    def _first(self) -> int:
        row = self._xid.fetchone()
        assert row is not None, "this query has one row"
        return self.base + (int(row[0]) << PLACE_BITS)

    @property
    def mark(self) -> int:
        """The number that the next fact of this transaction will take."""
        return self._first + self._flushed + len(self.emitted)

    def run(self, statement: Statement[Any], /, **parameters: object) -> int:
        """Run a statement that writes and return the number of rows it changed."""
        done = self._send(statement, parameters)
        self._pipeline.sync()
        return done.rowcount

    def insert_all(self, statement: Statement[None], rows: Sequence[Mapping[str, object]], /) -> None:
        """Insert the rows with one statement."""
        self.run_all(statement, rows)

    def run_all(self, statement: Statement[None], rows: Sequence[Mapping[str, object]], /) -> None:
        """Change the rows with one statement."""
        if rows:
            compiled = statement.postgresql_sets
            self.connection.execute(cast("Any", compiled.sql), _bind_lists(compiled, rows), prepare=True)

    @contextmanager
    def savepoint(self) -> Generator[None]:
        """Undo everything written inside the block, facts too, when it raises."""
        emitted, effects, reach = len(self.emitted), len(self.effects), self._reach
        self.connection.execute("SAVEPOINT inner_step")
        try:
            yield
            # What is still on its way fails in here, or not at all.
            self._pipeline.sync()
        except BaseException:
            self._settle()
            self.connection.execute("ROLLBACK TO SAVEPOINT inner_step")
            self._reach = reach
            del self.emitted[emitted:], self.effects[effects:]
            self.memo.clear()
            raise
        self.connection.execute("RELEASE SAVEPOINT inner_step")

    def _settle(self) -> None:
        """Wait for everything that is on its way behind a failure, and pass over what the failure took along."""
        while not self.connection.closed:
            try:
                self._pipeline.sync()
            except psycopg.Error:
                continue
            return

    def flush_facts(self) -> list[Emission]:
        """Write the facts to the journal and hand them over for distribution."""
        emitted, self.emitted = self.emitted, []
        rows: list[dict[str, object]] = []
        for emission in emitted:
            emission.id = self._first + self._flushed
            self._flushed += 1
            rows.append(
                {
                    "id": emission.id,
                    "corp_id": emission.corp_id,
                    "kind": emission.fact.kind,
                    "audience": _encode_text(emission.audience).decode(),
                    "body": _encode_text(emission.fact).decode(),
                    "at": self.now,
                }
            )
        assert self._flushed <= 1 << PLACE_BITS, "too many facts for one transaction"
        self.insert_all(insert_fact, rows)
        return emitted
