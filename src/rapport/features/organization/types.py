"""Corps, people and windows as other features and the wire see them."""

from typing import Literal

import msgspec

from rapport.features.identity.types import InvitationPurpose
from rapport.kernel.actor import Locale, Role

MemberStatus = Literal["invited", "active", "suspended", "departed"]
CorpStatus = Literal["open", "suspended"]
DeedKind = Literal["corp_founded", "corp_verified", "corp_suspended", "corp_reopened", "owner_invited"]
WindowStatus = Literal["active", "suspended", "departed"]


class Corp(msgspec.Struct, frozen=True):
    """A tenant as anybody may see it; ``badge`` is ``@`` and the short name, computed here and nowhere else."""

    corp_id: str
    name: str
    short_name: str
    badge: str
    verified_at: int | None
    logo_url: str | None
    time_zone: str


class Person(msgspec.Struct, frozen=True):
    """Somebody on the other side of a screen: a member (``m:``) or a customer (``c:``), unique inside one corp.

    ``badge`` is set for members as consumers see them and null inside the corp. A ``suspended`` member does not answer
    for now, a ``departed`` one never again.
    """

    id: str
    name: str
    badge: str | None
    post: str | None
    avatar_url: str | None
    departed: bool
    suspended: bool


class Window(msgspec.Struct, frozen=True):
    """A member's outward face, with only what is meant for outside; ``checked_at`` is when the server answered."""

    window_id: str
    corp: Corp
    userid: str
    name: str
    badge: str
    post: str | None
    phone: str | None
    store_name: str | None
    store_address: str | None
    hours: str | None
    introduction: str | None
    avatar_url: str | None
    real_name_verified_at: int | None
    status: WindowStatus
    checked_at: int


class Member(msgspec.Struct, frozen=True):
    """An employee's account in a corp, as colleagues see it."""

    userid: str
    name: str
    alias: str | None
    post: str | None
    phone: str | None
    store_name: str | None
    store_address: str | None
    hours: str | None
    introduction: str | None
    avatar_url: str | None
    departments: list[int]
    role: Role
    status: MemberStatus
    real_name_verified_at: int | None
    window_id: str
    serves_customers: bool
    created_at: int
    last_seen_at: int | None


class Department(msgspec.Struct, frozen=True):
    """A node of the corp's tree; the root has id 1. ``members`` counts those in it and below, without departed ones."""

    id: int
    parent_id: int | None
    name: str
    order: int
    members: int


class StaffMe(msgspec.Struct, frozen=True):
    """Who is signed in on the staff or the admin surface."""

    member: Member
    corp: Corp
    session_id: str
    locale: Locale


class ConsumerMe(msgspec.Struct, frozen=True):
    """Who is signed in on the consumer surface; the phone is masked, ``corps`` are those met so far."""

    consumer_id: str
    nickname: str
    phone: str | None
    guest: bool
    avatar_url: str | None
    locale: Locale
    session_id: str
    receipts: bool
    corps: list[Corp]


class NewMember(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of a member at the beginning; texts are cleaned and the phone parsed by ``create_member``."""

    userid: str
    name: str
    phone: str | None = None
    alias: str | None = None
    post: str | None = None
    store_name: str | None = None
    store_address: str | None = None
    hours: str | None = None
    introduction: str | None = None
    departments: tuple[int, ...] = (1,)
    role: Role = "member"
    serves_customers: bool = True


class MemberPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an administrator or the member changes; an absent field stays, null empties it."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    phone: str | msgspec.UnsetType | None = msgspec.UNSET
    alias: str | msgspec.UnsetType | None = msgspec.UNSET
    post: str | msgspec.UnsetType | None = msgspec.UNSET
    store_name: str | msgspec.UnsetType | None = msgspec.UNSET
    store_address: str | msgspec.UnsetType | None = msgspec.UNSET
    hours: str | msgspec.UnsetType | None = msgspec.UNSET
    introduction: str | msgspec.UnsetType | None = msgspec.UNSET
    avatar_file_id: str | msgspec.UnsetType | None = msgspec.UNSET
    departments: tuple[int, ...] | msgspec.UnsetType = msgspec.UNSET
    role: Role | msgspec.UnsetType = msgspec.UNSET
    serves_customers: bool | msgspec.UnsetType = msgspec.UNSET


class CorpPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an owner or administrator changes about the corp; an absent field stays."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    short_name: str | msgspec.UnsetType = msgspec.UNSET
    logo_file_id: str | msgspec.UnsetType | None = msgspec.UNSET
    time_zone: str | msgspec.UnsetType = msgspec.UNSET


class NewOwner(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who will own a corp; with a phone the owner can sign in with that too."""

    userid: str
    name: str
    phone: str | None = None


class NewCorp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A corp to found: its full name as on its licence, the short name of the badge, and its first owner."""

    name: str
    short_name: str
    owner: NewOwner
    time_zone: str = "Asia/Shanghai"


class CorpOwner(msgspec.Struct, frozen=True):
    """An owner of a corp, as operators see who answers for it."""

    userid: str
    name: str
    status: MemberStatus


class OperatorCorp(msgspec.Struct, frozen=True):
    """A corp as operators see it; ``members`` counts those who have not left."""

    corp: Corp
    status: CorpStatus
    suspended_at: int | None
    created_at: int
    members: int
    owners: list[CorpOwner]


class FoundedCorp(msgspec.Struct, frozen=True):
    """A corp just founded, with the link to hand to its owner."""

    corp: OperatorCorp
    invitation_url: str


class OperatorDeed(msgspec.Struct, frozen=True):
    """Something an operator did to a corp; ``userid`` is the owner concerned, where one is."""

    deed_id: str
    operator_id: str
    kind: DeedKind
    corp_id: str
    userid: str | None
    reason: str | None
    at: int


class InvitationView(msgspec.Struct, frozen=True):
    """What somebody sees who opens a link: which corp, for whom, and whether it is the first password or a new one."""

    corp: Corp
    name: str
    purpose: InvitationPurpose


class InvitationLink(msgspec.Struct, frozen=True):
    """A link to hand to the member; it is shown once and stored hashed."""

    invitation_url: str


class InvitedMember(msgspec.Struct, frozen=True):
    """A member just added, with the link to hand over."""

    member: Member
    invitation_url: str


class Token(msgspec.Struct, frozen=True):
    """A program's bearer token; shown once."""

    token: str
    session_id: str


class PolicyItem(msgspec.Struct, frozen=True):
    """A limit as an administrator sees it: ``value`` holds now; ``ceiling`` is what the platform allows at most."""

    name: str
    unit: str
    value: int | bool | str
    default: int | bool | str
    presets: dict[str, int | bool | str]
    minimum: int | None
    maximum: int | None
    ceiling: int | bool | str | None
    source: str
    description: str
    changed_at: int | None
    changed_by: str | None


class PolicyList(msgspec.Struct, frozen=True):
    """Every policy that a corp may set."""

    items: list[PolicyItem]


class DepartmentList(msgspec.Struct, frozen=True):
    """The corp's whole tree by order; ``next`` is always null."""

    items: list[Department]
    next: str | None


class DepartmentPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is changed about a department; an absent field stays."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    parent_id: int | msgspec.UnsetType = msgspec.UNSET
    order: int | msgspec.UnsetType = msgspec.UNSET
