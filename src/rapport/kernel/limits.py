"""Rate limits in memory: how often somebody may do something before being asked to wait.

Limits that must survive a restart (failed passwords, one-time codes) are rows of their features; these guard the
process.
"""

import time
from collections import OrderedDict

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from rapport.kernel.clock import Clock
from rapport.kernel.errors import TooManyRequests

MAX_BUDGETS = 100_000


class Budget:
    """A token bucket of one person: ``per_minute`` tokens, refilled evenly, all of them at once at the most."""

    __slots__ = ("_at", "_per_minute", "_tokens")

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._tokens = float(per_minute)
        self._at = time.monotonic()

    def take(self) -> bool:
        """Take one token; False when there is none."""
        now = time.monotonic()
        self._tokens = min(self._per_minute, self._tokens + (now - self._at) * self._per_minute / 60)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Limiter:
    """Counts by name and key over sliding windows, and keeps the budgets of hot paths."""

    def __init__(self, clock: Clock) -> None:
        self._budgets: OrderedDict[str, Budget] = OrderedDict()
        self._clock = clock
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def knows(self, key: str) -> bool:
        """Say whether there is a budget for ``key``; else it has to be opened first."""
        return key in self._budgets

    def open(self, key: str, per_minute: int) -> None:
        """Begin a budget of ``per_minute``, unless somebody has meanwhile."""
        if key not in self._budgets:
            self._budgets[key] = Budget(per_minute)
            if len(self._budgets) > MAX_BUDGETS:
                self._budgets.popitem(last=False)

    def spend(self, key: str) -> None:
        """Take one from the budget of ``key``; TooManyRequests when it is spent."""
        if not self._budgets[key].take():
            raise TooManyRequests(retry_after_s=1)

    def reopen(self) -> None:
        """Ask for every limit again (a policy changed)."""
        self._budgets.clear()

    def check(self, name: str, key: str, *, times: int, per_s: int) -> None:
        """Count one more; raise TooManyRequests over ``times`` per ``per_s`` seconds."""
        item = RateLimitItemPerSecond(times, per_s)
        if self._limiter.hit(item, name, key):
            return
        reset, _ = self._limiter.get_window_stats(item, name, key)
        raise TooManyRequests(retry_after_s=max(1, int(reset - self._clock.now() / 1_000_000) + 1))
