"""Accepting a code: one relation, one conversation, the right member, a clear answer whatever happens."""

import secrets
import threading
from collections.abc import Callable

import httpx
import pytest

from rapport.features.customers.actions.accepting import (
    Stranger,
    accept_as_stranger,
    accept_contact_way,
    get_guest,
)
from rapport.kernel.policy import PLATFORM, set_policy
from tests.conftest import Corp, RunningServer
from tests.features.customers.conftest import Phone, code_of, customers_of, make_code, sign_in

MINUTE, DAY = 60_000_000, 86_400_000_000
Phones = Callable[[], Phone]


def key() -> str:
    return secrets.token_urlsafe(24)


def depart(corp: Corp, userid: str) -> None:
    answer = corp.http("laoban", "admin").post(f"members/{userid}/depart")
    assert answer.status_code == 200, answer.text


def test_the_landing_page_says_who_answers_before_any_sign_in(corp: Corp, phone: Phone) -> None:
    code = make_code(corp, "xiaoming", "xiaohong")
    page = phone.look(code)
    assert page["status"] == "open"
    assert page["corp"]["corp_id"] == corp.corp_id
    assert page["window"]["userid"] == "xiaoming"
    assert page["window"]["badge"] == page["corp"]["badge"]
    assert [window["userid"] for window in page["windows"]] == ["xiaoming", "xiaohong"]
    assert (page["relation_status"], page["conversation_id"], page["skip_verify"]) == (None, None, True)
    assert not phone.http.cookies


def test_a_stranger_becomes_a_guest_with_a_session(corp: Corp, phone: Phone) -> None:
    code = make_code(corp, state="poster-01")
    answer = phone.accept(code, "王女士")
    assert answer.status_code == 200
    cookie = answer.headers["set-cookie"].lower()
    assert "rapport_consumer=" in cookie
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    met = answer.json()
    assert (met["corp_id"], met["userid"], met["status"], met["new"]) == (corp.corp_id, "xiaoming", "active", True)
    assert (met["consumer"]["nickname"], met["consumer"]["guest"]) == ("王女士", True)
    assert [one["corp_id"] for one in met["consumer"]["corps"]] == [corp.corp_id]
    assert phone.http.get("me").json()["consumer_id"] == met["consumer"]["consumer_id"]
    customer = corp.http("xiaoming").get("customers").json()["items"][0]
    assert (customer["name"], customer["add_way"], customer["state"], customer["code"]) == (
        "王女士",
        1,
        "poster-01",
        code,
    )
    assert customer["conversation_id"] == met["conversation_id"]
    assert customer["guest"] is True
    assert customer["external_userid"].startswith("wm")
    way = corp.http("laoban", "admin").get(f"contact-ways/{code}").json()
    assert way["accepted"] == 1


def test_the_conversation_begins_with_who_was_added(corp: Corp, phone: Phone) -> None:
    met = phone.met(make_code(corp))
    for http in (phone.http, corp.http("xiaoming")):
        entries = http.get(f"conversations/{met['conversation_id']}/entries").json()["items"]
        assert entries[0]["body"]["event"] == "customer_added"


def test_accepting_again_changes_nothing(corp: Corp, phone: Phone) -> None:
    code = make_code(corp, "xiaoming", "xiaohong")
    first = phone.met(code)
    again = phone.met(code, "somebody else")
    assert again == {**first, "new": False}
    assert len(customers_of(corp, "xiaoming")) == 1
    assert customers_of(corp, "xiaohong") == []
    assert len(phone.http.get("conversations").json()["items"]) == 1
    page = phone.look(code)
    assert (page["relation_status"], page["conversation_id"]) == ("active", first["conversation_id"])
    assert corp.http("laoban", "admin").get(f"contact-ways/{code}").json()["accepted"] == 1


def test_another_code_of_the_same_member_leads_to_the_same_conversation(corp: Corp, phone: Phone) -> None:
    first = phone.met(make_code(corp, "xiaoming"))
    again = phone.met(make_code(corp, "xiaohong", "xiaoming"))
    assert (again["userid"], again["conversation_id"], again["new"]) == ("xiaoming", first["conversation_id"], False)


