"""Whether a process should get work: what a balancer asks before it sends somebody here."""

import asyncio
import time

from rapport.kernel.clock import MINUTE
from rapport.kernel.database import Database
from rapport.kernel.errors import NotReady, Refusal
from rapport.kernel.installation import prove_writable
from rapport.kernel.leases import list_leases
from rapport.kernel.metrics.figures import list_places
from rapport.kernel.relay import Relay
from rapport.kernel.tx import ReadTx

ANSWER_WITHIN_S = 3.0
ASK_AGAIN_S = 1.0
"""An answer counts this long: whoever asks all the time costs the disk no more than once a second."""
STUCK_US = 5 * MINUTE
RELAY_SILENT_S = 30.0


class Readiness:
    """Finds out what is in the way of serving; ``draining`` is set by whoever stops the process."""

    def __init__(self, db: Database, process: str) -> None:
        self.draining = False
        self.relay: Relay | None = None
        self._db = db
        self._process = process
        self._found: Refusal | None = None
        self._asked_at = 0.0
        self._asking = asyncio.Lock()

    async def check(self) -> None:
        """Return when this process can serve; raises NotReady with every part that cannot."""
        if self.draining:
            raise NotReady(["draining"])
        loop = asyncio.get_running_loop()
        async with self._asking:
            if loop.time() - self._asked_at >= ASK_AGAIN_S or not self._asked_at:
                parts = await self._ask()
                self._found = NotReady(parts) if parts else None
                self._asked_at = loop.time()
        if self._found is not None:
            raise self._found

    async def _ask(self) -> list[str]:
        parts: list[str] = []
        if self.relay is not None and time.monotonic() - self.relay.looked_at > RELAY_SILENT_S:
            parts.append("relay")
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                await self._db.write(prove_writable)
                parts += await self._db.read(self._list_stuck)
        except Exception:  # noqa: BLE001  whatever it is, who asks learns that the database is in the way
            parts.append("database")
        return parts

    def _list_stuck(self, tx: ReadTx) -> list[str]:
        """Return the leases of this process's own followers that do not move while facts wait."""
        own = {found.name for found in list_leases(tx) if found.holder == self._process}
        # One that catches up after a long stop is behind, but moves: it is no reason to send everybody away.
        stuck = (place.name for place in list_places(tx) if min(place.behind_us, place.still_us) > STUCK_US)
        return [f"follower {name}" for name in stuck if f"follower {name}" in own]
