"""What a browser says while somebody uses it: its console, and everything between it and the server."""

from urllib.parse import urlsplit

import msgspec
from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Page, Request, WebError, WebSocket

from tests.e2e.contract import frame_contract, http_contract

# What the browser itself says when the network is away; the apps say nothing in the console.
OUTAGE = (
    "Failed to load resource: net::ERR_",
    "Failed to load resource: the server responded with a status of 503",
    "WebSocket connection to",
)


class Frame(msgspec.Struct, frozen=True):
    """One frame on a socket."""

    path: str
    sent: bool
    text: str


class Watch:
    """Listens to a context from its first page on; ``finish`` tells what was wrong."""

    def __init__(self, context: BrowserContext) -> None:
        self.network_may_fail = False
        """While the test itself cuts the network or kills the server."""
        self.tolerated: tuple[str, ...] = ()
        """Beginnings of what the console may say besides."""
        self.frames: list[Frame] = []
        self.calls: set[str] = set()
        """``METHOD /path`` of every call that was answered."""
        self._requests: list[Request] = []
        self._problems: list[str] = []
        self._bodies = 0
        context.on("console", self._console)
        context.on("weberror", self._crash)
        context.on("requestfinished", self._finished)
        context.on("page", self._page)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "assert"}:
            return
        if message.text.startswith(self.tolerated + (OUTAGE if self.network_may_fail else ())):
            return
        where = message.location.get("url", "")
        self._problems.append(f"console: {message.text} ({where})")

    def _crash(self, error: WebError) -> None:
        self._problems.append(f"not caught: {error.error.stack or error.error.message}")

    def _finished(self, request: Request) -> None:
        self._requests.append(request)

    def _page(self, page: Page) -> None:
        page.on("websocket", self._socket)

    def _socket(self, socket: WebSocket) -> None:
        path = urlsplit(socket.url).path
        socket.on("framesent", lambda payload: self.frames.append(Frame(path, True, _text(payload))))
        socket.on("framereceived", lambda payload: self.frames.append(Frame(path, False, _text(payload))))

    def collect(self) -> None:
        """Check what was said so far. A page that goes away takes the bodies of its answers along, so: before that."""
        requests, self._requests[:] = list(self._requests), []
        for request in requests:
            self._check(request)

    def _check(self, request: Request) -> None:
        contract, path = http_contract(), urlsplit(request.url).path
        if not contract.describes(path):
            return
        self.calls.add(f"{request.method} {path}")
        kind = request.headers.get("content-type", "").partition(";")[0]
        self._note(contract.check_request(request.method, path, request.post_data_buffer, kind))
        response = request.response()
        if response is None:
            return
        kind = response.headers.get("content-type", "").partition(";")[0]
        try:
            body = response.body() if kind.endswith("json") else b""
        except Error:
            return
        self._bodies += bool(body)
        if response.status != 304:
            self._note(contract.check_response(request.method, path, response.status, kind, body))

    def _note(self, problem: str | None) -> None:
        if problem is not None:
            self._problems.append(f"contract: {problem}")

    def finish(self) -> list[str]:
        """Return everything that was wrong, once."""
        self.collect()
        for frame in self.frames:
            self._note(frame_contract().check(frame.path, sent=frame.sent, text=frame.text))
        return list(dict.fromkeys(self._problems))


def _text(payload: str | bytes) -> str:
    return payload if isinstance(payload, str) else payload.decode()
