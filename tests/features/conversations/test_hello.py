"""The first frame: whoever does not say hello is sent away, whoever said it in time is not, however busy the server."""

import asyncio
import json
import time

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.conftest import RunningServer


async def arrive(server: RunningServer) -> ClientConnection:
    corp = server.new_corp()
    headers = {"Authorization": f"Bearer {corp.token('xiaoming')}"}
    url = f"{server.url.replace('http', 'ws')}/realtime/staff"
    return await connect(url, additional_headers=headers, compression=None, proxy=None)


async def test_who_does_not_say_hello_is_sent_away(own_server: RunningServer) -> None:
    own_server.application.realtime.hello_within_s = 0.1
    quiet = await arrive(own_server)
    assert json.loads(await asyncio.wait_for(quiet.recv(), 5))["reason"] == "silent"
    with pytest.raises(ConnectionClosed):
        await asyncio.wait_for(quiet.recv(), 5)
    assert quiet.close_code == 4008


async def test_a_hello_that_came_in_time_counts_however_late_it_is_read(own_server: RunningServer) -> None:
    own_server.application.realtime.hello_within_s = 0.5
    early = await arrive(own_server)

    async def stand_still() -> None:
        time.sleep(1.0)  # noqa: ASYNC251  that is the point

    standing = asyncio.create_task(asyncio.to_thread(own_server.run, stand_still()))
    await asyncio.sleep(0.1)
    await early.send(json.dumps({"type": "hello", "cursor": None}))
    assert json.loads(await asyncio.wait_for(early.recv(), 5))["type"] == "welcome"
    await standing
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(early.recv(), 1.5)
    await early.close()
