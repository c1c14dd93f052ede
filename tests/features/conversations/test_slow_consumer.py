"""A client that does not read: its queue is bounded, nobody else waits, and it is told to catch up."""

import asyncio
import json

from websockets.asyncio.client import connect

from tests.conftest import Corp, RunningServer
from tests.features.conversations.test_sending import direct

MESSAGES = 1_800
TEXT = "很长的一段话" * 200


async def test_a_client_that_stops_reading_loses_its_queue_and_nobody_waits(server: RunningServer, corp: Corp) -> None:
    _, other, conversation_id = direct(corp)
    admin = corp.http("laoban", "admin")
    for policy in ("realtime.frames_per_s", "conversations.sends_per_minute"):
        assert admin.put(f"policies/{policy}", json={"value": 1_000_000}).status_code == 200
    headers = {"Authorization": f"Bearer {corp.token('xiaohong')}"}
    url = f"{server.url.replace('http', 'ws')}/realtime/staff"
    async with connect(
        url, additional_headers=headers, compression=None, max_queue=1, proxy=None, close_timeout=0.1
    ) as deaf:
        await deaf.send(json.dumps({"type": "hello", "cursor": None}))
        async with corp.socket("xiaoming") as writer, corp.socket("xiaohong") as witness:
            for start in range(0, MESSAGES, 50):
                numbers = range(start, start + 50)
                await asyncio.gather(*(writer.send(conversation_id, TEXT, f"client-id-{n:05}") for n in numbers))
            async with asyncio.timeout(10):
                while len(witness.frames) < MESSAGES:  # noqa: ASYNC110  frames come from another task
                    await asyncio.sleep(0.02)
            assert [frame["entry"]["seq"] for frame in witness.frames] == list(range(1, MESSAGES + 1))
        kinds: list[str] = []
        while "resync" not in kinds:
            kinds.append(json.loads(await asyncio.wait_for(deaf.recv(), 5))["type"])
        assert kinds.count("entry") < MESSAGES
    assert other.get(f"conversations/{conversation_id}").json()["last_seq"] == MESSAGES
