"""The corp, its tree, its policies, and windows as anybody checks them."""

from typing import Any

import httpx
import pytest

from rapport.features.organization.api import verify_corp
from rapport.kernel.policy import PLATFORM, set_policy
from tests.conftest import NO_TLS, Corp, RunningServer
from tests.features.identity.steps import problem


def window_of(server: RunningServer, window_id: str) -> httpx.Response:
    url = f"{server.url}/api/public/windows/{window_id}"
    return httpx.get(url, headers={"Accept-Language": "en"}, trust_env=False, verify=NO_TLS)


def test_a_corp_is_changed_and_its_badge_with_it(corp: Corp) -> None:
    admin = corp.http("laoban", "admin")
    before = admin.get("corp").json()
    assert before["badge"] == f"@{before['short_name']}"
    short = f"{before['short_name']}新"
    changed = admin.patch("corp", json={"name": "新名有限公司", "short_name": f"@{short}", "time_zone": "Asia/Urumqi"})
    assert changed.json() == {
        **before,
        "name": "新名有限公司",
        "short_name": short,
        "badge": f"@{short}",
        "time_zone": "Asia/Urumqi",
    }
    assert corp.http("xiaoming").get("me").json()["corp"] == admin.get("corp").json() == changed.json()


def test_a_short_name_belongs_to_one_corp(corp: Corp, other_corp: Corp) -> None:
    taken = other_corp.http("laoban", "admin").get("corp").json()["short_name"]
    admin = corp.http("laoban", "admin")
    assert problem(admin.patch("corp", json={"short_name": taken})) == (409, "short_name_taken")
    own = admin.get("corp").json()["short_name"]
    assert admin.patch("corp", json={"short_name": own}).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"short_name": ""},
        {"short_name": "长" * 21},
        {"short_name": "a@b"},
        {"name": "\u202e"},
        {"name": 1},
        {"time_zone": "Mars/Base"},
        {"verified_at": 1},
        {"corp_id": "ww1"},
    ],
)
def test_a_corp_of_the_wrong_shape(corp: Corp, body: dict[str, Any]) -> None:
    admin = corp.http("laoban", "admin")
    before = admin.get("corp").json()
    assert problem(admin.patch("corp", json=body)) == (422, "invalid_input")
    assert admin.get("corp").json() == before


def test_an_unknown_logo_is_refused(corp: Corp) -> None:
    assert problem(corp.http("laoban", "admin").patch("corp", json={"logo_file_id": "no-such"}))[0] == 422


def test_the_tree_grows_moves_and_shrinks(corp: Corp) -> None:
    admin = corp.http("laoban", "admin")
    east = admin.post("departments", json={"name": "华东"})
    assert east.status_code == 201
    shop = admin.post("departments", json={"name": "杭州", "parent_id": east.json()["id"]}).json()
    moved = admin.patch(f"departments/{shop['id']}", json={"parent_id": 1, "order": 0, "name": "杭州店"}).json()
    assert (moved["parent_id"], moved["order"], moved["name"]) == (1, 0, "杭州店")
    below = admin.patch(f"departments/{east.json()['id']}", json={"parent_id": shop["id"]})
    assert below.status_code == 200
    circle = admin.patch(f"departments/{shop['id']}", json={"parent_id": east.json()["id"]})
    assert problem(circle) == (409, "department_circle")
    assert problem(admin.delete(f"departments/{shop['id']}")) == (409, "department_in_use")
    assert admin.delete(f"departments/{east.json()['id']}").status_code == 204
    assert admin.delete(f"departments/{shop['id']}").status_code == 204
    assert [one["id"] for one in admin.get("departments").json()["items"]] == [1]


def test_departments_with_people_and_the_root_stay(corp: Corp) -> None:
    admin = corp.http("laoban", "admin")
    shop = admin.post("departments", json={"name": "店"}).json()
    admin.patch("members/xiaoming", json={"departments": [shop["id"]]})
    assert problem(admin.delete(f"departments/{shop['id']}")) == (409, "department_in_use")
    assert problem(admin.delete("departments/1")) == (409, "root_department")
    assert problem(admin.patch("departments/1", json={"parent_id": shop["id"]})) == (409, "root_department")
    assert problem(admin.patch("departments/1", json={"parent_id": 99})) == (409, "root_department")
    assert admin.patch("departments/1", json={"name": "总部"}).json()["name"] == "总部"


def test_departments_asked_for_wrongly(corp: Corp, other_corp: Corp) -> None:
    admin = corp.http("laoban", "admin")
    far = other_corp.http("laoban", "admin").post("departments", json={"name": "别家"}).json()["id"]
    for department in (far, 77):
        assert problem(admin.patch(f"departments/{department}", json={"name": "x"})) == (404, "not_found")
        assert problem(admin.delete(f"departments/{department}")) == (404, "not_found")
    for body in ({}, {"name": ""}, {"name": "长" * 65}, {"name": "x", "parent_id": 0}, {"name": "x", "parent_id": "a"}):
        assert problem(admin.post("departments", json=body)) == (422, "invalid_input")
    assert problem(admin.post("departments", json={"name": "x", "parent_id": 5})) == (422, "unknown_department")
    assert problem(admin.patch("departments/1", json={"order": -1})) == (422, "invalid_input")


