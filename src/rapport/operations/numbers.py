# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# apsw's stubs leave its row types partly unknown.
"""Facts and marks go on counting upwards wherever an installation lives next (docs/decisions/0006).

Cursors of followers, of programs and of clients are compared with those numbers: what is written after a move or a
restore must have a higher one than everything that was written before.
"""

from typing import Any

import apsw
import psycopg
from psycopg import sql

from rapport.kernel.engines.numbering import plant_base
from rapport.kernel.journal import PLACE_BITS

Rows = psycopg.Connection[tuple[Any, ...]]


def highest_of_file(connection: apsw.Connection) -> int:
    """Return a number that no fact, mark or cursor of an embedded database exceeds."""
    found = connection.execute(
        "SELECT max(n) FROM (SELECT seq + 1 AS n FROM sqlite_sequence WHERE name = 'journal'"
        " UNION ALL SELECT max(id) FROM journal UNION ALL SELECT max(cursor) FROM follower_cursor"
        " UNION ALL SELECT max(last_mark) FROM conversation"
        " UNION ALL SELECT max(max(last_mark, mark)) FROM participant)"
    ).fetchone()
    return int(found[0] or 0) if found else 0


def highest_of_snapshot(connection: Rows, base: int) -> int:
    """Return a number that nothing seen by a PostgreSQL snapshot reaches."""
    found = connection.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint").fetchone()
    assert found is not None, "this query has one row"
    return base + (int(found[0]) << PLACE_BITS)


def go_on_in_file(connection: apsw.Connection, above: int) -> None:
    """Let an embedded database count on above a number."""
    connection.execute("DELETE FROM installation WHERE name = 'number_base'")
    connection.execute("DELETE FROM sqlite_sequence WHERE name = 'journal'")
    connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('journal', ?)", (above,))


def go_on_in_postgres(connection: Rows, above: int) -> int:
    """Let a PostgreSQL database count on above a number, and its sequences above their tables; return its base."""
    base = plant_base(connection, above)
    serial = connection.execute(
        "SELECT table_name::text, column_name::text FROM information_schema.columns"
        " WHERE table_schema = current_schema() AND column_default LIKE 'nextval(%'"
    ).fetchall()
    for table, column in serial:
        connection.execute(
            sql.SQL("SELECT setval(pg_get_serial_sequence({}, {}), coalesce(max({}), 0) + 1, false) FROM {}").format(
                sql.Literal(table),
                sql.Literal(column),
                sql.Identifier(column),
                sql.Identifier(table),
            )
        )
    return base
