"""What a check of the doctor says."""

from collections.abc import Callable
from typing import Literal

import msgspec

from rapport.kernel.tx import ReadTx
from rapport.settings import Settings

Status = Literal["ok", "warning", "problem"]
SHOWN = 3
"""How many examples a finding names."""


class Finding(msgspec.Struct, frozen=True):
    """The outcome of one check: what was seen, and what to do unless it is ok."""

    name: str
    status: Status
    said: str
    advice: str | None


Check = Callable[[ReadTx, Settings], Finding]


def ok(name: str, said: str) -> Finding:
    """Say that all is well."""
    return Finding(name, "ok", said, None)


def warning(name: str, said: str, advice: str) -> Finding:
    """Say what may become a problem."""
    return Finding(name, "warning", said, advice)


def problem(name: str, said: str, advice: str) -> Finding:
    """Say what is broken."""
    return Finding(name, "problem", said, advice)


def named(examples: list[str], more: str = " …") -> str:
    """Join a few examples."""
    return ", ".join(examples[:SHOWN]) + (more if len(examples) > SHOWN else "")
