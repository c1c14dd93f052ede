"""What is on the log, and that nothing of anybody is."""

import ast
import asyncio
import errno
import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog

from rapport.kernel.followers import Followers
from rapport.kernel.jobs import schedule
from rapport.kernel.logs import FIELDS, Format, configure_logs, name_error
from tests.conftest import NO_TLS, Corp, RunningServer
from tests.features.files.samples import picture

SOURCES = Path(__file__).parents[2] / "src" / "rapport"
DOCS = Path(__file__).parents[2] / "docs" / "observability.md"
PASSWORD = "geheim-2026-Kennwort"
PHONES = ("13912345678", "13800138111")
SAID = "我的银行卡号是六二二五"
NAMES = ("陈大文", "李想然", "我的合同")
Log = Callable[[Format], io.StringIO]


@pytest.fixture
def log() -> Iterator[Log]:
    """Write everything, of the libraries too, into memory; as it was before afterwards."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    streams: list[io.StringIO] = []

    def begin(form: Format) -> io.StringIO:
        streams.append(io.StringIO())
        configure_logs(form, "debug", streams[-1])
        return streams[-1]

    yield begin
    structlog.reset_defaults()
    root.handlers[:], root.level = before


def http(server: RunningServer, surface: str, token: str | None = None) -> httpx.Client:
    headers = {"X-Rapport": "1", "Accept-Language": "en"} | ({"Authorization": f"Bearer {token}"} if token else {})
    return httpx.Client(
        base_url=f"{server.url}/api/{surface}/", headers=headers, trust_env=False, verify=NO_TLS, timeout=20
    )


def newest_code(server: RunningServer, phone: str) -> str:
    for _ in range(500):
        inbox = httpx.get(f"{server.url}/api/public/demo/codes", params={"phone": phone}, trust_env=False).json()
        if inbox["items"]:
            return str(inbox["items"][0]["code"])
    raise AssertionError("no code arrived")


async def live(server: RunningServer, corp: Corp) -> set[str]:
    """Do what people do all day; return every word of theirs that no line may hold."""
    corp.add_member("chenda", NAMES[0], phone=PHONES[0])
    invited = corp.http("laoban", "admin").post("members/chenda/invite").json()
    invitation = invited["invitation_url"].partition("#")[2]
    secrets = {PASSWORD, *PHONES, SAID, *NAMES, invitation, "wrong-password"}
    with http(server, "staff") as desk:
        assert desk.post(f"invitations/{invitation}", json={"password": PASSWORD}).is_success
        short_name = desk.get("me").json()["corp"]["short_name"]
        with http(server, "staff") as phone:
            sign_in = {"corp": short_name, "login": PHONES[0], "password": PASSWORD, "device": "phone"}
            assert phone.post("sign-in", json=sign_in).is_success
            assert phone.post("sign-in", json={**sign_in, "password": "wrong-password"}).status_code == 401
            secrets |= set(phone.cookies.values()) | set(desk.cookies.values())
        code = desk.get("contact-ways/mine").json()["code"]
        uploaded = desk.post("files", params={"kind": "image", "name": f"{NAMES[2]}.jpg"}, content=picture())
        assert uploaded.is_success, uploaded.text
    with http(server, "consumer") as browser:
        assert browser.post("codes", json={"phone": PHONES[1]}).is_success
        one_time = newest_code(server, PHONES[1])
        wrong = {"phone": PHONES[1], "code": "000000", "device": "x"}
        assert browser.post("sign-in", json=wrong).status_code == 401
        signed = browser.post("sign-in", json={**wrong, "code": one_time, "nickname": NAMES[1]})
        assert signed.is_success, signed.text
        accepted = browser.post(f"contact-ways/{code}/accept", json={"nickname": NAMES[1]})
        assert accepted.is_success, accepted.text
        chat = accepted.json()["conversation_id"]
        entry = {"client_id": "from-consumer", "body": {"kind": "text", "text": SAID}}
        assert browser.post(f"conversations/{chat}/entries", json=entry).is_success
        secrets |= {one_time, *browser.cookies.values()}
    secrets.add(corp.token("chenda"))
    async with corp.socket("chenda") as socket:
        await socket.send(chat, SAID, "from-member")
        await socket.say_raw(f'{{"type": "send", "text": "{SAID}"')
    break_things(server, corp, chat)
    return secrets


def break_things(server: RunningServer, corp: Corp, chat: str) -> None:
    """Let a request, a follower and a job fail, each with a text that repeats what somebody said."""
    server.alter("ALTER TABLE stored_file RENAME TO stored_file_gone")
    failed = corp.http("chenda").post("files", params={"kind": "image", "name": f"{NAMES[2]}.jpg"}, content=picture())
    assert failed.status_code >= 500
    server.alter("ALTER TABLE stored_file_gone RENAME TO stored_file")
    rt = server.application.runtime

    def fail(*_: object) -> None:
        raise ValueError(f"{NAMES[0]}, {PHONES[0]}: {SAID}")

    followers: Followers = rt.followers
    for follower in followers.all.values():
        for kind in follower.handlers:
            follower.handlers[kind] = fail
    rt.jobs.handle("test.failing", fail)
    server.write(lambda tx: schedule(tx, corp.corp_id, "test.failing", "key", {}))
    answer = corp.http("chenda").post(
        f"conversations/{chat}/entries", json={"client_id": "last-words", "body": {"kind": "text", "text": SAID}}
    )
    assert answer.is_success, answer.text


@pytest.mark.parametrize("form", ["json", "text"])
async def test_no_line_holds_anything_of_anybody(own_server: RunningServer, log: Log, form: Format) -> None:
    written = log(form)
    corp = own_server.new_corp()
    secrets = await live(own_server, corp)
    logging.getLogger("some.library").error("%s wrote %s", NAMES[0], SAID)
    logging.getLogger("httpx").info("GET https://sms.example/?phone=%s", PHONES[0])
    wanted = {"request_failed", "accident", "follower_failed", "job_failed", "library_said"}
    for _ in range(1000):
        if all(event in written.getvalue() for event in wanted):
            break
        await asyncio.sleep(0.02)
    lines = written.getvalue().splitlines()
    corp.close()
    assert [event for event in wanted if not any(event in line for line in lines)] == []
    assert len(lines) > 20
    found = [(secret, line) for secret in secrets for line in lines if secret in line]
    assert found == []
    for line in lines:
        check_json(line) if form == "json" else check_text(line)


def check_json(line: str) -> None:
    event = json.loads(line)
    assert list(event)[:3] == ["time", "level", "event"]
    assert event.keys() <= FIELDS, line
    assert datetime.fromisoformat(event["time"]).utcoffset() is not None


def check_text(line: str) -> None:
    time, level, event, *rest = re.split(r"\s+", line, maxsplit=3)
    assert datetime.fromisoformat(time).utcoffset() is not None
    assert level in {"debug", "info", "warning", "error", "critical"}, line
    assert event
    assert not rest or re.match(r"\w+=", rest[0]) or "library=" in rest[0], line


def test_a_failed_request_is_one_line_that_its_trace_finds(own_server: RunningServer, log: Log) -> None:
    corp = own_server.new_corp()
    written = log("json")
    own_server.alter("ALTER TABLE stored_file RENAME TO stored_file_gone")
    client = corp.http("xiaoming")
    plain = client.post("files", params={"kind": "image", "name": "a.jpg"}, content=picture())
    caller = "4bf92f3577b34da6a3ce929d0e0e4736"
    traced = client.post(
        "files",
        params={"kind": "image", "name": "a.jpg"},
        content=picture(),
        headers={"traceparent": f"00-{caller}-00f067aa0ba902b7-01"},
    )
    corp.close()
    assert [plain.status_code, traced.status_code] == [500, 500]
    assert traced.json()["trace"] == caller
    events = [json.loads(line) for line in written.getvalue().splitlines()]
    for answer in (plain, traced):
        trace = answer.json()["trace"]
        assert trace
        assert trace in answer.json()["detail"]
        failed = [event for event in events if event["event"] == "request_failed" and event["trace"] == trace]
        assert [(one["method"], one["route"], one["status"]) for one in failed] == [("POST", "/api/staff/files", 500)]
        accidents = [event for event in events if event["event"] == "accident" and event["trace"] == trace]
        assert len(accidents) == 1
        assert accidents[0]["error"]
        assert any("rapport/features/files" in place for place in accidents[0]["where"])


def test_an_error_is_named_by_what_it_is_and_never_by_what_it_says() -> None:
    error = KeyError("13912345678")
    error.__cause__ = OSError(28, "/data/陈大文.jpg")
    assert name_error(error) == "KeyError < OSError[28]"


@pytest.mark.parametrize(
    ("said", "written"),
    [("ValueError('陈大文')", "ValueError"), ("the bucket is gone", "the bucket is gone"), ("陈大文", "unnamed")],
)
def test_a_text_given_as_error_is_cut_to_its_class(log: Log, said: str, written: str) -> None:
    stream = log("json")
    structlog.get_logger().warning("job_failed", error=said, name="陈大文")
    event = json.loads(stream.getvalue())
    assert event["error"] == written
    assert "name" not in event


class FullDisk(io.StringIO):
    def write(self, _text: str, /) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.usefixtures("log")
def test_a_line_that_cannot_be_written_breaks_nothing() -> None:
    configure_logs("text", "debug", FullDisk())
    structlog.get_logger().error("commit_failed", error=OSError())
    logging.getLogger("uvicorn").error("lost")


def calls_of(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of = node.func.value
            if isinstance(of, ast.Name) and of.id == "log":
                yield node


def test_what_is_logged_has_a_name_that_is_known_and_documented() -> None:
    calls: list[tuple[str, Any]] = [
        (str(path.relative_to(SOURCES)), call)
        for path in SOURCES.rglob("*.py")
        if "get_logger" in (source := path.read_text()) and path.name != "logs.py"
        for call in calls_of(ast.parse(source))
    ]
    assert len(calls) > 10
    events = {call.args[0].value for _, call in calls if isinstance(call.args[0], ast.Constant)}
    assert len(events) > 10
    assert [where for where, call in calls if not isinstance(call.args[0], ast.Constant)] == [], "events are constants"
    given = {(where, keyword.arg) for where, call in calls for keyword in call.keywords}
    assert [pair for pair in given if pair[1] not in FIELDS | {"exc_info"}] == [], "name them in logs.FIELDS"
    documented = set(re.findall(r"`(\w+)`", DOCS.read_text().partition("## Log lines")[2]))
    assert FIELDS - documented == set()
    assert events - documented == set()
