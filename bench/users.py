"""Simulated guides and customers, more and more of them until a threshold breaks: how many the product serves.

Time is compressed: each user acts ``PACE`` times as often as in life, so that each stands for as many. What that leaves
out is the memory of their sockets, which ``idle`` measures.
"""

import asyncio
import os
import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, ExitStack

import msgspec

from bench.load import without_pauses
from bench.nodes import Both
from bench.person import IDLE_S, Figures, Person
from bench.processes import Process, product
from bench.report import Line
from bench.returning import Tally
from bench.run import Bench
from bench.seed import WORDS
from bench.shop import Shop, open_shop
from tests.services import running_postgres

PACE = 20.0
"""How many users of real pace one simulated user stands for."""
PER_GUIDE = 9
"""Customers at their phones for each guide at work."""
AT_ONCE = 20
WARM_UP = 0.3
"""Share of a step that passes before it counts."""
MEAN_S, P99_S, SEND_P99_S, ERRORS = 0.1, 2.0, 1.0, 0.00025
"""Mattermost's thresholds for requests (mean, p99, errors), our own for a message (messaging-evidence.md §5, §4)."""


class Step(msgspec.Struct, frozen=True):
    """What so many users saw; times in seconds."""

    users: int
    actions_per_s: float
    open_mean_s: float
    open_p50_s: float
    open_p99_s: float
    list_p99_s: float
    send_p50_s: float
    send_p99_s: float
    sends_per_s: float
    errors: float
    """Share of the actions."""
    server_busy: float
    """CPU seconds of the servers per second."""
    load_busy: float
    first_error: str = ""

    @property
    def broken(self) -> str:
        """The threshold that broke, if one did."""
        broken = {
            "mean of opening > 0.1 s": self.open_mean_s > MEAN_S,
            "p99 of opening > 2 s": self.open_p99_s > P99_S,
            "p99 of sending > 1 s": self.send_p99_s > SEND_P99_S,
            "errors > 0.025 %": self.errors > ERRORS,
        }
        return next((name for name, holds_not in broken.items() if holds_not), "")


async def measure(bench: Bench) -> list[Line]:
    """Return the lines of the embedded engine, and of two nodes on PostgreSQL."""
    return [*await _embedded(bench), *await _nodes(bench)]


async def _embedded(bench: Bench) -> list[Line]:
    folder = bench.folder / "users"
    folder.mkdir()
    shop = await open_shop(folder, bench.scale.shop)
    with product(bench.cores, folder) as server:
        steps = await _raise(bench, shop, [server])
    return [*_lines("embedded, one core", steps), _stored("in the embedded database", shop)]


async def _nodes(bench: Bench) -> list[Line]:
    granted = os.sched_getaffinity(0)
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    try:
        with running_postgres(durable=True) as postgres, ExitStack() as stack:
            url, folder = postgres.new_served_database(), bench.folder / "users-nodes"
            folder.mkdir()
            shop = await open_shop(folder, bench.scale.shop_of_nodes, database_url=url)
            nodes: list[Process] = []
            for role in ("api,realtime,worker", "api,realtime"):
                nodes.append(Process("bench.serve", ["--data", str(folder), "--database-url", url, "--role", role]))
                stack.callback(nodes[-1].stop)
            steps = await _raise(bench, shop, nodes)
    finally:
        os.sched_setaffinity(0, granted)
    return [
        *_lines("PostgreSQL, two nodes, all on the same two cores", steps),
        _stored("on PostgreSQL", shop),
    ]


def _stored(where: str, shop: Shop) -> Line:
    return Line(
        name=f"a message stored {where}",
        unit="bytes",
        rounds=[shop.message_bytes],
        floor=float(len(WORDS.encode())),
        floor_of="its text",
    )


async def _raise(bench: Bench, shop: Shop, nodes: Sequence[Process]) -> list[Step]:
    """Let more and more users arrive; return what each number of them saw, the last one after a threshold broke."""
    figures, tally, steps = Figures(), Tally(), list[Step]()
    waiting = _people(figures, tally, shop, nodes)
    async with AsyncExitStack() as stack:
        here = 0
        while waiting and not (steps and steps[-1].broken):
            arriving, waiting = waiting[: bench.scale.users_step], waiting[bench.scale.users_step :]
            for start in range(0, len(arriving), AT_ONCE):
                some = arriving[start : start + AT_ONCE]
                for person in some:
                    stack.push_async_callback(person.leave)
                async with asyncio.timeout(60):
                    await asyncio.gather(*(person.arrive() for person in some))
            here += len(arriving)
            await asyncio.sleep(bench.scale.users_seconds * WARM_UP)
            steps.append(await _step(bench, figures, nodes, here))
            _say(steps[-1])
    if tally.errors:
        raise SystemExit(f"The run means nothing: {tally.errors[0]}")
    return steps


