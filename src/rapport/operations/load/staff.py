"""The corp's departments, members and codes: how many there are is known, so their rows are the same each time."""

from random import Random
from typing import Any

import msgspec
from sqlalchemy import Table

from rapport.features.customers.queries.tallies import CODES_IN_USE
from rapport.features.customers.tables import contact_code, contact_way, contact_way_member, corp_tally
from rapport.features.identity.tables import account
from rapport.features.organization.actions.departments import ROOT
from rapport.features.organization.actions.spelling import search_keys, sort_key
from rapport.features.organization.tables import department, member, member_department, window_directory
from rapport.kernel.ids import code_of
from rapport.operations.load.plans import Plan
from rapport.operations.load.words import FIRST, POSTS, REGIONS, SECOND, SURNAMES

Rows = list[tuple[Any, ...]]
MEMBERS_OF_A_STORE = 16
BEHIND_A_STORES_CODE = 8
OWNER = "u00000"
CODE_BITS = 80


class Employee(msgspec.Struct, frozen=True):
    """A member as far as customers' rows need to know one."""

    userid: str
    code: str
    stores_code: str | None
    """The code of the store, where this member answers it too."""
    store: str


def employees(plan: Plan) -> list[Employee]:
    """Return the members, in order of their userids."""
    rng = Random(f"{plan.seed}/codes")  # noqa: S311  no secret
    made: list[Employee] = []
    stores_code = ""
    for number in range(plan.size.members):
        store, place = divmod(number, MEMBERS_OF_A_STORE)
        if place == 0:
            stores_code = code_of(rng.getrandbits(CODE_BITS), CODE_BITS // 5)
        made.append(
            Employee(
                userid=f"u{number:05}",
                code=code_of(rng.getrandbits(CODE_BITS), CODE_BITS // 5),
                stores_code=stores_code if place < BEHIND_A_STORES_CODE else None,
                store=f"{REGIONS[store % len(REGIONS)]}第{store + 1}店",
            )
        )
    return made


def staff_rows(plan: Plan) -> list[tuple[Table, Rows]]:
    """Return every row of the tree, of the members and their codes, tables in the order in which they refer."""
    people = employees(plan)
    departments = _departments(plan)
    seats: Rows = []
    members: Rows = []
    accounts: Rows = []
    windows: Rows = []
    for number, employee in enumerate(people):
        seat = _department_of(number)
        window = code_of(Random(f"{plan.seed}/{employee.userid}").getrandbits(CODE_BITS), CODE_BITS // 5)  # noqa: S311
        members.append(_member(plan, number, employee, seat, window))
        accounts.append(_account(plan, employee))
        windows.append((window, plan.corp_id, employee.userid))
        seats.append((plan.corp_id, seat, employee.userid))
    codes, ways, behind = _ways(plan, people)
    return [
        (department, departments),
        (member, members),
        (account, accounts),
        (window_directory, windows),
        (member_department, seats),
        (contact_code, codes),
        (contact_way, ways),
        (contact_way_member, behind),
        (corp_tally, [(plan.corp_id, CODES_IN_USE, len(ways))]),
    ]


def _departments(plan: Plan) -> Rows:
    """Regions below the root that the corp has already, stores below the regions."""
    stores = -(-plan.size.members // MEMBERS_OF_A_STORE)
    first = ROOT + 1
    rows: Rows = [(plan.corp_id, first + place, ROOT, name, place + 1) for place, name in enumerate(REGIONS)]
    for store in range(stores):
        name = f"{REGIONS[store % len(REGIONS)]}第{store + 1}店"
        parent = first + store % len(REGIONS)
        rows.append((plan.corp_id, first + len(REGIONS) + store, parent, name, store // len(REGIONS) + 1))
    return rows


def _department_of(number: int) -> int:
    return ROOT + 1 + len(REGIONS) + number // MEMBERS_OF_A_STORE


def _member(plan: Plan, number: int, employee: Employee, seat: int, window: str) -> tuple[Any, ...]:
    name = (
        SURNAMES[number % len(SURNAMES)]
        + FIRST[number // len(SURNAMES) % len(FIRST)]
        + SECOND[number // len(SURNAMES) // len(FIRST) % len(SECOND)]
    )
    is_owner = employee.userid == OWNER
    found = {
        "corp_id": plan.corp_id,
        "userid": employee.userid,
        "name": name,
        "alias": None,
        "post": "总经理" if is_owner else POSTS[number % len(POSTS)],
        "phone": None,
        "store_name": employee.store,
        "store_address": None,
        "hours": "10:00-22:00",
        "introduction": None,
        "avatar_file_id": None,
        "departments": f"[{seat}]",
        "role": "owner" if is_owner else "member",
        "status": "active",
        "real_name_verified_at": plan.began_at,
        "real_name_verified_by": OWNER,
        "window_id": window,
        "serves_customers": 1,
        "sort_key": sort_key(name),
        "search": search_keys(employee.userid, name, None, None),
        "created_at": plan.began_at,
        "departed_at": None,
    }
    return tuple(found[column.name] for column in member.columns)


def _account(plan: Plan, employee: Employee) -> tuple[Any, ...]:
    found = {
        "corp_id": plan.corp_id,
        "userid": employee.userid,
        "userid_key": employee.userid.casefold(),
        "phone": None,
        "password_hash": None,
        "password_version": 1,
        "role": "owner" if employee.userid == OWNER else "member",
        "locale": "zh-CN",
        "disabled": 0,
        "created_at": plan.began_at,
    }
    return tuple(found[column.name] for column in account.columns)


def _ways(plan: Plan, people: list[Employee]) -> tuple[Rows, Rows, Rows]:
    """Each member's own code, and one of each store that its first members answer in turn."""
    ways: Rows = []
    behind: Rows = []
    answering: dict[str, list[Employee]] = {}
    for employee in people:
        ways.append(_way(plan, employee.code, employee.userid, "", ""))
        behind.append((plan.corp_id, employee.code, employee.userid, 0, 0, plan.began_at))
        if employee.stores_code is not None:
            answering.setdefault(employee.stores_code, []).append(employee)
    for code, together in answering.items():
        ways.append(_way(plan, code, None, together[0].store, state_of(together[0])))
        behind += [
            (plan.corp_id, code, employee.userid, place, 0, plan.began_at) for place, employee in enumerate(together)
        ]
    codes: Rows = [(way[1], plan.corp_id) for way in ways]
    return codes, ways, behind


def state_of(employee: Employee) -> str:
    """Return what the code of a member's store says of where it hangs."""
    return employee.store


def _way(plan: Plan, code: str, own_of: str | None, remark: str, state: str) -> tuple[Any, ...]:
    found = {
        "corp_id": plan.corp_id,
        "code": code,
        "own_of": own_of,
        "remark": remark,
        "state": state,
        "skip_verify": 1,
        "exclusive": 0,
        "greeting": None,
        "valid_until": None,
        "closed_at": None,
        "created_at": plan.began_at,
        "created_by": own_of or OWNER,
        "accepted": 0,
        "turns": 0,
    }
    return tuple(found[column.name] for column in contact_way.columns)
