"""Codes with ``skip_verify`` false: the consumer waits, the member consents or declines."""

from collections.abc import Iterator

import httpx
import pytest

from rapport.features.customers.actions.expiring import expire_requests
from rapport.kernel.clock import DAY, MINUTE
from rapport.kernel.policy import set_policy
from tests.conftest import Corp, RunningServer
from tests.features.customers.conftest import Phone, code_of, customers_of, make_code, until


def test_without_skip_verify_the_member_consents_first(corp: Corp, phone: Phone) -> None:
    code = make_code(corp, skip_verify=False, state="vip")
    met = phone.met(code)
    assert (met["status"], met["conversation_id"], met["new"]) == ("requested", None, True)
    assert phone.look(code)["relation_status"] == "requested"
    assert phone.http.get("conversations").json()["items"] == []
    assert phone.met(code) == {**met, "new": False}
    http = corp.http("xiaoming")
    assert http.get("customers").json()["items"] == []
    waiting = http.get("customers?status=requested").json()["items"][0]
    assert (waiting["status"], waiting["conversation_id"], waiting["state"]) == ("requested", None, "vip")
    accepted = http.post(f"customers/{waiting['external_userid']}/accept")
    assert accepted.status_code == 200
    assert accepted.json()["status"] == "active"
    assert http.post(f"customers/{waiting['external_userid']}/accept").json() == accepted.json()
    page = phone.look(code)
    assert (page["relation_status"], page["conversation_id"]) == ("active", accepted.json()["conversation_id"])
    assert len(phone.http.get("conversations").json()["items"]) == 1
    assert corp.http("laoban", "admin").get(f"contact-ways/{code}").json()["accepted"] == 1


def test_a_declined_request_is_not_asked_again_at_once(corp: Corp, phone: Phone) -> None:
    code = make_code(corp, skip_verify=False)
    phone.met(code)
    http = corp.http("xiaoming")
    customer = http.get("customers?status=requested").json()["items"][0]["external_userid"]
    assert http.post(f"customers/{customer}/decline").json()["status"] == "declined"
    assert http.post(f"customers/{customer}/decline").json()["status"] == "declined"
    assert phone.look(code)["relation_status"] == "declined"
    assert code_of(phone.accept(code)) == (403, "request_declined")
    assert http.post(f"customers/{customer}/accept").json()["status"] == "active"
    assert code_of(http.post(f"customers/{customer}/decline")) == (409, "no_request_to_answer")


def test_a_code_that_needs_no_consent_settles_a_waiting_request(corp: Corp, phone: Phone) -> None:
    phone.met(make_code(corp, skip_verify=False))
    met = phone.met(make_code(corp))
    assert met["status"] == "active"
    assert len(customers_of(corp, "xiaoming")) == 1
    assert customers_of(corp, "xiaoming", "requested") == []


def test_nobody_answers_anybody_elses_request(corp: Corp, other_corp: Corp, phone: Phone) -> None:
    phone.met(make_code(corp, skip_verify=False))
    customer = corp.http("xiaoming").get("customers?status=requested").json()["items"][0]["external_userid"]
    for http in (corp.http("xiaohong"), other_corp.http("xiaoming")):
        for act in ("accept", "decline"):
            assert code_of(http.post(f"customers/{customer}/{act}")) == (404, "not_your_customer")
    anonymous = httpx.post(f"{corp.server.url}/api/staff/customers/{customer}/accept", trust_env=False)
    assert code_of(anonymous) == (401, "not_signed_in")


@pytest.fixture
def alone(own_server: RunningServer) -> Iterator[Corp]:
    """A corp on a server whose clock may be moved."""
    made = own_server.new_corp()
    yield made
    made.close()


@pytest.fixture
def asking(own_server: RunningServer) -> Iterator[Phone]:
    """A browser there."""
    made = Phone(own_server)
    yield made
    made.http.close()


def ids_of(corp: Corp, userid: str, status: str) -> list[str]:
    page = corp.http(userid).get("customers", params={"status": status}).json()
    return [customer["external_userid"] for customer in page["items"]]


def ask(corp: Corp, asking: Phone) -> tuple[str, str]:
    """Let somebody ask xiaoming; return the code and the external_userid."""
    code = make_code(corp, skip_verify=False)
    asking.met(code)
    (customer,) = ids_of(corp, "xiaoming", "requested")
    return code, customer


def test_a_request_nobody_answers_expires(own_server: RunningServer, alone: Corp, asking: Phone) -> None:
    code, customer = ask(alone, asking)
    own_server.clock.advance(7 * DAY - 2 * MINUTE)
    own_server.write(expire_requests)
    assert ids_of(alone, "xiaoming", "requested") == [customer]
    own_server.clock.advance(3 * MINUTE)
    # The job that does so by itself is due every minute.
    until(lambda: ids_of(alone, "xiaoming", "requested") == [])
    http = alone.http("xiaoming")
    assert http.get(f"customers/{customer}").json()["status"] == "expired"
    assert ids_of(alone, "xiaoming", "expired") == [customer]
    for act in ("accept", "decline"):
        assert code_of(http.post(f"customers/{customer}/{act}")) == (409, "no_request_to_answer")
    page = asking.look(code)
    assert (page["status"], page["relation_status"], page["ask_again_at"]) == ("open", "expired", None)
    again = asking.met(code)
    assert (again["status"], again["new"]) == ("requested", True)
    assert http.post(f"customers/{customer}/accept").json()["status"] == "active"


def test_requests_expire_by_the_corps_own_policy(own_server: RunningServer, alone: Corp, asking: Phone) -> None:
    ask(alone, asking)
    own_server.write(lambda tx: set_policy(tx, alone.corp_id, "customers.request_days", 30, "laoban"))
    own_server.clock.advance(29 * DAY)
    own_server.write(expire_requests)
    assert len(customers_of(alone, "xiaoming", "requested")) == 1
    own_server.clock.advance(2 * DAY)
    own_server.write(expire_requests)
    assert customers_of(alone, "xiaoming", "requested") == []


def test_who_was_declined_asks_again_after_a_pause(own_server: RunningServer, alone: Corp, asking: Phone) -> None:
    code, customer = ask(alone, asking)
    declined_at = own_server.clock.now()
    alone.http("xiaoming").post(f"customers/{customer}/decline")
    page = asking.look(code)
    assert page["relation_status"] == "declined"
    assert 0 <= page["ask_again_at"] - declined_at - DAY < MINUTE
    refused = asking.accept(code)
    assert code_of(refused) == (403, "request_declined")
    assert "in 24 hours" in refused.json()["detail"]
    assert 23 * 3600 < refused.json()["retry_after_s"] <= 24 * 3600
    own_server.clock.advance(DAY + MINUTE)
    page = asking.look(code)
    assert (page["relation_status"], page["ask_again_at"]) == ("declined", None)
    assert asking.met(code)["status"] == "requested"
    assert ids_of(alone, "xiaoming", "requested") == [customer]


def test_a_decline_does_not_stop_colleagues(corp: Corp, phone: Phone) -> None:
    code = make_code(corp, "xiaoming", "xiaohong", skip_verify=False)
    first = phone.met(code)["userid"]
    other = {"xiaoming": "xiaohong", "xiaohong": "xiaoming"}[first]
    customer = ids_of(corp, first, "requested")[0]
    corp.http(first).post(f"customers/{customer}/decline")
    page = phone.look(code)
    assert (page["window"]["userid"], page["relation_status"], page["ask_again_at"]) == (other, "declined", None)
    assert phone.met(code)["userid"] == other
