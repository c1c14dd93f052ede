"""A wrong configuration stops a command with one sentence and another exit code than 0, before anything is done."""

import os
import shutil
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
import psycopg
import pytest

from tests.operations.installations import done, refused
from tests.services import Postgres, running_postgres

NewDatabase = Callable[[], str | None]
INSTALL = ("--corp", "山海有限公司", "--short-name", "山海", "--owner", "boss", "--owner-name", "老板")
SERVING = ("serve", "--port", "0")
MAKING = ("init", *INSTALL)
ADDING = ("operator", "add", "x", "--name", "x")
PLAYING = ("demo", "--port", "0")
CHEAP = {"RAPPORT_PASSWORD_MEMORY_KIB": "64", "RAPPORT_PASSWORD_ROUNDS": "1", "RAPPORT_LOG_LEVEL": "error"}
"""Without the warnings of a slow machine."""
ENTITLED = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--"] if os.geteuid() == 0 else []
"""Root may write anywhere, unless that right is taken away."""


def stops(*arguments: object, url: str | None = None, entitled: bool = False) -> str:
    """Run a command in a process of its own that must end with one sentence; return it."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("RAPPORT_")} | CHEAP
    if url is not None:
        own["RAPPORT_DATABASE_URL"] = url
    ended = subprocess.run(
        [*(ENTITLED if entitled else []), sys.executable, "-m", "rapport", *map(str, arguments)],
        capture_output=True, text=True, timeout=60, check=False, env=own,
    )  # fmt: skip
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1, ended.stderr
    return ended.stderr


@contextmanager
def served(folder: Path, url: str | None = None) -> Iterator[None]:
    """Serve an installation in a process of its own."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("RAPPORT_")} | CHEAP
    if url is not None:
        own["RAPPORT_DATABASE_URL"] = url
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "rapport", *SERVING, "--data", str(folder)], stdout=subprocess.PIPE, env=own
    )
    assert process.stdout is not None
    try:
        assert b"answers at" in process.stdout.readline()
        yield
    finally:
        process.terminate()
        assert process.wait(20) == 0
        process.stdout.close()


@pytest.fixture
def made(tmp_path: Path, new_database: NewDatabase) -> tuple[Path, str | None]:
    """An installation that was made and never served: its folder and its database."""
    url = new_database()
    done(*MAKING, "--data", tmp_path / "made", url=url)
    return tmp_path / "made", url


@pytest.mark.sqlite
@pytest.mark.parametrize("arguments", [MAKING, PLAYING], ids=["init", "demo"])
@pytest.mark.parametrize("name", [".", "below"])
def test_a_folder_that_cannot_be_written(tmp_path: Path, arguments: tuple[str, ...], name: str) -> None:
    tmp_path.chmod(0o500)
    try:
        said = stops(*arguments, "--data", tmp_path / name, entitled=True)
    finally:
        tmp_path.chmod(0o700)
    assert "cannot be written (Permission denied)" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (SERVING, "cannot be written (Permission denied)"),
        (ADDING, "must belong to who runs the server"),
        (("doctor",), "must own its folder"),
        (("backup", "--to", "elsewhere"), "must own its folder"),
    ],
    ids=["serve", "operator", "doctor", "backup"],
)
def test_an_installation_that_cannot_be_written(
    made: tuple[Path, None], arguments: tuple[str, ...], sentence: str
) -> None:
    folder, _ = made
    folder.chmod(0o500)
    try:
        assert sentence in stops(*arguments, "--data", folder, entitled=True)
    finally:
        folder.chmod(0o700)


@pytest.mark.sqlite
def test_a_database_file_that_is_somebody_elses_or_broken(made: tuple[Path, None]) -> None:
    folder, _ = made
    file = folder / "rapport.db"
    file.chmod(0o400)
    assert "may not be written" in stops(*SERVING, "--data", folder, entitled=True)
    file.chmod(0)
    assert "must belong to who runs the server" in stops(*SERVING, "--data", folder, entitled=True)
    file.chmod(0o600)
    file.write_bytes(b"no database at all" * 1000)
    assert "is damaged" in stops(*SERVING, "--data", folder)
    file.unlink()
    apsw.Connection(str(file)).execute("CREATE TABLE recipe (name TEXT)")
    assert "holds something else already (recipe)" in stops(*SERVING, "--data", folder)


