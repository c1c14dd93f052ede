"""Loading a corp chunk by chunk; each chunk is whole, and a load that broke off goes on after the last one."""

import gc
import time
from collections import Counter
from collections.abc import Generator
from contextlib import closing, contextmanager
from itertools import islice

import msgspec
from sqlalchemy import delete, select, update

from rapport.database import is_made
from rapport.features.customers.actions.tallies import add_to_tallies
from rapport.features.customers.policies import corp_cap, member_cap
from rapport.features.customers.queries.tallies import RELATIONS, relations_of
from rapport.features.customers.tables import contact_way, contact_way_member
from rapport.features.organization.actions.standing import invite_member
from rapport.features.organization.api import create_corp, verify_corp
from rapport.features.organization.tables import corp
from rapport.kernel.actor import MemberActor
from rapport.kernel.errors import Refusal
from rapport.kernel.ids import new_code
from rapport.kernel.installation import installation
from rapport.kernel.policy import set_policy
from rapport.kernel.statements import command, p, scalar, upsert
from rapport.kernel.tx import ReadTx, Tx
from rapport.migrations import HEAD, SchemaError
from rapport.operations.doctor.work import check_schema
from rapport.operations.errors import OperationError
from rapport.operations.load.ahead import made_ahead, made_in_turn
from rapport.operations.load.crowd import AT_ONCE, Counts
from rapport.operations.load.plans import Plan, Size, marks_needed
from rapport.operations.load.staff import OWNER, staff_rows
from rapport.operations.load.writing import Writing, writing
from rapport.operations.reading import reading
from rapport.settings import Settings

CHUNK = 100_000
"""Customers committed together: the same pages of an index are then written once for all of them."""
FEW = 4
"""Ranges for which it does not pay to start a process."""
ROOM = 2
"""How many times as many customers as were loaded the corp and its members may have."""
SMALLEST_ROOM = 20_000

_w, _m = contact_way.c, contact_way_member.c
_short_name_taken = scalar(select(corp.c.corp_id).where(corp.c.short_key == p("short_key")))
_read = scalar(select(installation.c.value).where(installation.c.name == p("name")))
_insert = upsert(installation)
_note = command(
    _insert.values(name=p("name"), value=p("value")).on_conflict_do_update(
        index_elements=["name"], set_={"value": _insert.excluded.value}
    )
)
_forget = command(delete(installation).where(installation.c.name == p("name")))
_count_accepted = command(
    update(contact_way)
    .where(_w.corp_id == p("in_corp"), _w.code == p("of"))
    .values(accepted=_w.accepted + p("step"), turns=_w.turns + p("step"))
)
_note_turn = command(
    update(contact_way_member)
    .where(_m.corp_id == p("in_corp"), _m.code == p("of"), _m.userid == p("who"))
    .values(turn=_m.turn + p("step"))
)


class Founding(msgspec.Struct, frozen=True):
    """The corp to be made."""

    name: str
    short_name: str
    size: Size


class Progress(msgspec.Struct, frozen=True):
    """How far a load has come; kept in the database until it is done."""

    plan: Plan
    customers: int


class Step(msgspec.Struct, frozen=True):
    """A chunk that was committed: how far the load has come, its rows, and the seconds of handing them to the driver.

    ``seconds`` is all of it, making the rows included.
    """

    customers: int
    rows: int
    seconds: float
    driver_seconds: float


class Loaded(msgspec.Struct, frozen=True):
    """A corp that was loaded, and the secret with which its owner sets a password."""

    corp_id: str
    owner: str
    secret: str


