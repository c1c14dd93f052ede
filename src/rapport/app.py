"""The composition root: the one module that names every feature, joins their ports and starts the process."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import uvicorn

from rapport.database import is_made, open_database
from rapport.features.conversations import answers
from rapport.features.conversations import followers as conversation_followers
from rapport.features.conversations import http as conversations_http
from rapport.features.conversations import jobs as conversation_jobs
from rapport.features.conversations.api import close_conversation
from rapport.features.conversations.policies import frames_per_s
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
from rapport.features.files.api import publish_file
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
from rapport.kernel.blobs import LocalBlobs
from rapport.kernel.clock import DAY, HOUR, Clock, SystemClock
from rapport.kernel.followers import Followers, trim_journal
from rapport.kernel.http import health, operations, showcase
from rapport.kernel.http.application import build_http
from rapport.kernel.http.requests import trim_answers
from rapport.kernel.http.static import StaticApps
from rapport.kernel.ids import Ids
from rapport.kernel.installation import read_epoch
from rapport.kernel.jobs import Jobs, trim_done
from rapport.kernel.journal import Emission
from rapport.kernel.keys import open_keys
from rapport.kernel.limits import Limiter
from rapport.kernel.pinyin import load_dictionaries
from rapport.kernel.policy import get_policy
from rapport.kernel.realtime.endpoint import Realtime
from rapport.kernel.realtime.hub import Hub, consumer_key, keys_of, person_key
from rapport.kernel.realtime.transport import StraightProtocol
from rapport.kernel.runtime import Runtime
from rapport.kernel.statements import warm_up
from rapport.kernel.tx import ReadTx, Tx
from rapport.settings import Settings

WEB = Path(__file__).parent / "web_dist"
JOURNAL_KEPT_US = 30 * DAY
RETURN_SPREAD_MS = 3_000
Scope = dict[str, Any]
ASGI = Callable[[Any, Any, Any], Awaitable[None]]

routes: list[Any] = [
    *health.routes,
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
    """A process that can answer: its running parts, its sockets' door and its HTTP."""

    runtime: Runtime
    realtime: Realtime
    asgi: ASGI


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


def _publish(tx: Tx, actor: MemberActor | ConsumerActor, file_id: str) -> None:
    publish_file(tx, actor, file_id)


def corps_of(tx: ReadTx, consumer_id: str) -> list[str]:
    """Answer organization: the corps a consumer has met, each once, in the order of meeting."""
    return list(dict.fromkeys(corp_id for corp_id, _ in persons_of(tx, consumer_id)))


def build_runtime(settings: Settings, clock: Clock) -> Runtime:
    """Open the database and make the parts of a process; must run inside the event loop."""
    settings.data.mkdir(parents=True, exist_ok=True)
    # Keys are made with the database. One that lost its keys is not given others in silence; a demo may be.
    keys = open_keys(settings.data, make=settings.demo or not is_made(settings.data, settings.database_url))
    ids = Ids(clock)
    db = open_database(settings.data, settings.database_url, clock, ids)

    def reader(surface: Surface, secret: str) -> SignedIn | None:
        return db.read_here(lambda tx: read_session(tx, surface, secret))

    return Runtime(
        settings=settings,
        keys=keys,
        clock=clock,
        ids=ids,
        db=db,
        blobs=LocalBlobs(settings.data / "files"),
        hub=Hub(),
        jobs=Jobs(db),
        followers=Followers(db),
        limiter=Limiter(clock),
        read_session=reader,
        epoch="",
    )


def register_jobs(rt: Runtime) -> None:
    """Register every feature's jobs and followers."""
    rt.jobs.handle("kernel.trim_answers", trim_answers, every_us=HOUR)
    rt.jobs.handle("kernel.trim_jobs", trim_done, every_us=HOUR)
    rt.jobs.handle("kernel.trim_journal", _trim_journal, every_us=HOUR)
    identity_jobs.register(rt)
    files_jobs.register(rt)
    customers_jobs.register(rt)
    conversation_jobs.register(rt.jobs)
    notification_jobs.register(rt)
    customers_followers.register(rt.followers)
    conversation_followers.register(rt.followers)
    notification_followers.register(rt.followers)


def _trim_journal(tx: Tx, _corp_id: str, _body: bytes) -> None:
    trim_journal(tx, JOURNAL_KEPT_US)


def build_sockets(rt: Runtime) -> Realtime:
    """Make the sockets' door: who is let in, and what the features do there."""

    async def admit(surface: Surface, secret: str) -> tuple[MemberActor | ConsumerActor, set[str], int] | None:
        actor = rt.read_session(surface, secret)
        if isinstance(actor, MemberActor):
            corp_id = actor.corp_id
            rate = rt.db.read_here(lambda tx: get_policy(tx, corp_id, frames_per_s))
            return actor, keys_of(actor, ()), rate
        if isinstance(actor, ConsumerActor):
            consumer_id = actor.consumer_id
            persons = rt.db.read_here(lambda tx: persons_of(tx, consumer_id))
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


@asynccontextmanager
async def running(settings: Settings, clock: Clock | None = None) -> AsyncGenerator[Application]:
    """Run the parts of a process (database, followers, jobs, sockets) without listening on a port."""
    join_ports()
    rt = build_runtime(settings, clock or SystemClock())
    sessions = identity_jobs.SessionReader(rt.db, rt.clock)
    rt.read_session = sessions
    rt.epoch = await rt.db.write(read_epoch)
    await rt.blobs.forget_received()
    rt.db.on_committed = _distribute(rt)
    rt.hub.on_fact.append(_follow_meetings(rt.hub))
    register_jobs(rt)
    realtime = build_sockets(rt)
    realtime.heard = sessions.saw
    http = build_http(routes, rt)
    static = StaticApps(WEB)

    async def asgi(scope: Scope, receive: Any, send: Any) -> None:  # noqa: ANN401  ASGI's own shapes
        if scope["type"] == "websocket":
            await realtime(scope, receive, send)
        elif scope["type"] == "http" and static.handles(scope["path"]):
            await static(scope, receive, send)
        else:
            await http(scope, receive, send)  # pyright: ignore[reportArgumentType]  a plain scope

    work = [asyncio.create_task(part.run()) for part in (rt.followers, rt.jobs, sessions)]
    work.append(asyncio.create_task(warm_up()))
    work.append(asyncio.create_task(_load_dictionaries()))
    try:
        yield Application(rt, realtime, asgi)
    finally:
        for task in work:
            task.cancel()
        for task in work:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await sessions.flush()
        await rt.db.close()


async def _load_dictionaries() -> None:
    await asyncio.to_thread(load_dictionaries)


class Server(uvicorn.Server):
    """uvicorn, without its own signal handling: sockets are told to come back before they are closed."""

    def install_signal_handlers(self) -> None:
        """Leave signals to ``serve``."""


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
    """Serve until SIGINT or SIGTERM; ``ready`` gets the base URL once the server answers."""
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
        stop = asyncio.create_task(stopping.wait())
        await asyncio.wait({listening, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        await application.runtime.hub.shut(RETURN_SPREAD_MS)
        server.should_exit = True
        await listening


def base_url(settings: Settings, server: uvicorn.Server) -> str:
    """Return where the server is reached: the public URL if one is set, else the listening address."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    scheme = "https" if settings.certificate else "http"
    port = server.servers[0].sockets[0].getsockname()[1]
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104  comparing, not binding
    return f"{scheme}://{host}:{port}"
