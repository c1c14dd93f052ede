"""The straight way between a socket and the product: text in and frames out, without ASGI's detours.

uvicorn and websockets do the handshake, check every frame that comes, answer pings and close. But ASGI's way costs
every message a queue, a task's turn, pausing and resuming the reading, and each recipient a frame composed anew.
So once a client said hello, its text is handed over as it comes, and frames go out ready made.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

EXTENSION = "rapport.straight"
TEXT_FRAME = 0x81
SHORT, LONG = 126, 127


def text_frame(payload: bytes) -> bytes:
    """Return a whole, unmasked text message as servers send it (RFC 6455, section 5.2)."""
    size = len(payload)
    if size < SHORT:
        return bytes((TEXT_FRAME, size)) + payload
    if size < 1 << 16:
        return bytes((TEXT_FRAME, SHORT)) + size.to_bytes(2) + payload
    return bytes((TEXT_FRAME, LONG)) + size.to_bytes(8) + payload


class Transport(Protocol):
    """What a connection needs of whoever holds the socket."""

    writable: asyncio.Event
    """Set while the socket takes more."""
    take: Callable[[str], None] | None
    """Gets every text that comes, in order, once it is set."""

    def write(self, frames: bytes) -> bool:
        """Send frames as they are; False when the socket is closing."""
        ...

    def unsent(self) -> int:
        """Return how many bytes the socket has not taken yet."""
        ...

    def abort(self) -> None:
        """Cut the socket off; what is unsent is lost."""
        ...


class StraightProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol, which offers itself to the application as a ``Transport``."""

    take: Callable[[str], None] | None = None

    async def run_asgi(self) -> None:
        """Run the application with the straight way in its scope."""
        scope: Any = self.scope
        scope["extensions"][EXTENSION] = self
        await super().run_asgi()

    def handle_text(self, event: Frame) -> None:
        """Hand over a whole text at once; what came in pieces, and what is behind it, goes the long way in order."""
        if self.take is None or not event.fin or self.close_sent or not self.queue.empty():
            super().handle_text(event)
            return
        try:
            text = str(event.data, "utf-8")
        except UnicodeDecodeError:
            super().handle_text(event)
        else:
            self.take(text)

    def write(self, frames: bytes) -> bool:
        """Send frames as they are; False when the socket is closing."""
        if self.disconnected or self.close_sent:
            return False
        self.transport.write(frames)
        return True

    def unsent(self) -> int:
        """Return how many bytes the socket has not taken yet."""
        return self.transport.get_write_buffer_size()

    def abort(self) -> None:
        """Cut the socket off; what is unsent is lost."""
        self.transport.abort()
