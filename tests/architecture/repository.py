"""What the rules of the repository look at: its own files, as git sees them."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SRC = ROOT / "src"
FEATURES = SRC / "rapport" / "features"
BINARY = frozenset(
    {".png", ".jpg", ".jpeg", ".webp", ".ico", ".m4a", ".mp3", ".mp4", ".ogg", ".webm", ".woff2", ".gz", ".zip", ".pdf"}
)


@cache
def repository_files() -> tuple[Path, ...]:
    """Tracked files and those about to be (not ignored); a file deleted but not yet committed is left out."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    return tuple(sorted({path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()}))


def text_files() -> Iterator[tuple[str, str]]:
    """Name (relative to the root) and text of every file that is not a picture or the like."""
    for path in repository_files():
        if path.suffix.lower() not in BINARY:
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def words_of(name: str) -> set[str]:
    """The words of an identifier or file name, whatever joins them: `tagManager`, `tag_manager`, `tag-manager`."""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


def imports_of(source: str, module: str, *, is_package: bool) -> Iterator[str]:
    """Every imported dotted name, made absolute: `from a.b import c` gives `a.b.c`, wherever in the file it stands."""
    package = module if is_package else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*start, *filter(None, [node.module])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def python_modules(folder: Path) -> Iterator[tuple[str, Path]]:
    """Dotted name and file of every Python module of the repository below a folder of src."""
    for path in repository_files():
        if path.suffix == ".py" and path.is_relative_to(folder):
            parts = path.relative_to(SRC).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path
