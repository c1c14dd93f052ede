"""What the tests of customers share: waiting for the worker, and consumers without a name."""

import time
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any, TypeVar

import httpx
import pytest
from PIL import Image

from tests.conftest import Corp, RunningServer

Found = TypeVar("Found")


def until(look: Callable[[], Found | None], seconds: float = 30) -> Found:
    """Look again until something is there: what follows a commit is there within three seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"nothing within {seconds} s")


class Phone:
    """A consumer's browser: its own cookies, nobody signed in yet."""

    def __init__(self, server: RunningServer, language: str = "en") -> None:
        self.http = httpx.Client(
            base_url=f"{server.url}/api/consumer/",
            headers={"X-Rapport": "1", "Accept-Language": language},
            trust_env=False,
            timeout=20,
        )

    def look(self, code: str) -> Any:  # noqa: ANN401  JSON
        answer = self.http.get(f"contact-ways/{code}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def accept(self, code: str, nickname: str | None = "王女士", key: str | None = None) -> httpx.Response:
        headers = {} if key is None else {"Idempotency-Key": key}
        body = {"nickname": nickname, "device": "iPhone"}
        return self.http.post(f"contact-ways/{code}/accept", json=body, headers=headers)

    def met(self, code: str, nickname: str | None = "王女士") -> Any:  # noqa: ANN401  JSON
        answer = self.accept(code, nickname)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def phones(server: RunningServer) -> Iterator[Callable[[], Phone]]:
    """Browsers of consumers, as many as a test needs."""
    made: list[Phone] = []

    def new(language: str = "en") -> Phone:
        made.append(Phone(server, language))
        return made[-1]

    yield new
    for phone in made:
        phone.http.close()


@pytest.fixture
def phone(phones: Callable[[], Phone]) -> Phone:
    """One consumer's browser."""
    return phones()


def make_code(corp: Corp, *members: str, **fields: object) -> str:
    """Make a code for some members as the corp's owner."""
    body: dict[str, object] = {"members": list(members or ("xiaoming",)), **fields}
    answer = corp.http("laoban", "admin").post("contact-ways", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["code"]


def code_of(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["code"]


def sign_in(phone: Phone, number: str) -> Any:  # noqa: ANN401  JSON
    """Sign a consumer in by phone and one-time code; return who they are."""
    root = str(phone.http.base_url).removesuffix("/api/consumer/")

    def inbox() -> list[Any]:
        return httpx.get(f"{root}/api/public/demo/codes", params={"phone": number}, trust_env=False).json()["items"]

    before = inbox()
    assert phone.http.post("codes", json={"phone": number}).is_success
    (latest, *_) = until(lambda: [one for one in inbox() if one not in before])
    body = {"phone": number, "code": latest["code"], "nickname": None, "device": "iPhone"}
    answer = phone.http.post("sign-in", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def upload(http: httpx.Client) -> str:
    """Upload a picture of 40 by 30 pixels; return its file id."""
    drawn = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(drawn, "PNG")
    answer = http.post("files?kind=image&name=a.png", content=drawn.getvalue(), headers={"Content-Type": "image/png"})
    assert answer.is_success, answer.text
    return answer.json()["file_id"]


def customers_of(corp: Corp, userid: str, status: str = "active") -> list[str]:
    """The names of a member's customers of one status."""
    page = corp.http(userid).get("customers", params={"status": status}).json()
    return [customer["name"] for customer in page["items"]]
