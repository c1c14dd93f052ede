"""The figures of docs/reliability.md, written from what a run counted and from nothing else."""

import os
from datetime import UTC, datetime
from pathlib import Path

import msgspec

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"


class Round(msgspec.Struct, frozen=True):
    """One fault under load."""

    fault: str
    seconds: float
    """From the fault until everything that was said meanwhile is answered."""
    acknowledged: int
    silence_s: float
    """The longest time in which nobody was acknowledged anything."""
    longest_wait_s: float
    """The longest time between an acknowledgement and the arrival at somebody's screen."""
    violations: list[str]

    def line(self) -> str:
        """What somebody at the terminal reads."""
        return (
            f"{self.fault:<52} {self.acknowledged:>5} acknowledged, silence {self.silence_s:5.1f} s,"
            f" longest wait {self.longest_wait_s:5.1f} s, {len(self.violations)} violations"
        )


def table_of(rounds: list[Round], left_out: list[str], day: str) -> str:
    """Return the table: a line per fault, a line for all."""
    acknowledged = sum(each.acknowledged for each in rounds)
    violations = sum(len(each.violations) for each in rounds)
    lines = [
        f"{day}, {len(rounds)} rounds on {os.cpu_count()} processor cores for everything:",
        f"{acknowledged:,} messages acknowledged, {violations} violations.",
        "",
        "| fault | rounds | acknowledged | longest silence | longest wait | violations |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for fault in dict.fromkeys(each.fault for each in rounds):
        these = [each for each in rounds if each.fault == fault]
        lines.append(
            f"| {fault} | {len(these)} | {sum(each.acknowledged for each in these):,} "
            f"| {max(each.silence_s for each in these):.1f} s | {max(each.longest_wait_s for each in these):.1f} s "
            f"| {sum(len(each.violations) for each in these)} |"
        )
    lines += [f"\nLeft out: {reason}" for reason in left_out]
    return "\n".join(lines)


def write_report(rounds: list[Round], left_out: list[str]) -> None:
    """Put the table into the page, in the place of the last one."""
    write("cluster", table_of(rounds, left_out, today()))


def write(name: str, text: str) -> None:
    """Put what a run counted between the marks of its name."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    before, _, rest = PAGE.read_text().partition(begin)
    _, _, after = rest.partition(end)
    PAGE.write_text(f"{before}{begin}\n{text}\n{end}{after}")


def today() -> str:
    """Return the date that a figure is of."""
    return datetime.now(UTC).strftime("%Y-%m-%d")
