"""Codes with ``skip_verify`` false: the consumer waits, the member consents or declines."""

import httpx

from tests.conftest import Corp
from tests.features.customers.conftest import Phone, code_of, customers_of, make_code


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


def test_a_declined_request_is_not_asked_again(corp: Corp, phone: Phone) -> None:
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
