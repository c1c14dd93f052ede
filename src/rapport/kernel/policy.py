"""Policies: every limit of the product as typed data, never a constant.

Value of a policy = the corp's own value if set, else the preset's, clamped by the platform's ceiling. Two presets
come with the product: ``wecom-3.0`` (December 2019) and ``wecom-today``. Every change is kept with who and when.
"""

from collections.abc import Callable, Sequence
from typing import Generic, Literal, TypeVar

import msgspec
from sqlalchemy import PrimaryKeyConstraint, Table, delete, insert, select

from rapport.kernel.errors import InvalidInput, NotFound
from rapport.kernel.journal import Audience, Fact, fact
from rapport.kernel.schema import metadata, moment, number, text
from rapport.kernel.statements import command, insertion, p, query, upsert
from rapport.kernel.tx import ReadTx, Tx

Value = TypeVar("Value", int, bool, str)
PolicyType = TypeVar("PolicyType", bound="Policy[int] | Policy[bool] | Policy[str]")
Preset = Literal["wecom-3.0", "wecom-today"]
PLATFORM = ""
"""The corp_id under which the platform's ceilings are kept."""

policy_value = Table(
    "policy_value",
    metadata,
    text("corp_id"),
    text("name"),
    text("value"),
    number("version"),
    text("changed_by"),
    moment("changed_at"),
    PrimaryKeyConstraint("corp_id", "name"),
    sqlite_with_rowid=False,
)
policy_history = Table(
    "policy_history",
    metadata,
    text("corp_id"),
    text("name"),
    number("version"),
    text("value", nullable=True),
    text("changed_by"),
    moment("changed_at"),
    PrimaryKeyConstraint("corp_id", "name", "version"),
    sqlite_with_rowid=False,
)


class Policy(msgspec.Struct, Generic[Value], frozen=True):
    """One limit: its type is the type of ``default``; ``minimum`` and ``maximum`` bound what may be set."""

    name: str
    default: Value
    unit: str
    source: str
    zh: str
    en: str
    minimum: int | None = None
    maximum: int | None = None
    presets: dict[str, Value] = {}
    scope: Literal["corp", "platform"] = "corp"
    """``platform``: holds for everybody alike and is read and set under ``PLATFORM`` alone."""


class PolicyChanged(Fact, frozen=True):
    """A corp's value of a policy changed (``value`` None: back to the preset)."""

    name: str
    revision: int


fact("policy.changed")(PolicyChanged)
PolicyChanged.example = PolicyChanged("conversations.recall_towards_customer_s", 3)


class StoredPolicy(msgspec.Struct, frozen=True):
    """A value that somebody set."""

    name: str
    value: str
    version: int
    changed_by: str
    changed_at: int


registry: dict[str, "Policy[int] | Policy[bool] | Policy[str]"] = {}

preset_policy = Policy[str](
    name="platform.preset",
    default="wecom-3.0",
    unit="preset",
    source="product-rules.md §22",
    zh="没有单独设置的规则取自哪一套预设（wecom-3.0 或 wecom-today）",
    en="The preset from which rules without a value of their own are taken (wecom-3.0 or wecom-today)",
)
registry[preset_policy.name] = preset_policy


class _Set(msgspec.Struct, frozen=True):
    corp_id: str
    name: str
    value: str


_standing = query(
    select(policy_value.c.corp_id, policy_value.c.name, policy_value.c.value).where(
        policy_value.c.corp_id.in_([p("corp_id"), PLATFORM]),
        policy_value.c.name.in_([p("name"), preset_policy.name]),
    ),
    _Set,
)
_values = query(
    select(
        policy_value.c.name,
        policy_value.c.value,
        policy_value.c.version,
        policy_value.c.changed_by,
        policy_value.c.changed_at,
    ).where(policy_value.c.corp_id == p("corp_id")),
    StoredPolicy,
)
_insert = upsert(policy_value)
_put = command(
    _insert.values({column.name: p(column.name) for column in policy_value.columns}).on_conflict_do_update(
        index_elements=["corp_id", "name"],
        set_={
            "value": _insert.excluded.value,
            "version": _insert.excluded.version,
            "changed_by": _insert.excluded.changed_by,
            "changed_at": _insert.excluded.changed_at,
        },
    )
)
_remove = command(delete(policy_value).where(policy_value.c.corp_id == p("corp_id"), policy_value.c.name == p("name")))
_keep = insertion(insert(policy_history))
_last_version = query(
    select(policy_history.c.version)
    .where(policy_history.c.corp_id == p("corp_id"), policy_history.c.name == p("name"))
    .order_by(policy_history.c.version.desc())
    .limit(1),
    int,
)


