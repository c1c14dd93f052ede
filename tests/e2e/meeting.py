"""Consumers who have met a guide already, without the screens on the way."""

import httpx
import msgspec

from tests.conftest import NO_TLS
from tests.e2e.browser import Seat
from tests.e2e.conftest import World
from tests.e2e.seeding import Shop


class Met(msgspec.Struct, frozen=True):
    """A consumer's session and the conversation."""

    secret: str
    conversation_id: str


def meet(world: World, shop: Shop, nickname: str) -> Met:
    """Let a new consumer accept the shop's code."""
    with httpx.Client(base_url=world.url, headers={"X-Rapport": "1"}, trust_env=False, verify=NO_TLS) as http:
        answer = http.post(
            f"/api/consumer/contact-ways/{shop.code}/accept", json={"nickname": nickname, "device": "phone"}
        )
        assert answer.is_success, answer.text
        return Met(http.cookies["rapport_consumer"], answer.json()["conversation_id"])


def sit_down(seat: Seat, met: Met) -> None:
    """Let the consumer be signed in at a browser."""
    seat.sign_in("consumer", met.secret)
