"""What the frames of conversations do, and how their facts look on the sockets of those concerned."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any

import msgspec

from rapport.features.conversations.access import Viewer, access_conversation
from rapport.features.conversations.actions.reading import read_to
from rapport.features.conversations.actions.recalling import recall_entry
from rapport.features.conversations.actions.seats import Sending
from rapport.features.conversations.actions.sending import send_many
from rapport.features.conversations.events import ConversationChanged, EntryAppended, FacesChanged, ReadMoved
from rapport.features.conversations.frames import (
    Ack,
    ConversationFrame,
    Done,
    EntryFrame,
    ReadFrame,
    ReadMovedFrame,
    RecallFrame,
    Send,
    TypingFrame,
    TypingSignal,
)
from rapport.features.conversations.policies import sends_per_minute
from rapport.features.conversations.queries.lists import get_conversation
from rapport.features.conversations.queries.rosters import Rosters
from rapport.features.conversations.queries.sync import cursor_at, find_stale
from rapport.features.conversations.types import Conversation, Entry, Read, Sent
from rapport.kernel.actor import MemberActor
from rapport.kernel.errors import NotFound, Refusal, TryAgain
from rapport.kernel.journal import Emission, has_facts_after
from rapport.kernel.policy import PolicyChanged, get_policy
from rapport.kernel.reading import present
from rapport.kernel.realtime.connection import Connection
from rapport.kernel.realtime.endpoint import Realtime
from rapport.kernel.realtime.frames import Hello, Ping, Pong, Welcome, encode
from rapport.kernel.realtime.hub import person_key
from rapport.kernel.runtime import Runtime
from rapport.kernel.tx import ReadTx

HEARTBEAT_S = 25
TYPING_EVERY_S = 3.0
MOST_SEATS = 1_000


class Typing(msgspec.Struct, frozen=True, array_like=True):
    """Somebody is typing, as processes tell each other; ``people`` is empty for a group."""

    corp_id: str
    conversation_id: str
    people: tuple[str, ...]
    person: str


_encode_typing = msgspec.json.Encoder().encode
_decode_typing = msgspec.json.Decoder(Typing).decode


def viewers_of(connection: Connection) -> list[Viewer]:
    """Return the people a socket speaks for: a member in one corp, a consumer once per corp."""
    actor = connection.actor
    if isinstance(actor, MemberActor):
        return [Viewer(actor.corp_id, actor.person)]
    found: list[Viewer] = []
    for key in connection.keys:
        corp_id, _, person = key.partition("/")
        if corp_id and person.startswith("c:"):
            found.append(Viewer(corp_id, person))
    return found


class ConversationSockets:
    """Joins the conversations feature to the sockets."""

    def __init__(self, rt: Runtime, realtime: Realtime, rosters: Rosters) -> None:
        self._rt = rt
        self._realtime = realtime
        self._rosters = rosters
        self._typed_at: dict[tuple[str, str], float] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        realtime.handle(Send, self._send)
        realtime.handle(RecallFrame, self._recall)
        realtime.handle(ReadFrame, self._read)
        realtime.handle(TypingFrame, self._typing)
        realtime.handle(Ping, self._ping)
        rt.hub.roster = rosters
        rt.hub.render(EntryAppended, self._render_entry)
        rt.hub.render(ReadMoved, _render_read)
        rt.hub.on_fact.append(self._watch)
        rt.hub.on_signal = self._hear

    async def greet(self, connection: Connection, hello: Hello) -> None:
        """Answer hello: where the client stands, and whether it must sync before trusting its cache."""
        rt = self._rt
        now, is_waited_for = await rt.db.read_briefly(_present)
        cursor = cursor_at(rt.epoch, now)
        connection.push(
            encode(
                Welcome(
                    rt.epoch,
                    cursor,
                    connection.actor.session_id,
                    HEARTBEAT_S,
                    rt.clock.now(),
                    is_waited_for or hello.cursor != cursor,
                )
            )
        )

    def _known_viewer(self, connection: Connection, conversation_id: str) -> Viewer | None:
        """Return which of the socket's people sits in the conversation, if that is known; of one there is no doubt."""
        known: Viewer | None = connection.seats.get(conversation_id)
        if known is None and len(viewers := viewers_of(connection)) == 1:
            return viewers[0]
        return known

    async def _find_viewer(self, connection: Connection, conversation_id: str) -> Viewer:
        known = self._known_viewer(connection, conversation_id)
        if known is not None:
            return known
        viewers = viewers_of(connection)
        seat = await self._rt.db.read_briefly(lambda tx: access_conversation(tx, viewers, conversation_id))
        if len(connection.seats) >= MOST_SEATS:
            connection.seats.clear()
        connection.seats[conversation_id] = found = Viewer(seat.corp_id, seat.person)
        return found

    def _send(self, connection: Connection, frame: Send) -> Coroutine[Any, Any, None] | None:
        began = time.perf_counter()
        viewer = self._known_viewer(connection, frame.conversation_id)
        if viewer is None or not self._rt.limiter.knows(person_key(viewer.corp_id, viewer.person)):
            return self._look_up_and_send(connection, frame, began)
        self._send_as(viewer, connection, frame, began)
        return None

    async def _look_up_and_send(self, connection: Connection, frame: Send, began: float) -> None:
        try:
            viewer = await self._find_viewer(connection, frame.conversation_id)
            await open_send_budget(self._rt, viewer)
        except Refusal as refusal:
            self._rt.meters.note_refused(refusal)
            raise
        self._send_as(viewer, connection, frame, began)

    def _send_as(self, viewer: Viewer, connection: Connection, frame: Send, began: float) -> None:
        try:
            self._rt.limiter.spend(person_key(viewer.corp_id, viewer.person))
        except Refusal as refusal:
            self._rt.meters.note_refused(refusal)
            raise
        sending = Sending(frame.conversation_id, viewer.person, frame.client_id, frame.body, connection.actor)
        future = self._rt.db.write_batched(send_many, viewer.corp_id, sending)
        self._answer(connection, frame.ref, future, _ack, began)

    def _recall(self, connection: Connection, frame: RecallFrame) -> None:
        viewers, actor = viewers_of(connection), connection.actor
        future = self._rt.db.write(
            lambda tx: recall_entry(tx, viewers, actor, frame.conversation_id, frame.target_seq, frame.client_id)
        )
        self._answer(connection, frame.ref, future, _ack)

    def _read(self, connection: Connection, frame: ReadFrame) -> None:
        viewers = viewers_of(connection)
        future = self._rt.db.write(lambda tx: read_to(tx, viewers, frame.conversation_id, frame.seq))
        self._answer(connection, frame.ref, future, _done)

    def _answer(
        self,
        connection: Connection,
        ref: str,
        future: Any,  # noqa: ANN401  any command's future
        render: Callable[[str, Any], bytes],
        began: float | None = None,
    ) -> None:
        connection.in_flight += 1
        future.add_done_callback(partial(self._settle, connection, ref, render, began))

    def _settle(
        self,
        connection: Connection,
        ref: str,
        render: Callable[[str, Any], bytes],
        began: float | None,
        future: "asyncio.Future[Any]",
    ) -> None:
        connection.in_flight -= 1
        error = future.exception()
        if began is not None:
            self._rt.meters.note_sent(began, error)
        if error is not None:
            self._realtime.refuse(connection, ref, error)
        else:
            connection.push(render(ref, future.result()))

    async def _typing(self, connection: Connection, frame: TypingFrame) -> None:
        try:
            viewer = await self._find_viewer(connection, frame.conversation_id)
            seat = await self._rt.db.read_briefly(lambda tx: access_conversation(tx, [viewer], frame.conversation_id))
        except (NotFound, TryAgain):
            return
        key, now = (viewer.person, frame.conversation_id), time.monotonic()
        if now - self._typed_at.get(key, 0.0) < TYPING_EVERY_S:
            return
        if len(self._typed_at) > 10_000:  # noqa: PLR2004  a bound, not a rule
            self._typed_at.clear()
        self._typed_at[key] = now
        typing = Typing(seat.corp_id, frame.conversation_id, seat.people, viewer.person)
        await self._show_typing(typing, but=connection)
        self._rt.bell.signal(_encode_typing(typing))

    def _hear(self, said: bytes) -> None:
        """Somebody types whose socket another process holds."""
        self._start(self._show_typing(_decode_typing(said), but=None))

    async def _show_typing(self, typing: "Typing", *, but: Connection | None) -> None:
        corp_id, conversation_id = typing.corp_id, typing.conversation_id
        keys = (
            [person_key(corp_id, person) for person in typing.people]
            if typing.people
            else await self._rosters.load(corp_id, conversation_id)
        )
        signal = encode(TypingSignal(corp_id, conversation_id, typing.person))
        self._rt.hub.signal(keys, conversation_id, signal, but=but)

    def _ping(self, connection: Connection, frame: Ping) -> Coroutine[Any, Any, None] | None:
        if frame.seqs:
            return self._compare(connection, frame)
        connection.push(encode(Pong({}, self._rt.clock.now())))
        return None

    async def _compare(self, connection: Connection, frame: Ping) -> None:
        viewers = viewers_of(connection)
        try:
            stale = await self._rt.db.read_briefly(lambda tx: find_stale(tx, viewers, frame.seqs))
        except TryAgain:
            # The process lives, whatever its database does: the next heartbeat compares.
            stale = {}
        connection.push(encode(Pong(stale, self._rt.clock.now())))

    def _render_entry(self, emission: Emission) -> bytes | None:
        fact = emission.fact
        assert isinstance(fact, EntryAppended)
        entry = emission.content
        if not isinstance(entry, Entry):
            return None
        cursor = cursor_at(self._rt.epoch, emission.delivered)
        return encode(EntryFrame(emission.corp_id, fact.conversation_id, entry, cursor))

    def _watch(self, emission: Emission) -> None:
        """A changed conversation looks different to each of its people: read it for those who are connected."""
        fact = emission.fact
        if isinstance(fact, PolicyChanged):
            self._rt.limiter.reopen()
        if isinstance(fact, ConversationChanged):
            self._rosters.forget(emission.corp_id, fact.conversation_id)
            self._start(self._push_conversation(emission, fact.conversation_id))
        if isinstance(fact, FacesChanged):
            self._start(self._push_faces(emission, fact.conversation_ids))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _push_conversation(self, emission: Emission, conversation_id: str) -> None:
        corp_id, audience = emission.corp_id, emission.audience
        keys = [person_key(corp_id, person) for person in audience.people]
        if audience.conversation is not None:
            keys += await self._rosters.load(corp_id, audience.conversation)
        for key in keys:
            await self._push_to(key, Viewer(corp_id, key.partition("/")[2]), conversation_id)

    async def _push_faces(self, emission: Emission, conversation_ids: Sequence[str]) -> None:
        for person, conversation_id in zip(emission.audience.people, conversation_ids, strict=True):
            viewer = Viewer(emission.corp_id, person)
            await self._push_to(person_key(viewer.corp_id, person), viewer, conversation_id)

    async def _push_to(self, key: str, viewer: Viewer, conversation_id: str) -> None:
        if not any(True for _ in self._rt.hub.at(key)):
            return
        found = await self._rt.db.read(partial(_read_conversation, viewer, conversation_id))
        if found is not None:
            frame = encode(ConversationFrame(found))
            for connection in list(self._rt.hub.at(key)):
                connection.push(frame)


