"""Policies as owners and administrators read and set them."""

from typing import Annotated, Any, cast

import msgspec
from litestar import get, put
from litestar.params import JSONBody, PathParameter

from rapport.features.organization.errors import AboveCeiling
from rapport.features.organization.types import PolicyItem, PolicyList
from rapport.kernel.actor import Locale
from rapport.kernel.errors import NotFound
from rapport.kernel.http.requests import AdminRequest, admin_only, locale_of, perform, runtime
from rapport.kernel.policy import PLATFORM, Policy, StoredPolicy, get_policy, list_stored, registry, set_policy
from rapport.kernel.tx import ReadTx, Tx

AnyPolicy = Policy[int] | Policy[bool] | Policy[str]
PolicyName = Annotated[str, PathParameter(max_length=128)]


class PolicyValue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The value to set; null goes back to the preset."""

    value: int | bool | str | None


def _item(
    tx: ReadTx,
    corp_id: str,
    policy: AnyPolicy,
    *,
    own: StoredPolicy | None,
    ceiling: StoredPolicy | None,
    locale: Locale,
) -> PolicyItem:
    return PolicyItem(
        name=policy.name,
        unit=policy.unit,
        value=get_policy(tx, corp_id, cast("Policy[int]", policy)),
        default=policy.default,
        presets=dict(policy.presets),
        minimum=policy.minimum,
        maximum=policy.maximum,
        ceiling=None if ceiling is None else msgspec.json.decode(ceiling.value, type=int | bool | str),
        source=policy.source,
        description=policy.zh if locale == "zh-CN" else policy.en,
        changed_at=None if own is None else own.changed_at,
        changed_by=None if own is None else own.changed_by,
    )


def _list(tx: ReadTx, corp_id: str, locale: Locale) -> PolicyList:
    own, ceilings = list_stored(tx, corp_id), list_stored(tx, PLATFORM)
    names = sorted(name for name, policy in registry.items() if policy.scope == "corp")
    return PolicyList(
        [
            _item(tx, corp_id, registry[name], own=own.get(name), ceiling=ceilings.get(name), locale=locale)
            for name in names
        ]
    )


def _set(tx: Tx, corp_id: str, name: str, *, value: int | bool | str | None, by: str, locale: Locale) -> PolicyItem:
    policy = registry.get(name)
    if policy is None or policy.scope != "corp":
        raise NotFound
    ceiling = list_stored(tx, PLATFORM).get(name)
    set_policy(tx, corp_id, name, value, by)
    if ceiling is not None and type(value) is int:
        most = msgspec.json.decode(ceiling.value, type=int)
        if value > most:
            raise AboveCeiling(ceiling=most)
    return _item(tx, corp_id, policy, own=list_stored(tx, corp_id).get(name), ceiling=ceiling, locale=locale)


@get("/api/admin/policies", guards=[admin_only], operation_id="listPolicies", tags=["policies"])
async def list_policies(request: AdminRequest) -> PolicyList:
    """List every limit of the corp with its value, its presets, its source and who changed it last."""
    corp_id, locale = request.user.corp_id, locale_of(request)
    return await runtime(request).db.read(lambda tx: _list(tx, corp_id, locale))


@put("/api/admin/policies/{name:str}", guards=[admin_only], operation_id="setPolicy", tags=["policies"])
async def put_policy(request: AdminRequest, name: PolicyName, data: JSONBody[PolicyValue]) -> PolicyItem:
    """Set a limit of the corp, within its bounds and below the platform's ceiling; every change is kept."""
    me, locale = request.user, locale_of(request)
    return await perform(
        request, lambda tx: _set(tx, me.corp_id, name, value=data.value, by=me.userid, locale=locale), PolicyItem
    )


routes: list[Any] = [list_policies, put_policy]