def at_once(*calls: Callable[[], httpx.Response]) -> list[httpx.Response]:
    """Make calls from threads that start together."""
    answers: list[httpx.Response] = []
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], httpx.Response]) -> None:
        gate.wait()
        answers.append(call())

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_two_tabs_at_once_are_one_relation(corp: Corp, phone: Phone) -> None:
    phone.met(make_code(corp, "xiaohong"))
    code = make_code(corp)
    answers = at_once(*[lambda: phone.accept(code) for _ in range(8)])
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["conversation_id"] for answer in answers}) == 1
    assert [answer.json()["new"] for answer in answers].count(True) == 1
    assert len(customers_of(corp, "xiaoming")) == 1


def test_two_tabs_of_a_stranger_with_one_key_are_one_guest(corp: Corp, phones: Phones) -> None:
    code, shared = make_code(corp), key()
    tabs = [phones() for _ in range(6)]
    answers = at_once(*[lambda tab=tab: tab.accept(code, "王女士", shared) for tab in tabs])
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["consumer"]["consumer_id"] for answer in answers}) == 1
    assert len({answer.json()["conversation_id"] for answer in answers}) == 1
    assert len(customers_of(corp, "xiaoming")) == 1
    for tab in tabs:
        assert tab.http.get("me").status_code == 200


def test_a_lost_answer_is_given_again(corp: Corp, phones: Phones) -> None:
    code, kept = make_code(corp), key()
    lost = phones().accept(code, "王女士", kept).json()
    phone = phones()
    again = phone.accept(code, "王女士", kept).json()
    assert again["conversation_id"] == lost["conversation_id"]
    assert again["consumer"]["consumer_id"] == lost["consumer"]["consumer_id"]
    assert again["new"] is False
    assert phone.http.get("conversations").json()["items"][0]["conversation_id"] == lost["conversation_id"]
    somebody_else = phones().accept(code, "李先生", key()).json()
    assert somebody_else["consumer"]["consumer_id"] != lost["consumer"]["consumer_id"]


def test_the_two_steps_of_accepting_can_be_repeated_each(server: RunningServer, corp: Corp) -> None:
    """As where the platform's tables and the corp's are on different databases, and something breaks in between."""
    code = corp.http("xiaoming").get("contact-ways/mine").json()["code"]
    stranger = Stranger("王女士", "zh-CN", "phone", "pytest", "127.0.0.1", "a-key-that-nobody-guesses")
    guests = [server.write(lambda tx: get_guest(tx, code, stranger)) for _ in range(2)]
    assert len(set(guests)) == 1
    accepted = [server.write(lambda tx: accept_contact_way(tx, code, guests[0])) for _ in range(2)]
    assert [each.new for each in accepted] == [True, False]
    assert len({(each.external_userid, each.conversation_id) for each in accepted}) == 1
    again, _ = server.write(lambda tx: accept_as_stranger(tx, code, stranger))
    assert (again.conversation_id, again.new) == (accepted[0].conversation_id, False)


def test_a_strangers_key_must_not_be_guessable(corp: Corp, phone: Phone) -> None:
    code = make_code(corp)
    for weak in ("1", "x" * 21, "x" * 129):
        refused = phone.accept(code, "王女士", weak)
        assert code_of(refused) == (422, "invalid_input")
        assert refused.json()["fields"][0]["path"] == "Idempotency-Key"
    assert customers_of(corp, "xiaoming") == []


def test_a_key_gives_no_session_of_somebody_who_signed_in_since(corp: Corp, phones: Phones) -> None:
    code, kept, phone = make_code(corp), key(), phones()
    guest = phone.accept(code, "王女士", kept).json()["consumer"]["consumer_id"]
    sign_in(phone, "13800138001")
    thief = phones()
    answer = thief.accept(code, "x", kept).json()
    assert answer["consumer"]["consumer_id"] != guest
    assert answer["consumer"]["guest"] is True


def test_a_closed_code_says_so_and_makes_nobody(corp: Corp, phone: Phone) -> None:
    code = make_code(corp)
    corp.http("laoban", "admin").post(f"contact-ways/{code}/close")
    refused = phone.accept(code)
    assert code_of(refused) == (410, "contact_way_closed")
    assert refused.json()["errcode"] == 41044
    assert not phone.http.cookies
    assert phone.look(code)["status"] == "closed"
    assert customers_of(corp, "xiaoming") == []


def test_what_was_accepted_before_the_code_closed_stays(corp: Corp, phone: Phone) -> None:
    code = make_code(corp)
    met = phone.met(code)
    corp.http("laoban", "admin").post(f"contact-ways/{code}/close")
    assert phone.met(code) == {**met, "new": False}
    page = phone.look(code)
    assert (page["status"], page["conversation_id"]) == ("closed", met["conversation_id"])


