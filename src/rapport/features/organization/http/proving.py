"""Proving a password before any transaction: hashing takes tens of milliseconds and never happens inside one."""

import msgspec

from rapport.features.identity.api import (
    check_address,
    check_not_locked,
    check_password,
    find_account_by_login,
    hasher_of,
    renew_hash,
    sign_in_key,
)
from rapport.features.identity.types import Account
from rapport.features.organization.queries.corps import find_corp_by_name
from rapport.features.organization.types import Corp, Member
from rapport.kernel.http.requests import AnyRequest, runtime
from rapport.kernel.phones import find_phone
from rapport.kernel.tx import ReadTx


class Proof(msgspec.Struct, frozen=True):
    """What a password proved: ``account`` is None when it was wrong; failures count under ``corp_id`` and ``key``."""

    corp_id: str
    key: str
    account: Account | None


async def prove(request: AnyRequest, corp: str, login: str, password: str) -> Proof:
    """Verify a password, spending the same time whether corp and login exist. Raises LockedOut, TooManyRequests."""
    await check_address(request)
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
