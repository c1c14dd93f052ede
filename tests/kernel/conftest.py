"""The kernel's parts on a database of their own, without any server."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rapport.kernel.clock import SystemClock
from rapport.kernel.engines.sqlite import SqliteDatabase
from rapport.kernel.ids import Ids
from rapport.migrations import migrate


@pytest.fixture
def clock() -> SystemClock:
    """A clock that the test may move."""
    return SystemClock()


@pytest.fixture
async def db(tmp_path: Path, clock: SystemClock) -> AsyncIterator[SqliteDatabase]:
    """A migrated database."""
    path = tmp_path / "kernel.db"
    migrate(path)
    found = SqliteDatabase(path, clock, Ids(clock))
    yield found
    await found.close()
