"""What the bench measured, found in its results."""

import re
from pathlib import Path

import msgspec

KEPT = Path(__file__).with_name("measured.json")
"""The figures of the run in docs/benchmarks.md."""


class Measured(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Costs of one unit of work, of the server's own CPU time where nothing else is said."""

    socket_kib: float
    """Private memory of an idle connection (line ``idle``)."""
    action_us: float
    """One action of a user of the mix, whatever else they cause included (line ``users``, PostgreSQL)."""
    delivery_us: float
    """Pushing a message to one more socket (line ``fanout``, the largest group)."""
    resume_us: float
    """Coming back after the server was away (line ``storm``)."""
    message_bytes: float
    """What a message of sixty characters adds to the database, indexes and facts included (line ``users``)."""


class _Line(msgspec.Struct):
    name: str
    figure: float
    also: dict[str, float] = {}


class _Results(msgspec.Struct):
    lines: list[_Line]


_PLACES: dict[str, tuple[str, str | None]] = {
    "socket_kib": (r"[\d,]+ idle connections: memory of each", None),
    "action_us": (r"knee, PostgreSQL, .*", "server µs per action"),
    "delivery_us": (r"group of [\d,]+ online: server CPU per delivery", None),
    "resume_us": (r"[\d,]+ come back after kill -9: server CPU per resume", None),
    "message_bytes": (r"a message stored on PostgreSQL", None),
}
"""Which line a figure is from, and what beside it; the last of several counts."""


def read_results(results: Path) -> dict[str, float]:
    """Return what a run of the bench tells of these figures; a run of one line tells one."""
    found: dict[str, float] = {}
    for line in msgspec.json.decode(results.read_bytes(), type=_Results).lines:
        for name, (pattern, beside) in _PLACES.items():
            if re.fullmatch(pattern, line.name):
                found[name] = line.figure if beside is None else line.also[beside]
    return found


def read_measured(results: Path | None = None) -> Measured:
    """Return the kept figures, those of ``results`` in their place."""
    figures = msgspec.json.decode(KEPT.read_bytes(), type=dict[str, float])
    if results is not None and results.exists():
        figures |= read_results(results)
    return msgspec.convert(figures, Measured)
