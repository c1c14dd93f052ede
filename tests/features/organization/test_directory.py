"""The directory: who is found by what, in which order, and what colleagues see."""

from typing import TypeVar

import pytest

from rapport.features.organization.queries.members import list_members
from rapport.kernel.tx import ReadTx
from tests.conftest import Corp, RunningServer
from tests.counting import Counting
from tests.features.identity.steps import problem

Row = TypeVar("Row")

PEOPLE = (
    ("zengxm", "曾小明", "13800001234"),
    ("lixm", "李晓明", "13900005678"),
    ("ouyang", "欧阳重", None),
    ("tom", "Tom Baker", None),
    ("moh", "محمد", None),
    ("wild", "100%_真", None),
)


@pytest.fixture
def staffed(corp: Corp) -> Corp:
    for userid, name, phone in PEOPLE:
        corp.add_member(userid, name, phone=phone)
    return corp


def found(corp: Corp, search: str) -> set[str]:
    answer = corp.http("xiaoming").get("members", params={"search": search})
    assert answer.status_code == 200, answer.text
    return {one["userid"] for one in answer.json()["items"]}


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("小明", {"zengxm", "xiaoming"}),
        ("晓", {"lixm"}),
        ("zengxiaoming", {"zengxm"}),
        ("cengxiao", {"zengxm"}),
        ("xiaoming", {"zengxm", "lixm", "xiaoming"}),
        ("lxm", {"lixm"}),
        ("LXM", {"lixm"}),
        ("ouyangchong", {"ouyang"}),
        ("oyz", {"ouyang"}),
        ("baker", {"tom"}),
        ("tom baker", {"tom"}),
        ("1234", {"zengxm"}),
        ("5678", {"lixm"}),
        ("13900005678", {"lixm"}),
        ("محمد", {"moh"}),
        ("100%", {"wild"}),
        ("%", set()),
        ("_", set()),
        ("' OR 1=1 --", set()),
        ("\\", set()),
    ],
)
def test_members_are_found(staffed: Corp, search: str, expected: set[str]) -> None:
    assert found(staffed, search) == expected


