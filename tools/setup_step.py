"""One step of the set-up: said in one line, quiet when it works, complete when it does not, and never done twice.

A step is keyed: a stamp file holds the digest of everything that it depends on. Standard library only, because
the first step is what brings everything else.
"""

import hashlib
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class SetupError(Exception):
    """The set-up cannot go on; the text says in a sentence what to do."""


def digest(parts: Iterable[bytes | str]) -> str:
    """One SHA-256 over all parts, each with its length, so that moving a border changes it."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        total.update(len(data).to_bytes(8, "big") + data)
    return total.hexdigest()


def is_done(stamp: Path, key: str) -> bool:
    """Whether the step behind this stamp was done with exactly this key."""
    try:
        return stamp.read_text() == key
    except FileNotFoundError:
        return False


def say(text: str) -> None:
    """Progress goes to stderr: stdout is the started program's."""
    print(text, file=sys.stderr, flush=True)


def run_quietly(what: str, command: Sequence[str | Path], *, cwd: Path = ROOT, env: Mapping[str, str]) -> None:
    """Run one command of the set-up; its output is shown only when it fails."""
    say(f"· {what} …")
    started = time.monotonic()
    done = subprocess.run(
        command,
        cwd=cwd,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode != 0:
        sys.stderr.buffer.write(done.stdout)
        raise SetupError(f"{what}: failed ({done.returncode}): {shlex.join(map(str, command))}")
    say(f"  done in {time.monotonic() - started:.1f} s")


def with_path(first: Path) -> dict[str, str]:
    """This environment with one folder before everything else on PATH."""
    return {**os.environ, "PATH": f"{first}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
