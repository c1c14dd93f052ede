"""Letting connections in: everybody in the end, a few at a time, nobody after closing."""

import asyncio
import socket

import pytest

from rapport.kernel.listening import AT_ONCE, Doors, listen

MANY = 60
PATIENCE_S = 30


class Guestbook:
    """Protocols that greet whoever comes in."""

    def __init__(self) -> None:
        self.came = 0

    def make(self) -> asyncio.Protocol:
        book = self

        class Greeting(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                assert isinstance(transport, asyncio.Transport)
                book.came += 1
                transport.write(b"hello")

        return Greeting()


def open_doors(book: Guestbook) -> tuple[Doors, int]:
    doors = Doors(listen("127.0.0.1", 0, backlog=MANY * 2), book.make, None)
    return doors, doors.sockets[0].getsockname()[1]


async def shake_hands(port: int) -> bytes:
    async with asyncio.timeout(PATIENCE_S):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        said = await reader.readexactly(5)
        writer.close()
        return said


async def test_everybody_comes_in() -> None:
    book = Guestbook()
    doors, port = open_doors(book)
    assert await asyncio.gather(*(shake_hands(port) for _ in range(MANY))) == [b"hello"] * MANY
    doors.close()
    await doors.wait_closed()
    with pytest.raises(ConnectionRefusedError):
        await shake_hands(port)


async def test_others_have_their_turns_between_newcomers() -> None:
    book, seen = Guestbook(), set[int]()
    doors, port = open_doors(book)
    waiting = [asyncio.create_task(shake_hands(port)) for _ in range(MANY)]
    while not all(task.done() for task in waiting):
        seen.add(book.came)
        await asyncio.sleep(0)
    steps = [after - before for before, after in zip(sorted(seen), sorted(seen)[1:], strict=False)]
    assert max(steps) <= 2 * AT_ONCE, "nobody waits for more than a few newcomers"
    doors.close()
    await doors.wait_closed()


def test_an_address_that_is_taken_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        listen("127.0.0.1", taken.getsockname()[1], backlog=1)
