"""Where PostgreSQL's numbers of facts and marks begin.

A transaction numbers ``base + (xid << 16) + place``. A cluster that the installation moved to may count from lower
transaction ids than where it came from; ``base`` lifts its numbers above all that were given there.
"""

from typing import Any

import psycopg

from rapport.kernel.journal import PLACE_BITS

NAME = "number_base"
"""Its row in the table ``installation``."""


def read_base(connection: "psycopg.Connection[tuple[Any, ...]]") -> int:
    """Return the base of a database; 0 unless it was moved."""
    found = connection.execute("SELECT value FROM installation WHERE name = %s", [NAME]).fetchone()
    return 0 if found is None else int(found[0])


def base_at(url: str) -> int:
    """Return the base of the database at an address."""
    with psycopg.connect(url, connect_timeout=10) as connection:
        return read_base(connection)


def plant_base(connection: "psycopg.Connection[tuple[Any, ...]]", above: int) -> int:
    """Lift what this and every later transaction numbers above a number; return the base."""
    found = connection.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()
    assert found is not None, "this query has one row"
    base = max(0, above + 1 - (int(found[0]) << PLACE_BITS))
    connection.execute(
        "INSERT INTO installation (name, value) VALUES (%s, %s)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        [NAME, str(base)],
    )
    return base
