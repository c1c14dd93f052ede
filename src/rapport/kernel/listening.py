"""Letting connections in: a few per turn of the loop, so that thousands who come at once keep nobody inside waiting.

A loop that serves a listening socket itself takes everybody who is in the queue in one turn, and whoever is connected
waits for that turn. Here the queue stays with the system, which costs nothing, and gets shorter by a few a turn.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress

import structlog

AT_ONCE = 4
"""How many come in between two turns of everybody else."""
PAUSE_S = 0.5
"""After the system had no room for another connection."""
log = structlog.get_logger()


def listen(host: str, port: int, backlog: int) -> list[socket.socket]:
    """Listen on every address of a host; raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    listening: list[socket.socket] = []
    try:
        for family, address in dict.fromkeys((each[0], each[4]) for each in found):
            listening.append(socket.create_server(address[:2], family=family, backlog=backlog))
    except OSError:
        for each in listening:
            each.close()
        raise
    return listening


class Doors:
    """Listening sockets and who came through them; to uvicorn what ``asyncio.Server`` is."""

    def __init__(
        self,
        listening: Sequence[socket.socket],
        create_protocol: Callable[[], asyncio.Protocol],
        tls: ssl.SSLContext | None,
    ) -> None:
        self.sockets = tuple(listening)
        self._create_protocol = create_protocol
        self._tls = tls
        self._entering: set[asyncio.Task[None]] = set()
        self._accepting = [asyncio.create_task(self._accept(each)) for each in listening]

    def close(self) -> None:
        """Let nobody in any more; who waits outside is turned away."""
        for task in self._accepting:
            task.cancel()
        if self._tls is not None:
            # Their handshakes take as long as they like.
            for task in self._entering:
                task.cancel()

    async def wait_closed(self) -> None:
        """Wait until the sockets are closed and everybody who was let in has a protocol."""
        await asyncio.gather(*self._accepting, *self._entering, return_exceptions=True)

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        listening.settimeout(0)
        with listening:
            while True:
                try:
                    self._let_in((await loop.sock_accept(listening))[0])
                    for _ in range(AT_ONCE - 1):
                        self._let_in(listening.accept()[0])
                except BlockingIOError:
                    pass  # nobody else is waiting
                except Exception as error:  # noqa: BLE001  a server that lets nobody in any more would be worse
                    # Most likely no file is left for one more: whoever is in the queue goes on waiting.
                    log.warning("accept_failed", error=error)
                    await asyncio.sleep(PAUSE_S)
                await asyncio.sleep(0)

    def _let_in(self, connection: socket.socket) -> None:
        task = asyncio.create_task(self._enter(connection))
        self._entering.add(task)
        task.add_done_callback(self._entering.discard)

    async def _enter(self, connection: socket.socket) -> None:
        """Hand a connection to a protocol of its own; a TLS handshake that fails is the caller's affair."""
        connection.settimeout(0)
        with suppress(OSError):
            await asyncio.get_running_loop().connect_accepted_socket(self._create_protocol, connection, ssl=self._tls)
