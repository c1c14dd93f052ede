"""Stored bytes by name: files of the installation, in a local folder or in S3 and what speaks like it.

Names are immutable: bytes are put once, whole or not at all, and never changed.
"""

from collections.abc import AsyncIterable, AsyncIterator
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from rapport.kernel.blobs.folder import LocalBlobs
from rapport.kernel.blobs.stored import StoredBlob
from rapport.settings import SettingsError

__all__ = ["Blobs", "LocalBlobs", "StoredBlob", "open_blobs"]


class Blobs(Protocol):
    """A store of immutable byte strings. What a store cannot do right now raises TryAgain, and may be repeated."""

    async def check(self) -> None:
        """Find out that bytes can be put, read and removed; SettingsError says in one sentence what is wrong."""
        ...

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
        """Yield the bytes ``start`` to ``end`` (exclusive); FileNotFoundError for a name that is not there."""
        ...

    async def remove(self, name: str) -> None:
        """Remove a name; absent is fine."""
        ...

    async def stored(self, ending: str) -> list[StoredBlob]:
        """Return what is stored under names that end with a letter (a part small enough to look through)."""
        ...

    async def forget_received(self) -> None:
        """Remove what processes that are gone received and never adopted."""
        ...


def open_blobs(url: str | None, data: Path) -> Blobs:
    """Return the store of RAPPORT_BLOBS_URL, ``data``/files without it; raises SettingsError for an unusable one."""
    if url is None:
        return LocalBlobs(data / "files")
    parts = urlsplit(url)
    if parts.scheme == "file" and not parts.netloc and parts.path not in {"", "/"}:
        return LocalBlobs(Path(unquote(parts.path)))
    if parts.scheme == "s3":
        # Its client is loaded where it is used: most installations keep files in a folder.
        from rapport.kernel.blobs.s3 import open_s3  # noqa: PLC0415

        return open_s3(url, data / "incoming")
    raise SettingsError(
        "RAPPORT_BLOBS_URL is no address of a store: it is s3://bucket/prefix?endpoint=https://…&region=… "
        "or file:///folder."
    )
