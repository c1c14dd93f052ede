"""How long a customer with an average phone and network waits, measured and printed (ux.md §8)."""

import time

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import PHONE
from tests.e2e.conftest import Seats, World
from tests.e2e.meeting import meet, sit_down
from tests.e2e.seeding import GREETING, Shop

SLOW_NETWORK = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
SLOWER_CPU = 4
BUDGET_S = 3.0
HOPELESS_S = 15.0


def test_first_message_on_a_slow_phone(
    world: World, shop: Shop, seats: Seats, capsys: pytest.CaptureFixture[str]
) -> None:
    met = meet(world, shop, "王女士")
    seat = seats.take(PHONE)
    sit_down(seat, met)
    session = seat.context.new_cdp_session(seat.page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_NETWORK)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_CPU})
    began = time.monotonic()
    seat.page.goto(f"/c/chats/{met.conversation_id}", wait_until="commit")
    welcome = GREETING.format(customer="王女士", corp=shop.short_name, member="小明")
    expect(seat.page.get_by_text(welcome)).to_be_visible(timeout=HOPELESS_S * 1000)
    taken = time.monotonic() - began
    with capsys.disabled():
        print(f"\nFirst message, cold, 4x CPU, 1.6 Mbit/s, 150 ms RTT: {taken:.2f} s (budget {BUDGET_S:.1f} s)")  # noqa: T201
