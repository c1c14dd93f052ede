# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# apsw's stubs leave its row types partly unknown.
"""Backing up an installation while it serves: its database at one moment, then every file that this moment needs."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import apsw
import msgspec

from rapport import __version__
from rapport.database import FILE_NAME, is_made
from rapport.features.files.types import thumbnail_blob
from rapport.kernel.blobs import Blobs, open_blobs
from rapport.kernel.clock import SystemClock
from rapport.kernel.errors import TryAgain
from rapport.kernel.keys import open_keys
from rapport.operations.archives import (
    DATABASE,
    FORMAT,
    KEYS,
    LISTING,
    KeptFile,
    Manifest,
    Writing,
    part_of,
    place_of,
)
from rapport.operations.embedded import copy_served_file, tallies_of
from rapport.operations.engines import snapshot_postgres
from rapport.operations.errors import OperationError
from rapport.operations.reading import existing_files
from rapport.settings import Settings

NAMED_MISSING = 100
PAGE = 500


class BackedUp(msgspec.Struct, frozen=True):
    """What a backup came to."""

    path: Path
    rows: int
    files: int
    file_bytes: int
    missing: list[str]


class NeededFile(msgspec.Struct, frozen=True):
    """Bytes that a row of the database needs."""

    file_id: str
    name: str
    size: int


def name_backup(target: Path) -> Path:
    """Return the name of a new backup: ``target`` itself for a .tar, else a new one by time in that folder."""
    if target.suffix == ".tar":
        if not target.parent.is_dir():
            raise OperationError(f"There is no folder {target.parent}: make it first.")
        return target
    try:
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise OperationError(f"The folder {target} cannot be made ({error.strerror}).") from error
    return target / f"rapport-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"


async def back_up(settings: Settings, target: Path) -> BackedUp:
    """Write a whole backup of the installation, served or not; raises OperationError and leaves nothing then."""
    if not is_made(settings.data, settings.database_url):
        place = settings.data if settings.database_url is None else "the database of RAPPORT_DATABASE_URL"
        raise OperationError(f"There is no installation in {place} to back up.")
    # Restoring needs them as much as the rows.
    open_keys(settings.data, make=False)
    blobs = open_blobs(settings.blobs_url, settings.data)
    writing = Writing(name_backup(target))
    try:
        return await _back_up(settings, blobs, writing)
    except OSError as error:
        raise OperationError(f"The backup could not be written ({error.strerror or error}).") from error
    except TryAgain as error:
        raise OperationError("The store of files does not answer; no backup was made: try again.") from error
    finally:
        writing.abandon()


async def _back_up(settings: Settings, blobs: Blobs, writing: Writing) -> BackedUp:
    clock = SystemClock()
    started_at = clock.now()
    database = writing.scratch(DATABASE)
    database.touch(mode=0o600)
    if settings.database_url is None:
        copy_served_file(settings.data / FILE_NAME, database)
    else:
        snapshot_postgres(settings.database_url, database)
    connection = apsw.Connection(str(database))
    try:
        taken = await _take_files(settings, blobs, connection, writing)
        epoch = connection.execute("SELECT value FROM installation WHERE name = 'epoch'").fetchone()
        revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        tables = tallies_of(connection)
    finally:
        connection.close()
    keys = writing.scratch(f"{KEYS}.copy")
    keys.touch(mode=0o600)
    keys.write_bytes((settings.data / KEYS).read_bytes())
    listing = writing.scratch(f"{LISTING}.made")
    parts = {name: part_of(path) for name, path in ((DATABASE, database), (KEYS, keys), (LISTING, listing))}
    for name, path in ((DATABASE, database), (KEYS, keys), (LISTING, listing)):
        writing.add(name, path)
    manifest = Manifest(
        format=FORMAT,
        version=__version__,
        revision=str(revision[0]) if revision else "",
        engine="sqlite" if settings.database_url is None else "postgresql",
        epoch=str(epoch[0]) if epoch else "",
        started_at=started_at,
        ended_at=clock.now(),
        tables=tables,
        parts=parts,
        files=taken.files,
        file_bytes=taken.file_bytes,
        missing=taken.missing[:NAMED_MISSING],
    )
    writing.finish(manifest)
    rows = sum(tally.rows for tally in tables.values())
    return BackedUp(writing.target, rows, taken.files, taken.file_bytes, taken.missing)


class _Taken(msgspec.Struct):
    """What was taken of the store."""

    files: int = 0
    file_bytes: int = 0
    missing: list[str] = []


async def _take_files(settings: Settings, blobs: Blobs, copied: apsw.Connection, writing: Writing) -> _Taken:
    """Copy the bytes of every row and list them.

    What a recall or the sweep removed since the moment of the copy is taken out of the copy too.
    """
    taken = _Taken()
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
