"""Stored bytes by name, on a local folder.

Written to a temporary name, synced, then renamed, so that a name is whole or absent.
"""

import asyncio
import os
import secrets
from collections.abc import AsyncIterable, AsyncIterator
from pathlib import Path
from typing import Protocol

from rapport.kernel.errors import BodyTooLarge

CHUNK = 256 * 1024


class Blobs(Protocol):
    """A store of immutable byte strings."""

    async def put(self, name: str, data: bytes) -> None:
        """Store ``data`` durably under ``name``."""
        ...

    async def receive(self, chunks: AsyncIterable[bytes], limit: int) -> Path:
        """Write an upload to a temporary file and return its path; BodyTooLarge past ``limit`` bytes."""
        ...

    async def adopt(self, name: str, path: Path) -> None:
        """Make a received file durable under ``name``."""
        ...

    def read(self, name: str, start: int, end: int) -> AsyncIterator[bytes]:
        """Yield the bytes ``start`` to ``end`` (exclusive)."""
        ...

    async def remove(self, name: str) -> None:
        """Remove a name; absent is fine."""
        ...

    async def names(self, ending: str, before: int) -> list[str]:
        """Return the names that end with a letter (a part small enough to look through), stored before an instant."""
        ...

    async def forget_received(self) -> None:
        """Remove what was received and never adopted; only while nothing is being received (at start)."""
        ...


class LocalBlobs:
    """A folder of files, two levels deep by the first characters of the name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._incoming = folder / "incoming"
        self._incoming.mkdir(parents=True, exist_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / name[-2:] / name

    async def put(self, name: str, data: bytes) -> None:
        """Store ``data`` durably under ``name``."""

        def write() -> None:
            temporary = self._incoming / secrets.token_hex(12)
            temporary.write_bytes(data)
            self._settle(temporary, name)

        await asyncio.to_thread(write)

    async def receive(self, chunks: AsyncIterable[bytes], limit: int) -> Path:
        """Write an upload to a temporary file and return its path; BodyTooLarge past ``limit`` bytes."""
        temporary = self._incoming / secrets.token_hex(12)
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

    async def names(self, ending: str, before: int) -> list[str]:
        """Return the names that end with a letter (a part small enough to look through), stored before an instant."""

        def look() -> list[str]:
            files = (file for folder in self._folder.glob(f"?{ending}") for file in folder.iterdir())
            return [file.name for file in files if file.stat().st_mtime_ns // 1000 < before]

        return await asyncio.to_thread(look)

    async def forget_received(self) -> None:
        """Remove what was received and never adopted; only while nothing is being received (at start)."""

        def clear() -> None:
            for left in self._incoming.iterdir():
                left.unlink()

        await asyncio.to_thread(clear)
