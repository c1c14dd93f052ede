"""Reading a corp's tree; it is small enough to be read whole."""

import msgspec
from sqlalchemy import and_, func, select

from rapport.features.organization.tables import department, member, member_department
from rapport.features.organization.types import Department
from rapport.kernel.statements import p, query
from rapport.kernel.tx import ReadTx


class DepartmentRow(msgspec.Struct, frozen=True):
    """A stored department."""

    id: int
    parent_id: int | None
    name: str
    place: int


def _seat(department_id: int, userid: str) -> tuple[int, str]:
    return department_id, userid


_departments = query(
    select(department.c.id, department.c.parent_id, department.c.name, department.c.place)
    .where(department.c.corp_id == p("corp_id"))
    .order_by(department.c.place, department.c.id),
    DepartmentRow,
)
_seats = query(
    select(member_department.c.department_id, member_department.c.userid)
    .join(member, and_(member.c.corp_id == member_department.c.corp_id, member.c.userid == member_department.c.userid))
    .where(member_department.c.corp_id == p("corp_id"), member.c.status != "departed"),
    _seat,
)
_in_use = query(
    select(func.count())
    .select_from(member_department)
    .where(member_department.c.corp_id == p("corp_id"), member_department.c.department_id == p("department_id")),
    int,
)


def list_rows(tx: ReadTx, corp_id: str) -> list[DepartmentRow]:
    """Return the corp's departments by order."""
    return tx.all(_departments, corp_id=corp_id)


def below(rows: list[DepartmentRow], department_id: int) -> set[int]:
    """Return a department's id and those of every department below it; empty when there is none of that id."""
    children: dict[int | None, list[int]] = {}
    for row in rows:
        children.setdefault(row.parent_id, []).append(row.id)
    found: set[int] = set()
    waiting = [department_id] if any(row.id == department_id for row in rows) else []
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting.extend(children.get(one, ()))
    return found


def list_departments(tx: ReadTx, corp_id: str) -> list[Department]:
    """Return the corp's departments by order, each with how many people are in it and below."""
    rows = list_rows(tx, corp_id)
    parents = {row.id: row.parent_id for row in rows}
    people: dict[int, set[str]] = {row.id: set() for row in rows}
    for department_id, userid in tx.all(_seats, corp_id=corp_id):
        above: int | None = department_id
        while above is not None and userid not in people[above]:
            people[above].add(userid)
            above = parents[above]
    return [Department(row.id, row.parent_id, row.name, row.place, len(people[row.id])) for row in rows]


def has_members(tx: ReadTx, corp_id: str, department_id: int) -> bool:
    """Say whether anybody, departed ones too, is in the department itself."""
    return bool(tx.one(_in_use, corp_id=corp_id, department_id=department_id))
