"""Consumers: one-time codes, guests who become known, and what they say about themselves."""

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from rapport.features.identity.tables import one_time_code
from rapport.kernel.clock import DAY, MINUTE, SECOND
from rapport.kernel.keys import open_keys
from rapport.kernel.statements import query
from tests.conftest import Corp, RunningServer
from tests.features.identity.conftest import Visit
from tests.features.identity.steps import code_for, newest_code, problem


def signed_in(server: RunningServer, visit: Visit, phone: str, nickname: str | None = None) -> httpx.Client:
    browser = visit(server, "consumer")
    code = code_for(server, browser, phone)
    answer = browser.post("sign-in", json={"phone": phone, "code": code, "nickname": nickname, "device": "phone"})
    assert answer.status_code == 200, answer.text
    return browser


def test_a_phone_and_its_code_sign_in(server: RunningServer, visit: Visit) -> None:
    browser = visit(server, "consumer")
    asked = browser.post("codes", json={"phone": "138 0013 8000"})
    assert asked.status_code == 202
    assert asked.json() == {"resend_after_s": 60, "expires_in_s": 300}
    code = newest_code(server, "+8613800138000", known=0)
    assert len(code) == 6
    answer = browser.post(
        "sign-in", json={"phone": "13800138000", "code": code, "nickname": "王女士 🌸", "device": "x"}
    )
    assert answer.status_code == 200
    me = browser.get("me").json()
    assert me == answer.json()
    assert (me["nickname"], me["phone"], me["guest"], me["corps"]) == ("王女士 🌸", "138****8000", False, [])
    again = browser.post("sign-in", json={"phone": "13800138000", "code": code, "device": "x"})
    assert problem(again) == (401, "wrong_code")


def test_the_same_phone_is_the_same_consumer(own_server: RunningServer, visit: Visit) -> None:
    first = signed_in(own_server, visit, "13800138001", "王女士").get("me").json()
    own_server.clock.advance(2 * MINUTE)
    browser = visit(own_server, "consumer")
    browser.post("codes", json={"phone": "13800138001"})
    code = newest_code(own_server, "13800138001", known=1)
    second = browser.post("sign-in", json={"phone": "13800138001", "code": code, "nickname": "别的名字"}).json()
    assert second["consumer_id"] == first["consumer_id"]
    assert second["nickname"] == "王女士"
    assert second["session_id"] != first["session_id"]


def test_asking_again_at_once_is_refused_whoever_asks(server: RunningServer, visit: Visit) -> None:
    known = signed_in(server, visit, "13800138002")
    for browser in (known, visit(server, "consumer")):
        answer = browser.post("codes", json={"phone": "13800138002"})
        assert problem(answer) == (429, "code_too_soon")
        assert 0 < int(answer.headers["retry-after"]) <= 60


def test_a_code_dies_after_five_wrong_tries(server: RunningServer, visit: Visit) -> None:
    browser = visit(server, "consumer")
    code = code_for(server, browser, "13800138003")
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(5):
        assert problem(browser.post("sign-in", json={"phone": "13800138003", "code": wrong})) == (401, "wrong_code")
    assert problem(browser.post("sign-in", json={"phone": "13800138003", "code": code})) == (401, "wrong_code")


def test_a_code_grows_old_and_a_newer_one_replaces_it(own_server: RunningServer, visit: Visit) -> None:
    browser = visit(own_server, "consumer")
    old = code_for(own_server, browser, "13800138004")
    own_server.clock.advance(61 * SECOND)
    assert browser.post("codes", json={"phone": "13800138004"}).status_code == 202
    new = newest_code(own_server, "13800138004", known=1)
    if old != new:
        assert problem(browser.post("sign-in", json={"phone": "13800138004", "code": old})) == (401, "wrong_code")
    own_server.clock.advance(6 * MINUTE)
    assert problem(browser.post("sign-in", json={"phone": "13800138004", "code": new})) == (401, "wrong_code")


def test_a_phone_gets_ten_codes_a_day(own_server: RunningServer, visit: Visit) -> None:
    browser = visit(own_server, "consumer")
    for _ in range(10):
        assert browser.post("codes", json={"phone": "13800138005"}).status_code == 202
        own_server.clock.advance(MINUTE + SECOND)
    assert problem(browser.post("codes", json={"phone": "13800138005"})) == (429, "too_many_codes")
    own_server.clock.advance(DAY)
    assert browser.post("codes", json={"phone": "13800138005"}).status_code == 202


