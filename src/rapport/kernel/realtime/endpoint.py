"""The WebSocket endpoint as a bare ASGI application: sign-in, frames in, frames out.

A bare application, because a framework's WebSocket layer costs more per frame than everything done here; the
transport stays behind ``Connection``, so that another listener can take its place.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec
import structlog

from rapport.kernel.actor import ConsumerActor, Locale, MemberActor, Surface
from rapport.kernel.errors import Broken, InvalidInput, Refusal, TooManyRequests, TryAgain
from rapport.kernel.http.credentials import credential_of, header, locale_of_headers
from rapport.kernel.http.validation import invalid_input
from rapport.kernel.realtime.connection import MAX_IN_FLIGHT, PATIENCE_S, Connection
from rapport.kernel.realtime.frames import PATHS, Bye, Hello, Ping, Refused, Watch, client_decoder, encode
from rapport.kernel.realtime.hub import Hub
from rapport.kernel.realtime.transport import EXTENSION, Transport
from rapport.kernel.tenancy import within
from rapport.kernel.tracing import Tracing

HELLO_WITHIN_S = 10.0
HELLO_HEARD_S = 1.0
"""So much longer: when thousands come at once, a hello may have come in time and not be read yet."""
SILENT_AFTER_S = 90
MAX_GARBAGE = 10
MAX_REF = 64
log = structlog.get_logger()

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
FrameType = TypeVar("FrameType", bound=msgspec.Struct)
FrameHandler = Callable[[Connection, Any], Coroutine[Any, Any, None] | None]
Admit = Callable[[Surface, str], Awaitable[tuple[MemberActor | ConsumerActor, set[str], int] | None]]


class Realtime:
    """The sockets' front door; features register handlers for their frames."""

    def __init__(
        self,
        hub: Hub,
        admit: Admit,
        greet: Callable[[Connection, Hello], Coroutine[Any, Any, None]],
        *,
        public_host: Callable[[], str | None],
    ) -> None:
        self.hub = hub
        self._admit = admit
        self._greet = greet
        self._public_host = public_host
        self._handlers: dict[type[msgspec.Struct], FrameHandler] = {Watch: _watch}
        self._decode: Callable[[str], msgspec.Struct] | None = None
        self.tracing: Tracing | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.patience_s = PATIENCE_S
        """How long a client may take nothing of what is sent to it."""
        self.hello_within_s = HELLO_WITHIN_S
        self.heard: Callable[[str], None] = lambda _: None
        """Told the session of each heartbeat, so that a device that lives on its socket alone counts as used."""

    def handle(
        self, frame: type[FrameType], handler: Callable[[Connection, FrameType], Coroutine[Any, Any, None] | None]
    ) -> None:
        """Register what a client's frame does.

        A handler that has to look something up first returns a coroutine; what comes behind it on the socket waits.
        """
        self._handlers[frame] = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket."""
        await receive()
        surface = PATHS.get(scope["path"])
        if surface is None or not self._same_origin(scope):
            await send({"type": "websocket.close", "code": 1008})
            return
        await send({"type": "websocket.accept"})
        locale = locale_of_headers(scope["headers"])
        secret = credential_of(scope["headers"], surface)
        try:
            admitted = await self._admit(surface, secret) if secret else None
        except TryAgain:
            await send({"type": "websocket.close", "code": 1013, "reason": "try again later"})
            return
        if admitted is None:
            await send({"type": "websocket.close", "code": 4401, "reason": "revoked"})
            return
        transport: Transport = scope["extensions"][EXTENSION]
        connection = Connection(transport, send, self.hub.meters, *admitted, self.patience_s)
        self.hub.attach(connection)
        try:
            await self._serve(connection, transport, receive, locale or connection.actor.locale)
        finally:
            self.hub.detach(connection)

    def _same_origin(self, scope: Scope) -> bool:
        """Browsers name the page's origin; programs send none."""
        origin = header(scope["headers"], b"origin")
        if origin is None:
            return True
        host = urlsplit(origin).netloc
        return host in {header(scope["headers"], b"host"), self._public_host()}

    async def _serve(self, connection: Connection, transport: Transport, receive: Receive, locale: Locale) -> None:
        loop = asyncio.get_running_loop()
        overdue = loop.call_later(self.hello_within_s, self._expect_hello, connection)
        try:
            while True:
                message = await receive()
                if message["type"] == "websocket.disconnect":
                    return
                text = message.get("text")
                if text is None:
                    self._refuse_garbage(
                        connection, locale, InvalidInput("", "只接受文本帧", "only text frames are accepted")
                    )
                    continue
                self._take(connection, locale, text)
                if connection.greeted:
                    transport.take = partial(self._take, connection, locale)
        finally:
            transport.take = None
            overdue.cancel()

    def _expect_hello(self, connection: Connection) -> None:
        if not connection.greeted:
            asyncio.get_running_loop().call_later(HELLO_HEARD_S, self._drop_silent, connection)

    def _drop_silent(self, connection: Connection) -> None:
        if not connection.greeted:
            self.hub.drop(connection, Bye("silent", 1000))

    def _take(self, connection: Connection, locale: Locale, text: str) -> None:
        held = connection.held
        if not connection.allow() or (held is not None and len(held) >= MAX_IN_FLIGHT):
            self.refuse(connection, _ref_of(text), TooManyRequests(retry_after_s=1), locale)
        elif held is not None:
            held.append(text)
        else:
            self._act(connection, locale, text)

    def _act(self, connection: Connection, locale: Locale, text: str) -> None:
        if self._decode is None:
            self._decode = client_decoder()
        try:
            frame = self._decode(text)
        except (msgspec.DecodeError, RecursionError) as error:
            self._refuse_garbage(connection, locale, invalid_input(error), _ref_of(text))
            return
        if isinstance(frame, Hello):
            connection.greeted = True
            self._wait_for(connection, locale, None, self._greet(connection, frame))
            return
        if not connection.greeted:
            self._refuse_garbage(
                connection, locale, InvalidInput("type", "第一帧应为 hello", "the first frame must be hello")
            )
            return
        if connection.in_flight >= MAX_IN_FLIGHT and not isinstance(frame, Ping):
            self.refuse(connection, getattr(frame, "ref", None), TooManyRequests(retry_after_s=1), locale)
            return
        if isinstance(frame, Ping):
            self.heard(connection.actor.session_id)
        handle = partial(self._handle, connection, locale, frame)
        if self.tracing is None:
            handle()
        else:
            self.tracing.take(handle, str(frame.__struct_config__.tag))

    def _handle(self, connection: Connection, locale: Locale, frame: msgspec.Struct) -> None:
        ref: str | None = getattr(frame, "ref", None)
        try:
            with within(connection.reach):
                work = self._handlers[type(frame)](connection, frame)
                if work is not None:
                    self._wait_for(connection, locale, ref, work)
        except Refusal as refusal:
            self.refuse(connection, ref, refusal, locale)

    def _wait_for(
        self, connection: Connection, locale: Locale, ref: str | None, work: Coroutine[Any, Any, None]
    ) -> None:
        connection.held = deque()
        task = asyncio.ensure_future(self._finish(connection, locale, ref, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _finish(
        self, connection: Connection, locale: Locale, ref: str | None, work: Coroutine[Any, Any, None]
    ) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001  a refusal or an accident, told either way
            self.refuse(connection, ref, error, locale)
        held, connection.held = connection.held or deque(), None
        while held:
            self._act(connection, locale, held.popleft())
            if connection.held is not None:
                # The next one has to look something up too: the rest waits on.
                connection.held.extend(held)
                return

    def _refuse_garbage(self, connection: Connection, locale: Locale, refusal: Refusal, ref: str | None = None) -> None:
        connection.garbage += 1
        self.refuse(connection, ref, refusal, locale)
        if connection.garbage >= MAX_GARBAGE:
            self.hub.drop(connection, Bye("garbage", 5000))

    def refuse(
        self, connection: Connection, ref: str | None, error: BaseException, locale: Locale | None = None
    ) -> None:
        """Answer a frame with its problem; an accident becomes ``broken`` with a trace in the log."""
        if not isinstance(error, Refusal):
            trace = log_accident(error)
            error = Broken(trace=trace)
        connection.push(encode(Refused(ref, error.problem(locale or connection.actor.locale))))


def log_accident(error: BaseException) -> str:
    """Log an unexpected error with a short reference and return the reference."""
    trace = secrets.token_hex(4)
    log.error("accident", trace=trace, error=error, exc_info=error)
    return trace


def _watch(connection: Connection, frame: Watch) -> None:
    connection.watching = frozenset(frame.conversation_ids)


class _Referred(msgspec.Struct):
    ref: str | None = None


_referred = msgspec.json.Decoder(_Referred)


def _ref_of(text: str) -> str | None:
    """The ref of a frame that could not be taken, so that the client knows which one it was."""
    try:
        ref = _referred.decode(text).ref
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return ref if ref is None or len(ref) <= MAX_REF else None
