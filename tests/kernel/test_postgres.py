"""The scale-out engine: what commits late is not stepped over, and what collides runs again."""

import asyncio
import threading
from collections.abc import Callable

import psycopg
import pytest
from sqlalchemy import select, update

from rapport.kernel.bells import NoBell
from rapport.kernel.clock import SystemClock
from rapport.kernel.database import Database
from rapport.kernel.engines.postgres import PostgresDatabase
from rapport.kernel.errors import InvalidInput, TryAgain
from rapport.kernel.followers import Followers
from rapport.kernel.ids import Ids
from rapport.kernel.installation import installation
from rapport.kernel.journal import NOBODY
from rapport.kernel.policy import PolicyChanged
from rapport.kernel.reading import read_facts
from rapport.kernel.relay import Relay
from rapport.kernel.schema import metadata
from rapport.kernel.statements import command, insertion, p, scalar
from rapport.kernel.tx import ReadTx, Tx
from rapport.migrations import HEAD, SchemaError, holds_installation, migrate_postgres
from rapport.tables import import_tables

pytestmark = pytest.mark.postgresql
_insert = insertion(installation.insert())
_get = scalar(select(installation.c.value).where(installation.c.name == p("name")))
_set = command(update(installation).where(installation.c.name == p("key")).values(value=p("new")))


def kinds(tx: ReadTx) -> list[str]:
    return [row.body for row in read_facts(tx, 0, 100)[0]]


async def test_two_transactions_the_first_opened_commits_last(db: Database) -> None:
    began, may_end = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(tx: Tx) -> None:
        tx.emit("corp", PolicyChanged("slow", 1), NOBODY)
        assert tx.mark, "it has its number, which nobody waits for otherwise"
        loop.call_soon_threadsafe(began.set)
        asyncio.run_coroutine_threadsafe(may_end.wait(), loop).result(20)

    seen: list[str] = []
    followers = Followers(db)
    followers.add("test").on(PolicyChanged, lambda _tx, _corp_id, fact: seen.append(fact.name))
    db.on_committed = followers.committed
    following = asyncio.create_task(followers.run())
    await asyncio.sleep(0.2)
    first = asyncio.ensure_future(db.write(slow))
    await began.wait()
    await db.write(lambda tx: tx.emit("corp", PolicyChanged("quick", 1), NOBODY))
    assert await db.read(kinds) == [], "what stands behind a lower id that may still come is not for reading"
    cursor = await db.read(lambda tx: tx.horizon)
    await asyncio.sleep(0.3)
    assert seen == []
    may_end.set()
    await first
    async with asyncio.timeout(30):
        while len(seen) < 2:  # noqa: ASYNC110  the follower tells nobody
            await asyncio.sleep(0.02)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    assert seen == ["slow", "quick"]
    later = await db.read(lambda tx: read_facts(tx, cursor - 1, 10)[0])
    assert [row.id >= cursor for row in later] == [True, True], "a cursor taken meanwhile misses neither"


async def test_commands_that_collide_run_again_and_none_is_lost(db: Database) -> None:
    await db.write(lambda tx: tx.run(_insert, name="count", value="0"))

    def add_one(tx: Tx) -> None:
        tx.run(_set, key="count", new=str(int(tx.one(_get, name="count") or 0) + 1))

    answers = await asyncio.gather(*(db.write(add_one) for _ in range(40)), return_exceptions=True)
    done = answers.count(None)
    assert all(answer is None or isinstance(answer, TryAgain) for answer in answers)
    assert done > 0
    assert await db.read(lambda tx: tx.one(_get, name="count")) == str(done)


async def test_a_character_that_no_text_can_hold_is_refused(db: Database) -> None:
    with pytest.raises(InvalidInput):
        await db.write(lambda tx: tx.run(_insert, name="a\0b", value=""))
    with pytest.raises(InvalidInput):
        await db.read(lambda tx: tx.one(_get, name="a\0b"))


