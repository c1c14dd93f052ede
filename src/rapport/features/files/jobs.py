"""Scheduled work: files that nothing used go after a while, bytes follow their rows, bytes without a row go too."""

import msgspec
import structlog

from rapport.features.files.actions import REMOVE_BYTES, SWEEP, remove_unused
from rapport.features.files.policies import unused_hours
from rapport.features.files.queries import find_known
from rapport.features.files.types import file_of_blob, thumbnail_blob
from rapport.kernel.clock import HOUR, MINUTE
from rapport.kernel.ids import ROW_ID_LETTERS, instant_of
from rapport.kernel.policy import PLATFORM, get_policy
from rapport.kernel.runtime import Runtime
from rapport.kernel.tx import Tx

SWEEP_EVERY_US = 10 * MINUTE
LOOKED_UP_AT_ONCE = 500
log = structlog.get_logger()


def register(rt: Runtime) -> None:
    """Let the worker do this feature's work."""

    async def remove_bytes(_corp_id: str, body: bytes) -> None:
        file_id = msgspec.json.decode(body, type=str)
        await _remove_bytes(rt, file_id)

    async def sweep_strays(_corp_id: str, _body: bytes) -> None:
        # One part of the store after the other, whatever the restarts: the time says whose turn it is.
        turn = rt.clock.now() // SWEEP_EVERY_US % len(ROW_ID_LETTERS)
        await remove_strays(rt, ROW_ID_LETTERS[turn])

    rt.jobs.handle("files.remove_unused", sweep, every_us=SWEEP_EVERY_US)
    rt.jobs.handle_outside(REMOVE_BYTES, remove_bytes)
    rt.jobs.handle_outside("files.remove_strays", sweep_strays, every_us=SWEEP_EVERY_US)


def sweep(tx: Tx, _corp_id: str, _body: bytes) -> None:
    """Remove unused files, at most a few batches at a time so that nobody waits for the writer."""
    for _ in range(5):
        if remove_unused(tx) < SWEEP:
            return


async def remove_strays(rt: Runtime, ending: str) -> int:
    """Remove bytes whose row never came (a crash right after an upload), of one part of the store; return how many.

    An id says when it was made, and the store when it got the bytes: those of an upload that is still under way are
    never taken for strays, also where the clock stands elsewhere (the demo's past).
    """
    before = rt.clock.now() - await rt.db.read_briefly(lambda tx: get_policy(tx, PLATFORM, unused_hours)) * HOUR
    names = [blob.name for blob in await rt.blobs.stored(ending) if blob.stored_at < before]
    old = sorted({file_id for name in names if (instant_of(file_id := file_of_blob(name)) or before) < before})
    removed = 0
    for start in range(0, len(old), LOOKED_UP_AT_ONCE):
        some = old[start : start + LOOKED_UP_AT_ONCE]
        known = await rt.db.read(lambda tx, some=some: find_known(tx, some))
        for file_id in some:
            if file_id not in known:
                await _remove_bytes(rt, file_id)
                removed += 1
    if removed:
        log.info("stray_files_removed", files=removed)
    return removed


async def _remove_bytes(rt: Runtime, file_id: str) -> None:
    await rt.blobs.remove(thumbnail_blob(file_id))
    await rt.blobs.remove(file_id)
