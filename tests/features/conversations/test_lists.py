"""Lists, unread and waiting, and keeping in step: old state plus what changed equals a fresh look."""

import time
from collections.abc import Callable

import httpx

from tests.conftest import Corp
from tests.features.conversations.test_sending import direct, send


def test_waiting_and_unread_are_two_things(corp: Corp) -> None:
    customer = corp.meet("xiaoming")
    guide = corp.http("xiaoming")
    send(customer.http, customer.conversation_id, "这双有 38 码吗？")
    waiting = guide.get("conversations", params={"segment": "waiting"}).json()
    assert [row["conversation_id"] for row in waiting["items"]] == [customer.conversation_id]
    assert waiting["counts"] == {"waiting": 1, "unread": 1}
    last = waiting["items"][0]["last_seq"]
    guide.post(f"conversations/{customer.conversation_id}/read", json={"seq": last})
    after_reading = guide.get("conversations", params={"segment": "waiting"}).json()
    assert after_reading["counts"] == {"waiting": 1, "unread": 0}
    send(guide, customer.conversation_id, "有的")
    assert guide.get("conversations", params={"segment": "waiting"}).json()["items"] == []


def test_done_ends_the_wait_without_an_answer(corp: Corp) -> None:
    customer = corp.meet("xiaoming")
    guide = corp.http("xiaoming")
    send(customer.http, customer.conversation_id, "谢谢！")
    done = guide.patch(f"conversations/{customer.conversation_id}", json={"waiting": False}).json()
    assert done["waiting_since"] is None
    assert guide.get("conversations", params={"segment": "waiting"}).json()["items"] == []


def test_the_consumer_does_not_see_the_wait(corp: Corp) -> None:
    customer = corp.meet("xiaoming")
    send(customer.http, customer.conversation_id, "在吗")
    seen = customer.http.get(f"conversations/{customer.conversation_id}").json()
    assert seen["waiting_since"] is None
    refused = customer.http.get("conversations", params={"segment": "waiting"})
    assert refused.status_code == 422


def test_marked_unread_is_a_flag_that_reading_clears(corp: Corp) -> None:
    one, other, conversation_id = direct(corp)
    send(one, conversation_id, "a")
    other.post(f"conversations/{conversation_id}/read", json={"seq": 1})
    marked = other.patch(f"conversations/{conversation_id}", json={"marked_unread": True}).json()
    assert (marked["marked_unread"], marked["read_seq"]) == (True, 1)
    listed = other.get("conversations", params={"segment": "unread"}).json()["items"]
    assert [row["conversation_id"] for row in listed] == [conversation_id]
    other.post(f"conversations/{conversation_id}/read", json={"seq": 1})
    assert other.get("conversations", params={"segment": "unread"}).json()["items"] == []