def test_the_directory_is_in_order_of_names_and_pages_by_key(staffed: Corp) -> None:
    guide = staffed.http("xiaoming")
    everybody = [one["userid"] for one in guide.get("members").json()["items"]]
    assert everybody.index("lixm") < everybody.index("ouyang") < everybody.index("tom") < everybody.index("xiaoming")
    paged: list[str] = []
    after = None
    while True:
        page = guide.get("members", params={"limit": 2} | ({"after": after} if after else {})).json()
        assert len(page["items"]) <= 2
        paged += [one["userid"] for one in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert paged == everybody
    assert len(paged) == 9


@pytest.mark.parametrize(
    "params",
    [
        {"after": "garbage"},
        {"limit": 0},
        {"limit": 201},
        {"department": "x"},
        {"department": 0},
        {"department": 2**70},
        {"search": "a" * 65},
    ],
)
def test_a_directory_asked_for_wrongly(corp: Corp, params: dict[str, str]) -> None:
    assert problem(corp.http("xiaoming").get("members", params=params)) == (422, "invalid_input")


def test_a_department_shows_who_is_in_it_and_below(corp: Corp) -> None:
    admin, guide = corp.http("laoban", "admin"), corp.http("xiaoming")
    east = admin.post("departments", json={"name": "华东"}).json()
    shop = admin.post("departments", json={"name": "杭州一店", "parent_id": east["id"]}).json()
    admin.patch("members/xiaohong", json={"departments": [shop["id"]]})
    for department in (east, shop):
        page = guide.get("members", params={"department": department["id"]}).json()
        assert [one["userid"] for one in page["items"]] == ["xiaohong"]
        named = guide.get("members", params={"department": department["id"], "search": "xiaoming"}).json()
        assert named["items"] == []
    assert guide.get("members", params={"department": 99}).json()["items"] == []
    tree = {one["name"]: one for one in guide.get("departments").json()["items"]}
    assert (tree["华东"]["members"], tree["杭州一店"]["members"]) == (1, 1)
    assert next(one for one in tree.values() if one["id"] == 1)["members"] == 3


def test_a_colleague_is_shown_and_a_stranger_is_not(corp: Corp, other_corp: Corp) -> None:
    guide = corp.http("xiaoming")
    shown = guide.get("members/xiaohong").json()
    assert (shown["name"], shown["post"], shown["role"], shown["status"]) == ("小红", "运动馆导购", "member", "active")
    assert shown["last_seen_at"] is None
    assert guide.get("members/xiaoming").json()["last_seen_at"] > 0
    other_corp.add_member("elsewhere", "别处")
    for userid in ("elsewhere", "nobody", "x" * 64):
        assert problem(guide.get(f"members/{userid}")) == (404, "not_found")
    assert problem(guide.get(f"members/{'x' * 65}")) == (422, "invalid_input")
    assert "elsewhere" not in {one["userid"] for one in guide.get("members").json()["items"]}


def test_who_left_is_no_colleague_but_old_cards_say_so(corp: Corp) -> None:
    guide = corp.http("xiaoming")
    corp.http("laoban", "admin").post("members/xiaohong/depart")
    assert "xiaohong" not in {one["userid"] for one in guide.get("members").json()["items"]}
    assert guide.get("members/xiaohong").json()["status"] == "departed"


def test_members_change_only_what_is_theirs(corp: Corp) -> None:
    guide = corp.http("xiaoming")
    changed = guide.patch("me", json={"alias": "小明老师", "introduction": "跑步\n羽毛球", "locale": "en"}).json()
    assert (changed["member"]["alias"], changed["member"]["introduction"]) == ("小明老师", "跑步\n羽毛球")
    assert changed["locale"] == "en"
    assert guide.get("me").json() == changed
    assert guide.patch("me", json={"alias": None}).json()["member"]["alias"] is None
    assert found(corp, "小明老师") == set()
    for body in (
        {"post": "总经理"},
        {"role": "owner"},
        {"name": "别人"},
        {"alias": "a\u202eb"},
        {"locale": "fr"},
        {"alias": 1},
    ):
        assert problem(guide.patch("me", json=body)) == (422, "invalid_input")
    assert problem(guide.patch("me", json={"avatar_file_id": "no-such-file"}))[0] == 422


def test_the_directory_is_for_members_signed_in(server: RunningServer, corp: Corp) -> None:
    consumer = corp.meet("xiaoming")
    for path in ("members", "members/xiaoming", "departments", "me"):
        answer = consumer.http.get(f"{server.url}/api/staff/{path}")
        assert problem(answer) == (401, "not_signed_in")


def test_a_refusal_speaks_the_callers_language(corp: Corp) -> None:
    guide = corp.http("xiaoming")
    said = {
        language: guide.get("members/nobody", headers={"Accept-Language": language}).json()["detail"]
        for language in ("zh-CN", "en", "zh-TW,zh;q=0.9", "fr")
    }
    assert (said["zh-CN"], said["en"]) == ("没有找到。", "Not found.")
    assert said["zh-TW,zh;q=0.9"] == said["fr"] == said["zh-CN"]


def test_a_page_costs_two_queries_however_many_it_shows(staffed: Corp) -> None:
    def count(tx: ReadTx, limit: int) -> tuple[int, int]:
        counting = Counting(tx)
        rows = list_members(
            counting,
            staffed.corp_id,
            search=None,
            department_id=None,
            statuses=["active"],
            after=None,
            limit=limit,
        )
        return len(rows), counting.queries

    assert staffed.server.read(lambda tx: count(tx, 1)) == (1, 2)
    assert staffed.server.read(lambda tx: count(tx, 9)) == (9, 2)
