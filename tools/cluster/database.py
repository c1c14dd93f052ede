"""PostgreSQL as a pair under Patroni: a primary, a synchronous standby, and who decides which is which."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import httpx
import psycopg
from psycopg import sql

from rapport.migrations import grant_serving, migrate_postgres
from tools.cluster.ports import Ports
from tools.cluster.programs import ClusterError, Program, descendants, make_folder, unprivileged, which

NAMES = ("postgres-1", "postgres-2")
ADMINISTRATOR = "postgres"
NAME = "rapport"
SERVING = "rapport_server"
"""The role of the nodes: it owns nothing, so that row-level security holds it."""
SAFE_WITH_ETCD3 = 4
LEASE_S = 20
"""How long a primary that is silent keeps its place; Patroni takes no less."""

_PATRONI = """\
scope: rapport
name: {name}
restapi:
  listen: 127.0.0.1:{rest}
  connect_address: 127.0.0.1:{rest}
{api}:
  hosts: 127.0.0.1:{etcd}
bootstrap:
  dcs:
    ttl: {lease}
    loop_wait: 2
    retry_timeout: 5
    maximum_lag_on_failover: 1048576
    # A primary that crashed is not waited for: its standby has everything that was acknowledged.
    primary_start_timeout: 0
    synchronous_mode: true
    postgresql:
      use_pg_rewind: true
      use_slots: true
      parameters:
        max_connections: 200
        shared_buffers: 64MB
        wal_keep_size: 128MB
        max_wal_size: 256MB
        wal_log_hints: "on"
        wal_sender_timeout: 5s
        wal_receiver_timeout: 5s
  initdb:
    - encoding: UTF8
    - locale: C.UTF-8
    - data-checksums
  pg_hba:
    - host all all 127.0.0.1/32 trust
    - host replication all 127.0.0.1/32 trust
postgresql:
  listen: 127.0.0.1:{port}
  connect_address: 127.0.0.1:{port}
  data_dir: {data}
  bin_dir: {programs}
  pgpass: {folder}/pgpass
  # What died with its log is copied anew from the primary.
  remove_data_directory_on_rewind_failure: true
  remove_data_directory_on_diverged_timelines: true
  authentication:
    superuser: {{username: {administrator}}}
    replication: {{username: replicator}}
  parameters:
    unix_socket_directories: ""
