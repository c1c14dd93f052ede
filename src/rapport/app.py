"""The composition root: the one module that names every feature, joins their ports and starts the process."""

import asyncio
import contextlib
import os
import secrets
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from rapport.bus import open_bus
from rapport.database import is_made, open_database
from rapport.features.conversations import answers
from rapport.features.conversations import followers as conversation_followers
from rapport.features.conversations import http as conversations_http
from rapport.features.conversations import jobs as conversation_jobs
from rapport.features.conversations.api import close_conversation
from rapport.features.conversations.events import EntryAppended
from rapport.features.conversations.policies import frames_per_s
from rapport.features.conversations.queries.entries import load_entries
from rapport.features.conversations.queries.rosters import Rosters
from rapport.features.conversations.realtime import ConversationSockets
from rapport.features.customers import followers as customers_followers
from rapport.features.customers import http as customers_http
from rapport.features.customers import jobs as customers_jobs
from rapport.features.customers.api import merge_consumer, persons_of
from rapport.features.customers.events import CustomerMerged, RelationCreated
from rapport.features.customers.ports import conversation_closing, conversation_opening, greeting, system_line
from rapport.features.files import http as files_http
from rapport.features.files import jobs as files_jobs
from rapport.features.files.api import publish_file, sum_bytes
from rapport.features.files.ports import file_reading
from rapport.features.identity import http as identity_http
from rapport.features.identity import jobs as identity_jobs
from rapport.features.identity.api import read_session
from rapport.features.identity.ports import consumer_merging
from rapport.features.notifications import followers as notification_followers
from rapport.features.notifications import http as notifications_http
from rapport.features.notifications import jobs as notification_jobs
from rapport.features.organization import http as organization_http
from rapport.features.organization.ports import corps_of_consumer, image_publishing
from rapport.kernel.actor import ConsumerActor, MemberActor, SignedIn, Surface
from rapport.kernel.bells import SIGNAL, Bell, NoBell, WorkQueue
from rapport.kernel.blobs import open_blobs
from rapport.kernel.clock import DAY, HOUR, Clock, SystemClock
from rapport.kernel.followers import Followers, trim_journal
from rapport.kernel.http import health, metrics, operations, showcase
from rapport.kernel.http.application import build_http, build_process_http
from rapport.kernel.http.observed import Observed
from rapport.kernel.http.requests import trim_answers
from rapport.kernel.http.static import StaticApps
from rapport.kernel.ids import Ids
from rapport.kernel.installation import replace_keys, settle_epoch, settle_keys
from rapport.kernel.jobs import on_scheduled, trim_done
from rapport.kernel.journal import Emission
from rapport.kernel.keys import OtherKeysError, open_keys
from rapport.kernel.leases import end_leases
from rapport.kernel.limits import Limiter
from rapport.kernel.metrics.meters import Meters
from rapport.kernel.metrics.recent import Recent
from rapport.kernel.pinyin import load_dictionaries
from rapport.kernel.policy import get_policy
from rapport.kernel.readiness import Readiness
from rapport.kernel.realtime.connection import RESYNC
from rapport.kernel.realtime.endpoint import Realtime, log_accident
from rapport.kernel.realtime.hub import Hub, consumer_key, keys_of, person_key
from rapport.kernel.relay import Relay
from rapport.kernel.runtime import Runtime
from rapport.kernel.statements import warm_up
from rapport.kernel.storage import files_bytes, note_storage
from rapport.kernel.tracing import open_tracing
from rapport.kernel.tx import ReadTx, Tx
from rapport.kernel.worker import Jobs
from rapport.settings import Settings

WEB = Path(__file__).parent / "web_dist"
JOURNAL_KEPT_US = 30 * DAY
Scope = dict[str, Any]
ASGI = Callable[[Any, Any, Any], Awaitable[None]]

process_routes: list[Any] = [*health.routes, *metrics.routes]
routes: list[Any] = [
    *process_routes,
    *showcase.routes,
    *operations.routes,
    *identity_http.routes,
    *organization_http.routes,
    *files_http.routes,
    *customers_http.routes,
    *conversations_http.routes,
    *notifications_http.routes,
]


class Application(msgspec.Struct):
    """A process that can answer: its running parts, its sockets' door and its HTTP, each if its role has them."""

    runtime: Runtime
    realtime: Realtime
    asgi: ASGI
    broken: asyncio.Event
    """Set when a part ended that should run for ever: whoever runs this process starts it again."""


def join_ports() -> None:
    """Say which feature answers which port."""
    conversation_opening.join(answers.open_for_relation)
    conversation_closing.join(close_conversation)
    greeting.join(answers.greet)
    system_line.join(answers.write_line)
    consumer_merging.join(merge_consumer)
    file_reading.join(answers.may_read_entries)
    image_publishing.join(_publish)
    corps_of_consumer.join(corps_of)
    files_bytes.join(sum_bytes)


def _publish(tx: Tx, actor: MemberActor | ConsumerActor, file_id: str) -> None:
    publish_file(tx, actor, file_id)


