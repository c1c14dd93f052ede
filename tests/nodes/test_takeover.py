"""A standby takes over: whoever writes meanwhile is told to try again, then everybody starts over from what it has."""

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import RunningServer
from tests.nodes.conftest import Nodes, arrival, member_socket, says
from tests.services import Postgres, running_postgres

pytestmark = pytest.mark.postgresql


@pytest.fixture
def pair() -> Iterator[tuple[Postgres, Postgres, str]]:
    """A primary, its standby, and the address that names both."""
    with running_postgres() as primary, tempfile.TemporaryDirectory(prefix="rapport-standby-") as folder:
        name = primary.new_database().rpartition("/")[2]
        standby = primary.new_standby(Path(folder))
        url = f"postgresql://rapport@127.0.0.1:{primary.port},127.0.0.1:{standby.port}/{name}"
        yield primary, standby, url
        standby.stop()


async def test_a_standby_takes_over(tmp_path: Path, pair: tuple[Postgres, Postgres, str]) -> None:
    primary, standby, url = pair
    nodes = Nodes(tmp_path, url, None)
    try:
        api, far = nodes.start("api,worker"), nodes.start("realtime")
        corp = nodes.new_corp()
        customer = corp.meet("xiaoming")

        def write(text: str) -> httpx.Response:
            said = {"client_id": f"client-{text}", "body": {"kind": "text", "text": text}}
            return customer.http.post(f"conversations/{customer.conversation_id}/entries", json=said)

        async with member_socket(corp, "xiaoming", far) as guide:
            epoch = guide.welcome["epoch"]
            write("before").raise_for_status()
            await arrival(guide, "entry", says("before"))
            primary.stop()
            refused = write("between")
            assert (refused.status_code, refused.json()["code"]) == (503, "try_again")
            assert refused.headers["retry-after"]
            standby.promote()
            write_until_taken(lambda: write("after"))
            await arrival(guide, "resync")
            async with member_socket(corp, "xiaoming", far) as again:
                assert again.welcome["epoch"] != epoch
                write("later").raise_for_status()
                await arrival(again, "entry", says("later"))
        api.settle()
        assert not api.application.broken.is_set(), "followers and jobs went on"
        log = corp.http("xiaoming").get(f"conversations/{customer.conversation_id}/entries?limit=50").json()["items"]
        assert [entry["body"]["text"] for entry in log if entry["kind"] == "text"] == ["before", "after", "later"]
        assert _epochs(api) == _epochs(far) != epoch
    finally:
        nodes.close()
        primary.launch()


def write_until_taken(write: Callable[[], httpx.Response]) -> None:
    deadline = time.monotonic() + 30
    while (answer := write()).status_code == httpx.codes.SERVICE_UNAVAILABLE:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    answer.raise_for_status()


def _epochs(node: RunningServer) -> str:
    return node.application.runtime.epoch
