"""Waking closed apps, against a push service that opens what it is sent: who is woken, for what, and who is not."""

import asyncio
import json
import os
import time
from collections.abc import Iterator

import httpx
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from sqlalchemy import func, select

from rapport.client.http import new_client_id
from rapport.features.conversations.events import EntryAppended
from rapport.features.identity.events import SessionsRevoked
from rapport.features.notifications.jobs import is_known_service
from rapport.kernel.clock import MINUTE, SECOND
from rapport.kernel.jobs import job
from rapport.kernel.policy import set_policy
from rapport.kernel.statements import p, scalar
from rapport.kernel.tx import ReadTx
from rapport.settings import Settings
from tests.conftest import Corp, Customer, RunningServer
from tests.features.conversations.test_sending import send as post_text
from tests.following import unseen_by
from tests.pushing import Device, PushService, bytes_of, text_of

WITHIN_S = 30
_due = scalar(select(func.count()).select_from(job).where(job.c.state == "waiting", job.c.run_at <= p("now")))
_unseen = unseen_by("notifications.push", EntryAppended, SessionsRevoked)


def settle(server: RunningServer, later_us: int = 3 * SECOND) -> None:
    """Let pass the moment before a message wakes anybody, and wait until everything that was due is done."""

    def is_idle(tx: ReadTx) -> bool:
        return tx.one(_due, now=tx.now) == 0 and tx.one(_unseen) == 0

    for step_us in (0, later_us):
        server.clock.advance(step_us)
        server.application.runtime.jobs.wake()
        deadline = time.monotonic() + WITHIN_S
        while not server.read(is_idle):
            assert time.monotonic() < deadline, "the worker is not done"
            time.sleep(0.02)


@pytest.fixture(scope="module")
def service() -> Iterator[PushService]:
    made = PushService()
    yield made
    made.close()


@pytest.fixture(scope="module")
def pushing(service: PushService, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    folder = tmp_path_factory.mktemp("pushing")
    found = RunningServer(folder, push_services=service.origin)
    found.start()
    yield found
    found.stop()


@pytest.fixture
def corp(pushing: RunningServer) -> Iterator[Corp]:
    made = pushing.new_corp()
    yield made
    made.close()


@pytest.fixture
def customer(corp: Corp) -> Customer:
    return corp.meet("xiaoming")


def send(http: httpx.Client, conversation_id: str, text: str) -> int:
    """Send a text and return its number."""
    answer = post_text(http, conversation_id, text)
    assert answer.is_success, answer.text
    return answer.json()["seq"]


def subscribed(service: PushService, http: httpx.Client) -> Device:
    device = Device(service, os.urandom(6).hex())
    answer = http.put("push", json=device.subscription)
    assert answer.status_code == 204, answer.text
    return device


def test_a_closed_app_is_woken_without_the_contents(
    pushing: RunningServer, service: PushService, corp: Corp, customer: Customer
) -> None:
    guide = corp.http("xiaoming")
    device = subscribed(service, guide)
    send(customer.http, customer.conversation_id, "我的地址是文三路 1 号")
    settle(pushing)
    (told,) = device.told()
    short_name = guide.get("me").json()["corp"]["short_name"]
    assert told == {
        "type": "message",
        "surface": "staff",
        "corp_id": corp.corp_id,
        "conversation_id": customer.conversation_id,
        "seq": told["seq"],
        "tag": customer.conversation_id,
        "title": short_name,
        "body": "你有新消息",
    }
    headers = next(headers for path, headers, _ in service.got if path == device.path)
    assert (headers["content-encoding"], headers["ttl"], headers["urgency"]) == ("aes128gcm", "86400", "high")
    assert headers["topic"] == customer.conversation_id
    check_proof(pushing, service, headers["authorization"])


def check_proof(server: RunningServer, service: PushService, proof: str) -> None:
    """The header is signed with the key that browsers subscribed with, for this service and not for ever."""
    shown = httpx.get(f"{server.url}/api/public/push", trust_env=False).json()["public_key"]
    scheme, token, key = proof.replace(",", "").split()
    assert (scheme, key) == ("vapid", f"k={shown}")
    said, _, signature = token.removeprefix("t=").rpartition(".")
    raw = bytes_of(signature)
    encoded = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes_of(shown))
    public.verify(encoded, said.encode(), ec.ECDSA(hashes.SHA256()))
    header, claims = (json.loads(bytes_of(part)) for part in said.split("."))
    assert header == {"typ": "JWT", "alg": "ES256"}
    assert (claims["aud"], claims["sub"]) == (service.origin, "https://rapport.invalid")
    assert 0 < claims["exp"] - time.time() <= 24 * 3600


