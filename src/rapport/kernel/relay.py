"""The relay: hands what other processes committed to this one's sockets and followers.

What this process commits it hands over itself, at once and with its contents. The rest is read from the journal,
below the horizon and in its order, and contents are read from the state for those who are connected here. Every fact
is handed over once per process, whichever way comes first.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
import structlog

from rapport.kernel.bells import Bell
from rapport.kernel.database import Database
from rapport.kernel.journal import Audience, Emission, JournalRow, registry
from rapport.kernel.reading import present, read_facts
from rapport.kernel.tx import ReadTx

Load = Callable[[ReadTx, Sequence[Emission]], None]
"""Reads the contents of facts of one class and puts them on their emissions."""

LIMIT = 500
REST_S = 0.005
MOST_REST_S = 0.05
SWEEP_S = 1.0
SWEEP_UNWOKEN_S = 0.1
"""While no bell works, everybody looks this often instead."""
TEND_S = 2.5
"""How often everybody looks for commands that hold up others, for their process stands still."""
_WOKEN, _SOON, _AT_ONCE = range(3)
log = structlog.get_logger()


class Relay:
    """One reader of the journal per process; at rest it looks once a second."""

    def __init__(
        self,
        db: Database,
        bell: Bell,
        hand_over: Callable[[list[Emission]], None],
        *,
        is_concerned: Callable[[Emission], bool],
    ) -> None:
        self._db = db
        self._bell = bell
        self._hand_over = hand_over
        self._is_concerned = is_concerned
        self._loaders: dict[str, Load] = {}
        self._own: set[int] = set()
        self._cursor = 0
        self._losses = db.losses
        self._woken = asyncio.Event()
        self.on_recovered: Callable[[], Awaitable[None]] | None = None
        """Called when the database answers again, before the next look."""
        self.looked_at = time.monotonic()
        self.lag_s = 0.0
        """How old the newest fact was that the last look handed over."""

    def load(self, kind: type[Any], loader: Load) -> None:
        """Say where the contents of a class of facts stand."""
        self._loaders[kind.kind] = loader

    async def start(self) -> None:
        """Begin at the present: before the first socket is let in, and in a new epoch."""
        self._own.clear()
        self._cursor = await self._db.read(present) - 1

    def committed(self, emissions: list[Emission]) -> None:
        """Hand over what this process committed, and wake the others."""
        fresh = [emission for emission in emissions if emission.id > self._cursor]
        for emission in fresh:
            self._own.add(emission.id)
            emission.delivered = self._cursor + 1
        if fresh:
            self._hand_over(fresh)
        self._bell.ring("facts")

    def wake(self) -> None:
        """Look now."""
        self._woken.set()

    async def run(self) -> None:
        """Read and hand over until cancelled."""
        pause, tended_at = REST_S, time.monotonic()
        while True:
            self._woken.clear()
            before = self._cursor
            try:
                if self._losses != self._db.losses:
                    await self._recover()
                again = await self.look()
                if time.monotonic() - tended_at > TEND_S:
                    tended_at = time.monotonic()
                    await self._db.end_abandoned()
            except Exception as error:  # noqa: BLE001  a database that does not answer is asked again
                log.warning("relay_failed", error=error)
                await asyncio.sleep(SWEEP_S)
                continue
            if again == _WOKEN:
                # Not wait_for: before Python 3.12 it loses a cancellation that arrives together with the wake-up.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(SWEEP_S if self._bell.works else SWEEP_UNWOKEN_S):
                        await self._woken.wait()
            # Behind a command that takes its time there is nothing to find in a hurry.
            pause = min(pause * 2, MOST_REST_S) if again == _SOON and self._cursor == before else REST_S
            if again != _AT_ONCE:
                await asyncio.sleep(pause)

    async def _recover(self) -> None:
        losses = self._db.losses
        if self.on_recovered is not None:
            await self.on_recovered()
        self._losses = losses

    async def look(self) -> int:
        """Hand over what is below the horizon; say when to look again."""
        cursor = self._cursor
        rows, waits, now = await self._db.read(lambda tx: _read(tx, cursor))
        self.looked_at = time.monotonic()
        emissions = [
            Emission(row.corp_id, row.fact(), msgspec.json.decode(row.audience, type=Audience), None, row.id)
            for row in rows
            if row.id not in self._own and row.kind in registry
        ]
        wanted = [each for each in emissions if each.fact.kind in self._loaders and self._is_concerned(each)]
        if wanted:
            await self._db.read(lambda tx: self._load(tx, wanted))
        # What was committed here meanwhile went its own way.
        fresh = [emission for emission in emissions if emission.id not in self._own]
        if rows:
            self._cursor = rows[-1].id
            self._own = {own for own in self._own if own > self._cursor}
            self.lag_s = max(0.0, (now - rows[-1].at) / 1_000_000)
        for emission in fresh:
            emission.delivered = emission.id
        if fresh:
            self._hand_over(fresh)
        return _AT_ONCE if len(rows) == LIMIT else _SOON if waits else _WOKEN

    def _load(self, tx: ReadTx, wanted: Sequence[Emission]) -> None:
        for kind, loader in self._loaders.items():
            if concerned := [emission for emission in wanted if emission.fact.kind == kind]:
                loader(tx, concerned)


def _read(tx: ReadTx, cursor: int) -> tuple[list[JournalRow], bool, int]:
    """Return the next facts, whether there are more that this look could not take, and the time."""
    rows, waits = read_facts(tx, cursor, LIMIT)
    return rows, waits, tx.now
