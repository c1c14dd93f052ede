"""Welcomes: sent once within three seconds by the first greeting that applies, or a reason that everybody can find."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from rapport.features.customers.actions.welcomes import issue_welcome, settle_welcome
from rapport.kernel.tx import Tx
from tests.conftest import Corp
from tests.features.customers.conftest import Phone, code_of, make_code, until, upload

Phones = Callable[[], Phone]


def text(words: str) -> dict[str, Any]:
    return {"greeting": [{"kind": "text", "text": words}]}


def settled(corp: Corp, count: int = 1) -> Any:  # noqa: ANN401  JSON
    """The corp's latest welcome once none is pending."""

    def look() -> Any:  # noqa: ANN401  JSON
        items = corp.http("laoban", "admin").get("welcomes").json()["items"]
        done = len(items) == count and all(item["status"] != "pending" for item in items)
        return items[0] if done else None

    return until(look)


def entries(http: httpx.Client, met: Any) -> list[Any]:  # noqa: ANN401  JSON
    return http.get(f"conversations/{met['conversation_id']}/entries").json()["items"]


def greeted(phone: Phone, met: Any) -> list[Any]:  # noqa: ANN401  JSON
    """The automatic messages that a consumer has got."""
    return [one for one in entries(phone.http, met) if one["automatic"] and one["kind"] != "system"]


def test_the_codes_greeting_comes_with_names_filled_in(corp: Corp, phone: Phone) -> None:
    words = "{customer}您好，我是{corp}的{member}。{unknown} {customer}"
    met = phone.met(make_code(corp, **text(words)), "王女士")
    record = settled(corp)
    assert (record["status"], record["reason"], record["member"], record["customer"]) == (
        "sent",
        None,
        "小明",
        "王女士",
    )
    assert record["userid"] == "xiaoming"
    short = corp.http("laoban").get("me").json()["corp"]["short_name"]
    (sent,) = greeted(phone, met)
    assert sent["body"]["text"] == f"王女士您好，我是{short}的小明。{{unknown}} 王女士"
    assert (sent["sender"], sent["automatic"]) == ("m:xiaoming", True)


def test_a_name_that_looks_like_a_placeholder_stays_a_name(corp: Corp, phone: Phone) -> None:
    met = phone.met(make_code(corp, **text("{customer}!")), "{member}")
    settled(corp)
    assert greeted(phone, met)[0]["body"]["text"] == "{member}!"


def test_the_code_goes_before_the_member_and_the_member_before_the_corp(corp: Corp, phones: Phones) -> None:
    plain, with_words = make_code(corp), make_code(corp, **text("code"))
    corp.http("laoban", "admin").put("greeting", json=text("corp"))
    heard: list[str] = []

    def meet(code: str) -> None:
        phone = phones()
        met = phone.met(code)
        settled(corp, len(heard) + 1)
        heard.append(greeted(phone, met)[0]["body"]["text"])

    meet(plain)
    corp.http("xiaoming").put("greeting", json=text("member"))
    meet(plain)
    meet(with_words)
    corp.http("xiaoming").put("greeting", json={"greeting": None})
    meet(plain)
    assert heard == ["corp", "member", "code", "corp"]


def test_text_picture_and_link_arrive_in_order(corp: Corp, phone: Phone) -> None:
    file_id = upload(corp.http("laoban", "admin"))
    parts = [
        {"kind": "text", "text": "hi"},
        {"kind": "image", "file_id": file_id},
        {
            "kind": "link",
            "url": "https://example.com/a",
            "title": "新品",
            "description": "春季",
            "image_file_id": file_id,
        },
    ]
    met = phone.met(make_code(corp, greeting=parts))
    assert settled(corp)["status"] == "sent"
    bodies = [one["body"] for one in greeted(phone, met)]
    assert [body["kind"] for body in bodies] == ["text", "image", "link"]
    assert (bodies[1]["width"], bodies[1]["height"]) == (40, 30)
    assert bodies[2]["title"] == "新品"
    assert phone.http.get(f"files/{file_id}").status_code == 200


def test_without_any_greeting_the_reason_is_shown(corp: Corp, phone: Phone) -> None:
    met = phone.met(make_code(corp))
    record = settled(corp)
    assert (record["status"], record["reason"]) == ("skipped", "no_greeting")
    assert greeted(phone, met) == []
    line = entries(corp.http("xiaoming"), met)[-1]
    assert (line["body"]["event"], line["body"]["params"]) == ("welcome_skipped", {"reason": "no_greeting"})


def test_accepting_again_greets_nobody_again(corp: Corp, phone: Phone) -> None:
    code = make_code(corp, **text("hello"))
    met = phone.met(code)
    record = settled(corp)
    phone.met(code)
    corp.server.write(lambda tx: settle_welcome(tx, corp.corp_id, record["welcome_id"]))
    assert settled(corp) == record
    assert len(greeted(phone, met)) == 1


