"""Several processes of one installation, on one database and whatever bus there is."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rapport.client import Socket
from rapport.client.socket import Frame
from tests.conftest import Corp, Customer, RunningServer


class Nodes:
    """Processes that share a database and a folder of files."""

    def __init__(self, folder: Path, url: str, nats_url: str | None) -> None:
        self.folder, self.url, self.nats_url = folder, url, nats_url
        self.running: list[RunningServer] = []
        self.corps: list[Corp] = []

    def start(self, role: str) -> RunningServer:
        node = RunningServer(self.folder, database_url=self.url, nats_url=self.nats_url, role=role)
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

    def close(self) -> None:
        for corp in self.corps:
            corp.close()
        for node in list(self.running):
            self.stop(node)


@pytest.fixture
def opened(tmp_path: Path, served_database: Callable[[], str]) -> Iterator[Callable[[str | None], Nodes]]:
    """Open an installation whose processes meet at NATS servers, or at PostgreSQL."""
    found: list[Nodes] = []

    def open_at(nats_url: str | None) -> Nodes:
        found.append(Nodes(tmp_path, served_database(), nats_url))
        return found[-1]

    yield open_at
    for nodes in found:
        nodes.close()


def member_socket(corp: Corp, userid: str, node: RunningServer) -> Socket:
    """Return a member's socket at another process than the one that made the corp."""
    return Socket(node.url, "staff", token=corp.token(userid), cookie=None)


def consumer_socket(customer: Customer, node: RunningServer) -> Socket:
    """Return a consumer's socket at a process."""
    cookie = "; ".join(f"{name}={value}" for name, value in customer.http.cookies.items())
    return Socket(node.url, "consumer", token=None, cookie=cookie)


async def arrival(socket: Socket, kind: str, having: Callable[[Frame], bool] = bool, within_s: float = 30) -> Frame:
    """Wait for a frame and leave it where it is."""
    async with asyncio.timeout(within_s):
        while True:
            found = next((frame for frame in socket.frames if frame["type"] == kind and having(frame)), None)
            if found is not None:
                return found
            await asyncio.sleep(0.02)


def says(wanted: str) -> Callable[[Frame], bool]:
    return lambda frame: (frame["entry"]["body"] or {}).get("text") == wanted