"""


class PatroniPair:
    """Two databases, each with a Patroni beside it, and etcd, where they agree on the primary."""

    def __init__(self, folder: Path, ports: Ports, programs: Path) -> None:
        self._folder, self._ports, self._programs = folder, ports, programs
        self._user = unprivileged()
        self._api = _etcd_api()
        self.etcd = self._make_etcd()
        self.patronis = {name: self._make_patroni(name) for name in NAMES}

    def _make_etcd(self) -> Program:
        client, peer = (f"http://127.0.0.1:{self._ports[name]}" for name in ("etcd", "etcd-peer"))
        make_folder(self._folder, self._user)
        command: list[str | Path] = [_need("etcd", "etcd-server"), "--name=rapport", "--log-level=warn"]
        command += [f"--data-dir={self._folder / 'etcd'}", f"--listen-client-urls={client}"]
        command += [f"--advertise-client-urls={client}", f"--listen-peer-urls={peer}"]
        command += [f"--initial-advertise-peer-urls={peer}", f"--initial-cluster=rapport={peer}"]
        command += ["--enable-v2"] if self._api == "etcd" else []
        return Program(
            "etcd", command, log=self._folder / "etcd.log", ready=lambda: _is_ok(f"{client}/health"), user=self._user
        )

    def _make_patroni(self, name: str) -> Program:
        folder = make_folder(self._folder / name, self._user)
        configuration = folder / "patroni.yml"
        rest = self._ports[name.replace("postgres", "patroni")]
        configuration.write_text(
            _PATRONI.format(
                name=name,
                rest=rest,
                api=self._api,
                etcd=self._ports["etcd"],
                lease=LEASE_S,
                port=self._ports[name],
                folder=folder,
                data=folder / "data",
                programs=self._programs,
                administrator=ADMINISTRATOR,
            )
        )
        return Program(
            f"patroni of {name}",
            [_need("patroni", "patroni python3-etcd"), configuration],
            log=self._folder / f"{name}.log",
            ready=lambda: _is_ok(f"http://127.0.0.1:{rest}/health"),
            env={"LC_ALL": "C.UTF-8", "HOME": str(folder)},
            user=self._user,
        )

    def start(self) -> None:
        """Start both; return when the standby follows and rapport's database is there."""
        self.etcd.start()
        for patroni in self.patronis.values():
            patroni.launch()
        for patroni in self.patronis.values():
            patroni.wait_ready(120)
        self.wait_whole()
        self._make_database()

    def stop(self) -> None:
        """Stop the standby, the primary, and who decides."""
        for patroni in self.patronis.values():
            patroni.stop(40)
        self.etcd.stop()

    def primary(self) -> str | None:
        """The name of the primary, None while there is none."""
        return next((name for name in NAMES if self._is(name, "primary")), None)

    def is_whole(self) -> bool:
        """Whether there is a primary and a standby that confirms every commit."""
        return self.primary() is not None and any(self._is(name, "synchronous") for name in NAMES)

    def wait_whole(self, within_s: float = 120) -> float:
        """Wait until there is a primary and a synchronous standby; return the seconds."""
        began = time.monotonic()
        while not self.is_whole():
            if time.monotonic() - began > within_s:
                raise ClusterError(f"The standby does not follow; see {self._folder}/postgres-*.log")
            time.sleep(0.2)
        return time.monotonic() - began

    def _is(self, name: str, role: str) -> bool:
        return _is_ok(f"http://127.0.0.1:{self._ports[name.replace('postgres', 'patroni')]}/{role}")

    def postmaster(self, name: str) -> int | None:
        """The number of a database's first process."""
        try:
            return int((self._folder / name / "data" / "postmaster.pid").read_text().split()[0])
        except (OSError, IndexError, ValueError):
            return None

    def kill_server(self, name: str) -> None:
        """Kill a database's processes; its Patroni stays."""
        for pid in self._server_processes(name):
            _signal(pid, signal.SIGKILL)

    def kill_machine(self, name: str) -> None:
        """Kill a database and its Patroni, as a machine that loses its power."""
        self.patronis[name].kill()
        self.kill_server(name)

    def pause_machine(self, name: str) -> None:
        """Stop the clocks of a database and its Patroni."""
        for pid in (self.patronis[name].pid, *self._server_processes(name)):
            _signal(pid, signal.SIGSTOP)

    def resume_machine(self, name: str) -> None:
        """Let them go on."""
        for pid in (*self._server_processes(name), self.patronis[name].pid):
            _signal(pid, signal.SIGCONT)

    def start_machine(self, name: str) -> None:
        """Start a Patroni that was killed; it starts its database."""
        self.patronis[name].start()

    def _server_processes(self, name: str) -> list[int]:
        postmaster = self.postmaster(name)
        return [] if postmaster is None else descendants(postmaster)

    def _make_database(self) -> None:
        address = f"postgresql://{ADMINISTRATOR}@127.0.0.1:{self._ports[self.primary() or NAMES[0]]}/postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            name = sql.Identifier(NAME)
            for role in (NAME, SERVING):
                if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).fetchone() is None:
                    connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
            if connection.execute("SELECT FROM pg_database WHERE datname = %s", [NAME]).fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0").format(name, name))
        owned = address.replace(f"//{ADMINISTRATOR}@", f"//{NAME}@").replace("/postgres", f"/{NAME}")
        migrate_postgres(owned)
        grant_serving(owned, SERVING)

    def drop_database(self) -> None:
        """Throw rapport's database away and make an empty one."""
        address = f"postgresql://{ADMINISTRATOR}@127.0.0.1:{self._ports[self.primary() or NAMES[0]]}/postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(NAME)))
        self._make_database()


def find_programs() -> Path:
    """PostgreSQL's programs: those that are named, or the distribution's newest."""
    named = os.environ.get("POSTGRES_BIN")
    if named:
        return Path(named)
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if found:
        return found[-1]
    asked = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=False)
    if asked.returncode:
        raise ClusterError("The cluster needs PostgreSQL 15 or newer (Debian: apt-get install postgresql).")
    return Path(asked.stdout.strip())


def _need(name: str, packages: str) -> Path:
    found = which(name)
    if found is None:
        raise ClusterError(f"The cluster needs {name} (Debian: apt-get install {packages}).")
    return found


def _etcd_api() -> str:
    """Which of etcd's interfaces Patroni may use.

    Before version 4 a primary that stood still past its lease and came back took the lock from its successor through
    etcd's new interface, without comparing (seen with 3.0.2 by the fault rounds); through the old one it compares.
    """
    asked = subprocess.run([_need("patroni", "patroni"), "--version"], capture_output=True, text=True, check=True)
    version = re.search(r"\d+", asked.stdout)
    return "etcd3" if version and int(version[0]) >= SAFE_WITH_ETCD3 else "etcd"


def _is_ok(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False, verify=False).status_code == httpx.codes.OK  # noqa: S501  plain HTTP: spares the loading of certificates
    except httpx.TransportError:
        return False


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
