"""What breaks the cluster, and how it is made whole again. Each breaks one thing; all of them run under load."""

import asyncio
import contextlib
import os
import random
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import msgspec
import psycopg

from tools.cluster.installation import APIS, NODES, REALTIMES, WORKERS, Cluster
from tools.cluster.programs import which

Break = Callable[[Cluster, random.Random], Callable[[], None]]
"""Breaks something and returns what mends it."""


class Nemesis(msgspec.Struct, frozen=True):
    """A fault: its name in the table, how to break, and how long it stays broken."""

    name: str
    breaks: Break
    hold_s: float
    missing: str | None = None
    """Why it cannot run here."""


def _kill_node(names: tuple[str, ...]) -> Break:
    def breaks(cluster: Cluster, chance: random.Random) -> Callable[[], None]:
        node = cluster.nodes[chance.choice(names)]
        node.kill()
        return node.start

    return breaks


def _kill_every_node(cluster: Cluster, _: random.Random) -> Callable[[], None]:
    for name in NODES:
        cluster.nodes[name].kill()
    return cluster.start_nodes


def _kill_follower(cluster: Cluster, chance: random.Random) -> Callable[[], None]:
    """Kill the worker that holds the leases of the followers."""
    with psycopg.connect(cluster.environment()["RAPPORT_DATABASE_URL"]) as connection:
        rows = connection.execute("SELECT holder FROM lease WHERE name LIKE 'follower %'").fetchall()
    holders = {int(holder.split(":")[1]) for (holder,) in rows}
    worker = next((cluster.nodes[name] for name in WORKERS if cluster.nodes[name].pid in holders), None)
    if worker is None:
        return _kill_node(WORKERS)(cluster, chance)
    worker.kill()
    return worker.start


def _pause_node(names: tuple[str, ...]) -> Break:
    def breaks(cluster: Cluster, chance: random.Random) -> Callable[[], None]:
        node = cluster.nodes[chance.choice(names)]
        node.signal(signal.SIGSTOP)
        return lambda: node.signal(signal.SIGCONT)

    return breaks


def _kill_bus_leader(cluster: Cluster, _: random.Random) -> Callable[[], None]:
    server = cluster.bus.servers[cluster.bus.leader() or "nats-1"]
    server.kill()
    return server.start


def _pause_bus_leader(cluster: Cluster, _: random.Random) -> Callable[[], None]:
    server = cluster.bus.servers[cluster.bus.leader() or "nats-1"]
    server.signal(signal.SIGSTOP)
    return lambda: server.signal(signal.SIGCONT)


def _wipe_bus(cluster: Cluster, _: random.Random) -> Callable[[], None]:
    """Kill all three servers and throw away everything that they kept."""
    for name, server in cluster.bus.servers.items():
        server.kill()
        cluster.bus.wipe(name)
    return cluster.bus.start


def _primary(cluster: Cluster) -> str:
    found = cluster.database.primary()
    assert found is not None, "the round before left no primary"
    return found


def _kill_primary(cluster: Cluster, _: random.Random) -> Callable[[], None]:
    cluster.database.kill_server(_primary(cluster))
    return lambda: None


def _kill_primary_machine(cluster: Cluster, _: random.Random) -> Callable[[], None]:
    name = _primary(cluster)
    cluster.database.kill_machine(name)
    return lambda: cluster.database.start_machine(name)


def _pause_primary_machine(cluster: Cluster, _: random.Random) -> Callable[[], None]:
    name = _primary(cluster)
    cluster.database.pause_machine(name)
    return lambda: cluster.database.resume_machine(name)


def _kill_standby_machine(cluster: Cluster, _: random.Random) -> Callable[[], None]:
    primary = _primary(cluster)
    name = next(each for each in cluster.database.patronis if each != primary)
    cluster.database.kill_machine(name)
    return lambda: cluster.database.start_machine(name)


def _cut_link(cluster: Cluster, _: random.Random) -> Callable[[], None]:
    """Cut a realtime node and a worker off from the database and the bus: nothing passes, nothing is refused."""
    link = cluster.link
    assert link is not None, "the cluster has no link"
    link.signal(signal.SIGSTOP)
    return lambda: link.signal(signal.SIGCONT)


def _fill_disk(cluster: Cluster, _: random.Random) -> Callable[[], None]:
    """Leave no byte free where the primary writes."""
    ballast = cluster.folder / "database" / _primary(cluster) / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as out:
        while True:
            out.write(bytes(1 << 20))
    with contextlib.suppress(OSError), ballast.open("ab", buffering=0) as out:
        while True:
            out.write(bytes(1 << 10))
    return ballast.unlink


SMALL_DISK_MIB = 700


def small_disks_missing() -> str | None:
    """Why the databases cannot get a small disk each; None where they can."""
    if os.geteuid() != 0:
        return "mounting a small disk needs root"
    return None if which("mount") else "there is no mount"


def mount_small_disks(folders: list[Path], mib: int = SMALL_DISK_MIB) -> Callable[[], None]:
    """Give each folder a disk in memory; return what takes them away."""
    for folder in folders:
        folder.mkdir(parents=True)
        options = ["-t", "tmpfs", "-o", f"size={mib}m,mode=0700", "tmpfs", str(folder)]
        subprocess.run(["mount", *options], check=True)

    def unmount() -> None:
        for folder in folders:
            subprocess.run(["umount", "--lazy", str(folder)], check=False)

    return unmount


def all_nemeses() -> list[Nemesis]:
    """Every fault, in the order of the rounds."""
    return [
        Nemesis("kill -9 of an api node", _kill_node(APIS), 2),
        Nemesis("kill -9 of a realtime node", _kill_node(REALTIMES), 2),
        Nemesis("kill -9 of the worker that follows", _kill_follower, 2),
        Nemesis("kill -9 of the NATS leader", _kill_bus_leader, 5),
        Nemesis("kill -9 of PostgreSQL's primary", _kill_primary, 5),
        Nemesis("an api node stands still", _pause_node(APIS), 10),
        Nemesis("a realtime node stands still", _pause_node(REALTIMES), 10),
        Nemesis("a worker stands still, past its lease", _pause_node(WORKERS), 15),
        Nemesis("the NATS leader stands still", _pause_bus_leader, 10),
        Nemesis("a node's link to database and bus is cut", _cut_link, 15),
        Nemesis("JetStream's folders wiped, all three", _wipe_bus, 2),
        Nemesis("the primary's machine is lost", _kill_primary_machine, 30),
        Nemesis("the primary's machine stands still, and comes back", _pause_primary_machine, 35),
        Nemesis("the standby's machine is lost", _kill_standby_machine, 15),
        Nemesis("the primary's disk is full", _fill_disk, 10, missing=small_disks_missing()),
        Nemesis("kill -9 of all six nodes at once", _kill_every_node, 1),
    ]


async def strike(nemesis: Nemesis, cluster: Cluster, chance: random.Random) -> None:
    """Break, wait, mend, and wait until the database is a pair again."""
    mend = await asyncio.to_thread(nemesis.breaks, cluster, chance)
    try:
        await asyncio.sleep(nemesis.hold_s)
    finally:
        await asyncio.to_thread(mend)
