"""Identifiers: time-ordered for rows, random for secrets.

Row ids are 26 characters of lower-case Crockford base 32 (48 bits of milliseconds, 80 random bits): sortable as text,
near-sequential in an index, and never going backwards even when the machine's clock does.
"""

import hashlib
import os
import secrets
import threading

from rapport.kernel.clock import Clock

ROW_ID_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
_ROW_ID_LENGTH = 26
_RANDOM_BITS = 80
_RANDOM_BYTES = _RANDOM_BITS // 8
_POOL_BYTES = 400 * _RANDOM_BYTES


def _base32(value: int, length: int) -> str:
    out = bytearray(length)
    for position in range(length - 1, -1, -1):
        out[position] = ord(ROW_ID_LETTERS[value & 31])
        value >>= 5
    return out.decode()


_PAIRS = [first + second for first in ROW_ID_LETTERS for second in ROW_ID_LETTERS]
_SHIFTS = tuple(range(120, -1, -10))


def _row_id(value: int) -> str:
    """Write 130 bits as 26 characters, two at a time: ids are made on the hot path."""
    pairs = _PAIRS
    return "".join([pairs[value >> shift & 1023] for shift in _SHIFTS])


class Ids:
    """Generates row ids; monotonic within the process, across clock steps too."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._last = 0
        self._pool = b""
        self._used = 0

    def new(self) -> str:
        """Return a new 26-character id, greater than every id this process made before."""
        with self._lock:
            candidate = (self._clock.now() // 1000) << _RANDOM_BITS | self._random()
            self._last = max(candidate, self._last + 1 + (candidate & 0xFFFFFFFF))
            return _row_id(self._last)

    def _random(self) -> int:
        """Take the next random bytes; the machine is asked for many at a time."""
        begin, self._used = self._used, self._used + _RANDOM_BYTES
        if self._used > len(self._pool):
            self._pool, begin, self._used = os.urandom(_POOL_BYTES), 0, _RANDOM_BYTES
        return int.from_bytes(self._pool[begin : self._used])


def row_id_at(instant: int, bits: int) -> str:
    """Return the id of a row of another time (imports): an instant in microseconds and 80 random bits."""
    return _row_id((instant // 1000) << _RANDOM_BITS | bits)


def instant_of(row_id: str) -> int | None:
    """Return when a row id was made, in microseconds; None for a text that is none."""
    if len(row_id) != _ROW_ID_LENGTH or not set(row_id) <= set(ROW_ID_LETTERS):
        return None
    return sum(ROW_ID_LETTERS.index(letter) << 5 * place for place, letter in enumerate(row_id[9::-1])) * 1000


def new_secret() -> str:
    """Return an opaque secret of 256 random bits, safe in URLs."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """Return the form in which a secret is stored; secrets of 256 bits need no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()


def code_of(bits: int, length: int) -> str:
    """Return bits as a code of ``length`` base-32 characters."""
    return _row_id(bits) if length == _ROW_ID_LENGTH else _base32(bits, length)


def new_code(length: int = 16) -> str:
    """Return a random code of ``length`` base-32 characters, for links that people may have to type."""
    return code_of(secrets.randbits(5 * length), length)


def new_digits(length: int) -> str:
    """Return ``length`` random decimal digits (one-time codes)."""
    return str(secrets.randbelow(10**length)).zfill(length)
