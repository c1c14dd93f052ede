"""How many statements a query runs, for tests of query budgets."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from rapport.kernel.statements import Statement
from rapport.kernel.tx import ReadTx

Row = TypeVar("Row")


class Counting(ReadTx):
    """A snapshot that counts the queries run on it."""

    def __init__(self, tx: ReadTx) -> None:
        self._tx, self.now, self.base, self.queries = tx, tx.now, tx.base, 0

    def all(self, statement: Statement[Row], /, **parameters: object) -> list[Row]:
        self.queries += 1
        return self._tx.all(statement, **parameters)

    def one(self, statement: Statement[Row], /, **parameters: object) -> Row | None:
        self.queries += 1
        return self._tx.one(statement, **parameters)

    def each(self, statement: Statement[Row], rows: Iterable[Mapping[str, object]], /) -> list[Row | None]:
        self.queries += 1
        return self._tx.each(statement, rows)

    @property
    def horizon(self) -> int:
        return self._tx.horizon
