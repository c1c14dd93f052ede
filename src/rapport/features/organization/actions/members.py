"""Adding members and changing what is known of them."""

import re

import msgspec
from sqlalchemy import delete, insert, select, update

from rapport.features.identity.api import create_account, set_phone, set_role
from rapport.features.organization.access import access_managed, check_administrator
from rapport.features.organization.actions.spelling import search_keys, sort_key
from rapport.features.organization.errors import LastOwner, OwnerRequired, UnknownDepartment, WrongStatus
from rapport.features.organization.events import EVERYONE, MemberChanged, MemberCreated
from rapport.features.organization.ports import image_publishing
from rapport.features.organization.queries.departments import list_rows
from rapport.features.organization.queries.members import get_member, has_other_owner
from rapport.features.organization.tables import member, member_department, window_directory
from rapport.features.organization.types import Member, MemberPatch, NewMember
from rapport.kernel.actor import MemberActor, Role
from rapport.kernel.errors import InvalidInput
from rapport.kernel.ids import new_code
from rapport.kernel.phones import parse_phone
from rapport.kernel.statements import command, insertion, p, scalar
from rapport.kernel.texts import clean_line, clean_optional_line, clean_paragraph
from rapport.kernel.tx import Tx

MAX_NAME = 64
MAX_LINE = 128
MAX_ADDRESS = 256
MAX_INTRODUCTION = 500
MAX_DEPARTMENTS = 20
_USERID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")

_insert = insertion(insert(member))
_insert_window = insertion(insert(window_directory))
_insert_seat = insertion(insert(member_department))
_clear_seats = command(
    delete(member_department).where(
        member_department.c.corp_id == p("corp_id"), member_department.c.userid == p("userid")
    )
)
_avatar = scalar(
    select(member.c.avatar_file_id).where(member.c.corp_id == p("corp_id"), member.c.userid == p("userid"))
)
_change = command(
    update(member)
    .where(member.c.corp_id == p("corp"), member.c.userid == p("who"))
    .values(
        name=p("new_name"),
        alias=p("new_alias"),
        post=p("new_post"),
        phone=p("new_phone"),
        store_name=p("new_store_name"),
        store_address=p("new_store_address"),
        hours=p("new_hours"),
        introduction=p("new_introduction"),
        avatar_file_id=p("new_avatar"),
        departments=p("new_departments"),
        role=p("new_role"),
        serves_customers=p("new_serves"),
        sort_key=p("new_sort_key"),
        search=p("new_search"),
    )
)


def create_member(tx: Tx, corp_id: str, new: NewMember, password_hash: str | None = None) -> Member:
    """Add a member and the account to sign in with: active with a password, else invited. Announces MemberCreated.

    Raises LoginTaken, UnknownDepartment, InvalidInput (every text is cleaned, the phone parsed).
    """
    if _USERID.fullmatch(new.userid) is None:
        raise InvalidInput(
            "userid",
            "由 1 到 64 个字母、数字或 _ . @ - 组成，以字母或数字开头",
            "1 to 64 letters, digits or _ . @ -, beginning with a letter or digit",
        )
    name, alias = clean_line("name", new.name, MAX_NAME), clean_optional_line("alias", new.alias, MAX_NAME)
    phone = parse_phone(new.phone) if new.phone else None
    departments = _checked_departments(tx, corp_id, new.departments)
    create_account(tx, corp_id, new.userid, phone, password_hash, role=new.role)
    window_id = new_code(16)
    tx.run(
        _insert,
        corp_id=corp_id,
        userid=new.userid,
        name=name,
        alias=alias,
        post=clean_optional_line("post", new.post, MAX_NAME),
        phone=phone,
        store_name=clean_optional_line("store_name", new.store_name, MAX_LINE),
        store_address=clean_optional_line("store_address", new.store_address, MAX_ADDRESS),
        hours=clean_optional_line("hours", new.hours, MAX_LINE),
        introduction=clean_paragraph("introduction", new.introduction, MAX_INTRODUCTION),
        avatar_file_id=None,
        departments=msgspec.json.encode(departments).decode(),
        role=new.role,
        status="invited" if password_hash is None else "active",
        real_name_verified_at=None,
        real_name_verified_by=None,
        window_id=window_id,
        serves_customers=int(new.serves_customers),
        sort_key=sort_key(name),
        search=search_keys(new.userid, name, alias, phone),
        created_at=tx.now,
        departed_at=None,
    )
    tx.run(_insert_window, window_id=window_id, corp_id=corp_id, userid=new.userid)
    _seat(tx, corp_id, new.userid, departments)
    tx.emit(corp_id, MemberCreated(new.userid), EVERYONE)
    return get_member(tx, corp_id, new.userid)


