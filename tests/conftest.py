"""A real server for the tests.

The whole application on a free port, its own database file, a clock that tests can move.

Every test gets a corp of its own on the shared server, so tests are apart by tenancy, which is itself under test.
"""

import asyncio
import itertools
import os
import ssl
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psycopg
import pytest
import uvloop
from sqlalchemy import func, select, text

from rapport.app import Application, running
from rapport.client import Client, Socket
from rapport.features.identity.api import open_session
from rapport.features.identity.jobs import SessionReader
from rapport.features.organization.api import activate_member, create_corp, create_member, verify_member
from rapport.features.organization.types import NewMember
from rapport.kernel.actor import MemberActor
from rapport.kernel.clock import SystemClock
from rapport.kernel.followers import list_states
from rapport.kernel.jobs import job
from rapport.kernel.statements import command, p, scalar
from rapport.kernel.tx import ReadTx, Tx
from rapport.serving import server_for
from rapport.settings import Settings
from tests.services import Postgres, running_postgres

Result = TypeVar("Result")
ENGINE = os.environ.get("RAPPORT_TEST_ENGINE", "sqlite")
_numbers = itertools.count(1)
_due = scalar(select(func.count()).select_from(job).where(job.c.run_at <= p("now"), job.c.ended_at.is_(None)))
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""What clients of plain HTTP get instead of a context of their own, which takes 30 ms to fill with certificates."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about the other engine alone."""
    other = "postgresql" if ENGINE == "sqlite" else "sqlite"
    left_out = [item for item in items if item.get_closest_marker(other)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker(other)]


class RunningServer:
    """The application in a thread with an event loop of its own."""

    def __init__(self, folder: Path, **settings: Any) -> None:  # noqa: ANN401  fields of Settings
        self.folder = folder
        self.clock = SystemClock()
        cheap = {"password_memory_kib": 64, "password_rounds": 1}
        self.settings = Settings(data=folder, port=0, **{"sms": "demo", "demo": True, **cheap, **settings})
        self.url = ""
        self.application: Application
        self._loop: asyncio.AbstractEventLoop
        self._stop: asyncio.Event
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="server", daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._ready.wait(30)
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            uvloop.run(self._serve())
        except BaseException as error:  # noqa: BLE001  told to the thread that waits
            self._failure = error
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        async with running(self.settings, self.clock) as application:
            self.application = application
            server = server_for(application, self.settings)
            listening = asyncio.create_task(server.serve())
            while not server.started:  # noqa: ASYNC110  uvicorn offers no event
                await asyncio.sleep(0.01)
            self.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
            self._ready.set()
            await self._stop.wait()
            server.should_exit = True
            await listening

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)
        assert not self._thread.is_alive(), "the server did not stop"

    def write(self, command: Callable[[Tx], Result]) -> Result:
        """Run a command on the server's database."""

        async def run() -> Result:
            return await self.application.runtime.db.write(command)

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(30)

    def alter(self, statement: str) -> None:
        """Change the tables behind the server's back, as their owner."""
        url = self.settings.database_url
        if url is None:
            self.write(lambda tx: tx.run(command(text(statement))))
            return
        with psycopg.connect(Postgres.owned(url)) as connection:
            connection.execute(statement.encode())

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Run something on the server's event loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def read(self, query: Callable[[ReadTx], Result]) -> Result:
        """Run a query on the server's database."""

        async def run() -> Result:
            return await self.application.runtime.db.read(query)

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(30)

    def settle(self) -> None:
        """Wait until followers and due jobs have nothing left to do: nothing more comes of what was done so far."""
        deadline = time.monotonic() + 20
        while self.read(lambda tx: any(state.lag for state in list_states(tx)) or tx.one(_due, now=tx.now)):
            assert time.monotonic() < deadline, "followers or jobs do not come to rest"
            for follower in self.application.runtime.followers.all.values():
                self._loop.call_soon_threadsafe(follower.woken.set)
            time.sleep(0.01)

    def flush_sightings(self) -> None:
        """Write down now when sessions were last used."""
        reader = self.application.runtime.read_session
        assert isinstance(reader, SessionReader)
        asyncio.run_coroutine_threadsafe(reader.flush(), self._loop).result(30)

    def new_corp(self, short_name: str = "云杉") -> "Corp":
        """Make a corp with an owner ``laoban`` and the guides ``xiaoming`` and ``xiaohong``."""
        number = next(_numbers)
        made = self.write(lambda tx: create_corp(tx, f"{short_name}运动有限公司 {number}", f"{short_name}{number}"))
        corp = Corp(self, made.corp_id)
        corp.add_member("laoban", "老板", role="owner")
        corp.add_member("xiaoming", "小明", post="运动馆导购")
        corp.add_member("xiaohong", "小红", post="运动馆导购")
        return corp