def corps_of(tx: ReadTx, consumer_id: str) -> list[str]:
    """Answer organization: the corps a consumer has met, each once, in the order of meeting."""
    return list(dict.fromkeys(corp_id for corp_id, _ in persons_of(tx, consumer_id)))


def name_process() -> str:
    """Name this process among all that ever were, for its leases."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


def build_runtime(
    settings: Settings, clock: Clock, *, bell: Bell | None = None, queue: WorkQueue | None = None
) -> Runtime:
    """Open the database and make the parts of a process; must run inside the event loop.

    Without a bell others find at their next sweep what this process commits.
    """
    settings.data.mkdir(parents=True, exist_ok=True)
    # Keys are made with the database. One that lost its keys is not given others in silence; a demo may be.
    keys = open_keys(settings.data, make=settings.demo or not is_made(settings.data, settings.database_url))
    ids = Ids(clock)
    db = open_database(settings.data, settings.database_url, clock, ids, older=settings.migrate)
    meters, process = Meters(), name_process()
    tracing = open_tracing(os.environ, process)
    if tracing is not None:
        db = tracing.watch(db)

    async def reader(surface: Surface, secret: str) -> SignedIn | None:
        return await db.read_briefly(lambda tx: read_session(tx, surface, secret))

    return Runtime(
        settings=settings,
        keys=keys,
        clock=clock,
        ids=ids,
        db=db,
        blobs=open_blobs(settings.blobs_url, settings.data),
        hub=Hub(meters),
        jobs=Jobs(db, holder=process, queue=queue),
        followers=Followers(db, holder=process),
        bell=bell or NoBell(),
        limiter=Limiter(clock),
        meters=meters,
        recent=Recent(meters, clock.now()),
        readiness=Readiness(db, process),
        process=process,
        relay=None,
        tracing=tracing,
        read_session=reader,
        epoch="",
    )


def register_jobs(rt: Runtime) -> None:
    """Register every feature's jobs and followers."""
    rt.jobs.handle("kernel.trim_answers", trim_answers, every_us=HOUR)
    rt.jobs.handle("kernel.trim_jobs", trim_done, every_us=HOUR)
    rt.jobs.handle_outside("kernel.measure_storage", partial(_measure_storage, rt), every_us=HOUR)
    rt.jobs.handle("kernel.trim_journal", _trim_journal, every_us=HOUR)
    identity_jobs.register(rt)
    files_jobs.register(rt)
    customers_jobs.register(rt)
    conversation_jobs.register(rt.jobs)
    notification_jobs.register(rt)
    customers_followers.register(rt.followers)
    conversation_followers.register(rt.followers)
    notification_followers.register(rt.followers)


async def _measure_storage(rt: Runtime, _corp_id: str, _body: bytes) -> None:
    sizes = await rt.db.sizes()
    await rt.db.write(lambda tx: note_storage(tx, sizes))


def _trim_journal(tx: Tx, _corp_id: str, _body: bytes) -> None:
    trim_journal(tx, JOURNAL_KEPT_US)


def build_sockets(rt: Runtime) -> Realtime:
    """Make the sockets' door: who is let in, and what the features do there."""

    async def admit(surface: Surface, secret: str) -> tuple[MemberActor | ConsumerActor, set[str], int] | None:
        actor = await rt.read_session(surface, secret)
        if isinstance(actor, MemberActor):
            corp_id = actor.corp_id
            rate = await rt.db.read_briefly(lambda tx: get_policy(tx, corp_id, frames_per_s))
            return actor, keys_of(actor, ()), rate
        if isinstance(actor, ConsumerActor):
            consumer_id = actor.consumer_id
            persons = await rt.db.read_briefly(lambda tx: persons_of(tx, consumer_id))
            return actor, keys_of(actor, persons), frames_per_s.default
        return None

    def public_host() -> str | None:
        url = rt.settings.public_url
        return url.partition("://")[2].rstrip("/") if url else None

    sockets: list[ConversationSockets] = []
    realtime = Realtime(
        rt.hub,
        admit,
        lambda connection, hello: sockets[0].greet(connection, hello),  # noqa: PLW0108  the list is filled below
        public_host=public_host,
    )
    sockets.append(ConversationSockets(rt, realtime, Rosters(rt.db)))
    return realtime


def _follow_meetings(hub: Hub) -> Callable[[Emission], None]:
    """A consumer who meets a corp while connected hears from it at once."""

    def watch(emission: Emission) -> None:
        fact = emission.fact
        if isinstance(fact, (RelationCreated, CustomerMerged)):
            for consumer_id in emission.audience.consumers:
                hub.add_key(consumer_key(consumer_id), person_key(emission.corp_id, f"c:{fact.external_userid}"))

    return watch


def _distribute(rt: Runtime) -> Callable[[list[Emission]], None]:
    def committed(emissions: list[Emission]) -> None:
        rt.hub.committed(emissions)
        rt.followers.committed(emissions)

    return committed


