"""What lists cost: a bounded number of statements, the same for three conversations and for sixty."""

import re
from collections.abc import Callable

import apsw
import pytest

from rapport.features.conversations.access import Viewer
from rapport.features.conversations.queries.lists import list_conversations
from rapport.features.conversations.queries.sync import sync
from rapport.kernel.engines.sqlite_tx import SqliteReadTx
from rapport.kernel.tx import ReadTx
from tests.conftest import Corp, RunningServer
from tests.counting import Counting
from tests.features.conversations.test_sending import send


def cost_of(server: RunningServer, query: Callable[[ReadTx], object]) -> tuple[int, int]:
    """Run a query on the server's database and return how many statements it took, and how many goes."""

    def counted(tx: ReadTx) -> tuple[int, int]:
        counting = Counting(tx)
        query(counting)
        return counting.queries, counting.goes

    return server.read(counted)


@pytest.mark.parametrize("segment", ["all", "unread", "waiting", "customer"])
def test_a_page_costs_the_same_for_few_and_for_many(server: RunningServer, corp: Corp, segment: str) -> None:
    viewers = [Viewer(corp.corp_id, "m:xiaoming")]

    def page(tx: ReadTx) -> object:
        return list_conversations(tx, viewers, segment, None, 30)  # pyright: ignore[reportArgumentType]  a segment

    for customer in (corp.meet("xiaoming") for _ in range(3)):
        send(customer.http, customer.conversation_id, "在吗")
    few = cost_of(server, page)
    for customer in (corp.meet("xiaoming") for _ in range(12)):
        send(customer.http, customer.conversation_id, "在吗")
    statements, goes = cost_of(server, page)
    assert (statements, goes) == few
    assert statements <= 11
    assert goes <= 4  # the rows, who is in them, who those are as customers, and as consumers


def test_resuming_costs_at_most_ten_statements_with_the_sessions(server: RunningServer, corp: Corp) -> None:
    viewers = [Viewer(corp.corp_id, "m:xiaoming")]
    epoch = server.application.runtime.epoch
    cursor = corp.http("xiaoming").get("sync").json()["cursor"]
    for customer in (corp.meet("xiaoming") for _ in range(8)):
        send(customer.http, customer.conversation_id, "在吗")
    statements, goes = cost_of(server, lambda tx: sync(tx, viewers, epoch, cursor))
    assert statements <= 9
    assert goes <= 5  # as a page, after the look at the clock of marks


def plans_of(server: RunningServer, query: Callable[[ReadTx], object]) -> str:
    """Run a query on the server's database and return how the engine looks its rows up."""

    def explain(tx: ReadTx) -> str:
        assert isinstance(tx, SqliteReadTx)
        asked: list[str] = []
        tx.connection.trace_v2(apsw.SQLITE_TRACE_STMT, lambda event: asked.append(event["sql"]))
        try:
            query(tx)
        finally:
            tx.connection.trace_v2(0)
        plans: list[str] = []
        for sql in asked:
            names = dict.fromkeys(re.findall(r":(\w+)", sql), 1)
            plans += [str(row[3]) for row in tx.connection.execute(f"EXPLAIN QUERY PLAN {sql}", names)]
        return "\n".join(plans)

    return server.read(explain)


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("segment", "lookups"),
    [
        (
            "all",
            ["list (corp_id=? AND person=? AND last_mark<?)", "pinned (corp_id=? AND person=?", "large (corp_id=?"],
        ),
        ("unread", ["unread (corp_id=? AND person=?)"]),
        ("waiting", ["waiting (corp_id=? AND person=? AND waiting_since>?)"]),
    ],
)
def test_a_page_is_found_by_index(server: RunningServer, corp: Corp, segment: str, lookups: list[str]) -> None:
    viewers = [Viewer(corp.corp_id, "m:xiaoming")]
    plans = plans_of(server, lambda tx: list_conversations(tx, viewers, segment, None, 30))  # pyright: ignore[reportArgumentType]  a segment
    for lookup in [*lookups, "unread (corp_id=? AND person=?", "waiting (corp_id=? AND person=?"]:
        assert f"INDEX ix_participant_{lookup}" in plans, plans


@pytest.mark.sqlite
def test_what_changed_is_found_by_index(server: RunningServer, corp: Corp) -> None:
    viewers = [Viewer(corp.corp_id, "m:xiaoming")]
    runtime = server.application.runtime
    plans = plans_of(server, lambda tx: sync(tx, viewers, runtime.epoch, f"{runtime.epoch}.1"))
    for stamp in ("list (corp_id=? AND person=? AND last_mark>?)", "mark (corp_id=? AND person=? AND mark>?)"):
        assert f"INDEX ix_participant_{stamp}" in plans, plans
