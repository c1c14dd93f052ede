"""Listening: the port, the signals, and going away without losing anybody."""

import asyncio
import signal
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import cast

import uvicorn

from rapport.app import Application, running
from rapport.kernel.clock import Clock
from rapport.kernel.listening import Doors, listen
from rapport.kernel.realtime.transport import StraightProtocol
from rapport.settings import Settings

RETURN_SPREAD_MS = 3_000


class BrokenProcessError(Exception):
    """A part of the process ended by an accident; the log has it."""

    def __init__(self) -> None:
        super().__init__("A part of the process ended by an accident, so it stopped; the log says where.")


class Server(uvicorn.Server):
    """uvicorn, without its own signal handling: sockets are told to come back before they are closed."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let nobody in any more, then end: whoever is still coming in is ended with the others."""
        for doors in self.servers:
            doors.close()
            await doors.wait_closed()
        await super().shutdown(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, a few connections a turn; raises OSError."""
        config = self.config
        await self.lifespan.startup()
        listening = sockets or listen(config.host, config.port, config.backlog)
        doors = Doors(listening, self._create_protocol, config.ssl)
        self.servers = [doors]  # pyright: ignore[reportAttributeAccessIssue]  as far as uvicorn uses it
        self.started = True

    def _create_protocol(self) -> asyncio.Protocol:
        create = cast("Callable[..., asyncio.Protocol]", self.config.http_protocol_class)
        return create(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave signals to ``serve``."""
        yield


def server_for(application: Application, settings: Settings) -> Server:
    """Return the listening server of an application."""
    config = uvicorn.Config(
        application.asgi,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        ws=StraightProtocol,
        ws_max_size=256 * 1024,
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        lifespan="off",
        access_log=False,
        log_config=None,
        log_level="warning",
        proxy_headers=settings.trust_proxy,
        forwarded_allow_ips="*" if settings.trust_proxy else None,
        ssl_certfile=str(settings.certificate) if settings.certificate else None,
        ssl_keyfile=str(settings.key) if settings.key else None,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    return Server(config)


async def serve(settings: Settings, *, ready: Callable[[str], None] | None = None, clock: Clock | None = None) -> None:
    """Serve until SIGINT or SIGTERM, and ``drain_s`` longer; ``ready`` gets the base URL once the server answers.

    Raises BrokenProcessError when a part ended that should run for ever: starting again is somebody else's business.
    """
    async with running(settings, clock) as application:
        server = server_for(application, settings)
        loop = asyncio.get_running_loop()
        stopping = asyncio.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, stopping.set)
        listening = asyncio.create_task(server.serve())
        while not server.started and not listening.done():  # noqa: ASYNC110  uvicorn offers no event
            await asyncio.sleep(0.01)
        if ready is not None and server.started:
            ready(base_url(settings, server))
        stop, broken = asyncio.create_task(stopping.wait()), asyncio.create_task(application.broken.wait())
        await asyncio.wait({listening, stop, broken}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        broken.cancel()
        application.runtime.readiness.draining = True
        if stopping.is_set():
            await _drain(settings.drain_s, stopping, listening)
        await application.runtime.hub.shut(RETURN_SPREAD_MS)
        server.should_exit = True
        await listening
    if application.broken.is_set():
        raise BrokenProcessError


async def _drain(seconds: float, stopping: asyncio.Event, listening: "asyncio.Task[None]") -> None:
    """Go on serving while a balancer finds out that this process is not ready; a second signal cuts that short."""
    stopping.clear()
    again = asyncio.create_task(stopping.wait())
    await asyncio.wait({again, listening}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    again.cancel()


def base_url(settings: Settings, server: uvicorn.Server) -> str:
    """Return where the server is reached: the public URL if one is set, else the listening address."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    scheme = "https" if settings.certificate else "http"
    port = server.servers[0].sockets[0].getsockname()[1]
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104  comparing, not binding
    return f"{scheme}://{host}:{port}"
