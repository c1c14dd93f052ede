"""Members as administrators manage them: who may do what to whom, and what it does."""

from typing import Any

import pytest

from tests.conftest import Corp, RunningServer
from tests.features.identity.steps import problem

STEPS = ("suspend", "restore", "depart", "verify", "invite")


def status(corp: Corp, userid: str) -> str:
    return corp.http("laoban").get(f"members/{userid}").json()["status"]


def test_a_member_is_added_with_everything_that_is_known(corp: Corp) -> None:
    admin = corp.http("laoban", "admin")
    body = {
        "userid": "Chen.Yu-1",
        "name": " 陈雨 ",
        "phone": "139 1234 5678",
        "alias": "小雨",
        "post": "店长",
        "store_name": "杭州一店",
        "store_address": "杭州市西湖区 1 号",
        "hours": "10:00–22:00",
        "introduction": "跑步\n瑜伽",
        "departments": [1],
    }
    answer = admin.post("members", json=body)
    assert answer.status_code == 201, answer.text
    member = answer.json()["member"]
    assert member["name"] == "陈雨"
    assert member["phone"] == "+8613912345678"
    assert (member["status"], member["role"], member["real_name_verified_at"]) == ("invited", "member", None)
    assert {**member, **body, "name": "陈雨", "phone": "+8613912345678"} == member
    assert answer.json()["invitation_url"].startswith(f"{corp.server.url}/staff/invitation#")


@pytest.mark.parametrize("body", [{"userid": "XiaoMing"}, {"userid": "other", "phone": "13912345678"}])
def test_a_userid_and_a_phone_belong_to_one_member(corp: Corp, body: dict[str, Any]) -> None:
    corp.add_member("holder", "机主", phone="13912345678")
    assert problem(corp.http("laoban", "admin").post("members", json={"name": "某人"} | body)) == (409, "login_taken")


def test_two_corps_may_have_the_same_userid_and_phone(corp: Corp, other_corp: Corp) -> None:
    for one in (corp, other_corp):
        body = {"userid": "same", "name": "同名", "phone": "13912345678"}
        assert one.http("laoban", "admin").post("members", json=body).status_code == 201


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"name": "无账号"}, ""),
        ({"userid": "a b", "name": "某"}, "userid"),
        ({"userid": "", "name": "某"}, "userid"),
        ({"userid": "x" * 65, "name": "某"}, "userid"),
        ({"userid": "中文", "name": "某"}, "userid"),
        ({"userid": "new", "name": ""}, "name"),
        ({"userid": "new", "name": "长" * 65}, "name"),
        ({"userid": "new", "name": "a\x00b"}, "name"),
        ({"userid": "new", "name": "某", "phone": "123"}, "phone"),
        ({"userid": "new", "name": "某", "introduction": "长" * 501}, "introduction"),
        ({"userid": "new", "name": "某", "departments": []}, "departments"),
        ({"userid": "new", "name": "某", "departments": ["x"]}, "departments[0]"),
        ({"userid": "new", "name": "某", "role": "king"}, "role"),
        ({"userid": "new", "name": "某", "status": "active"}, ""),
    ],
)
def test_a_member_of_the_wrong_shape(corp: Corp, body: dict[str, Any], path: str) -> None:
    answer = corp.http("laoban", "admin").post("members", json=body)
    assert problem(answer) == (422, "invalid_input")
    assert answer.json()["fields"][0]["path"] == path
    assert "new" not in {one["userid"] for one in corp.http("laoban", "admin").get("members").json()["items"]}


def test_a_department_that_is_not_there(corp: Corp) -> None:
    answer = corp.http("laoban", "admin").post("members", json={"userid": "new", "name": "某", "departments": [7]})
    assert problem(answer) == (422, "unknown_department")


