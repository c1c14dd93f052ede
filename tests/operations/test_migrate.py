"""`rapport migrate`: the database goes to a new revision while the version before it serves on."""

import os
import re
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
import httpx
import psycopg
import pytest

from rapport.migrations import HEAD, SchemaError, migrate, migrate_postgres, upgrade_sql
from tests.operations.installations import diagnose, done, refused, serving, texts_of
from tests.services import Postgres

NewDatabase = Callable[[], str | None]
BEFORE = "0002"
PAUSE_S = 0.02
"""Between two texts of a guide: as fast as one person may send."""
LONGEST_S = 2.0
"""Nobody waits longer for an answer while the tables change."""
SERVING = ("serve", "--port", "0")
INSTALL = ("--corp", "山海有限公司", "--short-name", "山海", "--owner", "boss", "--owner-name", "老板")


def run_in(folder: Path, url: str | None, *statements: str) -> None:
    """Run statements beside the server, in one transaction."""
    if url is None:
        connection = apsw.Connection(str(folder / "rapport.db"))
        connection.set_busy_timeout(10_000)
        with connection:
            connection.execute(";".join(statements))
        connection.close()
        return
    with psycopg.connect(url) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def go_back(folder: Path, url: str | None) -> None:
    """Make of a database what the version before the last tables left, with everything that was written since."""
    run_in(folder, url, "DROP TABLE storage_day", "UPDATE alembic_version SET version_num = '0002'")
    if url is not None:
        with psycopg.connect(url) as connection:
            walls = connection.execute("SELECT policyname, tablename FROM pg_policies").fetchall()
        run_in(folder, url, *[f"DROP POLICY {name} ON {table}" for name, table in walls])


class Writer:
    """A guide who sends one text after another and notes which were acknowledged."""

    def __init__(self, http: httpx.Client, conversation_id: str, token: str) -> None:
        self.http, self.conversation_id, self.token = http, conversation_id, token
        self.acknowledged: list[str] = []
        self.statuses: set[int] = set()
        self.longest_s = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._stop.wait(PAUSE_S):
            text = f"{len(self.acknowledged)} {uuid.uuid4().hex}"
            body = {"client_id": uuid.uuid4().hex, "body": {"kind": "text", "text": text}}
            began = time.monotonic()
            answer = self.http.post(f"conversations/{self.conversation_id}/entries", json=body)
            self.longest_s = max(self.longest_s, time.monotonic() - began)
            self.statuses.add(answer.status_code)
            if answer.status_code in {200, 201}:
                self.acknowledged.append(text)

    def check_all_there(self, http: httpx.Client) -> None:
        """Every acknowledged text is there, once and in order."""
        assert texts_of(http, self.conversation_id)[-len(self.acknowledged) :] == self.acknowledged

    @contextmanager
    def writing(self) -> Iterator[None]:
        self._thread.start()
        try:
            yield
        finally:
            self._stop.set()
            self._thread.join(30)


def test_a_server_serves_while_the_database_is_migrated(tmp_path: Path, new_database: NewDatabase) -> None:
    folder, url = tmp_path, new_database()
    with serving(folder, url) as server:
        corp = server.new_corp()
        writers = [
            Writer(corp.http(userid), corp.meet(userid).conversation_id, corp.token(userid))
            for userid in ("xiaoming", "xiaohong")
        ]
        server.settle()
        with writers[0].writing(), writers[1].writing():
            for _ in range(2):
                go_back(folder, url)
                before = sum(len(writer.acknowledged) for writer in writers)
                # Two at the same moment do not collide: one does it, the other finds it done.
                assert sorted(migrate_at_once(folder, url)) == [
                    f"Migrated the database from revision {BEFORE} to {HEAD}.",
                    f"The database is at revision {HEAD} already.",
                ]
                assert sum(len(writer.acknowledged) for writer in writers) > before
        for writer in writers:
            assert writer.statuses <= {200, 201}, writer.statuses
            assert writer.longest_s < LONGEST_S
            writer.check_all_there(writer.http)
        server.settle()
        corp.close()
    found = diagnose(folder, url)
    assert [found[name]["status"] for name in ("schema", "logs", "tails", "numbers")] == ["ok"] * 4
    with serving(folder, url) as server:
        for writer in writers:
            with httpx.Client(
                base_url=f"{server.url}/api/staff/",
                headers={"Authorization": f"Bearer {writer.token}"},
                trust_env=False,
            ) as http:
                writer.check_all_there(http)


