# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# apsw's stubs leave its row types partly unknown.
"""Taking every file that a copied database needs into a backup."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import apsw
import msgspec

from rapport.features.files.types import thumbnail_blob
from rapport.kernel.blobs import Blobs
from rapport.operations.archives import LISTING, KeptFile, Writing, place_of
from rapport.operations.reading import existing_files
from rapport.settings import Settings

PAGE = 500


class NeededFile(msgspec.Struct, frozen=True):
    """Bytes that a row of the database needs."""

    file_id: str
    name: str
    size: int


class Taken(msgspec.Struct):
    """What was taken of the store."""

    files: int = 0
    file_bytes: int = 0
    missing: list[str] = []


async def take_files(settings: Settings, blobs: Blobs, copied: apsw.Connection, writing: Writing) -> Taken:
    """Copy the bytes of every row and list them.

    What a recall or the sweep removed since the moment of the copy is taken out of the copy too.
    """
    taken = Taken()
    scratch = writing.scratch("file")
    gone: list[str] = []
    listing = writing.scratch(f"{LISTING}.made")
    listing.touch(mode=0o600)
    with listing.open("wb") as lines:
        for page in _pages(needed_files(copied)):
            absent: list[NeededFile] = []
            for needed in page:
                kept = await _take(blobs, needed, scratch)
                if kept is None:
                    absent.append(needed)
                    continue
                writing.add(place_of(needed.name), scratch)
                lines.write(msgspec.json.encode(kept) + b"\n")
                taken.files += 1
                taken.file_bytes += kept.size
            if absent:
                there = existing_files(settings, sorted({needed.file_id for needed in absent}))
                gone += {needed.file_id for needed in absent} - there
                taken.missing += [needed.name for needed in absent if needed.file_id in there]
    for table in ("stored_file", "file_grant"):
        copied.executemany(f"DELETE FROM {table} WHERE file_id = ?", [(file_id,) for file_id in gone])  # noqa: S608
    return taken


def needed_files(connection: apsw.Connection) -> Iterator[NeededFile]:
    """Yield the bytes that the rows of a database need, a picture's thumbnail after it."""
    asked = "SELECT file_id, size, thumbnail_size FROM stored_file ORDER BY corp_id, file_id"
    for file_id, size, thumbnail_size in connection.execute(asked):
        yield NeededFile(str(file_id), str(file_id), int(size))
        if thumbnail_size is not None:
            yield NeededFile(str(file_id), thumbnail_blob(str(file_id)), int(thumbnail_size))


def _pages(needed: Iterator[NeededFile]) -> Iterator[list[NeededFile]]:
    page: list[NeededFile] = []
    for one in needed:
        page.append(one)
        if len(page) == PAGE:
            yield page
            page = []
    yield page


async def _take(blobs: Blobs, needed: NeededFile, to: Path) -> KeptFile | None:
    """Copy the bytes of one name; None where they are not there, or not whole."""
    digest, size = hashlib.sha256(), 0
    try:
        with to.open("wb") as file:
            async for chunk in blobs.read(needed.name, 0, needed.size):
                digest.update(chunk)
                size += len(chunk)
                file.write(chunk)
    except FileNotFoundError:
        return None
    return KeptFile(needed.name, size, digest.hexdigest()) if size == needed.size else None
