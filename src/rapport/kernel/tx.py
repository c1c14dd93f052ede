"""The transaction: what domain code is written against, whichever engine is underneath.

``ReadTx`` sees one consistent snapshot. ``Tx`` also writes: rows, facts and jobs commit together or not at all.
Features receive it as their first argument and never commit.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Generic, TypeVar

import msgspec

from rapport.kernel.clock import Clock
from rapport.kernel.ids import Ids
from rapport.kernel.journal import Audience, Emission, Fact
from rapport.kernel.statements import Statement

Row = TypeVar("Row")


class Asked(ABC, Generic[Row]):
    """A query that was asked, whose answer may still be on its way; it is taken once."""

    @abstractmethod
    def all(self) -> list[Row]:
        """Return its rows."""

    @abstractmethod
    def one(self) -> Row | None:
        """Return its first row, or None."""


class ReadTx(ABC):
    """A consistent snapshot of the database."""

    now: int
    """The instant at which the transaction began, in microseconds (UTC)."""
    base: int = 0
    """What this installation's numbers are counted from, where the engine counts for several."""

    @abstractmethod
    def ask(self, statement: Statement[Row], /, **parameters: object) -> Asked[Row]:
        """Ask a query without waiting for its answer: what is asked before the first answer is taken goes together.

        For queries that do not need each other's answers, where the way to the database costs more than they do.
        """

    def all(self, statement: Statement[Row], /, **parameters: object) -> list[Row]:
        """Run a query and return its rows."""
        return self.ask(statement, **parameters).all()

    def one(self, statement: Statement[Row], /, **parameters: object) -> Row | None:
        """Run a query and return its first row, or None."""
        return self.ask(statement, **parameters).one()

    @abstractmethod
    def each(self, statement: Statement[Row], rows: Iterable[Mapping[str, object]], /) -> list[Row | None]:
        """Run a statement once per parameter set and return the first row of each.

        One statement for the whole batch.
        """

    def confine(self, reach: str) -> None:  # noqa: B027  the embedded engine has no such wall
        """Touch the rows of these corps alone from here on, where the engine keeps such a wall (see ``tenancy``)."""

    @property
    @abstractmethod
    def horizon(self) -> int:
        """The mark below which this snapshot has seen every change.

        A client asks on from it and may see repeats, never a hole.
        """


class ScheduledJob(msgspec.Struct, frozen=True):
    """A job to be stored with the transaction; ``key`` makes scheduling it twice one job."""

    corp_id: str
    kind: str
    key: str
    run_at: int
    body: bytes


class Tx(ReadTx):
    """A transaction that writes."""

    ids: Ids
    clock: Clock

    def __init__(self) -> None:
        self.emitted: list[Emission] = []
        self.effects: list[Callable[[], None]] = []
        self.memo: dict[Any, Any] = {}
        """Facts read once per batch (policies); cleared whenever what they depend on is written."""

    @property
    @abstractmethod
    def mark(self) -> int:
        """What a change is stamped with now, so that a reader's ``horizon`` never misses it; never goes back."""

    @abstractmethod
    def run(self, statement: Statement[Any], /, **parameters: object) -> int:
        """Run a statement that writes and return the number of rows it changed."""

    @abstractmethod
    def insert_all(self, statement: Statement[None], rows: Sequence[Mapping[str, object]], /) -> None:
        """Insert many rows as one statement for the whole batch."""

    @abstractmethod
    def run_all(self, statement: Statement[None], rows: Sequence[Mapping[str, object]], /) -> None:
        """Run an insert or update for every parameter set, in one call of the driver; each changes other rows."""

    @abstractmethod
    def savepoint(self) -> AbstractContextManager[None]:
        """Undo everything written inside the block, facts too, when it raises."""

    def emit(self, corp_id: str, fact: Fact, audience: Audience, content: object = None) -> None:
        """Record a fact in this transaction; ``content`` travels in memory only."""
        self.emitted.append(Emission(corp_id, fact, audience, content))

    def after_commit(self, effect: Callable[[], None]) -> None:
        """Run ``effect`` on the event loop once this transaction is durable; for in-memory things only."""
        self.effects.append(effect)
