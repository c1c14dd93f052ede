"""Whether every file's bytes are there, and no bytes lie about that nothing needs."""

import asyncio

from sqlalchemy import select

from rapport.features.files.policies import unused_hours
from rapport.features.files.queries import find_known
from rapport.features.files.tables import stored_file
from rapport.features.files.types import file_of_blob, thumbnail_blob
from rapport.kernel.blobs import Blobs, open_blobs
from rapport.kernel.clock import DAY, HOUR
from rapport.kernel.ids import ROW_ID_LETTERS
from rapport.kernel.policy import PLATFORM, get_policy
from rapport.kernel.statements import ptext, query
from rapport.kernel.tx import ReadTx
from rapport.operations.doctor.findings import Finding, named, ok, problem, warning
from rapport.settings import Settings, SettingsError

_LOOKED_UP_AT_ONCE = 500


def _sizes(file_id: str, size: int, thumbnail_size: int | None) -> dict[str, int]:
    return {file_id: size} | ({} if thumbnail_size is None else {thumbnail_blob(file_id): thumbnail_size})


_f = stored_file.c
_ending = query(select(_f.file_id, _f.size, _f.thumbnail_size).where(_f.file_id.like(ptext("ending"))), _sizes)


def check_store(tx: ReadTx, settings: Settings) -> Finding:
    """Look whether bytes can be put, read and removed."""
    del tx
    try:
        asyncio.run(open_blobs(settings.blobs_url, settings.data).check())
    except SettingsError as error:
        return problem("store", str(error), "Nobody can send or see pictures until that is mended.")
    return ok("store", "Files can be put, read and removed.")


def check_files(tx: ReadTx, settings: Settings) -> Finding:
    """Compare rows and bytes in both directions, one thirty-second of them at a time."""
    return asyncio.run(_compare(tx, open_blobs(settings.blobs_url, settings.data)))


async def _compare(tx: ReadTx, blobs: Blobs) -> Finding:
    # The worker looks through every part of the store within six hours; whatever is older than that it left.
    before = tx.now - get_policy(tx, PLATFORM, unused_hours) * HOUR - DAY
    missing: list[str] = []
    torn: list[str] = []
    strays: list[str] = []
    count = 0
    for letter in ROW_ID_LETTERS:
        needed: dict[str, int] = {}
        for sizes in tx.all(_ending, ending=f"%{letter}"):
            needed |= sizes
        stored = await blobs.stored(letter)
        there = {blob.name: blob.size for blob in stored}
        absent = [name for name in needed if name not in there]
        known = _known(tx, absent)
        missing += [name for name in absent if file_of_blob(name) in known]
        torn += [name for name, size in needed.items() if name in there and there[name] != size]
        old = [blob.name for blob in stored if blob.name not in needed and blob.stored_at < before]
        known = _known(tx, old)
        strays += [name for name in old if file_of_blob(name) not in known]
        count += len(needed)
    if missing or torn:
        said = f"{len(missing)} files have no bytes and {len(torn)} other bytes than they should: "
        return problem("files", said + f"{named(missing + torn)}.", "Put them back from a backup's folder files/.")
    if strays:
        return warning(
            "files",
            f"{len(strays)} stored names belong to no file any more: {named(strays)}.",
            "A process with the role worker removes them: is one running?",
        )
    return ok("files", f"The bytes of all {count} files and thumbnails are there, and no others.")


def _known(tx: ReadTx, names: list[str]) -> set[str]:
    """Return which names' files have a row now: some came or went while we looked."""
    file_ids = sorted({file_of_blob(name) for name in names})
    known: set[str] = set()
    for start in range(0, len(file_ids), _LOOKED_UP_AT_ONCE):
        known |= find_known(tx, file_ids[start : start + _LOOKED_UP_AT_ONCE])
    return known
