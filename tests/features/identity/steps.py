"""Steps that several tests of sign-in share."""

import itertools
import time
from collections.abc import Callable

import httpx

from rapport.features.identity.api import create_operator
from tests.conftest import NO_TLS, Corp, RunningServer

PASSWORD = "shanhai-2026-yunqi"
_logins = itertools.count(1)


def token_of(invitation_url: str) -> str:
    """Return the secret part of a link."""
    page, _, token = invitation_url.partition("#")
    assert page.endswith("/staff/invitation")
    return token


def invite(corp: Corp, userid: str) -> str:
    """Let the owner make a link for a member and return its secret."""
    answer = corp.http("laoban", "admin").post(f"members/{userid}/invite")
    assert answer.status_code == 200, answer.text
    return token_of(answer.json()["invitation_url"])


def give_password(corp: Corp, userid: str, password: str = PASSWORD) -> None:
    """Let a member set a password by a link."""
    url = f"{corp.server.url}/api/staff/invitations/{invite(corp, userid)}"
    answer = httpx.post(url, json={"password": password, "device": "desk"}, trust_env=False, verify=NO_TLS)
    assert answer.status_code == 200, answer.text


def sign_in(client: httpx.Client, corp: str, login: str, password: str = PASSWORD) -> httpx.Response:
    """Try to sign in."""
    return client.post("sign-in", json={"corp": corp, "login": login, "password": password, "device": "phone"})


def code_for(server: RunningServer, client: httpx.Client, phone: str) -> str:
    """Ask for a code and read it in the demo's inbox."""
    asked = client.post("codes", json={"phone": phone})
    assert asked.status_code == 202, asked.text
    return newest_code(server, phone, known=0)


def newest_code(server: RunningServer, phone: str, known: int) -> str:
    """Wait until the inbox has more than ``known`` codes and return the newest."""
    for _ in range(2000):
        inbox = httpx.get(
            f"{server.url}/api/public/demo/codes", params={"phone": phone}, trust_env=False, verify=NO_TLS
        ).json()
        if len(inbox["items"]) > known:
            return inbox["items"][0]["code"]
        time.sleep(0.01)
    raise AssertionError("no code arrived")


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Return the status and the code of a refusal."""
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.text
    return answer.status_code, answer.json()["code"]


def new_operator(server: RunningServer, name: str = "平台小王") -> tuple[str, str]:
    """Add an operator as the command line does; return login and one-time secret."""
    login = f"operator{next(_logins)}"
    _, secret = server.write(lambda tx: create_operator(tx, login, name))
    return login, secret


def operator_client(server: RunningServer, visit: Callable[..., httpx.Client]) -> tuple[httpx.Client, str]:
    """Return a browser in which a new operator is signed in, and the login."""
    login, secret = new_operator(server)
    browser = visit(server, "operator")
    answer = browser.post(f"invitations/{secret}", json={"password": PASSWORD, "device": "desk"})
    assert answer.status_code == 200, answer.text
    return browser, login
