"""Stored bytes in a local folder, two levels deep by the last characters of the name.

Written to a temporary name, synced, then renamed, so that a name is whole or absent.
"""

import asyncio
import os
from collections.abc import AsyncIterable, AsyncIterator
from pathlib import Path

from rapport.kernel.blobs.incoming import Incoming
from rapport.kernel.blobs.stored import StoredBlob
from rapport.settings import SettingsError

CHUNK = 256 * 1024


class LocalBlobs:
    """A folder of files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._incoming = Incoming(folder / "incoming")

    def _path(self, name: str) -> Path:
        return self._folder / name[-2:] / name

    async def check(self) -> None:
        """Find out that files can be written; SettingsError says in one sentence what is wrong."""

        def write() -> None:
            probe = self._incoming.new_path()
            probe.write_bytes(b"probe")
            probe.unlink()

        try:
            await asyncio.to_thread(write)
        except OSError as error:
            raise SettingsError(f"The folder of files {self._folder} cannot be written ({error.strerror}).") from error

    async def put(self, name: str, data: bytes) -> None:
        """Store ``data`` durably under ``name``."""

        def write() -> None:
            temporary = self._incoming.new_path()
            temporary.write_bytes(data)
            self._settle(temporary, name)

        await asyncio.to_thread(write)

    async def receive(self, chunks: AsyncIterable[bytes], limit: int) -> Path:
        """Write an upload to a temporary file and return its path; BodyTooLarge past ``limit`` bytes."""
        return await self._incoming.receive(chunks, limit)

    async def adopt(self, name: str, path: Path) -> None:
        """Make a received file durable under ``name``."""
        await asyncio.to_thread(self._settle, path, name)

    def _settle(self, temporary: Path, name: str) -> None:
        target = self._path(name)
        target.parent.mkdir(exist_ok=True)
        descriptor = os.open(temporary, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        temporary.rename(target)

    async def read(self, name: str, start: int, end: int) -> AsyncIterator[bytes]:
        """Yield the bytes ``start`` to ``end`` (exclusive)."""
        file = await asyncio.to_thread(self._path(name).open, "rb")
        try:
            file.seek(start)
            left = end - start
            while left > 0:
                chunk = await asyncio.to_thread(file.read, min(CHUNK, left))
                if not chunk:
                    return
                left -= len(chunk)
                yield chunk
        finally:
            file.close()

    async def remove(self, name: str) -> None:
        """Remove a name; absent is fine."""
        await asyncio.to_thread(self._path(name).unlink, missing_ok=True)

    async def stored(self, ending: str) -> list[StoredBlob]:
        """Return what is stored under names that end with a letter."""

        def look() -> list[StoredBlob]:
            files = (file for folder in self._folder.glob(f"?{ending}") for file in folder.iterdir())
            return [seen for file in files if (seen := _seen(file)) is not None]

        return await asyncio.to_thread(look)

    async def forget_received(self) -> None:
        """Remove what processes that are gone received and never adopted."""
        await asyncio.to_thread(self._incoming.forget)


def _seen(file: Path) -> StoredBlob | None:
    try:
        found = file.stat()
    except FileNotFoundError:  # removed since the folder was read
        return None
    return StoredBlob(file.name, found.st_size, found.st_mtime_ns // 1000)
