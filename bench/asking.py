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
from rapport.kernel.tx import Asked, ReadTx
from rapport.operations.load.plans import Plan
from rapport.operations.load.staff import Employee, employees

ASKED = 300
"""Members who are asked for, beside the one with the most customers."""
WARM_UP = 30
SENT = 300
PAGE = 30
_one = scalar(select(literal(1)))


class Cost(msgspec.Struct, frozen=True):
    """What asking for one thing cost, over many members: milliseconds inside the database, and in all."""

    inside: list[float]
    whole: list[float]
    biggest: float
    """Inside, for the member with the most customers."""
    queries: int
    goes: int
    """How often an answer was waited for: what is asked together goes together."""


class _Waited(Asked[Any]):
    """An answer that somebody waits for."""

    def __init__(self, timed: "Timed", asked: Asked[Any]) -> None:
        self._timed = timed
        self._asked = asked
        self._of_go = timed.goes

    def all(self) -> list[Any]:
        """Time the way of the rows."""
        return self._take(self._asked.all)

    def one(self) -> Any:  # noqa: ANN401  the row's own type
        """Time the way of the row."""
        return self._take(self._asked.one)

    def _take(self, answer: Callable[[], Any]) -> Any:  # noqa: ANN401  the answer
        if self._of_go == self._timed.goes:
            self._timed.goes += 1
        return self._timed.time(answer)


class Timed(ReadTx):
    """A read transaction that notes how long the database and its driver take."""

    def __init__(self, tx: ReadTx) -> None:
        self._tx = tx
        self.now = tx.now
        self.ms = 0.0
        self.queries = 0
        self.goes = 0

    def time(self, ask: Callable[[], Any]) -> Any:  # noqa: ANN401  whatever was asked for
        """Note how long something takes."""
        began = time.perf_counter()
        found = ask()
        self.ms += (time.perf_counter() - began) * 1000
        return found

    def ask(self, statement: Statement[Any], /, **parameters: object) -> Asked[Any]:
        """Time the sending of a query, and what is waited for its answer."""
        self.queries += 1
        return _Waited(self, self.time(lambda: self._tx.ask(statement, **parameters)))

    def each(self, statement: Statement[Any], rows: Iterable[Any], /) -> list[Any]:
        """Time a batch."""
        self.queries += 1
        self.goes += 1
        return self.time(lambda: self._tx.each(statement, rows))

    @property
    def horizon(self) -> int:
        """Time the look at the clock of marks."""
        self.queries += 1
        self.goes += 1
        return self.time(lambda: self._tx.horizon)


async def ask_for_everything(db: Database, plan: Plan) -> dict[str, Cost]:
    """Ask for everything, for each of many members."""
    rng = random.Random(7)
    people = employees(plan)
    busiest = max(range(len(people)), key=_share_of(plan.shares()))
    chosen = [people[busiest], *rng.choices(people, k=ASKED)]
    others = rng.choices(people, k=WARM_UP)
    known = {one.userid: await db.read(lambda tx, one=one: _customer(tx, plan, one)) for one in chosen + others}
    asked: dict[str, Cost] = {}
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


async def _each(db: Database, ask: Question, people: list[Employee]) -> Cost:
    """Ask for each person once; the first is the one with the most customers."""
    inside: list[float] = []
    whole: list[float] = []
    watch: Timed | None = None

    def timed(tx: ReadTx, person: Employee) -> Timed:
        watch = Timed(tx)
        began = time.perf_counter()
        ask(watch, person)
        whole.append((time.perf_counter() - began) * 1000)
        inside.append(watch.ms)
        return watch

    for person in people:
        watch = await db.read(lambda tx, person=person: timed(tx, person))
    assert watch is not None, "somebody was asked for"
    return Cost(inside, whole, inside[0], watch.queries, watch.goes)


async def _send(db: Database, plan: Plan, people: list[Employee]) -> Cost:
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
    return Cost(whole, whole, whole[0], 0, 0)
