"""The one source of time, so that tests can move it and no code reads the machine's clock on its own."""

import time
from typing import Protocol

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Clock(Protocol):
    """Wall-clock time as integer microseconds since the Unix epoch, UTC."""

    def now(self) -> int:
        """Return the present instant in microseconds."""
        ...


class SystemClock:
    """The machine's clock, which may be shifted by a fixed offset (tests, drills)."""

    def __init__(self, offset_us: int = 0) -> None:
        self.offset_us = offset_us

    def now(self) -> int:
        """Return the present instant in microseconds."""
        return time.time_ns() // 1000 + self.offset_us

    def advance(self, microseconds: int) -> None:
        """Move the clock; negative values step back, which must never break order (ids stay monotonic)."""
        self.offset_us += microseconds
