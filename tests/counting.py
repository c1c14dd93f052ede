"""How many statements a query runs and in how many goes, for tests of query budgets."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from rapport.kernel.statements import Statement
from rapport.kernel.tx import Asked, ReadTx

Row = TypeVar("Row")


class _Watched(Asked[Row]):
    def __init__(self, counting: "Counting", asked: Asked[Row]) -> None:
        self._counting, self._asked, self._sent_with = counting, asked, counting.goes

    def all(self) -> list[Row]:
        self._take()
        return self._asked.all()

    def one(self) -> Row | None:
        self._take()
        return self._asked.one()

    def _take(self) -> None:
        if self._sent_with == self._counting.goes:
            self._counting.goes += 1


class Counting(ReadTx):
    """A snapshot that counts the queries run on it, and how often somebody waited for an answer."""

    def __init__(self, tx: ReadTx) -> None:
        self._tx, self.now, self.base, self.queries, self.goes = tx, tx.now, tx.base, 0, 0

    def ask(self, statement: Statement[Row], /, **parameters: object) -> Asked[Row]:
        self.queries += 1
        return _Watched(self, self._tx.ask(statement, **parameters))

    def each(self, statement: Statement[Row], rows: Iterable[Mapping[str, object]], /) -> list[Row | None]:
        self.queries += 1
        self.goes += 1
        return self._tx.each(statement, rows)

    @property
    def horizon(self) -> int:
        self.goes += 1
        return self._tx.horizon
