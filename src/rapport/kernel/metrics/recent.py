"""The last minutes of sending, for a screen: what a process without a Prometheus beside it can say of itself."""

import asyncio
from collections import deque
from itertools import pairwise

import msgspec

from rapport.kernel.metrics.meters import SEND_BOUNDS_S, Meters, quantile

MINUTE_S = 60.0
MINUTES = 30
MINUTES_OF_QUANTILES = 5


class Sending(msgspec.Struct, frozen=True):
    """What this process sent: messages in each whole minute, the latest last, and how fast in the last five.

    ``p50_ms`` and ``p99_ms`` are null where nothing was sent.
    """

    since: int
    per_minute: list[int]
    p50_ms: float | None
    p99_ms: float | None


class _Mark(msgspec.Struct, frozen=True):
    accepted: int
    counts: list[int]


class Recent:
    """Remembers the counters at each minute's end, and subtracts when it is asked."""

    def __init__(self, meters: Meters, since: int) -> None:
        self._meters = meters
        self._since = since
        self._marks: deque[_Mark] = deque([self._mark()], maxlen=MINUTES + 1)

    def _mark(self) -> _Mark:
        return _Mark(self._meters.accepted, list(self._meters.send_seconds.counts))

    async def run(self) -> None:
        """Note every minute until cancelled."""
        while True:
            await asyncio.sleep(MINUTE_S)
            self.turn()

    def turn(self) -> None:
        """End a minute."""
        self._marks.append(self._mark())

    def read(self) -> Sending:
        """Return the last minutes."""
        marks = list(self._marks)
        minutes = [after.accepted - before.accepted for before, after in pairwise(marks)]
        start = marks[-min(len(marks), MINUTES_OF_QUANTILES)].counts
        counts = [now - then for now, then in zip(self._meters.send_seconds.counts, start, strict=True)]
        return Sending(self._since, minutes, _milliseconds(counts, 0.5), _milliseconds(counts, 0.99))


def _milliseconds(counts: list[int], share: float) -> float | None:
    found = quantile(SEND_BOUNDS_S, counts, share)
    return None if found is None else round(found * 1000, 1)