def define(policy: PolicyType) -> PolicyType:
    """Register a policy; a name is taken once."""
    assert policy.name not in registry, f"two policies are called {policy.name}"
    registry[policy.name] = policy
    return policy


def get_policy(tx: ReadTx, corp_id: str, policy: "Policy[Value]") -> Value:
    """Return the value that holds for the corp now."""
    return ask_policy(tx, corp_id, policy)()


def ask_policy(tx: ReadTx, corp_id: str, policy: "Policy[Value]") -> Callable[[], Value]:
    """Ask for ``get_policy``."""
    memo = tx.memo if isinstance(tx, Tx) else None
    key = (corp_id, policy.name)
    if memo is not None and key in memo:
        return lambda: memo[key]
    asked = tx.ask(_standing, corp_id=corp_id, name=policy.name)

    def value() -> Value:
        found = _value_of(policy, corp_id, asked.all())
        if memo is not None:
            memo[key] = found
        return found

    return value


def _value_of(policy: "Policy[Value]", corp_id: str, standing: Sequence[_Set]) -> Value:
    """Return what holds of what stands in the table: the corp's own or its preset's, under the platform's ceiling."""
    kind = type(policy.default)
    found = {(row.corp_id, row.name): row.value for row in standing}
    stored, ceiling = found.get((corp_id, policy.name)), found.get((PLATFORM, policy.name))
    value: Value
    if stored is not None:
        value = msgspec.json.decode(stored, type=kind)
    else:
        preset = found.get((corp_id, preset_policy.name))
        chosen = msgspec.json.decode(preset, type=str) if preset else preset_policy.default
        value = policy.presets.get(chosen, policy.default)
    if ceiling is not None and isinstance(value, int) and not isinstance(value, bool):
        value = min(value, msgspec.json.decode(ceiling, type=kind))
    return value


def list_stored(tx: ReadTx, corp_id: str) -> dict[str, StoredPolicy]:
    """Return what the corp (or, for ``PLATFORM``, the platform) has set, by name."""
    return {stored.name: stored for stored in tx.all(_values, corp_id=corp_id)}


def set_policy(tx: Tx, corp_id: str, name: str, value: int | bool | str | None, changed_by: str) -> None:  # noqa: FBT001  a value may be a flag
    """Set a corp's value, or remove it (None) so that the preset holds again.

    Raises NotFound for an unknown name and InvalidInput for a value of another type or outside the bounds.
    Announces PolicyChanged to the corp.
    """
    policy = registry.get(name)
    if policy is None or (policy.scope == "platform" and corp_id != PLATFORM):
        raise NotFound
    if value is not None:
        check_value(policy, value)
    version = (tx.one(_last_version, corp_id=corp_id, name=name) or 0) + 1
    encoded = None if value is None else msgspec.json.encode(value).decode()
    stamp = {"corp_id": corp_id, "name": name, "version": version, "changed_by": changed_by, "changed_at": tx.now}
    tx.run(_keep, value=encoded, **stamp)
    if encoded is None:
        tx.run(_remove, corp_id=corp_id, name=name)
    else:
        tx.run(_put, value=encoded, **stamp)
    tx.memo.clear()
    tx.emit(corp_id, PolicyChanged(name, version), Audience(corp=corp_id != PLATFORM))


def check_value(policy: "Policy[int] | Policy[bool] | Policy[str]", value: int | bool | str) -> None:  # noqa: FBT001  a value may be a flag
    """Raise InvalidInput unless ``value`` is of the policy's type and within its bounds."""
    kind = type(policy.default)
    if type(value) is not kind:
        names = {int: ("整数", "an integer"), bool: ("true 或 false", "true or false"), str: ("文字", "a text")}
        raise InvalidInput("value", f"应为{names[kind][0]}", f"must be {names[kind][1]}")
    if policy is preset_policy and value not in {"wecom-3.0", "wecom-today"}:
        raise InvalidInput("value", "应为 wecom-3.0 或 wecom-today", "must be wecom-3.0 or wecom-today")
    if isinstance(value, int) and kind is int:
        low, high = policy.minimum, policy.maximum
        if (low is not None and value < low) or (high is not None and value > high):
            raise InvalidInput("value", f"应在 {low} 到 {high} 之间", f"must be between {low} and {high}")
