"""Operators: the platform's own accounts, made on the command line, with a surface of their own."""

import pytest

from rapport.features.identity.api import create_operator, reset_operator
from rapport.features.identity.errors import OperatorExists
from rapport.kernel.clock import HOUR, MINUTE
from rapport.kernel.errors import InvalidInput
from tests.conftest import Corp, RunningServer
from tests.features.identity.conftest import Visit, allow_many
from tests.features.identity.steps import PASSWORD, new_operator, operator_client, problem


def test_a_one_time_secret_sets_the_first_password_once(server: RunningServer, visit: Visit) -> None:
    login, secret = new_operator(server)
    browser = visit(server, "operator")
    assert browser.get(f"invitations/{secret}").json() == {"name": "平台小王", "purpose": "invite"}
    assert problem(browser.post("sign-in", json={"login": login, "password": PASSWORD})) == (
        401,
        "wrong_operator_credentials",
    )
    assert problem(browser.post(f"invitations/{secret}", json={"password": f"{login}12345"}))[0] == 422
    me = browser.post(f"invitations/{secret}", json={"password": PASSWORD, "device": "desk"})
    assert me.status_code == 200
    assert me.headers["cache-control"] == "no-store"
    assert browser.get("me").json() == me.json()
    assert me.json()["operator"]["operator_id"] == login
    assert problem(browser.post(f"invitations/{secret}", json={"password": PASSWORD})) == (410, "invitation_gone")
    assert problem(browser.get(f"invitations/{secret}")) == (410, "invitation_gone")


def test_signing_in_and_out(server: RunningServer, visit: Visit) -> None:
    first, login = operator_client(server, visit)
    browser = visit(server, "operator")
    assert browser.post("sign-in", json={"login": login.upper(), "password": PASSWORD}).status_code == 200
    assert [one["current"] for one in browser.get("sessions").json()["items"]] == [True, False]
    assert browser.delete("sessions").status_code == 204
    assert problem(first.get("me")) == (401, "not_signed_in")
    assert browser.post("sign-out").status_code == 204
    assert problem(browser.get("me")) == (401, "not_signed_in")


def test_a_token_serves_the_command_line(server: RunningServer, visit: Visit) -> None:
    browser, login = operator_client(server, visit)
    made = visit(server, "operator").post("tokens", json={"login": login, "password": PASSWORD, "device": "curl"})
    assert made.status_code == 201
    program = visit(server, "operator")
    program.headers["Authorization"] = f"Bearer {made.json()['token']}"
    assert program.get("me").json()["operator"]["operator_id"] == login
    assert browser.delete(f"sessions/{made.json()['session_id']}").status_code == 204
    assert problem(program.get("me")) == (401, "not_signed_in")


def test_a_session_is_short(own_server: RunningServer, visit: Visit) -> None:
    browser, _ = operator_client(own_server, visit)
    own_server.clock.advance(4 * HOUR - MINUTE)
    assert browser.get("me").status_code == 200
    own_server.flush_sightings()
    own_server.clock.advance(4 * HOUR + MINUTE)
    assert problem(browser.get("me")) == (401, "not_signed_in")


def test_guessing_is_paused_and_a_reset_helps(own_server: RunningServer, visit: Visit) -> None:
    allow_many(own_server)
    browser, login = operator_client(own_server, visit)
    stranger = visit(own_server, "operator")
    guesses = [stranger.post("sign-in", json={"login": login, "password": "not this one"}) for _ in range(8)]
    assert [problem(one)[1] for one in guesses] == ["wrong_operator_credentials"] * 7 + ["locked_out"]
    assert problem(stranger.post("sign-in", json={"login": login, "password": PASSWORD})) == (429, "locked_out")
    _, secret = own_server.write(lambda tx: reset_operator(tx, login.upper()))
    assert problem(browser.get("me")) == (401, "not_signed_in")
    own_server.clock.advance(16 * MINUTE)
    assert problem(stranger.post("sign-in", json={"login": login, "password": PASSWORD}))[0] == 401
    assert stranger.get(f"invitations/{secret}").json()["purpose"] == "reset"
    fresh = "another-2026-yunqi"
    assert stranger.post(f"invitations/{secret}", json={"password": fresh}).status_code == 200
    assert browser.post("sign-in", json={"login": login, "password": fresh}).status_code == 200
    assert problem(browser.post("sign-in", json={"login": login, "password": PASSWORD}))[0] == 401


def test_somebody_unknown_is_answered_like_a_wrong_password(server: RunningServer, visit: Visit) -> None:
    _, login = operator_client(server, visit)
    wrong, unknown = (
        visit(server, "operator").post("sign-in", json={"login": name, "password": "not this one"})
        for name in (login, "nobody")
    )
    assert wrong.json() == unknown.json()


def test_changing_ones_password(server: RunningServer, visit: Visit) -> None:
    browser, login = operator_client(server, visit)
    other = visit(server, "operator")
    other.post("sign-in", json={"login": login, "password": PASSWORD})
    fresh = "another-2026-yunqi"
    assert problem(browser.post("me/password", json={"current": "wrong-one", "new": fresh})) == (403, "wrong_password")
    assert problem(browser.post("me/password", json={"current": PASSWORD, "new": "password"})) == (422, "weak_password")
    assert browser.post("me/password", json={"current": PASSWORD, "new": fresh}).status_code == 204
    assert browser.get("me").status_code == 200
    assert problem(other.get("me")) == (401, "not_signed_in")
    assert other.post("sign-in", json={"login": login, "password": fresh}).status_code == 200


def test_an_operator_is_nobody_on_other_surfaces(server: RunningServer, corp: Corp, visit: Visit) -> None:
    browser, login = operator_client(server, visit)
    secret = browser.cookies["rapport_operator"]
    for surface in ("staff", "admin", "consumer"):
        other = visit(server, surface)
        other.headers["Authorization"] = f"Bearer {secret}"
        assert problem(other.get("me")) == (401, "not_signed_in")
    for surface in ("staff", "admin"):
        one = visit(server, "operator")
        one.headers["Authorization"] = f"Bearer {corp.token('laoban', surface)}"
        assert problem(one.get("me")) == (401, "not_signed_in")
    short_name = corp.http("laoban").get("me").json()["corp"]["short_name"]
    entry = {"login": login, "password": PASSWORD, "device": ""}
    assert problem(visit(server, "staff").post("sign-in", json={**entry, "corp": short_name}))[0] == 401
    assert problem(visit(server, "staff").post("sign-in", json={**entry, "corp": ""}))[0] == 422
    _, unused = new_operator(server)
    staff = visit(server, "staff")
    assert problem(staff.get(f"invitations/{unused}")) == (410, "invitation_gone")
    assert problem(staff.post(f"invitations/{unused}", json={"password": PASSWORD})) == (410, "invitation_gone")
    assert browser.get(f"invitations/{unused}").status_code == 200


def test_a_cookie_needs_the_header(server: RunningServer, visit: Visit) -> None:
    browser, _ = operator_client(server, visit)
    del browser.headers["X-Rapport"]
    assert problem(browser.delete("sessions")) == (403, "missing_header")


def test_logins_are_unique_and_plain(server: RunningServer) -> None:
    login, _ = new_operator(server)
    with pytest.raises(OperatorExists):
        server.write(lambda tx: create_operator(tx, login.upper(), "x"))
    for wrong in ("", "a b", "-x", "名"):
        with pytest.raises(InvalidInput):
            server.write(lambda tx, wrong=wrong: create_operator(tx, wrong, "x"))