def test_an_expired_code_says_so(own_server: RunningServer) -> None:
    corp = own_server.new_corp()
    code = make_code(corp, valid_until=own_server.clock.now() + 5 * MINUTE)
    early, late = Phone(own_server), Phone(own_server, "zh-CN")
    early.met(code)
    own_server.clock.advance(6 * MINUTE)
    assert late.look(code)["status"] == "expired"
    refused = late.accept(code)
    assert code_of(refused) == (410, "contact_way_expired")
    assert "过期" in refused.json()["detail"]
    assert early.accept(code).json()["new"] is False
    assert corp.http("xiaoming").get("contact-ways?status=expired").json()["items"][0]["code"] == code
    for phone in (early, late):
        phone.http.close()
    corp.close()


def test_an_unknown_code_is_not_found(phone: Phone) -> None:
    for code in ("0000000000000000", "a", "%00", "x" * 500):
        assert code_of(phone.http.get(f"contact-ways/{code}")) == (404, "not_found")
        assert code_of(phone.accept(code)) == (404, "not_found")
    assert not phone.http.cookies


def test_several_members_are_given_customers_in_turn(corp: Corp, phones: Phones) -> None:
    corp.add_member("xiaogang", "小刚")
    code = make_code(corp, "xiaoming", "xiaohong", "xiaogang")
    reached: list[str] = []
    for _ in range(7):
        phone = phones()
        expected = phone.look(code)["window"]["userid"]
        reached.append(phone.met(code)["userid"])
        assert reached[-1] == expected
    assert reached == [*["xiaoming", "xiaohong", "xiaogang"] * 2, "xiaoming"]


def test_a_newcomer_does_not_get_everybody(corp: Corp, phones: Phones) -> None:
    code = make_code(corp, "xiaoming", "xiaohong")
    for _ in range(4):
        phones().met(code)
    corp.add_member("xiaogang", "小刚")
    members = {"members": ["xiaoming", "xiaohong", "xiaogang"]}
    corp.http("laoban", "admin").patch(f"contact-ways/{code}", json=members)
    reached = [phones().met(code)["userid"] for _ in range(3)]
    assert sorted(reached) == ["xiaogang", "xiaohong", "xiaoming"]


def test_who_cannot_serve_is_passed_over(corp: Corp, phones: Phones) -> None:
    code = make_code(corp, "xiaoming", "xiaohong")
    depart(corp, "xiaoming")
    assert [phones().met(code)["userid"] for _ in range(2)] == ["xiaohong", "xiaohong"]
    depart(corp, "xiaohong")
    phone = phones()
    page = phone.look(code)
    assert (page["status"], page["windows"], page["window"]["status"]) == ("closed", [], "departed")
    assert code_of(phone.accept(code)) == (410, "nobody_serves")


def test_a_customer_of_somebody_who_left_is_given_to_another(corp: Corp, phone: Phone) -> None:
    code = make_code(corp, "xiaoming", "xiaohong")
    first = phone.met(code)
    depart(corp, first["userid"])
    second = phone.met(code)
    assert (second["userid"], second["new"]) == ("xiaohong", True)
    assert second["conversation_id"] != first["conversation_id"]


def test_an_exclusive_code_leads_to_the_member_one_has(corp: Corp, phones: Phones) -> None:
    own, shared = make_code(corp, "xiaohong"), make_code(corp, "xiaoming", exclusive=True)
    known, stranger = phones(), phones()
    first = known.met(own)
    assert known.look(shared)["window"]["userid"] == "xiaohong"
    again = known.met(shared)
    assert (again["userid"], again["conversation_id"], again["new"]) == ("xiaohong", first["conversation_id"], False)
    assert stranger.met(shared)["userid"] == "xiaoming"
    assert len(customers_of(corp, "xiaoming")) == 1


def test_exclusive_ends_with_the_corp(corp: Corp, other_corp: Corp, phone: Phone) -> None:
    phone.met(make_code(other_corp, "xiaohong"))
    assert phone.met(make_code(corp, "xiaoming", exclusive=True))["userid"] == "xiaoming"


def test_two_corps_know_a_consumer_by_different_ids(corp: Corp, other_corp: Corp, phone: Phone) -> None:
    for one in (corp, other_corp):
        phone.met(make_code(one))
    ids = [one.http("xiaoming").get("customers").json()["items"][0]["external_userid"] for one in (corp, other_corp)]
    assert ids[0] != ids[1]
    assert {one["corp_id"] for one in phone.http.get("me").json()["corps"]} == {corp.corp_id, other_corp.corp_id}