@pytest.mark.sqlite
def test_two_servers_on_one_embedded_database(made: tuple[Path, None]) -> None:
    folder, _ = made
    with served(folder):
        assert f"{folder} is served already (by process " in stops(*SERVING, "--data", folder)
        assert "already" in refused("init", *INSTALL, "--data", folder)
    with served(folder):
        pass


@pytest.mark.sqlite
def test_two_demos_in_one_folder(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "rapport", *PLAYING, "--data", str(tmp_path)],
        stdout=subprocess.PIPE,
        env=os.environ | CHEAP,
    ) as first:
        assert first.stdout is not None
        try:
            # It has only begun: the second must not clear away what the first is making.
            assert b"preparing" in first.stdout.readline()
            assert "is served already" in stops(*PLAYING, "--data", tmp_path)
            assert any(b"Ctrl-C" in line for line in first.stdout)
        finally:
            first.terminate()
            first.stdout.read()


def test_a_taken_port(made: tuple[Path, str | None]) -> None:
    folder, url = made
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = stops("serve", "--data", folder, "--port", port, url=url)
    assert f"Cannot listen on 127.0.0.1:{port}" in said


@pytest.mark.sqlite
def test_a_certificate_that_is_none(made: tuple[Path, None], tmp_path: Path) -> None:
    folder, _ = made
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("no certificate")
    said = stops(*SERVING, "--data", folder, "--certificate", wrong, "--key", wrong)
    assert "are no PEM certificate chain" in said


def test_keys_of_another_installation(made: tuple[Path, str | None], tmp_path: Path, new_database: NewDatabase) -> None:
    folder, url = made
    done(*MAKING, "--data", tmp_path / "other", url=new_database())
    own = (folder / "keys.json").read_bytes()
    shutil.copy2(tmp_path / "other" / "keys.json", folder / "keys.json")
    assert "are those of another installation" in stops(*SERVING, "--data", folder, url=url)
    assert "are those of another installation" in stops(
        "operator", "add", "x", "--name", "x", "--data", folder, url=url
    )
    (folder / "keys.json").write_bytes(own)
    with served(folder, url):
        pass
    # Lost for good: new ones count, and the former no longer.
    (folder / "keys.json").unlink()
    done("keys", "--data", folder, url=url)
    with served(folder, url):
        pass
    (folder / "keys.json").write_bytes(own)
    assert "are those of another installation" in stops(*SERVING, "--data", folder, url=url)


COMMANDS = [
    SERVING,
    MAKING,
    PLAYING,
    ("doctor",),
    ("backup", "--to", "elsewhere"),
    ADDING,
]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Postgres]:
    """A server whose users, encodings and standbys a test may choose."""
    with running_postgres() as found:
        yield found


def all_say(sentence: str, url: str, folder: Path, commands: list[tuple[str, ...]] = COMMANDS) -> None:
    """Every command ends with this sentence, in which no password stands."""
    for arguments in commands:
        said = refused(*arguments, "--data", folder, url=url)
        assert sentence in said, (arguments, said)
        assert "hush" not in said


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("nonsense", "is no address"),
        ("mysql://rapport:hush@127.0.0.1/rapport", "is no address"),
        ("postgresql://rapport:hush@127.0.0.1:1/rapport", "Connection refused"),
        ("postgresql://rapport:hush@nowhere.invalid/rapport", "nowhere.invalid"),
    ],
)
def test_a_wrong_address(url: str, sentence: str, tmp_path: Path) -> None:
    all_say(sentence, url, tmp_path)
    assert not (tmp_path / "keys.json").exists()


@pytest.mark.postgresql
def test_a_database_that_is_not_there_and_a_wrong_password(cluster: Postgres, tmp_path: Path) -> None:
    url = cluster.new_database()
    all_say("does not exist", f"{url}_missing", tmp_path)
    rules = cluster.folder / "data" / "pg_hba.conf"
    rules.write_text(f"host all guarded 127.0.0.1/32 scram-sha-256\n{rules.read_text()}")
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("CREATE ROLE guarded LOGIN PASSWORD 'right'")
        admin.execute("SELECT pg_reload_conf()")
    all_say("password authentication failed", url.replace("rapport@", "guarded:hush@"), tmp_path)


