"""The floors: what the same traffic costs without the product. Started as a process by ``bench.processes``.

``socket`` is a protocol on uvloop that speaks WebSocket by hand and stores nothing; ``http`` is Litestar with one route
and the same body, on uvicorn set up as the product's.
"""

import argparse
import asyncio
import os
import time
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
import uvloop
from litestar import Litestar, get

from bench.wire import accept_key, server_frame, take_masked_frames

WELCOME = server_frame(b'{"type":"welcome"}')


class _Body(msgspec.Struct):
    kind: str
    text: str


class _Send(msgspec.Struct):
    """The product's frame, field by field, so that both sides parse and write the same."""

    type: str
    ref: str
    conversation_id: str
    client_id: str
    body: _Body


class _Entry(msgspec.Struct):
    seq: int
    count: int
    id: str
    kind: str
    sender: str
    client_id: str
    target_seq: int | None
    body: _Body
    sent_at: int
    automatic: bool


class _EntryFrame(msgspec.Struct, tag_field="type", tag="entry"):
    corp_id: str
    conversation_id: str
    entry: _Entry
    cursor: str


class _Ack(msgspec.Struct, tag_field="type", tag="ack"):
    ref: str
    conversation_id: str
    seq: int
    count: int
    id: str
    sent_at: int
    duplicate: bool


_decode = msgspec.json.Decoder(_Send).decode
_encode = msgspec.json.Encoder().encode


class BareSocket(asyncio.Protocol):
    """Answers ``/pair/<n>/…`` with an ack and a push to the other side, ``/fan`` with a prepared frame to everybody."""

    def __init__(
        self, pairs: dict[str, asyncio.WriteTransport], crowd: set[asyncio.WriteTransport], fan: bytes
    ) -> None:
        self._pairs = pairs
        self._crowd = crowd
        self._fan = fan
        self._rest = b""
        self._pair = ""
        self._open = False
        self._greeted = False
        self._seq = 0
        self._transport: asyncio.WriteTransport

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401  asyncio's own shape
        """Begin."""
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the socket."""
        del exc
        self._crowd.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        self._rest += data
        if not self._open:
            head, end, self._rest = self._rest.partition(b"\r\n\r\n")
            if not end:
                self._rest = head
                return
            self._accept(head)
        self._rest = take_masked_frames(self._rest, self._take)

    def _accept(self, head: bytes) -> None:
        self._open = True
        lines = head.split(b"\r\n")
        path = lines[0].split(b" ")[1].decode()
        headers = dict(line.lower().split(b": ", 1) for line in lines[1:])
        key = next(line.partition(b": ")[2] for line in lines if line.lower().startswith(b"sec-websocket-key"))
        assert headers[b"upgrade"] == b"websocket"
        self._transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept_key(key) + b"\r\n\r\n"
        )
        if path == "/fan":
            self._crowd.add(self._transport)
        else:
            self._pair, _, side = path.removeprefix("/pair/").partition("/")
            if side == "recipient":
                self._pairs[self._pair] = self._transport

    def _take(self, payload: bytes) -> None:
        if not self._greeted:
            self._greeted = True
            self._transport.write(WELCOME)
        elif self._pair:
            self._pass_on(_decode(payload))
        else:
            frame = self._fan
            for transport in self._crowd:
                transport.write(frame)

    def _pass_on(self, sent: _Send) -> None:
        self._seq += 1
        seq, row_id, now = self._seq, "01jd8xq4zk3v5m7n9p2r4t6w8y", time.time_ns() // 1000
        ack = _Ack(sent.ref, sent.conversation_id, seq, seq, row_id, now, duplicate=False)
        entry = _Entry(seq, seq, row_id, "text", "m:guide", sent.client_id, None, sent.body, now, automatic=False)
        frame = _EntryFrame("ww0123456789abcdef", sent.conversation_id, entry, f"epoch123.{seq}")
        self._transport.write(server_frame(_encode(ack)))
        self._pairs[self._pair].write(server_frame(_encode(frame)))


async def serve_sockets(frame_bytes: int, port: int) -> None:
    """Listen for ever, on a free port when ``port`` is 0; ``/fan`` pushes a frame of ``frame_bytes``."""
    pairs: dict[str, asyncio.WriteTransport] = {}
    crowd: set[asyncio.WriteTransport] = set()
    words = b'{"type":"entry","text":"'
    fan = server_frame(words + b"x" * max(0, frame_bytes - len(words) - 2) + b'"}')
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(lambda: BareSocket(pairs, crowd, fan), "127.0.0.1", port, backlog=2048)
    print(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}", flush=True)
    await listening.serve_forever()


def serve_http(body: Path) -> None:
    """Serve one body as JSON at every address of one segment."""
    content = msgspec.json.decode(body.read_bytes())

    @get("/{anything:str}", sync_to_thread=False)
    def read(anything: str) -> dict[str, Any]:
        del anything
        return content

    application = Litestar([read], openapi_config=None, logging_config=None)

    async def run() -> None:
        config = uvicorn.Config(
            application,
            port=0,
            http="httptools",
            ws="none",
            lifespan="off",
            access_log=False,
            log_level="warning",
            server_header=False,
        )
        server = uvicorn.Server(config)
        listening = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110  uvicorn has no event for it
            await asyncio.sleep(0.01)
        print(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", flush=True)
        await listening

    uvloop.run(run())


def main() -> None:
    """Serve the floor that is asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=["socket", "http"])
    parser.add_argument("--core", type=int, required=True)
    parser.add_argument("--frame-bytes", type=int, default=450)
    parser.add_argument("--body", type=Path)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    os.sched_setaffinity(0, {options.core})
    if options.kind == "http":
        serve_http(options.body)
    else:
        uvloop.run(serve_sockets(options.frame_bytes, options.port))


if __name__ == "__main__":
    main()
