"""Passwords: what is accepted and how they are hashed.

A file of its own because hashing must stay outside every transaction (tens of milliseconds, tens of MiB) and is
needed by several routes. At most two hashes run at a time, so that a rush of sign-ins cannot eat the memory.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from importlib.resources import files

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

from rapport.features.identity.errors import WeakPassword
from rapport.settings import Settings

MIN_LENGTH = 8
MAX_LENGTH = 128
FEWEST_DISTINCT = 4
SHORTEST_WORD = 4
_threads = ThreadPoolExecutor(2, thread_name_prefix="password")


@lru_cache
def _common() -> frozenset[str]:
    listed = files("rapport.features.identity").joinpath("common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(line for line in listed.split() if line)


class Hasher:
    """Argon2id with the cost that the settings ask for."""

    def __init__(self, memory_kib: int, rounds: int) -> None:
        self._argon2 = PasswordHasher(time_cost=rounds, memory_cost=memory_kib, parallelism=1, type=Type.ID)
        self._nobody = self._argon2.hash("nobody")

    async def hash(self, password: str) -> str:
        """Return the hash to store."""
        return await asyncio.get_running_loop().run_in_executor(_threads, self._argon2.hash, password)

    async def verify(self, stored: str | None, password: str) -> bool:
        """Say whether the password is the one; without a stored hash the same time is spent and the answer is no."""
        return await asyncio.get_running_loop().run_in_executor(_threads, self._verify, stored, password)

    def _verify(self, stored: str | None, password: str) -> bool:
        try:
            matches = self._argon2.verify(self._nobody if stored is None else stored, password)
        except (VerificationError, InvalidHashError):
            return False
        return matches and stored is not None

    def needs_rehash(self, stored: str) -> bool:
        """Say whether a hash was made with other parameters than today's."""
        return self._argon2.check_needs_rehash(stored)


@lru_cache
def _hasher(memory_kib: int, rounds: int) -> Hasher:
    return Hasher(memory_kib, rounds)


def hasher_of(settings: Settings) -> Hasher:
    """Return the hasher with this process's parameters."""
    return _hasher(settings.password_memory_kib, settings.password_rounds)


def check_password(password: str, words: tuple[str, ...]) -> None:
    """Raise WeakPassword for common passwords and for those made of ``words`` (corp, name, login, phone).

    No rules of composition (ASVS 6.2): length and this list are what helps. Length is the input type's matter.
    """
    folded = password.casefold()
    letters = "".join(character for character in folded if character.isalpha())
    if len(password) < MIN_LENGTH or len(set(folded)) < FEWEST_DISTINCT or folded in _common():
        raise WeakPassword
    for word in words:
        own = word.casefold()
        if len(own) >= SHORTEST_WORD and (own in (folded, letters) or folded.replace(own, "").isdigit()):
            raise WeakPassword
        if folded in (own, own * 2):
            raise WeakPassword
