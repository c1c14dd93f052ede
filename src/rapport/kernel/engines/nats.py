# pyright: reportUnknownMemberType=false
# The client leaves its own keyword arguments unknown.
"""The bus between processes on NATS: the doorbell and ephemeral signals at most once, the work queue on JetStream.

Nothing exists on the bus alone. A lost ring is found by the next sweep, a lost signal is forgotten, and what the queue
offers is a job of the database that a worker still has to claim there. So its whole directory may be wiped: the stream
is made again and what is due is offered again.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit

import nats
import nats.errors
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DiscardPolicy, RetentionPolicy, StreamConfig
from nats.js.errors import APIError, NotFoundError

from rapport.kernel.bells import SIGNAL, TOPICS, BusError, Heard, Offer, Ringing, Taken, Topic

Result = TypeVar("Result")
PREFIX = "rapport"
AGAIN_S = 0.5
REPLICAS = 3
KEPT_S = 3600
MOST_OFFERS = 100_000
WORKER = "workers"
log = structlog.get_logger()
_LOST = (nats.errors.Error, APIError, OSError, TimeoutError, asyncio.TimeoutError)


class NatsBus:
    """One connection to the servers, made again for ever."""

    def __init__(self, servers: Sequence[str], *, redelivered_after_s: float) -> None:
        self._servers = list(servers)
        self._redelivered_after_s = redelivered_after_s
        self._ringing = Ringing()
        self._connection: Client | None = None
        self._js: JetStreamContext | None = None
        self._offers: JetStreamContext.PullSubscription | None = None

    @property
    def works(self) -> bool:
        """Whether there is a connection now."""
        return self._connection is not None and self._connection.is_connected

    def ring(self, topic: Topic) -> None:
        """Note a ring; it is sent within milliseconds."""
        self._ringing.ring(topic)

    def signal(self, payload: bytes) -> None:
        """Tell the others something that is worth nothing a moment later."""
        self._ringing.signal(payload)

    async def run(self, heard: Heard) -> None:
        """Listen and ring until cancelled."""
        while True:
            try:
                await self._serve(heard)
            except _LOST as error:
                log.warning("bus_lost", error=error)
            await asyncio.sleep(AGAIN_S)

    async def check(self) -> None:
        """Connect once; raises BusError for what waiting does not mend: an address or a secret that is wrong."""
        try:
            connection = await self._connect(tries=1)
        except nats.errors.Error as error:
            if "authorization" in str(error).lower():
                raise BusError("The NATS servers of RAPPORT_NATS_URL do not accept its user and password.") from error
            log.warning("bus_unreachable", error=error)
            return
        except OSError as error:
            log.warning("bus_unreachable", error=error)
            return
        await connection.close()

    async def _connect(self, *, tries: int) -> Client:
        return await nats.connect(
            servers=self._servers,
            connect_timeout=2,
            max_reconnect_attempts=tries,
            reconnect_time_wait=AGAIN_S,  # pyright: ignore[reportArgumentType]  a part of a second is as good
            ping_interval=5,
            max_outstanding_pings=2,
            no_echo=True,
            error_cb=_note,
        )

    async def _serve(self, heard: Heard) -> None:
        connection = await self._connect(tries=-1)
        self._connection, self._js, self._offers = connection, connection.jetstream(timeout=5), None
        try:

            async def hear(message: Msg) -> None:
                topic = message.subject.rpartition(".")[2]
                heard(topic if topic in TOPICS else SIGNAL, message.data)

            await connection.subscribe(f"{PREFIX}.bell.*", cb=hear)
            await connection.subscribe(f"{PREFIX}.{SIGNAL}", cb=hear)
            await connection.flush()
            # Whatever was rung while nobody listened is looked for now.
            for topic in TOPICS:
                heard(topic, b"")
            while not connection.is_closed:
                topics, signals = await self._ringing.next()
                if connection.is_connected:
                    for topic in topics:
                        await connection.publish(f"{PREFIX}.bell.{topic}", b"")
                    for payload in signals:
                        await connection.publish(f"{PREFIX}.{SIGNAL}", payload)
        finally:
            self._connection = self._js = self._offers = None
            with contextlib.suppress(*_LOST):
                await connection.close()

    async def offer(self, offers: Sequence[Offer]) -> None:
        """Put jobs into the queue, each once; raises BusError when the queue does not take them."""
        js = self._js
        if js is None:
            raise BusError("there is no connection")
        try:
            for offer in offers:
                headers = {"Nats-Msg-Id": offer.key}
                subject = f"{PREFIX}.jobs"
                try:
                    await js.publish(subject, str(offer.job_id).encode(), headers=headers)
                except (nats.errors.NoRespondersError, NotFoundError):
                    await self._make_stream(js)
                    await js.publish(subject, str(offer.job_id).encode(), headers=headers)
        except _LOST as error:
            raise BusError(repr(error)) from error

    async def take(self, limit: int, wait_s: float) -> list[Taken]:
        """Wait for offered jobs; whoever takes one acknowledges it, or it is offered to another in a while."""
        js = self._js
        if js is None:
            raise BusError("there is no connection")
        try:
            if self._offers is None:
                await self._make_stream(js)
                self._offers = await js.pull_subscribe_bind(WORKER, f"{PREFIX.upper()}_JOBS")
            messages = await _apart(self._offers.fetch(limit, timeout=wait_s))
        except (nats.errors.TimeoutError, TimeoutError):
            return []
        except _LOST as error:
            self._offers = None
            raise BusError(repr(error)) from error
        return [Taken(int(message.data), _acknowledging(message)) for message in messages]

    async def _make_stream(self, js: JetStreamContext) -> None:
        """Make the stream and its consumer unless they are there; three copies where there are three servers."""
        name = f"{PREFIX.upper()}_JOBS"
        try:
            await js.consumer_info(name, WORKER)
        except NotFoundError:
            connection = self._connection
            known = len(connection.discovered_servers) + 1 if connection is not None else 1
            copies = REPLICAS if max(known, len(self._servers)) >= REPLICAS else 1
            await js.add_stream(
                StreamConfig(
                    name=name,
                    subjects=[f"{PREFIX}.jobs"],
                    retention=RetentionPolicy.WORK_QUEUE,
                    max_age=KEPT_S,
                    max_msgs=MOST_OFFERS,
                    discard=DiscardPolicy.NEW,
                    num_replicas=copies,
                    duplicate_window=KEPT_S / 30,
                )
            )
            await js.add_consumer(
                name,
                ConsumerConfig(
                    durable_name=WORKER,
                    ack_policy=AckPolicy.EXPLICIT,
                    ack_wait=self._redelivered_after_s,
                    max_ack_pending=MOST_OFFERS // 100,
                ),
            )


async def _apart(work: Coroutine[Any, Any, Result]) -> Result:
    """Await in a task of its own: the client may swallow a cancellation that arrives while its connection closes."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait([task])
    except asyncio.CancelledError:
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        task.cancel()
        raise
    return task.result()


def _acknowledging(message: Msg) -> "Callable[[], asyncio.Future[None]]":
    async def acknowledge() -> None:
        with contextlib.suppress(*_LOST):
            await message.ack()

    return lambda: asyncio.ensure_future(acknowledge())


async def _note(error: Exception) -> None:
    log.debug("bus", error=error)


def servers_of(text: str) -> list[str]:
    """Parse the addresses of RAPPORT_NATS_URL; raises BusError."""
    found = [part.strip() for part in text.split(",") if part.strip()]
    for server in found:
        parts = urlsplit(server)
        if parts.scheme not in {"nats", "tls"} or not parts.hostname:
            raise BusError("RAPPORT_NATS_URL is no list of addresses: nats://user:password@host:4222, commas between.")
    if not found:
        raise BusError("RAPPORT_NATS_URL names no server: nats://host:4222, commas between several.")
    return found