@pytest.mark.postgresql
def test_a_user_who_may_not(cluster: Postgres, tmp_path: Path) -> None:
    empty, url, folder = cluster.new_database(), cluster.new_database(), tmp_path / "made"
    done(*MAKING, "--data", folder, url=url)
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("CREATE ROLE nobody_yet LOGIN")
        admin.execute("CREATE ROLE reader LOGIN")
        admin.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    all_say("may not do what Rapport needs", empty.replace("rapport@", "reader@"), tmp_path / "new", [MAKING, PLAYING])
    all_say("may not do what Rapport needs", url.replace("rapport@", "nobody_yet@"), folder)
    writing = [SERVING, ADDING]
    all_say("it has to read and write", url.replace("rapport@", "reader@"), folder, writing)
    # Looking needs no more than reading.
    assert "logs" in done("doctor", "--data", folder, url=url.replace("rapport@", "reader@"))


@pytest.mark.postgresql
def test_a_database_of_something_else_or_of_another_encoding(cluster: Postgres, tmp_path: Path) -> None:
    url = cluster.new_database()
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute("CREATE TABLE recipe (name text)")
        admin.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    all_say("holds something else already (recipe)", url, tmp_path, [MAKING, PLAYING])
    all_say("is encoded in LATIN1", f"{url.rpartition('/')[0]}/latin", tmp_path)


@pytest.mark.postgresql
def test_a_standby_is_not_served_and_can_be_backed_up(cluster: Postgres, tmp_path: Path) -> None:
    url, folder = cluster.new_database(), tmp_path / "made"
    done(*MAKING, "--data", folder, url=url)
    with running_standby(cluster) as standby:
        there = url.replace(f":{cluster.port}/", f":{standby.port}/")
        all_say("takes no writes (it is a standby", there, folder, [SERVING, ADDING])
        assert "Backed up" in done("backup", "--to", tmp_path / "standby.tar", "--data", folder, url=there)
        done(*MAKING, "--data", tmp_path / "embedded")
        for arguments in (("restore", tmp_path / "standby.tar"), ("move", "--to", there)):
            here = there if arguments[0] == "restore" else None
            folder_of = tmp_path / ("new" if here else "embedded")
            assert "takes no writes (it is a standby" in refused(*arguments, "--data", folder_of, url=here)
        both = f"postgresql://rapport@127.0.0.1:{standby.port},127.0.0.1:{cluster.port}/{url.rpartition('/')[2]}"
        with served(folder, both):
            pass


@contextmanager
def running_standby(cluster: Postgres) -> Iterator[Postgres]:
    folder = cluster.folder.with_name(f"{cluster.folder.name}-standby")
    folder.mkdir()
    standby = cluster.new_standby(folder)
    try:
        yield standby
    finally:
        standby.stop()
        shutil.rmtree(folder)
        with psycopg.connect(cluster.url, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM RESET synchronous_standby_names")
            connection.execute("SELECT pg_reload_conf()")


@pytest.mark.postgresql
def test_a_server_that_is_too_old(tmp_path: Path) -> None:
    with old_server() as port:
        all_say(
            "PostgreSQL 15 or newer is needed; the server is of version 14",
            f"postgresql://x@127.0.0.1:{port}/x",
            tmp_path,
        )


@contextmanager
def old_server() -> Iterator[int]:
    """Answer as a PostgreSQL 14 does until somebody asks for data."""

    def message(kind: bytes, body: bytes) -> bytes:
        return kind + struct.pack("!I", len(body) + 4) + body

    said = {"server_version": "14.17", "server_encoding": "UTF8", "client_encoding": "UTF8", "in_hot_standby": "off"}
    said |= {"default_transaction_read_only": "off"}
    statuses = b"".join(message(b"S", f"{name}\0{value}\0".encode()) for name, value in said.items())
    welcome = message(b"R", struct.pack("!I", 0)) + statuses + message(b"Z", b"I")
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            try:
                caller, _ = listener.accept()
            except OSError:
                return
            with caller:
                (length, code) = struct.unpack("!II", caller.recv(8))
                if code == 80877103:  # asks for TLS
                    caller.sendall(b"N")
                    (length, _) = struct.unpack("!II", caller.recv(8))
                caller.recv(length - 8)
                caller.sendall(welcome)
                caller.recv(1000)

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)
