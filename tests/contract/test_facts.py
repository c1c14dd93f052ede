"""Facts: every one has a valid example, is emitted somewhere, and carries ids, never what people said."""

import ast
from pathlib import Path

import msgspec
import pytest

from rapport.kernel import journal
from rapport.tables import import_tables

SOURCE = Path(__file__).parents[2] / "src" / "rapport"
import_tables()
FACTS = sorted(journal.registry)
WORDY = {"text", "body", "content", "message", "remark", "description", "phone", "name_of_person", "nickname"}


@pytest.mark.parametrize("kind", FACTS)
def test_the_example_survives_the_journal(kind: str) -> None:
    fact = journal.registry[kind]
    assert isinstance(fact.example, fact)
    assert msgspec.json.decode(msgspec.json.encode(fact.example), type=fact) == fact.example


@pytest.mark.parametrize("kind", FACTS)
def test_a_fact_carries_ids_only(kind: str) -> None:
    assert WORDY.isdisjoint(journal.registry[kind].__struct_fields__)


def test_every_fact_is_announced_somewhere() -> None:
    made: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and path.name != "events.py":
                made.add(node.func.id)
    silent = [kind for kind in FACTS if journal.registry[kind].__name__ not in made]
    assert silent == []
