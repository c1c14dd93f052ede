"""Transactions on PostgreSQL.

Facts and marks are numbered by the transaction, ``base + (xid << 16) + place``: whatever a snapshot does not see yet
has a higher number than its horizon, so readers of the journal and clients' cursors never step over a late commit.
"""

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar, cast

import msgspec
import psycopg

from rapport.kernel.clock import Clock
from rapport.kernel.engines.numbering import PLACE_BITS
from rapport.kernel.ids import Ids
from rapport.kernel.journal import Emission, insert_fact
from rapport.kernel.statements import Compiled, Statement
from rapport.kernel.tx import ReadTx, Tx

Row = TypeVar("Row")
Connection = psycopg.Connection[tuple[Any, ...]]

_encode_text = msgspec.json.Encoder().encode


def _bind(compiled: Compiled, parameters: Mapping[str, object]) -> dict[str, Any]:
    return {**compiled.constants, **parameters} if compiled.constants else dict(parameters)


class PostgresReadTx(ReadTx):
    """Queries of one transaction."""

    def __init__(self, connection: Connection, now: int, base: int) -> None:
        self.connection = connection
        self.now = now
        self.base = base

    def all(self, statement: Statement[Row], /, **parameters: object) -> list[Row]:
        """Run a query and return its rows."""
        compiled, row = statement.postgresql, statement.row
        found = self.connection.execute(cast("Any", compiled.sql), _bind(compiled, parameters), prepare=True)
        return [row(*values) for values in found.fetchall()]

    def one(self, statement: Statement[Row], /, **parameters: object) -> Row | None:
        """Run a query and return its first row, or None."""
        compiled = statement.postgresql
        found = self.connection.execute(cast("Any", compiled.sql), _bind(compiled, parameters), prepare=True)
        values = found.fetchone()
        return None if values is None else statement.row(*values)

    def each(self, statement: Statement[Row], rows: Iterable[Mapping[str, object]], /) -> list[Row | None]:
        """Run the statement per parameter set, all of them on the way at once."""
        compiled, make = statement.postgresql, statement.row
        with self.connection.pipeline():
            asked = [
                self.connection.execute(cast("Any", compiled.sql), _bind(compiled, parameters), prepare=True)
                for parameters in rows
            ]
        found = [cursor.fetchone() if cursor.description is not None else None for cursor in asked]
        return [None if values is None else make(*values) for values in found]

    @property
    def horizon(self) -> int:
        """The first number that a transaction unseen by this snapshot may have given."""
        row = self.connection.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint").fetchone()
        assert row is not None, "this query has one row"
        return self.base + (int(row[0]) << PLACE_BITS)


class PostgresTx(PostgresReadTx, Tx):
    """A transaction that writes."""

    def __init__(self, connection: Connection, clock: Clock, ids: Ids, base: int, xid: int) -> None:
        Tx.__init__(self)
        PostgresReadTx.__init__(self, connection, clock.now(), base)
        self.clock = clock
        self.ids = ids
        self._first = self._next_fact = base + (xid << PLACE_BITS)

    @property
    def mark(self) -> int:
        """The number that the next fact of this transaction will take."""
        return self._next_fact + len(self.emitted)

    def run(self, statement: Statement[Any], /, **parameters: object) -> int:
        """Run a statement that writes and return the number of rows it changed."""
        compiled = statement.postgresql
        return self.connection.execute(cast("Any", compiled.sql), _bind(compiled, parameters), prepare=True).rowcount

    def insert_all(self, statement: Statement[None], rows: Sequence[Mapping[str, object]], /) -> None:
        """Insert the rows, all of them on the way at once."""
        self.run_all(statement, rows)

    def run_all(self, statement: Statement[None], rows: Sequence[Mapping[str, object]], /) -> None:
        """Run the statement for every parameter set, all of them on the way at once."""
        if rows:
            compiled = statement.postgresql
            with self.connection.cursor() as cursor:
                cursor.executemany(cast("Any", compiled.sql), [_bind(compiled, row) for row in rows])

    @contextmanager
    def savepoint(self) -> Generator[None]:
        """Undo everything written inside the block, facts too, when it raises."""
        emitted, effects = len(self.emitted), len(self.effects)
        self.connection.execute("SAVEPOINT inner_step")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK TO SAVEPOINT inner_step")
            del self.emitted[emitted:], self.effects[effects:]
            self.memo.clear()
            raise
        self.connection.execute("RELEASE SAVEPOINT inner_step")

    def flush_facts(self) -> list[Emission]:
        """Write the facts to the journal and hand them over for distribution."""
        emitted, self.emitted = self.emitted, []
        rows: list[dict[str, object]] = []
        for emission in emitted:
            emission.id = self._next_fact
            self._next_fact += 1
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
        assert self._next_fact - self._first <= 1 << PLACE_BITS, "too many facts for one transaction"
        self.insert_all(insert_fact, rows)
        return emitted
