"""Who answers a scanned code, before anything is written: what the landing page shows is what accepting does."""

from itertools import islice

import msgspec

from rapport.features.customers.errors import CustomersFull, NobodyServes, RequestDeclined
from rapport.features.customers.policies import declined_pause_hours, member_cap
from rapport.features.customers.queries.contact_ways import WayRow, find_way_by_code, list_in_turn, list_userids
from rapport.features.customers.queries.relations import KnownRelation, list_known
from rapport.features.customers.queries.tallies import read_tally, relations_of
from rapport.features.customers.types import Landing
from rapport.features.organization.api import check_serving, get_corp, get_window, is_suspended
from rapport.features.organization.errors import MemberCannotServe
from rapport.kernel.clock import HOUR
from rapport.kernel.errors import NotFound, Refusal
from rapport.kernel.policy import get_policy
from rapport.kernel.tx import ReadTx

MAX_WINDOWS = 20
LIVE = frozenset({"active", "requested"})


class Choice(msgspec.Struct, frozen=True):
    """The member who answers; ``relation`` when the consumer has one with them already, so that nothing new begins."""

    userid: str
    relation: KnownRelation | None


def choose_member(tx: ReadTx, way: WayRow, consumer_id: str | None) -> Choice:
    """Choose who answers a code for a consumer (None: a stranger).

    First a relation that the consumer has through this code or with one of its members, or, behind an exclusive
    code, with any member of the corp; then, in turn, the first member who can serve, has room and has not
    declined lately. A relation with a member who cannot serve any more counts only when nobody else can answer.
    Raises NobodyServes, CustomersFull, RequestDeclined.
    """
    members = list_in_turn(tx, way.corp_id, way.code)
    known = [] if consumer_id is None else list_known(tx, way.corp_id, consumer_id)
    live = [found for found in known if found.status in LIVE]
    here = [found for found in live if found.code == way.code] + [found for found in live if found.userid in members]
    for found in [*here, *live] if way.exclusive else here:
        if _can_serve(tx, way.corp_id, found.userid):
            return Choice(found.userid, found)
    if way.status(tx.now) != "open" and here:
        return Choice(here[0].userid, here[0])
    pause_us = get_policy(tx, way.corp_id, declined_pause_hours) * HOUR
    declined = {
        found.userid: found.ended_at + pause_us
        for found in known
        if found.status == "declined" and found.ended_at is not None and found.ended_at + pause_us > tx.now
    }
    try:
        return Choice(_next_in_turn(tx, way, members, declined), None)
    except (NobodyServes, RequestDeclined):
        if here:
            return Choice(here[0].userid, here[0])
        raise


def _next_in_turn(tx: ReadTx, way: WayRow, members: list[str], declined: dict[str, int]) -> str:
    """Choose from members in turn; ``declined`` says from when on those who declined may be asked again."""
    cap = get_policy(tx, way.corp_id, member_cap)
    full = False
    for userid in members:
        if userid in declined or not _can_serve(tx, way.corp_id, userid):
            continue
        if read_tally(tx, way.corp_id, relations_of(userid)) < cap:
            return userid
        full = True
    if full:
        raise CustomersFull(limit=cap)
    again_at = min((declined[userid] for userid in members if userid in declined), default=None)
    if again_at is None:
        raise NobodyServes
    raise RequestDeclined(again_at=again_at, now=tx.now)


def _can_serve(tx: ReadTx, corp_id: str, userid: str) -> bool:
    try:
        check_serving(tx, corp_id, userid)
    except MemberCannotServe:
        return False
    return True


def read_landing(tx: ReadTx, code: str, consumer_id: str | None) -> Landing:
    """Return what the page of a code shows; a code whose members cannot serve shows as closed. Raises NotFound."""
    way = find_way_by_code(tx, code)
    if way is None:
        raise NotFound
    members = list_userids(tx, way.corp_id, [code]).get(code, [])
    status = way.status(tx.now)
    chosen: Choice | None = None
    ask_again_at: int | None = None
    try:
        chosen = choose_member(tx, way, consumer_id)
    except NobodyServes:
        status = "closed" if status == "open" else status
    except RequestDeclined as refusal:
        ask_again_at = refusal.again_at
    except Refusal:
        # Full: the page shows the people, accepting says why not.
        chosen = None
    relation = None if chosen is None else chosen.relation
    if relation is None and consumer_id is not None:
        relation = _past_relation(tx, way, members, consumer_id)
    if is_suspended(tx, way.corp_id):
        status = "closed"
    serving = list(islice((userid for userid in members if _can_serve(tx, way.corp_id, userid)), MAX_WINDOWS))
    first = chosen.userid if chosen is not None else next(iter([*serving, *members]), None)
    shown = serving if first is None or first in serving else [*serving, first]
    windows = {userid: get_window(tx, way.corp_id, userid) for userid in shown}
    return Landing(
        code=code,
        status=status,
        corp=get_corp(tx, way.corp_id),
        window=windows[first] if first else None,
        windows=[windows[userid] for userid in serving],
        skip_verify=bool(way.skip_verify),
        relation_status=None if relation is None else relation.status,
        ask_again_at=ask_again_at,
        conversation_id=None if relation is None or relation.status == "requested" else relation.conversation_id,
    )


def _past_relation(tx: ReadTx, way: WayRow, members: list[str], consumer_id: str) -> KnownRelation | None:
    """A relation through this code that ended, was declined or expired, so that the page can say so."""
    known = list_known(tx, way.corp_id, consumer_id)
    return next((found for found in known if found.code == way.code and found.userid in members), None)
