"""Counting rows and adding up what they hold, so that two copies of a table can be compared whatever their order."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

_WORD = 1 << 64
_encode = msgspec.msgpack.Encoder().encode


class Tally(msgspec.Struct, frozen=True):
    """How many rows a table has, and the sum of their hashes (64 bits, hexadecimal)."""

    rows: int
    digest: str


class Counter:
    """Counts rows while they pass."""

    def __init__(self) -> None:
        self.rows = 0
        self._sum = 0

    def watch(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
        """Hand the rows on, counted."""
        for row in rows:
            self.rows += 1
            self._sum += int.from_bytes(hashlib.blake2b(_encode(row), digest_size=8).digest())
            yield row

    @property
    def tally(self) -> Tally:
        """What has passed so far."""
        return Tally(self.rows, f"{self._sum % _WORD:016x}")


def tally_of(rows: Iterable[tuple[Any, ...]]) -> Tally:
    """Count all rows."""
    counter = Counter()
    for _ in counter.watch(rows):
        pass
    return counter.tally
