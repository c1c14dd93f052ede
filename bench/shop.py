"""A shop in which guides and their customers talk: the company of the simulated users."""

import asyncio
from pathlib import Path

import msgspec

from bench.seed import WORDS, Met, Seeder
from rapport.app import running
from rapport.features.conversations.actions.seats import Sending
from rapport.features.conversations.actions.sending import send_many
from rapport.features.conversations.types import Text
from rapport.kernel.database import Database
from rapport.settings import Settings


class ShopSize(msgspec.Struct, frozen=True):
    """How many guides, how many customers each has met, with how many of them there is a history of which length."""

    guides: int
    met: int
    talking: int
    history: int


class Worker(msgspec.Struct, frozen=True):
    """A guide: the token of a session, and whom they talk with."""

    token: str
    person: str
    talking: list[Met]


class Shop(msgspec.Struct, frozen=True):
    """The corp and its guides."""

    corp_id: str
    message_bytes: float
    """What each message of the histories added to the database."""
    guides: list[Worker]


async def open_shop(folder: Path, size: ShopSize, *, database_url: str | None = None) -> Shop:
    """Make a shop in a folder, or in a database on PostgreSQL, and close the database."""
    settings = Settings(data=folder, database_url=database_url)
    async with running(settings) as application:
        seeder = Seeder(application)
        corp_id = await seeder.corp()
        userids = [f"g{number}" for number in range(size.guides)]
        tokens = await seeder.in_chunks(userids, seeder.member)
        guides: list[Worker] = []
        for userid, token in zip(userids, tokens, strict=True):
            met = await seeder.in_chunks([userid] * size.met, seeder.meet)
            guides.append(Worker(token, f"m:{userid}", met[: size.talking]))
        await seeder.settled()
    before = await _bytes(settings)
    async with running(settings) as application:
        for number in range(size.history):
            await _everybody_talks(application.runtime.db, corp_id, guides, number)
    messages = size.history * size.guides * size.talking
    return Shop(corp_id, (await _bytes(settings) - before) / messages, guides)


async def _bytes(settings: Settings) -> int:
    """Return the size of a database that nobody has open: its log is folded into it."""
    async with running(settings) as application:
        return (await application.runtime.db.sizes()).database_bytes


async def _everybody_talks(db: Database, corp_id: str, guides: list[Worker], number: int) -> None:
    """Add one message to every history: by turns the guide's and the customer's."""
    said = Text(WORDS)
    await asyncio.gather(
        *(
            db.write_batched(
                send_many,
                corp_id,
                Sending(met.conversation_id, (met.person, guide.person)[number % 2], f"history-{number}", said),
            )
            for guide in guides
            for met in guide.talking
        )
    )
