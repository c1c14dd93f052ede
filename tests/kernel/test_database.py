"""The engines: what is answered is durable, what is refused is undone, and one command spoils no other."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

import apsw
import pytest
from sqlalchemy import func, select, update

from rapport.kernel.clock import SystemClock
from rapport.kernel.database import Database
from rapport.kernel.engines.sqlite import SqliteDatabase
from rapport.kernel.errors import Refusal, TryAgain
from rapport.kernel.ids import Ids
from rapport.kernel.installation import installation
from rapport.kernel.journal import Emission
from rapport.kernel.policy import PolicyChanged, list_stored, preset_policy, set_policy
from rapport.kernel.schema import metadata
from rapport.kernel.statements import command, insertion, p, scalar
from rapport.kernel.tx import ReadTx, Tx
from rapport.migrations import HEAD, SchemaError, migrate
from rapport.tables import import_tables

_insert = insertion(installation.insert())
_count = scalar(select(func.count()).select_from(installation))
_clear = command(installation.delete())
_get = scalar(select(installation.c.value).where(installation.c.name == p("name")))
_set = command(update(installation).where(installation.c.name == p("key")).values(value=p("new")))


class Traced(Refusal):
    """A refusal whose trace stays."""

    keeps_writes = True


def count(tx: ReadTx) -> int:
    return tx.one(_count) or 0


def put(name: str):  # noqa: ANN201  a command
    def run(tx: Tx) -> str:
        tx.run(_insert, name=name, value=name)
        return name

    return run


async def test_commands_queued_together_commit_together_and_answer_each(db: Database) -> None:
    answers = await asyncio.gather(*(db.write(put(str(n))) for n in range(300)))
    assert answers == [str(n) for n in range(300)]
    assert await db.read(count) == 300


AWKWARD = (
    *("", " ", "NULL", "null", '"', "\\", '\\"', "{a,b}", ",", "'", "a\nb\tc", "%s %(x)s"),
    *("😀 字", "\x01\x7f", "\u202eabc"),
)


async def test_many_rows_at_once_keep_every_character_and_their_places(db: Database) -> None:
    await db.write(lambda tx: tx.insert_all(_insert, [{"name": f"n{n}", "value": v} for n, v in enumerate(AWKWARD)]))
    asked = [*range(len(AWKWARD)), 99, 3, 3]
    found = await db.read(lambda tx: tx.each(_get, [{"name": f"n{n}"} for n in asked]))
    assert found == [*AWKWARD, None, AWKWARD[3], AWKWARD[3]]

    def turn_around(tx: Tx) -> None:
        tx.run_all(_set, [{"key": f"n{n}", "new": v} for n, v in enumerate(reversed(AWKWARD))])
        tx.run_all(_set, [])
        assert tx.each(_get, []) == []

    await db.write(turn_around)
    assert await db.read(lambda tx: tx.each(_get, [{"name": f"n{n}"} for n in range(len(AWKWARD))])) == [
        *reversed(AWKWARD)
    ]


async def test_many_rows_of_which_one_is_wrong_are_none(db: Database) -> None:
    rows = [{"name": name, "value": name} for name in ("a", "b", "a")]
    with pytest.raises(Exception, match=r"(?i)unique"):
        await db.write(lambda tx: tx.insert_all(_insert, rows))
    assert await db.read(count) == 0
    await db.write(put("a"))


async def test_what_fails_inside_a_savepoint_leaves_what_came_before(db: Database) -> None:
    def undone(tx: Tx) -> None:
        with tx.savepoint():
            put("undone")(tx)
            tx.insert_all(_insert, [{"name": "kept", "value": "again"}])

    def run(tx: Tx) -> None:
        put("kept")(tx)
        with pytest.raises(Exception, match=r"(?i)unique"):
            undone(tx)
        put("after")(tx)

    await db.write(run)
    assert await db.read(lambda tx: tx.each(_get, [{"name": name} for name in ("kept", "undone", "after")])) == [
        "kept",
        None,
        "after",
    ]


async def test_a_command_that_raises_undoes_itself_alone(db: Database) -> None:
    def fail(tx: Tx) -> None:
        put("bad")(tx)
        raise ZeroDivisionError

    results = await asyncio.gather(db.write(put("a")), db.write(fail), db.write(put("b")), return_exceptions=True)
    assert [type(result) for result in results] == [str, ZeroDivisionError, str]
    assert await db.read(count) == 2


async def test_a_refusal_undoes_unless_its_trace_is_to_stay(db: Database) -> None:
    def refuse(kind: type[Refusal]):  # noqa: ANN202  a command
        def run(tx: Tx) -> None:
            put(kind.__name__)(tx)
            raise kind

        return run

    for kind in (Refusal, Traced):
        with pytest.raises(kind):
            await db.write(refuse(kind))
    assert await db.read(count) == 1


async def test_a_batch_with_one_bad_item_answers_the_others(db: Database) -> None:
    def insert_all(tx: Tx, _corp_id: str, items: Sequence[str]) -> list[str]:
        return [put(item)(tx) for item in items]

    waiting = [db.write_batched(insert_all, "corp", name) for name in ("a", "b", "a", "c")]
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [isinstance(result, Exception) for result in results] == [False, False, True, False]
    assert await db.read(count) == 3


async def test_facts_are_announced_after_the_commit_and_only_then(db: Database) -> None:
    announced: list[Emission] = []
    db.on_committed = announced.extend

    def change_and_fail(tx: Tx) -> None:
        set_policy(tx, "corp", preset_policy.name, "wecom-today", "me")
        raise Refusal

    with pytest.raises(Refusal):
        await db.write(change_and_fail)
    await db.write(lambda tx: set_policy(tx, "corp", preset_policy.name, "wecom-today", "me"))
    await asyncio.sleep(0)
    assert [emission.fact for emission in announced] == [PolicyChanged(preset_policy.name, 1)]
    assert list(await db.read(lambda tx: list_stored(tx, "corp"))) == [preset_policy.name]


async def test_the_inside_of_a_savepoint_is_undone_alone(db: Database) -> None:
    def run(tx: Tx) -> None:
        put("kept")(tx)
        try:
            with tx.savepoint():
                put("lost")(tx)
                set_policy(tx, "corp", preset_policy.name, "wecom-today", "me")
                raise ValueError  # noqa: TRY301  the refusal under test
        except ValueError:
            put("after")(tx)
        assert tx.emitted == []

    await db.write(run)
    assert await db.read(count) == 2


@pytest.mark.sqlite
async def test_a_commit_that_fails_answers_every_command_as_retryable(db: SqliteDatabase) -> None:
    await db.write(put("before"))
    blocker = apsw.Connection(str(db.path))
    db._writing.set_busy_timeout(50)  # noqa: SLF001  the wait of ten seconds is not under test
    blocker.execute("BEGIN IMMEDIATE")
    results = await asyncio.gather(db.write(put("x")), db.write(put("y")), return_exceptions=True)
    blocker.execute("ROLLBACK")
    blocker.close()
    assert [type(result) for result in results] == [TryAgain, TryAgain]
    assert await db.write(put("x")) == "x"
    assert await db.read(count) == 2


@pytest.mark.sqlite
async def test_a_large_log_is_folded_back(db: SqliteDatabase) -> None:
    db.wal_limit_bytes = 512 * 1024
    for batch in range(40):
        await asyncio.gather(*(db.write(put(f"{batch}-{n}" + "x" * 2000)) for n in range(60)))
    assert db.wal_bytes() < 4 * 1024 * 1024
    assert await db.read(count) == 2400


@pytest.mark.sqlite
async def test_whoever_reads_for_long_holds_up_no_writer(db: SqliteDatabase) -> None:
    """A backup keeps one snapshot for minutes: the log grows meanwhile, and is folded back after it."""
    db.wal_limit_bytes = 512 * 1024
    await db.write(put("before"))
    reader = apsw.Connection(str(db.path), flags=apsw.SQLITE_OPEN_READONLY)
    reader.execute("BEGIN")
    seen = reader.execute("SELECT count(*) FROM installation").fetchall()
    slowest = 0.0
    for batch in range(60):
        began = time.monotonic()
        await asyncio.gather(*(db.write(put(f"{batch}-{n}" + "x" * 2000)) for n in range(20)))
        slowest = max(slowest, time.monotonic() - began)
    assert db.wal_bytes() > db.wal_limit_bytes
    assert slowest < 2, "ten seconds is how long a writer would wait for others"
    assert reader.execute("SELECT count(*) FROM installation").fetchall() == seen
    reader.close()
    for batch in range(40):
        await asyncio.sleep(0.02)
        await asyncio.gather(*(db.write(put(f"after {batch}-{n}" + "x" * 2000)) for n in range(20)))
    before = db.wal_bytes()
    await asyncio.gather(*(db.write(put(f"last {n}" + "x" * 2000)) for n in range(20)))
    assert db.wal_bytes() == before, "what was folded back is written over"


def test_ids_never_go_backwards_when_the_clock_does() -> None:
    clock = SystemClock()
    ids = Ids(clock)
    made = [ids.new() for _ in range(10)]
    clock.advance(-3_600_000_000)
    made += [ids.new() for _ in range(10)]
    assert made == sorted(made)
    assert len(set(made)) == 20


@pytest.mark.sqlite
def test_migrations_lead_to_what_the_tables_say(tmp_path: Path) -> None:
    import_tables()
    path = tmp_path / "new.db"
    assert migrate(path).before is None
    assert not migrate(path).done
    connection = apsw.Connection(str(path))
    for table in metadata.sorted_tables:
        columns = {row[1]: row[3] for row in connection.execute(f"PRAGMA table_info({table.name})")}
        assert set(columns) == {column.name for column in table.columns}, table.name
        indexes = {str(row[1]) for row in connection.execute(f"PRAGMA index_list({table.name})")}
        assert {str(index.name) for index in table.indexes} <= indexes, table.name
    connection.close()


@pytest.mark.sqlite
def test_a_newer_database_is_refused_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "newer.db"
    migrate(path)
    connection = apsw.Connection(str(path))
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(SchemaError, match=f"newer version \\(9999\\).*{HEAD}"):
        migrate(path)
