"""Sessions: listed, ended, expired, and what that does to open sockets."""

import asyncio

import pytest

from rapport.features.identity.actions.sessions import end_expired_sessions
from rapport.kernel.clock import DAY, HOUR, MINUTE
from tests.conftest import Corp, RunningServer
from tests.features.identity.conftest import Visit
from tests.features.identity.steps import problem


def current(items: list[dict[str, object]]) -> list[object]:
    return [one["session_id"] for one in items if one["current"]]


def test_ones_devices_are_listed_and_signed_out_one_by_one(corp: Corp) -> None:
    here, there = corp.http("xiaoming"), corp.http("xiaoming")
    listed = here.get("sessions").json()["items"]
    assert len(listed) == 2
    assert current(listed) == [here.get("me").json()["session_id"]]
    assert {one["surface"] for one in listed} == {"staff"}
    assert listed[0]["expires_at"] > listed[0]["seen_at"] >= listed[0]["created_at"]
    other = there.get("me").json()["session_id"]
    assert here.delete(f"sessions/{other}").status_code == 204
    assert there.get("me").status_code == 401
    assert problem(here.delete(f"sessions/{other}")) == (404, "not_found")
    assert len(here.get("sessions").json()["items"]) == 1


def test_all_others_are_signed_out_at_once(corp: Corp) -> None:
    here, there = corp.http("xiaoming"), corp.http("xiaoming")
    colleague = corp.http("xiaohong")
    assert here.delete("sessions").status_code == 204
    assert (here.get("me").status_code, there.get("me").status_code) == (200, 401)
    assert colleague.get("me").status_code == 200


def test_nobody_ends_somebody_elses_session(corp: Corp, other_corp: Corp) -> None:
    mine = corp.http("xiaoming")
    session_id = mine.get("me").json()["session_id"]
    consumer = corp.meet("xiaohong")
    consumer_session = consumer.http.get("me").json()["session_id"]
    for stranger in (corp.http("xiaohong"), other_corp.http("xiaoming"), other_corp.http("laoban", "admin")):
        for target in (session_id, consumer_session, "x", "no-such-session"):
            assert problem(stranger.delete(f"sessions/{target}")) == (404, "not_found")
    assert problem(consumer.http.delete(f"sessions/{session_id}")) == (404, "not_found")
    assert mine.get("me").status_code == 200
    assert consumer.http.get("me").status_code == 200


def test_signing_out_ends_the_session_and_the_cookie(server: RunningServer, corp: Corp, visit: Visit) -> None:
    for surface, userid in (("staff", "xiaoming"), ("admin", "laoban")):
        browser = visit(server, surface)
        token = corp.token(userid, surface)
        browser.cookies.set(f"rapport_{surface}", token)
        assert browser.get("me").status_code == 200
        answer = browser.post("sign-out")
        assert answer.status_code == 204
        assert "Max-Age=0" in answer.headers["set-cookie"]
        again = visit(server, surface)
        assert again.get("me", headers={"Authorization": f"Bearer {token}"}).status_code == 401
        assert again.post("sign-out").status_code == 204


def test_an_administrator_sees_and_ends_devices_of_the_corp(corp: Corp, other_corp: Corp) -> None:
    admin, guide = corp.http("laoban", "admin"), corp.http("xiaoming")
    other_corp.http("xiaoming")
    listed = admin.get("sessions").json()["items"]
    assert {(one["userid"], one["person"]) for one in listed} == {("laoban", "老板"), ("xiaoming", "小明")}
    assert [one["surface"] for one in listed if one["current"]] == ["admin"]
    only = admin.get("sessions", params={"userid": "xiaoming"}).json()["items"]
    assert [one["userid"] for one in only] == ["xiaoming"]
    assert admin.delete(f"sessions/{only[0]['session_id']}").status_code == 204
    assert guide.get("me").status_code == 401
    assert admin.get("sessions", params={"userid": "nobody"}).json() == {"items": [], "next": None}


