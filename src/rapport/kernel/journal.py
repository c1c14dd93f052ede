"""Facts: what anything else may care about, recorded in the transaction that made it true.

A fact carries ids, never contents: what was recalled or erased must not live on in the journal. The committing
process hands contents along in memory (``Emission.content``); whoever comes later reads them from the state.
"""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

import msgspec
from sqlalchemy import Column, Table, insert, select

from rapport.kernel.schema import BigId, metadata, moment, text
from rapport.kernel.statements import insertion, p, scalar

PLACE_BITS = 16
"""Where several processes write, a transaction numbers at most 65,536 facts and marks, above its own number."""

journal = Table(
    "journal",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    text("corp_id"),
    text("kind"),
    text("audience"),
    text("body"),
    moment("at"),
    sqlite_autoincrement=True,
)


class Audience(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who may learn of a fact; computed by the feature that emits it, never derived again.

    ``people`` are person ids inside the corp, ``conversation`` means everyone who is in it, ``consumers`` are
    platform ids, ``sessions`` are session ids (sign-outs), ``corp`` means every member of the corp.
    """

    people: tuple[str, ...] = ()
    conversation: str | None = None
    consumers: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    corp: bool = False


NOBODY = Audience()


class Fact(msgspec.Struct, frozen=True):
    """Base of every fact; subclasses are registered with ``@fact`` and documented in the generated reference."""

    kind: ClassVar[str]
    version: ClassVar[int]
    example: ClassVar["Fact"]


FactType = TypeVar("FactType", bound=Fact)
registry: dict[str, type[Fact]] = {}


def fact(kind: str, *, version: int = 1) -> Callable[[type[FactType]], type[FactType]]:
    """Register a fact class under its name, ``feature.past_tense``."""

    def register(cls: type[FactType]) -> type[FactType]:
        assert kind not in registry, f"two facts are called {kind}"
        assert {"kind", "version", "example"}.isdisjoint(cls.__struct_fields__), (
            f"{kind}: these names are the class's own"
        )
        cls.kind, cls.version = kind, version
        registry[kind] = cls
        return cls

    return register


class Emission(msgspec.Struct):
    """A fact on its way: what is stored in the journal, and the content that only this process carries."""

    corp_id: str
    fact: Fact
    audience: Audience
    content: Any
    id: int = 0
    delivered: int = 0
    """Every fact with a lower id was handed over before this one."""


class JournalRow(msgspec.Struct, frozen=True):
    """A stored fact, not yet decoded."""

    id: int
    corp_id: str
    kind: str
    audience: str
    body: str
    at: int

    def fact(self) -> Fact:
        """Decode the fact; an unknown kind (written by a newer version) raises KeyError."""
        return msgspec.json.decode(self.body, type=registry[self.kind])


insert_fact = insertion(insert(journal))
JOURNAL_ROW = (journal.c.id, journal.c.corp_id, journal.c.kind, journal.c.audience, journal.c.body, journal.c.at)
has_facts_after = scalar(select(journal.c.id).where(journal.c.id > p("cursor")).limit(1))
