"""Opening the demo: its company is founded once, kept after that; who can sign in is written to ``demo.json``."""

import asyncio
import os
from pathlib import Path

import msgspec

from rapport.app import build_runtime, join_ports, running
from rapport.database import FILE_NAME as DATABASE
from rapport.database import is_made
from rapport.demo.cast import CONSUMER_PHONE, EMPLOYEES, GUIDE, OWNER, PASSWORD, SHORT_NAME
from rapport.demo.play import Company, found_company
from rapport.demo.talks_guide import GUIDE_TALKS
from rapport.features.identity.api import find_consumer_by_phone, open_session
from rapport.kernel.actor import Surface
from rapport.kernel.clock import SystemClock
from rapport.kernel.http.showcase import FILE_NAME, DemoAccount, DemoCode, DemoCompany, read_company
from rapport.kernel.runtime import Runtime
from rapport.kernel.tx import Tx
from rapport.settings import Settings

SHOWN: list[tuple[Surface, str]] = [
    ("staff", GUIDE),
    ("staff", "wangzhuang"),
    ("staff", "emily"),
    ("admin", "zhouqi"),
    ("admin", OWNER),
]
TOKEN_NAME = "demo.json"  # noqa: S105  the name under which the session is listed
_FOUNDED, _FOUNDING = "demo-company.json", "demo-company.unfinished"
_NAMES = {employee.userid: employee for employee in EMPLOYEES}


class NotADemo(Exception):  # noqa: N818  the command line turns it into a sentence
    """The folder holds an installation; the demo does not touch it."""


def is_founded(folder: Path, url: str | None) -> bool:
    """Return whether the folder holds a demo company already; raises NotADemo for an installation."""
    if (folder / _FOUNDED).is_file():
        return True
    if is_made(folder, url) and not (url is None and (folder / _FOUNDING).is_file()):
        raise NotADemo
    return False


def open_demo(settings: Settings) -> DemoCompany:
    """Found the company on first use and return who can sign in, with tokens that work now (addresses still relative).

    A founding that broke off half-way is begun anew, so a demo is whole or absent. Raises NotADemo for a folder that
    holds somebody's installation.
    """
    return asyncio.run(_open(settings))


async def _open(settings: Settings) -> DemoCompany:
    folder = settings.data
    founded = folder / _FOUNDED
    if not is_founded(folder, settings.database_url):
        _clear(folder)
        _write(folder / _FOUNDING, b"")
        clock = SystemClock()
        async with running(settings, clock) as application:
            company = await found_company(application.runtime, clock)
        _write(founded, msgspec.json.encode(company))
        (folder / _FOUNDING).unlink()
    company = msgspec.json.decode(founded.read_bytes(), type=Company)
    join_ports()
    rt = build_runtime(settings, SystemClock())
    try:
        return await _with_tokens(rt, company, read_company(folder))
    finally:
        await rt.db.close()


def _clear(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", FILE_NAME):
        (folder / name).unlink(missing_ok=True)


async def _with_tokens(rt: Runtime, company: Company, before: DemoCompany | None) -> DemoCompany:
    """Keep the tokens that still work, so that starting again does not fill the list of devices."""
    known = {} if before is None else {(a.surface, a.login): a.token for a in before.accounts}
    accounts: list[DemoAccount] = []
    for surface, userid in SHOWN:
        employee = _NAMES[userid]
        token = await _token(rt, surface, known.get((surface, userid)), company.corp_id, userid)
        accounts.append(
            DemoAccount(surface, employee.role, employee.name, userid, employee.phone, userid, PASSWORD, None, token)
        )
    token = await _token(rt, "consumer", known.get(("consumer", CONSUMER_PHONE)), None, None)
    code_url = f"/api/public/demo/codes?phone={CONSUMER_PHONE.replace('+', '%2B')}"
    name = next(talk.name for talk in GUIDE_TALKS if talk.phone == CONSUMER_PHONE)
    accounts.append(
        DemoAccount("consumer", "consumer", name, None, CONSUMER_PHONE, CONSUMER_PHONE, None, code_url, token)
    )
    codes = [DemoCode(code, f"/q/{code}", userid, _NAMES[userid].name) for code, userid in company.codes]
    return DemoCompany("", company.corp_id, SHORT_NAME, accounts, codes)


async def _token(rt: Runtime, surface: Surface, known: str | None, corp_id: str | None, userid: str | None) -> str:
    if known is not None and await rt.read_session(surface, known) is not None:
        return known

    def open_it(tx: Tx) -> str:
        consumer = find_consumer_by_phone(tx, CONSUMER_PHONE) if userid is None else None
        return open_session(
            tx,
            surface=surface,
            corp_id=corp_id,
            userid=userid,
            consumer_id=None if consumer is None else consumer.consumer_id,
            device=TOKEN_NAME,
            user_agent="",
            ip="",
            program=True,
        ).secret

    return await rt.db.write(open_it)


def publish_demo(folder: Path, company: DemoCompany, base_url: str) -> DemoCompany:
    """Write ``demo.json`` with whole addresses, readable by its owner alone, and return what it says."""
    accounts = [
        msgspec.structs.replace(account, code_url=account.code_url and base_url + account.code_url)
        for account in company.accounts
    ]
    codes = [msgspec.structs.replace(code, url=base_url + code.url) for code in company.contact_codes]
    whole = msgspec.structs.replace(company, base_url=base_url, accounts=accounts, contact_codes=codes)
    _write(folder / FILE_NAME, msgspec.json.format(msgspec.json.encode(whole)) + b"\n")
    return whole


def _write(file: Path, content: bytes) -> None:
    """Whoever waits for the file finds it whole or not at all."""
    temporary = file.with_suffix(".part")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
    temporary.replace(file)
