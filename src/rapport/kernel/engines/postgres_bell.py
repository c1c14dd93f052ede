"""The doorbell on PostgreSQL alone: NOTIFY from a connection of its own.

Never inside a command's transaction: there it would take a lock that every commit of the cluster waits for. One
notification carries everything that was committed within a few milliseconds.
"""

import asyncio
import contextlib
import secrets
from typing import Any

import psycopg
import structlog

from rapport.kernel.bells import SIGNAL, TOPICS, Heard, Ringing, Topic
from rapport.kernel.engines.postgres import with_watch

CHANNEL, SIGNALS = "rapport", "rapport_signal"
AGAIN_S = 1.0
MOST_CHARACTERS = 2_600
"""A notification holds 8,000 bytes; a character takes up to three."""
log = structlog.get_logger()


class PostgresBell:
    """LISTEN on one connection, NOTIFY on another."""

    def __init__(self, url: str) -> None:
        self._url = with_watch(url)
        self._ringing = Ringing()
        self._name = secrets.token_hex(4)
        """Before each signal, so that its own are told from others'."""
        self.works = False

    def ring(self, topic: Topic) -> None:
        """Note a ring; it is sent within milliseconds."""
        self._ringing.ring(topic)

    def signal(self, payload: bytes) -> None:
        """Tell the others something that is worth nothing a moment later."""
        self._ringing.signal(payload)

    async def run(self, heard: Heard) -> None:
        """Listen and ring until cancelled; a lost connection is made again."""
        while True:
            try:
                async with contextlib.AsyncExitStack() as stack:
                    listening, ringing = [
                        await stack.enter_async_context(
                            await psycopg.AsyncConnection.connect(self._url, autocommit=True)
                        )
                        for _ in range(2)
                    ]
                    # A ring is a commit like any other, but nobody waits for it to be on disk.
                    await ringing.execute("SET synchronous_commit = off")
                    await listening.execute("LISTEN rapport")
                    await listening.execute("LISTEN rapport_signal")
                    self.works = True
                    # Whatever was rung while nobody listened is looked for now.
                    for topic in TOPICS:
                        heard(topic, b"")
                    async with asyncio.TaskGroup() as both:
                        both.create_task(self._listen(listening, heard))
                        both.create_task(self._ring(ringing))
            except (psycopg.Error, ExceptionGroup, OSError) as error:
                log.warning("bell_lost", error=error)
            finally:
                self.works = False
            await asyncio.sleep(AGAIN_S)

    async def _listen(self, connection: "psycopg.AsyncConnection[Any]", heard: Heard) -> None:
        async for notice in connection.notifies():
            if notice.channel == CHANNEL:
                for topic in notice.payload.split():
                    heard(topic, b"")
            elif not notice.payload.startswith(self._name):
                heard(SIGNAL, notice.payload[len(self._name) :].encode())

    async def _ring(self, connection: "psycopg.AsyncConnection[Any]") -> None:
        while True:
            topics, signals = await self._ringing.next()
            if topics:
                await connection.execute("SELECT pg_notify(%s, %s)", [CHANNEL, " ".join(topics)])
            for payload in signals:
                said = self._name + payload.decode()
                if len(said) < MOST_CHARACTERS:
                    await connection.execute("SELECT pg_notify(%s, %s)", [SIGNALS, said])
