"""What lists cost: a bounded number of statements, the same for three conversations and for sixty."""

from collections.abc import Callable

import pytest

from rapport.features.conversations.access import Viewer
from rapport.features.conversations.queries.lists import list_conversations
from rapport.features.conversations.queries.sync import sync
from rapport.kernel.tx import ReadTx
from tests.conftest import Corp, RunningServer
from tests.counting import Counting
from tests.features.conversations.test_sending import send


def statements_of(server: RunningServer, query: Callable[[ReadTx], object]) -> int:
    """Run a query on the server's database and return how many statements it took."""

    def counted(tx: ReadTx) -> int:
        counting = Counting(tx)
        query(counting)
        return counting.queries

    return server.read(counted)


@pytest.mark.parametrize("segment", ["all", "unread", "waiting", "customer"])
def test_a_page_costs_the_same_for_few_and_for_many(server: RunningServer, corp: Corp, segment: str) -> None:
    viewers = [Viewer(corp.corp_id, "m:xiaoming")]

    def page(tx: ReadTx) -> object:
        return list_conversations(tx, viewers, segment, None, 30)  # pyright: ignore[reportArgumentType]  a segment

    for customer in (corp.meet("xiaoming") for _ in range(3)):
        send(customer.http, customer.conversation_id, "在吗")
    few = statements_of(server, page)
    for customer in (corp.meet("xiaoming") for _ in range(12)):
        send(customer.http, customer.conversation_id, "在吗")
    assert statements_of(server, page) == few <= 14


def test_resuming_costs_at_most_ten_statements(server: RunningServer, corp: Corp) -> None:
    viewers = [Viewer(corp.corp_id, "m:xiaoming")]
    epoch = server.application.runtime.epoch
    cursor = corp.http("xiaoming").get("sync").json()["cursor"]
    for customer in (corp.meet("xiaoming") for _ in range(8)):
        send(customer.http, customer.conversation_id, "在吗")
    assert statements_of(server, lambda tx: sync(tx, viewers, epoch, cursor)) <= 10
