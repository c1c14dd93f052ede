"""What is measured as lines: a table for people, JSON for machines."""

from statistics import median

import msgspec


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One figure beside its floor; ``compared`` is what the budget bounds (a ratio, or the figure itself)."""

    name: str
    unit: str
    rounds: list[float]
    floor: float | None = None
    floor_of: str | None = None
    budget: float | None = None
    bounds: str = "figure"
    """``figure`` or ``ratio``: which of the two the budget bounds."""
    least: float | None = None
    """The ratio to the floor below which the budget is missed; for what should be much, not little."""
    also: dict[str, float] = {}

    @property
    def figure(self) -> float:
        """The median of the rounds."""
        return median(self.rounds)

    @property
    def ratio(self) -> float | None:
        """How often the floor fits."""
        return self.figure / self.floor if self.floor else None

    @property
    def holds(self) -> bool | None:
        """Whether the budget holds; None where there is none."""
        if self.least is not None:
            return self.ratio is not None and self.ratio >= self.least
        compared = self.ratio if self.bounds == "ratio" else self.figure
        return None if self.budget is None or compared is None else compared <= self.budget


class Report(msgspec.Struct, frozen=True):
    """A run of the bench."""

    machine: str
    lines: list[Line]


def encode(report: Report) -> bytes:
    """Return the report as JSON, what is computed included."""
    lines = [
        msgspec.structs.asdict(line) | {"figure": line.figure, "ratio": line.ratio, "holds": line.holds}
        for line in report.lines
    ]
    return msgspec.json.format(msgspec.json.encode({"machine": report.machine, "lines": lines}), indent=2)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _budget(line: Line) -> str:
    if line.least is not None:
        return f"ratio ≥ {_number(line.least)}"
    return "" if line.budget is None else f"{line.bounds} ≤ {_number(line.budget)}"


def table(report: Report) -> str:
    """Return the report as a Markdown table: lowest and median round, floor, ratio, budget, what else was seen."""
    rows = [("what", "lowest … median", "floor", "ratio", "budget", "", "beside it")]
    rows += [
        (
            line.name,
            f"{_number(min(line.rounds))} … {_number(line.figure)} {line.unit}",
            "" if line.floor is None else f"{_number(line.floor)} ({line.floor_of})",
            "" if line.ratio is None else f"{line.ratio:.2f}",
            _budget(line),
            {None: "", True: "holds", False: "MISSED"}[line.holds],
            ", ".join(f"{name} {_number(value)}" for name, value in line.also.items()),
        )
        for line in report.lines
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)
