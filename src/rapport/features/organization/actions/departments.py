"""Changing a corp's tree."""

import msgspec
from sqlalchemy import delete, func, insert, select, update

from rapport.features.organization.errors import (
    DepartmentCircle,
    DepartmentInUse,
    RootDepartment,
    TooManyDepartments,
    UnknownDepartment,
)
from rapport.features.organization.events import EVERYONE, DepartmentChanged
from rapport.features.organization.policies import most_departments
from rapport.features.organization.queries.departments import below, has_members, list_departments, list_rows
from rapport.features.organization.tables import department
from rapport.features.organization.types import Department, DepartmentPatch
from rapport.kernel.errors import NotFound
from rapport.kernel.policy import get_policy
from rapport.kernel.statements import command, insertion, p, scalar
from rapport.kernel.texts import clean_line
from rapport.kernel.tx import Tx

ROOT = 1
MAX_NAME = 64
MAX_PLACE = 2**31 - 1

_insert = insertion(insert(department))
_largest = scalar(select(func.max(department.c.id)).where(department.c.corp_id == p("corp_id")))
_delete = command(delete(department).where(department.c.corp_id == p("corp_id"), department.c.id == p("department_id")))
_change = command(
    update(department)
    .where(department.c.corp_id == p("corp"), department.c.id == p("which"))
    .values(name=p("new_name"), parent_id=p("new_parent"), place=p("new_place"))
)


def plant_root(tx: Tx, corp_id: str, name: str) -> None:
    """Create the root of a new corp's tree."""
    tx.run(_insert, corp_id=corp_id, id=ROOT, parent_id=None, name=name, place=0)


def create_department(tx: Tx, corp_id: str, name: str, parent_id: int = ROOT) -> Department:
    """Create a department below another, last in order. Announces DepartmentChanged.

    Raises UnknownDepartment, TooManyDepartments, InvalidInput.
    """
    rows = list_rows(tx, corp_id)
    most = get_policy(tx, corp_id, most_departments)
    if len(rows) >= most:
        raise TooManyDepartments(most=most)
    if all(row.id != parent_id for row in rows):
        raise UnknownDepartment(department_id=parent_id)
    department_id = (tx.one(_largest, corp_id=corp_id) or 0) + 1
    place = 1 + max((row.place for row in rows if row.parent_id == parent_id), default=0)
    cleaned = clean_line("name", name, MAX_NAME)
    tx.run(_insert, corp_id=corp_id, id=department_id, parent_id=parent_id, name=cleaned, place=min(place, MAX_PLACE))
    tx.emit(corp_id, DepartmentChanged(department_id), EVERYONE)
    return get_department(tx, corp_id, department_id)


def get_department(tx: Tx, corp_id: str, department_id: int) -> Department:
    """Return a department; raises NotFound."""
    for found in list_departments(tx, corp_id):
        if found.id == department_id:
            return found
    raise NotFound


def change_department(tx: Tx, corp_id: str, department_id: int, patch: DepartmentPatch) -> Department:
    """Rename, reorder or move a department. Announces DepartmentChanged.

    Raises NotFound, UnknownDepartment, RootDepartment, DepartmentCircle, InvalidInput.
    """
    rows = list_rows(tx, corp_id)
    before = next((row for row in rows if row.id == department_id), None)
    if before is None:
        raise NotFound
    parent_id = before.parent_id
    if patch.parent_id is not msgspec.UNSET and patch.parent_id != before.parent_id:
        parent_id = patch.parent_id
        if department_id == ROOT:
            raise RootDepartment
        if all(row.id != parent_id for row in rows):
            raise UnknownDepartment(department_id=parent_id)
        if parent_id in below(rows, department_id):
            raise DepartmentCircle
    tx.run(
        _change,
        corp=corp_id,
        which=department_id,
        new_name=before.name if patch.name is msgspec.UNSET else clean_line("name", patch.name, MAX_NAME),
        new_parent=parent_id,
        new_place=before.place if patch.order is msgspec.UNSET else patch.order,
    )
    tx.emit(corp_id, DepartmentChanged(department_id), EVERYONE)
    return get_department(tx, corp_id, department_id)


def delete_department(tx: Tx, corp_id: str, department_id: int) -> None:
    """Remove an empty department. Announces DepartmentChanged. Raises NotFound, RootDepartment, DepartmentInUse."""
    rows = list_rows(tx, corp_id)
    if all(row.id != department_id for row in rows):
        raise NotFound
    if department_id == ROOT:
        raise RootDepartment
    if len(below(rows, department_id)) > 1 or has_members(tx, corp_id, department_id):
        raise DepartmentInUse
    tx.run(_delete, corp_id=corp_id, department_id=department_id)
    tx.emit(corp_id, DepartmentChanged(department_id), EVERYONE)
