"""Everything about files holds on both stores: a local folder and S3."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import RunningServer
from tests.services import S3, running_s3

STORES = ("folder", "s3")


@pytest.fixture(scope="session")
def s3() -> Iterator[S3]:
    """A server that speaks S3."""
    with running_s3() as found:
        yield found


def store_of(request: pytest.FixtureRequest) -> str | None:
    if request.param == "folder":
        return None
    s3: S3 = request.getfixturevalue("s3")
    return s3.new_bucket()


@pytest.fixture(scope="session", params=STORES)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, served_database: Callable[[], str | None]
) -> Iterator[RunningServer]:
    """The server that this folder's tests share, one per store."""
    found = RunningServer(tmp_path_factory.mktemp("files"), database_url=served_database(), blobs_url=store_of(request))
    found.start()
    yield found
    found.stop()


@pytest.fixture(params=STORES)
def own_server(
    request: pytest.FixtureRequest, tmp_path: Path, served_database: Callable[[], str | None]
) -> Iterator[RunningServer]:
    """A server for one test alone, once per store."""
    found = RunningServer(tmp_path, database_url=served_database(), blobs_url=store_of(request))
    found.start()
    yield found
    found.stop()
