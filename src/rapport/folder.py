"""The data folder: made, proven writable, and served by one process alone."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

LOCK_NAME = "serving.lock"


class FolderError(Exception):
    """The data folder cannot be used; the message is one sentence for the operator."""


def open_folder(folder: Path) -> None:
    """Make the folder if it is not there, and prove that a file can be written into it. Raises FolderError."""
    probe = folder / f".probe-{os.getpid()}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe.write_bytes(b"probe")
        probe.unlink()
    except OSError as error:
        with suppress(OSError):
            probe.unlink(missing_ok=True)
        raise FolderError(f"The data folder {folder} cannot be written ({error.strerror}).") from error


@contextmanager
def serving_alone(folder: Path) -> Generator[None]:
    """Keep every other process from serving the embedded database of a folder; raises FolderError if one does."""
    descriptor = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            # The lock goes with the process, however that ends.
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(descriptor, 20).decode(errors="replace").strip() or "unknown"
            raise FolderError(
                f"{folder} is served already (by process {holder}): the embedded database belongs to one process; "
                "stop that one, or move to PostgreSQL for several."
            ) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)
