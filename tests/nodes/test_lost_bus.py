"""The bus is a doorbell and a queue, never the truth: without it everything is slower, and nothing is lost."""

import asyncio
import itertools
from collections.abc import Callable

import httpx
import nats
import pytest
from nats.js.errors import NotFoundError

from tests.conftest import NO_TLS, RunningServer
from tests.nodes.conftest import Nodes, arrival, member_socket, says
from tests.services import Nats, running_nats

pytestmark = pytest.mark.postgresql


async def ask_for_code(node: RunningServer, phone: str) -> None:
    """Ask for a one-time code, whose delivery is work for a worker, and wait until it was delivered."""
    async with httpx.AsyncClient(
        base_url=node.url, headers={"X-Rapport": "1"}, trust_env=False, verify=NO_TLS, timeout=20
    ) as http:
        (await http.post("/api/consumer/codes", json={"phone": phone})).raise_for_status()
        async with asyncio.timeout(30):
            while True:
                if (await http.get("/api/public/demo/codes", params={"phone": phone})).json()["items"]:
                    return
                await asyncio.sleep(0.05)


async def test_without_the_broker_and_with_an_empty_one(opened: Callable[[str | None], Nodes]) -> None:
    with running_nats() as broker:
        nodes = opened(broker.url)
        api, far = nodes.start("api"), nodes.start("realtime")
        nodes.start("worker")
        corp = nodes.new_corp()
        customer = corp.meet("xiaoming")

        def write(text: str, client_id: str) -> None:
            said = {"client_id": client_id, "body": {"kind": "text", "text": text}}
            customer.http.post(f"conversations/{customer.conversation_id}/entries", json=said).raise_for_status()

        async with member_socket(corp, "xiaoming", far) as guide:
            write("a", "client-a")
            await arrival(guide, "entry", says("a"))
            await ask_for_code(api, "13900139001")
            assert await offers(broker), "the delivery went through the queue"

            broker.kill()
            write("b", "client-b")
            await arrival(guide, "entry", says("b"))
            await ask_for_code(api, "13900139002")

            broker.wipe()
            write("c", "client-c")
            broker.start()
            write("d", "client-d")
            await arrival(guide, "entry", says("d"))
            await ask_for_code(api, "13900139003")
            entries = [frame["entry"] for frame in guide.frames if frame["type"] == "entry"]
            assert [entry["body"]["text"] for entry in entries if entry["kind"] == "text"] == ["a", "b", "c", "d"]
            async with asyncio.timeout(30):
                for number in itertools.count(4):
                    await ask_for_code(api, f"139001390{number:02}")
                    if await offers(broker):
                        break


async def offers(broker: Nats) -> int:
    """Return how many jobs were ever offered through the queue."""
    connection = await nats.connect(broker.url)
    try:
        return (await connection.jetstream().stream_info("RAPPORT_JOBS")).state.last_seq
    except NotFoundError:
        return 0
    finally:
        await connection.close()
