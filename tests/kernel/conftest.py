"""The kernel's parts on a database of their own, without any server."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from rapport.kernel.clock import SystemClock
from rapport.kernel.database import Database
from rapport.kernel.engines.postgres import PostgresDatabase
from rapport.kernel.engines.sqlite import SqliteDatabase
from rapport.kernel.ids import Ids
from rapport.migrations import migrate


@pytest.fixture
def clock() -> SystemClock:
    """A clock that the test may move."""
    return SystemClock()


@pytest.fixture
async def db(tmp_path: Path, clock: SystemClock, served_database: Callable[[], str | None]) -> AsyncIterator[Database]:
    """A migrated database on the engine that the tests run on."""
    url, path = served_database(), tmp_path / "kernel.db"
    found: Database
    if url is None:
        migrate(path)
        found = SqliteDatabase(path, clock, Ids(clock))
    else:
        found = PostgresDatabase(url, clock, Ids(clock))
    yield found
    await found.close()
