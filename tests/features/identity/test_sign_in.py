"""Members signing in: links, passwords, locks, programs."""

import httpx
import pytest

from rapport.kernel.clock import DAY, MINUTE
from rapport.kernel.policy import PLATFORM, set_policy
from tests.conftest import NO_TLS, Corp, RunningServer
from tests.features.identity.conftest import Visit
from tests.features.identity.steps import PASSWORD, give_password, invite, problem, sign_in


def short_name(corp: Corp) -> str:
    return corp.http("laoban", "admin").get("corp").json()["short_name"]


def test_a_link_sets_the_password_and_signs_in(server: RunningServer, corp: Corp, visit: Visit) -> None:
    admin = corp.http("laoban", "admin")
    added = admin.post("members", json={"userid": "chenchen", "name": "陈晨", "post": "导购"}).json()
    assert added["member"]["status"] == "invited"
    token = added["invitation_url"].partition("#")[2]
    browser = visit(server, "staff")
    seen = browser.get(f"invitations/{token}").json()
    assert (seen["name"], seen["purpose"], seen["corp"]["corp_id"]) == ("陈晨", "invite", corp.corp_id)

    answer = browser.post(f"invitations/{token}", json={"password": PASSWORD, "device": "iPhone"})
    assert answer.status_code == 200
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("rapport_staff=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    me = browser.get("me").json()
    assert (me["member"]["userid"], me["member"]["status"], me["corp"]["corp_id"]) == (
        "chenchen",
        "active",
        corp.corp_id,
    )
    assert problem(browser.post(f"invitations/{token}", json={"password": PASSWORD})) == (410, "invitation_gone")


def test_a_newer_link_replaces_the_older(server: RunningServer, corp: Corp, visit: Visit) -> None:
    first, second = invite(corp, "xiaoming"), invite(corp, "xiaoming")
    browser = visit(server, "staff")
    assert problem(browser.get(f"invitations/{first}")) == (410, "invitation_gone")
    assert browser.get(f"invitations/{second}").json()["purpose"] == "reset"
    assert problem(browser.get("invitations/never-was")) == (410, "invitation_gone")


def test_a_reset_ends_every_session_of_before(server: RunningServer, corp: Corp) -> None:
    before = corp.http("xiaoming")
    assert before.get("me").status_code == 200
    give_password(corp, "xiaoming")
    assert problem(before.get("me")) == (401, "not_signed_in")
    assert server.url


@pytest.mark.parametrize("login", ["xiaoli", "XiaoLi", "13912345678", "+86 139 1234 5678"])
def test_userid_in_any_case_and_phone_sign_in(server: RunningServer, corp: Corp, visit: Visit, login: str) -> None:
    corp.add_member("xiaoli", "小丽", phone="13912345678")
    give_password(corp, "xiaoli")
    for name in (corp.corp_id, short_name(corp), "@" + short_name(corp)):
        answer = sign_in(visit(server, "staff"), name, login)
        assert answer.status_code == 200, answer.text
        assert answer.json()["member"]["userid"] == "xiaoli"
        assert answer.headers["cache-control"] == "no-store"


def test_an_unknown_corp_login_or_password_look_the_same(server: RunningServer, corp: Corp, visit: Visit) -> None:
    give_password(corp, "xiaoming")
    corp.add_member("nopassword", "没密码")
    browser = visit(server, "staff")
    answers = [
        sign_in(browser, corp.corp_id, "xiaoming", "wrong-password-1"),
        sign_in(browser, corp.corp_id, "nobody", "wrong-password-1"),
        sign_in(browser, corp.corp_id, "nopassword", "wrong-password-1"),
        sign_in(browser, "没有这家企业", "xiaoming", "wrong-password-1"),
    ]
    assert {problem(answer) for answer in answers} == {(401, "wrong_credentials")}
    assert len({answer.text for answer in answers}) == 1
    assert not browser.cookies


def test_a_member_of_one_corp_cannot_sign_in_to_another(
    server: RunningServer, corp: Corp, other_corp: Corp, visit: Visit
) -> None:
    give_password(corp, "xiaoming")
    assert problem(sign_in(visit(server, "staff"), other_corp.corp_id, "xiaoming")) == (401, "wrong_credentials")


@pytest.mark.parametrize("login", ["xiaoming", "nobody-here"])
def test_the_lock_outlives_its_own_refusal(own_server: RunningServer, visit: Visit, login: str) -> None:
    corp = own_server.new_corp()
    give_password(corp, "xiaoming")
    browser = visit(own_server, "staff")
    for _ in range(7):
        assert problem(sign_in(browser, corp.corp_id, login, "wrong-password-1"))[1] == "wrong_credentials"
    for password in ("wrong-password-1", PASSWORD, PASSWORD):
        answer = sign_in(browser, corp.corp_id, login, password)
        assert problem(answer) == (429, "locked_out")
        assert 0 < int(answer.headers["retry-after"]) <= 900
    own_server.clock.advance(16 * MINUTE)
    after = sign_in(browser, corp.corp_id, login)
    assert after.status_code == (200 if login == "xiaoming" else 401)
    corp.close()


def test_a_right_password_forgives_earlier_wrong_ones(server: RunningServer, corp: Corp, visit: Visit) -> None:
    give_password(corp, "xiaoming")
    browser = visit(server, "staff")
    for _ in range(2):
        for _ in range(6):
            sign_in(browser, corp.corp_id, "xiaoming", "wrong-password-1")
        assert sign_in(browser, corp.corp_id, "xiaoming").status_code == 200


def test_a_reset_link_lifts_the_lock(server: RunningServer, corp: Corp, visit: Visit) -> None:
    browser = visit(server, "staff")
    for _ in range(8):
        sign_in(browser, corp.corp_id, "xiaoming", "wrong-password-1")
    assert problem(sign_in(browser, corp.corp_id, "xiaoming"))[1] == "locked_out"
    give_password(corp, "xiaoming")
    assert sign_in(browser, corp.corp_id, "xiaoming").status_code == 200


@pytest.mark.parametrize(
    "password", ["password123", "88888888", "12345678", "Xiaoming2026", "xiaomingxiaoming", "woaini1314", "abababab"]
)
def test_passwords_that_anybody_would_try_are_refused(
    server: RunningServer, corp: Corp, visit: Visit, password: str
) -> None:
    token = invite(corp, "xiaoming")
    browser = visit(server, "staff")
    assert problem(browser.post(f"invitations/{token}", json={"password": password})) == (422, "weak_password")
    assert browser.get(f"invitations/{token}").status_code == 200


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"password": "short"}, "password"),
        ({"password": "长" * 129}, "password"),
        ({}, ""),
        ({"password": 12345678}, "password"),
        ({"password": PASSWORD, "extra": 1}, ""),
        ({"password": PASSWORD, "device": "x" * 101}, "device"),
    ],
)
def test_a_first_password_of_the_wrong_shape(
    server: RunningServer, corp: Corp, visit: Visit, body: dict[str, object], path: str
) -> None:
    answer = visit(server, "staff").post(f"invitations/{invite(corp, 'xiaoming')}", json=body)
    assert problem(answer) == (422, "invalid_input")
    assert answer.json()["fields"][0]["path"] == path


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'"text"', b"\xff\xfe", b'{"corp":"\xff"}', b'{"corp":"\\ud800"}']
)
def test_garbage_instead_of_a_sign_in(server: RunningServer, visit: Visit, content: bytes) -> None:
    for surface in ("staff", "admin", "consumer"):
        headers = {"content-type": "application/json"}
        answer = visit(server, surface, "zh-CN").post("sign-in", content=content, headers=headers)
        assert problem(answer) == (422, "invalid_input"), answer.text


