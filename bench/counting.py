"""What counting adds to a message: the same steps that the sending path takes, alone, in nanoseconds.

``python -m bench.counting``; the budget is 1.5 µs of the 100 that a message may cost (docs/observability.md).
"""

from collections.abc import Callable
from time import perf_counter, process_time_ns

from rapport.kernel.metrics.meters import CommitMeter, Meters

ROUNDS = 300_000
BUDGET_NS = 1_500


def _count_one(meters: Meters) -> None:
    """One message socket to socket: a frame in, its acknowledgement and its delivery out, its latency."""
    began = perf_counter()
    meters.frames_in += 1
    meters.note_sent(began, None)
    meters.frames_out += 1
    meters.frames_out += 1


def _commit_one(commits: CommitMeter) -> None:
    """One commit that carries a single message: the worst case, since neighbours share it."""
    commits.note(1, perf_counter() - perf_counter())


def _nanoseconds(work: Callable[[], object]) -> float:
    began = process_time_ns()
    for _ in range(ROUNDS):
        work()
    return (process_time_ns() - began) / ROUNDS


def measure() -> float:
    """Return the CPU time of one message's counting, the loop around it taken off; the best of five."""
    meters, commits = Meters(), CommitMeter()

    def counted() -> None:
        _count_one(meters)
        _commit_one(commits)

    return min(_nanoseconds(counted) - _nanoseconds(lambda: None) for _ in range(5))


if __name__ == "__main__":
    found = measure()
    print(f"counting a message: {found:.0f} ns (budget {BUDGET_NS} ns)")
