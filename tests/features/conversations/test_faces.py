"""A member who changes, pauses or leaves: the pages of their customers learn of it at once, or with their next sync."""

import asyncio
from typing import Any

import pytest

from rapport.features.conversations.actions.faces import FaceShowing, show_part
from tests.conftest import Corp


def member_of(conversation: dict[str, Any]) -> dict[str, Any]:
    return next(person for person in conversation["people"] if person["id"].startswith("m:"))


@pytest.mark.parametrize(
    ("step", "field", "value"),
    [("depart", "departed", True), ("suspend", "suspended", True), ("", "name", "小明老师")],
)
async def test_an_open_page_of_a_customer_learns_at_once(corp: Corp, step: str, field: str, value: object) -> None:
    customer = corp.meet("xiaoming")
    admin = corp.http("laoban", "admin")
    async with customer.socket() as socket:
        await asyncio.to_thread(corp.server.settle)
        await socket.say({"type": "ping", "seqs": {}})
        await socket.expect("pong")
        socket.frames.clear()
        if step:
            await asyncio.to_thread(admin.post, f"members/xiaoming/{step}")
        else:
            await asyncio.to_thread(admin.patch, "members/xiaoming", json={"alias": value})
        frame = await socket.expect("conversation")
        assert frame["conversation"]["conversation_id"] == customer.conversation_id
        assert member_of(frame["conversation"])[field] == value


async def test_who_comes_back_serves_again(corp: Corp) -> None:
    customer = corp.meet("xiaoming")
    admin = corp.http("laoban", "admin")
    async with customer.socket() as socket:
        for step, suspended in (("suspend", True), ("restore", False)):
            await asyncio.to_thread(admin.post, f"members/xiaoming/{step}")
            while True:
                shown = member_of((await socket.expect("conversation"))["conversation"])
                if shown["suspended"] is suspended:
                    break


async def test_a_page_that_slept_learns_with_its_next_sync(corp: Corp) -> None:
    customer = corp.meet("xiaoming")
    cursor = customer.http.get("sync").json()["cursor"]
    await asyncio.to_thread(corp.http("laoban", "admin").post, "members/xiaoming/depart")
    async with asyncio.timeout(30):
        while True:
            changed = (await asyncio.to_thread(customer.http.get, "sync", params={"cursor": cursor})).json()
            if changed["conversations"]:
                break
            await asyncio.sleep(0.05)
    assert member_of(changed["conversations"][0])["departed"] is True


async def test_only_the_members_own_customers_are_told(corp: Corp, other_corp: Corp) -> None:
    """Not a colleague's, not those of somebody whose userid begins the same, not those of another corp."""
    corp.add_member("xiaomingming", "小明明")
    mine = corp.meet("xiaoming")
    others = [corp.meet("xiaohong"), corp.meet("xiaomingming"), other_corp.meet("xiaoming")]
    async with mine.socket() as socket:
        sockets = [one.socket() for one in others]
        for one in sockets:
            await one.connect()
        await asyncio.to_thread(corp.server.settle)
        for one in [socket, *sockets]:
            await one.say({"type": "ping", "seqs": {}})
            await one.expect("pong")
            one.frames.clear()
        await asyncio.to_thread(corp.http("laoban", "admin").post, "members/xiaoming/depart")
        await socket.expect("conversation")
        for one in sockets:
            await one.say({"type": "ping", "seqs": {}})
            await one.expect("pong")
            assert [frame["type"] for frame in one.frames if frame["type"] == "conversation"] == []
            await one.close()


async def test_many_customers_are_told_part_by_part(corp: Corp) -> None:
    customers = [corp.meet("xiaoming", f"顾客{place}") for place in range(3)]
    sockets = [customer.socket() for customer in customers]
    for one in sockets:
        await one.connect()
        one.frames.clear()
    first = FaceShowing("xiaoming", "m:xiaoming|c:")
    corp.server.write(lambda tx: show_part(tx, corp.corp_id, first, part=1))
    for one in sockets:
        await one.expect("conversation")
        await one.close()