def test_a_suspended_member_is_told_so_only_with_the_right_password(
    server: RunningServer, corp: Corp, visit: Visit
) -> None:
    give_password(corp, "xiaoming")
    assert corp.http("laoban", "admin").post("members/xiaoming/suspend").status_code == 200
    browser = visit(server, "staff")
    assert problem(sign_in(browser, corp.corp_id, "xiaoming", "wrong-password-1")) == (401, "wrong_credentials")
    assert problem(sign_in(browser, corp.corp_id, "xiaoming")) == (403, "account_disabled")
    assert corp.http("laoban", "admin").post("members/xiaoming/restore").status_code == 200
    assert sign_in(browser, corp.corp_id, "xiaoming").status_code == 200


def test_the_administration_takes_administrators_only(server: RunningServer, corp: Corp, visit: Visit) -> None:
    for userid in ("laoban", "xiaoming"):
        give_password(corp, userid)
    browser = visit(server, "admin")
    assert problem(sign_in(browser, corp.corp_id, "xiaoming")) == (403, "not_an_administrator")
    assert sign_in(browser, corp.corp_id, "laoban").status_code == 200
    assert browser.get("me").json()["member"]["role"] == "owner"
    assert "rapport_admin" in browser.cookies


def test_the_surface_decides_who_one_is(server: RunningServer, corp: Corp, visit: Visit) -> None:
    staff_token = corp.token("laoban", "staff")
    browser = visit(server, "admin")
    for headers in ({"Authorization": f"Bearer {staff_token}"}, {"Cookie": f"rapport_staff={staff_token}"}):
        assert problem(browser.get("me", headers=headers)) == (401, "not_signed_in")


