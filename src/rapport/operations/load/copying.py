"""COPY into PostgreSQL."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Table

from rapport.kernel.clock import SystemClock
from rapport.kernel.engines.numbering import PLACE_BITS, read_base
from rapport.kernel.engines.postgres_tx import PostgresTx
from rapport.kernel.ids import Ids
from rapport.kernel.tx import Tx
from rapport.operations.errors import OperationError
from rapport.operations.numbers import Rows


class _Unpiped(psycopg.Pipeline):
    """A pipeline that was never begun: COPY cannot go through one, and every other statement is waited for."""

    def sync(self) -> None:
        """Wait for nothing."""


class ServerWriting:
    """Into a database of PostgreSQL, beside whoever serves it."""

    def __init__(self, connection: Rows) -> None:
        self._connection = connection
        self._clock = SystemClock()
        self._base = read_base(connection)
        if connection.execute("SELECT row_security_active('entry')").fetchone() == (True,):
            raise OperationError(
                "A load copies rows past row-level security: give it the address of the role that owns the tables."
            )
        found = connection.execute("SELECT pg_try_advisory_lock(hashtext('rapport load'))").fetchone()
        connection.commit()
        if found != (True,):
            raise OperationError("Another `rapport load` writes to this database.")

    def take_marks(self, count: int) -> tuple[int, int]:
        """Take whole transactions, each of which could have numbered some facts."""
        numbers = [self._next_transaction() for _ in range(-(-count >> PLACE_BITS))]
        return self._base + (numbers[0] << PLACE_BITS), self._base + ((numbers[-1] + 1) << PLACE_BITS) - 1

    def _next_transaction(self) -> int:
        found = self._connection.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()
        self._connection.commit()
        assert found is not None, "this query has one row"
        return int(found[0])

    @contextmanager
    def transaction(self) -> Generator[Tx]:
        """Commit at the end."""
        try:
            tx = PostgresTx(self._connection, _Unpiped(self._connection), self._clock, Ids(self._clock), self._base)
            yield tx
            tx.flush_facts()
            self._connection.commit()
        except BaseException:
            if not self._connection.closed:
                self._connection.rollback()
            raise

    def put(self, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
        """Copy the rows."""
        names = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), names)
        with self._connection.cursor() as cursor, cursor.copy(statement) as copying:
            for row in rows:
                copying.write_row(row)

    def finish(self) -> None:
        """Let the planner know what is there now, and readers find what all can see."""
        self._connection.autocommit = True
        self._connection.execute("VACUUM (ANALYZE)")
        self._connection.autocommit = False
