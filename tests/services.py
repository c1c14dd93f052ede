"""Real services for tests, started in a folder of their own on a free port and gone with it."""

import itertools
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import obstore
import psycopg
from obstore.store import S3Store
from psycopg import sql

from rapport.migrations import grant_serving, migrate_postgres

HASTY = " -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off"
"""For databases that nobody needs after the test."""


OWNER = "//rapport@"
SERVING = "server"
"""The role that tests' servers connect as; row-level security holds it, unlike the owner."""


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Postgres:
    """A running PostgreSQL; each test server gets a database of its own."""

    def __init__(self, folder: Path, *, durable: bool = False, **settings: str) -> None:
        self.folder = folder
        self.durable = durable
        self._settings = "".join(f" -c {name}={value}" for name, value in settings.items())
        self.port = free_port()
        self._count = 0
        self._template: str | None = None
        named = os.environ.get("POSTGRES_BIN")
        self._bin = Path(named) if named else max(Path("/usr/lib/postgresql").glob("*/bin"))
        # It refuses to run as root.
        self._user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name

    @property
    def url(self) -> str:
        """The database in which others are made."""
        return f"postgresql://rapport@127.0.0.1:{self.port}/postgres"

    def _run(self, *command: str) -> None:
        if os.geteuid() == 0:
            command = ("setpriv", f"--reuid={self._user}", "--regid=nogroup", "--clear-groups", "--", *command)
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
        if done.returncode:
            raise RuntimeError(f"{command}: {done.stdout}{done.stderr}")

    def start(self) -> None:
        data = self.folder / "data"
        if os.geteuid() == 0:
            shutil.chown(self.folder, self._user)
        self._run(str(self._bin / "initdb"), "-D", str(data), "-U", "rapport", "-A", "trust", "-E", "UTF8", "--no-sync")
        self.launch()

    def launch(self) -> None:
        """Start on the data that is there."""
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=200"
            + ("" if self.durable else HASTY)
            + self._settings
        )
        data, log = str(self.folder / "data"), str(self.folder / "log")
        self._run(str(self._bin / "pg_ctl"), "-D", data, "-l", log, "-o", options, "-w", "-t", "60", "start")

    def new_standby(self, folder: Path) -> "Postgres":
        """Start a server that has whatever this one acknowledges from now on, until it is promoted."""
        if os.geteuid() == 0:
            shutil.chown(folder, self._user)
        standby = Postgres(folder)
        source, data = f"postgresql://rapport@127.0.0.1:{self.port}/postgres", str(folder / "data")
        copy = ("-D", data, "-R", "-X", "stream", "--no-sync", "-c", "fast")
        self._run(str(self._bin / "pg_basebackup"), "-d", source, *copy)
        standby.launch()
        with psycopg.connect(self.url, autocommit=True) as connection:
            # What is acknowledged is on both; a setting of the database outweighs that of the command line.
            connection.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            for (name,) in connection.execute("SELECT datname FROM pg_database WHERE NOT datistemplate").fetchall():
                setting = sql.SQL("ALTER DATABASE {} SET synchronous_commit = 'on'").format(sql.Identifier(name))
                connection.execute(setting)
            connection.execute("SELECT pg_reload_conf()")
        return standby

    def promote(self) -> None:
        """Let a standby write."""
        self._run(str(self._bin / "pg_ctl"), "-D", str(self.folder / "data"), "-w", "promote")

    def stop(self) -> None:
        self._run(str(self._bin / "pg_ctl"), "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")

    def new_database(self) -> str:
        """Make an empty database and return its address."""
        return self._make_database("template0")

    def new_served_database(self) -> str:
        """Make a database at ``HEAD`` and return its address for a role that owns nothing in it, as servers should."""
        if self._template is None:
            with psycopg.connect(self.url, autocommit=True) as connection:
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(SERVING)))
            owned = self.new_database()
            migrate_postgres(owned)
            grant_serving(owned, SERVING)
            self._template = owned.rpartition("/")[2]
        return self.served(self._make_database(self._template))

    @staticmethod
    def served(url: str) -> str:
        """Return an owner's address for who serves."""
        return url.replace(OWNER, f"//{SERVING}@")

    @staticmethod
    def owned(url: str) -> str:
        """Return a served database's address for its owner."""
        return url.replace(f"//{SERVING}@", OWNER)

    def _make_database(self, template: str) -> str:
        self._count += 1
        name = f"rapport_{self._count}_{time.monotonic_ns()}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            made = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
            connection.execute(made)
        return self.url.rpartition("/")[0] + f"/{name}"


