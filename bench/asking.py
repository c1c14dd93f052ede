"""What members of a corp ask for, one after the other, and how much of the time is the database's."""

import random
import time
from collections.abc import Callable, Iterable, Sequence
from statistics import median
from typing import Any

import msgspec
from sqlalchemy import literal, select

from rapport.features.conversations.access import Viewer
from rapport.features.conversations.actions.seats import Sending
from rapport.features.conversations.actions.sending import send_many
from rapport.features.conversations.queries.lists import list_conversations
from rapport.features.conversations.queries.sync import cursor_at, sync
from rapport.features.conversations.types import Text
from rapport.features.customers.actions.search_words import search_pattern
from rapport.features.customers.queries.contact_ways import find_way_by_code
from rapport.features.customers.queries.relations import describe_customers, find_relation_row, list_relation_rows
from rapport.kernel.clock import DAY
from rapport.kernel.database import Database
from rapport.kernel.statements import Statement, scalar
from rapport.kernel.tx import ReadTx
from rapport.operations.load.plans import Plan
from rapport.operations.load.staff import Employee, employees

ASKED = 300
"""Members who are asked for, beside the one with the most customers."""
WARM_UP = 30
SENT = 300
PAGE = 30
_one = scalar(select(literal(1)))


class Asked(msgspec.Struct, frozen=True):
    """What asking for one thing cost, over many members: milliseconds inside the database, and in all."""

    inside: list[float]
    whole: list[float]
    biggest: float
    """Inside, for the member with the most customers."""
    queries: int


class Timed(ReadTx):
    """A read transaction that notes how long the database and its driver take."""

    def __init__(self, tx: ReadTx) -> None:
        self._tx = tx
        self.now = tx.now
        self.ms = 0.0
        self.queries = 0

    def _time(self, ask: Callable[[], Any]) -> Any:  # noqa: ANN401  whatever was asked for
        began = time.perf_counter()
        found = ask()
        self.ms += (time.perf_counter() - began) * 1000
        self.queries += 1
        return found

    def all(self, statement: Statement[Any], /, **parameters: object) -> list[Any]:
        """Time a query."""
        return self._time(lambda: self._tx.all(statement, **parameters))

    def one(self, statement: Statement[Any], /, **parameters: object) -> Any:  # noqa: ANN401  the row's own type
        """Time a query for one row."""
        return self._time(lambda: self._tx.one(statement, **parameters))

    def each(self, statement: Statement[Any], rows: Iterable[Any], /) -> list[Any]:
        """Time a batch."""
        return self._time(lambda: self._tx.each(statement, rows))

    @property
    def horizon(self) -> int:
        """Time the look at the clock of marks."""
        return self._time(lambda: self._tx.horizon)


async def ask_for_everything(db: Database, plan: Plan) -> dict[str, Asked]:
    """Ask for everything, for each of many members."""
    rng = random.Random(7)
    people = employees(plan)
    busiest = max(range(len(people)), key=_share_of(plan.shares()))
    chosen = [people[busiest], *rng.choices(people, k=ASKED)]
    others = rng.choices(people, k=WARM_UP)
    known = {one.userid: await db.read(lambda tx, one=one: _customer(tx, plan, one)) for one in chosen + others}
    asked: dict[str, Asked] = {}
    for name, ask in _questions(plan, known).items():
        for person in others:
            await db.read(lambda tx, ask=ask, person=person: ask(tx, person))
        asked[name] = await _each(db, ask, chosen)
    asked["sending a message"] = await _send(db, plan, chosen)
    return asked


def cost_of_nothing(tx: ReadTx) -> float:
    """Return the median milliseconds of a query that reads nothing."""
    watched: list[float] = []
    for _ in range(ASKED):
        watch = Timed(tx)
        watch.one(_one)
        watched.append(watch.ms)
    return median(watched)


def _share_of(shares: Sequence[float]) -> Callable[[int], float]:
    return lambda place: shares[place] - (shares[place - 1] if place else 0.0)


def _customer(tx: ReadTx, plan: Plan, person: Employee) -> str:
    """Return one of a member's customers."""
    found = list_relation_rows(tx, plan.corp_id, person.userid, "active", pattern=None, before=None, limit=PAGE)
    return found[-1].external_userid


Question = Callable[[ReadTx, Employee], object]


def _questions(plan: Plan, known: dict[str, str]) -> dict[str, Question]:
    corp_id = plan.corp_id

    def conversations(tx: ReadTx, person: Employee) -> object:
        return list_conversations(tx, [Viewer(corp_id, f"m:{person.userid}")], "all", None, PAGE)

    def customers(tx: ReadTx, person: Employee, pattern: str | None = None) -> object:
        rows = list_relation_rows(tx, corp_id, person.userid, "active", pattern=pattern, before=None, limit=PAGE + 1)
        return describe_customers(tx, corp_id, person.userid, rows)

    def customer(tx: ReadTx, person: Employee) -> object:
        row = find_relation_row(tx, corp_id, person.userid, known[person.userid])
        assert row is not None, "the member follows this customer"
        return describe_customers(tx, corp_id, person.userid, [row])

    def code(tx: ReadTx, person: Employee) -> object:
        return find_way_by_code(tx, person.code)

    def search(tx: ReadTx, person: Employee) -> object:
        return customers(tx, person, search_pattern("wxm"))

    def resume(tx: ReadTx, person: Employee) -> object:
        cursor = cursor_at("epoch", plan.mark_at(plan.now - DAY))
        return sync(tx, [Viewer(corp_id, f"m:{person.userid}")], "epoch", cursor)

    return {
        "first page of conversations": conversations,
        "first page of customers": customers,
        "looking up a customer": customer,
        "looking up a code": code,
        "search among one's customers": search,
        "resume after a day": resume,
    }


async def _each(db: Database, ask: Question, people: list[Employee]) -> Asked:
    """Ask for each person once; the first is the one with the most customers."""
    inside: list[float] = []
    whole: list[float] = []
    queries = 0

    def timed(tx: ReadTx, person: Employee) -> int:
        watch = Timed(tx)
        began = time.perf_counter()
        ask(watch, person)
        whole.append((time.perf_counter() - began) * 1000)
        inside.append(watch.ms)
        return watch.queries

    for person in people:
        queries = await db.read(lambda tx, person=person: timed(tx, person))
    return Asked(inside, whole, inside[0], queries)


async def _send(db: Database, plan: Plan, people: list[Employee]) -> Asked:
    """Let members write, each to a customer, one after the other; until it is durable."""
    whole: list[float] = []
    for number, person in enumerate(people[:SENT]):
        page = await db.read(
            lambda tx, person=person: list_conversations(
                tx, [Viewer(plan.corp_id, f"m:{person.userid}")], "all", None, PAGE
            )
        )
        open_ones = [one.conversation_id for one in page.items if one.state == "open"]
        item = Sending(open_ones[-1], f"m:{person.userid}", f"bench-{number}", Text("您好，您看中的帐篷到货了。"))
        began = time.perf_counter()
        await db.write_batched(send_many, plan.corp_id, item)
        whole.append((time.perf_counter() - began) * 1000)
    return Asked(whole, whole, whole[0], 0)
