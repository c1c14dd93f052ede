"""Commands as spans: from being asked for to being durable, with how many shared the transaction.

Facts carry no trace: who emitted which is remembered here, for a while and in this process alone.
"""

import asyncio
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

import msgspec
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, Span, SpanContext, Status, StatusCode, Tracer

from rapport.kernel.database import BatchCommand, Database, Sizes
from rapport.kernel.errors import Refusal
from rapport.kernel.journal import Emission
from rapport.kernel.logs import name_error
from rapport.kernel.tx import ReadTx, Tx

Result = TypeVar("Result")

MOST_REMEMBERED = 20_000
MOST_LINKS = 100
_current = threading.local()


class Pending:
    """A command that was asked for: a child of what asked, or of nothing until a follower says what it handles."""

    def __init__(self, tracer: Tracer, name: str, parent: Span | None, owner: Span | None) -> None:
        self._tracer = tracer
        self._owner = owner
        self._began_ns = time.time_ns()
        self.name = name
        self.batch = 1
        self.facts = 0
        self.links: list[Link] = []
        self.span: Span | None = None
        if parent is not None:
            self.span = tracer.start_span(f"command {name}", context=trace.set_span_in_context(parent))

    def end(self, future: "asyncio.Future[Any]") -> None:
        """End the span, and with it the frame's; on the event loop."""
        error = None if future.cancelled() else future.exception()
        span = self.span
        if span is None and self.facts:
            span = self._tracer.start_span(self.name, context=Context(), links=self.links, start_time=self._began_ns)
            span.set_attribute("rapport.facts", self.facts)
        for one in (span, self._owner):
            if one is None:
                continue
            if isinstance(error, Refusal):
                one.set_attribute("rapport.refused", error.code)
            elif error is not None:
                one.set_status(Status(StatusCode.ERROR, name_error(error)))
        if span is not None:
            span.set_attribute("rapport.batch", self.batch)
            span.end()
        if self._owner is not None:
            self._owner.end()


class Commands:
    """The commands under way, and which of them emitted the latest facts."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._emitted: OrderedDict[int, SpanContext] = OrderedDict()

    def begin(self, command: Callable[..., Any], owner: Span | None) -> Pending:
        """Note that a command was asked for; ``owner`` is the frame's span, ended with it."""
        asking = trace.get_current_span()
        parent = owner or (asking if asking.get_span_context().is_valid else None)
        return Pending(self._tracer, getattr(command, "__qualname__", "command"), parent, owner)

    def run(self, tx: Tx, pendings: Sequence[Pending], work: Callable[[], Result]) -> Result:
        """Run a command inside its transaction; what it emits is remembered once it is durable."""
        before, first = len(tx.emitted), pendings[0]
        for pending in pendings:
            pending.batch = len(pendings)
        # It may run again, when it collided: only the last time counts.
        first.facts, first.links = 0, []
        _current.pending = first
        try:
            return work()
        finally:
            _current.pending = None
            mine = tx.emitted[before:]
            spans = [pending.span for pending in pendings if pending.span is not None]
            if mine and spans:
                tx.after_commit(lambda: self._remember(mine, spans))

    def _remember(self, emissions: list[Emission], spans: list[Span]) -> None:
        """Which of a batch's commands emitted which fact is not known: the first stands for all, the others name it."""
        stands = spans[0].get_span_context()
        for span in spans[1:]:
            span.add_link(stands)
        for emission in emissions:
            self._emitted[emission.id] = stands
        while len(self._emitted) > MOST_REMEMBERED:
            self._emitted.popitem(last=False)

    def handled(self, follower: str, fact_id: int) -> None:
        """Note in the running transaction that a follower handles a fact."""
        pending: Pending | None = getattr(_current, "pending", None)
        if pending is None:
            return
        pending.name, pending.facts = f"follower {follower}", pending.facts + 1
        emitted = self._emitted.get(fact_id)
        known = {link.context.span_id for link in pending.links}
        if emitted is not None and emitted.span_id not in known and len(pending.links) < MOST_LINKS:
            pending.links.append(Link(emitted))


class _Item(msgspec.Struct):
    """An item of a batch command, and the command it is to its sender."""

    item: Any
    pending: Pending


class WatchedDatabase:
    """A database whose commands are told of; everything else is the database's own."""

    def __init__(self, db: Database, commands: Commands, begin_frame: Callable[[], Span | None]) -> None:
        self._db = db
        self.commits = db.commits
        self.on_committed: Callable[[list[Emission]], None] = lambda _: None
        db.on_committed = self._committed
        self._commands = commands
        self._begin_frame = begin_frame
        self._batched: dict[BatchCommand, BatchCommand] = {}

    def _committed(self, emissions: list[Emission]) -> None:
        self.on_committed(emissions)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  what one engine has more than the other
        return getattr(self._db, name)

    def write(self, command: Callable[[Tx], Result], /) -> "asyncio.Future[Result]":
        """Run a command as a span."""
        pending = self._commands.begin(command, self._begin_frame())

        def run(tx: Tx) -> Result:
            return self._commands.run(tx, [pending], lambda: command(tx))

        run.__qualname__ = getattr(command, "__qualname__", "command")
        future = cast("asyncio.Future[Result]", self._db.write(run))
        future.add_done_callback(pending.end)
        return future

    def write_batched(
        self, command: Callable[[Tx, str, Sequence[Any]], Sequence[Any]], corp_id: str, item: object, /
    ) -> "asyncio.Future[Any]":
        """Run an item of a batch command as a span of its sender's."""
        pending = self._commands.begin(command, self._begin_frame())
        # Neighbours are joined by the identity of their command.
        if command not in self._batched:
            self._batched[command] = self._unpacking(command)
        future = cast(
            "asyncio.Future[Any]", self._db.write_batched(self._batched[command], corp_id, _Item(item, pending))
        )
        future.add_done_callback(pending.end)
        return future

    def _unpacking(self, command: BatchCommand) -> BatchCommand:
        def run(tx: Tx, corp_id: str, items: Sequence[_Item]) -> Sequence[Any]:
            pendings = [each.pending for each in items]
            return self._commands.run(tx, pendings, lambda: command(tx, corp_id, [each.item for each in items]))

        run.__qualname__ = getattr(command, "__qualname__", "command")
        return run

    def read(self, query: Callable[[ReadTx], Result], /) -> "asyncio.Future[Result]":
        """Run a query; the database's own."""
        return cast("asyncio.Future[Result]", self._db.read(query))

    async def read_briefly(self, query: Callable[[ReadTx], Result], /) -> Result:
        """Run look-ups; the database's own."""
        return await self._db.read_briefly(query)

    @property
    def losses(self) -> int:
        """How often the server did not answer; the database's own."""
        return self._db.losses

    async def timeline(self) -> str | None:
        """Name its history; the database's own."""
        return await self._db.timeline()

    async def sizes(self) -> Sizes:
        """Return its sizes; the database's own."""
        return await self._db.sizes()

    async def end_abandoned(self) -> int:
        """End what others left standing."""
        return await self._db.end_abandoned()

    async def close(self) -> None:
        """Close it."""
        await self._db.close()
