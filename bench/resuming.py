"""Coming back after an hour: what changed of very many conversations, in how many queries, at which cost.

Floor: one query by index for the changed rows of the guide's participant table, and nothing made of them.
"""

import time
from contextlib import closing
from statistics import median

import apsw

from bench.load import Sample, ask, fetch
from bench.processes import product
from bench.report import Line
from bench.run import Bench
from bench.statements import Counting
from rapport.features.conversations.queries.sync import sync
from rapport.features.identity.api import read_session
from rapport.kernel.engines.sqlite import connect as open_database

BUDGET_QUERIES = 10
BUDGET_TIMES = 50
CONNECTIONS = 2
REPEATS = 200
_ROWS = (
    "SELECT * FROM participant WHERE corp_id = ? AND person = ? AND last_mark >= ? ORDER BY last_mark, conversation_id"
)


async def measure(bench: Bench) -> list[Line]:
    """Return the line of the queries and the line of the time."""
    company, scale = bench.company, bench.scale
    path = f"/api/staff/sync?cursor={company.cursor}"
    samples: list[Sample] = []
    with product(bench.cores, company.folder) as server:
        body = await fetch(server, path, company.guide.token)
        for _ in range(scale.rounds):
            token = company.guide.token
            samples.append(await ask(server, path, token, connections=CONNECTIONS, seconds=scale.seconds))
    epoch, _, mark = company.cursor.partition(".")
    with closing(open_database(company.database, read_only=True)) as database:
        floor, rows = _floor_us(database, (company.corp_id, company.guide.person, int(mark)))
        assert rows == scale.size.changed, f"{rows} rows changed, not {scale.size.changed}"
        counting = Counting(database)
        read_session(counting.tx, "staff", company.guide.token)
        answer = sync(counting.tx, [company.viewer()], epoch, company.cursor)
        assert len(answer.conversations) == rows, "everything that changed is in the answer"
    of = f"resume of {rows} among {len(company.guide.met):,} conversations"
    return [
        Line(name=f"{of}: queries", unit="queries", rounds=[counting.count], budget=BUDGET_QUERIES),
        Line(
            name=f"{of}: server CPU",
            unit="µs",
            rounds=[sample.server_us for sample in samples],
            floor=floor,
            floor_of="one indexed read of the rows",
            budget=BUDGET_TIMES,
            bounds="ratio",
            also={"p50 ms": median(sample.quantile_ms(0.5) for sample in samples), "body KiB": len(body) / 1024},
        ),
    ]


def _floor_us(database: apsw.Connection, key: tuple[str, str, int]) -> tuple[float, int]:
    """Read the rows many times; the median CPU time in microseconds and how many rows there are."""
    spent: list[float] = []
    rows: list[tuple[apsw.SQLiteValue, ...]] = []
    for _ in range(REPEATS):
        began = time.thread_time()
        rows = database.execute(_ROWS, key).fetchall()
        spent.append(time.thread_time() - began)
    return median(spent) * 1e6, len(rows)
