"""Uploads on their way: each process has a folder of its own, locked for as long as it lives.

Several processes share what is around it, so nobody may clear away what another still receives.
"""

import fcntl
import os
import secrets
import shutil
import threading
from collections.abc import AsyncIterable
from pathlib import Path

from rapport.kernel.errors import BodyTooLarge
from rapport.settings import SettingsError


class Incoming:
    """Temporary files of this process below a folder that processes share."""

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SettingsError(f"The folder {folder} cannot be made ({error.strerror}).") from error
        self._folder = folder
        self._own: Path | None = None
        self._making = threading.Lock()

    def new_path(self) -> Path:
        """Return where a new temporary file may be written; raises OSError."""
        with self._making:
            if self._own is None:
                own = self._folder / secrets.token_hex(8)
                own.mkdir(mode=0o700)
                # The lock goes with the process, however that ends.
                fcntl.flock(os.open(own, os.O_RDONLY), fcntl.LOCK_EX)
                self._own = own
            return self._own / secrets.token_hex(12)

    async def receive(self, chunks: AsyncIterable[bytes], limit: int) -> Path:
        """Write an upload to a temporary file and return its path; BodyTooLarge past ``limit`` bytes."""
        temporary = self.new_path()
        size = 0
        try:
            with temporary.open("wb") as file:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > limit:
                        raise BodyTooLarge(limit_bytes=limit)  # noqa: TRY301  the partial file goes in one place
                    file.write(chunk)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        return temporary

    def forget(self) -> None:
        """Remove what processes that are gone have left."""
        for left in self._folder.iterdir():
            if left == self._own:
                continue
            if not left.is_dir():
                left.unlink(missing_ok=True)
                continue
            descriptor = os.open(left, os.O_RDONLY)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left)
            except BlockingIOError:
                continue
            finally:
                os.close(descriptor)
