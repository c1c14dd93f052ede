"""Counting what a query function asks of the database."""

import time

import apsw

from rapport.kernel.engines.sqlite import SqliteReadTx


class Counting:
    """A read transaction whose statements are counted."""

    def __init__(self, database: apsw.Connection) -> None:
        self.count = 0
        database.exec_trace = self._count
        self.tx = SqliteReadTx(database, time.time_ns() // 1000)

    def _count(self, _cursor: apsw.Cursor, _sql: str, _bindings: object) -> bool:
        self.count += 1
        return True
