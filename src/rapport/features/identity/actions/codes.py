"""One-time codes: asked for, made at delivery, proven once."""

import secrets

import msgspec
from sqlalchemy import delete, func, insert, select, update

from rapport.features.identity.errors import CodeTooSoon, TooManyCodes, WrongCode
from rapport.features.identity.policies import code_attempts, code_minutes, code_resend_s, codes_per_phone_day
from rapport.features.identity.tables import demo_code, one_time_code
from rapport.features.identity.types import SentCode
from rapport.kernel.actor import Locale
from rapport.kernel.clock import DAY, MINUTE, SECOND
from rapport.kernel.ids import new_digits
from rapport.kernel.jobs import schedule
from rapport.kernel.keys import Keys
from rapport.kernel.policy import PLATFORM, get_policy
from rapport.kernel.statements import command, insertion, p, query, scalar
from rapport.kernel.tx import Tx

DELIVER = "identity.deliver_code"
DIGITS = 6
PLATFORM_WIDE = ""
PURPOSE = "one-time code"


class CodeDelivery(msgspec.Struct, frozen=True):
    """The body of the job that delivers a code: which one, never the code itself."""

    code_id: str


class PendingCode(msgspec.Struct, frozen=True):
    """A code that may still be delivered or proven."""

    code_id: str
    phone: str
    code_hash: str | None
    locale: Locale
    attempts: int
    created_at: int


_insert = insertion(insert(one_time_code))
_columns = (
    one_time_code.c.code_id,
    one_time_code.c.phone,
    one_time_code.c.code_hash,
    one_time_code.c.locale,
    one_time_code.c.attempts,
    one_time_code.c.created_at,
)
_good = (one_time_code.c.ended_at.is_(None), one_time_code.c.expires_at > p("now"))
_latest = query(
    select(*_columns)
    .where(one_time_code.c.phone == p("phone"), *_good)
    .order_by(one_time_code.c.created_at.desc())
    .limit(1),
    PendingCode,
)
_pending = query(select(*_columns).where(one_time_code.c.code_id == p("code_id"), *_good), PendingCode)
_last_sent = scalar(select(func.max(one_time_code.c.created_at)).where(one_time_code.c.phone == p("phone")))
_sent_since = scalar(
    select(func.count())
    .select_from(one_time_code)
    .where(one_time_code.c.phone == p("phone"), one_time_code.c.created_at > p("since"))
)
_end_others = command(
    update(one_time_code)
    .where(one_time_code.c.phone == p("of"), one_time_code.c.ended_at.is_(None))
    .values(ended_at=p("at"))
)
_set_hash = command(update(one_time_code).where(one_time_code.c.code_id == p("which")).values(code_hash=p("new")))
_try = command(
    update(one_time_code)
    .where(one_time_code.c.code_id == p("which"))
    .values(attempts=one_time_code.c.attempts + 1, ended_at=p("at"))
)
_forget = command(delete(one_time_code).where(one_time_code.c.created_at < p("before")))
_insert_demo = insertion(insert(demo_code))
_forget_demo = command(delete(demo_code).where(demo_code.c.sent_at < p("before")))


def _hash(keys: Keys, code_id: str, code: str) -> str:
    """Six digits are guessed at once by whoever holds a plain hash: the installation's secret is part of this one."""
    return keys.seal(PURPOSE, f"{code_id}/{code}")


def request_code(tx: Tx, phone: str, locale: Locale) -> SentCode:
    """Let a code be sent to a phone (E.164); one asked for before stops counting.

    The answer is the same whether anybody is known by that phone. Raises CodeTooSoon and TooManyCodes.
    """
    last: int | None = tx.one(_last_sent, phone=phone)
    pause_s = get_policy(tx, PLATFORM, code_resend_s)
    if last is not None and last + pause_s * SECOND > tx.now:
        raise CodeTooSoon(retry_after_s=-(-(last + pause_s * SECOND - tx.now) // SECOND))
    if (tx.one(_sent_since, phone=phone, since=tx.now - DAY) or 0) >= get_policy(tx, PLATFORM, codes_per_phone_day):
        raise TooManyCodes(retry_after_s=DAY // SECOND)
    code_id = tx.ids.new()
    life_us = get_policy(tx, PLATFORM, code_minutes) * MINUTE
    tx.run(_end_others, of=phone, at=tx.now)
    tx.run(
        _insert,
        code_id=code_id,
        phone=phone,
        code_hash=None,
        locale=locale,
        attempts=0,
        created_at=tx.now,
        expires_at=tx.now + life_us,
        ended_at=None,
    )
    schedule(tx, PLATFORM_WIDE, DELIVER, code_id, CodeDelivery(code_id))
    return SentCode(pause_s, life_us // SECOND)


def make_code(tx: Tx, keys: Keys, code_id: str) -> tuple[PendingCode, str] | None:
    """Return a code freshly made for delivery, or None when it is no longer wanted.

    Made here and not when it was asked for, so that only its hash is ever stored; a repeated delivery makes a new one.
    """
    pending = tx.one(_pending, code_id=code_id, now=tx.now)
    if pending is None:
        return None
    code = new_digits(DIGITS)
    tx.run(_set_hash, which=code_id, new=_hash(keys, code_id, code))
    return pending, code


def keep_demo_code(tx: Tx, phone: str, code: str) -> None:
    """Put a code into the demo's visible inbox."""
    tx.run(_insert_demo, code_id=tx.ids.new(), phone=phone, code=code, sent_at=tx.now)


def prove_code(tx: Tx, keys: Keys, phone: str, code: str) -> None:
    """Use up the phone's code; raises WrongCode (whose attempt stays on record) when it is not the one."""
    pending = tx.one(_latest, phone=phone, now=tx.now)
    if pending is None or pending.code_hash is None:
        raise WrongCode
    right = secrets.compare_digest(pending.code_hash, _hash(keys, pending.code_id, code))
    last = pending.attempts + 1 >= get_policy(tx, PLATFORM, code_attempts)
    tx.run(_try, which=pending.code_id, at=tx.now if right or last else None)
    if not right:
        raise WrongCode


def forget_codes(tx: Tx) -> None:
    """Forget codes older than two days (the daily limit looks back one)."""
    tx.run(_forget, before=tx.now - 2 * DAY)
    tx.run(_forget_demo, before=tx.now - DAY)
