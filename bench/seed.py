"""The company under test, made through the features' own actions before the server starts: nobody signs in later."""

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TypeVar

import msgspec
import psycopg
from sqlalchemy import func, select

from rapport.app import Application, running
from rapport.features.conversations.access import Viewer
from rapport.features.conversations.actions.opening import open_group
from rapport.features.conversations.actions.sending import Sending, send_one
from rapport.features.conversations.queries.sync import cursor_at
from rapport.features.conversations.types import Text
from rapport.features.customers.actions.accepting import Stranger, accept_as_stranger
from rapport.features.customers.actions.contact_ways import get_own_contact_way
from rapport.features.identity.api import open_session
from rapport.features.organization.api import activate_member, create_corp, create_member, verify_member
from rapport.features.organization.types import NewMember
from rapport.kernel.actor import MemberActor
from rapport.kernel.jobs import job
from rapport.kernel.policy import set_policy
from rapport.kernel.statements import p, scalar
from rapport.kernel.tx import ReadTx, Tx
from rapport.settings import Settings
from tests.services import Postgres

Result = TypeVar("Result")

WORDS = (
    "您好，您上次看中的那双跑鞋今天到货了，三十九码还剩两双，"
    "我先给您留一双，周末方便的话来店里试一试，停车券我给您准备好了。"
)
"""What everybody says: sixty Chinese characters."""
PER_COMMAND = 10
POLICIES = {
    "realtime.frames_per_s": 1_000_000,
    "conversations.sends_per_minute": 100_000_000,
    "customers.member_cap": 1_000_000,
}
_waiting_jobs = scalar(select(func.count()).select_from(job).where(job.c.state == "waiting", job.c.run_at <= p("now")))


class Size(msgspec.Struct, frozen=True):
    """How much of everything there is to be."""

    pairs: int
    groups: tuple[int, ...]
    customers: int
    changed: int

    def for_messages(self) -> "Size":
        """As many who talk, and little else."""
        return Size(self.pairs, self.groups[:1], 10, 5)


class Pair(msgspec.Struct, frozen=True):
    """A guide and a customer with a conversation; the guide sends."""

    conversation_id: str
    sender: str
    recipient: str


class Group(msgspec.Struct, frozen=True):
    """A group and the tokens of its members, the first one's being the sender's."""

    conversation_id: str
    tokens: list[str]


class Met(msgspec.Struct, frozen=True):
    """A customer whom somebody met: the conversation, the customer's person id and the token of a session."""

    conversation_id: str
    person: str
    token: str


class Guide(msgspec.Struct, frozen=True):
    """A guide with many customers."""

    token: str
    person: str
    met: list[Met]


class Company(msgspec.Struct, frozen=True):
    """Everything that a line needs to know: ids and secrets."""

    folder: Path
    corp_id: str
    pairs: list[Pair]
    groups: list[Group]
    guide: Guide
    small_guide: Guide
    cursor: str
    """Where the guide's client stood before ``changed`` customers wrote."""

    @property
    def database(self) -> Path:
        """The database file."""
        return self.folder / "rapport.db"

    def viewer(self) -> Viewer:
        """The guide as the conversations know them."""
        return Viewer(self.corp_id, self.guide.person)