def migrate_at_once(folder: Path, url: str | None) -> list[str]:
    """Run two migrators at the same moment; return what each said."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("RAPPORT_")}
    if url is not None:
        own["RAPPORT_DATABASE_URL"] = url
    command = [sys.executable, "-m", "rapport", "migrate", "--data", str(folder)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=own) for _ in range(2)]
    said = [process.communicate(timeout=60)[0].strip() for process in running]
    assert [process.returncode for process in running] == [0, 0]
    return said


_REQUIRED = r"(?=.*NOT NULL)(?!.*DEFAULT)"
ADDING = re.compile(
    rf"CREATE TABLE|ALTER TABLE \S+ ADD COLUMN (?!{_REQUIRED})|INSERT INTO|UPDATE"
    r"|CREATE POLICY|ALTER TABLE \S+ ENABLE ROW LEVEL SECURITY"
)


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_migrations_only_add(dialect: str) -> None:
    """The version before works on with what the next one brings, and nobody waits for an index of an old table."""
    made: set[str] = set()
    for statement in upgrade_sql("0001", dialect).split(";"):
        step = " ".join(line for line in statement.splitlines() if not line.startswith("--")).strip()
        if step.startswith("CREATE TABLE"):
            made.add(step.split()[2])
        elif index := re.match(r"CREATE (?:UNIQUE )?INDEX \S+ ON (\S+)", step):
            assert index.group(1) in made, step
            continue
        assert not step or ADDING.match(step), step


def test_a_newer_version_says_what_an_older_database_needs(tmp_path: Path, new_database: NewDatabase) -> None:
    folder, url = tmp_path / "data", new_database()
    done("init", *INSTALL, "--data", folder, url=url)
    go_back(folder, url)
    careful = {"RAPPORT_MIGRATE": "false"}
    said = refused(*SERVING, "--data", folder, url=url, **careful)
    assert f"is at revision {BEFORE} and this version of the program needs {HEAD}: run `rapport migrate` first" in said
    assert f"from revision {BEFORE} to {HEAD}" in done("migrate", "--data", folder, url=url, **careful)
    assert "already" in done("migrate", "--data", folder, url=url, **careful)
    # An older program finds a database of a newer version.
    run_in(folder, url, "UPDATE alembic_version SET version_num = '9999'")
    for arguments in (SERVING, ("migrate",)):
        assert f"newer version (9999) than this program ({HEAD})" in refused(*arguments, "--data", folder, url=url)


def test_tables_can_be_made_before_the_installation(tmp_path: Path, new_database: NewDatabase) -> None:
    folder, url = tmp_path / "data", new_database()
    if url is None:
        assert "There is no installation" in refused("migrate", "--data", folder)
        assert not folder.exists()
    else:
        assert f"Made the tables of revision {HEAD}" in done("migrate", "--data", folder, url=url)
    done("init", *INSTALL, "--data", folder, url=url, RAPPORT_MIGRATE="false")


def test_a_busy_database_is_waited_for_and_then_said(tmp_path: Path, new_database: NewDatabase) -> None:
    url, path = new_database(), tmp_path / "rapport.db"
    if url is None:
        connection = apsw.Connection(str(path))
        connection.execute("PRAGMA journal_mode=WAL").fetchall()
        connection.execute(upgrade_sql(None, to=BEFORE)).fetchall()
        connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(SchemaError, match="does not let go"):
            migrate(path, patience_s=0.3)
        threading.Timer(1, lambda: connection.execute("COMMIT")).start()
        assert migrate(path, patience_s=20).before == BEFORE
        connection.close()
        return
    with psycopg.connect(url) as connection:
        connection.execute(upgrade_sql(None, "postgresql", to=BEFORE).encode())
    with psycopg.connect(url) as connection:
        connection.execute("LOCK TABLE alembic_version IN SHARE MODE")
        with pytest.raises(SchemaError, match="long transactions"):
            migrate_postgres(url, patience_s=0.3)
        threading.Timer(2.5, connection.commit).start()
        assert migrate_postgres(url, patience_s=20).before == BEFORE


def test_a_role_that_owns_nothing_may_serve_after_a_grant(
    tmp_path: Path, new_database: NewDatabase, postgres: Postgres | None
) -> None:
    folder, url = tmp_path / "data", new_database()
    if url is None or postgres is None:
        done("init", *INSTALL, "--data", folder)
        assert "no roles" in refused("migrate", "--data", folder, "--grant", "server")
        return
    postgres.new_served_database()
    said = refused("migrate", "--data", folder, "--grant", "somebody", url=url)
    assert "There is no role somebody in PostgreSQL: make it first" in said
    served = Postgres.served(url)
    assert "may not do what Rapport needs" in refused(*SERVING, "--data", folder, url=served)
    assert "The role server may serve it." in done("migrate", "--data", folder, "--grant", "server", url=url)
    done("init", *INSTALL, "--data", folder, url=served)
    assert diagnose(folder, served)["wall"]["status"] == "ok"
    found = diagnose(folder, url)["wall"]
    assert found["status"] == "warning"
    assert "rapport migrate --grant" in found["advice"]
