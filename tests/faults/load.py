"""Writers that never give up a message and readers that keep a mirror, through whatever happens to the server."""

import asyncio
import contextlib
import itertools
import random
import time
from typing import Any, Literal

import httpx
import msgspec
from websockets.exceptions import WebSocketException

from rapport.client import ApiError, Client, Mirror, Refused, Socket

LOST = (OSError, ConnectionError, TimeoutError, WebSocketException, httpx.TransportError)
AWAY = frozenset({502, 503, 504})
"""What a node without its database and a balancer without nodes answer: again later."""
PONG_WITHIN_S = 10.0

Logs = dict[str, list[dict[str, Any]]]


class Person(msgspec.Struct, frozen=True):
    """Somebody with a session, and the conversations that they sit in."""

    name: str
    surface: Literal["staff", "consumer"]
    conversations: list[str]
    token: str | None = None
    cookie: str | None = None

    def socket(self, url: str) -> Socket:
        """Return a socket at an address, not yet connected."""
        return Socket(url, self.surface, token=self.token, cookie=self.cookie)

    def client(self, url: str) -> Client:
        """Return an HTTP client for an address."""
        client = Client(url, self.surface, token=self.token)
        if self.cookie is not None:
            client.http.headers["Cookie"] = self.cookie
        return client


class Acked(msgspec.Struct, frozen=True):
    """What the server said it had committed; ``at`` is when it said so."""

    conversation_id: str
    seq: int
    id: str
    client_id: str
    text: str
    at: float


class Writer:
    """Somebody who sends over the socket; a message without an answer is sent again with the same ``client_id``.

    Some messages are taken back again, and now and then the writer has read up to the last one.
    """

    def __init__(
        self, url: str, person: Person, chance: random.Random, *, rest_s: float = 0.0, recalls: float = 0.0
    ) -> None:
        self._url, self.person, self._chance = url, person, chance
        self._rest_s, self._recalls = rest_s, recalls
        self._numbers = itertools.count(1)
        self.pending: dict[str, tuple[str, str]] = {}
        self.acked: list[Acked] = []
        self._to_recall: dict[tuple[str, int], str] = {}
        self.recalled: set[tuple[str, int]] = set()
        self.read: dict[str, int] = {}
        self.stopping = False
        self.resting = False

    @property
    def is_idle(self) -> bool:
        """Whether everything that was said was answered."""
        return not self.pending and not self._to_recall

    async def run(self) -> None:
        """Send until told to stop and everything sent is answered."""
        while not (self.stopping and self.is_idle):
            try:
                async with self.person.socket(self._url) as socket:
                    await self._talk(socket)
            except LOST:
                await asyncio.sleep(self._chance.uniform(0.02, 0.2))

    async def _talk(self, socket: Socket) -> None:
        while not (self.stopping and self.is_idle):
            if self.is_idle and self.resting:
                await asyncio.sleep(0.05)
                continue
            if not self.pending and not self.resting and not self.stopping:
                client_id = f"{self.person.name}-{next(self._numbers):08}"
                self.pending[client_id] = (self._chance.choice(self.person.conversations), f"第 {client_id} 条")
            await asyncio.gather(*(self._send(socket, client_id) for client_id in list(self.pending)))
            for target in list(self._to_recall):
                await self._recall(socket, target)
            if self._rest_s:
                await asyncio.sleep(self._chance.uniform(0.5, 1.5) * self._rest_s)

    async def _send(self, socket: Socket, client_id: str) -> None:
        conversation_id, text = self.pending[client_id]
        try:
            ack = await socket.send(conversation_id, text, client_id)
        except Refused as refused:
            await _again(refused)
            return
        del self.pending[client_id]
        self.acked.append(Acked(conversation_id, ack["seq"], ack["id"], client_id, text, time.monotonic()))
        if self._chance.random() < self._recalls:
            self._to_recall[conversation_id, ack["seq"]] = f"{client_id}-recall"
        elif self._recalls and self._chance.random() < self._recalls:
            await self._read(socket, conversation_id, ack["seq"])

    async def _recall(self, socket: Socket, target: tuple[str, int]) -> None:
        conversation_id, seq = target
        frame = {"type": "recall", "conversation_id": conversation_id, "target_seq": seq}
        try:
            await socket.ask({**frame, "client_id": self._to_recall[target]})
        except Refused as refused:
            await _again(refused)
            return
        del self._to_recall[target]
        self.recalled.add(target)

    async def _read(self, socket: Socket, conversation_id: str, seq: int) -> None:
        try:
            done = await socket.ask({"type": "read", "conversation_id": conversation_id, "seq": seq})
        except Refused as refused:
            await _again(refused)
            return
        self.read[conversation_id] = max(self.read.get(conversation_id, 0), done["read_seq"])


