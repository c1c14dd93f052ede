"""Contact ways: who may make, see, change and close which."""

import time

import httpx
import pytest

from rapport.kernel.policy import set_policy
from tests.conftest import Corp, RunningServer
from tests.features.customers.conftest import code_of, make_code, upload

MINUTE, DAY = 60_000_000, 86_400_000_000


def now() -> int:
    return time.time_ns() // 1000


def test_my_own_code_is_made_once(corp: Corp) -> None:
    http = corp.http("xiaoming")
    first, second = http.get("contact-ways/mine").json(), http.get("contact-ways/mine").json()
    assert first == second
    assert first["url"] == f"{corp.server.url}/q/{first['code']}"
    assert [member["userid"] for member in first["members"]] == ["xiaoming"]
    assert (first["status"], first["skip_verify"], first["exclusive"], first["accepted"]) == ("open", True, False, 0)
    assert corp.http("xiaohong").get("contact-ways/mine").json()["code"] != first["code"]


def test_who_cannot_serve_gets_no_code(corp: Corp) -> None:
    corp.add_member("newcomer", "新人", verified=False)
    assert code_of(corp.http("newcomer").get("contact-ways/mine")) == (409, "member_cannot_serve")
    refused = corp.http("laoban", "admin").post("contact-ways", json={"members": ["xiaoming", "newcomer"]})
    assert code_of(refused) == (409, "member_cannot_serve")


def test_a_closed_own_code_is_replaced(corp: Corp) -> None:
    http = corp.http("xiaoming")
    first = http.get("contact-ways/mine").json()["code"]
    assert http.post(f"contact-ways/{first}/close").json()["status"] == "closed"
    assert http.get("contact-ways/mine").json()["code"] != first
    assert http.get(f"contact-ways/{first}").json()["status"] == "closed"


def test_a_code_carries_what_was_set(corp: Corp) -> None:
    until = now() + DAY
    fields = {
        "remark": "周年庆海报",
        "state": "poster-01",
        "skip_verify": False,
        "exclusive": True,
        "greeting": [{"kind": "text", "text": "您好 {customer}"}],
        "valid_until": until,
    }
    made = corp.http("xiaoming").post("contact-ways", json=fields)
    assert made.status_code == 201
    way = made.json()
    assert {name: way[name] for name in fields} == fields
    assert way["created_by"] == "xiaoming"
    assert corp.http("xiaoming").get(f"contact-ways/{way['code']}").json() == way


def test_members_make_codes_for_themselves_alone(corp: Corp) -> None:
    http = corp.http("xiaoming")
    assert code_of(http.post("contact-ways", json={"members": ["xiaohong"]})) == (403, "not_your_contact_way")
    both = {"members": ["xiaoming", "xiaohong"]}
    assert code_of(http.post("contact-ways", json=both)) == (403, "not_your_contact_way")
    assert http.post("contact-ways", json={"members": ["xiaoming"]}).status_code == 201


def test_a_shared_code_is_seen_by_its_members_and_changed_by_its_maker(corp: Corp) -> None:
    corp.add_member("stranger", "路人")
    code = make_code(corp, "xiaoming", "xiaohong")
    assert corp.http("xiaohong").get(f"contact-ways/{code}").status_code == 200
    assert [way["code"] for way in corp.http("xiaohong").get("contact-ways").json()["items"]] == [code]
    assert code_of(corp.http("xiaohong").patch(f"contact-ways/{code}", json={})) == (403, "not_your_contact_way")
    assert code_of(corp.http("xiaohong").post(f"contact-ways/{code}/close")) == (403, "not_your_contact_way")
    for answer in (
        corp.http("stranger").get(f"contact-ways/{code}"),
        corp.http("stranger").patch(f"contact-ways/{code}", json={"remark": "x"}),
        corp.http("stranger").post(f"contact-ways/{code}/close"),
    ):
        assert code_of(answer) == (404, "not_found")
    assert corp.http("laoban").patch(f"contact-ways/{code}", json={"remark": "门店"}).json()["remark"] == "门店"


def test_another_corps_codes_do_not_exist(corp: Corp, other_corp: Corp) -> None:
    code = make_code(corp)
    for surface in ("staff", "admin"):
        http = other_corp.http("laoban", surface)
        assert code_of(http.get(f"contact-ways/{code}")) == (404, "not_found")
        assert code_of(http.patch(f"contact-ways/{code}", json={"remark": "x"})) == (404, "not_found")
        assert code_of(http.post(f"contact-ways/{code}/close")) == (404, "not_found")
        assert http.get("contact-ways").json() == {"items": [], "next": None}
    mine = {"members": ["xiaoming", "guest-of-elsewhere"]}
    refused = other_corp.http("laoban", "admin").post("contact-ways", json=mine)
    assert code_of(refused) == (422, "invalid_input")
    assert refused.json()["fields"][0]["path"] == "members[1]"
    assert corp.http("xiaoming").get(f"contact-ways/{code}").json()["status"] == "open"


