"""Who may read a file, and how it is handed out."""

import time
from collections.abc import Mapping

import httpx
import pytest
from sqlalchemy import func, select

from rapport.features.files.api import publish_file
from rapport.kernel.actor import MemberActor
from rapport.kernel.clock import HOUR
from rapport.kernel.jobs import job
from rapport.kernel.statements import p, scalar
from tests.conftest import Corp, Customer, RunningServer
from tests.features.files import samples
from tests.features.files.test_uploading import blobs_of, upload

TEXT = b"0123456789" * 50


@pytest.fixture
def guide(corp: Corp) -> httpx.Client:
    return corp.http("xiaoming")


@pytest.fixture
def note(guide: httpx.Client) -> str:
    return upload(guide, "file", TEXT, '价目 "夏".txt').json()["file_id"]


@pytest.fixture
def customer(corp: Corp) -> Customer:
    return corp.meet("xiaoming")


def send(
    http: httpx.Client, conversation_id: str, body: Mapping[str, object], client_id: str = "client-1"
) -> httpx.Response:
    return http.post(f"conversations/{conversation_id}/entries", json={"client_id": client_id, "body": body})


def test_a_file_is_saved_never_shown_as_a_page(guide: httpx.Client, note: str) -> None:
    headers = guide.get(f"files/{note}").headers
    assert headers["content-disposition"] == (
        "attachment; filename=\"__ ___.txt\"; filename*=UTF-8''%E4%BB%B7%E7%9B%AE%20%22%E5%A4%8F%22.txt"
    )
    assert headers["content-type"].startswith("text/plain")
    assert headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in headers["content-security-policy"]
    assert headers["cache-control"].startswith("private")
    assert headers["vary"] == "Cookie, Authorization"


def test_administrators_see_the_pictures_of_the_corps_greetings(
    corp: Corp, other_corp: Corp, guide: httpx.Client
) -> None:
    owner, stranger = corp.http("laoban", "admin"), other_corp.http("laoban", "admin")
    kept = upload(owner, "image", samples.picture()).json()["file_id"]
    private = upload(guide, "image", samples.picture()).json()["file_id"]
    corp.add_member("ling", "凌", role="admin")
    admin = corp.http("ling", "admin")
    assert [owner.get(f"files/{kept}").status_code, admin.get(f"files/{kept}").status_code] == [200, 404]
    set_ = owner.put("greeting", json={"greeting": [{"kind": "image", "file_id": kept}]})
    assert set_.status_code == 200, set_.text
    assert admin.get(f"files/{kept}", params={"size": "thumb"}).headers["content-type"].startswith("image/")
    assert [stranger.get(f"files/{kept}").status_code, owner.get(f"files/{private}").status_code] == [404, 404]


def test_pictures_and_recordings_open_in_place(guide: httpx.Client) -> None:
    for kind, content in (("image", samples.picture()), ("voice", samples.CHROMIUM_WEBM)):
        file = upload(guide, kind, content).json()
        headers = guide.get(f"files/{file['file_id']}").headers
        assert headers["content-disposition"].startswith("inline")
        assert headers["content-type"] == file["mime"]


@pytest.mark.parametrize(
    ("asked", "status", "part", "said"),
    [
        ("bytes=0-9", 206, TEXT[:10], "bytes 0-9/500"),
        ("bytes=490-", 206, TEXT[490:], "bytes 490-499/500"),
        ("bytes=-5", 206, TEXT[-5:], "bytes 495-499/500"),
        ("bytes=-9999", 206, TEXT, "bytes 0-499/500"),
        ("bytes=400-9999", 206, TEXT[400:], "bytes 400-499/500"),
        ("bytes=0-1,5-6", 200, TEXT, None),
        ("bytes=9-2", 200, TEXT, None),
        ("lines=1-2", 200, TEXT, None),
        ("bytes=abc", 200, TEXT, None),
    ],
)
def test_a_range_is_answered_with_that_part(
    guide: httpx.Client, note: str, asked: str, status: int, part: bytes, said: str | None
) -> None:
    answer = guide.get(f"files/{note}", headers={"Range": asked})
    assert (answer.status_code, answer.content, answer.headers.get("content-range")) == (status, part, said)
    assert answer.headers["content-length"] == str(len(part))
    assert answer.headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize("asked", ["bytes=500-", "bytes=-0", "bytes=99999999999999999999-"])
def test_a_range_outside_the_file_is_refused(guide: httpx.Client, note: str, asked: str) -> None:
    answer = guide.get(f"files/{note}", headers={"Range": asked})
    assert (answer.status_code, answer.json()["code"]) == (416, "range_not_satisfiable")
    assert "500 bytes" in answer.json()["detail"]


def test_a_range_of_another_version_gets_the_whole(guide: httpx.Client, note: str) -> None:
    etag = guide.head(f"files/{note}").headers["etag"]
    same = guide.get(f"files/{note}", headers={"Range": "bytes=0-9", "If-Range": etag})
    other = guide.get(f"files/{note}", headers={"Range": "bytes=0-9", "If-Range": '"other"'})
    assert (same.status_code, other.status_code, other.content) == (206, 200, TEXT)