def test_a_request_is_greeted_once_it_was_accepted(corp: Corp, phone: Phone) -> None:
    phone.met(make_code(corp, skip_verify=False, **text("hello")))
    admin, http = corp.http("laoban", "admin"), corp.http("xiaoming")
    assert admin.get("welcomes").json()["items"] == []
    customer = http.get("customers?status=requested").json()["items"][0]["external_userid"]
    accepted = http.post(f"customers/{customer}/accept").json()
    assert settled(corp)["status"] == "sent"
    assert greeted(phone, accepted)[0]["body"]["text"] == "hello"


def test_a_welcome_that_comes_too_late_is_not_sent(corp: Corp, phone: Phone) -> None:
    met = phone.met(make_code(corp, **text("hello")))
    settled(corp)
    customer = corp.http("xiaoming").get("customers").json()["items"][0]["external_userid"]

    def after_a_pause(tx: Tx) -> None:
        welcome_id = issue_welcome(tx, corp.corp_id, "xiaoming", customer, None)
        tx.now += 20_000_001
        settle_welcome(tx, corp.corp_id, welcome_id)

    corp.server.write(after_a_pause)
    record = settled(corp, 2)
    assert (record["status"], record["reason"]) == ("expired", "too_late")
    assert len(greeted(phone, met)) == 1
    assert entries(corp.http("xiaoming"), met)[-1]["body"]["params"] == {"reason": "too_late"}


def test_all_of_a_welcome_is_sent_or_nothing(corp: Corp, phone: Phone) -> None:
    long_text = "x" * 3999 + "{customer}"
    refused = corp.http("xiaoming").put("greeting", json=text(long_text))
    assert code_of(refused) == (422, "invalid_input")
    almost = "x" * 3985 + "{customer}"
    parts = [{"kind": "link", "url": "https://example.com", "title": "t"}, {"kind": "text", "text": almost}]
    met = phone.met(make_code(corp, greeting=parts), "名" * 20)
    record = settled(corp)
    assert (record["status"], record["reason"]) == ("skipped", "text_too_long")
    assert greeted(phone, met) == []


def test_a_relation_that_ended_at_once_is_not_greeted(corp: Corp, phone: Phone) -> None:
    phone.met(make_code(corp, **text("hello")))
    settled(corp)
    phone.http.post(f"relations/{corp.corp_id}/xiaoming/end", json={})
    customer = corp.http("xiaoming").get("customers?status=deleted_by_customer").json()["items"][0]["external_userid"]

    def again(tx: Tx) -> None:
        settle_welcome(tx, corp.corp_id, issue_welcome(tx, corp.corp_id, "xiaoming", customer, None))

    corp.server.write(again)
    record = settled(corp, 2)
    assert (record["status"], record["reason"]) == ("skipped", "relation_ended")


def test_the_log_pages_and_stays_inside_the_corp(corp: Corp, other_corp: Corp, phones: Phones) -> None:
    code = make_code(corp)
    for place in range(3):
        phones().met(code, f"n{place}")
    settled(corp, 3)
    http = corp.http("laoban", "admin")
    first = http.get("welcomes?limit=2").json()
    second = http.get("welcomes", params={"limit": 2, "after": first["next"]}).json()
    assert [item["customer"] for item in first["items"] + second["items"]] == ["n2", "n1", "n0"]
    assert second["next"] is None
    assert other_corp.http("laoban", "admin").get("welcomes").json()["items"] == []
    assert code_of(http.get("welcomes?after=torn")) == (422, "invalid_input")
    with httpx.Client(base_url=corp.server.url, trust_env=False) as nobody:
        assert code_of(nobody.get("/api/admin/welcomes")) == (401, "not_signed_in")


def test_greetings_are_kept_apart(corp: Corp, other_corp: Corp) -> None:
    http = corp.http("xiaoming")
    assert http.get("greeting").json() == {"greeting": None}
    assert http.put("greeting", json=text("mine")).json() == http.get("greeting").json() == text("mine")
    admin = corp.http("laoban", "admin")
    assert admin.put("greeting", json=text("ours")).json() == admin.get("greeting").json() == text("ours")
    assert corp.http("xiaohong").get("greeting").json() == {"greeting": None}
    assert other_corp.http("laoban", "admin").get("greeting").json() == {"greeting": None}
    assert http.get("greeting").json() == text("mine")


@pytest.mark.parametrize("body", [{}, {"greeting": []}, {"greeting": "hi"}, {"greeting": [{"kind": "text"}]}, {"x": 1}])
def test_wrong_greetings_change_nothing(corp: Corp, body: dict[str, object]) -> None:
    for http in (corp.http("xiaoming"), corp.http("laoban", "admin")):
        http.put("greeting", json=text("stays"))
        assert code_of(http.put("greeting", json=body)) == (422, "invalid_input")
        assert http.get("greeting").json() == text("stays")


def test_greetings_need_a_session_of_the_surface(corp: Corp) -> None:
    headers = {"Authorization": f"Bearer {corp.token('xiaoming')}"}
    with httpx.Client(base_url=corp.server.url, trust_env=False) as http:
        for path, sent in (("staff", {}), ("admin", {}), ("admin", headers)):
            assert code_of(http.get(f"/api/{path}/greeting", headers=sent)) == (401, "not_signed_in")
            put = http.put(f"/api/{path}/greeting", headers=sent, json={"greeting": None})
            assert code_of(put) == (401, "not_signed_in")