def test_devices_of_the_corp_come_in_pages(corp: Corp) -> None:
    admin = corp.http("laoban", "admin")
    for _ in range(4):
        corp.token("xiaoming")
    seen: list[str] = []
    after = None
    while True:
        page = admin.get("sessions", params={"limit": 2} | ({"after": after} if after else {})).json()
        seen += [one["session_id"] for one in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 5
    for params in ({"after": "garbage"}, {"limit": 0}, {"limit": 1000}, {"limit": "many"}):
        assert problem(admin.get("sessions", params=params)) == (422, "invalid_input")


def test_strangers_and_members_have_no_access(server: RunningServer, corp: Corp, visit: Visit) -> None:
    for surface in ("staff", "consumer", "admin"):
        browser = visit(server, surface)
        assert problem(browser.get("sessions")) == (401, "not_signed_in")
        assert problem(browser.delete("sessions/x")) == (401, "not_signed_in")
        assert problem(browser.get("me")) == (401, "not_signed_in")
        assert problem(browser.get("me", headers={"Authorization": "Bearer nonsense"})) == (401, "not_signed_in")
    plain = {"Authorization": f"Bearer {corp.token('xiaoming', 'admin')}"}
    assert problem(visit(server, "admin").get("sessions", headers=plain)) == (401, "not_signed_in")


async def test_ending_a_session_closes_its_socket_and_no_other(corp: Corp) -> None:
    guide = corp.http("xiaoming")
    first, second = corp.socket("xiaoming"), corp.socket("xiaoming")
    await first.connect()
    await second.connect()
    listed = guide.get("sessions").json()["items"]
    target = first.welcome["session_id"]
    assert target in {one["session_id"] for one in listed}
    assert guide.delete(f"sessions/{target}").status_code == 204
    assert await first.closed(within_s=5) == 4401
    await asyncio.sleep(0.1)
    assert second.close_code is None
    await second.close()


@pytest.mark.parametrize("step", ["suspend", "depart"])
async def test_who_is_taken_out_of_service_is_disconnected_at_once(corp: Corp, step: str) -> None:
    socket = corp.socket("xiaoming")
    await socket.connect()
    guide = corp.http("xiaoming")
    assert corp.http("laoban", "admin").post(f"members/xiaoming/{step}").status_code == 200
    assert await socket.closed(within_s=5) == 4401
    assert problem(guide.get("me")) == (401, "not_signed_in")


def test_a_session_ends_when_it_is_not_used(own_server: RunningServer) -> None:
    corp = own_server.new_corp()
    guide, admin = corp.http("xiaoming"), corp.http("laoban", "admin")
    own_server.clock.advance(11 * HOUR)
    assert admin.get("me").status_code == 200
    own_server.clock.advance(2 * HOUR)
    assert (guide.get("me").status_code, admin.get("me").status_code) == (200, 401)
    own_server.clock.advance(15 * DAY)
    assert problem(guide.get("me")) == (401, "not_signed_in")
    corp.close()


async def test_use_is_noted_and_keeps_a_session_but_not_for_ever(own_server: RunningServer) -> None:
    corp = own_server.new_corp()
    guide = corp.http("xiaoming")
    began = guide.get("sessions").json()["items"][0]["seen_at"]
    own_server.clock.advance(MINUTE // 2)
    guide.get("me")
    own_server.flush_sightings()
    assert guide.get("sessions").json()["items"][0]["seen_at"] == began
    for _ in range(2):
        own_server.clock.advance(13 * DAY)
        assert guide.get("me").status_code == 200
        own_server.flush_sightings()
    assert guide.get("sessions").json()["items"][0]["seen_at"] > began + 26 * DAY - MINUTE
    own_server.clock.advance(5 * DAY)
    assert problem(guide.get("me")) == (401, "not_signed_in")
    corp.close()


async def test_the_socket_of_an_expired_session_is_closed(own_server: RunningServer) -> None:
    corp = own_server.new_corp()
    socket = corp.socket("xiaoming")
    await socket.connect()
    own_server.clock.advance(31 * DAY)
    own_server.write(end_expired_sessions)
    assert await socket.closed(within_s=5) == 4401
    corp.close()
