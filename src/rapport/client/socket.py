"""The realtime socket: frames in, frames out, answers matched by ``ref``."""

import asyncio
import itertools
import json
from types import TracebackType
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

Frame = dict[str, Any]


class Refused(Exception):  # noqa: N818  a refusal is an answer
    """The server refused a frame; ``problem`` says why."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(f"{problem.get('code')}: {problem.get('detail')}")
        self.problem = problem
        self.code = str(problem.get("code"))


class Socket:
    """One connection. Pushed frames are kept in ``frames`` in the order in which they came."""

    def __init__(self, base_url: str, surface: str, *, token: str | None, cookie: str | None) -> None:
        self._url = f"{base_url.replace('http', 'ws', 1)}/realtime/{surface}"
        self._headers = {"Authorization": f"Bearer {token}"} if token else ({"Cookie": cookie} if cookie else {})
        self._refs = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[Frame]] = {}
        self._connection: ClientConnection | None = None
        self._reading: asyncio.Task[None] | None = None
        self.frames: list[Frame] = []
        self._arrived = asyncio.Condition()
        self.welcome: Frame = {}
        self.close_code: int | None = None

    async def __aenter__(self) -> Self:
        """Connect and say hello."""
        await self.connect()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        await self.close()

    async def connect(self, cursor: str | None = None) -> Frame:
        """Connect, say hello with the last cursor held, and return the server's welcome."""
        self._connection = await connect(
            self._url, additional_headers=self._headers, max_size=None, compression=None, proxy=None
        )
        self._reading = asyncio.create_task(self._read())
        await self.say({"type": "hello", "cursor": cursor})
        self.welcome = await self.expect("welcome")
        return self.welcome

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            await self._connection.close()
        if self._reading is not None:
            await self._reading

    async def say(self, frame: Frame) -> None:
        """Send a frame that is not answered."""
        assert self._connection is not None, "connect first"
        await self._connection.send(json.dumps(frame, ensure_ascii=False))

    async def say_raw(self, text: str | bytes) -> None:
        """Send whatever is given, valid or not."""
        assert self._connection is not None, "connect first"
        await self._connection.send(text)

    async def ask(self, frame: Frame, within_s: float = 10) -> Frame:
        """Send a frame and return its answer; raises Refused, TimeoutError or ConnectionError."""
        ref = str(next(self._refs))
        answer: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._waiting[ref] = answer
        try:
            await self.say({**frame, "ref": ref})
            return await asyncio.wait_for(answer, within_s)
        finally:
            self._waiting.pop(ref, None)

    async def send(self, conversation_id: str, text: str, client_id: str) -> Frame:
        """Send a text and return the acknowledgement."""
        body = {"kind": "text", "text": text}
        return await self.ask(
            {"type": "send", "conversation_id": conversation_id, "client_id": client_id, "body": body}
        )

    async def expect(self, kind: str, within_s: float = 15, **having: object) -> Frame:
        """Wait for a pushed frame of a type whose fields equal ``having``, remove it from ``frames`` and return it."""

        def find() -> Frame | None:
            for frame in self.frames:
                if frame["type"] == kind and all(frame.get(name) == value for name, value in having.items()):
                    return frame
            return None

        async with asyncio.timeout(within_s), self._arrived:
            while (found := find()) is None:
                if self.close_code is not None:
                    raise ConnectionError(f"closed with {self.close_code} while waiting for {kind}")
                await self._arrived.wait()
            self.frames.remove(found)
            return found

    async def closed(self, within_s: float = 10) -> int:
        """Wait until the server closes and return the code."""
        assert self._reading is not None, "connect first"
        await asyncio.wait_for(asyncio.shield(self._reading), within_s)
        return self.close_code or 0

    async def _read(self) -> None:
        assert self._connection is not None, "connect first"
        try:
            async for message in self._connection:
                frame: Frame = json.loads(message)
                answer = self._waiting.get(frame.get("ref") or "")
                if answer is not None and not answer.done():
                    self._answer(answer, frame)
                    continue
                async with self._arrived:
                    self.frames.append(frame)
                    self._arrived.notify_all()
        except ConnectionClosed:
            pass
        finally:
            self.close_code = self._connection.close_code or 1006
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(ConnectionError("the connection was lost"))
            async with self._arrived:
                self._arrived.notify_all()

    def _answer(self, answer: "asyncio.Future[Frame]", frame: Frame) -> None:
        if frame["type"] == "refused":
            answer.set_exception(Refused(frame["problem"]))
        else:
            answer.set_result(frame)
