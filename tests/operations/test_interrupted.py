"""What a killed operation, a full disk or a lost connection leaves behind: nothing that is taken for whole."""

import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import apsw
import psycopg
import pytest

from rapport.database import FILE_NAME
from rapport.kernel.leases import list_leases
from tests.operations.installations import Lived, done, live, refused, serving

NewDatabase = Callable[[], str | None]
ROWS = 150_000


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Lived]:
    """A stopped embedded installation, large enough for operations to take a while."""
    folder = tmp_path_factory.mktemp("large") / "data"
    with serving(folder, None) as server:
        lived = live(server)
    connection = apsw.Connection(str(folder / "rapport.db"))
    connection.execute(
        "INSERT INTO journal (corp_id, kind, audience, body, at)"
        " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
        " SELECT 'c', 'a.b', '{}', hex(zeroblob(200)), i FROM n",
        (ROWS,),
    ).fetchall()
    connection.close()
    return folder, lived


@contextmanager
def starting(*arguments: object, url: str | None = None) -> "Iterator[subprocess.Popen[bytes]]":
    own = {name: value for name, value in os.environ.items() if not name.startswith("RAPPORT_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "rapport", *map(str, arguments)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=own if url is None else own | {"RAPPORT_DATABASE_URL": url},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(20)


def kill_when(process: "subprocess.Popen[bytes]", is_time: Callable[[], bool]) -> None:
    """Take a process away in the middle of its work."""
    deadline = time.monotonic() + 30
    while not is_time():
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait(20)


def test_a_killed_backup_is_not_taken_for_one(large: tuple[Path, Lived], tmp_path: Path) -> None:
    folder, lived = large

    def copying() -> bool:
        return any(path.stat().st_size > 1_000_000 for path in tmp_path.glob("backups/.*.unfinished/rapport.db"))

    with starting("backup", "--to", tmp_path / "backups", "--data", folder) as process:
        kill_when(process, copying)
    (left,) = (tmp_path / "backups").iterdir()
    assert left.name.endswith(".unfinished")
    assert "There is no whole backup" in refused("restore", left, "--data", tmp_path / "new")
    done("backup", "--to", tmp_path / "backups", "--data", folder)
    (whole,) = (path for path in (tmp_path / "backups").iterdir() if path != left)
    done("restore", whole, "--data", tmp_path / "new")
    with serving(tmp_path / "new", None) as server:
        lived.check_all_there(server)


def test_a_killed_restore_leaves_no_installation(
    large: tuple[Path, Lived], tmp_path: Path, new_database: NewDatabase
) -> None:
    folder, lived = large
    done("backup", "--to", tmp_path / "whole.tar", "--data", folder)
    url, new = new_database(), tmp_path / "new"
    with starting("restore", tmp_path / "whole.tar", "--data", new, url=url) as process:
        kill_when(process, (new / "rapport.db.unfinished").exists)
    assert "There is no installation" in refused("doctor", "--data", new, url=url)
    assert "is not empty" in refused("restore", tmp_path / "whole.tar", "--data", new, url=url)
    done("restore", tmp_path / "whole.tar", "--data", tmp_path / "other", url=url)
    with serving(tmp_path / "other", url) as server:
        lived.check_all_there(server)


@pytest.mark.postgresql
def test_a_killed_move_leaves_an_empty_database_and_the_source_as_it_was(
    large: tuple[Path, Lived], new_database: Callable[[], str]
) -> None:
    folder, lived = large
    url = new_database()
    source = (folder / "rapport.db").read_bytes()
    with psycopg.connect(url, autocommit=True) as watching:

        def carrying() -> bool:
            found = watching.execute("SELECT max(tuples_processed) FROM pg_stat_progress_copy").fetchone()
            return found is not None and (found[0] or 0) > 10_000

        with starting("move", "--to", url, "--data", folder) as process:
            kill_when(process, carrying)
        deadline = time.monotonic() + 20
        while watching.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        ).fetchone() != (1,):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert watching.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)
    assert (folder / "rapport.db").read_bytes() == source
    done("move", "--to", url, "--data", folder)
    with serving(folder, url) as server:
        lived.check_all_there(server)


@pytest.mark.postgresql
def test_a_connection_that_is_cut_undoes_the_move(large: tuple[Path, Lived], new_database: Callable[[], str]) -> None:
    folder, _ = large
    url = new_database()
    with psycopg.connect(url, autocommit=True) as watching:
        with starting("move", "--to", url, "--data", folder) as process:
            deadline = time.monotonic() + 30
            cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_progress_copy WHERE tuples_processed > 10000"
            while watching.execute(cut.encode()).fetchone() == (0,):
                assert time.monotonic() < deadline
                assert process.poll() is None
            assert process.wait(20) == 1
        assert watching.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)


@pytest.mark.parametrize("to", ["backups", "backup.tar"])
def test_a_full_disk_is_one_sentence_and_leaves_nothing(large: tuple[Path, Lived], tmp_path: Path, to: str) -> None:
    folder, _ = large

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000_000, 20_000_000))

    own = {name: value for name, value in os.environ.items() if not name.startswith("RAPPORT_")}
    (tmp_path / "there").mkdir()
    ended = subprocess.run(
        [sys.executable, "-m", "rapport", "backup", "--to", str(tmp_path / "there" / to), "--data", str(folder)],
        capture_output=True, text=True, check=False, env=own, preexec_fn=little_room, timeout=60,
    )  # fmt: skip
    assert ended.returncode == 1
    assert "could not be written" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert [path for path in (tmp_path / "there").rglob("*") if path.is_file()] == []


@pytest.mark.sqlite
def test_after_a_crash_nobody_waits_for_the_leases_of_the_dead(tmp_path: Path) -> None:
    with serving(tmp_path, None):
        pass
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as file, file:
        file.execute("UPDATE lease SET holder = 'dead', held_until = ?", (time.time_ns() // 1000 + 60_000_000,))
    with serving(tmp_path, None) as server:
        give_up_at = time.monotonic() + 4
        while "dead" in {lease.holder for lease in server.read(list_leases)}:
            assert time.monotonic() < give_up_at, "what follows stands still until somebody else's lease ends"
            time.sleep(0.05)
