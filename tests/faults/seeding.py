"""A corp, its people and their sessions, written straight through the features' actions before the server starts."""

import asyncio
from pathlib import Path

import msgspec

from rapport.app import running
from rapport.client import Client
from rapport.features.conversations.api import open_direct, open_group
from rapport.features.conversations.policies import frames_per_s, sends_per_minute
from rapport.features.identity.api import open_session
from rapport.features.organization.api import activate_member, create_corp, create_member, verify_member
from rapport.features.organization.types import NewMember
from rapport.kernel.actor import MemberActor
from rapport.kernel.policy import set_policy
from rapport.kernel.tx import Tx
from rapport.settings import Settings
from tests.faults.load import Person


class Seed(msgspec.Struct, frozen=True):
    """What the load needs to know: a token per member and the conversations with who talks in them."""

    corp_id: str
    tokens: dict[str, str]
    conversations: dict[str, list[str]]

    def members(self) -> list[Person]:
        """The members, each with the conversations that they sit in."""
        return [
            Person(userid, "staff", [found for found, people in self.conversations.items() if userid in people], token)
            for userid, token in self.tokens.items()
        ]


def seed(folder: Path, members: int, pairs: int, database_url: str | None = None) -> Seed:
    """Fill an empty folder: ``members`` members, ``pairs`` direct conversations between neighbours.

    One group of all.
    """
    return asyncio.run(_seed(Settings(data=folder, database_url=database_url), members, pairs))


async def _seed(settings: Settings, members: int, pairs: int) -> Seed:
    async with running(settings) as application:
        return await application.runtime.db.write(lambda tx: _fill(tx, members, pairs))


def _fill(tx: Tx, members: int, pairs: int) -> Seed:
    corp_id = create_corp(tx, "云杉运动有限公司", "云杉").corp_id
    userids = [f"member{number}" for number in range(members)]
    tokens: dict[str, str] = {}
    for userid in userids:
        create_member(tx, corp_id, NewMember(userid=userid, name=userid))
        activate_member(tx, corp_id, userid)
        verify_member(tx, MemberActor(corp_id, userid, "seed", "owner", "admin", "zh-CN"), userid)
        tokens[userid] = _session(tx, corp_id, userid)
    for policy in (frames_per_s, sends_per_minute):
        set_policy(tx, corp_id, policy.name, 1_000_000, "test")
    conversations: dict[str, list[str]] = {}
    for number in range(pairs):
        one, other = userids[number % members], userids[(number + 1) % members]
        conversations[open_direct(tx, _actor(corp_id, one), other)] = [one, other]
    conversations[open_group(tx, _actor(corp_id, userids[0]), "全员", userids[1:])] = userids
    return Seed(corp_id, tokens, conversations)


async def meet(url: str, member: Person, nickname: str) -> Person:
    """Let a new consumer accept a member's code over HTTP; the conversation is one of the member's from now on."""
    async with member.client(url) as theirs, Client(url, "consumer") as client:
        way = await theirs.get("contact-ways/mine")
        accepted = await client.post(f"contact-ways/{way['code']}/accept", {"nickname": nickname, "device": "phone"})
        cookie = "; ".join(f"{name}={value}" for name, value in client.http.cookies.items())
    member.conversations.append(accepted["conversation_id"])
    return Person(nickname, "consumer", [accepted["conversation_id"]], cookie=cookie)


def _actor(corp_id: str, userid: str) -> MemberActor:
    return MemberActor(corp_id, userid, "seed", "member", "staff", "zh-CN")


def _session(tx: Tx, corp_id: str, userid: str) -> str:
    opened = open_session(
        tx,
        surface="staff",
        corp_id=corp_id,
        userid=userid,
        consumer_id=None,
        device="load",
        user_agent="load",
        ip="127.0.0.1",
    )
    return opened.secret
