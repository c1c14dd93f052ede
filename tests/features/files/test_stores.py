"""Where bytes lie: in parts when they are many, never torn, and what a store that does not work is told as."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from rapport.kernel.blobs import Blobs, open_blobs
from rapport.kernel.errors import BodyTooLarge, TryAgain
from rapport.settings import SettingsError
from tests.conftest import RunningServer
from tests.features.files import samples
from tests.features.files.conftest import STORES, store_of
from tests.features.files.test_uploading import upload
from tests.services import S3, S3_KEYS, free_port

BIG = bytes(range(256)) * 80_000


@pytest.fixture(params=STORES)
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    return open_blobs(store_of(request), tmp_path)


async def in_chunks(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), 1_000_000):
        yield data[start : start + 1_000_000]


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def read(blobs: Blobs, name: str, start: int, end: int) -> bytes:
    return b"".join([chunk async for chunk in blobs.read(name, start, end)])


async def test_twenty_megabytes_come_back_whole_and_in_ranges(blobs: Blobs) -> None:
    path = await blobs.receive(in_chunks(BIG), len(BIG))
    assert path.stat().st_size == len(BIG)
    await blobs.adopt("big", path)
    assert not path.exists()
    assert await read(blobs, "big", 0, len(BIG)) == BIG
    assert await read(blobs, "big", 1_048_570, 3_145_735) == BIG[1_048_570:3_145_735]
    assert await read(blobs, "big", len(BIG) - 1, len(BIG)) == BIG[-1:]
    assert [(blob.name, blob.size) for blob in await blobs.stored("g")] == [("big", len(BIG))]
    assert await blobs.stored("b") == []


async def test_what_is_too_large_leaves_nothing(blobs: Blobs, tmp_path: Path) -> None:
    with pytest.raises(BodyTooLarge):
        await blobs.receive(in_chunks(BIG), len(BIG) - 1)
    assert files_below(tmp_path) == []


async def test_removing_twice_is_fine_and_what_is_gone_is_not_there(blobs: Blobs) -> None:
    await blobs.put("note", b"hello")
    await blobs.remove("note")
    await blobs.remove("note")
    with pytest.raises(FileNotFoundError):
        await read(blobs, "note", 0, 5)


async def test_a_process_clears_away_what_dead_ones_received_and_nothing_else(blobs: Blobs, tmp_path: Path) -> None:
    mine = await blobs.receive(in_chunks(b"mine"), 10)
    dead = mine.parent.parent / "0123456789abcdef"
    dead.mkdir()
    (dead / "left").write_bytes(b"left")
    other = open_blobs(None if "files" in mine.parts else "s3://other", tmp_path)
    await other.forget_received()
    assert mine.read_bytes() == b"mine"
    assert not dead.exists()


async def test_a_store_that_is_gone_is_to_be_tried_again(s3: S3, tmp_path: Path) -> None:
    url = s3.new_bucket()
    nowhere = open_blobs(url.replace(s3.endpoint, f"http://127.0.0.1:{free_port()}"), tmp_path)
    no_bucket = open_blobs(url.replace("s3://", "s3://no-"), tmp_path)
    for lost in (nowhere, no_bucket):
        with pytest.raises(TryAgain):
            await lost.put("note", b"hello")
        with pytest.raises(TryAgain):
            await read(lost, "note", 0, 5)
        with pytest.raises(TryAgain):
            await lost.stored("e")


def test_people_are_told_to_try_again_while_the_store_is_away(
    tmp_path: Path, served_database: Callable[[], str | None]
) -> None:
    store = S3()
    store.start()
    server = RunningServer(tmp_path, database_url=served_database(), blobs_url=store.new_bucket())
    server.start()
    try:
        corp = server.new_corp()
        guide = corp.http("xiaoming")
        kept = upload(guide, "image", samples.picture()).json()["file_id"]
        assert guide.get(f"files/{kept}").status_code == 200
        store.stop()
        for answer in (upload(guide, "image", samples.picture()), guide.get(f"files/{kept}")):
            assert (answer.status_code, answer.json()["code"]) == (503, "try_again")
        assert guide.get("me").status_code == 200
        corp.close()
    finally:
        server.stop()


@pytest.fixture
def signed() -> S3:
    """A server that does not know the tests' key."""
    return S3(signed=True)


def check(url: str, folder: Path) -> None:
    asyncio.run(open_blobs(url, folder).check())


def test_a_store_that_cannot_be_used_is_one_sentence(s3: S3, signed: S3, tmp_path: Path) -> None:
    url = s3.new_bucket()
    check(url, tmp_path)
    with pytest.raises(SettingsError, match="There is no bucket no-files"):
        check(url.replace("s3://", "s3://no-"), tmp_path)
    with pytest.raises(SettingsError, match="does not answer as it should"):
        check(url.replace(s3.endpoint, f"http://127.0.0.1:{free_port()}"), tmp_path)
    signed.start()
    try:
        with pytest.raises(SettingsError, match=r"does not let us .* check AWS_ACCESS_KEY_ID"):
            check(signed.new_bucket(), tmp_path)
    finally:
        signed.stop()
    (tmp_path / "taken").write_text("")
    with pytest.raises(SettingsError, match="cannot be made"):
        check(f"file://{tmp_path / 'taken'}", tmp_path)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("ftp://somewhere", "is no address of a store"),
        ("file://host/folder", "is no address of a store"),
        ("s3://", "has the form"),
        ("s3://key:hush@bucket", "has the form"),
        ("s3://bucket?colour=red", "has the form"),
        ("s3://bucket?endpoint=ftp://x", "endpoint in RAPPORT_BLOBS_URL begins"),
        ("s3://bucket?style=loud", "is path or virtual"),
    ],
)
def test_a_wrong_address_is_one_sentence_without_what_it_hides(url: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=sentence) as raised:
        open_blobs(url, tmp_path)
    assert "hush" not in str(raised.value)


def test_a_server_does_not_start_on_a_store_that_does_not_work(s3: S3, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "rapport", "demo", "--data", str(tmp_path / "data"), "--port", "0"]
    lost = s3.new_bucket().replace("s3://", "s3://no-")
    environment = os.environ | S3_KEYS | {"RAPPORT_BLOBS_URL": lost, "RAPPORT_DATABASE_URL": ""}
    del environment["RAPPORT_DATABASE_URL"]
    stopped = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)
    assert stopped.returncode == 1
    assert "There is no bucket no-files" in stopped.stderr
    assert "Traceback" not in stopped.stderr
