"""The cluster under load while one part after another breaks: the promise is counted after each round.

Black box: what is checked came over HTTP and WebSocket alone.
"""

import asyncio
import itertools
import os
import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rapport.client import ApiError
from tests.faults.checker import find_differences, find_late, find_losses, find_steps_back
from tests.faults.load import AWAY, LOST, Logs, Person, Reader, Writer, read_all
from tests.faults.nemeses import Nemesis, all_nemeses, mount_small_disks, small_disks_missing, strike
from tests.faults.report import Round, write_report
from tests.faults.seeding import Seed, meet, seed
from tools.cluster.database import NAMES as DATABASES
from tools.cluster.installation import Cluster
from tools.cluster.ports import free_block
from tools.cluster.programs import POSTGRES_USER, ClusterError

pytestmark = pytest.mark.faults

MEMBERS, PAIRS, CONSUMERS = 6, 4, 4
REST_S = 0.4
RECALLS = 0.1
BEFORE_S, AFTER_S = 3.0, 3.0
WITHIN_S = 30.0
"""Everybody connected gets an entry this long after the fault has healed (G4)."""


class Load:
    """People who talk through different nodes, and what they were told."""

    def __init__(self, cluster: Cluster, people: list[Person], chance: random.Random) -> None:
        self.people = people
        # The balancer's address and each half of the nodes, in turn: a fault of one node hits some of them.
        doors = [cluster.url, cluster.url_of("side-1"), cluster.url_of("side-2")]
        self._http = [cluster.url_of("api-1"), cluster.url_of("api-2")]
        self.writers = [
            Writer(doors[n % 3], person, random.Random(chance.random()), rest_s=REST_S, recalls=RECALLS)
            for n, person in enumerate(people)
        ]
        self.readers = [Reader(doors[(n + 1) % 3], person) for n, person in enumerate(people)]
        self.tasks = [asyncio.create_task(part.run()) for part in (*self.writers, *self.readers)]
        self._read_before: dict[tuple[str, str], int] = {}

    async def rest(self) -> None:
        """Wait until everything that was said is answered, and say nothing more."""
        for writer in self.writers:
            writer.resting = True
        async with asyncio.timeout(90):
            while not all(writer.is_idle for writer in self.writers):
                self.raise_failures()
                await asyncio.sleep(0.05)

    def go_on(self) -> None:
        """Talk again."""
        for writer in self.writers:
            writer.resting = False

    def raise_failures(self) -> None:
        """Writers and readers never end by themselves."""
        for task in self.tasks:
            if task.done():
                task.result()

    @property
    def acked(self) -> int:
        """How many messages were acknowledged so far."""
        return sum(len(writer.acked) for writer in self.writers)

    async def check(self, since: int, healed_at: float) -> tuple[list[str], float, float]:
        """Return the violations, the longest wait of a reader, and the longest time without any acknowledgement."""
        stored: dict[str, Logs] = {}
        read: dict[tuple[str, str], int] = {}
        for n, person in enumerate(self.people):
            async with person.client(self._http[n % 2]) as client:
                stored[person.name] = await read_all(client, person.conversations)
                for of in person.conversations:
                    found = await client.get(f"conversations/{of}")
                    read[of, person.name] = found["read_seq"]
        acked = [ack for writer in self.writers for ack in writer.acked]
        new = sorted((ack for writer in self.writers for ack in writer.acked), key=lambda ack: ack.at)[since:]
        violations = await self._compare(stored, healed_at)
        everything: Logs = {of: log for name in stored for of, log in stored[name].items() if name.startswith("member")}
        recalled = {target for writer in self.writers for target in writer.recalled}
        violations += find_losses(everything, acked, recalled, [ack.client_id for ack in acked])
        told = {(of, w.person.name): seq for w in self.writers for of, seq in w.read.items()}
        violations += find_steps_back(told, self._read_before, read)
        self._read_before = read
        longest = 0.0
        for reader in self.readers:
            theirs = [ack for ack in new if ack.conversation_id in reader.person.conversations]
            late, waited = find_late(theirs, reader.seen_at, healed_at, WITHIN_S)
            violations += [f"{reader.person.name}: {sentence}" for sentence in late]
            longest = max(longest, waited)
        gaps = [after.at - before.at for before, after in itertools.pairwise(new)]
        return violations, longest, max(gaps, default=0.0)

    async def _compare(self, stored: dict[str, Logs], healed_at: float) -> list[str]:
        """Wait until everybody sees what is stored; what is still different when the time is up is a violation."""
        deadline = max(time.monotonic() + 5, healed_at + WITHIN_S)
        while True:
            self.raise_failures()
            found = [
                sentence
                for reader in self.readers
                for sentence in find_differences(reader.person.name, reader.mirror.logs, stored[reader.person.name])
            ]
            if not found or time.monotonic() > deadline:
                return found
            await asyncio.sleep(0.1)


