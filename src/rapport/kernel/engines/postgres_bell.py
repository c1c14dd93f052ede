"""The doorbell on PostgreSQL alone: NOTIFY from a connection of its own.

Never inside a command's transaction: there it would take a lock that every commit of the cluster waits for. One
notification carries everything that was committed within a few milliseconds.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, cast

import psycopg
import structlog

from rapport.kernel.bells import TOPICS, Ringing, Topic

CHANNEL = "rapport"
AGAIN_S = 1.0
log = structlog.get_logger()


class PostgresBell:
    """LISTEN on one connection, NOTIFY on another."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._ringing = Ringing()
        self.works = False

    def ring(self, topic: Topic) -> None:
        """Note a ring; it is sent within milliseconds."""
        self._ringing.ring(topic)

    async def run(self, heard: Callable[[Topic], None]) -> None:
        """Listen and ring until cancelled; a lost connection is made again."""
        while True:
            try:
                async with contextlib.AsyncExitStack() as stack:
                    listening, ringing = [
                        await stack.enter_async_context(
                            await psycopg.AsyncConnection.connect(self._url, autocommit=True, connect_timeout=5)
                        )
                        for _ in range(2)
                    ]
                    await listening.execute(f"LISTEN {CHANNEL}")
                    self.works = True
                    # Whatever was rung while nobody listened is looked for now.
                    for topic in TOPICS:
                        heard(topic)
                    async with asyncio.TaskGroup() as both:
                        both.create_task(self._listen(listening, heard))
                        both.create_task(self._ring(ringing))
            except (psycopg.Error, ExceptionGroup, OSError) as error:
                log.warning("bell_lost", error=repr(error))
            finally:
                self.works = False
            await asyncio.sleep(AGAIN_S)

    async def _listen(self, connection: "psycopg.AsyncConnection[Any]", heard: Callable[[Topic], None]) -> None:
        async for notice in connection.notifies():
            for topic in TOPICS:
                if topic in notice.payload.split():
                    heard(topic)

    async def _ring(self, connection: "psycopg.AsyncConnection[Any]") -> None:
        while True:
            topics = await self._ringing.next()
            await connection.execute(cast("Any", f"NOTIFY {CHANNEL}, '{' '.join(topics)}'"))
