"""How features are built inside and how they meet: the roles of their files and the faces they show each other."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.repository import FEATURES, ROOT, imports_of, python_modules, repository_files

# Beyond the usual: `policies` are the limits a feature declares, `realtime` with its `frames` the edge towards sockets
# as `http` is towards requests, `answers` what a feature implements for the ports of lower ones.
ROLES = {
    "__init__", "types", "events", "tables", "queries", "access", "actions", "api", "ports", "http", "wecom", "jobs",
    "followers", "errors", "policies", "realtime", "frames", "answers",
}  # fmt: skip
# Files beside the roles, each with its reason.
BESIDES = {
    "identity/passwords.py": "hashing takes tens of milliseconds, stays outside every transaction, so it is no action",
    "identity/common_passwords.txt": "the data of passwords.py",
}
FACES = {"api", "types", "events", "ports", "errors"}
PREFIX = "rapport.features."


def foreign_imports(source: str, module: str, *, is_package: bool = False) -> Iterator[str]:
    """What a feature's module takes from another feature past that one's faces."""
    own = module.removeprefix(PREFIX).split(".")[0]
    for imported in imports_of(source, module, is_package=is_package):
        feature, _, rest = imported.removeprefix(PREFIX).partition(".")
        if imported.startswith(PREFIX) and feature != own and rest.split(".")[0] not in FACES:
            yield imported


def test_features_hold_only_files_with_a_role() -> None:
    """A role is a module, or a package of that name when one file became too long; inside it files are nouns."""
    inside = [path.relative_to(FEATURES).parts for path in repository_files() if path.is_relative_to(FEATURES)]
    strange = {"/".join(parts[:2]) for parts in inside if len(parts) > 1 and not has_role(parts[1])}
    assert strange - BESIDES.keys() == set()
    assert BESIDES.keys() - strange == set(), "gone: take them out of BESIDES"


def has_role(name: str) -> bool:
    path = Path(name)
    return path.stem in ROLES and path.suffix in {".py", ""}


@pytest.mark.parametrize(("name", "expected"), [("actions.py", True), ("actions", True), ("services.py", False)])
def test_what_has_a_role(name: str, expected: bool) -> None:
    assert has_role(name) is expected


def test_features_say_what_they_own() -> None:
    silent = [
        folder.name
        for folder in FEATURES.iterdir()
        if (folder / "__init__.py").is_file() and not (folder / "__init__.py").read_text().startswith('"""')
    ]
    assert silent == []


def test_features_meet_at_their_faces() -> None:
    """Between two features only api, types, events, ports and errors are imported."""
    past = [
        (module, imported)
        for module, path in python_modules(FEATURES)
        for imported in foreign_imports(path.read_text(), module, is_package=path.name == "__init__.py")
    ]
    assert past == []


@pytest.mark.parametrize(
    "line",
    [
        "from rapport.features.identity.actions import sign_in",
        "from rapport.features.identity import tables",
        "from rapport.features import identity",
        "import rapport.features.identity.queries as q",
        "from ..identity.actions import sign_in",
        "def f():\n    from rapport.features.identity.tables import sessions",
    ],
)
def test_a_way_past_the_faces_is_seen(line: str) -> None:
    assert list(foreign_imports(line, "rapport.features.customers.actions"))


@pytest.mark.parametrize(
    "line",
    [
        "from rapport.features.identity.api import sign_in",
        "from rapport.features.identity import api, types",
        "from rapport.features.customers.tables import relations",
        "from . import tables",
        "from .tables import relations",
        "from rapport.kernel import tx",
    ],
)
def test_a_face_is_open(line: str) -> None:
    assert not list(foreign_imports(line, "rapport.features.customers.actions"))


def test_tiers_hold() -> None:
    """The import contracts of pyproject.toml: kernel below features, features in tiers, no cycle."""
    checked = subprocess.run(
        [ROOT / ".venv" / "bin" / "lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