def add_member(tx: Tx, actor: MemberActor, new: NewMember) -> Member:
    """Add a member as an administrator; only an owner gives another role than member (OwnerRequired)."""
    check_administrator(actor)
    if new.role != "member" and actor.role != "owner":
        raise OwnerRequired
    return create_member(tx, actor.corp_id, new)


def _checked_departments(tx: Tx, corp_id: str, wanted: tuple[int, ...]) -> list[int]:
    if not 0 < len(wanted) <= MAX_DEPARTMENTS:
        raise InvalidInput("departments", f"应有 1 到 {MAX_DEPARTMENTS} 个部门", f"1 to {MAX_DEPARTMENTS} departments")
    known = {row.id for row in list_rows(tx, corp_id)}
    for department_id in wanted:
        if department_id not in known:
            raise UnknownDepartment(department_id=department_id)
    return sorted(set(wanted))


def _seat(tx: Tx, corp_id: str, userid: str, departments: list[int]) -> None:
    tx.run(_clear_seats, corp_id=corp_id, userid=userid)
    for department_id in departments:
        tx.run(_insert_seat, corp_id=corp_id, userid=userid, department_id=department_id)


def change_member(tx: Tx, actor: MemberActor, userid: str, patch: MemberPatch) -> Member:
    """Change a member as an administrator. Announces MemberChanged.

    Raises NotFound, NotAllowed, OwnerRequired (roles are the owners' matter), LastOwner, WrongStatus (departed),
    LoginTaken, UnknownDepartment, InvalidInput.
    """
    before = access_managed(tx, actor, userid)
    if before.status == "departed":
        raise WrongStatus(before.status)
    if patch.role is not msgspec.UNSET and patch.role != before.role:
        _change_role(tx, actor, before, patch.role)
    return _apply(tx, actor, before, patch)


def change_me(tx: Tx, actor: MemberActor, patch: MemberPatch) -> Member:
    """Change what members change about themselves (alias, introduction, avatar). Announces MemberChanged."""
    return _apply(tx, actor, get_member(tx, actor.corp_id, actor.userid), patch)


def _change_role(tx: Tx, actor: MemberActor, before: Member, role: Role) -> None:
    if actor.role != "owner":
        raise OwnerRequired
    if before.role == "owner" and not has_other_owner(tx, actor.corp_id, before.userid):
        raise LastOwner
    set_role(tx, actor.corp_id, before.userid, role)


def _apply(tx: Tx, actor: MemberActor, before: Member, patch: MemberPatch) -> Member:
    corp_id, userid = actor.corp_id, before.userid
    unset = msgspec.UNSET
    name = before.name if patch.name is unset else clean_line("name", patch.name, MAX_NAME)
    alias = _line(before.alias, "alias", patch.alias, MAX_NAME)
    phone = before.phone
    if patch.phone is not unset:
        phone = parse_phone(patch.phone) if patch.phone else None
        set_phone(tx, corp_id, userid, phone)
    avatar: str | None = tx.one(_avatar, corp_id=corp_id, userid=userid)
    if patch.avatar_file_id is not unset and patch.avatar_file_id != avatar:
        avatar = patch.avatar_file_id
        if avatar is not None:
            image_publishing.joined(tx, actor, avatar)
    departments = before.departments
    if patch.departments is not unset:
        departments = _checked_departments(tx, corp_id, patch.departments)
        _seat(tx, corp_id, userid, departments)
    introduction = before.introduction
    if patch.introduction is not unset:
        introduction = clean_paragraph("introduction", patch.introduction, MAX_INTRODUCTION)
    tx.run(
        _change,
        corp=corp_id,
        who=userid,
        new_name=name,
        new_alias=alias,
        new_post=_line(before.post, "post", patch.post, MAX_NAME),
        new_phone=phone,
        new_store_name=_line(before.store_name, "store_name", patch.store_name, MAX_LINE),
        new_store_address=_line(before.store_address, "store_address", patch.store_address, MAX_ADDRESS),
        new_hours=_line(before.hours, "hours", patch.hours, MAX_LINE),
        new_introduction=introduction,
        new_avatar=avatar,
        new_departments=msgspec.json.encode(departments).decode(),
        new_role=before.role if patch.role is unset else patch.role,
        new_serves=int(before.serves_customers if patch.serves_customers is unset else patch.serves_customers),
        new_sort_key=sort_key(name),
        new_search=search_keys(userid, name, alias, phone),
    )
    tx.emit(corp_id, MemberChanged(userid), EVERYONE)
    return get_member(tx, corp_id, userid)


def _line(before: str | None, path: str, new: str | msgspec.UnsetType | None, most: int) -> str | None:
    return before if new is msgspec.UNSET else clean_optional_line(path, new, most)
