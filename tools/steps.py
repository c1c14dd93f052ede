"""Several commands in one go: all of them run, their times are listed, one failure fails the whole."""

import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from setup_step import ROOT


@dataclass(frozen=True)
class Step:
    """A command with the name under which the summary lists it."""

    name: str
    command: Sequence[str | Path]
    folder: Path = ROOT
    env: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Result:
    """How a step ended and how long it took."""

    name: str
    failed: bool
    seconds: float


def run_steps(steps: Sequence[Step], env: Mapping[str, str]) -> int:
    """Run all steps, the later ones also after a failure, because one look should show everything. The exit code."""
    results = [_run(step, env) for step in steps]
    print()
    for result in results:
        print(f"  {result.name:<18}{'FAILED' if result.failed else 'ok':<8}{result.seconds:7.1f} s")
    print(f"  {'':<18}{'':<8}{sum(result.seconds for result in results):7.1f} s", flush=True)
    return int(any(result.failed for result in results))


def _run(step: Step, env: Mapping[str, str]) -> Result:
    print(f"\n── {step.name}", flush=True)
    started = time.monotonic()
    code = subprocess.run(step.command, cwd=step.folder, env={**env, **step.env}, check=False).returncode
    return Result(step.name, code != 0, time.monotonic() - started)
