"""The server as an operator runs it, in a process of its own that can be killed."""

import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class ServerProcess:
    """``rapport serve`` on a folder."""

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start and wait for the first answer; return the seconds it took."""
        began = time.monotonic()
        command = [sys.executable, "-m", "rapport", "serve", "--data", str(self.folder), "--port", str(self.port)]
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        while True:
            try:
                if httpx.get(f"{self.url}/healthz", trust_env=False, timeout=1).status_code == httpx.codes.OK:
                    return time.monotonic() - began
            except httpx.TransportError:
                assert self._process.poll() is None, (self.folder / "server.log").read_text()[-2000:]
                assert time.monotonic() - began < 30, "the server did not answer within 30 s"
                time.sleep(0.02)

    def kill(self) -> None:
        """Take the process away without warning, as a crash does."""
        assert self._process is not None, "start first"
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)

    def stop(self) -> int:
        """Ask the process to end and return its exit code."""
        assert self._process is not None, "start first"
        self._process.terminate()
        return self._process.wait(20)