class Nats:
    """A running NATS server with JetStream, which a test may stop, wipe and start again on the same port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"nats://127.0.0.1:{self.port}"

    def start(self, *options: str) -> None:
        program = Path(sys.executable).parent / "nats-server"
        command = [str(program), "-a", "127.0.0.1", "-p", str(self.port), "-js", "-sd", str(self.folder), *options]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
            else:
                return

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def wipe(self) -> None:
        """Lose everything it ever stored."""
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def running_nats() -> Iterator[Nats]:
    """Run a NATS server."""
    with tempfile.TemporaryDirectory(prefix="rapport-nats-", ignore_cleanup_errors=True) as folder:
        server = Nats(Path(folder) / "js")
        server.start()
        try:
            yield server
        finally:
            server.kill()


@contextmanager
def running_postgres(*, durable: bool = False, **settings: str) -> Iterator[Postgres]:
    """Run PostgreSQL in a folder that its user may enter, unlike pytest's own; ``durable`` as an operator would.

    ``settings`` are the server's own, by name.
    """
    with tempfile.TemporaryDirectory(prefix="rapport-postgres-") as folder:
        server = Postgres(Path(folder), durable=durable, **settings)
        server.start()
        try:
            yield server
        finally:
            server.stop()


S3_KEYS = {"AWS_ACCESS_KEY_ID": "rapport", "AWS_SECRET_ACCESS_KEY": "of-the-tests", "AWS_REGION": "us-east-1"}
_buckets = itertools.count(1)


class S3:
    """A running server that speaks S3; each test server gets a bucket of its own."""

    def __init__(self, *, signed: bool = False) -> None:
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self._signed = signed
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait for the first answer; ``signed`` servers refuse keys that they do not know."""
        # The first request of all is that for the bucket.
        environment = os.environ | ({"INITIAL_NO_AUTH_ACTION_COUNT": "1"} if self._signed else {})
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
        deadline = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                assert time.monotonic() < deadline, "the S3 server does not answer"
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """Take the server away."""
        assert self._process is not None, "start first"
        self._process.kill()
        self._process.wait(10)

    def new_bucket(self) -> str:
        """Make a bucket and return the address of a store in it."""
        name = f"files-{next(_buckets)}"
        scope = "Credential=rapport/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=none"
        headers = {"Authorization": f"AWS4-HMAC-SHA256 {scope}"}
        httpx.put(f"{self.endpoint}/{name}", headers=headers, trust_env=False, timeout=20).raise_for_status()
        return f"s3://{name}/kept/here?endpoint={self.endpoint}&region=us-east-1"


@contextmanager
def running_s3() -> Iterator[S3]:
    """Run an S3 server and put its keys where programs look for them."""
    before = {name: os.environ.get(name) for name in S3_KEYS}
    os.environ.update(S3_KEYS)
    server = S3()
    server.start()
    try:
        yield server
    finally:
        server.stop()
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def names_in_s3(url: str) -> set[str]:
    """Return the last part of the name of every object in the bucket of a store's address."""
    parts = urlsplit(url)
    store = S3Store(parts.netloc, endpoint=parse_qs(parts.query)["endpoint"][0], client_options={"allow_http": True})
    return {blob["path"].rpartition("/")[2] for page in obstore.list(store) for blob in page}
