# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# apsw's stubs leave its row types partly unknown.
"""Restoring a backup into an empty place, on either engine, whichever it was taken from.

The database comes last and at once: whatever stops a restore leaves a place in which there is no installation.
"""

import asyncio
import hashlib
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from pathlib import Path

import apsw
import msgspec

from rapport.database import FILE_NAME
from rapport.kernel.blobs import Blobs, open_blobs
from rapport.kernel.clock import SystemClock
from rapport.kernel.engines.sqlite_tx import SqliteTx
from rapport.kernel.errors import TryAgain
from rapport.kernel.ids import Ids
from rapport.kernel.installation import renew_epoch
from rapport.kernel.keys import open_keys
from rapport.kernel.leases import end_leases
from rapport.migrations import HEAD, migrate, upgrade_sql
from rapport.operations.archives import (
    CHUNK,
    DATABASE,
    KEYS,
    KeptFile,
    Manifest,
    check_part,
    listed_files,
    place_of,
    read_manifest,
    unpack,
)
from rapport.operations.embedded import owning_file, tallies_of
from rapport.operations.engines import carry_over, compare, connected_to, take_bare
from rapport.operations.errors import OperationError
from rapport.settings import Settings

UNPACKED = "unpacked"
UNFINISHED = f"{FILE_NAME}.unfinished"
IGNORED = {"lost+found"}


class Restored(msgspec.Struct, frozen=True):
    """What a restore came to."""

    manifest: Manifest
    rows: int
    epoch: str


def restore(settings: Settings, source: Path) -> Restored:
    """Restore a backup into the empty folder (and the bare database) of the settings; raises OperationError."""
    if not source.exists():
        raise OperationError(f"There is no backup {source}.")
    _check_empty(settings)
    data = settings.data
    made = not data.exists()
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _restore(settings, source)
    except BaseException as error:
        _clear(data, whole=made)
        if isinstance(error, TryAgain):
            raise OperationError("The store of files does not answer; nothing was restored: try again.") from error
        if isinstance(error, OSError):
            reason = error.strerror or error
            raise OperationError(f"Nothing was restored: {data} could not be written ({reason}).") from error
        raise


def _check_empty(settings: Settings) -> None:
    folders = [settings.data]
    if settings.blobs_url is not None and settings.blobs_url.startswith("file:"):
        folders.append(Path(settings.blobs_url.removeprefix("file://")))
    for folder in folders:
        try:
            found = [path.name for path in folder.iterdir() if path.name not in IGNORED]
        except FileNotFoundError:
            continue
        except OSError as error:
            raise OperationError(f"{folder} cannot be restored into ({error.strerror}).") from error
        if found:
            raise OperationError(f"{folder} is not empty (it holds {min(found)}): restore into an empty folder.")
    if settings.database_url is not None:
        with connected_to(settings.database_url, writing=True) as connection:
            take_bare(connection)


def _clear(folder: Path, *, whole: bool) -> None:
    """Leave the place as it was found, which was empty."""
    if whole:
        shutil.rmtree(folder, ignore_errors=True)
        return
    for path in folder.iterdir():
        if path.name in IGNORED:
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _restore(settings: Settings, source: Path) -> Restored:
    data, backup = settings.data, source
    if source.is_file():
        backup = data / UNPACKED
        backup.mkdir(mode=0o700)
        unpack(source, backup)
    manifest = read_manifest(backup)
    if manifest.revision != HEAD:
        # Raises for one that this program does not know.
        upgrade_sql(manifest.revision)
    for name, part in manifest.parts.items():
        check_part(backup, name, part)
    database = data / UNFINISHED
    _copy_private(backup / DATABASE, database)
    with owning_file(database) as connection:
        compare(manifest.tables, tallies_of(connection))
    migrate(database)
    asyncio.run(_put_files(backup, manifest, open_blobs(settings.blobs_url, data)))
    _copy_private(backup / KEYS, data / KEYS)
    open_keys(data, make=False)
    rows = sum(tally.rows for tally in manifest.tables.values())
    epoch = _begin_anew(settings, database)
    shutil.rmtree(data / UNPACKED, ignore_errors=True)
    return Restored(manifest, rows, epoch)


def _copy_private(source: Path, to: Path) -> None:
    to.touch(mode=0o600)
    shutil.copyfile(source, to)


async def _put_files(backup: Path, manifest: Manifest, blobs: Blobs) -> None:
    await blobs.check()
    count = 0
    for kept in listed_files(backup):
        path = backup / place_of(kept.name)
        try:
            with path.open("rb") as file:
                received = await blobs.receive(_chunks(file.read, kept, backup), kept.size)
        except FileNotFoundError:
            raise OperationError(f"The backup {backup} is damaged: the file {kept.name} is missing.") from None
        await blobs.adopt(kept.name, received)
        count += 1
    if count != manifest.files:
        raise OperationError(f"The backup {backup} is damaged: {count} files are listed instead of {manifest.files}.")


async def _chunks(read: Callable[[int], bytes], kept: KeptFile, backup: Path) -> AsyncIterator[bytes]:
    """Yield the bytes of a file of the backup; OperationError where they are not those that were written."""
    digest, left = hashlib.sha256(), kept.size
    while left > 0 and (chunk := read(min(CHUNK, left))):
        digest.update(chunk)
        left -= len(chunk)
        yield chunk
    if left or digest.hexdigest() != kept.sha256:
        raise OperationError(f"The backup {backup} is damaged: the file {kept.name} holds other bytes.")


def _begin_anew(settings: Settings, database: Path) -> str:
    """Give what was restored a new epoch, so that clients start over, and make it the installation at once."""
    clock = SystemClock()
    if settings.database_url is None:
        connection = apsw.Connection(str(database))
        try:
            connection.execute("BEGIN IMMEDIATE")
            tx = SqliteTx(connection, clock, Ids(clock))
            epoch = renew_epoch(tx)
            end_leases(tx)
            connection.execute("COMMIT")
            connection.execute("PRAGMA journal_mode=DELETE").fetchall()
        finally:
            connection.close()
        os.sync()
        database.rename(settings.data / FILE_NAME)
        os.sync()
        return epoch
    with ExitStack() as stack:
        source = stack.enter_context(owning_file(database))
        target = stack.enter_context(connected_to(settings.database_url, writing=True))
        _, epoch = carry_over(source, target, renew=True)
    database.unlink()
    return epoch
