"""A member's customers: seen, found, noted and lost by that member alone."""

from collections.abc import Callable
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import insert

from rapport.features.customers.actions.search_words import search_words
from rapport.features.customers.api import check_relation
from rapport.features.customers.errors import NotYourCustomer, RelationEnded
from rapport.features.customers.queries.relations import describe_customers, list_relation_rows
from rapport.features.customers.tables import customer, relation
from rapport.features.customers.types import Customer
from rapport.features.identity.api import create_guest
from rapport.kernel.policy import set_policy
from rapport.kernel.reading import read_facts
from rapport.kernel.statements import insertion
from rapport.kernel.tx import ReadTx, Tx
from tests.conftest import Corp
from tests.counting import Counting
from tests.features.customers.conftest import Phone, code_of, make_code, until

Phones = Callable[[], Phone]


def customer_of(corp: Corp, userid: str = "xiaoming") -> str:
    return corp.http(userid).get("customers").json()["items"][0]["external_userid"]


def names(corp: Corp, **asked: Any) -> list[str]:  # noqa: ANN401  parameters of the list
    answer = corp.http("xiaoming").get("customers", params=asked)
    assert answer.status_code == 200, answer.text
    return [one["name"] for one in answer.json()["items"]]


def test_a_customer_is_seen_by_who_follows_them(corp: Corp, other_corp: Corp, phone: Phone) -> None:
    phone.met(make_code(corp))
    found = customer_of(corp)
    shown = corp.http("xiaoming").get(f"customers/{found}").json()
    assert shown == corp.http("xiaoming").get("customers").json()["items"][0]
    assert (shown["remark"], shown["description"], shown["company"], shown["phones"]) == (None, None, None, [])
    for http in (corp.http("xiaohong"), corp.http("laoban"), other_corp.http("xiaoming")):
        assert code_of(http.get(f"customers/{found}")) == (404, "not_your_customer")
        assert code_of(http.patch(f"customers/{found}", json={"remark": "x"})) == (404, "not_your_customer")
        assert http.get("customers").json()["items"] == []
    with httpx.Client(base_url=corp.server.url, trust_env=False) as nobody:
        assert code_of(nobody.get("/api/staff/customers")) == (401, "not_signed_in")
        assert code_of(nobody.get(f"/api/staff/customers/{found}")) == (401, "not_signed_in")
        assert code_of(nobody.patch(f"/api/staff/customers/{found}", json={})) == (401, "not_signed_in")


def test_notes_are_kept_and_taken_away(corp: Corp, phone: Phone) -> None:
    phone.met(make_code(corp))
    http, found = corp.http("xiaoming"), customer_of(corp)
    notes = {
        "remark": "王姐",
        "description": "42 码\n喜欢跑步",
        "company": "蓝湾物业",
        "phones": ["13800138000", "+85223456789"],
    }
    changed = http.patch(f"customers/{found}", json=notes).json()
    assert changed["phones"] == ["+8613800138000", "+85223456789"]
    assert {name: changed[name] for name in ("remark", "description", "company")} == {
        name: notes[name] for name in ("remark", "description", "company")
    }
    assert http.patch(f"customers/{found}", json={"remark": "王女士"}).json()["company"] == "蓝湾物业"
    emptied = http.patch(f"customers/{found}", json={"remark": None, "description": "", "company": " ", "phones": []})
    shown = emptied.json()
    assert (shown["remark"], shown["description"], shown["company"], shown["phones"]) == (None, None, None, [])


def test_two_followers_note_apart_and_see_each_other(corp: Corp, phone: Phone) -> None:
    phone.met(make_code(corp, "xiaoming"))
    phone.met(make_code(corp, "xiaohong"))
    found = customer_of(corp)
    assert customer_of(corp, "xiaohong") == found
    shown = corp.http("xiaoming").patch(f"customers/{found}", json={"remark": "王姐"}).json()
    assert [other["id"] for other in shown["other_followers"]] == ["m:xiaohong"]
    assert shown["other_followers"][0]["badge"] is None
    assert corp.http("xiaohong").get(f"customers/{found}").json()["remark"] is None
    assert corp.http("xiaohong").get(f"customers/{found}").json()["other_followers"][0]["name"] == "小明"


@pytest.mark.parametrize(
    ("notes", "path"),
    [
        ({"remark": "长" * 21}, "remark"),
        ({"description": "长" * 151}, "description"),
        ({"company": "长" * 21}, "company"),
        ({"remark": "a\nb"}, "remark"),
        ({"description": "a\u0000"}, "description"),
        ({"phones": ["hello"]}, "phones[0]"),
        ({"phones": ["13800138000", "12"]}, "phones[1]"),
        ({"phones": [f"1380013800{digit}" for digit in range(6)]}, "phones"),
        ({"phones": "13800138000"}, "phones"),
        ({"remark": 1}, "remark"),
        ({"tags": []}, ""),
    ],
)
def test_wrong_notes_are_named_and_change_nothing(
    corp: Corp, phone: Phone, notes: dict[str, object], path: str
) -> None:
    phone.met(make_code(corp))
    http, found = corp.http("xiaoming"), customer_of(corp)
    before = http.patch(f"customers/{found}", json={"remark": "长" * 20, "description": "长" * 150}).json()
    refused = http.patch(f"customers/{found}", json=notes)
    assert code_of(refused) == (422, "invalid_input"), refused.text
    assert refused.json()["fields"][0]["path"] == path
    assert http.get(f"customers/{found}").json() == before


