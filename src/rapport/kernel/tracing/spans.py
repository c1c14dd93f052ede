"""Traces by OpenTelemetry, sent by OTLP over HTTP. Spans carry ids and kinds; addresses, names and texts never."""

import threading
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar

import msgspec
from opentelemetry import context, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from rapport import __version__
from rapport.kernel.database import Database
from rapport.kernel.followers import Followers
from rapport.kernel.http.credentials import header
from rapport.kernel.journal import JournalRow
from rapport.kernel.tracing import Headers, Scope
from rapport.kernel.tracing.commands import Commands, WatchedDatabase

CLOSE_WITHIN_S = 3.0
FAILED = 500
TRACE = "rapport.trace"
_w3c = TraceContextTextMapPropagator()


class Frame(msgspec.Struct):
    """A frame that is being handled; its span begins when it writes."""

    kind: str
    began_ns: int


_frame: ContextVar[Frame | None] = ContextVar("frame", default=None)


class Request:
    """A request's span, current for as long as its task handles it."""

    def __init__(self, span: Span) -> None:
        self._span = span
        self._token = context.attach(trace.set_span_in_context(span))
        carrier: dict[str, str] = {}
        _w3c.inject(carrier)
        self.headers: Headers = [(name.encode(), value.encode()) for name, value in carrier.items()]

    def end(self, route: str, status: int) -> None:
        """Name the span after the route's template and end it."""
        context.detach(self._token)
        span = self._span
        span.set_attributes({"http.route": route, "http.response.status_code": status})
        span.update_name(f"{getattr(span, 'name', '')} {route}")
        if status >= FAILED:
            span.set_status(Status(StatusCode.ERROR))
        span.end()


class Spans:
    """One process's tracer; its provider is its own, since a test runs several servers in one process."""

    def __init__(self, environment: Mapping[str, str], process: str) -> None:
        given = {"service.version": __version__, "service.instance.id": process}
        if not environment.get("OTEL_SERVICE_NAME"):
            given["service.name"] = "rapport"
        self._provider = TracerProvider(resource=Resource.create(given), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("rapport", __version__)
        self._commands = Commands(self._tracer)

    def watch(self, db: Database) -> Database:
        """Return the database with its commands told of."""
        return WatchedDatabase(db, self._commands, self._begin_frame)

    def follow(self, followers: Followers) -> None:
        """Link what followers handle with the commands that emitted it."""
        for follower in followers.all.values():
            follower.handled = self._handled_by(follower.name)

    def _handled_by(self, name: str) -> Callable[[JournalRow], None]:
        def handled(row: JournalRow) -> None:
            self._commands.handled(name, row.id)

        return handled

    def begin_request(self, scope: Scope) -> Request:
        """Begin a request's span; the log and the caller find the trace by the same id."""
        carrier = {
            name: value for name in ("traceparent", "tracestate") if (value := header(scope["headers"], name.encode()))
        }
        span = self._tracer.start_span(
            scope["method"],
            context=_w3c.extract(carrier),
            kind=SpanKind.SERVER,
            attributes={"http.request.method": scope["method"]},
        )
        scope[TRACE] = trace.format_trace_id(span.get_span_context().trace_id)
        return Request(span)

    def take(self, handle: Callable[[], None], kind: str) -> None:
        """Handle a frame; the commands that it asks for find it here."""
        token = _frame.set(Frame(kind, time.time_ns()))
        try:
            handle()
        finally:
            _frame.reset(token)

    def _begin_frame(self) -> Span | None:
        frame = _frame.get()
        if frame is None:
            return None
        return self._tracer.start_span(
            f"frame {frame.kind}",
            context=context.Context(),
            kind=SpanKind.SERVER,
            start_time=frame.began_ns,
            attributes={"rapport.frame": frame.kind},
        )

    def close(self) -> None:
        """Send what waits; a collector that does not answer holds nobody up for long."""
        # A daemon, because its retries may outlast the process.
        closing = threading.Thread(target=self._provider.shutdown, name="traces", daemon=True)
        closing.start()
        closing.join(CLOSE_WITHIN_S)
