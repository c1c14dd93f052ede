"""How large the corp is to be, and how everything is spread over its members and over the years."""

from itertools import accumulate
from random import Random

import msgspec

from rapport.kernel.clock import DAY, SECOND

SPAN_US = 730 * DAY
"""Everything happened within the last two years."""
GROWTH = 1.4
"""Customers by a time grow with this power of it: more came lately."""
SKEW = 0.5
"""Zipf's exponent: the busiest of 10,000 members has 16,000 of 3 million customers, the median 220."""
SECOND_SHARE = 0.06
"""How many customers are followed by a second member too."""


class Size(msgspec.Struct, frozen=True):
    """How much of everything there is to be."""

    members: int
    customers: int
    messages: int


PROFILES = {"retailer": Size(members=10_000, customers=3_000_000, messages=5_000_000)}


class Plan(msgspec.Struct, frozen=True):
    """A load that began: what it makes, when, and which numbers its conversations are stamped with.

    The same plan makes the same rows again, so that a load that broke off goes on where it stopped.
    """

    corp_id: str
    seed: str
    size: Size
    now: int
    first_mark: int
    last_mark: int

    @property
    def began_at(self) -> int:
        """When the first customer came."""
        return self.now - SPAN_US

    def met_at(self, customer: int, jitter: float) -> int:
        """Return when a customer came; the first are the oldest."""
        share = min(1.0, (customer + jitter) / self.size.customers)
        return self.began_at + int((SPAN_US - 1) * share ** (1 / GROWTH))

    def mark_at(self, instant: int) -> int:
        """Return the stamp of a change at an instant: in the order of time."""
        return self.first_mark + (instant - self.began_at) * (self.last_mark - self.first_mark) // SPAN_US

    def messages_of(self, first: int, end: int) -> int:
        """Return how many messages the customers of a range have together."""
        of, among = self.size.messages, self.size.customers
        return of * end // among - of * first // among

    def shares(self) -> list[float]:
        """Return the members' shares of the customers, added up one after the other; who is busy is left to chance."""
        ranks = list(range(1, self.size.members + 1))
        Random(f"{self.seed}/shares").shuffle(ranks)  # noqa: S311  no secret
        return list(accumulate(rank**-SKEW for rank in ranks))


def marks_needed(size: Size) -> int:
    """Return how many stamps a load takes: at least one for each second, so that hardly two conversations share one."""
    return max(size.customers * 2, SPAN_US // SECOND)
