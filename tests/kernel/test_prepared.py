"""Statements that PostgreSQL keeps prepared on a connection: what fails takes none of them from under the next one."""

from contextlib import suppress

import psycopg
import pytest
from sqlalchemy import func, literal_column, select, text

from rapport.kernel.database import Database
from rapport.kernel.errors import Refusal
from rapport.kernel.installation import installation
from rapport.kernel.statements import Statement, command, insertion, p, scalar
from rapport.kernel.tx import Tx

pytestmark = pytest.mark.postgresql
_insert = insertion(installation.insert())
_count = scalar(select(func.count()).select_from(installation))
_forget = command(text("DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$"))
"""Where the driver does not see it."""


def unseen(number: int) -> Statement[int]:
    """A statement whose text no connection knows yet."""
    return scalar(select(literal_column("1").label(f"seen_{number}")).where(installation.c.name == p("name")))


async def test_what_is_prepared_after_a_step_was_undone_is_there_the_next_time(db: Database) -> None:
    fresh = [unseen(number) for number in range(1000, 1006)]

    def work(tx: Tx) -> list[int | None]:
        tx.run(_insert, name="one", value="")
        found: list[int | None] = []
        for statement in fresh:
            with suppress(Refusal), tx.savepoint():
                tx.run(_insert, name="two", value="")
                raise Refusal
            found += [tx.one(statement, name="one"), tx.one(statement, name="one"), tx.one(statement, name="two")]
        return found

    assert await db.write(work) == [1, 1, None] * len(fresh)


async def test_what_fails_unseen_leaves_the_connection_as_it_was(db: Database) -> None:
    await db.write(lambda tx: tx.run(_insert, name="there", value=""))

    def twice(tx: Tx) -> None:
        tx.insert_all(_insert, [{"name": "there", "value": ""}])

    def step(tx: Tx) -> None:
        with tx.savepoint():
            tx.run(_insert, name="there", value="")

    for number in range(12):
        for failing in (twice, step):
            with pytest.raises(psycopg.errors.UniqueViolation):
                await db.write(failing)
        for further in range(2):
            name = f"{number}-{further}"
            await db.write(lambda tx, name=name: tx.run(_insert, name=name, value=""))
            assert await db.read(lambda tx, name=name: tx.one(unseen(1), name=name)) == 1


async def test_what_a_pooler_forgot_is_prepared_again(db: Database) -> None:
    before = await db.read(lambda tx: tx.one(_count)) or 0

    def forget(tx: Tx) -> None:
        tx.one(_count)
        tx.run(_forget)

    for number in range(6):
        await db.write(forget)
        assert await db.read(lambda tx: tx.one(_count)) == before + number
        await db.write(lambda tx, name=str(number): tx.run(_insert, name=name, value=""))


async def test_what_is_prepared_outlives_a_refusal(db: Database) -> None:
    fresh = [unseen(number) for number in range(2000, 2010)]
    prepared = scalar(text("SELECT count(*) FROM pg_prepared_statements"))

    def refuse(tx: Tx) -> None:
        for statement in fresh:
            tx.one(statement, name="")
        with suppress(Refusal), tx.savepoint():
            raise Refusal
        raise Refusal

    for _ in range(20):
        with pytest.raises(Refusal):
            await db.write(refuse)
    # The connections take turns.
    kept = [await db.write(lambda tx: tx.one(prepared)) or 0 for _ in range(4)]
    assert max(kept) > len(fresh)
