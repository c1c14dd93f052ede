"""The cluster as a whole: everything in the order in which it needs each other."""

import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx
import psycopg

from tools.cluster.balancer import make_balancer, make_link
from tools.cluster.bus import NAMES as SERVERS
from tools.cluster.bus import Bus
from tools.cluster.database import NAME, SERVING, PatroniPair, find_programs
from tools.cluster.database import NAMES as DATABASES
from tools.cluster.ports import Ports
from tools.cluster.programs import Program, make_folder, wait_until

APIS = ("api-1", "api-2")
REALTIMES = ("realtime-1", "realtime-2")
WORKERS = ("worker-1", "worker-2")
NODES = (*APIS, *REALTIMES, *WORKERS)


class Cluster:
    """Two databases, three servers of the bus, six nodes and a balancer.

    ``linked`` names nodes that reach the database and the bus through a link that can be cut.
    """

    def __init__(
        self, folder: Path, ports: Ports, *, linked: tuple[str, ...] = (), settings: Mapping[str, str] | None = None
    ) -> None:
        self.folder, self.ports = folder, ports
        # Entered by the database's user, listed by nobody else.
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o711)
        self.logs = make_folder(folder / "logs")
        self.data = make_folder(folder / "data")
        self._settings, self._linked = dict(settings or {}), linked
        self.bus = Bus(folder / "bus", ports)
        self.database = PatroniPair(folder / "database", ports, find_programs())
        self.balancer = make_balancer(self.logs, ports, list(APIS), list(REALTIMES), list(DATABASES))
        self.link = make_link(self.logs, ports, ["database", *SERVERS]) if linked else None
        self.nodes = {name: self._make_node(name) for name in NODES}

    @property
    def url(self) -> str:
        """The one address for browsers."""
        return f"http://127.0.0.1:{self.ports['balancer']}"

    def url_of(self, node: str) -> str:
        """The address of one node, past the balancer."""
        return f"http://127.0.0.1:{self.ports[node]}"

    def environment(self, *, through_link: bool = False) -> dict[str, str]:
        """The settings that all nodes share."""
        prefix = "link-" if through_link else ""
        servers = ",".join(f"nats://127.0.0.1:{self.ports[prefix + name]}" for name in SERVERS)
        return {
            "RAPPORT_DATA": str(self.data),
            "RAPPORT_DATABASE_URL": self._database_url(prefix),
            "RAPPORT_NATS_URL": servers,
            "RAPPORT_TRUST_PROXY": "true",
            **self._settings,
        }

    def _database_url(self, prefix: str = "") -> str:
        port = self.ports[f"{prefix}database"]
        return f"postgresql://{SERVING}@127.0.0.1:{port}/{NAME}?target_session_attrs=read-write"

    def _takes_writes(self) -> bool:
        """Whether the balancer leads to the primary each time; until it has asked both, it takes turns."""
        for _ in range(6):
            try:
                psycopg.connect(self._database_url(), connect_timeout=2).close()
            except psycopg.OperationalError:
                return False
            time.sleep(0.2)
        return True

    def _make_node(self, name: str) -> Program:
        role = name.partition("-")[0]
        url = self.url_of(name)
        own = {"RAPPORT_ROLE": role, "RAPPORT_PORT": str(self.ports[name])}
        return Program(
            name,
            [sys.executable, "-m", "rapport", "serve"],
            log=self.logs / f"{name}.log",
            ready=lambda: _answers(f"{url}/healthz"),
            env={**self.environment(through_link=name in self._linked), **own},
        )

    def start_services(self) -> None:
        """Start what the nodes need."""
        self.ports.check_free()
        self.bus.start()
        self.database.start()
        self.balancer.start()
        wait_until("the way to the database", self._takes_writes, self.balancer.log)
        if self.link is not None:
            self.link.start()

    def start_nodes(self) -> None:
        """Start the nodes, whose database has its schema, and wait until the balancer sends people there."""
        for node in self.nodes.values():
            node.launch()
        for node in self.nodes.values():
            node.wait_ready()
        for path in ("/readyz", "/realtime/staff"):
            wait_until(f"the balancer for {path}", lambda path=path: _is_served(f"{self.url}{path}"), self.balancer.log)

    def stop(self) -> None:
        """Stop everything, nodes first."""
        for node in self.nodes.values():
            node.stop()
        for program in (self.link, self.balancer):
            if program is not None:
                program.stop(5)
        self.bus.stop()
        self.database.stop()


def _answers(url: str) -> bool:
    return _status(url) == httpx.codes.OK


def _is_served(url: str) -> bool:
    """Whether the balancer knows a node for a path, whatever the node says."""
    return _status(url) not in {None, httpx.codes.SERVICE_UNAVAILABLE}


def _status(url: str) -> int | None:
    try:
        return httpx.get(url, timeout=2, trust_env=False, verify=False).status_code  # noqa: S501  plain HTTP: spares the loading of certificates
    except httpx.TransportError:
        return None