def test_a_cookie_needs_the_header_no_other_site_can_set(server: RunningServer, corp: Corp) -> None:
    cookie = {"Cookie": f"rapport_staff={corp.token('xiaoming')}"}
    url = f"{server.url}/api/staff/me"
    assert httpx.get(url, headers=cookie, trust_env=False, verify=NO_TLS).status_code == 200
    assert problem(httpx.patch(url, headers=cookie, json={}, trust_env=False, verify=NO_TLS)) == (403, "missing_header")
    assert (
        httpx.patch(url, headers=cookie | {"X-Rapport": "1"}, json={}, trust_env=False, verify=NO_TLS).status_code
        == 200
    )


def test_a_program_gets_a_token_that_is_listed_and_revoked(server: RunningServer, corp: Corp, visit: Visit) -> None:
    give_password(corp, "xiaoming")
    asked = {"corp": corp.corp_id, "login": "xiaoming", "password": PASSWORD, "name": "report robot"}
    answer = visit(server, "staff").post("tokens", json=asked)
    assert answer.status_code == 201
    token = answer.json()
    program = {"Authorization": f"Bearer {token['token']}"}
    me = httpx.get(f"{server.url}/api/staff/me", headers=program, trust_env=False, verify=NO_TLS)
    assert me.json()["session_id"] == token["session_id"]
    devices = httpx.get(f"{server.url}/api/staff/sessions", headers=program, trust_env=False, verify=NO_TLS).json()[
        "items"
    ]
    assert "report robot" in {device["device"] for device in devices}
    assert corp.http("xiaoming").delete(f"sessions/{token['session_id']}").status_code == 204
    assert httpx.get(f"{server.url}/api/staff/me", headers=program, trust_env=False, verify=NO_TLS).status_code == 401
    wrong = visit(server, "staff").post("tokens", json=asked | {"password": "wrong-password-1"})
    assert problem(wrong) == (401, "wrong_credentials")
    assert problem(visit(server, "staff").post("tokens", json=asked | {"name": ""})) == (422, "invalid_input")


def test_changing_the_password_ends_other_sessions(server: RunningServer, corp: Corp, visit: Visit) -> None:
    give_password(corp, "xiaoming")
    here, elsewhere = corp.http("xiaoming"), corp.http("xiaoming")
    wrong = here.post("me/password", json={"current": "wrong-password-1", "new": "another-2026-word"})
    assert problem(wrong) == (403, "wrong_password")
    weak = here.post("me/password", json={"current": PASSWORD, "new": "12345678"})
    assert problem(weak) == (422, "weak_password")
    assert problem(here.post("me/password", json={"current": PASSWORD, "new": "short"})) == (422, "invalid_input")
    assert elsewhere.get("me").status_code == 200
    assert here.post("me/password", json={"current": PASSWORD, "new": "another-2026-word"}).status_code == 204
    assert here.get("me").status_code == 200
    assert elsewhere.get("me").status_code == 401
    browser = visit(server, "staff")
    assert sign_in(browser, corp.corp_id, "xiaoming").status_code == 401
    assert sign_in(browser, corp.corp_id, "xiaoming", "another-2026-word").status_code == 200


def test_guessing_the_current_password_locks_too(corp: Corp) -> None:
    give_password(corp, "xiaoming")
    here = corp.http("xiaoming")
    codes = [
        here.post("me/password", json={"current": "wrong-password-1", "new": "another-2026-word"}).json()["code"]
        for _ in range(9)
    ]
    assert codes == ["wrong_password"] * 7 + ["locked_out"] * 2


def test_a_link_grows_old(own_server: RunningServer, visit: Visit) -> None:
    corp = own_server.new_corp()
    token = invite(corp, "xiaoming")
    own_server.clock.advance(2 * DAY)
    assert problem(visit(own_server, "staff").get(f"invitations/{token}")) == (410, "invitation_gone")
    corp.close()


def test_one_address_may_not_try_for_ever(own_server: RunningServer, visit: Visit) -> None:
    corp = own_server.new_corp()
    own_server.write(lambda tx: set_policy(tx, PLATFORM, "identity.sign_ins_per_address_minute", 3, "test"))
    browser = visit(own_server, "staff")
    answers = [sign_in(browser, corp.corp_id, f"guess{number}") for number in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert problem(answers[-1]) == (429, "too_many_requests")
    assert int(answers[-1].headers["retry-after"]) >= 1
    corp.close()
