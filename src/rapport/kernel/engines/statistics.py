# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# apsw's stubs leave its row types partly unknown.
"""What SQLite's planner is told about our indexes, so that a corp is never mistaken for ten rows.

Without statistics the planner takes an equality on an index's first column to leave ten rows. Each of our keys begins
with ``corp_id``, so it would rather read a whole corp than look up a member's unread conversations or a consumer's
relations. ANALYZE at run time would measure an empty database, and would change plans from one day to the next; these
numbers are fixed and say what a large corp looks like.
"""

import apsw

ROWS = 1_000_000
ROWS_PER_CORP = 200_000
ROWS_PER_FIRST_KEY = 100
ROWS_PER_KEY = 10


# The primary key of a table WITHOUT ROWID is the table itself, and goes by the table's name.
_INDEXES = """
SELECT t.name, CASE WHEN t.wr AND l.origin = 'pk' THEN t.name ELSE l.name END, l.name, l."unique"
FROM pragma_table_list AS t JOIN pragma_index_list(t.name) AS l
WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%'
"""


def plant_statistics(connection: apsw.Connection) -> None:
    """Write the statistics of every index, unless they are there; connections opened later read them."""
    wanted = {
        (table, name, _statistics(connection, index, unique=bool(unique)))
        for table, name, index, unique in connection.execute(_INDEXES)
    }
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'").fetchone() is None:
        # Only ANALYZE may make the table.
        connection.execute("ANALYZE")
    if set(connection.execute("SELECT tbl, idx, stat FROM sqlite_stat1")) == wanted:
        return
    with connection:
        connection.execute("DELETE FROM sqlite_stat1")
        connection.executemany("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", sorted(wanted))
    connection.execute("ANALYZE sqlite_master")


def _statistics(connection: apsw.Connection, index: str, *, unique: bool) -> str:
    """Rows of the index, then for each leading part of its columns how many rows share one value of that part."""
    columns = [name for (name,) in connection.execute("SELECT name FROM pragma_index_info(?) ORDER BY seqno", (index,))]
    last = 1 if unique else ROWS_PER_KEY
    first = ROWS_PER_CORP if columns[0] == "corp_id" else ROWS_PER_FIRST_KEY
    steps = len(columns) - 1
    shares = [last] if steps == 0 else [round(first * (last / first) ** (place / steps)) for place in range(steps + 1)]
    return " ".join(str(number) for number in (ROWS, *shares))
