"""Everything of a corp is found by its corp: keys, references, statements, so that corps can be spread over primaries.

What has to be unique or looked up without knowing the corp is the platform's (docs/decisions/0012).
"""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import (
    Alias,
    BinaryExpression,
    BindParameter,
    Column,
    ForeignKeyConstraint,
    Index,
    Insert,
    Table,
    UniqueConstraint,
    delete,
    select,
)
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import ClauseElement

import rapport
from rapport.kernel.schema import metadata
from rapport.kernel.statements import Statement, among, p
from rapport.tables import import_tables

PLATFORM = {
    "consumer": "a person is one for all corps",
    "contact_code": "directory: a scanned code leads to its corp",
    "corp": "directory of corps; their short names are unique among all",
    "demo_code": "the demo's inbox of one-time codes",
    "follower_cursor": "where each follower stands in this database's journal",
    "guest_accept": "brings a stranger's repeat back to the same guest, before any corp is known",
    "idempotent_answer": "answers by who asked, also of consumers and operators",
    "installation": "what the database knows of itself",
    "invitation": "looked up by the secret of a link, which tells no corp",
    "job": "work of this database, claimed across corps in order of time",
    "journal": "facts of this database, numbered in the order in which it commits them",
    "lease": "which process does what alone",
    "one_time_code": "a code on its way to a phone that many corps may know",
    "operator": "who runs the platform",
    "operator_deed": "what operators did, to corps and otherwise",
    "parked_fact": "facts of this database that a follower put aside",
    "push_subscription": "a device's, by its session; a consumer's has no corp",
    "session": "looked up by the secret of a credential, which tells no corp; a consumer's has none",
    "storage_day": "what this database takes on disk",
    "window_directory": "directory: the public id of an employee's window leads to the corp",
}
"""Tables without a corp, or that have to be found without knowing it: one line why each."""

UNLED = {
    ("customer", ("consumer_id", "corp_id")): "every corp that a consumer met",
    ("file_grant", ("file_id",)): "a file's address does not tell its corp",
    ("stored_file", ("file_id",)): "a file's address does not tell its corp",
    ("stored_file", ("attached_at", "created_at")): "the sweep of files that were never sent",
}
"""Indexes of a corp's tables that do not begin with it: what each is for."""

CROSSING = {
    "rapport.features.customers.queries.customers._everywhere": "every corp that a consumer met",
    "rapport.features.customers.actions.expiring._next_corp": "a job walks from corp to corp",
    "rapport.features.files.queries._by_id": "a file's address does not tell its corp",
    "rapport.features.files.queries._known": "the sweep compares stored bytes with rows",
    "rapport.features.files.queries._sizes": "a job measures the whole installation",
    "rapport.features.files.queries._grants": "a file's address does not tell its corp",
    "rapport.features.files.actions._still_granted": "a file's address does not tell its corp",
    "rapport.features.files.actions._unused": "the sweep of files that were never sent",
    "rapport.features.identity.actions.accounts._forget_failures": "a job forgets what is old",
    "rapport.features.customers.actions.relations._noted": "every corp's words for a consumer who took another name",
    "rapport.features.identity.queries._find_member_session": "the corp is that of the session, found by its secret",
    "rapport.kernel.policy._standing": "a corp's own values and the platform's, which stand under no corp",
}
"""Statements on a corp's tables that do not compare the corp; each is of the platform or of a job."""

import_tables()
TENANT = sorted(name for name in metadata.tables if name not in PLATFORM)


def _declared() -> Iterator[tuple[str, Statement[Any]]]:
    """Yield every statement of the program with its name."""
    seen: set[int] = set()
    for found in pkgutil.walk_packages(rapport.__path__, "rapport."):
        # The register of all statements tells no names, and holds more the more was imported before.
        if found.name.endswith("__main__") or found.name == Statement.__module__:
            continue
        module = importlib.import_module(found.name)
        for name, value in vars(module).items():
            for each in _inside(value):
                if isinstance(each, Statement) and id(each) not in seen:
                    seen.add(id(each))
                    yield f"{found.name}.{name}", each


def _inside(value: Any) -> list[Any]:  # noqa: ANN401  whatever a module holds
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, (list, tuple)) else [value]


STATEMENTS = list(_declared())


def test_the_list_of_platform_tables_is_true() -> None:
    assert set(PLATFORM) <= set(metadata.tables)
    for name, table in metadata.tables.items():
        assert name in PLATFORM or "corp_id" in table.columns, f"{name} is a corp's or the platform's?"


