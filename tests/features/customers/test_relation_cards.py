"""Whom a consumer talks to: the member's window, reached from a conversation."""

import httpx

from tests.conftest import Corp


def test_a_consumer_sees_the_window_of_whom_they_talk_to(corp: Corp) -> None:
    customer = corp.meet("xiaoming")
    card = customer.http.get(f"relations/{corp.corp_id}/xiaoming").json()
    assert card["window"]["name"] == "小明"
    assert card["window"]["badge"].startswith("@")
    assert card["window"]["status"] == "active"
    assert card["status"] == "active"
    assert card["code"] == corp.http("xiaoming").get("contact-ways/mine").json()["code"]


def test_the_window_says_that_the_member_left_and_the_relation_ended(corp: Corp) -> None:
    customer = corp.meet("xiaohong")
    customer.http.post(f"relations/{corp.corp_id}/xiaohong/end", json={})
    assert corp.http("laoban", "admin").post("members/xiaohong/depart").is_success
    card = customer.http.get(f"relations/{corp.corp_id}/xiaohong").json()
    assert card["window"]["status"] == "departed"
    assert card["status"] == "deleted_by_customer"


def test_nobody_sees_members_whom_they_never_met(corp: Corp, other_corp: Corp) -> None:
    customer = corp.meet("xiaoming")
    assert customer.http.get(f"relations/{corp.corp_id}/xiaohong").status_code == 404
    assert customer.http.get(f"relations/{other_corp.corp_id}/xiaoming").status_code == 404
    stranger = httpx.get(f"{corp.server.url}/api/consumer/relations/{corp.corp_id}/xiaoming", trust_env=False)
    assert stranger.status_code == 401