def test_nothing_without_a_session_of_the_surface(corp: Corp, server: RunningServer) -> None:
    code = make_code(corp)
    staff = {"Authorization": f"Bearer {corp.token('laoban')}"}
    with httpx.Client(base_url=server.url, trust_env=False) as http:
        for surface, headers in (("staff", {}), ("admin", {}), ("admin", staff)):
            root = f"/api/{surface}/contact-ways"
            for answer in (
                http.get(root, headers=headers),
                http.get(f"{root}/{code}", headers=headers),
                http.post(root, json={}, headers=headers),
                http.patch(f"{root}/{code}", json={}, headers=headers),
                http.post(f"{root}/{code}/close", headers=headers),
            ):
                assert code_of(answer) == (401, "not_signed_in")
        assert http.get("/api/staff/contact-ways/mine").status_code == 401


def test_a_patch_changes_what_it_names(corp: Corp) -> None:
    http = corp.http("laoban", "admin")
    code = make_code(corp, "xiaoming", remark="旧", greeting=[{"kind": "text", "text": "hi"}], valid_until=now() + DAY)
    changed = http.patch(f"contact-ways/{code}", json={"exclusive": True, "greeting": None, "valid_until": None}).json()
    assert (changed["remark"], changed["exclusive"], changed["greeting"], changed["valid_until"]) == (
        "旧",
        True,
        None,
        None,
    )
    changed = http.patch(f"contact-ways/{code}", json={"members": ["xiaohong", "xiaoming", "xiaohong"]}).json()
    assert [member["userid"] for member in changed["members"]] == ["xiaohong", "xiaoming"]
    changed = http.patch(f"contact-ways/{code}", json={"members": ["xiaohong"]}).json()
    assert [member["userid"] for member in changed["members"]] == ["xiaohong"]
    assert corp.http("xiaoming").get("contact-ways").json()["items"] == []


def test_a_members_own_code_stays_theirs(corp: Corp) -> None:
    code = corp.http("xiaoming").get("contact-ways/mine").json()["code"]
    refused = corp.http("laoban", "admin").patch(f"contact-ways/{code}", json={"members": ["xiaohong"]})
    assert code_of(refused) == (422, "invalid_input")


def test_closing_twice_is_closing_once(corp: Corp) -> None:
    http = corp.http("laoban", "admin")
    code = make_code(corp)
    assert http.post(f"contact-ways/{code}/close").json() == http.post(f"contact-ways/{code}/close").json()
    assert http.get(f"contact-ways/{code}").json()["status"] == "closed"


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"remark": "x" * 31}, "remark"),
        ({"state": "状" * 31}, "state"),
        ({"remark": "a\u0000b"}, "remark"),
        ({"state": "a\nb"}, "state"),
        ({"remark": 5}, "remark"),
        ({"exclusive": "yes"}, "exclusive"),
        ({"members": []}, "members"),
        ({"members": "xiaoming"}, "members"),
        ({"valid_until": 1}, "valid_until"),
        ({"valid_until": 2**62}, "valid_until"),
        ({"valid_until": "soon"}, "valid_until"),
        ({"colour": "red"}, ""),
        ({"greeting": []}, "greeting"),
        ({"greeting": [{"kind": "text", "text": ""}]}, "greeting[0].text"),
        ({"greeting": [{"kind": "text", "text": " \n "}]}, "greeting[0].text"),
        ({"greeting": [{"kind": "text", "text": "字" * 1334}]}, "greeting[0].text"),
        ({"greeting": [{"kind": "text", "text": "a\u0007"}]}, "greeting[0].text"),
        ({"greeting": [{"kind": "text", "text": "a"}, {"kind": "text", "text": "b"}]}, "greeting"),
        ({"greeting": [{"kind": "link", "url": "https://a.cn", "title": "t"}] * 10}, "greeting"),
        ({"greeting": [{"kind": "link", "url": "javascript:alert(1)", "title": "t"}]}, "greeting[0].url"),
        ({"greeting": [{"kind": "link", "url": "https://a.cn", "title": "题" * 22}]}, "greeting[0].title"),
        ({"greeting": [{"kind": "voice", "file_id": "x"}]}, "greeting[0].kind"),
        ({"greeting": "hello"}, "greeting"),
    ],
)
def test_wrong_input_is_named_and_changes_nothing(corp: Corp, fields: dict[str, object], path: str) -> None:
    http = corp.http("xiaoming")
    refused = http.post("contact-ways", json=fields)
    assert code_of(refused) == (422, "invalid_input"), refused.text
    assert refused.json()["fields"][0]["path"] == path
    assert http.get("contact-ways").json()["items"] == []
    code = make_code(corp, remark="stays")
    admin = corp.http("laoban", "admin")
    assert code_of(admin.patch(f"contact-ways/{code}", json=fields)) == (422, "invalid_input")
    assert admin.get(f"contact-ways/{code}").json()["remark"] == "stays"