async def _again(refused: Refused) -> None:
    assert refused.code == "try_again", refused.problem  # any other refusal is a finding
    await asyncio.sleep(0.1)


class Reader:
    """Somebody who keeps a mirror of the logs over a socket that breaks, by the rules of the wire and no others."""

    def __init__(self, url: str, person: Person) -> None:
        self._url, self.person = url, person
        self._client = person.client(url)
        self.mirror = Mirror(self._client)
        self.seen_at: dict[tuple[str, int], float] = {}
        self.stopping = False

    async def run(self) -> None:
        """Follow the pushed frames; after each loss of the socket, catch up by cursor."""
        started = False
        while not self.stopping:
            try:
                async with self.person.socket(self._url) as socket:
                    if started:
                        await self.mirror.catch_up()
                    else:
                        await self.mirror.start()
                        for conversation_id in self.person.conversations:
                            await self.mirror.open(conversation_id)
                        started = True
                    await self._follow(socket)
            except LOST:
                await asyncio.sleep(0.05)
            except ApiError as error:
                if error.status not in AWAY:  # any other refusal is a finding
                    raise
                await asyncio.sleep(0.2)

    async def _follow(self, socket: Socket) -> None:
        heartbeat_s = socket.welcome["heartbeat_s"]
        pinged, heard = time.monotonic(), time.monotonic()
        while not self.stopping:
            now = time.monotonic()
            while socket.frames:
                heard = now
                self._take(socket.frames.pop(0))
            if socket.close_code is not None or (pinged > heard and now - pinged > PONG_WITHIN_S):
                raise ConnectionError
            if now - pinged > heartbeat_s:
                pinged = now
                await socket.say({"type": "ping", "seqs": self._held()})
            if self.mirror.behind:
                await self.mirror.catch_up()
            self._note()
            await asyncio.sleep(0.02)

    def _take(self, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "pong":
                self.mirror.behind.update(frame["stale"])
            case "resync":
                self.mirror.behind.update(self.mirror.logs)
            case _:
                self.mirror.apply(frame)

    def _held(self) -> dict[str, int]:
        return {found: log[-1]["seq"] if log else 0 for found, log in self.mirror.logs.items()}

    def _note(self) -> None:
        """Note when each entry was there for the first time."""
        now = time.monotonic()
        for conversation_id, log in self.mirror.logs.items():
            for entry in reversed(log):
                key = (conversation_id, entry["seq"])
                if key in self.seen_at:
                    break
                self.seen_at[key] = now

    async def finish(self) -> Logs:
        """Catch up a last time and return what the reader saw."""
        await self.mirror.catch_up()
        await self.close()
        return self.mirror.logs

    async def close(self) -> None:
        """Close the connections."""
        with contextlib.suppress(*LOST):
            await self._client.close()


async def read_all(client: Client, conversations: list[str]) -> Logs:
    """Read whole logs over HTTP."""
    logs: Logs = {}
    for conversation_id in conversations:
        log: list[dict[str, Any]] = []
        while True:
            after = log[-1]["seq"] if log else 0
            page = await client.get(f"conversations/{conversation_id}/entries", after=after, limit=200)
            log += page["items"]
            if not page["more"]:
                break
        logs[conversation_id] = log
    return logs
