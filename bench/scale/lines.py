"""The model as lines of the bench, from its kept figures and those of the last run."""

from bench.report import Line
from bench.run import RESULTS, Bench
from bench.scale.assumptions import Assumptions
from bench.scale.measured import read_measured
from bench.scale.model import estimate
from bench.scale.printing import STAGES, show


async def measure(bench: Bench) -> list[Line]:
    """Print the model and return a line for each stage; nothing is measured."""
    del bench
    measured, assumed = read_measured(RESULTS / "bench.json"), Assumptions()
    print(show(STAGES, measured, assumed))
    return [
        Line(
            name=f"model: {need.users:,} active users",
            unit="machines",
            rounds=[need.machines],
            also={
                "sockets": need.sockets,
                "processes": need.processes,
                "commits /s": need.commits_per_s,
                "primaries": need.primaries,
                "hot TB": need.hot_tb,
            },
        )
        for need in (estimate(users, measured, assumed) for users in STAGES)
    ]
