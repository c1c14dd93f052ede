"""What commands and readers meet when the primary is another one, or the same one after a crash."""

import asyncio
import json
import os
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from rapport.kernel.clock import SystemClock
from rapport.kernel.engines.postgres import PostgresDatabase
from rapport.kernel.errors import TryAgain
from rapport.kernel.ids import Ids
from rapport.kernel.journal import NOBODY
from rapport.kernel.policy import PolicyChanged
from rapport.kernel.reading import present, read_facts
from rapport.kernel.tx import Tx
from rapport.migrations import migrate_postgres
from tests.services import Postgres

pytestmark = pytest.mark.postgresql


def announce(name: str) -> Callable[[Tx], None]:
    return lambda tx: tx.emit("corp", PolicyChanged(name, 1), NOBODY)


def open_at(url: str) -> PostgresDatabase:
    clock = SystemClock()
    return PostgresDatabase(url, clock, Ids(clock))


async def test_a_database_that_takes_no_writes_any_more_is_said_to_be_busy(new_database: Callable[[], str]) -> None:
    url = new_database()
    migrate_postgres(url)
    address, _, name = url.rpartition("/")
    with psycopg.connect(f"{address}/postgres", autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on".encode())
        db = open_at(url)
        with pytest.raises(TryAgain):
            await db.write(announce("first"))
        admin.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = off".encode())
    for _ in range(20):
        # The others of the pool are still those to the server that takes none.
        try:
            await db.write(announce("second"))
        except TryAgain:
            continue
        break
    async with asyncio.timeout(30):
        # A number that a lost connection took is given back when the server finds out.
        while not (found := await db.read(lambda tx: read_facts(tx, 0, 9)[0])):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    assert len(found) == 1
    await db.close()


async def test_nobody_steps_over_what_comes_after_a_crash() -> None:
    with tempfile.TemporaryDirectory(prefix="rapport-postgres-") as folder:
        server = Postgres(Path(folder))
        server.start()
        try:
            url = server.new_database()
            migrate_postgres(url)
            db = open_at(url)
            await db.write(announce("before"))
            cursor, horizon = await _crash(db, url)
            await db.close()
            db = open_at(_wait_for(url))
            await db.write(announce("after"))
            later = await db.read(lambda tx: read_facts(tx, cursor - 1, 9)[0])
            await db.close()
            assert [json.loads(row.body)["name"] for row in later] == ["after"]
            assert later[0].id < horizon, "the crash gave no number out again: this shows nothing"
        finally:
            server.stop()


async def _crash(db: PostgresDatabase, url: str) -> tuple[int, int]:
    """Let numbers be given out of which nothing is on disk, take a cursor, and crash."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        found = connection.execute("SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'").fetchone()
        assert found is not None
        os.kill(found[0], signal.SIGSTOP)
        for _ in range(20):
            connection.execute("SELECT pg_current_xact_id()")
        taken = await db.read(lambda tx: (present(tx), tx.horizon))
        os.kill(found[0], signal.SIGKILL)
    return taken


def _wait_for(url: str) -> str:
    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            assert time.monotonic() < deadline, "the database does not come back"
            time.sleep(0.1)
        else:
            return url
