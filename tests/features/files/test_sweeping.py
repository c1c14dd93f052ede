"""What nothing uses goes again: files without an entry, bytes without a file, and what a crash left half received."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rapport.features.files.actions import remove_unused
from rapport.features.files.jobs import SWEEP_EVERY_US, remove_strays
from rapport.kernel.clock import DAY, HOUR, MINUTE, SystemClock
from rapport.kernel.ids import ROW_ID_LETTERS, Ids, instant_of
from rapport.kernel.policy import PLATFORM, set_policy
from tests.conftest import Corp, RunningServer
from tests.features.files import samples
from tests.features.files.test_downloading import run_jobs
from tests.features.files.test_uploading import blobs_of, upload


@pytest.fixture
def alone(own_server: RunningServer) -> Iterator[Corp]:
    made = own_server.new_corp()
    yield made
    made.close()


def leave(server: RunningServer, *names: str) -> None:
    """Put bytes into the store as an upload does whose process dies before the row is written."""

    async def put() -> None:
        for name in names:
            await server.application.runtime.blobs.put(name, b"left")

    server.run(put())


def look_everywhere(server: RunningServer) -> int:
    """Look through every part of the store once."""

    async def look() -> int:
        return sum([await remove_strays(server.application.runtime, letter) for letter in ROW_ID_LETTERS])

    return server.run(look())


def test_bytes_without_a_file_go_and_those_of_files_stay(own_server: RunningServer, alone: Corp) -> None:
    guide = alone.http("xiaoming")
    avatar = upload(guide, "image", samples.picture(size=(1000, 1000))).json()["file_id"]
    guide.patch("me", json={"avatar_file_id": avatar})
    ids = Ids(own_server.clock)
    strays = [ids.new() for _ in range(40)]
    leave(own_server, *strays, f"thumb-{strays[0]}", "README")
    kept = {avatar, f"thumb-{avatar}", "README"}
    assert look_everywhere(own_server) == 0
    own_server.clock.advance(23 * HOUR)
    under_way = Ids(own_server.clock).new()
    leave(own_server, under_way)
    own_server.clock.advance(HOUR + MINUTE)
    look_everywhere(own_server)  # how many it finds is not for sure: the worker looks at one part by itself
    assert blobs_of(own_server) == kept | {under_way}
    assert alone.http("xiaoming").get(f"files/{avatar}").content


def test_bytes_that_came_just_now_stay_whatever_their_id_says(own_server: RunningServer) -> None:
    """Whoever tells of the past makes ids of the past: their rows are still to come."""
    own_server.clock.advance(-30 * DAY)
    early = Ids(own_server.clock).new()
    own_server.clock.advance(28 * DAY)
    leave(own_server, early)
    assert look_everywhere(own_server) == 0
    assert blobs_of(own_server) == {early}


def test_the_worker_looks_at_one_part_after_the_other(own_server: RunningServer) -> None:
    ids = Ids(own_server.clock)
    strays = [ids.new() for _ in range(400)]
    leave(own_server, *strays)
    assert {stray[-1] for stray in strays} == set(ROW_ID_LETTERS)
    run_jobs(own_server, 2 * DAY)
    first = {name[-1] for name in blobs_of(own_server)}
    assert len(first) == len(ROW_ID_LETTERS) - 1
    run_jobs(own_server, SWEEP_EVERY_US + MINUTE)
    assert len(first - {name[-1] for name in blobs_of(own_server)}) == 1


def test_how_long_an_unused_file_is_kept_is_a_policy(own_server: RunningServer, alone: Corp) -> None:
    own_server.write(lambda tx: set_policy(tx, PLATFORM, "files.unused_hours", 48, "test"))
    file_id = upload(alone.http("xiaoming"), "file", b"draft", "a.txt").json()["file_id"]
    own_server.clock.advance(47 * HOUR)
    assert own_server.write(remove_unused) == 0
    assert look_everywhere(own_server) == 0
    own_server.clock.advance(2 * HOUR)
    run_jobs(own_server, 0)
    assert alone.http("xiaoming").get(f"files/{file_id}").status_code == 404
    assert blobs_of(own_server) == set()


def test_what_a_crash_left_half_received_goes_at_start(tmp_path: Path) -> None:
    incoming = tmp_path / "files" / "incoming"
    incoming.mkdir(parents=True)
    (left := incoming / "0123456789abcdef01234567").write_bytes(bytes(1024))
    server = RunningServer(tmp_path)
    server.start()
    try:
        assert not left.exists()
    finally:
        server.stop()


def test_an_id_says_when_it_was_made() -> None:
    clock = SystemClock(-40 * 365 * DAY)
    before = clock.now() // 1000 * 1000
    made = instant_of(Ids(clock).new())
    assert made is not None
    assert before <= made <= clock.now()
    for strange in ("", "README", "u" * 26, "0" * 25, f"thumb-{'0' * 26}"):
        assert instant_of(strange) is None