class Corp:
    """A tenant made for one test."""

    def __init__(self, server: RunningServer, corp_id: str) -> None:
        self.server = server
        self.corp_id = corp_id
        self._clients: list[httpx.Client] = []

    def add_member(self, userid: str, name: str, *, role: str = "member", verified: bool = True, **fields: Any) -> None:  # noqa: ANN401  fields of NewMember
        """Add an active member; ``verified`` ones may serve customers."""
        owner = MemberActor(self.corp_id, "laoban", "test", "owner", "admin", "zh-CN")

        def add(tx: Tx) -> None:
            create_member(tx, self.corp_id, NewMember(userid=userid, name=name, role=role, **fields))  # pyright: ignore[reportArgumentType]
            activate_member(tx, self.corp_id, userid)
            if verified:
                verify_member(tx, owner, userid)

        self.server.write(add)

    def token(self, userid: str, surface: str = "staff") -> str:
        """Open a session and return its secret."""
        return self.server.write(
            lambda tx: open_session(
                tx,
                surface=surface,  # pyright: ignore[reportArgumentType]
                corp_id=self.corp_id,
                userid=userid,
                consumer_id=None,
                device="test",
                user_agent="pytest",
                ip="127.0.0.1",
            )
        ).secret

    def http(self, userid: str, surface: str = "staff") -> httpx.Client:
        """Return an HTTP client signed in as a member."""
        client = httpx.Client(
            base_url=f"{self.server.url}/api/{surface}/",
            headers={"Authorization": f"Bearer {self.token(userid, surface)}", "Accept-Language": "en"},
            trust_env=False,
            verify=NO_TLS,
            timeout=20,
        )
        self._clients.append(client)
        return client

    def client(self, userid: str, surface: str = "staff") -> Client:
        """Return the package's own asynchronous client, signed in as a member."""
        return Client(self.server.url, surface, token=self.token(userid, surface))  # pyright: ignore[reportArgumentType]

    def socket(self, userid: str) -> Socket:
        """Return a realtime socket of a member, not yet connected."""
        return Socket(self.server.url, "staff", token=self.token(userid), cookie=None)

    def meet(self, userid: str, nickname: str = "王女士") -> "Customer":
        """Let a new consumer scan the member's own code and accept; return what both sides know."""
        way = self.http(userid).get("contact-ways/mine").json()
        return self.scan(way["code"], nickname)

    def scan(self, code: str, nickname: str = "王女士") -> "Customer":
        """Let a new consumer accept a code."""
        http = httpx.Client(
            base_url=f"{self.server.url}/api/consumer/",
            headers={"X-Rapport": "1", "Accept-Language": "en"},
            trust_env=False,
            verify=NO_TLS,
            timeout=20,
        )
        self._clients.append(http)
        answer = http.post(f"contact-ways/{code}/accept", json={"nickname": nickname, "device": "phone"})
        assert answer.status_code in {200, 201}, answer.text
        accepted = answer.json()
        return Customer(self.server, http, accepted["conversation_id"], accepted["consumer"]["consumer_id"])

    def close(self) -> None:
        for client in self._clients:
            client.close()


class Customer:
    """A consumer who accepted a code: their HTTP client (by cookie) and the conversation."""

    def __init__(self, server: RunningServer, http: httpx.Client, conversation_id: str, consumer_id: str) -> None:
        self.server = server
        self.http = http
        self.conversation_id = conversation_id
        self.consumer_id = consumer_id

    def socket(self) -> Socket:
        """Return a realtime socket of the consumer, not yet connected."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())
        return Socket(self.server.url, "consumer", token=None, cookie=cookie)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres | None]:
    """The engine that the tests run on (RAPPORT_TEST_ENGINE), when it is PostgreSQL; None is the embedded one."""
    if ENGINE == "sqlite":
        yield None
        return
    with running_postgres() as found:
        yield found


@pytest.fixture(scope="session")
def new_database(postgres: Postgres | None) -> Callable[[], str | None]:
    """Make an empty database and return its address as its owner's; None is the embedded one."""
    return postgres.new_database if postgres is not None else lambda: None


@pytest.fixture(scope="session")
def served_database(postgres: Postgres | None) -> Callable[[], str | None]:
    """Make a database with tables and return its address for whoever serves it; None is the embedded one."""
    return postgres.new_served_database if postgres is not None else lambda: None


@pytest.fixture(scope="session")
def server(
    tmp_path_factory: pytest.TempPathFactory, served_database: Callable[[], str | None]
) -> Iterator[RunningServer]:
    """The shared server; move its clock only in tests that use ``own_server``."""
    found = RunningServer(tmp_path_factory.mktemp("server"), database_url=served_database())
    found.start()
    yield found
    found.stop()


@pytest.fixture
def own_server(tmp_path: Path, served_database: Callable[[], str | None]) -> Iterator[RunningServer]:
    """A server for one test alone: its clock may be moved, its database broken."""
    found = RunningServer(tmp_path, database_url=served_database())
    found.start()
    yield found
    found.stop()


@pytest.fixture
def corp(server: RunningServer) -> Iterator[Corp]:
    """A fresh corp on the shared server."""
    made = server.new_corp()
    yield made
    made.close()


@pytest.fixture
def other_corp(server: RunningServer) -> Iterator[Corp]:
    """Another corp, to which nothing of the first may leak."""
    made = server.new_corp("蓝湾")
    yield made
    made.close()
