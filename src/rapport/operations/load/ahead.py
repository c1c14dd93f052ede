"""Making rows in a process beside the one that writes them: each of the two takes about as long as the other."""

import gc
import os
import signal
import threading
from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context, parent_process

from rapport.operations.load.crowd import Crowd, Made
from rapport.operations.load.plans import Plan

AHEAD = 3
"""How many ranges may be made and not written yet."""
Range = tuple[int, int]

_crowds: list[Crowd] = []


def made_in_turn(plan: Plan, ranges: Iterable[Range]) -> Generator[Made]:
    """Make the customers of one range after another, here; for few of them."""
    crowd = Crowd(plan)
    for first, end in ranges:
        yield crowd.made(first, end)


def made_ahead(plan: Plan, ranges: Iterable[Range]) -> Generator[Made]:
    """Make the same while the caller writes what was made before."""
    waiting: deque[Future[Made]] = deque()
    # A fresh process: a copy of this one would hold the database open, too.
    pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_begin, initargs=(plan,))
    try:
        for first, end in ranges:
            waiting.append(pool.submit(_make, first, end))
            if len(waiting) > AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _begin(plan: Plan) -> None:
    # Whoever interrupts the load interrupts the process that writes; this one ends with it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_writer, daemon=True).start()
    # Rows refer to nothing that refers to them.
    gc.disable()
    _crowds.append(Crowd(plan))


def _end_with_the_writer() -> None:
    """A process that was killed tells nobody; this one would wait for ever."""
    writer = parent_process()
    assert writer is not None, "this runs in the process beside"
    writer.join()
    os._exit(1)


def _make(first: int, end: int) -> Made:
    return _crowds[-1].made(first, end)