def test_the_corp_may_let_it_show_who_wrote_and_what(
    pushing: RunningServer, service: PushService, corp: Corp, customer: Customer
) -> None:
    name = "notifications.push_shows_contents"
    pushing.write(lambda tx: set_policy(tx, corp.corp_id, name, value=True, changed_by="laoban"))
    guide = corp.http("xiaoming")
    staff, consumer = subscribed(service, guide), subscribed(service, customer.http)
    send(customer.http, customer.conversation_id, "长" * 200)
    settle(pushing)
    (told,) = staff.told()
    assert (told["title"], len(told["body"]), told["body"][-2:]) == ("王女士", 120, "长…")
    send(guide, customer.conversation_id, "有 38 码")
    settle(pushing)
    (told,) = consumer.told()
    badge = guide.get("me").json()["corp"]["badge"]
    assert (told["surface"], told["title"], told["body"]) == ("consumer", f"小明 {badge}", "有 38 码")


def test_of_a_burst_the_last_message_wakes(service: PushService, corp: Corp, customer: Customer) -> None:
    device = subscribed(service, corp.http("xiaoming"))
    seqs = [send(customer.http, customer.conversation_id, f"第{place}句") for place in range(4)]
    settle(corp.server)
    settle(corp.server)
    assert [told["seq"] for told in device.told()] == [seqs[-1]]


def test_what_was_read_muted_or_taken_back_wakes_nobody(service: PushService, corp: Corp, customer: Customer) -> None:
    guide = corp.http("xiaoming")
    device, sender = subscribed(service, guide), subscribed(service, customer.http)
    conversation = f"conversations/{customer.conversation_id}"
    sent = send(customer.http, customer.conversation_id, "？")
    guide.post(f"{conversation}/read", json={"seq": sent})
    settle(corp.server)
    guide.patch(conversation, json={"muted": True})
    send(customer.http, customer.conversation_id, "喂")
    settle(corp.server)
    assert device.count == 0
    guide.patch(conversation, json={"muted": False})
    sent = send(customer.http, customer.conversation_id, "收回的话")
    answer = customer.http.post(f"{conversation}/entries/{sent}/recall", json={"client_id": new_client_id()})
    assert answer.is_success, answer.text
    settle(corp.server)
    assert (device.count, sender.count) == (0, 0)
    send(customer.http, customer.conversation_id, "还在吗")
    settle(corp.server)
    assert device.count == 1


async def test_whoever_has_the_app_open_is_not_woken(service: PushService, corp: Corp, customer: Customer) -> None:
    device = subscribed(service, corp.http("xiaoming"))
    async with corp.socket("xiaoming") as socket:
        await asyncio.to_thread(send, customer.http, customer.conversation_id, "在吗")
        await socket.expect("entry")
        await asyncio.to_thread(settle, corp.server)
    assert device.count == 0


@pytest.mark.parametrize("status", [404, 410])
def test_a_device_that_is_gone_is_forgotten(service: PushService, corp: Corp, customer: Customer, status: int) -> None:
    device = subscribed(service, corp.http("xiaoming"))
    service.answers[device.path] = [status]
    send(customer.http, customer.conversation_id, "第一句")
    settle(corp.server)
    assert device.count == 1
    send(customer.http, customer.conversation_id, "第二句")
    settle(corp.server)
    assert device.count == 1


def test_a_push_service_that_is_not_well_is_asked_again(service: PushService, corp: Corp, customer: Customer) -> None:
    device, refusing = subscribed(service, corp.http("xiaoming")), subscribed(service, corp.http("xiaoming"))
    service.answers[device.path], service.answers[refusing.path] = [503, 429], [400]
    send(customer.http, customer.conversation_id, "重要")
    settle(corp.server)
    settle(corp.server, MINUTE)
    settle(corp.server, MINUTE)
    assert len({told["seq"] for told in device.told()}) == 1
    assert (device.count, refusing.count) == (3, 1)


