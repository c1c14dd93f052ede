"""Sending and recalling, through HTTP and the socket.

One result per client_id, dense numbers, refusals that change nothing.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from rapport.client import Refused
from rapport.client.http import new_client_id
from tests.conftest import Corp, RunningServer


def send(http: httpx.Client, conversation_id: str, text: str, client_id: str | None = None) -> httpx.Response:
    body = {"client_id": client_id or new_client_id(), "body": {"kind": "text", "text": text}}
    return http.post(f"conversations/{conversation_id}/entries", json=body)


def entries(http: httpx.Client, conversation_id: str) -> list[dict[str, Any]]:
    return http.get(f"conversations/{conversation_id}/entries", params={"limit": 200}).json()["items"]


def direct(corp: Corp, one: str = "xiaoming", other: str = "xiaohong") -> tuple[httpx.Client, httpx.Client, str]:
    http = corp.http(one)
    answer = http.post("conversations", json={"kind": "direct", "userid": other})
    assert answer.status_code == 200, answer.text
    return http, corp.http(other), answer.json()["conversation_id"]


def test_a_message_reaches_the_colleague(corp: Corp) -> None:
    one, other, conversation_id = direct(corp)
    sent = send(one, conversation_id, "你好 👋 שלום")
    assert sent.status_code == 200
    assert sent.json()["seq"] == 1
    assert [entry["body"]["text"] for entry in entries(other, conversation_id)] == ["你好 👋 שלום"]
    listed = other.get("conversations").json()["items"][0]
    assert listed["count"] - listed["read_count"] == 1
    assert listed["last"]["body"]["text"] == "你好 👋 שלום"


def test_the_same_conversation_is_opened_from_both_sides(corp: Corp) -> None:
    _, other, conversation_id = direct(corp)
    again = other.post("conversations", json={"kind": "direct", "userid": "xiaoming"}).json()
    assert again["conversation_id"] == conversation_id


def test_a_repeat_returns_the_first_result(corp: Corp) -> None:
    one, _, conversation_id = direct(corp)
    first = send(one, conversation_id, "一次", "same-client-id").json()
    repeat = send(one, conversation_id, "两次", "same-client-id").json()
    assert repeat == {**first, "duplicate": True}
    assert len(entries(one, conversation_id)) == 1


def test_fifty_parallel_repeats_are_one_entry(corp: Corp) -> None:
    one, _, conversation_id = direct(corp)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: send(one, conversation_id, "点了很多次", "tapped-often").json(), range(50)))
    assert {answer["seq"] for answer in answers} == {1}
    assert sum(not answer["duplicate"] for answer in answers) == 1
    assert len(entries(one, conversation_id)) == 1


def test_numbers_are_dense_under_concurrency(corp: Corp) -> None:
    one, other, conversation_id = direct(corp)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: send((one, other)[n % 2], conversation_id, str(n)), range(60)))
    log = entries(one, conversation_id)
    assert [entry["seq"] for entry in log] == list(range(1, 61))
    assert [entry["count"] for entry in log] == list(range(1, 61))


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"kind": "text", "text": ""}, 422, "invalid_input"),
        ({"kind": "text", "text": "  \n "}, 422, "text_empty"),
        ({"kind": "text", "text": "字" * 1334}, 422, "text_too_long"),
        ({"kind": "text", "text": "a\u0000b"}, 422, "text_not_allowed"),
        ({"kind": "text", "text": 5}, 422, "invalid_input"),
        ({"kind": "text"}, 422, "invalid_input"),
        ({"kind": "text", "text": "a", "colour": "red"}, 422, "invalid_input"),
        ({"kind": "poem", "text": "a"}, 422, "invalid_input"),
        ({"kind": "system", "event": "customer_added", "params": {}}, 422, "invalid_input"),
        ({"kind": "link", "url": "javascript:alert(1)", "title": "x"}, 422, "invalid_input"),
        ({"kind": "image", "file_id": "unknown"}, 422, "file_not_attachable"),
    ],
)
def test_a_wrong_body_is_refused_and_changes_nothing(corp: Corp, body: dict[str, Any], status: int, code: str) -> None:
    one, _, conversation_id = direct(corp)
    answer = one.post(f"conversations/{conversation_id}/entries", json={"client_id": new_client_id(), "body": body})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert entries(one, conversation_id) == []


def test_a_refusal_speaks_the_callers_language(corp: Corp) -> None:
    one, _, conversation_id = direct(corp)
    body = {"client_id": new_client_id(), "body": {"kind": "text"}}
    for language, words in (("zh-CN", "缺少字段 text"), ("en", "the field text is missing")):
        answer = one.post(f"conversations/{conversation_id}/entries", json=body, headers={"Accept-Language": language})
        assert words in answer.json()["detail"]


def test_strangers_and_other_corps_find_nothing(corp: Corp, other_corp: Corp) -> None:
    _, _, conversation_id = direct(corp)
    for stranger in (corp.http("laoban"), other_corp.http("xiaoming")):
        assert stranger.get(f"conversations/{conversation_id}").status_code == 404
        assert stranger.get(f"conversations/{conversation_id}/entries").status_code == 404
        assert send(stranger, conversation_id, "hi").status_code == 404
        read = stranger.post(f"conversations/{conversation_id}/read", json={"seq": 1})
        assert read.status_code == 404
        recall = stranger.post(f"conversations/{conversation_id}/entries/1/recall", json={"client_id": "c" * 10})
        assert recall.status_code == 404


def test_without_signing_in_there_is_nothing(server: RunningServer, corp: Corp) -> None:
    _, _, conversation_id = direct(corp)
    answer = httpx.get(f"{server.url}/api/staff/conversations/{conversation_id}", trust_env=False)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


def test_a_recall_erases_the_text_everywhere(corp: Corp) -> None:
    one, other, conversation_id = direct(corp)
    send(one, conversation_id, "写错了的秘密")
    recall = one.post(f"conversations/{conversation_id}/entries/1/recall", json={"client_id": new_client_id()})
    assert recall.status_code == 200
    assert recall.json()["seq"] == 2
    for side in (one, other):
        log = side.get(f"conversations/{conversation_id}/entries")
        assert "秘密" not in log.text
        stub, entry = log.json()["items"]
        assert (stub["kind"], stub["body"]) == ("text", None)
        assert (entry["kind"], entry["target_seq"]) == ("recall", 1)
        assert "秘密" not in side.get("conversations").text
    again = one.post(f"conversations/{conversation_id}/entries/1/recall", json={"client_id": new_client_id()})
    assert again.json()["duplicate"] is True


def test_only_ones_own_message_can_be_recalled(corp: Corp) -> None:
    one, other, conversation_id = direct(corp)
    send(one, conversation_id, "我的")
    answer = other.post(f"conversations/{conversation_id}/entries/1/recall", json={"client_id": new_client_id()})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_your_message")
    recall = one.post(f"conversations/{conversation_id}/entries/1/recall", json={"client_id": new_client_id()})
    assert recall.status_code == 200
    twice = one.post(f"conversations/{conversation_id}/entries/2/recall", json={"client_id": new_client_id()})
    assert (twice.status_code, twice.json()["code"]) == (409, "nothing_to_recall")


def test_the_recall_window_is_shorter_towards_customers(own_server: RunningServer) -> None:
    corp = own_server.new_corp()
    customer = corp.meet("xiaoming")
    guide, colleague = corp.http("xiaoming"), corp.http("xiaohong")
    internal = guide.post("conversations", json={"kind": "direct", "userid": "xiaohong"}).json()["conversation_id"]
    outward = send(guide, customer.conversation_id, "对外").json()["seq"]
    send(guide, internal, "对内")
    own_server.clock.advance(121_000_000)
    late = guide.post(
        f"conversations/{customer.conversation_id}/entries/{outward}/recall", json={"client_id": new_client_id()}
    )
    assert (late.status_code, late.json()["code"]) == (409, "recall_too_late")
    in_time = guide.post(f"conversations/{internal}/entries/1/recall", json={"client_id": new_client_id()})
    assert in_time.status_code == 200
    assert "对内" not in colleague.get(f"conversations/{internal}/entries").text
    corp.close()


def test_reading_moves_forward_only(corp: Corp) -> None:
    one, other, conversation_id = direct(corp)
    for text in "abc":
        send(one, conversation_id, text)
    assert other.post(f"conversations/{conversation_id}/read", json={"seq": 2}).json() == {
        "read_seq": 2,
        "read_count": 2,
    }
    assert other.post(f"conversations/{conversation_id}/read", json={"seq": 1}).json()["read_seq"] == 2
    assert other.post(f"conversations/{conversation_id}/read", json={"seq": 99}).json()["read_seq"] == 3
    seen = one.get(f"conversations/{conversation_id}").json()["reads"]
    assert seen == [{"person": "m:xiaohong", "read_seq": 3}]


async def test_the_socket_pushes_in_order_and_acknowledges(corp: Corp) -> None:
    _, _, conversation_id = direct(corp)
    async with corp.socket("xiaoming") as one, corp.socket("xiaohong") as other:
        acks = await asyncio.gather(*(one.send(conversation_id, f"第 {n} 条", f"client-id-{n:03}") for n in range(30)))
        assert [ack["seq"] for ack in acks] == list(range(1, 31))
        got = [await other.expect("entry") for _ in range(30)]
        assert [frame["entry"]["seq"] for frame in got] == list(range(1, 31))
        assert [frame["entry"]["body"]["text"] for frame in got] == [f"第 {n} 条" for n in range(30)]
        own = await one.expect("entry")
        assert own["entry"]["client_id"] == "client-id-000"


async def test_reads_typing_and_recalls_are_pushed(corp: Corp) -> None:
    _, _, conversation_id = direct(corp)
    async with corp.socket("xiaoming") as one, corp.socket("xiaohong") as other:
        await one.say({"type": "watch", "conversation_ids": [conversation_id]})
        await one.send(conversation_id, "在吗", "client-id-1")
        done = await other.ask({"type": "read", "conversation_id": conversation_id, "seq": 1})
        assert done["read_seq"] == 1
        assert (await one.expect("read", person="m:xiaohong"))["read_seq"] == 1
        await other.say({"type": "typing", "conversation_id": conversation_id})
        assert (await one.expect("typing"))["person"] == "m:xiaohong"
        recall = {"type": "recall", "conversation_id": conversation_id, "client_id": "client-id-2", "target_seq": 1}
        assert (await one.ask(recall))["seq"] == 2
        await other.expect("entry")
        assert (await other.expect("entry"))["entry"]["kind"] == "recall"


async def test_the_heartbeat_finds_silent_loss(corp: Corp) -> None:
    _, _, conversation_id = direct(corp)
    async with corp.socket("xiaoming") as one, corp.socket("xiaohong") as other:
        await one.send(conversation_id, "a", "client-id-1")
        await other.say({"type": "ping", "seqs": {conversation_id: 0}})
        assert (await other.expect("pong"))["stale"] == {conversation_id: 1}
        await other.say({"type": "ping", "seqs": {conversation_id: 1}})
        assert (await other.expect("pong"))["stale"] == {}


async def test_a_refused_frame_names_its_ref(corp: Corp, other_corp: Corp) -> None:
    _, _, conversation_id = direct(corp)
    async with other_corp.socket("xiaoming") as stranger:
        with pytest.raises(Refused) as caught:
            await stranger.send(conversation_id, "hi", "client-id-1")
        assert caught.value.code == "not_found"
        with pytest.raises(Refused) as caught:
            await stranger.ask({"type": "send", "conversation_id": conversation_id, "client_id": "x", "body": {}})
        assert caught.value.code == "invalid_input"


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        "{",
        "[" * 50_000,
        "[]",
        "null",
        '{"type":"nonsense"}',
        '{"type":"send"}',
        "\x00",
        '{"type":"hello","cursor":5}',
    ],
)
async def test_garbage_is_refused_and_the_socket_lives(corp: Corp, garbage: str) -> None:
    async with corp.socket("xiaoming") as one:
        await one.say_raw(garbage)
        assert (await one.expect("refused"))["problem"]["code"] == "invalid_input"
        await one.say({"type": "ping", "seqs": {}})
        await one.expect("pong")


async def test_garbage_without_end_is_shown_the_door(corp: Corp) -> None:
    async with corp.socket("xiaoming") as one:
        for _ in range(10):
            await one.say_raw("garbage")
        assert (await one.expect("bye"))["reason"] == "garbage"
        assert await one.closed() == 1008


async def test_a_revoked_session_loses_its_socket_at_once(corp: Corp) -> None:
    async with corp.socket("xiaoming") as one:
        http = corp.http("xiaoming")
        found = next(row for row in http.get("sessions").json()["items"] if not row["current"])
        assert http.delete(f"sessions/{found['session_id']}").status_code in {200, 204}
        assert await one.closed(5) == 4401
