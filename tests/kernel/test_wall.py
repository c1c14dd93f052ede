"""The second wall: on PostgreSQL a transaction touches the rows of the corps that it names, and no others."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import psycopg
import pytest
from sqlalchemy import String, delete, func, select, update

from rapport.client.socket import Socket
from rapport.kernel.database import Database
from rapport.kernel.errors import Refusal
from rapport.kernel.schema import metadata
from rapport.kernel.statements import command, insertion, scalar
from rapport.kernel.tenancy import EVERY_CORP, reach_of, within
from rapport.kernel.tx import ReadTx, Tx
from rapport.migrations import SchemaError, grant_serving, migrate_postgres
from rapport.tables import import_tables
from tests.architecture.test_tenancy import PLATFORM
from tests.conftest import Corp, RunningServer
from tests.services import SERVING, Postgres

pytestmark = pytest.mark.postgresql
import_tables()
_failed = metadata.tables["failed_sign_in"]
_values = metadata.tables["policy_value"]
_corps = scalar(select(_failed.c.corp_id).order_by(_failed.c.corp_id))
_count = scalar(select(func.count()).select_from(_failed))
_crossing = scalar(select(_failed.c.corp_id), crosses=True)
_crossing_empty = command(delete(_failed), crosses=True)
_insert = insertion(_failed.insert())
_empty = command(delete(_failed))
_take_over = command(update(_failed).where(_failed.c.corp_id == "two").values(corp_id="one"))
_members = scalar(select(metadata.tables["member"].c.corp_id))
_value = scalar(select(_values.c.corp_id))
_insert_value = insertion(_values.insert())


def insert(corp_id: str) -> Callable[[Tx], int]:
    return lambda tx: tx.run(_insert, corp_id=corp_id, login="", failures=0, locked_until=None, failed_at=0)


@pytest.fixture
async def two(db: Database) -> Database:
    """A database in which two corps have a row each."""
    for corp_id in ("one", "two"):
        await db.write(insert(corp_id))
    return db


async def test_a_transaction_sees_the_corps_that_it_names(two: Database) -> None:
    assert sorted(await two.read(lambda tx: tx.all(_corps))) == ["one", "two"]
    for reach, seen in ((reach_of(["one"]), ["one"]), (reach_of(["one", "two"]), ["one", "two"]), (reach_of([]), [])):
        with within(reach):
            assert sorted(await two.read(lambda tx: tx.all(_corps))) == seen
            assert sorted(await two.read_briefly(lambda tx: tx.all(_corps))) == seen
            assert sorted(await two.write(lambda tx: tx.all(_corps))) == seen
    assert await two.read(lambda tx: tx.one(_count)) == 2, "the next one begins anew"


async def test_a_forgotten_corp_changes_nothing_of_others(two: Database) -> None:
    with within(reach_of(["one"])):
        assert await two.write(lambda tx: tx.run(_empty)) == 1
        assert await two.write(lambda tx: tx.run(_take_over)) == 0
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
            await two.write(insert("three"))
    assert await two.read(lambda tx: tx.all(_corps)) == ["two"]


async def test_a_batch_reaches_its_own_corp(two: Database) -> None:
    def count(tx: Tx, _corp_id: str, items: Sequence[None]) -> list[int | None]:
        return [tx.one(_count)] * len(items)

    assert await two.write_batched(count, "one", None) == 1
    assert await two.write_batched(count, "nobody", None) == 0


async def test_a_transaction_may_narrow_what_it_reaches(two: Database) -> None:
    def narrow(tx: ReadTx) -> list[int | None]:
        found = [tx.one(_count)]
        for reach in (reach_of(["two"]), reach_of([]), EVERY_CORP):
            tx.confine(reach)
            found.append(tx.one(_count))
        return found

    assert await two.read(narrow) == [2, 1, 0, 2]

    def narrow_inside(tx: Tx) -> list[int | None]:
        found: list[int | None] = []

        def step(failure: Refusal | None) -> None:
            tx.confine(reach_of(["two"]))
            found.append(tx.one(_count))
            if failure is not None:
                raise failure

        for failure in (Refusal(), None):
            with suppress(Refusal), tx.savepoint():
                step(failure)
            found.append(tx.one(_count))
            tx.confine(EVERY_CORP)
            found.append(tx.one(_count))
        return found

    assert await two.write(narrow_inside) == [1, 2, 2, 1, 1, 2], "undone with the step, and kept with it"


async def test_what_is_declared_to_cross_looks_into_every_corp_and_nothing_else_does(two: Database) -> None:
    def look(tx: Tx) -> list[object]:
        return [tx.one(_count), sorted(tx.all(_crossing)), tx.one(_count), tx.run(_crossing_empty), tx.one(_count)]

    with within(reach_of(["one"])):
        assert await two.write(look) == [1, ["one", "two"], 1, 2, 0]


async def test_what_holds_for_all_is_read_by_each(db: Database) -> None:
    value: dict[str, object] = {column.name: "" if isinstance(column.type, String) else 0 for column in _values.columns}

    def insert_value(tx: Tx) -> int:
        return tx.run(_insert_value, **value)

    with within(reach_of(["one"])), pytest.raises(psycopg.errors.InsufficientPrivilege):
        await db.write(insert_value)
    await db.write(insert_value)
    with within(reach_of(["one"])):
        assert await db.read(lambda tx: tx.one(_value)) == ""


def test_every_table_of_a_corps_has_the_wall_and_no_other(postgres: Postgres) -> None:
    with psycopg.connect(postgres.new_served_database()) as connection:
        found = connection.execute(
            "SELECT relname::text, relrowsecurity, row_security_active(oid),"
            " EXISTS (SELECT FROM pg_policy WHERE polrelid = pg_class.oid AND polname = 'corp')"
            " FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        walls = {name: set(rest) for name, *rest in found}
        assert walls.pop("alembic_version") == {False}
        assert walls == {name: {name not in PLATFORM} for name in metadata.tables}
        connection.execute("SET rapport.corps = ''")
        assert connection.execute("SELECT count(*) FROM failed_sign_in").fetchone() == (0,), "who names none sees none"


def test_who_serves_owns_nothing(postgres: Postgres) -> None:
    with psycopg.connect(postgres.new_served_database(), autocommit=True) as connection:
        for statement in (
            "ALTER TABLE entry DISABLE ROW LEVEL SECURITY",
            "DROP POLICY corp ON entry",
            "UPDATE alembic_version SET version_num = '0001'",
            "CREATE TABLE another (id int)",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())


def test_tables_of_later_migrations_are_granted_too(postgres: Postgres) -> None:
    postgres.new_served_database()
    owned = postgres.new_database()
    migrate_postgres(owned)
    with pytest.raises(SchemaError, match="may not do what Rapport needs"):
        migrate_postgres(Postgres.served(owned))
    for _ in range(2):
        grant_serving(owned, SERVING)
    with psycopg.connect(owned) as connection:
        connection.execute("CREATE TABLE of_tomorrow (id bigserial PRIMARY KEY)")
    assert not migrate_postgres(Postgres.served(owned)).done
    with pytest.raises(SchemaError, match=r"There is no role nobody .*CREATE ROLE nobody LOGIN"):
        grant_serving(owned, "nobody")


def corps_read(server: RunningServer, act: Callable[[], object]) -> list[tuple[set[str], set[str]]]:
    """Which corps a forgetful statement finds at the beginning and at the end of each transaction meanwhile."""
    db, seen = server.application.runtime.db, list[tuple[set[str], set[str]]]()

    def looking(run: Callable[..., Any]) -> Callable[..., Any]:
        def ask(wanted: Callable[[Any], object]) -> Any:  # noqa: ANN401  as the database's own
            def look(tx: ReadTx) -> object:
                before, answer = set(tx.all(_members)), wanted(tx)
                seen.append((before, set(tx.all(_members))))
                return answer

            return run(look)

        return ask

    for name in ("read", "read_briefly", "write"):
        setattr(db, name, looking(getattr(db, name)))
    try:
        act()
    finally:
        for name in ("read", "read_briefly", "write"):
            delattr(db, name)
    return seen


def test_a_request_reaches_the_corp_of_who_was_let_in(corp: Corp, other_corp: Corp) -> None:
    for one in (corp, other_corp):
        http = one.http("xiaoming")
        assert ({one.corp_id}, {one.corp_id}) in corps_read(corp.server, lambda http=http: http.get("members"))


def test_a_consumers_request_reaches_the_corps_they_met(corp: Corp, other_corp: Corp) -> None:
    customer = corp.meet("xiaoming")
    seen = corps_read(corp.server, lambda: customer.http.get("conversations"))
    narrowed = [before for before, after in seen if after == {corp.corp_id}]
    assert narrowed, "which corps they met is found among all, and then no other is touched"
    assert {corp.corp_id, other_corp.corp_id} <= narrowed[0]


async def test_a_frame_reaches_the_corps_of_its_socket(corp: Corp, other_corp: Corp) -> None:
    customer, loop = corp.meet("xiaoming"), asyncio.get_running_loop()
    assert other_corp.corp_id != corp.corp_id
    frame = {"type": "read", "ref": "1", "conversation_id": customer.conversation_id, "seq": 1}
    for socket in (corp.socket("xiaoming"), customer.socket()):
        await socket.connect()

        def read(socket: Socket = socket) -> None:
            asyncio.run_coroutine_threadsafe(socket.ask(frame), loop).result(20)

        seen = await asyncio.to_thread(corps_read, corp.server, read)
        assert ({corp.corp_id}, {corp.corp_id}) in seen
        await socket.close()