async def play(cluster: Cluster, seeded: Seed, rounds: int, chance: random.Random) -> list[Round]:
    """Run the rounds, one fault each, in turn."""
    members = seeded.members()
    people = [*members, *[await meet(cluster.url, members[n % MEMBERS], f"consumer{n}") for n in range(CONSUMERS)]]
    load = Load(cluster, people, chance)
    faults = [nemesis for nemesis in all_nemeses() if nemesis.missing is None]
    chosen = os.environ.get("RAPPORT_FAULTS", "")
    faults = [nemesis for nemesis in faults if chosen in nemesis.name]
    played: list[Round] = []
    try:
        for number in range(rounds):
            played.append(await _round(cluster, load, faults[number % len(faults)], chance))
            print(f"{number + 1:>3} {played[-1].line()}", flush=True)  # noqa: T201  whoever waits sees how far it is
            for violation in played[-1].violations[:20]:
                print(f"      {violation}", flush=True)  # noqa: T201  same
    finally:
        for task in load.tasks:
            task.cancel()
        await asyncio.gather(*load.tasks, return_exceptions=True)
        for reader in load.readers:
            await reader.close()
    return played


async def _round(cluster: Cluster, load: Load, nemesis: Nemesis, chance: random.Random) -> Round:
    since = load.acked
    load.go_on()
    await asyncio.sleep(BEFORE_S)
    struck_at = time.monotonic()
    await strike(nemesis, cluster, chance)
    healed_at = time.monotonic()
    await asyncio.sleep(AFTER_S)
    await load.rest()
    answered_at = time.monotonic()
    try:
        violations, longest, silence = await load.check(since, healed_at)
    except (*LOST, ApiError) as error:
        if isinstance(error, ApiError) and error.status not in AWAY:
            raise
        # Between the balancer and a node that was just started; the next look is at all of it.
        await asyncio.sleep(5)
        violations, longest, silence = await load.check(since, healed_at)
    try:
        await asyncio.to_thread(cluster.database.wait_whole)
    except ClusterError as error:
        violations.append(str(error))
    return Round(
        fault=nemesis.name,
        seconds=answered_at - struck_at,
        acknowledged=load.acked - since,
        silence_s=silence,
        longest_wait_s=longest,
        violations=violations,
    )


@contextmanager
def folder_for_cluster() -> Iterator[Path]:
    """A folder that the database's user may enter, with a small disk for each database where that is possible."""
    folder = Path(tempfile.mkdtemp(prefix="rapport-cluster-", dir="/var/tmp"))
    folder.chmod(0o711)
    unmount = None
    if small_disks_missing() is None:
        disks = [folder / "database" / name for name in DATABASES]
        unmount = mount_small_disks(disks)
        for path in (folder / "database", *disks):
            shutil.chown(path, POSTGRES_USER)
    try:
        yield folder
    finally:
        if "RAPPORT_FAULT_KEEP" in os.environ:
            kept = Path(os.environ["RAPPORT_FAULT_KEEP"])
            shutil.copytree(folder / "logs", kept, dirs_exist_ok=True)
            for log in [*folder.glob("database/*.log"), *folder.glob("bus/*.log")]:
                shutil.copy(log, kept)
        if unmount is not None:
            unmount()
        shutil.rmtree(folder, ignore_errors=True)


def test_a_cluster_keeps_its_promise_whatever_breaks() -> None:
    rounds = int(os.environ.get("RAPPORT_FAULT_CLUSTER_ROUNDS", "20"))
    random_seed = int(os.environ.get("RAPPORT_FAULT_SEED", random.SystemRandom().randrange(2**32)))
    print(f"RAPPORT_FAULT_SEED={random_seed}")  # noqa: T201  a failing round must be repeatable
    with folder_for_cluster() as folder:
        try:
            cluster = Cluster(folder, free_block(), linked=("realtime-2", "worker-2"))
        except ClusterError as error:
            pytest.skip(str(error))
        try:
            cluster.start_services()
            seeded = seed(cluster.data, MEMBERS, PAIRS, cluster.environment()["RAPPORT_DATABASE_URL"])
            cluster.start_nodes()
            played = asyncio.run(play(cluster, seeded, rounds, random.Random(random_seed)))
        finally:
            cluster.stop()
    write_report(played, [f"{each.name}: {each.missing}" for each in all_nemeses() if each.missing])
    assert [violation for each in played for violation in each.violations] == []
    assert all(each.acknowledged > 0 for each in played)
