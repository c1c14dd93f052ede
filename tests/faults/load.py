"""Writers that never give up a message and readers that keep a mirror, through crashes of the server."""

import asyncio
import contextlib
import itertools
import random
from typing import Any

import msgspec
from websockets.exceptions import WebSocketException

from rapport.client import Client, Mirror, Refused, Socket

LOST = (OSError, ConnectionError, TimeoutError, WebSocketException)


class Acked(msgspec.Struct, frozen=True):
    """What the server said it had committed."""

    conversation_id: str
    seq: int
    id: str
    sender: str
    client_id: str
    text: str


class Writer:
    """A member who sends over the socket; a message without an answer is sent again with the same ``client_id``."""

    def __init__(self, url: str, userid: str, token: str, conversations: list[str], chance: random.Random) -> None:
        self._url, self._token, self._chance = url, token, chance
        self.userid, self._conversations = userid, conversations
        self._numbers = itertools.count(1)
        self.pending: dict[str, tuple[str, str]] = {}
        self.acked: list[Acked] = []
        self.stopping = False

    async def run(self) -> None:
        """Send until told to stop and everything sent is answered."""
        while not (self.stopping and not self.pending):
            try:
                async with Socket(self._url, "staff", token=self._token, cookie=None) as socket:
                    await self._talk(socket)
            except LOST:
                await asyncio.sleep(self._chance.uniform(0.02, 0.2))

    async def _talk(self, socket: Socket) -> None:
        while not (self.stopping and not self.pending):
            if not self.pending:
                client_id = f"{self.userid}-{next(self._numbers):08}"
                self.pending[client_id] = (self._chance.choice(self._conversations), f"第 {client_id} 条")
            await asyncio.gather(*(self._send(socket, client_id) for client_id in list(self.pending)))

    async def _send(self, socket: Socket, client_id: str) -> None:
        conversation_id, text = self.pending[client_id]
        try:
            ack = await socket.send(conversation_id, text, client_id)
        except Refused as refused:
            assert refused.code == "try_again", refused.problem  # noqa: PT017  any other refusal is a finding
            return
        del self.pending[client_id]
        self.acked.append(Acked(conversation_id, ack["seq"], ack["id"], f"m:{self.userid}", client_id, text))


class Reader:
    """A member who keeps a mirror of the logs over a socket that breaks."""

    def __init__(self, url: str, token: str, conversations: list[str]) -> None:
        self._url, self._token = url, token
        self._client = Client(url, "staff", token=token)
        self._conversations = conversations
        self.mirror = Mirror(self._client)
        self.stopping = False

    async def run(self) -> None:
        """Follow the pushed frames; after each loss of the socket, catch up by cursor."""
        started = False
        while not self.stopping:
            try:
                async with Socket(self._url, "staff", token=self._token, cookie=None) as socket:
                    if started:
                        await self.mirror.catch_up()
                    else:
                        await self.mirror.start()
                        for conversation_id in self._conversations:
                            await self.mirror.open(conversation_id)
                        started = True
                    await self._follow(socket)
            except LOST:
                await asyncio.sleep(0.05)
            except Exception as error:  # httpx raises its own kinds while the server is away
                if "httpx" not in type(error).__module__ and "httpcore" not in type(error).__module__:
                    raise
                await asyncio.sleep(0.05)

    async def _follow(self, socket: Socket) -> None:
        while not self.stopping:
            while socket.frames:
                self.mirror.apply(socket.frames.pop(0))
            if socket.close_code is not None:
                raise ConnectionError
            if self.mirror.behind:
                await self.mirror.catch_up()
            await asyncio.sleep(0.02)

    async def finish(self) -> dict[str, list[dict[str, Any]]]:
        """Catch up a last time and return what the reader saw."""
        await self.mirror.catch_up()
        with contextlib.suppress(*LOST):
            await self._client.close()
        return self.mirror.logs