def test_pages_hold_every_conversation_once(corp: Corp) -> None:
    guide = corp.http("xiaoming")
    for number in range(7):
        corp.add_member(f"colleague{number}", f"同事{number}")
        opened = guide.post("conversations", json={"kind": "direct", "userid": f"colleague{number}"}).json()
        send(guide, opened["conversation_id"], str(number))
    seen: list[str] = []
    after = None
    while True:
        page = guide.get("conversations", params={"limit": 3} | ({"after": after} if after else {})).json()
        seen += [row["last"]["body"]["text"] for row in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert seen == [str(number) for number in range(6, -1, -1)]


def test_a_pinned_conversation_stays_on_top(corp: Corp) -> None:
    guide = corp.http("xiaoming")
    first = guide.post("conversations", json={"kind": "direct", "userid": "xiaohong"}).json()["conversation_id"]
    guide.patch(f"conversations/{first}", json={"pinned": True})
    second = guide.post("conversations", json={"kind": "direct", "userid": "laoban"}).json()["conversation_id"]
    send(guide, second, "newer")
    assert [row["conversation_id"] for row in guide.get("conversations").json()["items"]] == [first, second]


def test_sync_gives_what_changed_and_nothing_else(corp: Corp) -> None:
    one, other, conversation_id = direct(corp)
    cursor = other.get("sync").json()["cursor"]
    assert other.get("sync", params={"cursor": cursor}).json()["conversations"] == []
    send(one, conversation_id, "news")
    changed = other.get("sync", params={"cursor": cursor}).json()
    assert [row["last_seq"] for row in changed["conversations"]] == [1]
    fresh = other.get(f"conversations/{conversation_id}").json()
    assert changed["conversations"] == [fresh]
    assert other.get("sync", params={"cursor": changed["cursor"]}).json()["conversations"] == []


def test_a_cursor_of_another_epoch_starts_over(corp: Corp) -> None:
    guide = corp.http("xiaoming")
    cursor = guide.get("sync").json()["cursor"]
    answer = guide.get("sync", params={"cursor": f"another.{cursor.split('.')[1]}"}).json()
    assert answer["reset"] is True
    assert guide.get("sync", params={"cursor": "garbage"}).status_code == 422


def test_a_group_reaches_everyones_list(corp: Corp) -> None:
    one = corp.http("xiaoming")
    made = one.post("conversations", json={"kind": "group", "title": "南山店", "userids": ["xiaohong", "laoban"]})
    assert made.status_code == 200, made.text
    group = made.json()
    assert (group["kind"], group["people_count"], group["last"]["body"]["event"]) == ("group", 3, "group_created")
    send(one, group["conversation_id"], "今天新客目标 20")
    eventually(lambda: unread_in(corp.http("xiaohong"), group["conversation_id"]) == 1)


def unread_in(http: httpx.Client, conversation_id: str) -> int:
    found = [row for row in http.get("conversations").json()["items"] if row["conversation_id"] == conversation_id]
    return found[0]["count"] - found[0]["read_count"] if found else -1


def eventually(condition: Callable[[], bool], within_s: float = 30) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)


def test_a_group_with_strangers_is_refused(corp: Corp, other_corp: Corp) -> None:
    other_corp.add_member("onlythere", "外人")
    answer = corp.http("xiaoming").post(
        "conversations", json={"kind": "group", "title": "x", "userids": ["xiaohong", "onlythere"]}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_members")


def test_why_no_welcome_was_sent_is_the_corps_own_business(corp: Corp) -> None:
    customer = corp.meet("xiaoming")
    guide = corp.http("xiaoming")

    def skipped() -> bool:
        log = guide.get(f"conversations/{customer.conversation_id}/entries").json()["items"]
        return any((entry["body"] or {}).get("event") == "welcome_skipped" for entry in log)

    eventually(skipped)
    seen = customer.http.get(f"conversations/{customer.conversation_id}/entries").json()["items"]
    assert [entry["seq"] for entry in seen] == list(range(1, len(seen) + 1))
    assert all((entry["body"] or {}).get("event") != "welcome_skipped" for entry in seen)
    last = customer.http.get(f"conversations/{customer.conversation_id}").json()["last"]
    assert "welcome_skipped" not in str(last)


def test_a_remark_is_how_the_member_sees_the_customer(corp: Corp) -> None:
    customer = corp.meet("xiaoming", "王女士")
    guide = corp.http("xiaoming")
    cursor = guide.get("sync").json()["cursor"]
    external = next(row["id"] for row in guide.get("conversations").json()["items"][0]["people"] if row["id"][0] == "c")
    assert guide.patch(f"customers/{external[2:]}", json={"remark": "王姐 · 37 码"}).status_code == 200

    def named() -> bool:
        changed = guide.get("sync", params={"cursor": cursor}).json()["conversations"]
        return any(person["name"] == "王姐 · 37 码" for row in changed for person in row["people"])

    eventually(named)
    seen = customer.http.get(f"conversations/{customer.conversation_id}").json()["people"]
    assert "王姐 · 37 码" not in {person["name"] for person in seen}