def _people(figures: Figures, tally: Tally, shop: Shop, nodes: Sequence[Process]) -> list[Person]:
    """Return everybody in the order in which they come: each guide before their customers; by turns to every node."""
    people: list[tuple[str, str, list[str]]] = []
    for guide in shop.guides:
        people.append(("staff", guide.token, [met.conversation_id for met in guide.talking]))
        people += [("consumer", met.token, [met.conversation_id]) for met in guide.talking[:PER_GUIDE]]
    return [
        Person(figures, tally, ("127.0.0.1", nodes[place % len(nodes)].port), surface, token, conversations, PACE)
        for place, (surface, token, conversations) in enumerate(people)
    ]


async def _step(bench: Bench, figures: Figures, nodes: Sequence[Process], here: int) -> Step:
    servers, seconds = Both(*nodes), bench.scale.users_seconds
    with without_pauses():
        figures.reset()
        began, spent, own = time.perf_counter(), servers.cpu_s(), time.process_time()
        await asyncio.sleep(seconds)
        while not (figures.took["open"] and figures.took["send"]) and time.perf_counter() - began < 30:  # noqa: ASYNC110  counted elsewhere
            await asyncio.sleep(0.1)
        took = time.perf_counter() - began
        spent, own = servers.cpu_s() - spent, time.process_time() - own
    opens, sends = sorted(figures.took["open"]), sorted(figures.took["send"])
    lists = sorted(figures.took["list"] + figures.took["unread"])
    return Step(
        users=int(here * PACE),
        actions_per_s=figures.done / took,
        open_mean_s=sum(opens) / len(opens),
        open_p50_s=_quantile(opens, 0.5),
        open_p99_s=_quantile(opens, 0.99),
        list_p99_s=_quantile(lists, 0.99),
        send_p50_s=_quantile(sends, 0.5),
        send_p99_s=_quantile(sends, 0.99),
        sends_per_s=len(sends) / took,
        errors=len(figures.errors) / max(1, figures.done + len(figures.errors)),
        server_busy=spent / took,
        load_busy=own / took,
        first_error=figures.errors[0] if figures.errors else "",
    )


def _quantile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("inf")


def _lines(where: str, steps: list[Step]) -> list[Line]:
    """Return the knee, and what broke behind it; without a break the knee is further than these users reach."""
    held = [step for step in steps if not step.broken]
    knee = held[-1] if held else steps[0]
    lines = [_line(f"knee, {where}: users with {IDLE_S:.0f} s between actions", knee)]
    if steps[-1].broken:
        lines.append(_line(f"beyond the knee, {where}: {steps[-1].broken}", steps[-1]))
    return lines


def _line(name: str, step: Step) -> Line:
    return Line(
        name=name,
        unit="users",
        rounds=[step.users],
        also={
            "actions /s": step.actions_per_s,
            "messages /s": step.sends_per_s,
            "open mean ms": step.open_mean_s * 1000,
            "open p50 ms": step.open_p50_s * 1000,
            "open p99 ms": step.open_p99_s * 1000,
            "list p99 ms": step.list_p99_s * 1000,
            "send p50 ms": step.send_p50_s * 1000,
            "send p99 ms": step.send_p99_s * 1000,
            "errors %": step.errors * 100,
            "server cores busy": step.server_busy,
            "load busy": step.load_busy,
            "server µs per action": step.server_busy / step.actions_per_s * 1e6,
        },
    )


def _say(step: Step) -> None:
    print(
        f"  {step.users:,} users: {step.actions_per_s:.0f} actions/s, open {step.open_mean_s * 1000:.0f} ms mean"
        f" {step.open_p99_s * 1000:.0f} ms p99, send {step.send_p99_s * 1000:.0f} ms p99, errors"
        f" {step.errors:.3%}, servers {step.server_busy:.2f} load {step.load_busy:.2f}"
        f" {step.broken} {step.first_error[:300]}",
        file=sys.stderr,
        flush=True,
    )
