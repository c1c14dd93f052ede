"""The doorbell between the processes of one installation: "something was committed, look at the database".

A ring carries nothing but its topic. The database is the only truth: whoever misses a ring finds the same at the next
sweep, so a bell may lose, repeat and reorder.
"""

import asyncio
from collections.abc import Callable
from typing import Literal, Protocol

Topic = Literal["facts", "jobs"]
TOPICS: tuple[Topic, ...] = ("facts", "jobs")


class Bell(Protocol):
    """How processes wake each other."""

    def ring(self, topic: Topic) -> None:
        """Say that there is something new; never waits, never fails."""
        ...

    async def run(self, heard: Callable[[Topic], None]) -> None:
        """Hand on what others ring, and ring for this process, until cancelled; connects again by itself."""
        ...

    @property
    def works(self) -> bool:
        """Whether rings reach others now; while they do not, everybody looks more often."""
        ...


class NoBell:
    """For the one process of the embedded engine: there is nobody to wake."""

    works = True

    def ring(self, topic: Topic) -> None:
        """Wake nobody."""

    async def run(self, heard: Callable[[Topic], None]) -> None:
        """Hear nothing."""
        del heard
        await asyncio.Event().wait()


class Ringing:
    """Rings that wait to be sent: many in a moment are one."""

    REST_S = 0.002

    def __init__(self) -> None:
        self._waiting: set[Topic] = set()
        self._woken = asyncio.Event()

    def ring(self, topic: Topic) -> None:
        """Note a ring."""
        self._waiting.add(topic)
        self._woken.set()

    async def next(self) -> list[Topic]:
        """Wait for rings and return their topics, at most once per rest."""
        await self._woken.wait()
        await asyncio.sleep(self.REST_S)
        self._woken.clear()
        topics, self._waiting = sorted(self._waiting), set()
        return topics
