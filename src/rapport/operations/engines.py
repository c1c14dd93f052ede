# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# apsw's stubs leave its row types partly unknown.
"""Carrying every table from one engine to the other, and proving that all of it came over.

Rows are streamed; indexes are made after them. What fails is undone as a whole: a PostgreSQL transaction is rolled
back, a file is thrown away.
"""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw
import psycopg
from psycopg import sql

from rapport.kernel.clock import SystemClock
from rapport.kernel.engines.numbering import read_base
from rapport.kernel.engines.postgres_tx import PostgresTx
from rapport.kernel.ids import Ids
from rapport.kernel.installation import read_epoch, renew_epoch
from rapport.kernel.leases import end_leases
from rapport.migrations import HEAD, SchemaError, connected, migrate, revision_of, upgrade_sql
from rapport.operations.embedded import columns_of, rows_of, tables_of
from rapport.operations.errors import OperationError
from rapport.operations.numbers import (
    Rows,
    go_on_in_file,
    go_on_in_postgres,
    highest_of_file,
    highest_of_snapshot,
)
from rapport.operations.tallies import Counter, Tally, tally_of

HISTORY = "alembic_version"
_TYPES = {"bigint": "int8", "integer": "int4", "smallint": "int2", "text": "text", "character varying": "text"}


@contextmanager
def connected_to(url: str, *, writing: bool = False) -> Generator[Rows]:
    """Connect to PostgreSQL for as long as an operation takes; what is wrong with that is one sentence."""
    with connected(url, writing=writing) as connection:
        connection.execute("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0")
        connection.commit()
        try:
            yield connection
        except (psycopg.IntegrityError, psycopg.DataError) as error:
            reason = " ".join(str(error).split())
            raise OperationError(
                f"The installation holds what PostgreSQL does not take ({reason}); nothing was changed."
            ) from error
        except psycopg.OperationalError as error:
            reason = " ".join(str(error).split())
            raise OperationError(f"The database of PostgreSQL broke off ({reason}); nothing was changed.") from error


def take_bare(connection: Rows) -> None:
    """Keep everybody else from making tables until the transaction ends; OperationError where there are some."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtext('rapport migrations'))")
    found = connection.execute(
        "SELECT min(tablename::text) FROM pg_tables WHERE schemaname = current_schema()"
    ).fetchone()
    if found is not None and found[0] is not None:
        raise OperationError(f"The database of PostgreSQL is not empty (it holds {found[0]}): make a new one.")


def _columns_in_postgres(connection: Rows, table: str) -> dict[str, str]:
    found = connection.execute(
        "SELECT column_name::text, data_type::text FROM information_schema.columns"
        " WHERE table_schema = current_schema() AND table_name = %s",
        [table],
    )
    return {name: _TYPES[kind] for name, kind in found.fetchall()}


def _copy(verb: str, table: str, columns: list[str]) -> sql.Composed:
    names = sql.SQL(", ").join(sql.Identifier(column) for column in columns)
    if verb == "FROM STDIN":
        return sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
    return sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT").format(names, sql.Identifier(table))


def _rows_in_postgres(connection: Rows, table: str, columns: list[str]) -> Iterator[tuple[Any, ...]]:
    types = _columns_in_postgres(connection, table)
    with connection.cursor() as cursor, cursor.copy(_copy("TO STDOUT", table, columns)) as copying:
        copying.set_types([types[column] for column in columns])
        yield from copying.rows()


def tallies_in_postgres(connection: Rows, tables: list[str]) -> dict[str, Tally]:
    """Count tables, their columns in alphabetical order, as those of a file are counted."""
    return {
        table: tally_of(_rows_in_postgres(connection, table, sorted(_columns_in_postgres(connection, table))))
        for table in tables
    }


def carry_over(source: apsw.Connection, target: Rows, *, renew: bool) -> tuple[dict[str, Tally], str]:
    """Fill a bare database from a file that is at ``HEAD``, compare, and commit; all of it or nothing.

    ``renew`` begins a new epoch: clients start over. Returns what was carried and the epoch. Raises OperationError.
    """
    take_bare(target)
    carried = _fill_postgres(source, target)
    clock = SystemClock()
    base = go_on_in_postgres(target, highest_of_file(source))
    with target.pipeline() as pipeline:
        tx = PostgresTx(target, pipeline, clock, Ids(clock), base)
        epoch = renew_epoch(tx) if renew else read_epoch(tx)
        end_leases(tx)
    try:
        target.commit()
    except psycopg.OperationalError as error:
        raise OperationError(
            "The connection broke while the last step was confirmed: if the database of PostgreSQL has tables now, "
            "everything is there; if it has none, do it again."
        ) from error
    target.execute("ANALYZE")
    target.commit()
    return carried, epoch


def _fill_postgres(source: apsw.Connection, target: Rows) -> dict[str, Tally]:
    target.execute(upgrade_sql(None, "postgresql").encode())
    tables = _in_order(target, [table for table in tables_of(source) if table != HISTORY])
    later = _take_indexes_off(target)
    carried: dict[str, Tally] = {}
    for table in tables:
        columns = sorted(columns_of(source, table))
        counter = Counter()
        with target.cursor() as cursor, cursor.copy(_copy("FROM STDIN", table, columns)) as copying:
            for row in counter.watch(_storable(rows_of(source, table, columns))):
                copying.write_row(row)
        carried[table] = counter.tally
    for statement in later:
        target.execute(statement.encode())
    compare(carried, tallies_in_postgres(target, tables))
    return carried


def compare(carried: dict[str, Tally], found: dict[str, Tally]) -> None:
    """Raise OperationError unless both sides hold the same rows."""
    for table, expected in carried.items():
        other = found.get(table)
        if other != expected:
            rows = "none" if other is None else str(other.rows)
            raise OperationError(
                f"The table {table} did not come over whole ({expected.rows} rows there, {rows} here, or other "
                "content); nothing was kept."
            )


def _storable(rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Leave out the one character that no text of PostgreSQL's can hold."""
    for row in rows:
        if any(isinstance(value, str) and "\0" in value for value in row):
            yield tuple(value.replace("\0", "") if isinstance(value, str) else value for value in row)
        else:
            yield row


