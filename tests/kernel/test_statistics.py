"""Queries go by their indexes: the planner knows that a corp is large, and lists of ids are looked up."""

import re
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import apsw
import pytest

from rapport import features
from rapport.kernel.engines.sqlite_tx import connect
from rapport.kernel.engines.statistics import plant_statistics
from rapport.kernel.statements import Statement
from rapport.migrations import migrate

pytestmark = pytest.mark.sqlite
WHOLE = re.compile(r"^SEARCH (?P<table>\w+) USING .*\(corp_id=\?\)")
"""A step that reads everything a corp has in a table."""
SMALL = {"corp", "department"}
"""Tables of which a corp has so few rows that reading them all is right."""

MEANT = {
    "rapport.features.organization.queries.departments._seats",
    "rapport.features.organization.queries.platform._sizes",
    "rapport.features.identity.actions.sessions._ids_of_corp",
}
"""Statements about everybody in the corp: head counts of departments and corps, signing a suspended corp out."""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> apsw.Connection:
    path = tmp_path_factory.mktemp("plans") / "rapport.db"
    migrate(path)
    connection = connect(path, read_only=False)
    plant_statistics(connection)
    connection.close()
    return connect(path, read_only=True)


def statements() -> dict[str, Statement[object]]:
    """Every statement that a feature declares, by module and name."""
    modules = [import_module(found.name) for found in walk_packages(features.__path__, f"{features.__name__}.")]
    return {
        f"{module.__name__}.{name}": value
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, Statement)
    }


def plan(connection: apsw.Connection, statement: Statement[object]) -> list[str]:
    compiled = statement.sqlite
    names = set(re.findall(r":(\w+)", compiled.sql))
    values = {name: "[]" if name in compiled.lists else compiled.constants.get(name, 1) for name in names}
    return [str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {compiled.sql}", values)]


def test_no_statement_reads_a_whole_corp(database: apsw.Connection) -> None:
    found = statements()
    assert len(found) > 50
    whole = {
        f"{name}: {step}"
        for name, statement in found.items()
        for step in plan(database, statement)
        if (match := WHOLE.match(step)) and match["table"] not in SMALL and name not in MEANT
    }
    assert whole == set()


def test_planting_again_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "rapport.db"
    migrate(path)
    connection = connect(path, read_only=False)
    plant_statistics(connection)
    changes = connection.total_changes()
    plant_statistics(connection)
    assert connection.total_changes() == changes
    planted = connection.execute("SELECT stat FROM sqlite_stat1 WHERE idx = 'relation'").fetchall()
    assert planted == [("1000000 200000 447 1",)]
    connection.close()


def test_an_empty_database_is_left_alone(tmp_path: Path) -> None:
    connection = connect(tmp_path / "empty.db", read_only=False)
    plant_statistics(connection)
    connection.close()