def test_signing_out_and_unsubscribing_end_it(service: PushService, corp: Corp, customer: Customer) -> None:
    out, off, on = (corp.http("xiaoming") for _ in range(3))
    devices = [subscribed(service, http) for http in (out, off, on)]
    assert out.post("sign-out").status_code == 204
    assert off.delete("push").status_code == 204
    assert off.delete("push").status_code == 204
    send(customer.http, customer.conversation_id, "在吗")
    settle(corp.server)
    assert [device.count for device in devices] == [0, 0, 1]


def test_a_device_belongs_to_who_is_signed_in_there_now(service: PushService, corp: Corp, customer: Customer) -> None:
    device = subscribed(service, corp.http("xiaoming"))
    assert corp.http("xiaohong").put("push", json=device.subscription).status_code == 204
    send(customer.http, customer.conversation_id, "在吗")
    settle(corp.server)
    assert device.count == 0


def test_a_group_wakes_everybody_but_the_sender_up_to_a_size(
    pushing: RunningServer, service: PushService, corp: Corp
) -> None:
    guide = corp.http("xiaoming")
    own, others = subscribed(service, guide), [subscribed(service, corp.http(who)) for who in ("xiaohong", "laoban")]
    group = guide.post("conversations", json={"kind": "group", "title": "早班", "userids": ["xiaohong", "laoban"]})
    send(guide, group.json()["conversation_id"], "开会")
    settle(pushing)
    assert [device.count for device in (own, *others)] == [0, 1, 1]
    pushing.write(lambda tx: set_policy(tx, corp.corp_id, "notifications.push_group_limit", 2, "laoban"))
    send(guide, group.json()["conversation_id"], "散会")
    settle(corp.server)
    assert [device.count for device in others] == [1, 1]


def test_only_push_services_are_called(service: PushService, corp: Corp) -> None:
    whole = Device(service, "x").subscription
    guide = corp.http("xiaoming")
    for endpoint in (
        "https://10.0.0.1/x",
        "http://127.0.0.1:1/x",
        f"{service.origin.replace('127.0.0.1', 'localhost')}/x",
        f"{service.origin}@evil.example/x",
        "https://evil.example/?fcm.googleapis.com",
        "https://[::1",
    ):
        refused = guide.put("push", json={**whole, "endpoint": endpoint})
        assert (refused.status_code, refused.json()["code"]) == (422, "unknown_push_service")
    for keys in (
        {**whole["keys"], "auth": "AAAAAAAAAAAAAAAAAAAAAAAA"},
        {**whole["keys"], "p256dh": text_of(b"\x04" + bytes(64))},
        {**whole["keys"], "p256dh": "*" * 87},
    ):
        refused = guide.put("push", json={**whole, "keys": keys})
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid_input")
    for surface in ("staff", "consumer"):
        stranger = httpx.put(f"{corp.server.url}/api/{surface}/push", json=whole, trust_env=False)
        assert (stranger.status_code, stranger.json()["code"]) == (401, "not_signed_in")


@pytest.mark.parametrize(
    ("endpoint", "known"),
    [
        ("https://fcm.googleapis.com/fcm/send/abc", True),
        ("https://updates.push.services.mozilla.com/wpush/v2/abc", True),
        ("https://web.push.apple.com/abc", True),
        ("https://wns2-by3p.notify.windows.com/w/?token=abc", True),
        ("http://fcm.googleapis.com/x", False),
        ("https://fcm.googleapis.com:8443/x", False),
        ("https://fcm.googleapis.com@evil.example/x", False),
        ("https://user@fcm.googleapis.com/x", False),
        ("https://evilfcm.googleapis.com/x", False),
        ("https://notify.windows.com.evil.example/x", False),
        ("https://127.0.0.1/x", False),
    ],
)
def test_which_addresses_are_push_services(endpoint: str, known: bool) -> None:
    assert is_known_service(Settings(), endpoint) is known