def test_a_text_of_exactly_4000_bytes_is_taken(corp: Corp) -> None:
    text = "字" * 1333 + "x"
    made = corp.http("xiaoming").post("contact-ways", json={"greeting": [{"kind": "text", "text": text}]})
    assert made.json()["greeting"][0]["text"] == text


def test_a_picture_must_be_an_image_of_ones_own(corp: Corp, other_corp: Corp) -> None:
    foreign = upload(other_corp.http("xiaoming"))
    for file_id in (foreign, "nothing"):
        body = {"greeting": [{"kind": "image", "file_id": file_id}]}
        assert code_of(corp.http("xiaoming").post("contact-ways", json=body)) == (422, "file_not_attachable")
    own = upload(corp.http("xiaoming"))
    body = {"greeting": [{"kind": "image", "file_id": own, "width": 9999}]}
    made = corp.http("xiaoming").post("contact-ways", json=body).json()
    assert (made["greeting"][0]["width"], made["greeting"][0]["height"]) == (40, 30)


def test_lists_page_by_key_and_filter(corp: Corp) -> None:
    http = corp.http("laoban", "admin")
    codes = [make_code(corp, "xiaoming" if place % 2 else "xiaohong", remark=str(place)) for place in range(5)]
    http.post(f"contact-ways/{codes[0]}/close")
    seen: list[str] = []
    after: str | None = None
    for _ in range(10):
        page = http.get("contact-ways", params={"limit": 2, **({"after": after} if after else {})}).json()
        seen += [way["code"] for way in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert seen == codes[::-1]
    assert [way["code"] for way in http.get("contact-ways?status=closed").json()["items"]] == codes[:1]
    assert [way["code"] for way in http.get("contact-ways?status=open").json()["items"]] == codes[:0:-1]
    assert [way["code"] for way in http.get("contact-ways?member=xiaoming").json()["items"]] == [codes[3], codes[1]]
    assert [way["code"] for way in http.get("contact-ways?member=xiaohong&status=open").json()["items"]] == [
        codes[4],
        codes[2],
    ]
    for wrong in ("status=torn", "limit=0", "limit=201", "after=nonsense", "limit=x"):
        assert code_of(http.get(f"contact-ways?{wrong}")) == (422, "invalid_input")


def test_the_quota_counts_codes_in_use(corp: Corp) -> None:
    corp.server.write(lambda tx: set_policy(tx, corp.corp_id, "customers.contact_way_quota", 2, "test"))
    http = corp.http("laoban", "admin")
    first = make_code(corp)
    make_code(corp)
    refused = http.post("contact-ways", json={"members": ["xiaoming"]})
    assert code_of(refused) == (409, "too_many_contact_ways")
    assert refused.json()["errcode"] == 41045
    assert corp.http("xiaoming").get("contact-ways/mine").status_code == 409
    http.post(f"contact-ways/{first}/close")
    http.post(f"contact-ways/{first}/close")
    make_code(corp)
    assert http.post("contact-ways", json={"members": ["xiaoming"]}).status_code == 409


def test_a_code_takes_a_limited_number_of_members(corp: Corp) -> None:
    corp.server.write(lambda tx: set_policy(tx, corp.corp_id, "customers.contact_way_members", 1, "test"))
    refused = corp.http("laoban", "admin").post("contact-ways", json={"members": ["xiaoming", "xiaohong"]})
    assert code_of(refused) == (422, "too_many_way_members")
    assert refused.json()["errcode"] == 41041


def test_making_a_code_twice_with_one_key_makes_one(corp: Corp) -> None:
    http = corp.http("xiaoming")
    headers = {"Idempotency-Key": "the-same"}
    first = http.post("contact-ways", json={"remark": "a"}, headers=headers).json()
    assert http.post("contact-ways", json={"remark": "a"}, headers=headers).json() == first
    other = http.post("contact-ways", json={"remark": "b"}, headers=headers)
    assert code_of(other) == (409, "idempotency_key_reused")
    assert len(http.get("contact-ways").json()["items"]) == 1
