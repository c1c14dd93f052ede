"""Every dependency has a reason, a use, a pinned version and a hash; nothing is used that is not declared."""

import ast
import json
import re
import sys
import tomllib
from collections.abc import Mapping, Sequence
from importlib.metadata import distribution, packages_distributions
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.repository import ROOT, SRC, imports_of, python_modules

# Needed without being imported: each is loaded by the library that is named.
LOADED_BY_OTHERS = {"uvloop": "uvicorn", "httptools": "uvicorn"}


def project() -> tuple[list[Requirement], list[Requirement]]:
    """Runtime and development requirements of pyproject.toml."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())
    runtime, development = declared["project"]["dependencies"], declared["dependency-groups"]["dev"]
    return [Requirement(line) for line in runtime], [Requirement(line) for line in development]


def locked() -> dict[str, tuple[str, int]]:
    """Name → version and number of hashes in requirements.lock."""
    text = (ROOT / "requirements.lock").read_text().replace("\\\n", " ")
    pins = re.findall(r"^([a-z0-9-]+)==(\S+)(.*)$", text, flags=re.MULTILINE)
    assert len(pins) == len(text.splitlines()), "a line of requirements.lock is not name==version with hashes"
    return {name: (version, rest.count("--hash=sha256:")) for name, version, rest in pins}


def unexplained(pyproject: str) -> list[str]:
    """Requirement lines without a comment that gives a reason."""
    return [
        line.strip()
        for block in re.findall(r"^(?:dependencies|dev) = \[\n(.*?)^\]", pyproject, flags=re.MULTILINE | re.DOTALL)
        for line in block.splitlines()
        if not re.fullmatch(r'\s*"[^"]+",\s+# \w.{6,}', line)
    ]


def test_every_dependency_has_a_reason() -> None:
    assert unexplained((ROOT / "pyproject.toml").read_text()) == []


def test_a_dependency_without_a_reason_is_seen() -> None:
    assert unexplained('dependencies = [\n  "a>=1",  # because of that\n  "b>=1",\n]\n') == ['"b>=1",']


def test_the_lock_holds_every_dependency_with_hashes() -> None:
    pins = locked()
    runtime, development = project()
    missing = [
        str(requirement)
        for requirement in [*runtime, *development]
        if not requirement.specifier.contains(pins.get(canonicalize_name(requirement.name), ("0", 0))[0])
    ]
    assert missing == [], "make lock"
    assert [name for name, (_, hashes) in pins.items() if hashes == 0] == []


def absent_from(packages: dict[str, dict[str, Any]]) -> list[str]:
    """What packages of package-lock.json ask for and npm would not find there, going up from folder to folder."""
    return [
        f"{name}, wanted by {place}"
        for place, package in packages.items()
        for name in {**package.get("dependencies", {}), **package.get("optionalDependencies", {})}
        if not any(f"{folder}node_modules/{name}" in packages for folder in folders_up_from(place))
    ]


def folders_up_from(place: str) -> list[str]:
    """Where npm looks for what a package needs: `node_modules/a/`, then the root, for the package `node_modules/a`."""
    return [*(place[: found.start()] for found in re.finditer("node_modules/", place)), f"{place}/" if place else ""]


def test_the_lock_of_the_web_holds_every_package_of_every_system() -> None:
    """Npm leaves out, without a word, what it could not look up for another system; `npm ci` then fails everywhere."""
    packages = json.loads((ROOT / "web" / "package-lock.json").read_text())["packages"]
    assert absent_from(packages) == []
    own = {place for place, package in packages.items() if place and not package.get("inBundle")}
    assert [place for place in own if "integrity" not in packages[place]] == []


def test_a_package_that_the_lock_left_out_is_seen() -> None:
    inner = {"optionalDependencies": {"b-linux": "1", "b-darwin": "1"}}
    packages = {"": {"dependencies": {"b": "1"}}, "node_modules/b": inner, "node_modules/b/node_modules/b-linux": {}}
    assert absent_from(packages) == ["b-darwin, wanted by node_modules/b"]


def owners_of(imported: str, owners: Mapping[str, Sequence[str]]) -> set[str]:
    """Who brings a module; where several share a name (a namespace), whoever has a file of that module."""
    top = imported.partition(".")[0]
    if top in sys.stdlib_module_names or top == "rapport":
        return set()
    found: set[str] = {canonicalize_name(owner) for owner in owners.get(top, [])}
    if len(found) < 2:
        return found or {f"not installed: {top}"}
    parts = imported.split(".")
    for length in range(len(parts), 1, -1):
        path = "/".join(parts[:length])
        having = {
            owner
            for owner in found
            if {f"{path}.py", f"{path}/__init__.py"} & {str(file) for file in distribution(owner).files or ()}
        }
        if having:
            return having
    return found


def test_who_shares_a_name_is_told_apart_by_its_files() -> None:
    owners = packages_distributions()
    assert owners_of("opentelemetry.sdk.trace.TracerProvider", owners) == {"opentelemetry-sdk"}
    assert owners_of("opentelemetry.trace.Span", owners) == {"opentelemetry-api"}
    assert owners_of("httpx.Client", owners) == {"httpx"}
    assert owners_of("asyncio.Event", owners) == owners_of("rapport.app", owners) == set()
    assert owners_of("nowhere.to_be_found", owners) == {"not installed: nowhere"}


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    owners = packages_distributions()
    imported: set[str] = {
        owner
        for module, path in python_modules(SRC)
        for imported in imports_of(path.read_text(), module, is_package=path.name == "__init__.py")
        for owner in owners_of(imported, owners)
    }
    declared: set[str] = {canonicalize_name(requirement.name) for requirement in project()[0]}
    assert imported - declared == set(), "imported but not declared"
    assert declared - imported - LOADED_BY_OTHERS.keys() == set(), "declared but not imported"


def test_the_set_up_needs_nothing_but_python() -> None:
    """What `make` starts, and everything that it imports, runs before anything is installed."""
    siblings = {path.stem: path for path in (ROOT / "tools").glob("*.py")}
    seen, waiting = set[str](), ["task"]
    while waiting:
        seen.add(module := waiting.pop())
        tops = {name.partition(".")[0] for name in imports_of(siblings[module].read_text(), module, is_package=False)}
        assert tops - set(sys.stdlib_module_names) - siblings.keys() == set(), module
        waiting += (tops & siblings.keys()) - seen
    assert {"commands", "environment", "browser"} <= seen


def test_an_old_python_can_at_least_read_the_refusal() -> None:
    """tools/task.py must parse where the rest of the tools does not."""
    ast.parse((ROOT / "tools" / "task.py").read_text(), feature_version=(3, 4))