@pytest.mark.parametrize("name", TENANT)
def test_the_corp_leads_every_key(name: str) -> None:
    table = metadata.tables[name]
    assert not table.columns["corp_id"].nullable
    keys: list[list[str]] = [[column.name for column in table.primary_key.columns]]
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            keys.append([column.name for column in constraint.columns])
        if isinstance(constraint, ForeignKeyConstraint):
            assert constraint.column_keys[0] == constraint.elements[0].column.name == "corp_id", constraint
    keys += [_columns(index) for index in table.indexes if (name, tuple(_columns(index))) not in UNLED or index.unique]
    assert [key for key in keys if key[0] != "corp_id"] == []


def _columns(index: Index) -> list[str]:
    return [column.name for column in index.columns]


def test_the_list_of_other_indexes_is_true() -> None:
    there = {(name, tuple(_columns(index))) for name in TENANT for index in metadata.tables[name].indexes}
    assert set(UNLED) <= there


def _unbound(core: ClauseElement) -> set[str]:
    """Return the corps' tables of a statement whose corp is neither given nor compared with one that is."""
    parts = list(visitors.iterate(core))
    aliases = [part for part in parts if isinstance(part, Alias) and isinstance(part.element, Table)]
    named = {id(part.table) for part in parts if isinstance(part, Column)}
    # An alias visits the table that it stands for, which is no source of its own then.
    hidden = {id(part.element) for part in aliases} - named
    sources = {id(part): part.name for part in parts if isinstance(part, Table) and id(part) not in hidden}
    sources |= {id(part): str(part.element.name) for part in aliases if isinstance(part.element, Table)}
    bound, joined = _comparisons(parts)
    for _ in joined:
        for pair in joined:
            bound |= pair if bound & pair else set()
    return {name for key, name in sources.items() if name in TENANT and key not in bound}


def _comparisons(parts: list[Any]) -> tuple[set[int], list[set[int]]]:
    """Return which sources' corp is given, and which two have theirs compared with each other."""
    bound: set[int] = set()
    joined: list[set[int]] = []
    for part in parts:
        if isinstance(part, among) and _is_corp(part.column):
            bound.add(id(part.column.table))
        if isinstance(part, BinaryExpression) and part.operator is operators.eq:
            corps = {id(side.table) for side in (part.left, part.right) if _is_corp(side)}
            if len(corps) > 1:
                joined.append(corps)
            elif isinstance(part.left, BindParameter) or isinstance(part.right, BindParameter):
                bound |= corps
    return bound, joined


def _is_corp(side: Any) -> bool:  # noqa: ANN401  any part of a statement
    return isinstance(side, Column) and side.name == "corp_id"


def test_a_statement_that_forgets_the_corp_is_found() -> None:
    entry, participant = metadata.tables["entry"], metadata.tables["participant"]
    other = entry.alias()
    given = participant.c.corp_id == p("corp_id")
    assert _unbound(select(entry.c.seq).where(entry.c.conversation_id == p("conversation_id"))) == {"entry"}
    assert _unbound(select(entry.c.seq).where(entry.c.corp_id > p("corp_id"))) == {"entry"}
    assert _unbound(select(entry.c.seq).join(participant, given)) == {"entry"}
    assert _unbound(select(entry.c.seq).join(other, entry.c.corp_id == other.c.corp_id)) == {"entry"}
    assert _unbound(select(entry.c.seq).join(participant, given & (entry.c.corp_id == participant.c.corp_id))) == set()
    assert _unbound(delete(entry).where(entry.c.corp_id == p("corp_id"))) == set()
    assert _unbound(select(other.c.seq).where(other.c.seq == p("seq"))) == {"entry"}
    assert _unbound(select(other.c.seq).where(among(other.c.corp_id, "corps"))) == set()


def test_every_statement_on_a_corps_tables_compares_the_corp() -> None:
    assert len(STATEMENTS) > 250, "statements are not found any more"
    crossing: dict[str, set[str]] = {}
    for name, statement in STATEMENTS:
        # The operator's commands look at the whole installation.
        if name.startswith("rapport.operations."):
            continue
        core = statement._core  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  what it was declared as
        assert isinstance(core, ClauseElement)
        if isinstance(core, Insert) and isinstance(core.table, Table) and core.table.name in TENANT:
            columns = statement.postgresql.sql.partition("VALUES")[0].partition("SELECT")[0]
            assert "corp_id" in columns, name
        unbound = set[str]() if isinstance(core, Insert) and core.select is None else _unbound(core)
        if unbound:
            crossing[name] = unbound
    assert {name: tables for name, tables in crossing.items() if name not in CROSSING} == {}
    assert CROSSING.keys() - crossing.keys() == set(), "these compare it by now"
    # The wall lets all of them through; the values of the platform it shows to everybody.
    declared = {name for name, statement in STATEMENTS if statement.crosses}
    assert declared == CROSSING.keys() - {"rapport.kernel.policy._standing"}