def test_head_and_unchanged_files_send_no_body(guide: httpx.Client, note: str) -> None:
    head = guide.head(f"files/{note}")
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "500")
    again = guide.get(f"files/{note}", headers={"If-None-Match": head.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_thumbnail_of_what_is_no_picture_does_not_exist(guide: httpx.Client, note: str) -> None:
    assert guide.get(f"files/{note}", params={"size": "thumb"}).status_code == 404
    assert guide.get(f"files/{note}", params={"size": "huge"}).json()["code"] == "invalid_input"


def test_an_unsent_file_is_its_uploaders_alone(
    corp: Corp, other_corp: Corp, customer: Customer, note: str, server: RunningServer
) -> None:
    readers = [corp.http("xiaohong"), corp.http("laoban"), other_corp.http("xiaoming"), customer.http]
    for http in readers:
        answer = http.get(f"files/{note}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert httpx.get(f"{server.url}/files/{note}", trust_env=False).status_code == 404
    assert httpx.get(f"{server.url}/api/staff/files/{note}", trust_env=False).status_code == 401
    assert corp.http("xiaoming").get("files/unknown").status_code == 404


def test_what_was_sent_is_read_by_both_sides_and_nobody_else(
    corp: Corp, other_corp: Corp, guide: httpx.Client, customer: Customer, note: str
) -> None:
    body = {"kind": "file", "file_id": note, "name": "价目.txt", "mime": "text/plain", "size": 500}
    assert send(guide, customer.conversation_id, body).status_code in {200, 201}
    assert customer.http.get(f"files/{note}").content == TEXT
    stranger = corp.meet("xiaohong", "陌生人")
    for http in (corp.http("xiaohong"), other_corp.http("xiaoming"), stranger.http):
        assert http.get(f"files/{note}").status_code == 404


def test_a_customers_picture_reaches_the_guide(guide: httpx.Client, customer: Customer) -> None:
    file = upload(customer.http, "image", samples.picture()).json()
    assert guide.get(f"files/{file['file_id']}").status_code == 404
    body = {"kind": "image"} | {name: file[name] for name in ("file_id", "width", "height", "size")}
    assert send(customer.http, customer.conversation_id, body).status_code in {200, 201}
    assert guide.get(f"files/{file['file_id']}").status_code == 200
    assert guide.get(f"files/{file['file_id']}", params={"size": "thumb"}).headers["content-type"] == "image/webp"


def test_a_picture_sent_to_two_corps_outlives_its_recall_in_one(
    corp: Corp, other_corp: Corp, guide: httpx.Client, customer: Customer
) -> None:
    code = other_corp.http("xiaoming").get("contact-ways/mine").json()["code"]
    there = customer.http.post(f"contact-ways/{code}/accept", json={"device": "phone"}).json()["conversation_id"]
    file = upload(customer.http, "image", samples.picture()).json()
    body = {"kind": "image"} | {name: file[name] for name in ("file_id", "width", "height", "size")}
    sent = send(customer.http, customer.conversation_id, body)
    assert send(customer.http, there, body, "client-2").status_code in {200, 201}
    path = f"conversations/{customer.conversation_id}/entries/{sent.json()['seq']}/recall"
    assert customer.http.post(path, json={"client_id": "client-3"}).status_code in {200, 201}
    corp.server.settle()
    assert guide.get(f"files/{file['file_id']}").status_code == 404
    assert other_corp.http("xiaoming").get(f"files/{file['file_id']}").status_code == 200


def test_nobody_sends_what_they_cannot_read(corp: Corp, customer: Customer, note: str) -> None:
    body = {"kind": "file", "file_id": note, "name": "x", "mime": "text/plain", "size": 500}
    answer = send(customer.http, customer.conversation_id, body)
    assert (answer.status_code, answer.json()["code"]) == (422, "file_not_attachable")
    as_image = {"kind": "image", "file_id": note, "width": 1, "height": 1, "size": 1}
    wrong_kind = send(corp.http("xiaoming"), customer.conversation_id, as_image)
    assert (wrong_kind.status_code, wrong_kind.json()["code"]) == (422, "file_not_attachable")


def test_a_published_picture_is_everybodys(corp: Corp, guide: httpx.Client, server: RunningServer) -> None:
    file_id = upload(guide, "image", samples.picture()).json()["file_id"]
    actor = MemberActor(corp.corp_id, "xiaoming", "s", "member", "staff", "zh-CN")
    server.write(lambda tx: publish_file(tx, actor, file_id))
    answer = httpx.get(f"{server.url}/files/{file_id}", trust_env=False)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert httpx.head(f"{server.url}/files/{file_id}?size=thumb", trust_env=False).status_code == 200


def test_a_file_that_nothing_used_goes_after_a_day_with_its_bytes(own_server: RunningServer) -> None:
    corp = own_server.new_corp()
    guide, customer = corp.http("xiaoming"), corp.meet("xiaoming")
    unused = upload(guide, "image", samples.picture(size=(1000, 1000))).json()["file_id"]
    sent = upload(guide, "file", TEXT, "a.txt").json()["file_id"]
    body = {"kind": "file", "file_id": sent, "name": "a.txt", "mime": "text/plain", "size": 500}
    assert send(guide, customer.conversation_id, body).status_code in {200, 201}
    assert blobs_of(own_server) == {unused, f"thumb-{unused}", sent}
    run_jobs(own_server, 23 * HOUR)
    assert guide.get(f"files/{unused}").status_code == 200
    run_jobs(own_server, 2 * HOUR)
    assert guide.get(f"files/{unused}").status_code == 404
    assert guide.get(f"files/{sent}").status_code == 200
    assert blobs_of(own_server) == {sent}
    corp.close()


def run_jobs(server: RunningServer, later_us: int) -> None:
    """Move the clock and wait until the worker has nothing due."""
    due = scalar(select(func.count()).select_from(job).where(job.c.state == "waiting", job.c.run_at <= p("now")))
    server.clock.advance(later_us)
    server.application.runtime.jobs.wake()
    for _ in range(200):
        if server.read(lambda tx: tx.one(due, now=tx.now)) == 0:
            return
        time.sleep(0.05)
    raise AssertionError("the jobs are not done")