def test_lengths_are_policies(corp: Corp, phone: Phone) -> None:
    phone.met(make_code(corp))
    found = customer_of(corp)
    corp.server.write(lambda tx: set_policy(tx, corp.corp_id, "customers.remark_length", 3, "test"))
    http = corp.http("xiaoming")
    assert code_of(http.patch(f"customers/{found}", json={"remark": "四个字了"})) == (422, "invalid_input")
    assert http.patch(f"customers/{found}", json={"remark": "三个字"}).status_code == 200


def test_customers_are_found_by_what_a_guide_types(corp: Corp, phones: Phones) -> None:
    code = make_code(corp)
    for nickname in ("王晓梅", "李_百分%先生", "Amy Lee", "重庆小面"):
        phones().met(code, nickname)
    people = {one["name"]: one["external_userid"] for one in corp.http("xiaoming").get("customers").json()["items"]}
    notes = {"remark": "隔壁张姐", "company": "蓝湾物业", "phones": ["13912345678"]}
    corp.http("xiaoming").patch(f"customers/{people['Amy Lee']}", json=notes)
    for typed in ("王", "晓梅", "wangxiaomei", "wxm", "WXM", "xiaome", "wang xiao"):
        assert names(corp, search=typed) == ["王晓梅"], typed
    for typed in ("amy", "AMY LEE", "amylee", "张姐", "zhangjie", "gbzj", "蓝湾", "lwwy", "5678", "139 1234", "+86139"):
        assert names(corp, search=typed) == ["Amy Lee"], typed
    assert names(corp, search="chongqing") == names(corp, search="cq") == ["重庆小面"]
    assert names(corp, search="%") == names(corp, search="_") == ["李_百分%先生"]
    assert names(corp, search="\\") == names(corp, search="nobody") == []
    assert len(names(corp, search="  ")) == 4


def test_a_new_nickname_is_found(corp: Corp, phone: Phone) -> None:
    phone.met(make_code(corp), "旧名字")
    assert phone.http.patch("me", json={"nickname": "新名字"}).status_code == 200
    assert until(lambda: names(corp, search="xinming")) == ["新名字"]
    assert names(corp, search="旧名字") == []


def test_the_list_pages_by_key_latest_first(corp: Corp, phones: Phones) -> None:
    code = make_code(corp)
    for place in range(5):
        phones().met(code, f"n{place}")
    http = corp.http("xiaoming")
    seen: list[str] = []
    after: str | None = None
    while True:
        page = http.get("customers", params={"limit": 2, **({"after": after} if after else {})}).json()
        seen += [one["name"] for one in page["items"]]
        after = page["next"]
        if after is None:
            break
        assert len(page["items"]) == 2
    assert seen == ["n4", "n3", "n2", "n1", "n0"]
    for wrong in ("limit=0", "limit=201", "after=x", "status=torn", f"search={'x' * 65}"):
        assert code_of(http.get(f"customers?{wrong}")) == (422, "invalid_input")


def test_ending_closes_for_both_and_scanning_begins_anew(corp: Corp, phone: Phone) -> None:
    code = make_code(corp)
    met = phone.met(code)
    http, found = corp.http("xiaoming"), customer_of(corp)
    http.patch(f"customers/{found}", json={"remark": "王姐"})
    assert phone.http.post(f"relations/{corp.corp_id}/xiaoming/end", json={}).json() == {
        "status": "deleted_by_customer"
    }
    assert phone.http.post(f"relations/{corp.corp_id}/xiaoming/end", json={}).json() == {
        "status": "deleted_by_customer"
    }
    assert names(corp) == []
    assert http.get(f"customers/{found}").json()["status"] == "deleted_by_customer"
    entry = {"client_id": "client-0001", "body": {"kind": "text", "text": "在吗"}}
    for side in (http, phone.http):
        assert side.post(f"conversations/{met['conversation_id']}/entries", json=entry).status_code == 409
        assert side.get(f"conversations/{met['conversation_id']}/entries").status_code == 200
    page = phone.look(code)
    assert page["relation_status"] == "deleted_by_customer"
    again = phone.met(code)
    assert (again["conversation_id"], again["new"]) == (met["conversation_id"], True)
    assert http.get(f"customers/{found}").json()["remark"] == "王姐"
    for side in (http, phone.http):
        sent = side.post(f"conversations/{met['conversation_id']}/entries", json=entry)
        assert sent.is_success, sent.text


