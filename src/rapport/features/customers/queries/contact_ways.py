"""Contact ways: by code, a member's own, a corp's list."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import case, literal, or_, select, tuple_

from rapport.features.customers.tables import contact_code, contact_way, contact_way_member
from rapport.features.customers.types import ContactWay, ContactWayStatus, GreetingParts, WayMember
from rapport.features.organization.api import find_members
from rapport.kernel.errors import NotFound
from rapport.kernel.statements import among, p, ptext, query, scalar
from rapport.kernel.tx import ReadTx

_END = 2**62
_w, _m = contact_way.c, contact_way_member.c


class WayRow(msgspec.Struct, frozen=True):
    """A stored contact way; ``greeting`` is JSON."""

    corp_id: str
    code: str
    own_of: str | None
    remark: str
    state: str
    skip_verify: int
    exclusive: int
    greeting: str | None
    valid_until: int | None
    closed_at: int | None
    created_at: int
    created_by: str
    accepted: int
    turns: int

    def status(self, now: int) -> ContactWayStatus:
        """Return whether the code can be accepted at ``now``."""
        if self.closed_at is not None:
            return "closed"
        return "expired" if self.valid_until is not None and self.valid_until <= now else "open"


class _Seat(NamedTuple):
    code: str
    userid: str


_columns = tuple(_w[name] for name in WayRow.__struct_fields__)
_corp_of = scalar(select(contact_code.c.corp_id).where(contact_code.c.code == p("code")))
_by_code = query(select(*_columns).where(_w.corp_id == p("corp_id"), _w.code == p("code")), WayRow)
_own = query(select(*_columns).where(_w.corp_id == p("corp_id"), _w.own_of == p("userid")), WayRow)
_members = query(
    select(_m.code, _m.userid)
    .where(_m.corp_id == p("corp_id"), among(_m.code, "codes"))
    .order_by(_m.code, _m.position),
    _Seat,
)
_in_turn = scalar(
    select(_m.userid).where(_m.corp_id == p("corp_id"), _m.code == p("code")).order_by(_m.turn, _m.position)
)
_status = case((_w.closed_at.isnot(None), "closed"), (_w.valid_until <= p("now"), "expired"), else_="open")
_wanted = or_(ptext("status") == literal(""), _status == ptext("status"))
_all = query(
    select(*_columns)
    .where(_w.corp_id == p("corp_id"), _wanted, tuple_(_w.created_at, _w.code) < tuple_(p("before"), p("before_code")))
    .order_by(_w.created_at.desc(), _w.code.desc())
    .limit(p("limit")),
    WayRow,
)
_of_member = query(
    select(*_columns)
    .join(contact_way_member, (_m.corp_id == _w.corp_id) & (_m.code == _w.code))
    .where(
        _m.corp_id == p("corp_id"),
        _m.userid == p("userid"),
        _wanted,
        tuple_(_m.created_at, _m.code) < tuple_(p("before"), p("before_code")),
    )
    .order_by(_m.created_at.desc(), _m.code.desc())
    .limit(p("limit")),
    WayRow,
)


def find_way_by_code(tx: ReadTx, code: str) -> WayRow | None:
    """Return the way behind a scanned code, whichever corp it is of, or None."""
    corp_id = tx.one(_corp_of, code=code)
    return None if corp_id is None else find_way(tx, corp_id, code)


def find_way(tx: ReadTx, corp_id: str, code: str) -> WayRow | None:
    """Return a corp's way, or None."""
    return tx.one(_by_code, corp_id=corp_id, code=code)


def find_own_way(tx: ReadTx, corp_id: str, userid: str) -> WayRow | None:
    """Return the member's own code, or None before its first use."""
    return tx.one(_own, corp_id=corp_id, userid=userid)


def get_way(tx: ReadTx, corp_id: str, code: str) -> WayRow:
    """Return a corp's way; raises NotFound."""
    found = find_way(tx, corp_id, code)
    if found is None:
        raise NotFound
    return found


def list_in_turn(tx: ReadTx, corp_id: str, code: str) -> list[str]:
    """Return a way's members, the one who waited longest first."""
    return tx.all(_in_turn, corp_id=corp_id, code=code)


def list_userids(tx: ReadTx, corp_id: str, codes: Iterable[str]) -> dict[str, list[str]]:
    """Return the members of several ways, in their given order."""
    found: dict[str, list[str]] = {}
    for code, userid in tx.all(_members, corp_id=corp_id, codes=list(codes)):
        found.setdefault(code, []).append(userid)
    return found


def list_ways(
    tx: ReadTx,
    corp_id: str,
    *,
    member: str | None,
    status: ContactWayStatus | None,
    before: tuple[int, str] | None,
    limit: int,
) -> list[WayRow]:
    """Return ways of the corp, or of one member, newest first, from before a (created_at, code) key on."""
    at, before_code = before or (_END, "")
    key = {
        "corp_id": corp_id,
        "status": status or "",
        "now": tx.now,
        "before": at,
        "before_code": before_code,
        "limit": limit,
    }
    return tx.all(_all, **key) if member is None else tx.all(_of_member, **key, userid=member)


def read_greeting(parts: str | None) -> GreetingParts | None:
    """Return a stored greeting."""
    return None if parts is None else msgspec.json.decode(parts, type=GreetingParts)


def describe_ways(tx: ReadTx, corp_id: str, rows: Sequence[WayRow], origin: str) -> list[ContactWay]:
    """Return ways as the corp's people see them; ``origin`` leads their addresses. Two queries however many."""
    userids = list_userids(tx, corp_id, [row.code for row in rows])
    members = find_members(tx, corp_id, list({userid for found in userids.values() for userid in found}))
    return [
        ContactWay(
            code=row.code,
            url=f"{origin}/q/{row.code}",
            members=[
                WayMember(userid, members[userid].name, members[userid].avatar_url)
                for userid in userids.get(row.code, [])
                if userid in members
            ],
            remark=row.remark,
            state=row.state,
            skip_verify=bool(row.skip_verify),
            exclusive=bool(row.exclusive),
            greeting=read_greeting(row.greeting),
            valid_until=row.valid_until,
            status=row.status(tx.now),
            created_at=row.created_at,
            created_by=row.created_by,
            accepted=row.accepted,
        )
        for row in rows
    ]
