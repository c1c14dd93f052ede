# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# apsw's stubs leave its row types partly unknown.
"""Opening an embedded database from beside: a consistent copy of one that is being served, or sole possession of it."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from rapport.operations.errors import OperationError
from rapport.operations.tallies import Tally, tally_of

PAGES_AT_ONCE = 2048
WAIT_MS = 10_000
GONE_WAIT_MS = 500


def tables_of(connection: apsw.Connection) -> list[str]:
    """Return the names of the tables that hold the installation."""
    found = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    )
    return [str(name) for (name,) in found]


def columns_of(connection: apsw.Connection, table: str) -> list[str]:
    """Return the names of a table's columns, in their order."""
    found = connection.execute("SELECT name FROM pragma_table_info(?) ORDER BY cid", (table,))
    return [str(name) for (name,) in found]


def rows_of(connection: apsw.Connection, table: str, columns: list[str]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a table as they lie there."""
    names = ", ".join(f'"{column}"' for column in columns)
    return iter(connection.execute(f'SELECT {names} FROM "{table}"'))  # noqa: S608  names from the schema


def tallies_of(connection: apsw.Connection) -> dict[str, Tally]:
    """Count every table, its columns in alphabetical order."""
    return {
        table: tally_of(rows_of(connection, table, sorted(columns_of(connection, table))))
        for table in tables_of(connection)
    }


@contextmanager
def reading_file(path: Path) -> Generator[apsw.Connection]:
    """Open a database file for reading, beside a server if need be; what is wrong with it is one sentence."""
    try:
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    except apsw.Error as error:
        raise OperationError(f"{path} cannot be opened ({error}).") from error
    try:
        connection.set_busy_timeout(WAIT_MS)
        connection.execute("PRAGMA cache_size=-65536").fetchall()
        connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
        yield connection
    except (apsw.CorruptError, apsw.NotADBError) as error:
        raise OperationError(f"{path} is damaged ({error}): restore a backup.") from error
    except (apsw.CantOpenError, apsw.ReadOnlyError, apsw.IOError) as error:
        raise OperationError(
            f"{path} cannot be read ({error}): whoever runs this must own its folder, as the server does."
        ) from error
    finally:
        connection.close()


def copy_served_file(path: Path, to: Path) -> None:
    """Copy a database as it is at one moment, in steps, while a server writes to it.

    The copy is one file without a log. Raises OperationError.
    """
    with reading_file(path) as source:
        # Held for all steps: without it each write of the server would make the copy begin anew.
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchall()
        target = apsw.Connection(str(to))
        try:
            with target.backup("main", source, "main") as copying:
                while not copying.done:
                    copying.step(PAGES_AT_ONCE)
            source.execute("COMMIT")
            target.execute("PRAGMA journal_mode=DELETE").fetchall()
            wrong = target.execute("PRAGMA quick_check(1)").fetchall()
            if wrong != [("ok",)]:
                raise OperationError(f"{path} is damaged ({wrong[0][0]}): no backup was made; restore an earlier one.")
        except (apsw.FullError, apsw.IOError) as error:
            raise OperationError(
                f"The copy could not be written into {to.parent} ({error}): is the disk full?"
            ) from error
        finally:
            target.close()


@contextmanager
def possessing(path: Path) -> Generator[apsw.Connection]:
    """Open a database that nobody else has open, nor can open meanwhile; OperationError where somebody has."""
    try:
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    except apsw.Error as error:
        raise OperationError(f"{path} cannot be opened ({error}).") from error
    try:
        connection.set_busy_timeout(GONE_WAIT_MS)
        # Every connection to a database with a write-ahead log keeps a shared lock for as long as it is open.
        connection.execute("PRAGMA locking_mode=EXCLUSIVE").fetchall()
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
            connection.execute("BEGIN IMMEDIATE; ROLLBACK")
        except apsw.BusyError as error:
            raise OperationError(f"{path} is in use: stop the server first, and every other `rapport`.") from error
        except (apsw.CorruptError, apsw.NotADBError) as error:
            raise OperationError(f"{path} is damaged ({error}): restore a backup.") from error
        except (apsw.CantOpenError, apsw.ReadOnlyError, apsw.IOError) as error:
            raise OperationError(f"{path} cannot be taken ({error}): it must belong to who runs this.") from error
        yield connection
    finally:
        connection.close()


@contextmanager
def owning_file(path: Path) -> Generator[apsw.Connection]:
    """Possess a database alone, in one transaction that is undone at the end."""
    with possessing(path) as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        finally:
            connection.execute("ROLLBACK")
