"""Scheduled work: files that nothing used go after a day, and bytes follow their rows."""

import msgspec

from rapport.features.files.actions import REMOVE_BYTES, SWEEP, remove_unused
from rapport.features.files.types import thumbnail_blob
from rapport.kernel.clock import MINUTE
from rapport.kernel.runtime import Runtime
from rapport.kernel.tx import Tx

SWEEP_EVERY_US = 10 * MINUTE


def register(rt: Runtime) -> None:
    """Let the worker do this feature's work."""

    async def remove_bytes(_corp_id: str, body: bytes) -> None:
        file_id = msgspec.json.decode(body, type=str)
        await rt.blobs.remove(thumbnail_blob(file_id))
        await rt.blobs.remove(file_id)

    rt.jobs.handle("files.remove_unused", sweep, every_us=SWEEP_EVERY_US)
    rt.jobs.handle_outside(REMOVE_BYTES, remove_bytes)


def sweep(tx: Tx, _corp_id: str, _body: bytes) -> None:
    """Remove unused files, at most a few batches at a time so that nobody waits for the writer."""
    for _ in range(5):
        if remove_unused(tx) < SWEEP:
            return
