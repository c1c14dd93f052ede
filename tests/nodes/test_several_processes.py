"""Several processes on one database: whatever one of them commits reaches everybody, wherever they are connected."""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from rapport.kernel.followers import list_states
from rapport.kernel.leases import list_leases
from tests.conftest import NO_TLS, RunningServer
from tests.nodes.conftest import Nodes, arrival, consumer_socket, member_socket, says
from tests.services import Nats, running_nats

pytestmark = pytest.mark.postgresql


@pytest.fixture(params=["NOTIFY", "NATS"])
def bus(request: pytest.FixtureRequest) -> Iterator[Nats | None]:
    """What the processes wake each other with; None is PostgreSQL."""
    if request.param == "NOTIFY":
        yield None
        return
    with running_nats() as nats:
        yield nats


@pytest.fixture
def nodes(opened: Callable[[str | None], Nodes], bus: Nats | None) -> Nodes:
    """Processes of one installation."""
    return opened(bus.url if bus else None)


async def test_everybody_gets_every_entry_once_wherever_they_are(nodes: Nodes) -> None:
    _, one, other = nodes.start("api,worker"), nodes.start("realtime"), nodes.start("realtime")
    corp = nodes.new_corp()
    customer = corp.meet("xiaoming")
    conversation_id = customer.conversation_id
    async with member_socket(corp, "xiaoming", one) as guide, consumer_socket(customer, other) as theirs:
        for number in range(20):
            speaker = guide if number % 2 else theirs
            await speaker.send(conversation_id, f"#{number}", f"client-{number}")
        said = {"client_id": "client-http", "body": {"kind": "text", "text": "over HTTP"}}
        customer.http.post(f"conversations/{conversation_id}/entries", json=said).raise_for_status()
        log = corp.http("xiaoming").get(f"conversations/{conversation_id}/entries?limit=100").json()["items"]
        for socket in (guide, theirs):
            await arrival(socket, "entry", says("over HTTP"))
            pushed = [frame["entry"] for frame in socket.frames if frame["type"] == "entry"]
            assert len({entry["seq"] for entry in pushed}) == len(pushed), "an entry came twice"
            assert [entry for entry in log if entry["kind"] == "text"] == [
                entry for entry in sorted(pushed, key=_seq) if entry["kind"] == "text"
            ]


def _seq(entry: dict[str, Any]) -> int:
    return entry["seq"]


async def test_a_recall_reaches_another_process(nodes: Nodes) -> None:
    _, far = nodes.start("api,worker"), nodes.start("realtime")
    corp = nodes.new_corp()
    customer = corp.meet("xiaoming")
    entries = f"conversations/{customer.conversation_id}/entries"
    async with member_socket(corp, "xiaoming", far) as guide:
        said = {"client_id": "client-1", "body": {"kind": "text", "text": "说错了"}}
        sent = customer.http.post(entries, json=said).json()
        customer.http.post(f"{entries}/{sent['seq']}/recall", json={"client_id": "client-2"}).raise_for_status()
        await arrival(guide, "entry", lambda frame: frame["entry"]["target_seq"] == sent["seq"])


async def test_signing_out_closes_sockets_of_other_processes(nodes: Nodes) -> None:
    _, far = nodes.start("api,worker"), nodes.start("realtime")
    corp = nodes.new_corp()
    devices = corp.http("xiaoming")
    async with member_socket(corp, "xiaoming", far) as guide:
        sessions = devices.get("sessions").json()["items"]
        session = next(each for each in sessions if each["session_id"] == guide.welcome["session_id"])
        devices.delete(f"sessions/{session['session_id']}").raise_for_status()
        async with asyncio.timeout(5):
            assert await guide.closed() == 4401


async def test_a_new_customer_of_another_process_shows_up_and_a_worker_greets(nodes: Nodes) -> None:
    _, far = nodes.start("api"), nodes.start("realtime")
    nodes.start("worker")
    corp = nodes.new_corp()
    corp.http("xiaoming").put("greeting", json={"greeting": [{"kind": "text", "text": "您好"}]}).raise_for_status()
    async with member_socket(corp, "xiaoming", far) as guide:
        customer = corp.meet("xiaoming")
        await arrival(guide, "conversation")
        await arrival(guide, "entry", says("您好"))
        async with consumer_socket(customer, far) as theirs:
            await theirs.send(customer.conversation_id, "在吗", "client-1")
            await arrival(guide, "entry", says("在吗"))


async def test_somebody_typing_is_seen_from_another_process(nodes: Nodes) -> None:
    _, far = nodes.start("api,worker,realtime"), nodes.start("realtime")
    corp = nodes.new_corp()
    customer = corp.meet("xiaoming")
    watching = {"type": "watch", "conversation_ids": [customer.conversation_id]}
    async with member_socket(corp, "xiaoming", far) as guide, customer.socket() as theirs:
        await guide.say(watching)
        async with asyncio.timeout(10):
            while not any(frame["type"] == "typing" for frame in guide.frames):
                await theirs.say({"type": "typing", "conversation_id": customer.conversation_id})
                await asyncio.sleep(0.2)
        found = await arrival(guide, "typing")
        assert found["person"].startswith("c:")


def test_one_worker_follows_at_a_time_and_another_takes_over(nodes: Nodes) -> None:
    api, first = nodes.start("api"), nodes.start("worker")
    while len(holder := _holders(api)) == 0:
        time.sleep(0.02)
    second = nodes.start("worker")
    time.sleep(0.5)
    assert _holders(api) == holder
    assert len(holder) == 1
    nodes.stop(first)
    corp = nodes.new_corp()
    corp.meet("xiaoming")
    second.settle()
    assert _holders(api).isdisjoint(holder)
    assert all(state.lag == 0 for state in second.read(list_states))


def _holders(node: RunningServer) -> set[str]:
    return {lease.holder for lease in node.read(list_leases)}


def test_a_process_says_what_it_does_not_do(nodes: Nodes) -> None:
    realtime = nodes.start("realtime")
    answer = httpx.get(f"{realtime.url}/api/staff/me", trust_env=False, verify=NO_TLS)
    assert (answer.status_code, answer.json()["code"]) == (421, "served_elsewhere")
    assert httpx.get(f"{realtime.url}/staff/", trust_env=False, verify=NO_TLS).status_code == 421
    assert httpx.get(f"{realtime.url}/healthz", trust_env=False, verify=NO_TLS).status_code == 200


async def test_a_process_without_sockets_refuses_them(nodes: Nodes) -> None:
    api = nodes.start("api,worker")
    corp = nodes.new_corp()
    with pytest.raises(InvalidStatus) as caught:
        await member_socket(corp, "xiaoming", api).connect()
    assert caught.value.response.status_code == 403
