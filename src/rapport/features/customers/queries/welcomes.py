"""Welcomes and the greetings they are made of."""

import msgspec
from sqlalchemy import select

from rapport.features.customers.queries.contact_ways import read_greeting
from rapport.features.customers.queries.customers import find_customers
from rapport.features.customers.tables import greeting, welcome
from rapport.features.customers.types import GreetingParts, WelcomeReason, WelcomeRecord, WelcomeStatus
from rapport.features.organization.api import find_members
from rapport.kernel.statements import p, query, scalar
from rapport.kernel.tx import ReadTx

CORP_DEFAULT = ""
"""The userid under which the corp's own greeting is kept."""
_LAST = "~"
"""Greater than every id."""
_w = welcome.c


class WelcomeRow(msgspec.Struct, frozen=True):
    """A stored welcome."""

    corp_id: str
    welcome_id: str
    userid: str
    external_userid: str
    code: str | None
    status: WelcomeStatus
    reason: WelcomeReason | None
    expires_at: int
    at: int


_columns = tuple(_w[name] for name in WelcomeRow.__struct_fields__)
_by_id = query(select(*_columns).where(_w.corp_id == p("corp_id"), _w.welcome_id == p("welcome_id")), WelcomeRow)
_page = query(
    select(*_columns)
    .where(_w.corp_id == p("corp_id"), _w.welcome_id < p("before"))
    .order_by(_w.welcome_id.desc())
    .limit(p("limit")),
    WelcomeRow,
)
_greeting = scalar(select(greeting.c.parts).where(greeting.c.corp_id == p("corp_id"), greeting.c.userid == p("userid")))


def find_welcome(tx: ReadTx, corp_id: str, welcome_id: str) -> WelcomeRow | None:
    """Return a welcome by its id, or None."""
    return tx.one(_by_id, corp_id=corp_id, welcome_id=welcome_id)


def find_greeting(tx: ReadTx, corp_id: str, userid: str) -> GreetingParts | None:
    """Return a member's own greeting, or with ``CORP_DEFAULT`` the corp's."""
    return read_greeting(tx.one(_greeting, corp_id=corp_id, userid=userid))


def list_welcomes(tx: ReadTx, corp_id: str, before: str | None, limit: int) -> list[WelcomeRecord]:
    """Return the corp's welcomes, newest first, from before an id on: four queries however many."""
    rows = tx.all(_page, corp_id=corp_id, before=before or _LAST, limit=limit)
    customers = find_customers(tx, corp_id, {row.external_userid for row in rows})
    members = find_members(tx, corp_id, list({row.userid for row in rows}))
    return [
        WelcomeRecord(
            welcome_id=row.welcome_id,
            external_userid=row.external_userid,
            customer=customers[row.external_userid].name if row.external_userid in customers else row.external_userid,
            userid=row.userid,
            member=members[row.userid].name if row.userid in members else row.userid,
            status=row.status,
            reason=row.reason,
            at=row.at,
        )
        for row in rows
    ]
