# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# apsw's stubs leave its row types partly unknown.
"""Writing very many rows: multi-row inserts on the embedded engine, COPY on PostgreSQL, a transaction per chunk."""

from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

import apsw
from sqlalchemy import Table

from rapport.database import FILE_NAME
from rapport.kernel.clock import SystemClock
from rapport.kernel.engines.sqlite_tx import SqliteTx
from rapport.kernel.ids import Ids
from rapport.kernel.tx import Tx
from rapport.operations.embedded import GONE_WAIT_MS, possessing
from rapport.operations.errors import OperationError
from rapport.settings import Settings

CACHE_KIB = 2 << 20
"""Memory for pages at most: rows go all over the indexes, and a page that fits is written once per chunk."""


class Writing(Protocol):
    """Where a load writes to."""

    def take_marks(self, count: int) -> tuple[int, int]:
        """Take numbers that no fact and no other mark will have; return the first and the last. Commits by itself."""
        ...

    def transaction(self) -> AbstractContextManager[Tx]:
        """Write something whole."""
        ...

    def put(self, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert rows whose values are in the order of the table's columns, in the transaction that is open."""
        ...

    def finish(self) -> None:
        """Do what makes reading fast after very much was written."""
        ...


class FileWriting:
    """Into an embedded database that nobody else has open."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._clock = SystemClock()

    def take_marks(self, count: int) -> tuple[int, int]:
        """Take numbers of the journal's own sequence."""
        with self.transaction() as tx:
            first = tx.mark
            self._connection.execute("DELETE FROM sqlite_sequence WHERE name = 'journal'")
            self._connection.execute(
                "INSERT INTO sqlite_sequence (name, seq) VALUES ('journal', ?)", (first + count - 1,)
            )
        return first, first + count - 1

    @contextmanager
    def transaction(self) -> Generator[Tx]:
        """Commit at the end and fold the log into the file: nobody else does."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            tx = SqliteTx(self._connection, self._clock, Ids(self._clock))
            yield tx
            tx.flush_facts()
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise
        self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)

    def put(self, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert with one statement for all."""
        marks = ", ".join("?" * len(table.columns))
        names = ", ".join(column.name for column in table.columns)
        self._connection.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", rows)  # noqa: S608  names from the schema

    def finish(self) -> None:
        """Nothing: the planner's statistics are fixed."""


@contextmanager
def writing(settings: Settings) -> Generator[Writing]:
    """Open an installation for a load; raises OperationError and SchemaError."""
    if settings.database_url is None:
        with _writing_file(settings.data / FILE_NAME) as opened:
            yield opened
        return
    # Its driver is loaded where it is used: the embedded engine starts without.
    from rapport.operations.engines import connected_to  # noqa: PLC0415
    from rapport.operations.load.copying import ServerWriting  # noqa: PLC0415  same

    with connected_to(settings.database_url) as connection:
        yield ServerWriting(connection)


@contextmanager
def _writing_file(path: Path) -> Generator[Writing]:
    with possessing(path) as connection:
        connection.set_busy_timeout(GONE_WAIT_MS)
        connection.execute("PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA foreign_keys=ON")
        connection.execute(f"PRAGMA temp_store=MEMORY; PRAGMA cache_size=-{CACHE_KIB}")
        try:
            yield FileWriting(connection)
        except (apsw.FullError, apsw.IOError) as error:
            raise OperationError(
                f"{path} cannot be written any further ({error}): is the disk full? What was loaded so far stays."
            ) from error
