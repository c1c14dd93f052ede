"""An HTTP application with somebody beside it who counts its answers and says in one line which failed."""

import secrets
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

import structlog

from rapport.kernel.http.credentials import header
from rapport.kernel.metrics.meters import Meters
from rapport.kernel.tracing import Tracing

Scope = dict[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]
ASGI = Callable[[Any, Any, Any], Awaitable[None]]

UNKNOWN = "(none)"
"""The route of what leads nowhere: the address itself may hold anything."""
TRACE = "rapport.trace"
FAILED = 500
UNTRACED = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked every few seconds, by machines."""
log = structlog.get_logger()


def trace_of(scope: Scope) -> str:
    """Return the reference under which a request is found in the log; a caller's own trace id if it sent one."""
    found = scope.get(TRACE)
    if found is None:
        found = scope[TRACE] = _trace_id(header(scope["headers"], b"traceparent")) or secrets.token_hex(4)
    return str(found)


def _trace_id(traceparent: str | None) -> str | None:
    """Return the trace id of a W3C traceparent (version-traceid-parentid-flags), or None for anything else."""
    parts = (traceparent or "").split("-")
    if len(parts) < 4 or len(parts[1]) != 32:  # noqa: PLR2004  the format's own numbers
        return None
    try:
        return parts[1] if int(parts[1], 16) else None
    except ValueError:
        return None


class Observed:
    """An ASGI application whose answers are counted; ``route`` stands for all of its addresses."""

    def __init__(self, http: ASGI, meters: Meters, *, route: str | None = None, tracing: Tracing | None = None) -> None:
        self._http = http
        self._meters = meters
        self._route = route
        self._tracing = tracing

    async def __call__(self, scope: Scope, receive: Any, send: Send) -> None:  # noqa: ANN401  ASGI's own shapes
        """Answer one request."""
        began, status = perf_counter(), FAILED
        span = self._tracing.begin_request(scope) if self._tracing and scope["path"] not in UNTRACED else None

        async def watched(message: dict[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._note(scope, status, perf_counter() - began)
                if span is not None:
                    message = {**message, "headers": [*message.get("headers", []), *span.headers]}
            await send(message)

        try:
            await self._http(scope, receive, watched)
        finally:
            if span is not None:
                span.end(self._route_of(scope), status)

    def _route_of(self, scope: Scope) -> str:
        return str(self._route or scope.get("path_template") or UNKNOWN)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = self._route_of(scope)
        self._meters.note_request(route, scope["method"], status, seconds)
        if status >= FAILED:
            # What was refused for now (503) is no accident; that there was one, its own line says already.
            log.warning(
                "request_failed",
                method=scope["method"],
                route=route,
                status=status,
                trace=trace_of(scope),
                milliseconds=round(seconds * 1000),
            )
