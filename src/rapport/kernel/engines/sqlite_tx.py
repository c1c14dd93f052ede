# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# apsw's stubs leave its buffer types unknown.
"""Connections to the SQLite file and the transactions on them."""

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

import apsw
import msgspec

from rapport.kernel.clock import Clock
from rapport.kernel.ids import Ids
from rapport.kernel.journal import Emission, insert_fact
from rapport.kernel.statements import Compiled, Statement
from rapport.kernel.tx import Asked, ReadTx, Tx

Row = TypeVar("Row")

BUSY_TIMEOUT_MS = 10_000

_encode_text = msgspec.json.Encoder().encode


def connect(path: Path, *, read_only: bool) -> apsw.Connection:
    """Open the database file with the settings that every connection shares."""
    flags = apsw.SQLITE_OPEN_READONLY if read_only else apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
    connection = apsw.Connection(str(path), flags=flags, statementcachesize=400)
    connection.set_busy_timeout(BUSY_TIMEOUT_MS)
    # Without the stability guarantee this SQLite (STAT4) prepares every join anew for each set of parameters:
    # 28 µs, not 3.
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
    if not read_only:
        connection.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0")
        connection.execute("PRAGMA foreign_keys=ON; PRAGMA secure_delete=FAST")
    connection.execute("PRAGMA temp_store=MEMORY; PRAGMA cache_size=-65536; PRAGMA mmap_size=268435456")
    return connection


def _bind(compiled: Compiled, parameters: dict[str, object]) -> dict[str, Any]:
    if compiled.constants:
        parameters = {**compiled.constants, **parameters}
    for name in compiled.lists:
        parameters[name] = _encode_text(parameters[name]).decode()
    return parameters


class _Answer(Asked[Row]):
    """A query that was run: this engine is in process, there is nothing to wait for."""

    __slots__ = ("_rows",)

    def __init__(self, rows: list[Row]) -> None:
        self._rows = rows

    def all(self) -> list[Row]:
        """Return its rows."""
        return self._rows

    def one(self) -> Row | None:
        """Return its first row."""
        return self._rows[0] if self._rows else None


class SqliteReadTx(ReadTx):
    """Queries on one connection; a snapshot when wrapped in BEGIN."""

    def __init__(self, connection: apsw.Connection, now: int) -> None:
        self.connection = connection
        self._execute = connection.execute
        self.now = now

    def ask(self, statement: Statement[Row], /, **parameters: object) -> Asked[Row]:
        """Run a query."""
        return _Answer(self.all(statement, **parameters))

    def all(self, statement: Statement[Row], /, **parameters: object) -> list[Row]:
        """Run a query and return its rows."""
        compiled = statement.sqlite
        row = statement.row
        return [row(*values) for values in self._execute(compiled.sql, _bind(compiled, parameters))]

    def one(self, statement: Statement[Row], /, **parameters: object) -> Row | None:
        """Run a query and return its first row, or None."""
        compiled = statement.sqlite
        rows = self._execute(compiled.sql, _bind(compiled, parameters)).fetchall()
        return statement.row(*rows[0]) if rows else None

    def each(self, statement: Statement[Row], rows: Iterable[Mapping[str, object]], /) -> list[Row | None]:
        """Run the statement per parameter set; the engine is in process, so a loop is the cheapest batch."""
        compiled, make, execute = statement.sqlite, statement.row, self._execute
        results: list[Row | None] = []
        for parameters in rows:
            found = execute(compiled.sql, _bind(compiled, dict(parameters))).fetchall()
            results.append(make(*found[0]) if found else None)
        return results

    @property
    def horizon(self) -> int:
        """The id that the next fact will take."""
        row = self._execute("SELECT seq FROM sqlite_sequence WHERE name = 'journal'").fetchone()
        return int(row[0]) + 1 if row else 1


class SqliteTx(SqliteReadTx, Tx):
    """The writer's transaction, one per batch and reused for each command in it."""

    def __init__(self, connection: apsw.Connection, clock: Clock, ids: Ids) -> None:
        Tx.__init__(self)
        SqliteReadTx.__init__(self, connection, clock.now())
        self.clock = clock
        self.ids = ids
        row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'journal'").fetchone()
        self.next_fact = int(row[0]) + 1 if row else 1

    def run(self, statement: Statement[Any], /, **parameters: object) -> int:
        """Run a statement that writes and return the number of rows it changed."""
        compiled = statement.sqlite
        self._execute(compiled.sql, _bind(compiled, parameters))
        return self.connection.changes()

    def insert_all(self, statement: Statement[None], rows: Sequence[Mapping[str, object]], /) -> None:
        """Insert the rows in one call of the driver."""
        if rows:
            self.connection.executemany(statement.sqlite.sql, cast("Any", rows))

    def run_all(self, statement: Statement[None], rows: Sequence[Mapping[str, object]], /) -> None:
        """Run the statement for every parameter set in one call of the driver."""
        if rows:
            compiled = statement.sqlite
            bound = [{**compiled.constants, **row} for row in rows] if compiled.constants else rows
            self.connection.executemany(compiled.sql, cast("Any", bound))

    @property
    def mark(self) -> int:
        """The id that the next fact of this writer will take: no snapshot before the commit has a higher horizon."""
        return self.next_fact + len(self.emitted)

    @contextmanager
    def savepoint(self) -> Generator[None]:
        """Undo everything written inside the block, facts too, when it raises."""
        emitted, effects = len(self.emitted), len(self.effects)
        self._execute("SAVEPOINT inner")
        try:
            yield
        except BaseException:
            self._execute("ROLLBACK TO inner; RELEASE inner")
            del self.emitted[emitted:], self.effects[effects:]
            self.memo.clear()
            raise
        self._execute("RELEASE inner")

    @property
    def horizon(self) -> int:
        """The id that the next fact of this writer will take."""
        return self.next_fact + len(self.emitted)

    def flush_facts(self) -> list[Emission]:
        """Write the command's facts to the journal and hand them over for distribution."""
        emitted, self.emitted = self.emitted, []
        if not emitted:
            return emitted
        rows: list[dict[str, object]] = []
        for emission in emitted:
            emission.id = emission.delivered = self.next_fact
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
            self.next_fact += 1
        self.insert_all(insert_fact, rows)
        return emitted
