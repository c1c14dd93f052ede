"""What the application asks of an engine: run a command, run a query. ``engines`` implement it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol, TypeVar

import msgspec

from rapport.kernel.errors import Refusal
from rapport.kernel.journal import Emission
from rapport.kernel.metrics.meters import CommitMeter
from rapport.kernel.tx import ReadTx, Tx

Result = TypeVar("Result")
Item = TypeVar("Item")
BatchCommand = Callable[[Tx, str, Sequence[Any]], Sequence[Any]]


class Sizes(msgspec.Struct, frozen=True):
    """What the database takes on disk; ``log_bytes`` where it keeps a log beside itself that we can see."""

    database_bytes: int
    log_bytes: int | None


class Database(Protocol):
    """A store with one truth."""

    commits: CommitMeter
    on_committed: Callable[[list[Emission]], None]
    """Called on the event loop with the facts of each committed batch, in journal order."""

    @property
    def losses(self) -> int:
        """How often the server did not answer, so that others can look again at what they know of it."""
        ...

    def write(self, command: Callable[[Tx], Result], /) -> Awaitable[Result]:
        """Run a command in a transaction of its own and answer after it is durable."""
        ...

    def write_batched(
        self, command: Callable[[Tx, str, Sequence[Item]], Sequence[Result | Refusal]], corp_id: str, item: Item, /
    ) -> Awaitable[Result]:
        """Run ``command`` for ``item`` together with other items of the same corp that wait at the same moment."""
        ...

    def read(self, query: Callable[[ReadTx], Result], /) -> Awaitable[Result]:
        """Run a query on a snapshot, off the event loop."""
        ...

    async def read_briefly(self, query: Callable[[ReadTx], Result], /) -> Result:
        """Run a handful of look-ups by key on a snapshot, in whatever way costs least."""
        ...

    async def sizes(self) -> Sizes:
        """Return what the database takes on disk."""
        ...

    async def timeline(self) -> str | None:
        """Name the history that the server writes: another one after a standby took over; None where there is one."""
        ...

    async def end_abandoned(self) -> int:
        """End what processes began that stand still in the middle of it; return how many they were."""
        ...

    async def close(self) -> None:
        """Finish what was accepted and release the files."""
        ...
