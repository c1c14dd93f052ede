"""The welcome: a right to greet that lasts 20 seconds and is used once (product-rules.md §3)."""

import re

from sqlalchemy import insert, update

from rapport.features.customers.events import WelcomeSettled
from rapport.features.customers.policies import welcome_window_s
from rapport.features.customers.ports import greeting, system_line
from rapport.features.customers.queries.contact_ways import find_way, read_greeting
from rapport.features.customers.queries.customers import find_customers
from rapport.features.customers.queries.relations import find_relation
from rapport.features.customers.queries.welcomes import CORP_DEFAULT, WelcomeRow, find_greeting, find_welcome
from rapport.features.customers.tables import welcome
from rapport.features.customers.types import GreetingPart, GreetingParts, TextPart, WelcomeReason, WelcomeStatus
from rapport.features.organization.api import check_serving, get_window
from rapport.features.organization.errors import MemberCannotServe
from rapport.kernel.clock import SECOND
from rapport.kernel.errors import Refusal
from rapport.kernel.jobs import schedule
from rapport.kernel.journal import Audience
from rapport.kernel.policy import get_policy
from rapport.kernel.statements import command, insertion, p
from rapport.kernel.tx import Tx

SEND_WELCOME = "customers.send_welcome"

_insert = insertion(insert(welcome))
_settle_once = command(
    update(welcome)
    .where(welcome.c.corp_id == p("in_corp"), welcome.c.welcome_id == p("of"), welcome.c.status == "pending")
    .values(status=p("to"), reason=p("why"), at=p("now"))
)
_placeholder = re.compile(r"\{(customer|member|corp)\}")
_reasons: dict[str, WelcomeReason] = {
    "conversation_closed": "conversation_closed",
    "relation_ended": "relation_ended",
    "file_not_attachable": "file_missing",
    "text_too_long": "text_too_long",
}


def issue_welcome(tx: Tx, corp_id: str, userid: str, external_userid: str, code: str | None) -> str:
    """Give the right to greet a new customer and let the worker use it at once; return its id."""
    welcome_id = tx.ids.new()
    tx.run(
        _insert,
        corp_id=corp_id,
        welcome_id=welcome_id,
        userid=userid,
        external_userid=external_userid,
        code=code,
        status="pending",
        reason=None,
        expires_at=tx.now + get_policy(tx, corp_id, welcome_window_s) * SECOND,
        at=tx.now,
    )
    schedule(tx, corp_id, SEND_WELCOME, welcome_id, welcome_id)
    return welcome_id


def settle_welcome(tx: Tx, corp_id: str, welcome_id: str) -> None:
    """Send the welcome, or record why not; a second time it does nothing.

    The code's own greeting goes before the member's, the member's before the corp's; all parts are sent or none.
    Announces WelcomeSettled to the member, and writes the line ``welcome_skipped`` when it was not sent.
    """
    row = find_welcome(tx, corp_id, welcome_id)
    if row is None or row.status != "pending":
        return
    reason = "too_late" if tx.now > row.expires_at else _send(tx, row)
    status: WelcomeStatus = "sent" if reason is None else "expired" if reason == "too_late" else "skipped"
    tx.run(_settle_once, in_corp=corp_id, of=welcome_id, to=status, why=reason, now=tx.now)
    relation = find_relation(tx, corp_id, row.userid, row.external_userid)
    if reason is not None and relation is not None and relation.conversation_id is not None:
        key = f"{welcome_id}:skipped"
        system_line.joined(tx, corp_id, relation.conversation_id, key, "welcome_skipped", {"reason": reason})
    fact = WelcomeSettled(welcome_id, row.userid, row.external_userid, status, reason)
    tx.emit(corp_id, fact, Audience(people=(f"m:{row.userid}",)))


def _send(tx: Tx, row: WelcomeRow) -> WelcomeReason | None:
    """Send every part; the reason why not, else None."""
    relation = find_relation(tx, row.corp_id, row.userid, row.external_userid)
    if relation is None or relation.status != "active" or relation.conversation_id is None:
        return "relation_ended"
    parts = _choose(tx, row)
    if parts is None:
        return "no_greeting"
    try:
        check_serving(tx, row.corp_id, row.userid)
        with tx.savepoint():
            for place, part in enumerate(_with_names(tx, row, parts)):
                key = f"{row.welcome_id}:{place}"
                greeting.joined(tx, row.corp_id, relation.conversation_id, row.userid, key, part)
    except MemberCannotServe:
        return "member_cannot_serve"
    except Refusal as refusal:
        return _reasons.get(refusal.code, "refused")
    return None


def _choose(tx: Tx, row: WelcomeRow) -> GreetingParts | None:
    way = None if row.code is None else find_way(tx, row.corp_id, row.code)
    own = None if way is None else read_greeting(way.greeting)
    return own or find_greeting(tx, row.corp_id, row.userid) or find_greeting(tx, row.corp_id, CORP_DEFAULT)


def _with_names(tx: Tx, row: WelcomeRow, parts: GreetingParts) -> GreetingParts:
    window = get_window(tx, row.corp_id, row.userid)
    customer = find_customers(tx, row.corp_id, [row.external_userid])[row.external_userid]
    names = {"customer": customer.name, "member": window.name, "corp": window.corp.short_name}
    return [_fill(part, names) for part in parts]


def _fill(part: GreetingPart, names: dict[str, str]) -> GreetingPart:
    # In one pass: a nickname that looks like a placeholder stays a nickname.
    return TextPart(_placeholder.sub(lambda found: names[found[1]], part.text)) if isinstance(part, TextPart) else part