class Seeder:
    """Writes in small commands, as the product does."""

    def __init__(self, application: Application) -> None:
        self._db = application.runtime.db
        self._epoch = application.runtime.epoch
        self._corp_id = ""

    async def in_chunks(self, items: Iterable[str], make: Callable[[Tx, str], Result]) -> list[Result]:
        """Make one after another, ``PER_COMMAND`` in a command."""
        names, made = list(items), list[Result]()
        for start in range(0, len(names), PER_COMMAND):
            some = names[start : start + PER_COMMAND]
            made += await self._db.write(lambda tx, some=some: [make(tx, name) for name in some])
        return made

    async def corp(self) -> str:
        """Make the corp, in which people may talk as fast as they like."""
        corp = await self._db.write(lambda tx: create_corp(tx, "云杉运动有限公司", "云杉"))
        self._corp_id = corp.corp_id
        await self.in_chunks(["owner"], self.member)
        await self.in_chunks(POLICIES, lambda tx, name: set_policy(tx, self._corp_id, name, POLICIES[name], "owner"))
        return corp.corp_id

    async def company(self, folder: Path, size: Size) -> Company:
        """Make everything."""
        corp_id = await self.corp()
        userids = [f"g{number}" for number in range(max(size.pairs, *size.groups, 1))]
        tokens = dict(zip(userids, await self.in_chunks(userids, self.member), strict=True))
        guide = await self._guide("daogou", size.customers)
        small = await self._guide("xinren", min(100, size.customers))
        senders = userids[: size.pairs]
        met = await self.in_chunks(senders, self.meet)
        pairs = [Pair(one.conversation_id, tokens[userid], one.token) for userid, one in zip(senders, met, strict=True)]
        groups = [await self._group(userids[:people], tokens) for people in size.groups]
        await self.settled()
        cursor = await self._db.read(lambda tx: cursor_at(self._epoch, tx.horizon))
        every = size.customers // size.changed
        await self.in_chunks([str(place * every) for place in range(size.changed)], partial(self._write, guide.met))
        return Company(folder, corp_id, pairs, groups, guide, small, cursor)

    def member(self, tx: Tx, userid: str) -> str:
        """Add a verified member; return the token of a session."""
        owner = MemberActor(self._corp_id, "owner", "bench", "owner", "admin", "zh-CN")
        role = "owner" if userid == "owner" else "member"
        create_member(tx, self._corp_id, NewMember(userid=userid, name=f"导购{userid}", role=role))
        activate_member(tx, self._corp_id, userid)
        verify_member(tx, owner, userid)
        opened = open_session(
            tx,
            surface="staff",
            corp_id=self._corp_id,
            userid=userid,
            consumer_id=None,
            device="bench",
            user_agent="bench",
            ip="127.0.0.1",
        )
        return opened.secret

    async def _guide(self, userid: str, customers: int) -> Guide:
        token = (await self.in_chunks([userid], self.member))[0]
        met = await self.in_chunks([userid] * customers, self.meet)
        return Guide(token, f"m:{userid}", met)

    def meet(self, tx: Tx, userid: str) -> Met:
        """Let a new consumer accept the member's own code."""
        member = MemberActor(self._corp_id, userid, "bench", "member", "staff", "zh-CN")
        way = get_own_contact_way(tx, member)
        stranger = Stranger("王女士", "zh-CN", "bench", "bench", "127.0.0.1", None)
        accepted, opened = accept_as_stranger(tx, way.code, stranger)
        assert accepted.conversation_id is not None, "one's own code needs no consent"
        return Met(accepted.conversation_id, f"c:{accepted.external_userid}", opened.secret)

    async def _group(self, userids: list[str], tokens: dict[str, str]) -> Group:
        first = MemberActor(self._corp_id, userids[0], "bench", "member", "staff", "zh-CN")
        conversation_id = await self._db.write(lambda tx: open_group(tx, first, "门店群", userids[1:]))
        return Group(conversation_id, [tokens[userid] for userid in userids])

    def _write(self, met: list[Met], tx: Tx, place: str) -> None:
        """Let a customer say something."""
        customer = met[int(place)]
        send_one(tx, self._corp_id, Sending(customer.conversation_id, customer.person, "bench", Text(WORDS)))

    async def settled(self) -> None:
        """Wait until every welcome was sent."""

        def waiting(tx: ReadTx) -> int:
            return tx.one(_waiting_jobs, now=tx.now) or 0

        while await self._db.read(waiting):  # noqa: ASYNC110  the worker tells nobody that it is done
            await asyncio.sleep(0.1)


async def seed(folder: Path, size: Size, *, database_url: str | None = None) -> Company:
    """Make a company in a folder, or in a database on PostgreSQL, and close it."""
    async with running(Settings(data=folder, database_url=database_url)) as application:
        company = await Seeder(application).company(folder, size)
    if database_url is not None:
        # What autovacuum does within a minute: without it, plans are chosen blindly.
        with psycopg.connect(Postgres.owned(database_url), autocommit=True) as connection:
            connection.execute("ANALYZE")
    return company
