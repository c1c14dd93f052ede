"""Programs of the distribution: found wherever it puts them, installed where this user may."""

import os
import shutil
from collections.abc import Sequence

from setup_step import run_quietly

# A distribution's programs are there even where somebody's PATH is shorter; its installer needs them all.
SYSTEM_PATH = os.pathsep.join(
    ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin", "/snap/bin"]
)


def which(name: str) -> str | None:
    """Where a program is, also outside of this user's PATH."""
    return shutil.which(name) or shutil.which(name, path=SYSTEM_PATH)


def install(packages: Sequence[str]) -> bool:
    """Install packages of the distribution; False where this user may not."""
    apt = which("apt-get")
    if os.geteuid() != 0 or apt is None:
        return False
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "PATH": SYSTEM_PATH}
    run_quietly("The distribution's package list", [apt, "update"], env=env)
    run_quietly(
        f"From the distribution: {', '.join(packages)}",
        [apt, "install", "-y", "--no-install-recommends", *packages],
        env=env,
    )
    return True
