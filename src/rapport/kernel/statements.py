"""Statements: written once in SQLAlchemy Core, compiled once per engine, run on the driver.

Core's own execution costs 139 µs for five statements where the driver needs 17 (docs/decisions/0002); so features
declare a ``Statement`` at import time and transactions hand its compiled text to the driver with a plain dict of
parameters.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Generic, Literal, TypeVar

import msgspec
from sqlalchemy import BindParameter, ColumnElement, Insert, String, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import Insert as UpsertInsert
from sqlalchemy.dialects.postgresql import insert as _upsert
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import Boolean, UserDefinedType

from rapport.kernel.sets import over_sets

Row = TypeVar("Row")

_SQLITE = sqlite.dialect(paramstyle="named")
_POSTGRESQL = postgresql.dialect(paramstyle="pyformat")


class _ListType(UserDefinedType[object]):
    """Marks a parameter that carries a list; SQLite gets it as JSON text, PostgreSQL as an array."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "TEXT"


class among(ColumnElement[bool]):  # noqa: N801  reads as an operator in statements
    """``column`` is one of the values of the list parameter ``name``: the one way to pass lists."""

    inherit_cache = False
    type = Boolean()

    def __init__(self, column: ColumnElement[Any], name: str) -> None:
        self.column = column
        self.values: BindParameter[object] = bindparam(name, type_=_ListType())

    def self_group(self, against: OperatorType | None = None) -> "among":
        """Stay as it is inside AND and OR: the ``= 1`` that SQLite gets for flags would hide it from every index."""
        del against
        return self


@compiles(among, "sqlite")
def _among_sqlite(element: among, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401  SQLAlchemy's signature
    column, values = compiler.process(element.column, **kw), compiler.process(element.values, **kw)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608  compiled parts, no values


@compiles(among, "postgresql")
def _among_postgresql(element: among, compiler: SQLCompiler, **kw: Any) -> str:  # noqa: ANN401  SQLAlchemy's signature
    return f"{compiler.process(element.column, **kw)} = ANY({compiler.process(element.values, **kw)})"


class Compiled(msgspec.Struct, frozen=True):
    """A statement as one engine's driver takes it: text, constants of the statement, names of list parameters."""

    sql: str
    constants: dict[str, object]
    lists: tuple[str, ...]
    names: tuple[str, ...]
    """All parameters that are given."""


def _rendered(core: Executable, dialect: object, columns: tuple[str, ...] | None) -> SQLCompiler:
    assert isinstance(core, ClauseElement)
    compiled = core.compile(dialect=dialect, column_keys=columns)  # pyright: ignore[reportArgumentType]  a Dialect, untyped upstream
    assert isinstance(compiled, SQLCompiler)
    return compiled


def _compile(core: Executable, dialect: object, columns: tuple[str, ...] | None) -> Compiled:
    compiled = _rendered(core, dialect, columns)
    names: Mapping[BindParameter[Any], str] = compiled.bind_names
    constants: dict[str, object] = {name: bind.effective_value for bind, name in names.items() if not bind.required}
    lists = tuple(name for bind, name in names.items() if isinstance(bind.type, _ListType))
    return Compiled(str(compiled), constants, lists, tuple(name for bind, name in names.items() if bind.required))


def _compile_over_sets(core: Executable, columns: tuple[str, ...] | None) -> Compiled:
    binds: Mapping[BindParameter[Any], str] = _rendered(core, _POSTGRESQL, columns).bind_names
    # Compiling has given each parameter the type of the column that it meets.
    types = {name: bind.type for bind, name in binds.items() if bind.required}
    return _compile(over_sets(core, types), _POSTGRESQL, None)


_declared: "list[Statement[Any]]" = []


async def warm_up(dialect: Literal["sqlite", "postgresql"]) -> None:
    """Compile every declared statement between other work, so that nobody's first request pays for it."""
    for statement in tuple(_declared):
        _ = getattr(statement, dialect)
        await asyncio.sleep(0.001)


class Statement(Generic[Row]):
    """A compiled-once statement and the type its rows become."""

    __slots__ = ("_columns", "_core", "_postgresql", "_postgresql_sets", "_sqlite", "by_values", "crosses", "row")

    def __init__(
        self,
        core: Executable,
        row: Callable[..., Row],
        columns: tuple[str, ...] | None = None,
        *,
        by_values: bool = False,
        crosses: bool = False,
    ) -> None:
        self._core = core
        self.by_values = by_values
        self.crosses = crosses
        self._columns = columns
        self.row = row
        _declared.append(self)
        self._sqlite: Compiled | None = None
        self._postgresql: Compiled | None = None
        self._postgresql_sets: Compiled | None = None

    @property
    def sqlite(self) -> Compiled:
        """The statement for SQLite."""
        if self._sqlite is None:
            self._sqlite = _compile(self._core, _SQLITE, self._columns)
        return self._sqlite

    @property
    def postgresql(self) -> Compiled:
        """The statement for PostgreSQL."""
        if self._postgresql is None:
            self._postgresql = _compile(self._core, _POSTGRESQL, self._columns)
        return self._postgresql

    @property
    def postgresql_sets(self) -> Compiled:
        """The statement for PostgreSQL over many parameter sets at once."""
        if self._postgresql_sets is None:
            self._postgresql_sets = _compile_over_sets(self._core, self._columns)
        return self._postgresql_sets


def _scalar(value: Any) -> Any:  # noqa: ANN401  the column's own value
    return value


def query(
    core: Executable, row: Callable[..., Row], *, by_values: bool = False, crosses: bool = False
) -> Statement[Row]:
    """Declare a statement whose rows become ``row(*columns)``.

    ``crosses``: it looks into every corp, whatever its transaction reaches (see ``tenancy``); each is listed with its
    reason in the tests of the architecture.

    ``by_values``: PostgreSQL plans it anew for the values that it is given. For pages of what somebody has many of: a
    plan for anybody takes everybody to have few, and reads and sorts all of them for one page.
    """
    return Statement(core, row, by_values=by_values, crosses=crosses)


def scalar(core: Executable, *, crosses: bool = False) -> Statement[Any]:
    """Declare a statement that returns one column."""
    return Statement(core, _scalar, crosses=crosses)


def command(core: Executable, *, crosses: bool = False) -> Statement[None]:
    """Declare a statement that returns no rows."""
    return Statement(core, lambda *_: None, crosses=crosses)


def insertion(core: Insert, *columns: str) -> Statement[None]:
    """Declare an insert of the named columns (all of the table's when none is named), one parameter per column."""
    names = columns or tuple(column.name for column in core.table.columns)  # pyright: ignore[reportAttributeAccessIssue]
    return Statement(core, lambda *_: None, names)


def upsert(table: Table) -> UpsertInsert:
    """Begin an insert with ``on_conflict_do_update`` or ``on_conflict_do_nothing``; both engines render it alike."""
    return _upsert(table)


def p(name: str) -> BindParameter[Any]:
    """Name a parameter of a statement."""
    return bindparam(name)


def ptext(name: str) -> BindParameter[str]:
    """Name a text parameter where the type matters (LIKE, concatenation)."""
    return bindparam(name, type_=String())