@pytest.mark.parametrize("phone", ["", "12", "not a phone", "+86138001380001", "１" * 40])
def test_what_is_no_phone_is_said_to_be_none(server: RunningServer, visit: Visit, phone: str) -> None:
    browser = visit(server, "consumer")
    for path, body in (("codes", {"phone": phone}), ("sign-in", {"phone": phone, "code": "123456"})):
        answer = browser.post(path, json=body)
        assert problem(answer) == (422, "invalid_input")
        assert answer.json()["fields"][0]["path"] == "phone"
    inbox = browser.get(f"{server.url}/api/public/demo/codes", params={"phone": phone})
    assert problem(inbox) == (422, "invalid_input")


def test_phones_of_other_countries_are_taken_with_their_code(server: RunningServer, visit: Visit) -> None:
    assert signed_in(server, visit, "+852 6123 4567").get("me").json()["phone"].endswith("4567")


def test_a_guest_with_a_new_phone_stays_the_same_person(server: RunningServer, corp: Corp, visit: Visit) -> None:
    guest = corp.meet("xiaoming")
    before = guest.http.get("me").json()
    assert before["guest"]
    old_cookie = guest.http.cookies["rapport_consumer"]
    code = code_for(server, guest.http, "13800138006")
    me = guest.http.post("sign-in", json={"phone": "13800138006", "code": code, "device": "phone"}).json()
    assert (me["consumer_id"], me["guest"], me["phone"]) == (before["consumer_id"], False, "138****8006")
    assert me["session_id"] == before["session_id"]
    assert guest.http.get("me").status_code == 200
    stale = visit(server, "consumer")
    stale.cookies.set("rapport_consumer", old_cookie)
    assert problem(stale.get("me")) == (401, "not_signed_in")


def test_a_guest_who_turns_out_to_be_known_is_merged(own_server: RunningServer, visit: Visit) -> None:
    corp, other = own_server.new_corp(), own_server.new_corp("蓝湾")
    known = corp.meet("xiaoming", "王女士")
    code = code_for(own_server, known.http, "13800138007")
    me = known.http.post("sign-in", json={"phone": "13800138007", "code": code}).json()
    own_server.clock.advance(2 * MINUTE)
    guest = other.meet("xiaohong", "游客")
    guest_cookie = guest.http.cookies["rapport_consumer"]
    guest.http.post("codes", json={"phone": "13800138007"})
    code = newest_code(own_server, "13800138007", known=1)
    merged = guest.http.post("sign-in", json={"phone": "13800138007", "code": code}).json()
    assert merged["consumer_id"] == me["consumer_id"] != guest.consumer_id
    assert {one["corp_id"] for one in merged["corps"]} == {corp.corp_id, other.corp_id}
    assert guest.http.get("me").json()["consumer_id"] == me["consumer_id"]
    stale = visit(own_server, "consumer")
    stale.cookies.set("rapport_consumer", guest_cookie)
    assert problem(stale.get("me")) == (401, "not_signed_in")
    for made in (corp, other):
        made.close()


def test_a_consumer_changes_what_is_said_of_them(server: RunningServer, visit: Visit) -> None:
    browser = signed_in(server, visit, "13800138008", "王女士")
    changed = browser.patch("me", json={"nickname": " محمد 👨‍👩‍👧 ", "locale": "en", "receipts": True}).json()
    assert (changed["nickname"], changed["locale"], changed["receipts"]) == ("محمد 👨‍👩‍👧", "en", True)
    assert browser.get("me").json() == changed
    assert browser.patch("me", json={}).json() == changed


@pytest.mark.parametrize(
    "body",
    [
        {"nickname": ""},
        {"nickname": "   "},
        {"nickname": None},
        {"nickname": "a" * 41},
        {"nickname": "a\x00b"},
        {"nickname": "a\nb"},
        {"nickname": "\u202eabc"},
        {"locale": "fr"},
        {"receipts": "perhaps"},
        {"receipts": 1},
        {"phone": "13800138000"},
        [],
    ],
)
def test_what_a_consumer_cannot_say(server: RunningServer, corp: Corp, body: object) -> None:
    guest = corp.meet("xiaoming")
    before = guest.http.get("me").json()
    assert problem(guest.http.patch("me", json=body)) == (422, "invalid_input")
    assert guest.http.get("me").json() == before
    assert server.url