class Load:
    """One run of a load."""

    def __init__(self, settings: Settings, founding: Founding, *, chunk: int = CHUNK) -> None:
        self._settings = settings
        self._founding = founding
        self._chunk = chunk
        self._name = f"load:{founding.short_name.casefold()}"
        self.loaded: Loaded | None = None
        """What was made, once every step was taken."""
        self.plan: Plan | None = None
        """What is made, once the corp is founded."""

    def check(self) -> int:
        """Return how many customers an earlier run has loaded; raises OperationError and SchemaError."""
        size = self._founding.size
        if size.members < 2 or size.customers < 1 or size.messages < 0:  # noqa: PLR2004  a second member follows, too
            raise OperationError("A corp has at least 2 members and 1 customer.")
        if not is_made(self._settings.data, self._settings.database_url):
            raise OperationError("There is no installation yet: make one with `rapport init`.")
        with reading(self._settings) as tx:
            if check_schema(tx, self._settings).status != "ok":
                raise SchemaError(f"The database is not at revision {HEAD}: start and stop `rapport serve` once.")
            found = self._progress(tx)
        return 0 if found is None else found.customers

    def steps(self) -> Generator[Step]:
        """Load; yields after each commit. What was committed stays when the caller stops or anything breaks."""
        with _without_pauses(), writing(self._settings) as target:
            with target.transaction() as tx:
                progress = self._progress(tx)
            if progress is None:
                progress = yield from self._found(target)
            self.plan = progress.plan
            yield from self._customers(target, progress)
            with target.transaction() as tx:
                self.loaded = self._end(tx, progress.plan)
            target.finish()

    def _progress(self, tx: ReadTx) -> Progress | None:
        """Return where an earlier run stopped; raises OperationError where this one has no place."""
        stored: str | None = tx.one(_read, name=self._name)
        short_name = self._founding.short_name
        if stored is None:
            if tx.one(_short_name_taken, short_key=short_name.casefold()) is not None:
                raise OperationError(f"There is a corp called {short_name} already: give another --short-name.")
            return None
        progress = msgspec.json.decode(stored, type=Progress)
        if progress.plan.size != self._founding.size:
            size = progress.plan.size
            raise OperationError(
                f"A load of {short_name} stopped after {progress.customers} customers. It goes on with the same size: "
                f"--members {size.members} --customers {size.customers} --messages {size.messages}"
            )
        return progress

    def _keep(self, tx: Tx, progress: Progress) -> Progress:
        tx.run(_note, name=self._name, value=msgspec.json.encode(progress).decode())
        return progress

    def _found(self, target: Writing) -> Generator[Step, None, Progress]:
        """Make the corp with its members and codes."""
        began, size = time.perf_counter(), self._founding.size
        first, last = target.take_marks(marks_needed(size))
        with target.transaction() as tx:
            try:
                founded = create_corp(tx, self._founding.name, self._founding.short_name)
            except Refusal as refusal:
                raise OperationError(refusal.text("en")) from refusal
            plan = Plan(founded.corp_id, new_code(), size, tx.now, first, last)
            tables, spent = staff_rows(plan), time.perf_counter()
            for table, rows in tables:
                target.put(table, rows)
            spent = time.perf_counter() - spent
            room = max(SMALLEST_ROOM, ROOM * size.customers)
            set_policy(tx, plan.corp_id, corp_cap.name, room, OWNER)
            set_policy(tx, plan.corp_id, member_cap.name, min(room, 1_000_000), OWNER)
            progress = self._keep(tx, Progress(plan, 0))
        yield Step(0, sum(len(rows) for _, rows in tables), time.perf_counter() - began, spent)
        return progress

    def _customers(self, target: Writing, progress: Progress) -> Generator[Step]:
        """Load everybody who is not there yet, a transaction per chunk."""
        plan, began = progress.plan, time.perf_counter()
        starts = range(progress.customers, plan.size.customers, self._chunk)
        chunks = [(start, min(start + self._chunk, plan.size.customers)) for start in starts]
        ranges = [(first, min(first + AT_ONCE, end)) for start, end in chunks for first in range(start, end, AT_ONCE)]
        parts = made_ahead(plan, ranges) if len(ranges) > FEW else made_in_turn(plan, ranges)
        with closing(parts):
            for start, end in chunks:
                spent, written, counts = 0.0, 0, Counts(Counter(), Counter(), Counter())
                with target.transaction() as tx:
                    for made in islice(parts, -(-(end - start) // AT_ONCE)):
                        began_putting = time.perf_counter()
                        for table, rows in made.tables():
                            target.put(table, rows)
                            written += len(rows)
                        spent += time.perf_counter() - began_putting
                        counts.add(made.counts)
                    _count(tx, plan.corp_id, counts)
                    self._keep(tx, Progress(plan, end))
                yield Step(end, written, time.perf_counter() - began, spent)
                began = time.perf_counter()

    def _end(self, tx: Tx, plan: Plan) -> Loaded:
        """Open the corp. The fact that it announces is above every stamp of the load: readers begin behind it."""
        verify_corp(tx, plan.corp_id)
        tx.run(_forget, name=self._name)
        actor = MemberActor(plan.corp_id, OWNER, "load", "owner", "admin", "zh-CN")
        return Loaded(plan.corp_id, OWNER, invite_member(tx, actor, OWNER))


@contextmanager
def _without_pauses() -> Generator[None]:
    """Rows refer to nothing that refers to them: looking through all of them for circles again and again finds none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _count(tx: Tx, corp_id: str, counts: Counts) -> None:
    """Move the counts that quotas are held against, and those of the codes."""
    tallies = {relations_of(userid): count for userid, count in counts.active.items()}
    add_to_tallies(tx, corp_id, {RELATIONS: counts.active.total(), **tallies})
    tx.run_all(
        _count_accepted, [{"in_corp": corp_id, "of": code, "step": step} for code, step in counts.accepted.items()]
    )
    tx.run_all(
        _note_turn,
        [
            {"in_corp": corp_id, "of": code, "who": userid, "step": step}
            for (code, userid), step in counts.turns.items()
        ],
    )
