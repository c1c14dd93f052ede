"""Avatars and logos: an uploaded picture that everybody may see from then on."""

import io

import httpx
from PIL import Image

from tests.conftest import NO_TLS, Corp, RunningServer
from tests.features.identity.steps import problem


def upload(client: httpx.Client) -> str:
    """Upload a small picture and return its id."""
    picture = io.BytesIO()
    Image.new("RGB", (64, 64), "#2563eb").save(picture, "PNG")
    answer = client.post(
        "files",
        params={"kind": "image", "name": "me.png"},
        content=picture.getvalue(),
        headers={"Content-Type": "image/png"},
    )
    assert answer.status_code in {200, 201}, answer.text
    return answer.json()["file_id"]


def seen_by_anybody(server: RunningServer, url: str) -> bool:
    answer = httpx.get(f"{server.url}{url}", trust_env=False, verify=NO_TLS)
    return answer.status_code == 200 and answer.headers["content-type"].startswith("image/")


def test_a_member_shows_a_picture(server: RunningServer, corp: Corp) -> None:
    guide = corp.http("xiaoming")
    file_id = upload(guide)
    assert not seen_by_anybody(server, f"/files/{file_id}")
    member = guide.patch("me", json={"avatar_file_id": file_id}).json()["member"]
    assert member["avatar_url"] == f"/files/{file_id}"
    assert seen_by_anybody(server, member["avatar_url"])
    window = httpx.get(f"{server.url}/api/public/windows/{member['window_id']}", trust_env=False, verify=NO_TLS)
    assert window.json()["avatar_url"] == member["avatar_url"]
    assert guide.patch("me", json={"avatar_file_id": None}).json()["member"]["avatar_url"] is None


def test_nobody_shows_somebody_elses_picture(server: RunningServer, corp: Corp, other_corp: Corp) -> None:
    file_id = upload(corp.http("xiaoming"))
    for stranger in (corp.http("xiaohong"), other_corp.http("xiaoming"), corp.meet("xiaoming").http):
        assert problem(stranger.patch("me", json={"avatar_file_id": file_id}))[0] == 422
    assert not seen_by_anybody(server, f"/files/{file_id}")


def test_a_corp_shows_a_logo(server: RunningServer, corp: Corp) -> None:
    admin = corp.http("laoban", "admin")
    changed = admin.patch("corp", json={"logo_file_id": upload(admin)})
    assert changed.status_code == 200, changed.text
    assert seen_by_anybody(server, changed.json()["logo_url"])
    assert admin.patch("corp", json={"logo_file_id": None}).json()["logo_url"] is None


def test_an_administrator_gives_a_member_a_picture(server: RunningServer, corp: Corp) -> None:
    admin = corp.http("laoban", "admin")
    changed = admin.patch("members/xiaoming", json={"avatar_file_id": upload(admin)}).json()
    assert seen_by_anybody(server, changed["avatar_url"])


def test_a_consumer_shows_a_picture(server: RunningServer, corp: Corp) -> None:
    consumer = corp.meet("xiaoming").http
    changed = consumer.patch("me", json={"avatar_file_id": upload(consumer)})
    assert changed.status_code == 200, changed.text
    assert seen_by_anybody(server, changed.json()["avatar_url"])