def _read_conversation(viewer: Viewer, conversation_id: str, tx: ReadTx) -> Conversation | None:
    return get_conversation(tx, viewer, conversation_id)


async def open_send_budget(rt: Runtime, viewer: Viewer) -> None:
    """Ask how many messages this person may send per minute, unless that is known."""
    key = person_key(viewer.corp_id, viewer.person)
    if not rt.limiter.knows(key):
        rt.limiter.open(key, await rt.db.read_briefly(lambda tx: get_policy(tx, viewer.corp_id, sends_per_minute)))


async def check_send_rate(rt: Runtime, viewer: Viewer) -> None:
    """Count one more message of this person; TooManyRequests over the policy."""
    await open_send_budget(rt, viewer)
    rt.limiter.spend(person_key(viewer.corp_id, viewer.person))


def _present(tx: ReadTx) -> tuple[int, bool]:
    """Return where the journal stands, and whether there are facts above already, which were handed out perhaps."""
    now = present(tx)
    return now, tx.one(has_facts_after, cursor=now - 1) is not None


def _ack(ref: str, sent: Sent) -> bytes:
    return encode(Ack(ref, sent.conversation_id, sent.seq, sent.count, sent.id, sent.sent_at, sent.duplicate))


def _done(ref: str, read: Read) -> bytes:
    return encode(Done(ref, read.read_seq, read.read_count))


def _render_read(emission: Emission) -> bytes | None:
    fact = emission.fact
    assert isinstance(fact, ReadMoved)
    return encode(ReadMovedFrame(emission.corp_id, fact.conversation_id, fact.person, fact.read_seq, fact.read_count))
