# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# apsw's stubs leave its row types partly unknown.
"""Backing up an installation while it serves: its database at one moment, then every file that this moment needs."""

from datetime import UTC, datetime
from pathlib import Path

import apsw
import msgspec

from rapport import __version__
from rapport.database import FILE_NAME, is_made
from rapport.kernel.blobs import Blobs, open_blobs
from rapport.kernel.clock import SystemClock
from rapport.kernel.errors import TryAgain
from rapport.kernel.keys import open_keys
from rapport.operations.archives import (
    DATABASE,
    FORMAT,
    KEYS,
    LISTING,
    Manifest,
    Writing,
    part_of,
)
from rapport.operations.embedded import copy_served_file, tallies_of
from rapport.operations.engines import snapshot_postgres
from rapport.operations.errors import OperationError
from rapport.operations.taking import take_files
from rapport.settings import Settings

NAMED_MISSING = 100


class BackedUp(msgspec.Struct, frozen=True):
    """What a backup came to."""

    path: Path
    rows: int
    files: int
    file_bytes: int
    missing: list[str]


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
        taken = await take_files(settings, blobs, connection, writing)
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
