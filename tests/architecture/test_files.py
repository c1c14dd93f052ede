"""Size, names and content of the repository's own files."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.repository import ROOT, repository_files, text_files, words_of

MOST_LINES = 400
MOST_LINES_OF_A_VUE_FILE = 250

# The one list of files that may be longer, each with its reason. Whoever shortens one takes it out.
LONG_FILES = {
    "requirements.lock": "written by `make lock`: one line per hash",
    "web/package-lock.json": "written by npm",
    "src/rapport/migrations/versions/0001_create_the_first_tables.py": "all first tables, written by a tool",
    "web/src/contract/generated.ts": "every shape of the wire, generated",
    "docs/reference/openapi.json": "every route, generated",
    "docs/reference/asyncapi.json": "every frame, generated",
}

NAMELESS = {"util", "utils", "helper", "helpers", "common", "manager", "managers", "base"}
CODE = {".py", ".ts", ".vue", ".js", ".mjs", ".css", ".sh"}

# In pieces, so that this file may be searched too.
REGISTRIES = [
    ".".join(pieces)
    for pieces in (
        ("registry", "npmjs", "org"),
        ("registry", "yarnpkg", "com"),
        ("registry", "npmmirror", "com"),
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npm", "jsr", "io"),
        ("mirrors", "aliyun", "com"),
        ("pypi", "tuna", "tsinghua", "edu", "cn"),
    )
]
MACHINE_PATH = re.compile(r"(?<![\w.~}>/-])/(?:work|root|home/[a-z]\w*|Users/[A-Za-z]\w*)/[\w.]|\b[A-Z]:\\Users\\")


def lines_allowed(name: str) -> int:
    return MOST_LINES_OF_A_VUE_FILE if name.endswith(".vue") else MOST_LINES


def test_no_file_is_long_without_a_reason() -> None:
    lengths = {name: len(text.splitlines()) for name, text in text_files()}
    long = {name for name, lines in lengths.items() if lines > lines_allowed(name)}
    assert long - LONG_FILES.keys() == set(), "split them by noun, or give a reason in LONG_FILES"
    assert LONG_FILES.keys() - long == set(), "no longer long: take them out of LONG_FILES"


def test_no_file_names_a_package_registry() -> None:
    assert [(name, host) for name, text in text_files() for host in REGISTRIES if host in text] == []


def test_no_file_holds_a_path_of_one_machine() -> None:
    found = [(name, hit.group()) for name, text in text_files() if (hit := MACHINE_PATH.search(text))]
    assert found == []


@pytest.mark.parametrize(
    ("text", "is_machine_path"),
    [
        ("cd /" + "home/ann/rapport", True),
        ('"/' + 'root/.cache"', True),
        ("C:" + r"\Users\ann", True),
        ("/api/home/list", False),
        ("https://example.com/home/ann/x", False),
        ("/etc/rapport/settings.toml", False),
    ],
)
def test_what_counts_as_a_path_of_one_machine(text: str, is_machine_path: bool) -> None:
    assert bool(MACHINE_PATH.search(text)) is is_machine_path


def test_no_file_is_named_after_nothing() -> None:
    """What has no better name than these is in the wrong place."""
    paths = [path.relative_to(ROOT) for path in repository_files() if path.suffix in CODE]
    assert [str(path) for path in paths if any(NAMELESS & words_of(part) for part in stems(path))] == []


def test_no_class_is_named_after_nothing() -> None:
    classes = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in repository_files()
        if path.suffix == ".py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef) and NAMELESS & words_of(node.name)
    ]
    assert classes == []


@pytest.mark.parametrize("name", ["tagManager", "tag_manager", "tag-utils", "BaseButton", "common"])
def test_a_name_after_nothing_is_seen_however_it_is_written(name: str) -> None:
    assert NAMELESS & words_of(name)


@pytest.mark.parametrize("name", ["database", "baseline", "commons_clause", "management", "HTTPServer"])
def test_a_word_that_only_holds_such_a_name_is_a_name(name: str) -> None:
    assert not NAMELESS & words_of(name)


def test_continuous_integration_runs_what_everybody_runs() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111 == 0o111
    commands = [line for line in script.read_text().splitlines() if line and not line.startswith("#")]
    assert len(commands) == 1
    assert commands[0].endswith("exec make test")


def stems(path: Path) -> list[str]:
    return [*path.parent.parts, path.name.partition(".")[0]]