async def test_a_database_that_went_away_is_said_to_be_busy(new_database: Callable[[], str]) -> None:
    url = new_database()
    migrate_postgres(url)
    clock = SystemClock()
    db = PostgresDatabase(url, clock, Ids(clock))
    await db.write(lambda tx: tx.run(_insert, name="before", value=""))
    name = url.rpartition("/")[2]
    with psycopg.connect(url.rpartition("/")[0] + "/postgres", autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
    answers = [
        await asyncio.gather(db.write(add), return_exceptions=True) for add in [_named(str(n)) for n in range(6)]
    ]
    assert answers[-1] == [None], "it is asked again over new connections"
    assert all(answer is None or isinstance(answer, TryAgain) for (answer,) in answers)
    await db.close()


async def test_a_process_that_stands_still_holds_up_nobody_for_long(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped in the middle of a command, with locks that others need and facts of others behind it."""
    await db.write(lambda tx: tx.run(_insert, name="wanted", value="0"))
    assert isinstance(db, PostgresDatabase)
    began, may_go_on = threading.Event(), threading.Event()

    def stopped(tx: Tx) -> None:
        tx.run(_set, key="wanted", new="1")
        assert tx.one(_get, name="wanted") == "1", "an answer in the middle of a pipeline"
        began.set()
        may_go_on.wait(60)

    first = asyncio.ensure_future(db.write(stopped))
    await asyncio.to_thread(began.wait, 20)
    await db.write(lambda tx: tx.emit("corp", PolicyChanged("behind", 1), NOBODY))
    assert await db.end_abandoned() == 0, "not at once: it may only be slow"
    assert await db.read(kinds) == []
    relay = Relay(db, NoBell(), lambda _: None, is_concerned=lambda _: False)
    monkeypatch.setattr("rapport.kernel.relay.TEND_S", 0.2)
    monkeypatch.setattr("rapport.kernel.engines.postgres.ABANDONED_AFTER_S", 1)
    looking = asyncio.create_task(relay.run())
    async with asyncio.timeout(60):
        while not await db.read(kinds):  # noqa: ASYNC110  nobody tells of it
            await asyncio.sleep(0.1)
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)
    await db.write(lambda tx: tx.run(_set, key="wanted", new="2"))
    may_go_on.set()
    assert isinstance((await asyncio.gather(first, return_exceptions=True))[0], TryAgain)
    assert await db.read(lambda tx: tx.one(_get, name="wanted")) == "2"


def _named(name: str) -> Callable[[Tx], None]:
    def insert(tx: Tx) -> None:
        tx.run(_insert, name=name, value="")

    return insert


def test_migrations_lead_to_what_the_tables_say(new_database: Callable[[], str]) -> None:
    import_tables()
    url = new_database()
    assert migrate_postgres(url).before is None
    assert not migrate_postgres(url).done
    with psycopg.connect(url) as connection:
        for table in metadata.sorted_tables:
            asked = "SELECT column_name, collation_name FROM information_schema.columns WHERE table_name = %s"
            columns = dict(connection.execute(asked, [table.name]).fetchall())
            assert set(columns) == {column.name for column in table.columns}, table.name
            assert set(columns.values()) <= {None, "C"}, "text is in the order of its code points"
            indexes = connection.execute("SELECT indexname FROM pg_indexes WHERE tablename = %s", [table.name])
            assert {str(index.name) for index in table.indexes} <= {row[0] for row in indexes}, table.name
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with pytest.raises(SchemaError, match=f"newer version \\(9999\\).*{HEAD}"):
        migrate_postgres(url)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("nonsense", "is no address"),
        ("postgresql://somebody:hush@127.0.0.1:1/rapport", "does not let us in"),
    ],
)
def test_a_wrong_address_is_one_sentence_without_the_password(url: str, sentence: str) -> None:
    with pytest.raises(SchemaError, match=sentence) as raised:
        migrate_postgres(url)
    assert "hush" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_database_that_is_not_there_and_a_user_without_rights_are_one_sentence(
    new_database: Callable[[], str],
) -> None:
    url = new_database()
    with pytest.raises(SchemaError, match="does not exist"):
        migrate_postgres(f"{url}_missing")
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("DROP ROLE IF EXISTS poor")
        admin.execute("CREATE ROLE poor LOGIN")
        admin.execute("REVOKE CREATE ON SCHEMA public FROM public")
    with pytest.raises(SchemaError, match="may not do what Rapport needs"):
        migrate_postgres(url.replace("rapport@", "poor@"))
    assert holds_installation(url) is False
