"""kill -9 of the server under load, at random moments, and a disk that is full for a while.

What was acknowledged is there once, in order, and reaches everyone.
"""

import asyncio
import contextlib
import os
import random
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.faults.checker import find_differences, find_losses
from tests.faults.load import Logs, Reader, Writer, read_all
from tests.faults.nemeses import mount_small_disks, small_disks_missing
from tests.faults.process import ServerProcess
from tests.faults.report import today, write
from tests.faults.seeding import Seed, seed

MEMBERS, PAIRS = 8, 6


Disturb = Callable[[ServerProcess, random.Random], Awaitable[None]]


async def storm(server: ServerProcess, seeded: Seed, disturb: Disturb, chance: random.Random) -> int:
    """Load the server, disturb it, and check at the end; return how many messages were acknowledged."""
    people = seeded.members()
    writers = [Writer(server.url, person, random.Random(chance.random()), recalls=0.1) for person in people]
    readers = [Reader(server.url, person) for person in people[:3]]
    tasks = [asyncio.create_task(part.run()) for part in (*writers, *readers)]
    try:
        await disturb(server, chance)
        await asyncio.sleep(0.3)
        for writer in writers:
            writer.stopping = True
        async with asyncio.timeout(30):
            await asyncio.gather(*tasks[: len(writers)])
        await asyncio.sleep(0.5)
        for reader in readers:
            reader.stopping = True
        async with asyncio.timeout(30):
            await asyncio.gather(*tasks[len(writers) :])
    finally:
        for task in tasks:
            task.cancel()
    violations: list[str] = []
    for reader in readers:
        async with reader.person.client(server.url) as client:
            stored = await read_all(client, reader.person.conversations)
        violations += find_differences(reader.person.name, await reader.finish(), stored)
    everything: Logs = {}
    for person in people:
        async with person.client(server.url) as client:
            everything |= await read_all(client, [one for one in person.conversations if one not in everything])
    acked = [ack for writer in writers for ack in writer.acked]
    recalled = {target for writer in writers for target in writer.recalled}
    violations += find_losses(everything, acked, recalled, [ack.client_id for ack in acked])
    assert violations == []
    return len(acked)


def crashes(rounds: int) -> Disturb:
    """Kill the server ``rounds`` times."""

    async def disturb(server: ServerProcess, chance: random.Random) -> None:
        for _ in range(rounds):
            await asyncio.sleep(chance.uniform(0.05, 0.8))
            server.kill()
            await asyncio.to_thread(server.start)

    return disturb


async def fill_disk(server: ServerProcess, _chance: random.Random) -> None:
    """Leave no byte free in the server's folder for a while, three times."""
    ballast = server.folder / "ballast"
    for _ in range(3):
        await asyncio.sleep(1)
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as out:
            while True:
                out.write(bytes(4096))
        await asyncio.sleep(2)
        ballast.unlink()


def run(folder: Path, disturb: Disturb) -> int:
    random_seed = int(os.environ.get("RAPPORT_FAULT_SEED", random.SystemRandom().randrange(2**32)))
    print(f"RAPPORT_FAULT_SEED={random_seed}")  # noqa: T201  a failing round must be repeatable
    seeded = seed(folder, MEMBERS, PAIRS)
    server = ServerProcess(folder)
    server.start()
    try:
        return asyncio.run(storm(server, seeded, disturb, random.Random(random_seed)))
    finally:
        server.kill()


def test_three_crashes_lose_and_double_nothing(tmp_path: Path) -> None:
    assert run(tmp_path, crashes(3)) > 20


@pytest.mark.faults
def test_a_hundred_crashes_lose_and_double_nothing(tmp_path: Path) -> None:
    rounds = int(os.environ.get("RAPPORT_FAULT_ROUNDS", "100"))
    acknowledged = run(tmp_path, crashes(rounds))
    write("crashes", f"{today()}: `kill -9` {rounds} times, {acknowledged:,} messages acknowledged, 0 violations.\n")
    assert acknowledged > rounds * 5


@pytest.mark.faults
def test_a_full_disk_loses_and_doubles_nothing(tmp_path: Path) -> None:
    if (reason := small_disks_missing()) is not None:
        pytest.skip(reason)
    folder = tmp_path / "small"
    unmount = mount_small_disks([folder], 96)
    try:
        acknowledged = run(folder, fill_disk)
    finally:
        unmount()
    write("full disk", f"{today()}: the disk full 3 times, {acknowledged:,} messages acknowledged, 0 violations.")
    assert acknowledged > 20
