"""The wheel is what an administrator installs: it must carry everything that the server needs."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.architecture.repository import ROOT, SRC, repository_files


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = Path(folder).glob("rapport_server-*-py3-none-any.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.mark.parametrize("app", ["staff", "c", "admin"])
def test_the_wheel_carries_the_web_apps(names: set[str], app: str) -> None:
    assert f"rapport/web_dist/{app}/index.html" in names
    assert any(name.startswith(f"rapport/web_dist/{app}/") and name.endswith(".js") for name in names)


def test_the_wheel_carries_all_of_the_package(names: set[str]) -> None:
    """Migrations, texts and templates are found by path when the program runs, so no import would miss them."""
    package = {path.relative_to(SRC).as_posix() for path in repository_files() if path.is_relative_to(SRC)}
    assert package - names == set()


def test_the_wheel_carries_nothing_else(names: set[str]) -> None:
    assert {name.partition("/")[0] for name in names if ".dist-info/" not in name} == {"rapport"}