def test_an_unknown_picture_is_refused(corp: Corp) -> None:
    guest = corp.meet("xiaoming")
    assert guest.http.patch("me", json={"avatar_file_id": "no-such-file"}).status_code == 422
    assert guest.http.patch("me", json={"avatar_file_id": None}).status_code == 200


def test_a_consumers_devices(own_server: RunningServer, visit: Visit) -> None:
    here = signed_in(own_server, visit, "13800138009")
    own_server.clock.advance(2 * MINUTE)
    there = visit(own_server, "consumer")
    there.post("codes", json={"phone": "13800138009"})
    code = newest_code(own_server, "13800138009", known=1)
    there.post("sign-in", json={"phone": "13800138009", "code": code, "device": "tablet"})
    listed = here.get("sessions").json()["items"]
    assert [(one["device"], one["current"]) for one in listed] == [("tablet", False), ("phone", True)]
    assert here.delete(f"sessions/{listed[0]['session_id']}").status_code == 204
    assert there.get("me").status_code == 401
    assert here.delete("sessions").status_code == 204
    assert here.post("sign-out").status_code == 204
    assert here.get("me").status_code == 401


@pytest.fixture
def provider() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A provider of text messages that fails the first time."""
    received: list[dict[str, Any]] = []

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            received.append({**body, "path": self.path, "authorization": self.headers["authorization"]})
            self.send_response(200 if len(received) > 1 else 500)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is the library's
            """Say nothing."""

    listening = HTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.server_port}/send?to={{phone}}", received
    listening.shutdown()
    thread.join()
    listening.server_close()


def test_a_provider_sends_the_code_and_is_asked_again_when_it_fails(
    tmp_path: Path, provider: tuple[str, list[dict[str, Any]]], visit: Visit
) -> None:
    url, received = provider
    server = RunningServer(tmp_path, sms="http", sms_url=url, sms_token="let-me-send")
    server.start()
    browser = visit(server, "consumer")
    assert browser.post("codes", json={"phone": "13800138010"}).status_code == 202
    for _ in range(1000):
        if len(received) > 1:
            break
        threading.Event().wait(0.01)
    assert [one["path"] for one in received] == ["/send?to=%2B8613800138010"] * 2
    sent = received[-1]
    assert (sent["phone"], sent["locale"], sent["authorization"]) == ("+8613800138010", "en", "Bearer let-me-send")
    assert browser.post("sign-in", json={"phone": "13800138010", "code": sent["code"]}).status_code == 200
    inbox = browser.get(f"{server.url}/api/public/demo/codes", params={"phone": "13800138010"})
    assert problem(inbox) == (404, "not_found")
    server.stop()


def test_without_a_provider_codes_are_said_to_be_unavailable(tmp_path: Path, visit: Visit) -> None:
    server = RunningServer(tmp_path, sms="none", demo=False)
    server.start()
    assert problem(visit(server, "consumer").post("codes", json={"phone": "13800138011"})) == (503, "codes_unavailable")
    server.stop()


def test_a_stored_code_is_worthless_without_the_installations_secret(server: RunningServer, visit: Visit) -> None:
    """Six digits are tried in a moment by whoever copies the database; the keys file is not in that copy."""
    phone = "+8613955550199"
    code = code_for(server, visit(server, "consumer"), phone)
    columns = select(one_time_code.c.code_id, one_time_code.c.code_hash).where(one_time_code.c.phone == phone)
    ((code_id, stored),) = server.read(lambda tx: tx.all(query(columns, lambda *row: row)))
    plain = [hashlib.sha256(text.encode()).hexdigest() for text in (code, f"{code_id}/{code}")]
    assert stored not in plain
    assert stored == open_keys(server.folder, make=False).seal("one-time code", f"{code_id}/{code}")
    other = server.folder / "other"
    other.mkdir(exist_ok=True)
    assert stored != open_keys(other, make=True).seal("one-time code", f"{code_id}/{code}")
