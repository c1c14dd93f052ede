"""What the processes of one installation tell each other: the doorbell, ephemeral signals, the queue of work.

A ring carries nothing but its topic: "something was committed, look at the database". The database is the only truth:
whoever misses a ring finds the same at the next sweep, so a bus may lose, repeat and reorder.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal, Protocol

import msgspec

Topic = Literal["facts", "jobs"]
TOPICS: tuple[Topic, ...] = ("facts", "jobs")
SIGNAL = "signal"
Heard = Callable[[str, bytes], None]
"""Called on the event loop with a topic, or with ``SIGNAL`` and what was said."""


class Bell(Protocol):
    """How processes wake each other."""

    @property
    def works(self) -> bool:
        """Whether rings reach others now; while they do not, everybody looks more often."""
        ...

    def ring(self, topic: Topic) -> None:
        """Say that there is something new; never waits, never fails."""
        ...

    def signal(self, payload: bytes) -> None:
        """Tell the others something that is worth nothing a moment later (somebody is typing)."""
        ...

    async def run(self, heard: Heard) -> None:
        """Hand on what others say, and speak for this process, until cancelled; connects again by itself."""
        ...


class BusError(Exception):
    """The bus did not do what it was asked; at the start the message is one sentence for the operator."""


class Offer(msgspec.Struct, frozen=True):
    """A job that is due; the same ``key`` again is the same offer."""

    job_id: int
    key: str


class Taken(msgspec.Struct, frozen=True):
    """An offer that came to this process; one that is not acknowledged in time goes to another."""

    job_id: int
    acknowledge: Callable[[], Awaitable[None]]


class WorkQueue(Protocol):
    """Spreads due jobs over the workers; each still claims its job in the database."""

    @property
    def works(self) -> bool:
        """Whether there is a queue now; while there is none, workers look for themselves."""
        ...

    async def offer(self, offers: Sequence[Offer]) -> None:
        """Put jobs into the queue; raises BusError."""
        ...

    async def take(self, limit: int, wait_s: float) -> list[Taken]:
        """Wait for offered jobs; raises BusError."""
        ...


class NoBell:
    """For the one process of the embedded engine: there is nobody to wake."""

    works = True

    def ring(self, topic: Topic) -> None:
        """Wake nobody."""

    def signal(self, payload: bytes) -> None:
        """Tell nobody."""

    async def run(self, heard: Heard) -> None:
        """Hear nothing."""
        del heard
        await asyncio.Event().wait()


class Ringing:
    """What waits to be said: many rings in a moment are one."""

    REST_S = 0.002
    MOST_SIGNALS = 1_000

    def __init__(self) -> None:
        self._topics: set[Topic] = set()
        self._signals: list[bytes] = []
        self._woken = asyncio.Event()

    def ring(self, topic: Topic) -> None:
        """Note a ring."""
        self._topics.add(topic)
        self._woken.set()

    def signal(self, payload: bytes) -> None:
        """Note a signal; past the bound it is dropped, since nobody misses it."""
        if len(self._signals) < self.MOST_SIGNALS:
            self._signals.append(payload)
            self._woken.set()

    async def next(self) -> tuple[list[Topic], list[bytes]]:
        """Wait until there is something to say and return it, at most once per rest."""
        await self._woken.wait()
        await asyncio.sleep(self.REST_S)
        self._woken.clear()
        topics, self._topics = sorted(self._topics), set()
        signals, self._signals = self._signals, []
        return topics, signals
