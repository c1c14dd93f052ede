"""The wire under fire: whatever a client sends, the socket answers or closes.

It never breaks the server or another client.
"""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed

from rapport.client import Socket
from rapport.kernel.realtime.frames import client_frames
from tests.conftest import Corp, RunningServer

CHECKS = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=8,
)
fields = ["ref", "conversation_id", "client_id", "body", "seq", "target_seq", "seqs", "conversation_ids", "cursor"]
frames = st.fixed_dictionaries(
    {"type": st.sampled_from([*client_frames, "unknown", ""])},
    optional=dict.fromkeys(fields, values),
)
garbage = st.one_of(frames.map(json.dumps), st.text(max_size=200), st.binary(max_size=100))


@pytest.fixture(scope="module")
def people(server: RunningServer) -> Iterator[Corp]:
    """One corp for all examples."""
    made = server.new_corp()
    yield made
    made.close()


@settings(max_examples=60, deadline=None, suppress_health_check=CHECKS)
@given(st.lists(garbage, min_size=1, max_size=9))
def test_garbage_never_breaks_the_server(people: Corp, said: list[str | bytes]) -> None:
    asyncio.run(_say(people, said))


async def _say(people: Corp, said: list[str | bytes]) -> None:
    async with people.socket("xiaohong") as witness:
        socket: Socket = people.socket("xiaoming")
        await socket.connect()
        try:
            for text in said:
                await socket.say_raw(text)
        except ConnectionClosed:
            pass
        await witness.say({"type": "ping", "seqs": {}})
        await witness.expect("pong")
        await socket.close()
        _check_answers(socket.frames)


def _check_answers(answers: list[dict[str, Any]]) -> None:
    for frame in answers:
        if frame["type"] == "refused":
            assert frame["problem"]["status"] < 500, frame
            assert "Traceback" not in frame["problem"]["detail"]


async def test_a_frame_over_the_limit_closes_only_its_own_socket(people: Corp) -> None:
    async with people.socket("xiaohong") as witness, people.socket("xiaoming") as socket:
        await socket.say_raw("x" * (256 * 1024 + 1))
        assert await socket.closed() == 1009
        await witness.say({"type": "ping", "seqs": {}})
        await witness.expect("pong")


async def test_a_stranger_is_turned_away(server: RunningServer) -> None:
    stranger = Socket(server.url, "staff", token="nobody", cookie=None)
    with pytest.raises((ConnectionError, ConnectionClosed)):
        await stranger.connect()
    assert await stranger.closed() == 4401


async def test_a_foreign_page_cannot_connect(corp: Corp) -> None:
    socket = corp.socket("xiaoming")
    socket._headers["Origin"] = "https://evil.example"  # noqa: SLF001  what a browser would send
    with pytest.raises(Exception, match="403"):
        await socket.connect()


async def test_too_many_frames_are_slowed_down_not_lost(corp: Corp) -> None:
    async with corp.socket("xiaoming") as socket:
        for _ in range(80):
            await socket.say({"type": "ping", "seqs": {}})
        refused = await socket.expect("refused")
        assert refused["problem"]["code"] == "too_many_requests"
        await asyncio.sleep(1.1)
        await socket.say({"type": "ping", "seqs": {}})
        await socket.expect("pong")
