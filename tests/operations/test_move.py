"""Moving from the embedded engine to PostgreSQL, and numbers that go on counting upwards wherever they go."""

from collections.abc import Callable
from pathlib import Path

import apsw
import psycopg
import pytest
from sqlalchemy import func, select

from rapport.kernel.engines.numbering import read_base
from rapport.kernel.journal import journal
from rapport.kernel.statements import scalar
from tests.conftest import RunningServer
from tests.operations.installations import Lived, diagnose, done, live, rapport, refused, say, serving, texts_of
from tests.services import free_port

pytestmark = pytest.mark.postgresql
NewDatabase = Callable[[], str]
_highest = scalar(select(func.max(journal.c.id)))


@pytest.fixture
def left(tmp_path: Path) -> Lived:
    """An embedded installation that was stopped, and what people did in it."""
    with serving(tmp_path / "data", None) as server:
        return live(server)


def raise_numbers(folder: Path, to: int) -> None:
    """Let an embedded installation look as old as a busy one, far ahead of a new cluster's transaction ids."""
    database = apsw.Connection(str(folder / "rapport.db"))
    database.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'journal'", (to,))
    database.close()


def bytes_of(folder: Path) -> bytes:
    return (folder / "rapport.db").read_bytes()


def highest(server: RunningServer) -> int:
    return server.read(lambda tx: tx.one(_highest)) or 0


def test_everything_is_there_after_a_move_and_old_cursors_go_on(
    tmp_path: Path, left: Lived, new_database: NewDatabase
) -> None:
    folder, url = tmp_path / "data", new_database()
    raise_numbers(folder, 900_000_000_000_000)
    with serving(folder, None) as server, left.http(server) as http:
        say(http, left.conversation_id, "搬家前")
        server.settle()
        cursor = http.get("sync").json()["cursor"]
        before, epoch = highest(server), server.application.runtime.epoch
    source = bytes_of(folder)
    said = done("move", "--to", url, "--data", folder)
    assert "every table was compared" in said
    assert bytes_of(folder) == source
    with psycopg.connect(url) as connection:
        assert read_base(connection) > 0
    with serving(folder, url) as server, left.http(server) as http:
        left.check_all_there(server)
        assert server.application.runtime.epoch == epoch
        nothing = http.get("sync", params={"cursor": cursor}).json()
        assert (nothing["reset"], nothing["conversations"]) == (False, [])
        say(http, left.conversation_id, "搬家后")
        changed = http.get("sync", params={"cursor": cursor}).json()
        assert [item["conversation_id"] for item in changed["conversations"]] == [left.conversation_id]
        assert changed["reset"] is False
        assert texts_of(http, left.conversation_id)[-2:] == ["搬家前", "搬家后"]
        assert highest(server) > before
        server.settle()
        # What has numbers of its own goes on too.
        server.new_corp("新店")
    checks = diagnose(folder, url)
    assert {name for name, check in checks.items() if check["status"] == "problem"} == set()


def test_the_way_back_is_a_backup_and_numbers_go_on_there_too(
    tmp_path: Path, left: Lived, new_database: NewDatabase
) -> None:
    folder, url, again = tmp_path / "data", new_database(), new_database()
    done("move", "--to", url, "--data", folder)
    with serving(folder, url) as server, left.http(server) as http:
        say(http, left.conversation_id, "在云上")
        server.settle()
        before = highest(server)
    done("backup", "--to", tmp_path / "backup.tar", "--data", folder, url=url)
    done("restore", tmp_path / "backup.tar", "--data", tmp_path / "home")
    with serving(tmp_path / "home", None) as server, left.http(server) as http:
        left.check_all_there(server)
        assert texts_of(http, left.conversation_id)[-1] == "在云上"
        say(http, left.conversation_id, "回家了")
        server.settle()
        assert highest(server) > before
        before = highest(server)
    done("backup", "--to", tmp_path / "second.tar", "--data", tmp_path / "home")
    done("restore", tmp_path / "second.tar", "--data", tmp_path / "third", url=again)
    with serving(tmp_path / "third", again) as server, left.http(server) as http:
        assert texts_of(http, left.conversation_id)[-1] == "回家了"
        say(http, left.conversation_id, "又上云")
        assert highest(server) > before


def test_a_served_installation_is_not_moved(tmp_path: Path, new_database: NewDatabase) -> None:
    url = new_database()
    with serving(tmp_path / "data", None):
        # From another process: the locks of one's own do not count.
        ended = rapport("move", "--to", url, "--data", tmp_path / "data")
    assert ended.returncode == 1
    assert "is in use: stop the server first" in ended.stderr
    assert tables_at(url) == 0


def tables_at(url: str) -> int:
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        assert found is not None
        return int(found[0])


def test_what_cannot_be_moved_is_one_sentence(tmp_path: Path, left: Lived, new_database: NewDatabase) -> None:
    folder, url = tmp_path / "data", new_database()
    assert left.token
    source = bytes_of(folder)
    assert "no embedded installation" in refused("move", "--to", url, "--data", tmp_path / "nowhere")
    assert "--to is no address" in refused("move", "--to", "nonsense", "--data", folder)
    lost = refused("move", "--to", f"postgresql://rapport:hush@127.0.0.1:{free_port()}/x", "--data", folder)
    assert "--to does not let us in" in lost
    assert "hush" not in lost
    stranger = refused("move", "--to", url.replace("rapport@", "nobody:hush@"), "--data", folder)
    assert 'role "nobody" does not exist' in stranger
    assert "hush" not in stranger
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE other (a int)")
    assert "is not empty (it holds other)" in refused("move", "--to", url, "--data", folder)
    assert tables_at(url) == 1
    assert bytes_of(folder) == source


def test_a_row_that_cannot_be_stored_undoes_the_whole_move(
    tmp_path: Path, left: Lived, new_database: NewDatabase
) -> None:
    """A participant without a conversation: PostgreSQL refuses it, and nothing of the rest stays."""
    folder, url = tmp_path / "data", new_database()
    assert left.token
    database = apsw.Connection(str(folder / "rapport.db"))
    database.execute("UPDATE participant SET conversation_id = conversation_id || '-nobody'")
    database.close()
    assert "holds what PostgreSQL does not take" in refused("move", "--to", url, "--data", folder)
    assert tables_at(url) == 0


def test_a_character_that_postgresql_cannot_hold_is_left_out(
    tmp_path: Path, left: Lived, new_database: NewDatabase
) -> None:
    folder, url = tmp_path / "data", new_database()
    database = apsw.Connection(str(folder / "rapport.db"))
    database.execute("UPDATE member SET alias = 'a' || char(0) || 'b' WHERE userid = 'xiaoming'")
    database.close()
    done("move", "--to", url, "--data", folder)
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT alias FROM member WHERE userid = 'xiaoming'").fetchone() == ("ab",)
    with serving(folder, url) as server:
        left.check_all_there(server)


def test_an_older_schema_is_brought_up_before_it_is_moved(
    tmp_path: Path, left: Lived, new_database: NewDatabase
) -> None:
    folder, url = tmp_path / "data", new_database()
    assert left.token
    database = apsw.Connection(str(folder / "rapport.db"))
    database.execute("UPDATE alembic_version SET version_num = '0001'")
    database.close()
    assert "is at revision 0001" in refused("move", "--to", url, "--data", folder)
    assert tables_at(url) == 0