def test_a_window_is_checked_by_anybody(server: RunningServer, corp: Corp) -> None:
    admin = corp.http("laoban", "admin")
    fields = {
        "alias": "小明老师",
        "phone": "13912345678",
        "store_name": "一店",
        "store_address": "西湖",
        "hours": "10–22",
    }
    member = admin.patch("members/xiaoming", json=fields).json()
    server.write(lambda tx: verify_corp(tx, corp.corp_id))
    window = window_of(server, member["window_id"]).json()
    assert window["corp"] == admin.get("corp").json()
    assert window["corp"]["verified_at"] > 0
    assert (window["name"], window["badge"], window["phone"]) == ("小明老师", window["corp"]["badge"], "+8613912345678")
    assert (window["store_name"], window["store_address"], window["hours"]) == ("一店", "西湖", "10–22")
    assert (window["status"], window["real_name_verified_at"]) == ("active", member["real_name_verified_at"])
    assert window["checked_at"] >= member["real_name_verified_at"]
    assert set(window) & {"role", "departments", "last_seen_at"} == set()


def test_a_window_shows_only_what_the_corp_lets_out(server: RunningServer, corp: Corp) -> None:
    admin = corp.http("laoban", "admin")
    fields = {
        "phone": "13912345678",
        "store_name": "一店",
        "store_address": "西",
        "hours": "10–22",
        "introduction": "你好",
    }
    window_id = admin.patch("members/xiaoming", json=fields).json()["window_id"]
    shown = {
        "phone": ["phone"],
        "store": ["store_name", "store_address"],
        "hours": ["hours"],
        "introduction": ["introduction"],
    }
    for name, hidden in shown.items():
        assert all(window_of(server, window_id).json()[field] for field in hidden)
        assert admin.put(f"policies/organization.window_shows_{name}", json={"value": False}).status_code == 200
        assert all(window_of(server, window_id).json()[field] is None for field in hidden)


def test_a_window_says_who_was_suspended_or_left(server: RunningServer, corp: Corp) -> None:
    admin = corp.http("laoban", "admin")
    window_id = admin.patch("members/xiaoming", json={"phone": "13912345678"}).json()["window_id"]
    admin.post("members/xiaoming/suspend")
    assert window_of(server, window_id).json()["status"] == "suspended"
    admin.post("members/xiaoming/depart")
    gone = window_of(server, window_id).json()
    assert (gone["status"], gone["phone"], gone["post"], gone["real_name_verified_at"]) == (
        "departed",
        None,
        None,
        None,
    )
    assert gone["name"] == "小明"


def test_a_window_that_is_not_there(server: RunningServer, corp: Corp) -> None:
    invited = corp.http("laoban", "admin").post("members", json={"userid": "late", "name": "迟到"}).json()["member"]
    for window_id in ("nothing", invited["window_id"], "%00", "😀"):
        assert problem(window_of(server, window_id)) == (404, "not_found")
    assert problem(window_of(server, "x" * 65)) == (422, "invalid_input")


def test_policies_are_listed_with_their_presets_and_set(corp: Corp, other_corp: Corp) -> None:
    admin = corp.http("laoban", "admin")
    items = {one["name"]: one for one in admin.get("policies").json()["items"]}
    assert "identity.code_minutes" not in items
    lock = items["identity.lock_out_minutes"]
    assert (lock["value"], lock["unit"], lock["minimum"], lock["changed_at"]) == (15, "minutes", 1, None)
    assert all(one["description"] and one["source"] for one in items.values())
    changed = admin.put("policies/identity.lock_out_minutes", json={"value": 30}).json()
    assert (changed["value"], changed["changed_by"]) == (30, "laoban")
    assert changed["changed_at"] > 0
    elsewhere = {one["name"]: one for one in other_corp.http("laoban", "admin").get("policies").json()["items"]}
    assert elsewhere["identity.lock_out_minutes"]["value"] == 15
    back = admin.put("policies/identity.lock_out_minutes", json={"value": None}).json()
    assert (back["value"], back["changed_at"]) == (15, None)


def test_a_preset_changes_what_has_no_value_of_its_own(corp: Corp) -> None:
    admin = corp.http("laoban", "admin")
    assert admin.put("policies/platform.preset", json={"value": "wecom-today"}).status_code == 200
    for one in admin.get("policies").json()["items"]:
        if one["name"] != "platform.preset":
            assert one["value"] == one["presets"].get("wecom-today", one["default"])


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("identity.lock_out_minutes", 0, (422, "invalid_input")),
        ("identity.lock_out_minutes", 10**6, (422, "invalid_input")),
        ("identity.lock_out_minutes", "15", (422, "invalid_input")),
        ("identity.lock_out_minutes", True, (422, "invalid_input")),
        ("identity.lock_out_minutes", 1.5, (422, "invalid_input")),
        ("identity.lock_out_minutes", [], (422, "invalid_input")),
        ("organization.window_shows_phone", 1, (422, "invalid_input")),
        ("platform.preset", "wecom-1.0", (422, "invalid_input")),
        ("identity.code_minutes", 3, (404, "not_found")),
        ("no.such.policy", 3, (404, "not_found")),
    ],
)
def test_policies_set_wrongly(corp: Corp, name: str, value: object, expected: tuple[int, str]) -> None:
    admin = corp.http("laoban", "admin")
    assert problem(admin.put(f"policies/{name}", json={"value": value})) == expected


def test_the_platforms_ceiling_holds(own_server: RunningServer) -> None:
    corp = own_server.new_corp()
    admin = corp.http("laoban", "admin")
    own_server.write(lambda tx: set_policy(tx, PLATFORM, "identity.staff_session_days", 20, "operator"))
    items = {one["name"]: one for one in admin.get("policies").json()["items"]}
    days = items["identity.staff_session_days"]
    assert (days["value"], days["default"], days["ceiling"]) == (20, 30, 20)
    above = admin.put("policies/identity.staff_session_days", json={"value": 25})
    assert problem(above) == (422, "above_ceiling")
    assert admin.put("policies/identity.staff_session_days", json={"value": 10}).json()["value"] == 10
    corp.close()
