"""A guest turns out to be somebody known: nothing is lost, nothing is doubled."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.conftest import Corp, RunningServer
from tests.features.customers.conftest import Phone, code_of, make_code
from tests.features.customers.conftest import sign_in as sign_in_now

Phones = Callable[[], Phone]
SignIn = Callable[[Phone, str], Any]
_numbers = itertools.count(13900139000)


RESEND_US = 61_000_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server whose clock these tests may move: one phone gets a code once a minute."""
    found = RunningServer(tmp_path_factory.mktemp("merging"))
    found.start()
    yield found
    found.stop()


@pytest.fixture
def sign_in(server: RunningServer) -> Callable[[Phone, str], Any]:
    """Sign a consumer in, a minute after the last one."""

    def after_a_minute(phone: Phone, number: str) -> Any:  # noqa: ANN401  JSON
        server.clock.advance(RESEND_US)
        return sign_in_now(phone, number)

    return after_a_minute


def number() -> str:
    return str(next(_numbers))


def conversations(phone: Phone) -> set[str]:
    return {one["conversation_id"] for one in phone.http.get("conversations").json()["items"]}


def test_a_guest_who_signs_in_for_the_first_time_keeps_everything(corp: Corp, phone: Phone, sign_in: SignIn) -> None:
    met = phone.met(make_code(corp))
    me = sign_in(phone, number())
    assert (me["consumer_id"], me["guest"]) == (met["consumer"]["consumer_id"], False)
    assert conversations(phone) == {met["conversation_id"]}
    assert corp.http("xiaoming").get("customers").json()["items"][0]["guest"] is False


def test_a_guest_of_a_corp_that_knows_nobody_becomes_the_known_consumer(
    corp: Corp, other_corp: Corp, phones: Phones, sign_in: SignIn
) -> None:
    mine, old, new = number(), phones(), phones()
    old.met(make_code(other_corp), "老名字")
    me = sign_in(old, mine)
    met = new.met(make_code(corp), "临时")
    merged = sign_in(new, mine)
    assert merged["consumer_id"] == me["consumer_id"]
    assert {one["corp_id"] for one in merged["corps"]} == {corp.corp_id, other_corp.corp_id}
    assert met["conversation_id"] in conversations(new)
    assert len(conversations(old)) == 2
    (customer,) = corp.http("xiaoming").get("customers").json()["items"]
    assert (customer["name"], customer["guest"]) == ("老名字", False)
    assert corp.http("xiaoming").get("customers?search=laomingzi").json()["items"] == [customer]


def test_a_guest_of_a_corp_that_knows_them_keeps_both_conversations(
    corp: Corp, phones: Phones, sign_in: SignIn
) -> None:
    mine, old, new = number(), phones(), phones()
    code = make_code(corp)
    first = old.met(code, "老名字")
    sign_in(old, mine)
    second = new.met(code, "临时")
    assert second["conversation_id"] != first["conversation_id"]
    sign_in(new, mine)
    assert conversations(new) == conversations(old) == {first["conversation_id"], second["conversation_id"]}
    entry = {"client_id": "client-0001", "body": {"kind": "text", "text": "还是我"}}
    for conversation in conversations(new):
        assert new.http.post(f"conversations/{conversation}/entries", json=entry).is_success
    people = corp.http("xiaoming").get("customers").json()["items"]
    assert [one["name"] for one in people] == ["老名字", "老名字"]
    assert new.met(code)["conversation_id"] == first["conversation_id"]
    assert new.look(code)["conversation_id"] == first["conversation_id"]


def test_ending_ends_what_the_merged_guest_brought_too(corp: Corp, phones: Phones, sign_in: SignIn) -> None:
    mine, old, new = number(), phones(), phones()
    code = make_code(corp)
    old.met(code)
    sign_in(old, mine)
    new.met(code)
    sign_in(new, mine)
    assert new.http.post(f"relations/{corp.corp_id}/xiaoming/end", json={}).status_code == 200
    assert corp.http("xiaoming").get("customers").json()["items"] == []
    assert len(corp.http("xiaoming").get("customers?status=deleted_by_customer").json()["items"]) == 2


def test_a_merged_guests_exclusive_member_counts(corp: Corp, phones: Phones, sign_in: SignIn) -> None:
    mine, old, new = number(), phones(), phones()
    old.met(make_code(corp, "xiaohong"))
    sign_in(old, mine)
    sign_in(new, mine)
    assert new.met(make_code(corp, "xiaoming", exclusive=True))["userid"] == "xiaohong"


def test_the_old_session_of_a_merged_guest_is_over(corp: Corp, phones: Phones, sign_in: SignIn) -> None:
    mine, old, new = number(), phones(), phones()
    old.met(make_code(corp))
    sign_in(old, mine)
    new.met(make_code(corp))
    stolen = phones()
    stolen.http.cookies.update(new.http.cookies)
    sign_in(new, mine)
    assert code_of(stolen.http.get("me")) == (401, "not_signed_in")