def test_a_repeated_request_adds_one_member(corp: Corp) -> None:
    admin, body = corp.http("laoban", "admin"), {"userid": "once", "name": "一次"}
    answers = [admin.post("members", json=body, headers={"Idempotency-Key": "add-once"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["member"] == answers[1].json()["member"]
    other = admin.post("members", json={"userid": "twice", "name": "两次"}, headers={"Idempotency-Key": "add-once"})
    assert problem(other) == (409, "idempotency_key_reused")


def test_what_is_known_of_a_member_changes(corp: Corp) -> None:
    admin = corp.http("laoban", "admin")
    changed = admin.patch("members/xiaoming", json={"name": "王小明", "post": None, "serves_customers": False}).json()
    assert (changed["name"], changed["post"], changed["serves_customers"]) == ("王小明", None, False)
    found = corp.http("xiaohong").get("members", params={"search": "wxm"}).json()["items"]
    assert [one["userid"] for one in found] == ["xiaoming"]
    assert admin.patch("members/xiaoming", json={}).json() == changed
    for body in ({"name": None}, {"name": " "}, {"userid": "other"}, {"departments": [1] * 21}, {"phone": "abc"}):
        assert problem(admin.patch("members/xiaoming", json=body)) == (422, "invalid_input")
    assert problem(admin.patch("members/xiaoming", json={"departments": [9]})) == (422, "unknown_department")
    assert admin.patch("members/xiaoming", json={}).json() == changed


def test_the_way_of_a_member(corp: Corp) -> None:
    admin = corp.http("laoban", "admin")
    assert problem(admin.post("members/xiaoming/restore")) == (409, "wrong_status")
    assert admin.post("members/xiaoming/suspend").json()["status"] == "suspended"
    assert problem(admin.post("members/xiaoming/suspend")) == (409, "wrong_status")
    assert problem(admin.post("members/xiaoming/invite")) == (409, "wrong_status")
    # Nobody ever set a password for this member, so restoring leads back to the beginning.
    assert admin.post("members/xiaoming/restore").json()["status"] == "invited"
    assert admin.patch("members/xiaoming", json={"phone": "13912340000"}).json()["phone"] == "+8613912340000"
    departed = admin.post("members/xiaoming/depart").json()
    assert departed["phone"] is None
    assert admin.get("members/xiaoming").json() == departed
    assert admin.get("members", params={"status": "departed"}).json()["items"] == [departed]
    assert admin.get("members", params={"search": "0000"}).json()["items"] == []
    assert admin.get("members", params={"search": "小明"}).json()["items"] == [departed]
    assert corp.http("xiaohong").get("members/xiaoming").json()["phone"] is None
    assert (departed["status"], departed["real_name_verified_at"]) == ("departed", None)
    for step in STEPS:
        assert problem(admin.post(f"members/xiaoming/{step}")) == (409, "wrong_status")
    assert problem(admin.patch("members/xiaoming", json={"post": "x"})) == (409, "wrong_status")


def test_one_member_is_read_by_the_corps_administrators(corp: Corp, other_corp: Corp) -> None:
    admin = corp.http("laoban", "admin")
    (listed,) = (one for one in admin.get("members").json()["items"] if one["userid"] == "xiaoming")
    assert admin.get("members/xiaoming").json() == listed
    other_corp.add_member("theirs", "别家")
    for userid in ("nobody", "theirs"):
        assert problem(admin.get(f"members/{userid}")) == (404, "not_found")
    plain = corp.http("xiaohong", "admin")
    assert problem(plain.get("members/xiaoming")) == (401, "not_signed_in")


def test_a_real_name_is_verified_once(corp: Corp) -> None:
    corp.add_member("newbie", "新人", verified=False)
    admin = corp.http("laoban", "admin")
    assert admin.post("members/newbie/verify").json()["real_name_verified_at"] > 0
    assert problem(admin.post("members/newbie/verify")) == (409, "already_verified")


def test_the_phone_of_who_left_is_free_again(corp: Corp) -> None:
    corp.add_member("old", "旧人", phone="13912345678")
    admin = corp.http("laoban", "admin")
    admin.post("members/old/depart")
    added = admin.post("members", json={"userid": "young", "name": "新人", "phone": "13912345678"})
    assert added.status_code == 201


def test_the_last_owner_stays(corp: Corp) -> None:
    admin = corp.http("laoban", "admin")
    for step in ("suspend", "depart"):
        assert problem(admin.post(f"members/laoban/{step}")) == (409, "last_owner")
    assert problem(admin.patch("members/laoban", json={"role": "member"})) == (409, "last_owner")
    invited = {"userid": "heir", "name": "继承人", "role": "owner"}
    assert admin.post("members", json=invited).status_code == 201
    assert problem(admin.patch("members/laoban", json={"role": "admin"})) == (409, "last_owner")
    assert admin.patch("members/xiaohong", json={"role": "owner"}).json()["role"] == "owner"
    assert admin.patch("members/laoban", json={"role": "member"}).json()["role"] == "member"
    assert problem(admin.get("me")) == (401, "not_signed_in")
    assert corp.http("laoban").get("me").json()["member"]["role"] == "member"


def test_administrators_manage_plain_members_only(corp: Corp) -> None:
    corp.add_member("guanli", "管理", role="admin")
    corp.add_member("guanli2", "管理二", role="admin")
    admin = corp.http("guanli", "admin")
    for userid in ("laoban", "guanli2"):
        for step in STEPS:
            assert problem(admin.post(f"members/{userid}/{step}")) == (403, "owner_required")
        assert problem(admin.patch(f"members/{userid}", json={"name": "x"})) == (403, "owner_required")
    assert problem(admin.patch("members/guanli", json={"role": "owner"})) == (403, "owner_required")
    assert problem(admin.patch("members/xiaoming", json={"role": "admin"})) == (403, "owner_required")
    new = {"userid": "new", "name": "新", "role": "admin"}
    assert problem(admin.post("members", json=new)) == (403, "owner_required")
    assert admin.patch("members/guanli", json={"post": "运营"}).json()["post"] == "运营"
    assert admin.post("members/xiaoming/suspend").status_code == 200
    assert admin.post("members", json={"userid": "new", "name": "新"}).status_code == 201


def test_members_of_other_corps_do_not_exist(corp: Corp, other_corp: Corp) -> None:
    other_corp.add_member("elsewhere", "别处")
    admin = corp.http("laoban", "admin")
    for userid in ("elsewhere", "nobody"):
        for step in STEPS:
            assert problem(admin.post(f"members/{userid}/{step}")) == (404, "not_found")
        assert problem(admin.patch(f"members/{userid}", json={"name": "x"})) == (404, "not_found")
    assert status(other_corp, "elsewhere") == "active"


def test_the_administration_is_closed_to_others(server: RunningServer, corp: Corp) -> None:
    guide = corp.http("xiaoming")
    calls = [
        ("GET", "members"), ("POST", "members"), ("PATCH", "members/xiaoming"), ("GET", "departments"),
        ("POST", "departments"), ("PATCH", "departments/1"), ("DELETE", "departments/1"), ("GET", "corp"),
        ("PATCH", "corp"), ("GET", "policies"), ("PUT", "policies/x"), ("GET", "sessions"), ("GET", "me"),
        *(("POST", f"members/xiaoming/{step}") for step in STEPS),
    ]  # fmt: skip
    for method, path in calls:
        answer = guide.request(method, f"{server.url}/api/admin/{path}", json={})
        assert problem(answer) == (401, "not_signed_in"), (method, path)


def test_the_list_of_members_is_narrowed(corp: Corp) -> None:
    admin = corp.http("laoban", "admin")
    admin.post("members", json={"userid": "late", "name": "迟到"})
    admin.post("members/xiaohong/depart")

    def userids(**params: str) -> list[str]:
        return sorted(one["userid"] for one in admin.get("members", params=params).json()["items"])

    assert userids() == ["laoban", "late", "xiaohong", "xiaoming"]
    assert userids(status="departed") == ["xiaohong"]
    assert userids(status="invited") == ["late"]
    assert userids(status="active", search="xm") == ["xiaoming"]
    assert userids(department="1", status="active") == ["laoban", "xiaoming"]
    assert problem(admin.get("members", params={"status": "asleep"})) == (422, "invalid_input")
