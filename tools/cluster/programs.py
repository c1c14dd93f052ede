"""Programs that are started, watched and taken away: whoever starts them dies, they go too."""

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

POSTGRES_USER = "postgres"
"""As root everything that refuses root runs as this user of the distribution."""


class ClusterError(Exception):
    """The cluster cannot start; the text says in a sentence what to do."""


def which(name: str) -> Path | None:
    """Where a program is, also outside of this user's PATH."""
    found = shutil.which(name) or shutil.which(name, path="/usr/local/sbin:/usr/sbin:/usr/local/bin:/usr/bin")
    return None if found is None else Path(found)


def unprivileged() -> str | None:
    """The user for programs that refuse root; None where one is not root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(POSTGRES_USER).pw_name
    except KeyError:
        raise ClusterError(f"As root the database needs the user {POSTGRES_USER}; install PostgreSQL.") from None


def make_folder(path: Path, user: str | None = None) -> Path:
    """Make a folder for its user alone, or for the user who is named."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if user is not None:
        shutil.chown(path, user)
    return path


class Program:
    """One program with a log of its own."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        log: Path,
        ready: Callable[[], bool],
        env: Mapping[str, str] | None = None,
        user: str | None = None,
    ) -> None:
        self.name, self.log = name, log
        self._command, self._ready, self._user = [str(part) for part in command], ready, user
        self._env = {**os.environ, **(env or {})}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process's number."""
        assert self._process is not None, "start first"
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    def launch(self) -> None:
        """Start without waiting for the first answer. Must be called from a thread that stays."""
        command = self._command
        if (setpriv := which("setpriv")) is not None:
            identity = [f"--reuid={self._user}", f"--regid={self._user}", "--init-groups"] if self._user else []
            command = [str(setpriv), *identity, "--pdeathsig=TERM", "--", *command]
        elif self._user is not None:
            raise ClusterError("As root the cluster needs setpriv (Debian: apt-get install util-linux).")
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                env=self._env,
                cwd="/",
                start_new_session=True,
            )

    def wait_ready(self, within_s: float = 60) -> None:
        """Wait for the first answer; raises ClusterError with the end of the log."""
        wait_until(self.name, self._ready, self.log, within_s, still=lambda: self.runs)

    def start(self) -> None:
        """Start and wait for the first answer."""
        self.launch()
        self.wait_ready()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal if the process is there."""
        if self.runs:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Take the process away without warning, as a crash does."""
        self.signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait(10)

    def stop(self, within_s: float = 20) -> None:
        """Ask the process to end; what does not is killed."""
        if self._process is None:
            return
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            self.kill()


def wait_until(
    name: str, holds: Callable[[], bool], log: Path, within_s: float = 60, still: Callable[[], bool] = lambda: True
) -> None:
    """Wait until something holds; raises ClusterError with the end of the log."""
    deadline = time.monotonic() + within_s
    while not holds():
        if not still() or time.monotonic() > deadline:
            end = log.read_text(errors="replace")[-1500:]
            raise ClusterError(f"{name} did not start; the end of {log}:\n{end}")
        time.sleep(0.1)


def descendants(pid: int) -> list[int]:
    """A process and all that it started and that is still there."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return found
