"""Making, changing and closing contact ways."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from sqlalchemy import delete, insert, update

from rapport.features.customers.access import access_way_to_change, is_administrator
from rapport.features.customers.actions.greetings import check_greeting
from rapport.features.customers.actions.tallies import add_to_tally
from rapport.features.customers.errors import NotYourContactWay, TooManyContactWays, TooManyWayMembers
from rapport.features.customers.events import ContactWayChanged
from rapport.features.customers.policies import (
    contact_way_days_max,
    contact_way_members,
    contact_way_minutes_min,
    contact_way_quota,
    contact_way_remark_length,
    contact_way_state_length,
)
from rapport.features.customers.queries.contact_ways import WayRow, find_own_way, get_way, list_userids
from rapport.features.customers.queries.tallies import CODES_IN_USE, read_tally
from rapport.features.customers.tables import contact_code, contact_way, contact_way_member
from rapport.features.customers.types import GreetingParts, Id
from rapport.features.organization.api import check_serving
from rapport.kernel.actor import MemberActor
from rapport.kernel.clock import DAY, MINUTE
from rapport.kernel.errors import InvalidInput, NotFound
from rapport.kernel.ids import new_code
from rapport.kernel.journal import Audience
from rapport.kernel.policy import get_policy
from rapport.kernel.statements import command, insertion, p, scalar
from rapport.kernel.texts import clean_optional_line
from rapport.kernel.tx import Tx

Members = Annotated[list[Id], msgspec.Meta(min_length=1, max_length=1000)]
Line = Annotated[str, msgspec.Meta(max_length=200)]

_w, _m = contact_way.c, contact_way_member.c
_list_code = insertion(insert(contact_code))
_insert = insertion(insert(contact_way))
_insert_member = insertion(insert(contact_way_member))
_here = (_w.corp_id == p("in_corp"), _w.code == p("of_code"))
_change = command(
    update(contact_way)
    .where(*_here)
    .values({name: p(name) for name in ("remark", "state", "skip_verify", "exclusive", "greeting", "valid_until")})
)
_close = command(update(contact_way).where(*_here, _w.closed_at.is_(None)).values(closed_at=p("now"), own_of=None))
_next_turn = scalar(update(contact_way).where(*_here).values(turns=_w.turns + 1).returning(_w.turns))
_count = command(update(contact_way).where(*_here).values(accepted=_w.accepted + 1))
_take_turn = command(
    update(contact_way_member)
    .where(_m.corp_id == p("in_corp"), _m.code == p("of_code"), _m.userid == p("who"))
    .values(turn=p("turn"))
)
_drop_member = command(
    delete(contact_way_member).where(_m.corp_id == p("in_corp"), _m.code == p("of_code"), _m.userid == p("who"))
)
_place_member = command(
    update(contact_way_member)
    .where(_m.corp_id == p("in_corp"), _m.code == p("of_code"), _m.userid == p("who"))
    .values(position=p("place"))
)


class NewContactWay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A code to be made; without ``members`` it is the maker's. ``valid_until`` null: until it is closed."""

    remark: Line = ""
    state: Line = ""
    skip_verify: bool = True
    exclusive: bool = False
    greeting: GreetingParts | None = None
    valid_until: int | None = None
    members: Members | None = None


class ContactWayPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What changes about a code; an absent field stays as it is, null takes a greeting or a validity away."""

    remark: Line | msgspec.UnsetType = msgspec.UNSET
    state: Line | msgspec.UnsetType = msgspec.UNSET
    skip_verify: bool | msgspec.UnsetType = msgspec.UNSET
    exclusive: bool | msgspec.UnsetType = msgspec.UNSET
    greeting: GreetingParts | msgspec.UnsetType | None = msgspec.UNSET
    valid_until: int | msgspec.UnsetType | None = msgspec.UNSET
    members: Members | msgspec.UnsetType = msgspec.UNSET


def take_turn(tx: Tx, corp_id: str, code: str, userid: str) -> None:
    """Note that a member of a way was given a customer, so that the others come first next time."""
    turn = tx.one(_next_turn, in_corp=corp_id, of_code=code)
    tx.run(_take_turn, in_corp=corp_id, of_code=code, who=userid, turn=turn)


def count_accepted(tx: Tx, corp_id: str, code: str) -> None:
    """Count one more relation that a way began."""
    tx.run(_count, in_corp=corp_id, of_code=code)


def create_contact_way(tx: Tx, actor: MemberActor, new: NewContactWay) -> WayRow:
    """Make a code (product-rules.md §2b).

    Members make codes for themselves, administrators for everybody; each member behind it must be able to serve
    customers. Raises NotYourContactWay, MemberCannotServe, TooManyWayMembers, TooManyContactWays, InvalidInput,
    FileNotAttachable. Announces ContactWayChanged to its members and its maker.
    """
    members = _check_members(tx, actor, [actor.userid] if new.members is None else new.members)
    return _create(tx, actor, new, members, own_of=None)


def get_own_contact_way(tx: Tx, actor: MemberActor) -> WayRow:
    """Return the member's own code, made the first time (and again after it was closed).

    Raises MemberCannotServe and TooManyContactWays.
    """
    found = find_own_way(tx, actor.corp_id, actor.userid)
    if found is not None:
        return found
    check_serving(tx, actor.corp_id, actor.userid)
    return _create(tx, actor, NewContactWay(), [actor.userid], own_of=actor.userid)


def _create(tx: Tx, actor: MemberActor, new: NewContactWay, members: list[str], own_of: str | None) -> WayRow:
    quota = get_policy(tx, actor.corp_id, contact_way_quota)
    if read_tally(tx, actor.corp_id, CODES_IN_USE) >= quota:
        raise TooManyContactWays(limit=quota)
    code = new_code()
    tx.run(_list_code, code=code, corp_id=actor.corp_id)
    row = WayRow(
        corp_id=actor.corp_id,
        code=code,
        own_of=own_of,
        remark=_remark(tx, actor, new.remark),
        state=_state(tx, actor, new.state),
        skip_verify=int(new.skip_verify),
        exclusive=int(new.exclusive),
        greeting=None if new.greeting is None else check_greeting(tx, actor, new.greeting),
        valid_until=_validity(tx, actor, new.valid_until),
        closed_at=None,
        created_at=tx.now,
        created_by=actor.userid,
        accepted=0,
        turns=0,
    )
    tx.run(_insert, **msgspec.structs.asdict(row))
    for place, userid in enumerate(members):
        _add_member(tx, row, userid, place)
    add_to_tally(tx, actor.corp_id, CODES_IN_USE, 1)
    _announce(tx, row, members)
    return row


def change_contact_way(tx: Tx, actor: MemberActor, code: str, patch: ContactWayPatch) -> WayRow:
    """Change a code; members who stay keep their place in turn.

    Raises NotFound and NotYourContactWay, and what making one raises. Announces ContactWayChanged.
    """
    before = access_way_to_change(tx, actor, code)
    greeting = before.greeting
    if patch.greeting is not msgspec.UNSET:
        greeting = None if patch.greeting is None else check_greeting(tx, actor, patch.greeting)
    valid_until = before.valid_until
    if patch.valid_until is not msgspec.UNSET:
        valid_until = _validity(tx, actor, patch.valid_until)
    tx.run(
        _change,
        in_corp=actor.corp_id,
        of_code=code,
        remark=before.remark if patch.remark is msgspec.UNSET else _remark(tx, actor, patch.remark),
        state=before.state if patch.state is msgspec.UNSET else _state(tx, actor, patch.state),
        skip_verify=before.skip_verify if patch.skip_verify is msgspec.UNSET else int(patch.skip_verify),
        exclusive=before.exclusive if patch.exclusive is msgspec.UNSET else int(patch.exclusive),
        greeting=greeting,
        valid_until=valid_until,
    )
    members = list_userids(tx, actor.corp_id, [code]).get(code, [])
    concerned = list(members)
    if patch.members is not msgspec.UNSET:
        _replace_members(tx, actor, before, members, patch.members)
        concerned += patch.members
    after = get_way(tx, actor.corp_id, code)
    _announce(tx, after, concerned)
    return after


def close_contact_way(tx: Tx, actor: MemberActor, code: str) -> WayRow:
    """Close a code for good; closing it twice is closing it once. It stops counting towards the quota.

    Raises NotFound and NotYourContactWay. Announces ContactWayChanged.
    """
    access_way_to_change(tx, actor, code)
    if tx.run(_close, in_corp=actor.corp_id, of_code=code, now=tx.now):
        add_to_tally(tx, actor.corp_id, CODES_IN_USE, -1)
    after = get_way(tx, actor.corp_id, code)
    _announce(tx, after, list_userids(tx, actor.corp_id, [code]).get(code, []))
    return after


def _replace_members(tx: Tx, actor: MemberActor, way: WayRow, before: Sequence[str], wanted: Sequence[str]) -> None:
    members = _check_members(tx, actor, wanted)
    if way.own_of is not None and members != [way.own_of]:
        raise InvalidInput(
            "members", "这是成员自己的二维码，只能由本人接待", "this is a member's own code; nobody else can answer it"
        )
    key = {"in_corp": way.corp_id, "of_code": way.code}
    for gone in set(before) - set(members):
        tx.run(_drop_member, **key, who=gone)
    for place, userid in enumerate(members):
        if userid in before:
            tx.run(_place_member, **key, who=userid, place=place)
        else:
            _add_member(tx, way, userid, place)


def _add_member(tx: Tx, way: WayRow, userid: str, place: int) -> None:
    # A newcomer begins at the present turn: from 0 they would get every customer until they had caught up.
    tx.run(
        _insert_member,
        corp_id=way.corp_id,
        code=way.code,
        userid=userid,
        position=place,
        turn=way.turns,
        created_at=way.created_at,
    )


def _check_members(tx: Tx, actor: MemberActor, wanted: Sequence[str]) -> list[str]:
    members = list(dict.fromkeys(wanted))
    if members != [actor.userid] and not is_administrator(actor):
        raise NotYourContactWay
    limit = get_policy(tx, actor.corp_id, contact_way_members)
    if len(members) > limit:
        raise TooManyWayMembers(limit=limit)
    for place, userid in enumerate(members):
        try:
            check_serving(tx, actor.corp_id, userid)
        except NotFound as error:
            raise InvalidInput(f"members[{place}]", "没有这位成员", "there is no such member") from error
    return members


def _remark(tx: Tx, actor: MemberActor, given: str) -> str:
    return clean_optional_line("remark", given, get_policy(tx, actor.corp_id, contact_way_remark_length)) or ""


def _state(tx: Tx, actor: MemberActor, given: str) -> str:
    return clean_optional_line("state", given, get_policy(tx, actor.corp_id, contact_way_state_length)) or ""


def _validity(tx: Tx, actor: MemberActor, until: int | None) -> int | None:
    if until is None:
        return None
    minutes = get_policy(tx, actor.corp_id, contact_way_minutes_min)
    days = get_policy(tx, actor.corp_id, contact_way_days_max)
    if not tx.now + minutes * MINUTE <= until <= tx.now + days * DAY:
        raise InvalidInput(
            "valid_until",
            f"应在 {minutes} 分钟之后、{days} 天之内（微秒时间戳）",
            f"must be at least {minutes} minutes and at most {days} days from now (microseconds)",
        )
    return until


def _announce(tx: Tx, way: WayRow, members: Sequence[str]) -> None:
    people = tuple(dict.fromkeys(f"m:{userid}" for userid in (*members, way.created_by)))
    tx.emit(way.corp_id, ContactWayChanged(way.code), Audience(people=people))
