"""The companies that the browser tests visit, made through the features' actions before the server starts."""

import asyncio
from pathlib import Path

import msgspec

from rapport.app import running
from rapport.demo.opening import open_demo, publish_demo
from rapport.features.customers.actions.contact_ways import get_own_contact_way
from rapport.features.customers.actions.greetings import set_own_greeting
from rapport.features.customers.types import TextPart
from rapport.features.identity.api import create_guest, open_session
from rapport.features.identity.passwords import hasher_of
from rapport.features.organization.api import (
    activate_member,
    create_corp,
    create_department,
    create_member,
    verify_corp,
    verify_member,
)
from rapport.features.organization.types import NewMember
from rapport.kernel.actor import MemberActor, Surface
from rapport.kernel.http.showcase import DemoCompany
from rapport.kernel.jobs import job
from rapport.kernel.statements import insertion
from rapport.kernel.tx import Tx
from rapport.settings import Settings

OWNER, GUIDE, NEWCOMER = "laoban", "xiaoming", "xinren"
PASSWORD = "跑鞋与训练服 2026"
GREETING = "您好 {customer}，我是{corp}的{member}，需要什么随时告诉我。"


class Shop(msgspec.Struct, frozen=True):
    """A company for one test alone: a guide with a code, an owner, and a newcomer who has nothing yet."""

    corp_id: str
    name: str
    short_name: str
    code: str
    tokens: dict[str, str]
    """By surface and userid, as in ``staff/xiaoming``: the secret of an open session."""

    @property
    def badge(self) -> str:
        """What consumers see behind every name."""
        return f"@{self.short_name}"


class Seed(msgspec.Struct, frozen=True):
    """Everything on the server: the demo company, in which every screen looks lived in, and the shops."""

    demo: DemoCompany
    shops: list[Shop]
    stranger: str
    """The session of a consumer who has not met anybody."""


def settings_for(folder: Path) -> Settings:
    """Return what the server runs with; passwords cost little here."""
    return Settings(data=folder, sms="demo", demo=True, password_memory_kib=64, password_rounds=1)


def seed(folder: Path, shops: int, base_url: str) -> Seed:
    """Fill an empty folder with the demo company and as many shops."""
    settings = settings_for(folder)
    demo = publish_demo(folder, open_demo(settings), base_url)
    return asyncio.run(_seed(settings, demo, shops))


async def _seed(settings: Settings, demo: DemoCompany, count: int) -> Seed:
    async with running(settings) as application:
        password_hash = await hasher_of(settings).hash(PASSWORD)
        db = application.runtime.db
        shops = [
            await db.write(lambda tx, n=number: _open_shop(tx, n, password_hash)) for number in range(1, count + 1)
        ]
        await db.write(lambda tx: _give_up_job(tx, demo.corp_id))
        return Seed(demo, shops, await db.write(_come))


_insert_job = insertion(
    job.insert(), "corp_id", "kind", "key", "body", "state", "run_at", "attempts", "error", "ended_at"
)


def _give_up_job(tx: Tx, corp_id: str) -> None:
    """Leave the demo company something for its administrator to replay."""
    tx.run(
        _insert_job,
        corp_id=corp_id,
        kind="customers.expire_requests",
        key="until Tuesday",
        body="{}",
        state="failed",
        run_at=tx.now,
        attempts=8,
        error="KeyError at customers.actions.expiring:61",
        ended_at=tx.now,
    )


def _come(tx: Tx) -> str:
    return _session(tx, "consumer", consumer_id=create_guest(tx, "路人", "zh-CN"))


def _open_shop(tx: Tx, number: int, password_hash: str) -> Shop:
    name, short_name = f"蓝湾运动有限公司 {number}", f"蓝湾{number}"
    corp_id = create_corp(tx, name, short_name).corp_id
    verify_corp(tx, corp_id)
    department = create_department(tx, corp_id, "人民广场店").id
    owner = MemberActor(corp_id, OWNER, "test", "owner", "admin", "zh-CN")
    guide = MemberActor(corp_id, GUIDE, "test", "member", "staff", "zh-CN")
    people = [
        NewMember(userid=OWNER, name="周老板", role="owner", serves_customers=False),
        NewMember(
            userid=GUIDE,
            name="陈晓明",
            alias="小明",
            post="运动馆导购",
            store_name="蓝湾人民广场店",
            store_address="上海市黄浦区南京西路 100 号",
            hours="10:00–22:00",
            introduction="跑步十年，选鞋可以问我。",
            departments=(department,),
        ),
        NewMember(userid=NEWCOMER, name="方芳", post="实习导购", departments=(department,)),
    ]
    for person in people:
        create_member(tx, corp_id, person, password_hash)
        activate_member(tx, corp_id, person.userid)
    verify_member(tx, owner, GUIDE)
    verify_member(tx, owner, NEWCOMER)
    set_own_greeting(tx, guide, [TextPart(GREETING)])
    places: list[tuple[Surface, str]] = [("staff", GUIDE), ("staff", NEWCOMER), ("admin", OWNER)]
    tokens = {f"{surface}/{userid}": _session(tx, surface, corp_id, userid) for surface, userid in places}
    return Shop(corp_id, name, short_name, get_own_contact_way(tx, guide).code, tokens)


def _session(
    tx: Tx,
    surface: Surface,
    corp_id: str | None = None,
    userid: str | None = None,
    consumer_id: str | None = None,
) -> str:
    opened = open_session(
        tx,
        surface=surface,
        corp_id=corp_id,
        userid=userid,
        consumer_id=consumer_id,
        device="browser",
        user_agent="pytest",
        ip="127.0.0.1",
    )
    return opened.secret
