"""Sign-ins of one test after another come from one address, so the shared server allows many."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from rapport.kernel.policy import PLATFORM, set_policy
from tests.conftest import NO_TLS, RunningServer

Visit = Callable[..., httpx.Client]


def allow_many(server: RunningServer) -> None:
    for name in ("identity.sign_ins_per_address_minute", "identity.codes_per_address_hour"):
        server.write(lambda tx, name=name: set_policy(tx, PLATFORM, name, 100_000, "test"))


@pytest.fixture(autouse=True, scope="session")
def many_sign_ins(server: RunningServer) -> None:
    allow_many(server)


@pytest.fixture
def visit() -> Iterator[Visit]:
    """Open browsers without any session: ``visit(server, "staff")``."""
    opened: list[httpx.Client] = []

    def visit(server: RunningServer, surface: str, language: str = "en") -> httpx.Client:
        client = httpx.Client(
            base_url=f"{server.url}/api/{surface}/",
            headers={"X-Rapport": "1", "Accept-Language": language},
            trust_env=False,
            verify=NO_TLS,
            timeout=20,
        )
        opened.append(client)
        return client

    yield visit
    for client in opened:
        client.close()
