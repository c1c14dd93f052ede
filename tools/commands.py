"""What each target of the Makefile does: its set-up first, then its commands."""

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from browser import prepare_browser
from environment import BIN, PYTHON, WEB, one_at_a_time, prepare_node_packages, prepare_python, prepare_web
from environment import project_environment as environment
from postgres import prepare_cluster, prepare_postgres
from setup_step import ROOT, SetupError, run_quietly, say
from steps import Step, run_steps

UV = "uv==0.13.9"


def main(arguments: Sequence[str]) -> int:
    """Do one task; the exit code. What stops the set-up is one sentence, not a stack trace."""
    name, *rest = arguments
    tasks: dict[str, Callable[[list[str]], int]] = {
        "run": run,
        "test": test,
        "check": check,
        "bench": bench,
        "faults": faults,
        "gen": generate,
        "lock": lock,
        "wheel": wheel,
        "cluster": cluster,
    }
    try:
        return tasks[name](rest)
    except SetupError as error:
        say(f"\n{error}")
        return 2
    except KeyboardInterrupt:
        return 130


def run(options: list[str]) -> int:
    """Start the server in this process's place, so that Ctrl-C reaches it alone."""
    parser = argparse.ArgumentParser(prog="make run")
    parser.add_argument("--data", default="data")
    known, passed_on = parser.parse_known_args(options)
    with one_at_a_time():
        prepare_python()
        prepare_web()
    data = Path(known.data).expanduser().resolve()
    os.execve(BIN / "rapport", ["rapport", "run", "--data", str(data), *passed_on], environment())


def test(_: list[str]) -> int:
    """Everything; with ARGS (in the environment, as make leaves it there) those tests alone."""
    chosen = _chosen()
    in_browser = not chosen or any("e2e" in argument for argument in chosen)
    on_postgres = not chosen or os.environ.get("RAPPORT_TEST_ENGINE") == "postgresql"
    services: dict[str, str] = {}
    with one_at_a_time():
        prepare_python()
        prepare_web(any_build_will_do=not in_browser)
        if in_browser:
            services["CHROMIUM"] = prepare_browser()
        if on_postgres:
            services["POSTGRES_BIN"] = prepare_postgres()
    env = {**environment(), **services}
    if chosen:
        return run_steps([Step("tests", [PYTHON, "-m", "pytest", *chosen])], env)
    # The browser's own event loop would be in the way of tests that run one: the journeys get a process of their own.
    embedded = Step("tests, SQLite", [PYTHON, "-m", "pytest", "--ignore=tests/e2e"])
    scaled = Step(
        "tests, PostgreSQL",
        [PYTHON, "-m", "pytest", "tests/features", "tests/kernel", "tests/contract", "tests/nodes", "tests/operations"],
        env={"RAPPORT_TEST_ENGINE": "postgresql"},
    )
    journeys = Step("journeys", [PYTHON, "-m", "pytest", "tests/e2e"])
    return run_steps([*_checks(), embedded, scaled, journeys], env)


def check(_: list[str]) -> int:
    """All that can be judged without running the product; with ARGS the named checks alone."""
    names = set(_chosen())
    steps = [step for step in _checks() if not names or step.name in names]
    if unknown := names - {step.name for step in _checks()}:
        raise SetupError(
            f"No such check: {', '.join(unknown)}. There are {', '.join(step.name for step in _checks())}."
        )
    with one_at_a_time():
        prepare_python()
        if any(step.folder == WEB for step in steps):
            prepare_node_packages()
    return run_steps(steps, environment())


def bench(_: list[str]) -> int:
    """The server alone is measured: no page is needed."""
    with one_at_a_time():
        prepare_python()
        services = {"POSTGRES_BIN": prepare_postgres()}
    return run_steps([Step("bench", [PYTHON, "-m", "bench", *_chosen()])], {**environment(), **services})


def faults(_: list[str]) -> int:
    """The tests that are too long for every commit: one process killed again and again, a cluster broken part by part.

    Without root or HAProxy, Patroni and etcd the cluster's rounds say why they are left out.
    """
    services: dict[str, str] = {}
    with one_at_a_time():
        prepare_python()
        try:
            services["POSTGRES_BIN"] = prepare_cluster()
        except SetupError as error:
            say(str(error))
    env = {**environment(), **services}
    return run_steps([Step("faults", [PYTHON, "-m", "pytest", "-rP", "-m", "faults", "tests/faults", *_chosen()])], env)


def cluster(options: list[str]) -> int:
    """Start the cluster in this process's place, so that Ctrl-C reaches it alone."""
    with one_at_a_time():
        prepare_python()
        prepare_web()
        programs = prepare_cluster()
    os.chdir(ROOT)
    os.execve(PYTHON, [PYTHON, "-m", "tools.cluster", *options], {**environment(), "POSTGRES_BIN": programs})


def generate(_: list[str]) -> int:
    """The reference comes from the running server's own types, so it needs the whole product."""
    with one_at_a_time():
        prepare_python()
    return run_steps([Step("reference", [PYTHON, ROOT / "tools" / "reference.py"])], environment())


def lock(_: list[str]) -> int:
    """By uv: it resolves for all Pythons and systems at once, which pip cannot. Needed here alone, it stays outside."""
    with one_at_a_time(), tempfile.TemporaryDirectory() as folder:
        prepare_python()
        run_quietly("uv", [PYTHON, "-m", "pip", "install", "--quiet", "--target", folder, UV], env=environment())
        arguments = [Path(folder) / "bin" / "uv", "pip", "compile", "--universal", "--python-version", "3.11"]
        arguments += ["--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url", "--quiet"]
        arguments += ["--group", "dev", "pyproject.toml", "-o", "requirements.lock", *_chosen()]
        return subprocess.run(arguments, cwd=ROOT, env=environment(), check=False).returncode


def wheel(_: list[str]) -> int:
    """The distribution that an administrator installs."""
    with one_at_a_time():
        prepare_python()
        prepare_web()
    return run_steps([Step("wheel", [PYTHON, "-m", "hatchling", "build", "-t", "wheel", "-d", "dist"])], environment())


def _chosen() -> list[str]:
    return shlex.split(os.environ.get("ARGS", ""))


def _checks() -> list[Step]:
    return [
        Step("ruff", [BIN / "ruff", "check", "."]),
        Step("format", [BIN / "ruff", "format", "--check", "."]),
        Step("imports", [BIN / "lint-imports"]),
        Step("pyright", [BIN / "pyright", "--warnings"]),
        Step("web", ["npm", "run", "--silent", "check"], WEB),
    ]


if __name__ == "__main__":
    sys.exit("Ask make: `make help` lists what there is.")
