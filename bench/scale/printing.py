"""The model as Markdown: what each number of users needs, the figures it was given, the assumptions with sources."""

from collections.abc import Callable, Sequence

import msgspec

from bench.scale.assumptions import Assumptions, sources
from bench.scale.measured import Measured
from bench.scale.model import Need, estimate

STAGES = (10_000, 1_000_000, 60_000_000)
"""A shop, a large company, WeCom."""
_ROWS: dict[str, Callable[[Need], float]] = {
    "sockets at the peak": lambda need: need.sockets,
    "memory of the sockets, GiB": lambda need: need.socket_memory_gib,
    "messages/s at the peak": lambda need: need.messages_per_s,
    "actions/s": lambda need: need.actions_per_s,
    "deliveries/s": lambda need: need.deliveries_per_s,
    "commits/s": lambda need: need.commits_per_s,
    "serving cores": lambda need: need.serving_cores,
    "serving processes": lambda need: need.processes,
    "serving machines": lambda need: need.serving_machines,
    "all back after a storm, s": lambda need: need.storm_s,
    "primaries": lambda need: need.primaries,
    "database machines": lambda need: need.database_machines,
    "machines": lambda need: need.machines,
    "rows kept hot, TB": lambda need: need.hot_tb,
    "older rows in objects, TB": lambda need: need.cold_tb,
    "media, TB a year": lambda need: need.media_tb_per_year,
}


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def _table(rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


def show(users: Sequence[int], measured: Measured, assumed: Assumptions) -> str:
    """Return the tables."""
    needs = [estimate(number, measured, assumed) for number in users]
    given = [(name, _number(value)) for name, value in msgspec.structs.asdict(measured).items()]
    taken = msgspec.structs.asdict(assumed)
    return "\n\n".join(
        [
            _table(
                [
                    ["active users in a day", *(f"{need.users:,}" for need in needs)],
                    *([name, *(_number(of(need)) for need in needs)] for name, of in _ROWS.items()),
                ]
            ),
            _table([("measured", "figure"), *given]),
            _table(
                [("assumed", "figure", "source")]
                + [(name, _number(taken[name]), source) for name, source in sources().items()]
            ),
        ]
    )
