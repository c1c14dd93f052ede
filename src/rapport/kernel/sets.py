"""A statement for many parameter sets at once, as PostgreSQL takes it: one list per parameter, unnested into rows.

A thousand small statements cost their parsing, planning and answering a thousand times, on both sides; one statement
over a thousand rows costs it once (docs/benchmarks.md). What SQLite does in a loop of its driver is the same there.
"""

from typing import Any

from sqlalchemy import Insert, Select, Update, cast, column, func, literal_column, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.elements import BindParameter, ColumnElement
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy.sql.visitors import replacement_traverse
from sqlalchemy.types import TypeEngine

Types = dict[str, TypeEngine[Any]]
PLACE, GIVEN, FOUND = "place", "given", "found"


def over_sets(core: Executable, types: Types) -> Executable:
    """Return the statement with a list for each parameter that ``types`` names.

    An insert writes the rows in the order of the lists. An update changes each row once: the lists must not name one
    twice. A query answers with the place (from 1) of the parameters, then its columns; parameters without an answer are
    left out. Rows that a query locks are locked in the order of the lists.
    """
    given = _rows_of(types)
    if isinstance(core, Insert):
        return core.from_select(list(types), select(*(given.c[name] for name in types)).order_by(given.c[PLACE]))
    if isinstance(core, Update):
        return _replaced(core, {name: given.c[name] for name in types})
    assert isinstance(core, Select), "what is neither insert, update nor query has no form over sets"
    # Words instead of columns: a column would bring the whole list along into every query inside this one.
    words: dict[str, ColumnElement[Any]] = {
        name: literal_column(f'{GIVEN}."{name}"', type_) for name, type_ in types.items()
    }
    found = _replaced(core, words).lateral(FOUND)
    return select(given.c[PLACE], found).select_from(given.join(found, true())).order_by(given.c[PLACE])


def _rows_of(types: Types) -> TableValuedAlias:
    lists = (
        cast(BindParameter(name, type_=ARRAY(type_), required=True), ARRAY(type_)) for name, type_ in types.items()
    )
    columns = (column(name, type_) for name, type_ in types.items())
    return func.unnest(*lists).table_valued(*columns, with_ordinality=PLACE).render_derived(name=GIVEN)


def _replaced(core: Any, by: dict[str, ColumnElement[Any]]) -> Any:  # noqa: ANN401  the kind of statement that came
    def replace(element: object, **_: object) -> ColumnElement[Any] | None:
        return by.get(str(element.key)) if isinstance(element, BindParameter) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]  generic upstream

    return replacement_traverse(core, {}, replace)  # pyright: ignore[reportUnknownVariableType]  generic upstream