def test_blocking_is_a_status_of_its_own(corp: Corp, phone: Phone) -> None:
    phone.met(make_code(corp))
    end = f"relations/{corp.corp_id}/xiaoming/end"
    assert phone.http.post(end, json={"block": True}).json() == {"status": "blocked_by_customer"}
    assert phone.http.post(end, json={}).json() == {"status": "blocked_by_customer"}
    found = corp.http("xiaoming").get("customers?status=blocked_by_customer").json()["items"][0]["external_userid"]
    with pytest.raises(RelationEnded):
        corp.server.read(lambda tx: check_relation(tx, corp.corp_id, "xiaoming", found))


def test_only_ones_own_relation_can_be_ended(corp: Corp, other_corp: Corp, phones: Phones) -> None:
    one, other = phones(), phones()
    one.met(make_code(corp))
    other.met(make_code(other_corp))
    for who, where in ((one, f"{corp.corp_id}/xiaohong"), (one, f"{other_corp.corp_id}/xiaoming"), (one, "x/y")):
        assert code_of(who.http.post(f"relations/{where}/end", json={})) == (404, "not_found")
    end = f"relations/{corp.corp_id}/xiaoming/end"
    assert code_of(other.http.post(end, json={})) == (404, "not_found")
    assert code_of(phones().http.post(end, json={})) == (401, "not_signed_in")
    assert code_of(one.http.post(end, json={"block": "yes"})) == (422, "invalid_input")
    assert names(corp) == ["王女士"]


def test_a_relation_is_checked_by_its_state(corp: Corp, phones: Phones) -> None:
    phones().met(make_code(corp))
    found = customer_of(corp)
    corp.server.read(lambda tx: check_relation(tx, corp.corp_id, "xiaoming", found))
    for userid, whom in (("xiaohong", found), ("xiaoming", "wmnobody")):
        with pytest.raises(NotYourCustomer):
            corp.server.read(lambda tx, u=userid, w=whom: check_relation(tx, corp.corp_id, u, w))


def test_ten_thousand_customers_cost_as_many_queries_as_ten(corp: Corp) -> None:
    def page(pattern: str | None, limit: int) -> tuple[tuple[int, int], list[Customer]]:
        def read(tx: ReadTx) -> tuple[tuple[int, int], list[Customer]]:
            counting = Counting(tx)
            rows = list_relation_rows(
                counting, corp.corp_id, "xiaoming", "active", pattern=pattern, before=None, limit=limit
            )
            found = describe_customers(counting, corp.corp_id, "xiaoming", rows)
            return (counting.queries, counting.goes), found

        return corp.server.read(read)

    fill(corp, 0, 10)
    few, _ = page(None, 50)
    # The relations; followers and who the customers are; those as consumers.
    assert few == (4, 3)
    for start in range(10, 10_000, 1000):
        fill(corp, start, min(start + 1000, 10_000))
    many, found = page(None, 50)
    assert (few, len(found)) == (many, 50)
    searched, hits = page("%kehu9999%", 50)
    assert (searched, [one.name for one in hits]) == (many, ["客户9999"])
    assert len(corp.http("xiaoming").get("customers?limit=200").json()["items"]) == 200


_customer, _relation = insertion(insert(customer)), insertion(insert(relation))


def fill(corp: Corp, start: int, end: int) -> None:
    """Give xiaoming customers without going through ten thousand conversations."""

    def make(tx: Tx) -> None:
        for place in range(start, end):
            name, key = f"客户{place}", {"corp_id": corp.corp_id, "external_userid": f"wm{place:08}"}
            tx.run(_customer, **key, consumer_id=create_guest(tx, name, "zh-CN"), merged_into=None, created_at=place)
            tx.run(
                _relation,
                **key,
                **dict.fromkeys(
                    ("state", "code", "remark", "description", "company", "conversation_id", "ended_at"), None
                ),
                userid="xiaoming",
                status="active",
                add_way=1,
                phones="[]",
                search=search_words([name], []),
                related_at=place,
            )

    corp.server.write(make)


def test_notes_are_announced_to_the_member_alone(corp: Corp, phone: Phone) -> None:
    """The fact carries ids, never the notes."""
    phone.met(make_code(corp))
    found = customer_of(corp)
    before = corp.server.read(lambda tx: tx.horizon)
    corp.http("xiaoming").patch(f"customers/{found}", json={"remark": "秘密"})
    rows = corp.server.read(lambda tx: read_facts(tx, before - 1, 1000)[0])
    (fact,) = [row for row in rows if row.corp_id == corp.corp_id and row.kind == "customers.relation_changed"]
    assert msgspec.json.decode(fact.body) == {"userid": "xiaoming", "external_userid": found}
    assert msgspec.json.decode(fact.audience) == {"people": ["m:xiaoming"]}
