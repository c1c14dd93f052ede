"""Traces: a request or a frame, the command that it asked for, the followers that react to what the command emitted.

Nothing of it is loaded unless a collector is named in the standard's own variables, so nobody else pays for it.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from rapport.kernel.database import Database
from rapport.kernel.followers import Followers

Scope = dict[str, Any]
Headers = list[tuple[bytes, bytes]]
WANTED_BY = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


class RequestSpan(Protocol):
    """One HTTP request under way."""

    headers: Headers
    """What the answer carries, so that the caller finds the trace."""

    def end(self, route: str, status: int) -> None:
        """Say how it was answered."""
        ...


class Tracing(Protocol):
    """What the parts of a process tell of their work; None in their place means that nobody listens."""

    def watch(self, db: Database) -> Database:
        """Return the database with every command of a request, a frame or a follower told of."""
        ...

    def follow(self, followers: Followers) -> None:
        """Link what followers handle with the commands that emitted it; after all are registered."""
        ...

    def begin_request(self, scope: Scope) -> RequestSpan:
        """Begin a request's span, inside the caller's trace if it named one."""
        ...

    def take(self, handle: Callable[[], None], kind: str) -> None:
        """Handle a frame; it becomes a span when it writes."""
        ...

    def close(self) -> None:
        """Send what waits, for a short time."""
        ...


def open_tracing(environment: Mapping[str, str], process: str) -> Tracing | None:
    """Return the tracing of this process, or None when no collector is named."""
    if not any(environment.get(name) for name in WANTED_BY):
        return None
    # A third of a second that a process without a collector need not pay.
    from rapport.kernel.tracing.spans import Spans  # noqa: PLC0415

    return Spans(environment, process)
