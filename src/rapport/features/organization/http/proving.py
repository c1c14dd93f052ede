"""Proving a password before any transaction: hashing takes tens of milliseconds and never happens inside one."""

from typing import Annotated

import msgspec

from rapport.features.identity.api import (
    MAX_LENGTH,
    check_not_locked,
    check_password,
    find_account_by_login,
    hasher_of,
    renew_hash,
    sign_in_key,
    sign_ins_per_address_minute,
)
from rapport.features.identity.types import Account
from rapport.features.organization.queries.corps import find_corp_by_name
from rapport.features.organization.types import Corp, Member
from rapport.kernel.http.requests import AnyRequest, runtime
from rapport.kernel.http.signing_in import address_of
from rapport.kernel.phones import find_phone
from rapport.kernel.policy import PLATFORM, get_policy
from rapport.kernel.tx import ReadTx

MINUTE_S = 60
Typed = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Password = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_LENGTH)]
NewPassword = Annotated[str, msgspec.Meta(min_length=8, max_length=MAX_LENGTH)]
Device = Annotated[str, msgspec.Meta(max_length=100)]


class Proof(msgspec.Struct, frozen=True):
    """What a password proved: ``account`` is None when it was wrong; failures count under ``corp_id`` and ``key``."""

    corp_id: str
    key: str
    account: Account | None


def check_address(request: AnyRequest) -> None:
    """Raise TooManyRequests when sign-in was tried too often from the caller's network address."""
    rt = runtime(request)
    times = rt.db.read_here(lambda tx: get_policy(tx, PLATFORM, sign_ins_per_address_minute))
    rt.limiter.check("sign_in", address_of(request), times=times, per_s=MINUTE_S)


async def prove(request: AnyRequest, corp: str, login: str, password: str) -> Proof:
    """Verify a password, spending the same time whether corp and login exist. Raises LockedOut, TooManyRequests."""
    check_address(request)
    rt = runtime(request)

    def look(tx: ReadTx) -> tuple[str, str, Account | None]:
        named = find_corp_by_name(tx, corp)
        corp_id = corp if named is None else named.corp_id
        found = None if named is None else find_account_by_login(tx, corp_id, login, find_phone(login))
        key = sign_in_key(found, login)
        check_not_locked(tx, corp_id, key)
        return corp_id, key, found

    corp_id, key, found = await rt.db.read(look)
    hasher = hasher_of(rt.settings)
    stored = None if found is None else found.password_hash
    right = await hasher.verify(stored, password)
    if right and found is not None and stored is not None and hasher.needs_rehash(stored):
        proven, renewed = found, await hasher.hash(password)
        await rt.db.write(lambda tx: renew_hash(tx, proven, renewed))
    return Proof(corp_id, key, found if right else None)


async def hash_new_password(request: AnyRequest, password: str, corp: Corp, member: Member) -> str:
    """Return the hash of a new password; WeakPassword when it is common or made of the corp's or member's words."""
    words = (corp.name, corp.short_name, member.name, member.userid, member.phone or "", member.alias or "")
    check_password(password, (*words, (member.phone or "").removeprefix("+86"), "rapport"))
    return await hasher_of(runtime(request).settings).hash(password)
