"""Servers as processes of their own: started, asked for their cost, ended."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from bench.machine import Cores, cpu_s, memory_kib, peak_kib


class Process:
    """A running server."""

    def __init__(self, module: str, arguments: list[str]) -> None:
        command = [sys.executable, "-m", module, *arguments]
        self._child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603  our own module
        assert self._child.stdout is not None
        self.url = self._child.stdout.readline().strip()
        if not self.url:
            self._child.wait()
            message = f"{module} did not start"
            raise RuntimeError(message)

    @property
    def pid(self) -> int:
        """The process."""
        return self._child.pid

    @property
    def port(self) -> int:
        """Where it listens."""
        port = urlsplit(self.url).port
        assert port is not None
        return port

    def cpu_s(self) -> float:
        """CPU time spent so far, in seconds."""
        return cpu_s(self.pid)

    def memory_kib(self) -> int:
        """Private memory, in KiB."""
        return memory_kib(self.pid)

    def peak_kib(self) -> int:
        """The most memory that it ever held, shared pages included, in KiB."""
        return peak_kib(self.pid)

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        self._child.kill()
        self._child.wait()

    def stop(self) -> None:
        """End it and wait until it is gone."""
        self._child.terminate()
        try:
            self._child.wait(30)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        if self._child.stdout is not None:
            self._child.stdout.close()


@contextmanager
def product(cores: Cores, data: Path) -> Iterator[Process]:
    """Run the product on a folder."""
    process = Process("bench.serve", ["--core", str(cores.server), "--data", str(data)])
    try:
        yield process
    finally:
        process.stop()


@contextmanager
def bare_sockets(cores: Cores, *, frame_bytes: int = 450) -> Iterator[Process]:
    """Run the floor of the sockets."""
    process = Process("bench.bare", ["socket", "--core", str(cores.server), "--frame-bytes", str(frame_bytes)])
    try:
        yield process
    finally:
        process.stop()


@contextmanager
def bare_http(cores: Cores, folder: Path, body: bytes) -> Iterator[Process]:
    """Run the floor of the HTTP reads, answering with ``body``."""
    file = folder / "body.json"
    file.write_bytes(body)
    process = Process("bench.bare", ["http", "--core", str(cores.server), "--body", str(file)])
    try:
        yield process
    finally:
        process.stop()