async def _settle_epoch(rt: Runtime) -> str:
    timeline = await rt.db.timeline()

    def settle(tx: Tx) -> str | None:
        if rt.settings.demo:
            # A demo may lose its keys and get others.
            replace_keys(tx, rt.keys)
        elif not settle_keys(tx, rt.keys):
            return None
        if rt.settings.database_url is None:
            # One process serves this database: whoever held a lease before is gone, crashed perhaps.
            end_leases(tx)
        return settle_epoch(tx, timeline)

    epoch = await rt.db.write(settle)
    if epoch is None:
        raise OtherKeysError
    return epoch


async def _revalidate(rt: Runtime, relay: Relay) -> None:
    """After the database was away: if another server took over, everybody starts over from what that one has."""
    epoch = await _settle_epoch(rt)
    if epoch == rt.epoch:
        return
    rt.epoch = epoch
    await relay.start()
    for connection in rt.hub.everyone():
        connection.push(RESYNC)


def _listen_to_others(rt: Runtime, distribute: Callable[[list[Emission]], None]) -> Relay:
    """Join this process to the others that share its database."""
    relay = rt.relay = rt.readiness.relay = Relay(rt.db, rt.bell, distribute, is_concerned=rt.hub.concerns)
    relay.load(EntryAppended, load_entries)
    relay.on_recovered = partial(_revalidate, rt, relay)
    rt.db.on_committed = relay.committed
    return relay


async def _hear(rt: Runtime, relay: Relay | None) -> None:
    wake = {"facts": relay.wake if relay else rt.jobs.wake, "jobs": rt.jobs.wake}

    def heard(topic: str, said: bytes) -> None:
        if topic == SIGNAL:
            rt.hub.on_signal(said)
        else:
            wake[topic]()

    ring = partial(rt.bell.ring, "jobs")
    on_scheduled.add(ring)
    try:
        await rt.bell.run(heard)
    finally:
        on_scheduled.discard(ring)


def _build_asgi(rt: Runtime, realtime: Realtime) -> ASGI:
    """Return what answers a socket, a page and everything else, each if this process's roles have it."""
    roles = rt.settings.roles
    inner = build_http(routes, rt) if "api" in roles else build_process_http(process_routes, rt)
    http, static = Observed(inner, rt.meters, tracing=rt.tracing), StaticApps(WEB)
    pages = Observed(static, rt.meters, route="(pages)")

    async def asgi(scope: Scope, receive: Any, send: Any) -> None:  # noqa: ANN401  ASGI's own shapes
        if scope["type"] == "websocket":
            if "realtime" in roles:
                await realtime(scope, receive, send)
            else:
                await receive()
                await send({"type": "websocket.close", "code": 1008})
        elif "api" in roles and scope["type"] == "http" and static.handles(scope["path"]):
            await pages(scope, receive, send)
        else:
            await http(scope, receive, send)

    return asgi


@asynccontextmanager
async def running(settings: Settings, clock: Clock | None = None) -> AsyncGenerator[Application]:
    """Run the parts of a process that its roles have, without listening on a port."""
    join_ports()
    bell, queue = await open_bus(settings)
    rt = build_runtime(settings, clock or SystemClock(), bell=bell, queue=queue)
    sessions = identity_jobs.SessionReader(rt.db, rt.clock)
    rt.read_session = sessions
    rt.epoch = await _settle_epoch(rt)
    await rt.blobs.check()
    await rt.blobs.forget_received()
    rt.hub.on_fact.append(_follow_meetings(rt.hub))
    register_jobs(rt)
    realtime = build_sockets(rt)
    realtime.heard = sessions.saw
    realtime.tracing = rt.tracing
    if rt.tracing is not None:
        rt.tracing.follow(rt.followers)
    asgi = _build_asgi(rt, realtime)
    dialect = "sqlite" if settings.database_url is None else "postgresql"
    parts: list[Coroutine[Any, Any, None]] = [sessions.run(), rt.recent.run(), warm_up(dialect), _load_dictionaries()]
    distribute = _distribute(rt)
    relay = None if settings.database_url is None else _listen_to_others(rt, distribute)
    if relay is None:
        rt.db.on_committed = distribute
    else:
        await relay.start()
        parts.append(relay.run())
    if "worker" in settings.roles:
        parts += [rt.followers.run(), rt.jobs.run()]
    broken = asyncio.Event()
    work = [asyncio.create_task(part) for part in parts]
    for task in work:
        task.add_done_callback(partial(_note_end, broken))
    hearing = asyncio.create_task(_hear(rt, relay))
    try:
        yield Application(rt, realtime, asgi, broken)
    finally:
        # The bus goes last: what still ends says so through it.
        await _cancel(*work)
        await _cancel(hearing)
        await sessions.flush()
        await rt.followers.let_go()
        await rt.db.close()
        if rt.tracing is not None:
            await asyncio.to_thread(rt.tracing.close)


def _note_end(broken: asyncio.Event, task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log_accident(error)
        broken.set()


async def _cancel(*tasks: "asyncio.Task[None]") -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await task


async def _load_dictionaries() -> None:
    await asyncio.to_thread(load_dictionaries)