def test_a_full_member_is_passed_over_and_a_full_corp_refuses(corp: Corp, phones: Phones) -> None:
    set_for(corp, "customers.member_cap", 1)
    code = make_code(corp, "xiaoming", "xiaohong")
    first, second, phone = phones(), phones(), phones()
    assert (first.met(code)["userid"], second.met(code)["userid"]) == ("xiaoming", "xiaohong")
    refused = phone.accept(code)
    assert code_of(refused) == (409, "customers_full")
    assert refused.json()["errcode"] == 40099
    assert phone.look(code)["window"]["userid"] == "xiaoming"
    ended = first.http.post(f"relations/{corp.corp_id}/xiaoming/end", json={})
    assert ended.status_code == 200
    assert phone.met(code)["userid"] == "xiaoming"
    phone = phones()
    set_for(corp, "customers.member_cap", 10)
    set_for(corp, "customers.corp_cap", 2)
    assert code_of(phone.accept(code)) == (409, "customers_full")
    set_for(corp, "customers.corp_cap", 3)
    assert phone.met(code)["new"] is True


def set_for(corp: Corp, name: str, value: int) -> None:
    corp.server.write(lambda tx: set_policy(tx, corp.corp_id, name, value, "test"))


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b'{"nickname": 5, "device": ""}', "nickname"),
        ('{"nickname": "' + "长" * 41 + '"}', "nickname"),
        (b'{"nickname": "a\\u0000b"}', "nickname"),
        (b'{"nickname": "a\\u202eb"}', "nickname"),
        (b'{"device": "' + b"x" * 101 + b'"}', "device"),
        (b'{"colour": "red"}', ""),
        (b'{"nickname": "\xff"}', ""),
        (b"[]", ""),
        (b"{", ""),
        (b"", ""),
    ],
)
def test_wrong_input_makes_nobody(corp: Corp, phone: Phone, body: bytes | str, path: str) -> None:
    code = make_code(corp)
    refused = phone.http.post(f"contact-ways/{code}/accept", content=body)
    assert code_of(refused) == (422, "invalid_input"), refused.text
    assert refused.json()["fields"][0]["path"] == path
    assert not phone.http.cookies
    assert customers_of(corp, "xiaoming") == []


def test_names_of_every_script_are_taken(corp: Corp, phones: Phones) -> None:
    code = make_code(corp)
    names = ["👩‍👩‍👧‍👦 Familie", "محمد", "Zoë", "𠮷野家"]
    for name in names:
        phones().met(code, name)
    assert sorted(customers_of(corp, "xiaoming")) == sorted(names)


def test_who_gives_no_name_gets_one(corp: Corp, phones: Phones) -> None:
    code = make_code(corp)
    for name in (None, "", "   "):
        assert phones().met(code, name)["consumer"]["nickname"]


def test_a_browser_must_send_its_header_when_it_has_a_session(corp: Corp, phone: Phone) -> None:
    code = make_code(corp)
    phone.met(code)
    del phone.http.headers["X-Rapport"]
    assert code_of(phone.accept(code)) == (403, "missing_header")


def test_strangers_from_one_address_are_limited(own_server: RunningServer) -> None:
    own_server.write(lambda tx: set_policy(tx, PLATFORM, "customers.accepts_per_address_minute", 2, "test"))
    corp = own_server.new_corp()
    code = make_code(corp)
    visitors = [Phone(own_server) for _ in range(3)]
    answers = [visitor.accept(code) for visitor in visitors]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2].headers["retry-after"]) > 0
    assert visitors[0].accept(code).status_code == 200
    for visitor in visitors:
        visitor.http.close()
    corp.close()


@pytest.fixture
def signed_in(corp: Corp, phone: Phone) -> Phone:
    phone.met(make_code(corp))
    return phone


def test_a_signed_in_consumers_key_is_honoured(corp: Corp, signed_in: Phone) -> None:
    code = make_code(corp, "xiaohong")
    first = signed_in.accept(code, None, "short-is-fine").json()
    assert first["new"] is True
    assert signed_in.accept(code, None, "short-is-fine").json() == first
    other = make_code(corp, "xiaohong")
    assert code_of(signed_in.accept(other, None, "short-is-fine")) == (409, "idempotency_key_reused")
