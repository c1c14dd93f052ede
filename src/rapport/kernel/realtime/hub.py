"""Who is connected, and how a committed fact becomes a frame on their sockets."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Protocol, TypeVar

from rapport.kernel.actor import ConsumerActor, MemberActor, Surface
from rapport.kernel.errors import Refusal
from rapport.kernel.journal import Emission, Fact
from rapport.kernel.metrics.meters import Meters
from rapport.kernel.realtime.connection import RESYNC, Connection
from rapport.kernel.realtime.frames import Bye

FactType = TypeVar("FactType", bound=Fact)
Render = Callable[[Emission], bytes | None]


class Roster(Protocol):
    """Port: the addresses of everyone in a conversation (the conversations feature answers)."""

    def known(self, corp_id: str, conversation_id: str) -> Iterable[str] | None:
        """Return them if they are at hand."""
        ...

    async def load(self, corp_id: str, conversation_id: str) -> Iterable[str]:
        """Return them."""
        ...


class NoRoster:
    """For processes without conversations: nobody is in any."""

    def known(self, corp_id: str, conversation_id: str) -> Iterable[str] | None:
        """Return nobody."""
        del corp_id, conversation_id
        return ()

    async def load(self, corp_id: str, conversation_id: str) -> Iterable[str]:
        """Return nobody."""
        del corp_id, conversation_id
        return ()


def person_key(corp_id: str, person: str) -> str:
    """The address of a person inside a corp."""
    return f"{corp_id}/{person}"


def consumer_key(consumer_id: str) -> str:
    """The address of a consumer across corps."""
    return f"/{consumer_id}"


def corp_key(corp_id: str) -> str:
    """The address of every member of a corp who is connected."""
    return f"{corp_id}/*"


class Hub:
    """The sockets of this process by address, and the renderers of facts."""

    def __init__(self, meters: Meters) -> None:
        self.meters = meters
        self._by_key: dict[str, set[Connection]] = {}
        self._by_session: dict[str, set[Connection]] = {}
        self._renderers: dict[str, Render] = {}
        self.roster: Roster = NoRoster()
        self.on_fact: list[Callable[[Emission], None]] = []
        self.on_signal: Callable[[bytes], None] = lambda _: None
        """Told what other processes signal."""
        self.count = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: dict[tuple[str, str], list[bytes]] = {}

    def render(self, kind: type[FactType], renderer: Render) -> None:
        """Say how facts of a class look on the wire; None from the renderer pushes nothing."""
        self._renderers[kind.kind] = renderer

    def attach(self, connection: Connection) -> None:
        """Start delivering to a socket."""
        for key in connection.keys:
            self._by_key.setdefault(key, set()).add(connection)
        self._by_session.setdefault(connection.actor.session_id, set()).add(connection)
        self.count += 1
        self.meters.sockets[surface_of(connection)] += 1

    def detach(self, connection: Connection) -> None:
        """Forget a socket."""
        for key in connection.keys:
            self._discard(self._by_key, key, connection)
        self._discard(self._by_session, connection.actor.session_id, connection)
        self.count -= 1
        self.meters.sockets[surface_of(connection)] -= 1

    def _discard(self, index: dict[str, set[Connection]], key: str, connection: Connection) -> None:
        found = index.get(key)
        if found is not None:
            found.discard(connection)
            if not found:
                del index[key]

    def add_key(self, of: str, key: str) -> None:
        """Deliver to the sockets at address ``of`` what is meant for ``key`` too (a consumer met a new corp)."""
        for connection in list(self._by_key.get(of, ())):
            connection.keys.add(key)
            connection.seats.clear()
            self._by_key.setdefault(key, set()).add(connection)

    def at(self, key: str) -> Iterable[Connection]:
        """Return the sockets at an address."""
        return self._by_key.get(key, ())

    def everyone(self) -> list[Connection]:
        """Return every socket."""
        return [connection for found in self._by_session.values() for connection in found]

    def committed(self, emissions: list[Emission]) -> None:
        """Push the facts of a committed batch."""
        for emission in emissions:
            for watch in self.on_fact:
                watch(emission)
            if emission.audience.sessions:
                self.revoke(emission.audience.sessions)
            renderer = self._renderers.get(emission.fact.kind)
            if renderer is None:
                continue
            frame = renderer(emission)
            if frame is not None:
                self._deliver(emission, frame)

    def concerns(self, emission: Emission) -> bool:
        """Say whether anybody who is connected here is in a fact's audience."""
        audience, corp_id, by_key = emission.audience, emission.corp_id, self._by_key
        if not by_key:
            return False
        if any(f"{corp_id}/{person}" in by_key for person in audience.people):
            return True
        if audience.conversation is not None:
            keys = self.roster.known(corp_id, audience.conversation)
            return keys is None or any(key in by_key for key in keys)
        return audience.corp or any(f"/{consumer_id}" in by_key for consumer_id in audience.consumers)

    def _deliver(self, emission: Emission, frame: bytes) -> None:
        audience, corp_id, by_key = emission.audience, emission.corp_id, self._by_key
        for person in audience.people:
            for connection in by_key.get(f"{corp_id}/{person}", ()):
                connection.push(frame)
        if audience.conversation is not None:
            self._deliver_in(corp_id, audience.conversation, frame)
        for consumer_id in audience.consumers:
            for connection in by_key.get(f"/{consumer_id}", ()):
                connection.push(frame)
        if audience.corp:
            for connection in by_key.get(f"{corp_id}/*", ()):
                connection.push(frame)

    def _deliver_in(self, corp_id: str, conversation_id: str, frame: bytes) -> None:
        """Push to everyone in a conversation; while its people are read, what comes for it waits in order."""
        place = (corp_id, conversation_id)
        waiting = self._waiting.get(place)
        if waiting is not None:
            waiting.append(frame)
            return
        keys = self.roster.known(corp_id, conversation_id)
        if keys is not None:
            self._push_to(keys, frame)
            return
        self._waiting[place] = [frame]
        self._track(self._deliver_later(place))

    async def _deliver_later(self, place: tuple[str, str]) -> None:
        try:
            keys = await self.roster.load(*place)
        except Refusal:
            # Nobody is left waiting without knowing: whoever is connected asks what changed.
            del self._waiting[place]
            for connection in self.everyone():
                connection.push(RESYNC)
            return
        for frame in self._waiting.pop(place):
            self._push_to(keys, frame)

    def _push_to(self, keys: Iterable[str], frame: bytes) -> None:
        for key in keys:
            for connection in self._by_key.get(key, ()):
                connection.push(frame)

    def signal(self, keys: Iterable[str], conversation_id: str, frame: bytes, *, but: Connection | None) -> None:
        """Push an ephemeral frame to those who have the conversation on screen; best effort, never stored."""
        for key in keys:
            for connection in self._by_key.get(key, ()):
                if connection is not but and conversation_id in connection.watching:
                    connection.push(frame)

    def revoke(self, session_ids: Iterable[str]) -> None:
        """Close every socket of the sessions."""
        for session_id in session_ids:
            for connection in list(self._by_session.get(session_id, ())):
                self._close(connection, Bye("revoked", 0))

    def _close(self, connection: Connection, bye: Bye) -> None:
        self._track(connection.close(bye))

    def _track(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def drop(self, connection: Connection, bye: Bye) -> None:
        """Close one socket."""
        self._close(connection, bye)

    async def shut(self, spread_ms: int) -> None:
        """Tell every client to come back, spread over ``spread_ms`` so that they do not all return at once."""
        connections = self.everyone()
        step = spread_ms / max(1, len(connections))
        await asyncio.gather(
            *(
                connection.close(Bye("restart", 200 + int(step * place)))
                for place, connection in enumerate(connections)
            ),
            return_exceptions=True,
        )


def surface_of(connection: Connection) -> Surface:
    """Return the surface on which a socket's person signed in."""
    actor = connection.actor
    return actor.surface if isinstance(actor, MemberActor) else "consumer"


def keys_of(actor: MemberActor | ConsumerActor, persons: Iterable[tuple[str, str]]) -> set[str]:
    """Return every address of an actor; ``persons`` are a consumer's (corp_id, person id) pairs."""
    if isinstance(actor, MemberActor):
        return {person_key(actor.corp_id, actor.person), corp_key(actor.corp_id)}
    return {consumer_key(actor.consumer_id), *(person_key(corp_id, person) for corp_id, person in persons)}
