"""The counters of one process; only its event loop writes them, except for an engine's own ``CommitMeter``."""

from bisect import bisect_left
from itertools import accumulate
from time import perf_counter

import msgspec

from rapport.kernel.actor import Surface
from rapport.kernel.errors import Refusal

SEND_BOUNDS_S = (0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
REQUEST_BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
COMMIT_BOUNDS_S = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)
BATCH_BOUNDS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
ACCIDENT = "broken"


class Histogram:
    """Counts per fixed bucket; the last one has no upper bound."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Count one value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def cumulative(self) -> list[tuple[str, float]]:
        """Return the buckets as Prometheus wants them: (upper bound, how many up to it)."""
        names = [*(str(float(bound)) for bound in self.bounds), "+Inf"]
        return list(zip(names, accumulate(self.counts), strict=True))


def quantile(bounds: tuple[float, ...], counts: list[int], share: float) -> float | None:
    """Estimate a quantile from buckets, straight inside each; None without values, the last bound past it."""
    wanted, seen = share * sum(counts), 0
    if not wanted:
        return None
    for place, bound in enumerate(bounds):
        inside = counts[place]
        if inside and seen + inside >= wanted:
            low = bounds[place - 1] if place else 0.0
            return low + (bound - low) * (wanted - seen) / inside
        seen += inside
    return bounds[-1]


class CommitMeter:
    """An engine's commits: how many commands shared one, and how long they took from their beginning to durable."""

    __slots__ = ("commands", "seconds")

    def __init__(self) -> None:
        self.commands = Histogram(BATCH_BOUNDS)
        self.seconds = Histogram(COMMIT_BOUNDS_S)

    def note(self, commands: int, seconds: float) -> None:
        """Count one commit."""
        size, time = self.commands, self.seconds
        # The bounds are powers of two.
        size.counts[min((commands - 1).bit_length(), len(BATCH_BOUNDS))] += 1
        size.total += commands
        time.counts[bisect_left(COMMIT_BOUNDS_S, seconds)] += 1
        time.total += seconds


class RouteMeter(msgspec.Struct):
    """The answers of one method of one route: how many by class of status, and the time until each began."""

    by_class: list[int]
    seconds: Histogram


class Meters:
    """What one process counted since it started."""

    __slots__ = ("frames_in", "frames_out", "refused", "routes", "send_seconds", "sockets")

    def __init__(self) -> None:
        self.sockets: dict[Surface, int] = {"staff": 0, "consumer": 0}
        self.frames_in = 0
        self.frames_out = 0
        self.refused: dict[str, int] = {}
        self.send_seconds = Histogram(SEND_BOUNDS_S)
        self.routes: dict[tuple[str, str], RouteMeter] = {}

    @property
    def accepted(self) -> int:
        """How many messages were acknowledged."""
        return sum(self.send_seconds.counts)

    def note_sent(self, began: float, error: BaseException | None) -> None:
        """Count a message that is about to be answered; ``began`` is when it came, by ``perf_counter``."""
        if error is None:
            # In line: a call costs as much as the counting.
            seconds, found = perf_counter() - began, self.send_seconds
            found.counts[bisect_left(SEND_BOUNDS_S, seconds)] += 1
            found.total += seconds
        else:
            self.note_refused(error)

    def note_refused(self, error: BaseException) -> None:
        """Count a message that was refused, by its kind of refusal; an accident is ``broken``."""
        code = error.code if isinstance(error, Refusal) else ACCIDENT
        self.refused[code] = self.refused.get(code, 0) + 1

    def note_request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count an answer; ``route`` is the template in the reference, never what a caller wrote."""
        key = (route, method if method in METHODS else "OTHER")
        meter = self.routes.get(key)
        if meter is None:
            meter = self.routes[key] = RouteMeter([0] * 6, Histogram(REQUEST_BOUNDS_S))
        meter.by_class[min(status // 100, 5)] += 1
        meter.seconds.observe(seconds)
