"""Rate limits in memory: how often somebody may do something before being asked to wait.

Limits that must survive a restart (failed passwords, one-time codes) are rows of their features; these guard the
process.
"""

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from rapport.kernel.clock import Clock
from rapport.kernel.errors import TooManyRequests


class Limiter:
    """Counts by name and key over sliding windows."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def check(self, name: str, key: str, *, times: int, per_s: int) -> None:
        """Count one more; raise TooManyRequests over ``times`` per ``per_s`` seconds."""
        item = RateLimitItemPerSecond(times, per_s)
        if self._limiter.hit(item, name, key):
            return
        reset, _ = self._limiter.get_window_stats(item, name, key)
        raise TooManyRequests(retry_after_s=max(1, int(reset - self._clock.now() / 1_000_000) + 1))
