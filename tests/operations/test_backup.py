"""Backing up while the server serves, and restoring elsewhere: everything acknowledged before is there."""

import asyncio
import json
import os
import shutil
import stat
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import msgspec
import pytest

from rapport.features.conversations.policies import sends_per_minute
from rapport.kernel.blobs import open_blobs
from rapport.kernel.policy import set_policy
from rapport.operations.archives import Writing, part_of, read_manifest
from rapport.operations.embedded import copy_served_file
from rapport.operations.engines import snapshot_postgres
from rapport.operations.taking import take_files
from tests.conftest import RunningServer
from tests.operations.installations import Lived, diagnose, done, live, rapport, refused, say, serving, texts_of

NewDatabase = Callable[[], str | None]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, new_database: NewDatabase) -> Iterator[tuple[RunningServer, Lived]]:
    """An installation that serves, and what people did in it."""
    with serving(tmp_path_factory.mktemp("source") / "data", new_database()) as server:
        yield server, live(server)


@pytest.fixture(scope="module")
def backup(lived: tuple[RunningServer, Lived], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of it."""
    return back_up(lived[0], tmp_path_factory.mktemp("backups"))


def back_up(server: RunningServer, to: Path) -> Path:
    """Back up an installation into a folder, from a process beside the server, and return the backup."""
    ended = rapport("backup", "--to", to, "--data", server.folder, url=server.settings.database_url)
    assert ended.returncode == 0, ended.stderr
    (made,) = to.iterdir()
    return made


def test_a_backup_is_whole_private_and_says_what_it_holds(backup: Path) -> None:
    assert backup.name.startswith("rapport-2")
    assert stat.S_IMODE(backup.stat().st_mode) == 0o700
    assert stat.S_IMODE((backup / "keys.json").stat().st_mode) == 0o600
    manifest = json.loads((backup / "manifest.json").read_text())
    assert manifest["files"] == 2
    assert manifest["missing"] == []
    assert manifest["tables"]["entry"]["rows"] >= 13
    assert manifest["started_at"] <= manifest["ended_at"]
    assert set(manifest["parts"]) == {"rapport.db", "keys.json", "files.jsonl"}
    names = [path.name for path in (backup / "files").rglob("*") if path.is_file()]
    assert len(names) == len((backup / "files.jsonl").read_text().splitlines()) == 2


def test_what_was_restored_is_what_was_there_and_clients_start_over(
    lived: tuple[RunningServer, Lived], backup: Path, tmp_path: Path, new_database: NewDatabase
) -> None:
    server, before = lived
    url = new_database()
    said = done("restore", backup, "--data", tmp_path / "new", url=url)
    assert "clients start over" in said
    assert stat.S_IMODE((tmp_path / "new" / "keys.json").stat().st_mode) == 0o600
    checks = diagnose(tmp_path / "new", url)
    assert {name for name, check in checks.items() if check["status"] == "problem"} == set()
    with serving(tmp_path / "new", url) as restored:
        before.check_all_there(restored)
        assert restored.application.runtime.epoch != server.application.runtime.epoch
        with before.http(restored) as http:
            assert http.get("sync", params={"cursor": before.cursor}).json()["reset"] is True
            say(http, before.conversation_id, "后来")
            assert texts_of(http, before.conversation_id)[-1] == "后来"


def test_a_tar_file_holds_the_same(
    lived: tuple[RunningServer, Lived], tmp_path: Path, new_database: NewDatabase
) -> None:
    server, before = lived
    tar = tmp_path / "monday.tar"
    done("backup", "--to", tar, "--data", server.folder, url=server.settings.database_url)
    assert stat.S_IMODE(tar.stat().st_mode) == 0o600
    with tarfile.open(tar) as archive:
        assert archive.getnames()[-1] == "manifest.json"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["monday.tar"]
    url = new_database()
    done("restore", tar, "--data", tmp_path / "new", url=url)
    assert not (tmp_path / "new" / "unpacked").exists()
    with serving(tmp_path / "new", url) as restored:
        before.check_all_there(restored)
    again = refused("backup", "--to", tar, "--data", server.folder, url=server.settings.database_url)
    assert "already" in again


def test_a_backup_under_load_holds_everything_that_was_acknowledged_before(
    tmp_path: Path, new_database: NewDatabase
) -> None:
    with serving(tmp_path / "data", new_database()) as server:
        before = live(server)
        server.write(lambda tx: set_policy(tx, before.corp_id, sends_per_minute.name, 100_000, "test"))
        stopping = threading.Event()
        acknowledged: list[str] = []

        def talk() -> None:
            with before.http(server) as http:
                while not stopping.is_set():
                    text = f"边备份边说 {len(acknowledged)}"
                    say(http, before.conversation_id, text)
                    acknowledged.append(text)

        talking = threading.Thread(target=talk)
        talking.start()
        try:
            while len(acknowledged) < 50:
                assert talking.is_alive()
                time.sleep(0.01)
            known = list(acknowledged)
            backup = back_up(server, tmp_path / "backups")
        finally:
            stopping.set()
            talking.join(20)
        assert len(acknowledged) > len(known), "nobody spoke while it was made"
    url = new_database()
    done("restore", backup, "--data", tmp_path / "new", url=url)
    checks = diagnose(tmp_path / "new", url)
    assert {name for name, check in checks.items() if check["status"] == "problem"} == set()
    with serving(tmp_path / "new", url) as restored, before.http(restored) as http:
        texts = texts_of(http, before.conversation_id)
        assert texts[: len(before.texts)] == before.texts
        spoken = texts[len(before.texts) :]
        assert spoken[: len(known)] == known
        assert spoken == acknowledged[: len(spoken)]


def test_what_was_recalled_while_it_was_made_is_in_no_backup(tmp_path: Path, new_database: NewDatabase) -> None:
    """Its bytes are gone when their turn comes: then the row goes out of the copy too."""
    with serving(tmp_path / "data", new_database()) as server:
        before = live(server)
        copy = tmp_path / "copy.db"
        if server.settings.database_url is None:
            copy_served_file(tmp_path / "data" / "rapport.db", copy)
        else:
            snapshot_postgres(server.settings.database_url, copy)
        with before.http(server) as http:
            url = f"conversations/{before.conversation_id}/entries"
            entries = http.get(url, params={"after": 0, "limit": 100}).json()["items"]
            (picture,) = [entry["seq"] for entry in entries if entry["kind"] == "image"]
            assert http.post(f"{url}/{picture}/recall", json={"client_id": "recall-1"}).status_code in {200, 201, 204}
        server.settle()
        connection = apsw.Connection(str(copy))
        writing = Writing(tmp_path / "backup")
        taken = asyncio.run(take_files(server.settings, open_blobs(None, tmp_path / "data"), connection, writing))
        assert (taken.files, taken.missing) == (0, [])
        assert connection.execute("SELECT count(*) FROM stored_file").fetchall() == [(0,)]
        assert connection.execute("SELECT count(*) FROM file_grant").fetchall() == [(0,)]
        connection.close()
        writing.abandon()


def test_a_file_that_the_installation_lost_is_named_and_the_rest_is_backed_up(
    tmp_path: Path, new_database: NewDatabase
) -> None:
    url, again = new_database(), new_database()
    with serving(tmp_path / "data", url) as server:
        before = live(server)
        for path in (tmp_path / "data" / "files").rglob(f"*{before.picture}"):
            path.unlink()
        lost = rapport("backup", "--to", tmp_path / "lost.tar", "--data", server.folder, url=url)
        assert lost.returncode == 0
        assert "2 files are not in it because their bytes are lost" in lost.stderr
    done("restore", tmp_path / "lost.tar", "--data", tmp_path / "new", url=again)
    assert diagnose(tmp_path / "new", again)["files"]["said"].startswith("2 files have no bytes")
    with serving(tmp_path / "new", again) as server, before.http(server) as http:
        assert texts_of(http, before.conversation_id) == before.texts


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "no manifest": (lambda backup: (backup / "manifest.json").unlink(), "There is no whole backup"),
    "half a manifest": (lambda backup: shorten(backup / "manifest.json"), "manifest.json cannot be read"),
    "another count": (
        lambda backup: replace(backup / "manifest.json", '"missing": []', '"missing": ["x"]'),
        "is not what was written",
    ),
    "half a database": (lambda backup: shorten(backup / "rapport.db"), "rapport.db has"),
    "a flipped byte": (lambda backup: flip(backup / "rapport.db"), "rapport.db holds other bytes"),
    "no keys": (lambda backup: (backup / "keys.json").unlink(), "keys.json is missing"),
    "a flipped byte of a picture": (lambda backup: flip(a_file(backup)), "holds other bytes"),
    "half a picture": (lambda backup: shorten(a_file(backup)), "holds other bytes"),
    "no picture": (lambda backup: a_file(backup).unlink(), "is missing"),
    "a shorter list": (lambda backup: shorten(backup / "files.jsonl"), "files.jsonl has"),
}


def a_file(backup: Path) -> Path:
    return next(path for path in sorted((backup / "files").rglob("*")) if path.is_file())


def shorten(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_list_that_leads_out_of_the_folder_is_refused(backup: Path, tmp_path: Path) -> None:
    shutil.copytree(backup, tmp_path / "copy")
    lines = (tmp_path / "copy" / "files.jsonl").read_text()
    name = json.loads(lines.splitlines()[0])["name"]
    (tmp_path / "copy" / "files.jsonl").write_text(lines.replace(f'"{name}"', f'"../../{name}"'))
    reseal(tmp_path / "copy", "files.jsonl")
    assert "is no name of a file" in refused("restore", tmp_path / "copy", "--data", tmp_path / "new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy"]


def reseal(backup: Path, name: str, **changed: str) -> None:
    """Make a manifest that fits what was changed, as somebody with ill will would."""
    manifest = read_manifest(backup)
    parts = manifest.parts | {name: part_of(backup / name)}
    whole = msgspec.structs.replace(manifest, parts=parts, **changed).sealed()
    (backup / "manifest.json").write_bytes(msgspec.json.encode(whole))


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_backup_is_refused_and_leaves_nothing(
    backup: Path, tmp_path: Path, damage: str, new_database: NewDatabase
) -> None:
    shutil.copytree(backup, tmp_path / "copy")
    spoil, sentence = DAMAGES[damage]
    spoil(tmp_path / "copy")
    url = new_database()
    assert sentence in refused("restore", tmp_path / "copy", "--data", tmp_path / "new", url=url)
    assert not (tmp_path / "new").exists()


def test_half_a_tar_file_is_refused(backup: Path, tmp_path: Path) -> None:
    tar = tmp_path / "half.tar"
    with tarfile.open(tar, "w") as archive:
        archive.add(backup, ".")
    shorten(tar)
    assert "is damaged" in refused("restore", tar, "--data", tmp_path / "new")
    (tmp_path / "no.tar").write_bytes(b"nothing of the kind" * 100)
    assert "is damaged" in refused("restore", tmp_path / "no.tar", "--data", tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("way", ["../out", "/rapport-out", "files/../../out", "link"])
def test_a_tar_file_that_leads_out_of_its_folder_is_refused(tmp_path: Path, way: str) -> None:
    tar = tmp_path / "hostile.tar"
    with tarfile.open(tar, "w") as archive:
        entry = tarfile.TarInfo(way)
        if way == "link":
            entry.type, entry.linkname = tarfile.SYMTYPE, "/etc"
        archive.addfile(entry)
    assert "is not one of ours" in refused("restore", tar, "--data", tmp_path / "new")
    assert not (tmp_path / "out").exists()
    assert not Path("/rapport-out").exists()
    assert not (tmp_path / "new").exists()


def test_a_backup_of_a_newer_version_is_refused(backup: Path, tmp_path: Path) -> None:
    shutil.copytree(backup, tmp_path / "copy")
    database = apsw.Connection(str(tmp_path / "copy" / "rapport.db"))
    database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    reseal(tmp_path / "copy", "rapport.db", revision="9999")
    assert "newer version (9999)" in refused("restore", tmp_path / "copy", "--data", tmp_path / "new")


def test_only_an_empty_place_is_restored_into(
    lived: tuple[RunningServer, Lived], backup: Path, tmp_path: Path, new_database: NewDatabase
) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "letter.txt").write_text("mine")
    sentence = refused("restore", backup, "--data", tmp_path / "taken", url=new_database())
    assert "is not empty (it holds letter.txt)" in sentence
    assert (tmp_path / "taken" / "letter.txt").read_text() == "mine"
    url = lived[0].settings.database_url
    if url is not None:
        assert "is not empty" in refused("restore", backup, "--data", tmp_path / "new", url=url)
        assert not (tmp_path / "new").exists()
    (tmp_path / "bare").mkdir()
    done("restore", backup, "--data", tmp_path / "bare", url=new_database())


def test_what_cannot_be_done_is_one_sentence(backup: Path, tmp_path: Path) -> None:
    assert "There is no installation in" in refused("backup", "--to", tmp_path, "--data", tmp_path / "nowhere")
    assert "There is no backup" in refused("restore", tmp_path / "nowhere", "--data", tmp_path / "new")
    lost = "postgresql://rapport:hush@127.0.0.1:1/nothing"
    for command in (("backup", "--to", tmp_path), ("restore", backup)):
        sentence = refused(*command, "--data", tmp_path / "new", url=lost)
        assert "does not let us in" in sentence
        assert "hush" not in sentence
    assert not (tmp_path / "new").exists()


def test_a_place_that_cannot_be_written_is_one_sentence(
    lived: tuple[RunningServer, Lived], backup: Path, tmp_path: Path
) -> None:
    server = lived[0]
    (tmp_path / "file").write_text("")
    url = server.settings.database_url
    # Nobody can write there, not even the superuser.
    assert "Nothing can be written into" in refused(
        "backup", "--to", "/proc/backup.tar", "--data", server.folder, url=url
    )
    assert "could not be written" in refused("restore", backup, "--data", "/proc/new")
    assert "cannot be made" in refused("backup", "--to", tmp_path / "file" / "x", "--data", server.folder, url=url)
    assert "There is no folder" in refused(
        "backup", "--to", tmp_path / "no" / "x.tar", "--data", server.folder, url=url
    )
    assert "cannot be restored into" in refused("restore", backup, "--data", tmp_path / "file" / "x")
