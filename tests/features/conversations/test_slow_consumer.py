"""A client that does not read: its queue is bounded, nobody else waits, and it is told to catch up."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from websockets.asyncio.client import ClientConnection, connect

from rapport.kernel.actor import MemberActor
from rapport.kernel.metrics.meters import Meters
from rapport.kernel.realtime.connection import Connection
from tests.conftest import Corp, RunningServer
from tests.features.conversations.test_sending import direct

MESSAGES = 1_800
TEXT = "很长的一段话" * 200


async def test_a_client_that_stops_reading_loses_its_queue_and_nobody_waits(
    server: RunningServer, corp: Corp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.application.realtime, "patience_s", 120.0)
    _, other, conversation_id = direct(corp)
    admin = corp.http("laoban", "admin")
    for policy in ("realtime.frames_per_s", "conversations.sends_per_minute"):
        assert admin.put(f"policies/{policy}", json={"value": 1_000_000}).status_code == 200
    headers = {"Authorization": f"Bearer {corp.token('xiaohong')}"}
    url = f"{server.url.replace('http', 'ws')}/realtime/staff"
    async with connect(
        url, additional_headers=headers, compression=None, max_queue=1, proxy=None, close_timeout=0.1
    ) as deaf:
        await deaf.send(json.dumps({"type": "hello", "cursor": None}))
        async with corp.socket("xiaoming") as writer, corp.socket("xiaohong") as witness:
            for start in range(0, MESSAGES, 50):
                numbers = range(start, start + 50)
                await asyncio.gather(*(writer.send(conversation_id, TEXT, f"client-id-{n:05}") for n in numbers))
            async with asyncio.timeout(30):
                while len(witness.frames) < MESSAGES:  # noqa: ASYNC110  frames come from another task
                    await asyncio.sleep(0.02)
            assert [frame["entry"]["seq"] for frame in witness.frames] == list(range(1, MESSAGES + 1))
        kinds: list[str] = []
        while "resync" not in kinds:
            kinds.append(json.loads(await asyncio.wait_for(deaf.recv(), 5))["type"])
        assert kinds.count("entry") < MESSAGES
    assert other.get(f"conversations/{conversation_id}").json()["last_seq"] == MESSAGES


@asynccontextmanager
async def deaf_socket(server: RunningServer, corp: Corp) -> AsyncIterator[ClientConnection]:
    """Connect xiaohong, who says hello and then reads nothing; the kernel keeps little for her."""
    headers = {"Authorization": f"Bearer {corp.token('xiaohong')}"}
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    narrow.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
    narrow.connect(("127.0.0.1", urlsplit(server.url).port))
    async with connect(
        f"{server.url.replace('http', 'ws')}/realtime/staff",
        sock=narrow,
        additional_headers=headers,
        compression=None,
        max_queue=1,
        proxy=None,
        close_timeout=0.1,
    ) as deaf:
        await deaf.send(json.dumps({"type": "hello", "cursor": None}))
        yield deaf


async def fill(corp: Corp, conversation_id: str) -> None:
    """Let xiaoming say more than fits between the two."""
    async with corp.socket("xiaoming") as writer:
        for number in range(150):
            await writer.send(conversation_id, TEXT, f"client-id-{number:05}")


async def until_connected(server: RunningServer, people: int) -> None:
    async with asyncio.timeout(30):
        while server.application.runtime.hub.count != people:  # noqa: ASYNC110  the server counts in another thread
            await asyncio.sleep(0.02)


@pytest.fixture
def apart(own_server: RunningServer) -> Iterator[Corp]:
    """A corp alone on its server, in which people may talk as fast as they like."""
    made = own_server.new_corp()
    for policy in ("realtime.frames_per_s", "conversations.sends_per_minute"):
        assert made.http("laoban", "admin").put(f"policies/{policy}", json={"value": 1_000_000}).status_code == 200
    yield made
    made.close()


async def test_a_client_that_takes_nothing_for_too_long_is_cut_off(own_server: RunningServer, apart: Corp) -> None:
    own_server.application.realtime.patience_s = 0.3
    _, _, conversation_id = direct(apart)
    async with deaf_socket(own_server, apart), apart.socket("laoban") as witness:
        await until_connected(own_server, 2)
        await fill(apart, conversation_id)
        await until_connected(own_server, 1)
        await witness.say({"type": "ping", "seqs": {}})
        await witness.expect("pong")


async def test_a_server_that_goes_does_not_wait_for_whoever_takes_nothing(
    own_server: RunningServer, apart: Corp
) -> None:
    own_server.application.realtime.patience_s = 120.0
    _, _, conversation_id = direct(apart)
    async with deaf_socket(own_server, apart), apart.socket("laoban") as witness:
        await until_connected(own_server, 2)
        await fill(apart, conversation_id)
        hub = own_server.application.runtime.hub
        async with asyncio.timeout(30):
            await asyncio.to_thread(own_server.run, hub.shut(0))
        await witness.expect("bye", reason="restart")
        await until_connected(own_server, 0)


class NarrowSocket:
    """A transport that takes what it is told to take."""

    def __init__(self) -> None:
        self.writable = asyncio.Event()
        self.take: Callable[[str], None] | None = None
        self.left = 100
        self.was_cut = False

    def write(self, frames: bytes) -> bool:
        return bool(frames)

    def unsent(self) -> int:
        return self.left

    def abort(self) -> None:
        self.was_cut = True


async def test_a_client_that_takes_little_at_a_time_stays() -> None:
    async def send(_: dict[str, Any]) -> None: ...

    actor = MemberActor("ww1", "xiaohong", "session", "member", "staff", "zh-CN")
    narrow = NarrowSocket()
    connection = Connection(narrow, send, Meters(), actor, set(), 20, patience_s=0.1)
    connection.push(b"frame")
    for _ in range(10):
        await asyncio.sleep(0.05)
        narrow.left -= 1
    assert not narrow.was_cut
    await asyncio.sleep(0.4)
    assert narrow.was_cut
