"""A message reaches somebody whose app is closed, leads into the conversation, and stops with the sign-out."""

import json
import time
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from rapport.client.http import new_client_id
from tests.conftest import NO_TLS
from tests.e2e.axe import assert_accessible
from tests.e2e.browser import DESKTOP, PHONE, Locale, Seat, Size
from tests.e2e.conftest import PATIENCE_MS, Seats, World
from tests.e2e.guide import IDENTITY, Guide
from tests.e2e.meeting import Met, meet
from tests.e2e.seeding import Shop
from tests.e2e.thread import ThreadScreen
from tests.e2e.words import words
from tests.pushing import Device

NICKNAME = "周同学"
HELD = "test.subscription"
# No browser's push service can be reached from here: this device's stands in for it, the rest is the browser's own.
SUBSCRIBES = """
const made = () => ({
  options: { applicationServerKey: new Uint8Array(JSON.parse(localStorage.getItem('%(held)s'))).buffer },
  toJSON: () => (%(subscription)s),
  unsubscribe: async () => { localStorage.removeItem('%(held)s'); return true },
})
PushManager.prototype.getSubscription = async () => (localStorage.getItem('%(held)s') === null ? null : made())
PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
  localStorage.setItem('%(held)s', JSON.stringify([...applicationServerKey]))
  return made()
}
"""
KEEP = (
    "async () => { [self.kept] = await registration.getNotifications(); return self.kept.title + '|' + self.kept.body }"
)
TAP = "() => { self.dispatchEvent(new NotificationEvent('notificationclick', { notification: self.kept })) }"


@pytest.mark.parametrize(("size", "locale"), [(PHONE, "zh-CN"), (DESKTOP, "en")], ids=["phone-zh", "desktop-en"])
def test_a_message_wakes_a_closed_app(world: World, shop: Shop, seats: Seats, size: Size, locale: Locale) -> None:
    met = meet(world, shop, NICKNAME)
    guide, device = Guide(seats.take(size, locale)), Device(world.push, f"guide-{locale}")
    context, page = guide.seat.context, guide.page
    context.grant_permissions(["notifications"])
    context.add_init_script(SUBSCRIBES % {"held": HELD, "subscription": json.dumps(device.subscription)})
    guide.seat.sign_in("staff", shop.tokens["staff/xiaoming"])
    page.goto("/staff/me")
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    switch = page.get_by_role("switch", name=words(locale, "features/notifications", "push.switch"))
    expect(switch).not_to_be_checked()
    switch.click()
    expect(switch).to_be_checked()
    assert_accessible(page)
    with page.expect_response(lambda answer: answer.url.endswith("/api/staff/push")) as renewed:
        guide.seat.reload()
    assert renewed.value.status == httpx.codes.NO_CONTENT
    expect(switch).to_be_checked()

    page.goto("about:blank")
    write(world, met, "帐篷到货了吗？")
    (told,) = wait_for(device, 1)
    worker = context.service_workers[0]
    deliver(guide.seat, told)
    assert told["conversation_id"] == met.conversation_id
    assert "帐篷" not in json.dumps(told, ensure_ascii=False), "what was said is for those who unlock the device"
    assert worker.evaluate(KEEP) == f"{told['title']}|{told['body']}"

    page.goto("/staff/me")
    expect(switch).to_be_checked()
    worker.evaluate(TAP)
    page.wait_for_url(f"**/chats/{met.conversation_id}")
    expect(ThreadScreen(guide.seat, NICKNAME).message("帐篷到货了吗？")).to_be_visible()

    page.goto("/staff/me")
    sign_out = words(locale, IDENTITY, "sign_out.action")
    page.get_by_role("button", name=sign_out, exact=True).click()
    page.get_by_role("alertdialog").get_by_role("button", name=sign_out, exact=True).click()
    page.wait_for_url("**/sign-in")
    page.wait_for_function(f"() => localStorage.getItem('{HELD}') === null")


def write(world: World, met: Met, text: str) -> None:
    """Let the consumer say something."""
    with httpx.Client(base_url=world.url, headers={"X-Rapport": "1"}, trust_env=False, verify=NO_TLS) as http:
        http.cookies.set("rapport_consumer", met.secret)
        said = {"client_id": new_client_id(), "body": {"kind": "text", "text": text}}
        http.post(f"/api/consumer/conversations/{met.conversation_id}/entries", json=said).raise_for_status()


def wait_for(device: Device, count: int) -> list[dict[str, Any]]:
    """Wait until the push service was asked to wake the device so often."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while device.count < count:
        assert time.monotonic() < deadline, "nobody wakes the device"
        time.sleep(0.05)
    return device.told()


def deliver(seat: Seat, message: dict[str, Any]) -> None:
    """Hand a message to the app's service worker, as the browser does that got it."""
    session = seat.context.new_cdp_session(seat.page)
    found: list[dict[str, Any]] = []
    session.on("ServiceWorker.workerRegistrationUpdated", lambda event: found.extend(event["registrations"]))
    session.send("ServiceWorker.enable")
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while not (ours := [one for one in found if one["scopeURL"].startswith(f"{seat.base_url}/staff/")]):
        assert time.monotonic() < deadline, "no service worker is registered"
        seat.page.wait_for_timeout(50)
    told = {"origin": seat.base_url, "registrationId": ours[-1]["registrationId"], "data": json.dumps(message)}
    session.send("ServiceWorker.deliverPushMessage", told)
    shown = "async () => (await registration.getNotifications()).length"
    while seat.context.service_workers[0].evaluate(shown) == 0:
        assert time.monotonic() < deadline, "nothing is shown"
        seat.page.wait_for_timeout(50)
    session.detach()