def _in_order(connection: Rows, tables: list[str]) -> list[str]:
    """Sort tables so that each comes after those that it refers to."""
    found = connection.execute(
        "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint WHERE contype = 'f'"
    ).fetchall()
    ordered: list[str] = []
    left = sorted(tables)
    while left:
        ready = [table for table in left if all(to in ordered or to == table for of, to in found if of == table)]
        assert ready, "the tables refer to each other in a circle"
        ordered += ready
        left = [table for table in left if table not in ready]
    return ordered


def _take_indexes_off(connection: Rows) -> list[str]:
    """Drop the indexes that no constraint needs and return the statements that make them again."""
    found = connection.execute(
        "SELECT c.relname::text, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " WHERE c.relnamespace = current_schema()::regnamespace"
        " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)"
    ).fetchall()
    for name, _ in found:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
    return [definition for _, definition in found]


def snapshot_postgres(url: str, to: Path) -> None:
    """Carry one moment of a PostgreSQL database into a new embedded one, while servers write on.

    Raises SchemaError and OperationError.
    """
    with connected_to(url) as source:
        source.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        revision = revision_of(source)
        if revision != HEAD:
            raise SchemaError(
                f"The database is at revision {revision}, this program at {HEAD}: use the version that serves it."
            )
        above = highest_of_snapshot(source, read_base(source))
        migrate(to)
        target = apsw.Connection(str(to))
        try:
            for pragma in ("journal_mode=DELETE", "synchronous=OFF", "cache_size=-100000"):
                target.execute(f"PRAGMA {pragma}").fetchall()
            target.execute("BEGIN")
            _fill_file(source, target)
            go_on_in_file(target, above)
            target.execute("COMMIT")
        except (apsw.FullError, apsw.IOError) as error:
            raise OperationError(
                f"The copy could not be written into {to.parent} ({error}): is the disk full?"
            ) from error
        finally:
            target.close()


def _fill_file(source: Rows, target: apsw.Connection) -> None:
    indexes = target.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").fetchall()
    for name, _ in indexes:
        target.execute(f'DROP INDEX "{name}"')
    for table in tables_of(target):
        if table == HISTORY:
            continue
        columns = sorted(columns_of(target, table))
        names, marks = ", ".join(f'"{column}"' for column in columns), ", ".join("?" * len(columns))
        insert = f'INSERT INTO "{table}" ({names}) VALUES ({marks})'  # noqa: S608  names from the schema
        counter = Counter()
        target.executemany(insert, counter.watch(_rows_in_postgres(source, table, columns)))
        compare({table: counter.tally}, {table: tally_of(rows_of(target, table, columns))})
    for _, statement in indexes:
        target.execute(str(statement))
