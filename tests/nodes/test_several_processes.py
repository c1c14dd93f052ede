"""Several processes on one database: whatever one of them commits reaches everybody, wherever they are connected."""

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from rapport.client import Socket
from rapport.client.socket import Frame
from rapport.kernel.followers import list_states
from rapport.kernel.leases import list_leases
from tests.conftest import NO_TLS, Corp, Customer, RunningServer

pytestmark = pytest.mark.postgresql


class Nodes:
    """Processes that share a database and a folder of files."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.running: list[RunningServer] = []
        self.corps: list[Corp] = []

    def start(self, role: str) -> RunningServer:
        node = RunningServer(self.folder, database_url=self.url, role=role)
        node.start()
        self.running.append(node)
        return node

    def new_corp(self) -> Corp:
        """Make a corp through the first process."""
        self.corps.append(self.running[0].new_corp())
        return self.corps[-1]

    def stop(self, node: RunningServer) -> None:
        self.running.remove(node)
        node.stop()


@pytest.fixture
def nodes(tmp_path: Path, new_database: Callable[[], str]) -> Iterator[Nodes]:
    """Processes of one installation."""
    found = Nodes(tmp_path, new_database())
    yield found
    for corp in found.corps:
        corp.close()
    for node in list(found.running):
        found.stop(node)


def member_socket(corp: Corp, userid: str, node: RunningServer) -> Socket:
    """Return a member's socket at another process than the one that made the corp."""
    return Socket(node.url, "staff", token=corp.token(userid), cookie=None)


def consumer_socket(customer: Customer, node: RunningServer) -> Socket:
    """Return a consumer's socket at a process."""
    cookie = "; ".join(f"{name}={value}" for name, value in customer.http.cookies.items())
    return Socket(node.url, "consumer", token=None, cookie=cookie)


def text(body: str) -> dict[str, str]:
    return {"kind": "text", "text": body}


async def arrival(socket: Socket, kind: str, having: Callable[[Frame], bool] = bool) -> Frame:
    """Wait for a frame and leave it where it is."""
    async with asyncio.timeout(10):
        while True:
            found = next((frame for frame in socket.frames if frame["type"] == kind and having(frame)), None)
            if found is not None:
                return found
            await asyncio.sleep(0.02)


def says(wanted: str) -> Callable[[Frame], bool]:
    return lambda frame: (frame["entry"]["body"] or {}).get("text") == wanted


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
