"""Who sees whether somebody has read: members by policy, consumers only when they choose."""

import httpx

from tests.conftest import Corp
from tests.features.conversations.test_lists import eventually
from tests.features.conversations.test_sending import direct, send


def test_a_consumers_receipts_are_off_until_chosen(corp: Corp) -> None:
    customer = corp.meet("xiaoming")
    guide = corp.http("xiaoming")
    seq = send(guide, customer.conversation_id, "新款到了").json()["seq"]
    customer.http.post(f"conversations/{customer.conversation_id}/read", json={"seq": seq})
    assert guide.get(f"conversations/{customer.conversation_id}").json()["reads"] == []
    assert customer.http.patch("me", json={"receipts": True}).json()["receipts"] is True
    eventually(lambda: shown_reads(guide, customer.conversation_id) == [seq])
    customer.http.patch("me", json={"receipts": False})
    eventually(lambda: shown_reads(guide, customer.conversation_id) == [])


def shown_reads(http: httpx.Client, conversation_id: str) -> list[int]:
    return [receipt["read_seq"] for receipt in http.get(f"conversations/{conversation_id}").json()["reads"]]


def test_a_policy_hides_receipts_between_members(corp: Corp) -> None:
    one, other, conversation_id = direct(corp)
    send(one, conversation_id, "在吗")
    other.post(f"conversations/{conversation_id}/read", json={"seq": 1})
    assert len(one.get(f"conversations/{conversation_id}").json()["reads"]) == 1
    admin = corp.http("laoban", "admin")
    set_off = admin.put("policies/conversations.receipts_between_members", json={"value": False})
    assert set_off.status_code == 200, set_off.text
    assert one.get(f"conversations/{conversation_id}").json()["reads"] == []


def changed_since(http: httpx.Client, cursor: str) -> dict[str, list[int]]:
    """Return how far others read in what changed since a cursor, by conversation."""
    answer = http.get("sync", params={"cursor": cursor}).json()
    return {
        found["conversation_id"]: [receipt["read_seq"] for receipt in found["reads"]]
        for found in answer["conversations"]
    }


def test_who_was_away_finds_a_receipt_by_their_cursor(corp: Corp) -> None:
    one, other, conversation_id = direct(corp)
    send(one, conversation_id, "在吗")
    cursor = one.get("sync").json()["cursor"]
    other.post(f"conversations/{conversation_id}/read", json={"seq": 1})
    assert changed_since(one, cursor) == {conversation_id: [1]}


def test_who_was_away_from_a_group_finds_receipts_by_their_cursor(corp: Corp) -> None:
    one, other = corp.http("xiaoming"), corp.http("xiaohong")
    made = one.post("conversations", json={"kind": "group", "title": "早会", "userids": ["xiaohong", "laoban"]}).json()
    conversation_id = made["conversation_id"]
    seq = send(one, conversation_id, "十点开会").json()["seq"]
    cursor = one.get("sync").json()["cursor"]
    other.post(f"conversations/{conversation_id}/read", json={"seq": seq})
    eventually(lambda: seq in changed_since(one, cursor).get(conversation_id, []))


def test_what_a_consumer_hides_or_shows_is_found_by_the_cursor_too(corp: Corp) -> None:
    customer = corp.meet("xiaoming")
    guide = corp.http("xiaoming")
    seq = send(guide, customer.conversation_id, "新款到了").json()["seq"]
    customer.http.patch("me", json={"receipts": True})
    eventually(lambda: len(shown_reads(guide, customer.conversation_id)) == 1)
    customer.http.post(f"conversations/{customer.conversation_id}/read", json={"seq": seq})
    cursor = guide.get("sync").json()["cursor"]
    customer.http.patch("me", json={"receipts": False})
    eventually(lambda: changed_since(guide, cursor) == {customer.conversation_id: []})


def test_an_answer_does_not_pass_for_having_read(corp: Corp) -> None:
    """What was written without connection arrives behind a message that its writer has not seen."""
    one, other, conversation_id = direct(corp)
    send(one, conversation_id, "还有货吗")
    send(other, conversation_id, "我在路上")
    seen = other.get(f"conversations/{conversation_id}").json()
    assert (seen["read_seq"], seen["count"] - seen["read_count"]) == (0, 1)
    assert shown_reads(one, conversation_id) == [0]
    read = other.post(f"conversations/{conversation_id}/read", json={"seq": 1}).json()
    assert read == {"read_seq": 1, "read_count": 2}
    assert other.get("conversations", params={"segment": "unread"}).json()["items"] == []
    assert shown_reads(one, conversation_id) == [1]
    send(other, conversation_id, "到店里了")
    assert other.get(f"conversations/{conversation_id}").json()["read_seq"] == 3


def test_what_others_wrote_after_ones_own_message_stays_unread(corp: Corp) -> None:
    one, other, conversation_id = direct(corp)
    send(one, conversation_id, "还有货吗")
    send(other, conversation_id, "我在路上")
    send(one, conversation_id, "不急")
    other.post(f"conversations/{conversation_id}/read", json={"seq": 1})
    seen = other.get(f"conversations/{conversation_id}").json()
    assert (seen["read_seq"], seen["count"] - seen["read_count"]) == (1, 1)


async def test_a_hidden_receipt_is_not_pushed(corp: Corp) -> None:
    customer = corp.meet("xiaoming")
    async with corp.socket("xiaoming") as guide, customer.socket() as consumer:
        ack = await guide.send(customer.conversation_id, "新款到了", "client-id-1")
        read = {"type": "read", "conversation_id": customer.conversation_id, "seq": ack["seq"]}
        assert (await consumer.ask(read))["read_seq"] == ack["seq"]
        await guide.say({"type": "ping", "seqs": {}})
        await guide.expect("pong")
        assert [frame for frame in guide.frames if frame["type"] == "read" and frame["person"].startswith("c:")] == []


async def test_a_consumer_who_meets_a_second_corp_hears_from_it_on_the_open_socket(
    corp: Corp, other_corp: Corp
) -> None:
    customer = corp.meet("xiaoming")
    code = other_corp.http("xiaoming").get("contact-ways/mine").json()["code"]
    async with customer.socket() as consumer:
        accepted = customer.http.post(f"contact-ways/{code}/accept", json={"device": "phone"}).json()
        send(other_corp.http("xiaoming"), accepted["conversation_id"], "欢迎来蓝湾")
        while True:
            frame = await consumer.expect("entry", conversation_id=accepted["conversation_id"])
            if frame["entry"]["kind"] == "text":
                break
        assert frame["entry"]["body"]["text"] == "欢迎来蓝湾"
