"""What operators do to corps: found, verify, suspend, reopen; every deed on record."""

import asyncio

import httpx
import pytest

from tests.conftest import NO_TLS, Corp, RunningServer
from tests.features.identity.conftest import Visit, allow_many, visit
from tests.features.identity.steps import PASSWORD, give_password, operator_client, problem, sign_in, token_of

__all__ = ["visit"]


@pytest.fixture(autouse=True, scope="module")
def many_sign_ins(server: RunningServer) -> None:
    allow_many(server)


@pytest.fixture
def operator(server: RunningServer, visit: Visit) -> httpx.Client:
    return operator_client(server, visit)[0]


def new_corp(short_name: str) -> dict[str, object]:
    owner = {"userid": "boss", "name": "老板", "phone": "13911112222"}
    return {"name": f"{short_name}有限公司", "short_name": short_name, "owner": owner}


def test_a_corp_is_founded_and_its_owner_invited(server: RunningServer, operator: httpx.Client, visit: Visit) -> None:
    made = operator.post("corps", json=new_corp("创立"))
    assert made.status_code == 201, made.text
    corp = made.json()["corp"]
    assert (corp["status"], corp["members"], corp["corp"]["verified_at"]) == ("open", 1, None)
    assert corp["owners"] == [{"userid": "boss", "name": "老板", "status": "invited"}]
    staff = visit(server, "staff")
    entered = staff.post(
        f"invitations/{token_of(made.json()['invitation_url'])}", json={"password": PASSWORD, "device": "desk"}
    )
    assert entered.json()["member"]["role"] == "owner"
    assert operator.get(f"corps/{corp['corp']['corp_id']}").json()["owners"][0]["status"] == "active"
    assert problem(operator.post("corps", json=new_corp("创立"))) == (409, "short_name_taken")
    assert problem(operator.post("corps", json={**new_corp("x"), "time_zone": "Mars/Base"})) == (422, "invalid_input")
    assert problem(operator.post("corps", json={"name": "x", "short_name": "y"})) == (422, "invalid_input")


def test_founding_twice_by_one_key_is_one_corp(operator: httpx.Client) -> None:
    key = {"Idempotency-Key": "found-1"}
    first, again = (operator.post("corps", json=new_corp("重复"), headers=key).json() for _ in range(2))
    assert first["corp"] == again["corp"]
    assert first["invitation_url"] != again["invitation_url"]


def test_links_are_for_owners_who_never_signed_in(operator: httpx.Client, corp: Corp) -> None:
    made = operator.post("corps", json=new_corp("待激活")).json()["corp"]["corp"]["corp_id"]
    assert "/staff/invitation#" in operator.post(f"corps/{made}/owners/boss/invite").json()["invitation_url"]
    for userid in ("laoban", "xiaoming"):
        refused = operator.post(f"corps/{corp.corp_id}/owners/{userid}/invite")
        assert problem(refused) == (409, "not_a_waiting_owner")
    assert problem(operator.post(f"corps/{made}/owners/nobody/invite")) == (404, "not_found")
    assert problem(operator.post("corps/wwnone/owners/boss/invite")) == (404, "not_found")


def test_a_verified_name_is_verified_until_it_changes(operator: httpx.Client, corp: Corp) -> None:
    verified = operator.post(f"corps/{corp.corp_id}/verify").json()
    assert verified["corp"]["verified_at"] > 0
    assert problem(operator.post(f"corps/{corp.corp_id}/verify")) == (409, "corp_already")
    admin = corp.http("laoban", "admin")
    assert admin.patch("corp", json={"time_zone": "Asia/Urumqi"}).json()["verified_at"] is not None
    assert admin.patch("corp", json={"name": "完全不同的公司"}).json()["verified_at"] is None
    assert operator.post(f"corps/{corp.corp_id}/verify").status_code == 200


def test_a_suspended_corp_is_out_of_service(
    server: RunningServer, operator: httpx.Client, corp: Corp, visit: Visit
) -> None:
    give_password(corp, "xiaoming")
    short_name = corp.http("laoban").get("me").json()["corp"]["short_name"]
    guide, admin = corp.http("xiaoming"), corp.http("laoban", "admin")
    way, window = guide.get("contact-ways/mine").json(), guide.get("me").json()["member"]["window_id"]
    customer = corp.meet("xiaoming")
    link = token_of(admin.post("members/xiaohong/invite").json()["invitation_url"])
    stranger = visit(server, "consumer")
    suspended = operator.post(f"corps/{corp.corp_id}/suspend", json={"reason": "执照已吊销"}).json()
    assert suspended["status"] == "suspended"
    assert problem(guide.get("me")) == (401, "not_signed_in")
    assert problem(admin.get("me")) == (401, "not_signed_in")
    for surface in ("staff", "admin"):
        assert problem(sign_in(visit(server, surface), short_name, "xiaoming", "wrong-one")) == (
            401,
            "wrong_credentials",
        )
    assert problem(sign_in(visit(server, "staff"), short_name, "xiaoming")) == (403, "corp_suspended")
    token = {"corp": short_name, "login": "xiaoming", "password": PASSWORD, "name": "bot"}
    assert problem(visit(server, "staff").post("tokens", json=token)) == (403, "corp_suspended")
    taken = visit(server, "staff").post(f"invitations/{link}", json={"password": PASSWORD, "device": ""})
    assert problem(taken) == (403, "corp_suspended")
    for visitor in (stranger, customer.http):
        assert visitor.get(f"contact-ways/{way['code']}").json()["status"] == "closed"
    assert problem(stranger.post(f"contact-ways/{way['code']}/accept", json={})) == (410, "nobody_serves")
    public = httpx.get(f"{server.url}/api/public/windows/{window}", trust_env=False, verify=NO_TLS)
    assert public.json()["status"] == "suspended"
    assert problem(operator.post(f"corps/{corp.corp_id}/suspend", json={})) == (409, "corp_already")
    assert operator.post(f"corps/{corp.corp_id}/reopen", json={}).json()["status"] == "open"
    assert problem(operator.post(f"corps/{corp.corp_id}/reopen", json={})) == (409, "corp_already")
    assert sign_in(visit(server, "staff"), short_name, "xiaoming").status_code == 200
    assert stranger.get(f"contact-ways/{way['code']}").json()["status"] == "open"
    deeds = operator.get("deeds", params={"corp": corp.corp_id}).json()["items"]
    assert [(deed["kind"], deed["reason"]) for deed in deeds] == [
        ("corp_reopened", None),
        ("corp_suspended", "执照已吊销"),
    ]
    assert deeds[0]["operator_id"] == operator.get("me").json()["operator"]["operator_id"]


async def test_sockets_of_a_suspended_corp_close(operator: httpx.Client, corp: Corp, other_corp: Corp) -> None:
    async with corp.socket("xiaoming") as socket, other_corp.socket("xiaoming") as witness:
        await asyncio.to_thread(operator.post, f"corps/{corp.corp_id}/suspend", json={})
        assert await socket.closed() == 4401
        await witness.say({"type": "ping", "seqs": {}})
        await witness.expect("pong")


def test_other_corps_stay_open(operator: httpx.Client, corp: Corp, other_corp: Corp) -> None:
    guide = other_corp.http("xiaoming")
    operator.post(f"corps/{corp.corp_id}/suspend", json={})
    assert guide.get("me").status_code == 200


def test_corps_are_found_and_paged(operator: httpx.Client, corp: Corp) -> None:
    for place in range(5):
        operator.post("corps", json=new_corp(f"翻页{place}"))
    found = operator.get("corps", params={"search": "@翻页", "limit": 3}).json()
    assert [one["corp"]["short_name"] for one in found["items"]] == ["翻页4", "翻页3", "翻页2"]
    rest = operator.get("corps", params={"search": "翻页", "limit": 3, "after": found["next"]}).json()
    assert [one["corp"]["short_name"] for one in rest["items"]] == ["翻页1", "翻页0"]
    assert rest["next"] is None
    assert [one["members"] for one in operator.get("corps", params={"search": corp.corp_id}).json()["items"]] == [3]
    operator.post(f"corps/{corp.corp_id}/suspend", json={})
    for status, expected in (("suspended", 1), ("open", 0)):
        where = {"search": corp.corp_id, "status": status}
        assert len(operator.get("corps", params=where).json()["items"]) == expected
    assert operator.get("corps", params={"search": "%"}).json()["items"] == []
    assert problem(operator.get("corps", params={"after": "x"})) == (422, "invalid_input")
    page = operator.get("deeds", params={"limit": 2}).json()
    following = operator.get("deeds", params={"limit": 2, "after": page["next"]}).json()
    kinds = [deed["kind"] for deed in [*page["items"], *following["items"]]]
    assert kinds == ["corp_suspended", "owner_invited", "corp_founded", "owner_invited"]


@pytest.mark.parametrize("path", ["corps", "corps/wwx", "deeds"])
def test_only_operators_look(server: RunningServer, corp: Corp, path: str) -> None:
    url = f"{server.url}/api/operator/{path}"
    for headers in ({}, {"Authorization": f"Bearer {corp.token('laoban', 'admin')}"}):
        assert problem(httpx.get(url, headers=headers, trust_env=False, verify=NO_TLS)) == (401, "not_signed_in")


@pytest.mark.parametrize("step", ["verify", "suspend", "reopen"])
def test_only_operators_act_and_on_corps_that_exist(operator: httpx.Client, corp: Corp, step: str) -> None:
    url = f"{corp.server.url}/api/operator/corps/{corp.corp_id}/{step}"
    headers = {"Authorization": f"Bearer {corp.token('laoban', 'admin')}"}
    refused = httpx.post(url, json={}, headers=headers, trust_env=False, verify=NO_TLS)
    assert problem(refused) == (401, "not_signed_in")
    assert problem(operator.post(f"corps/wwnone/{step}", json={})) == (404, "not_found")
