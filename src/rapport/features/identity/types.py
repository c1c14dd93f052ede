"""What other features and the wire see of accounts, sessions and consumers."""

from typing import Literal

import msgspec

from rapport.kernel.actor import Locale, Role, SignedIn, Surface

InvitationPurpose = Literal["invite", "reset"]
AccountRole = Role | Literal["operator"]
"""What an account may do: a member's role in the corp, or, for an account of the platform itself, operator."""


class Session(msgspec.Struct, frozen=True):
    """A signed-in device as its owner, or an administrator of the corp, sees it."""

    session_id: str
    surface: Surface
    device: str
    user_agent: str
    ip: str
    created_at: int
    seen_at: int
    expires_at: int
    current: bool
    person: str | None
    userid: str | None


class OpenedSession(msgspec.Struct, frozen=True):
    """A session just opened; the secret exists here and on the device, the database keeps its hash."""

    secret: str
    session_id: str
    lasts_s: int


class LiveSession(msgspec.Struct, frozen=True):
    """Who holds a secret, and when the session was last noted as used."""

    actor: SignedIn
    seen_at: int


class Account(msgspec.Struct, frozen=True):
    """A sign-in credential of a member or, with the platform for a corp, of an operator.

    ``password_version`` grows with every change of the password.
    """

    corp_id: str
    userid: str
    phone: str | None
    password_hash: str | None
    password_version: int
    role: AccountRole
    locale: Locale
    disabled: int


class Invitation(msgspec.Struct, frozen=True):
    """A link by which a member sets a password, still good."""

    corp_id: str
    userid: str
    purpose: InvitationPurpose
    expires_at: int


class Operator(msgspec.Struct, frozen=True):
    """Somebody who runs the platform; ``operator_id`` is what they sign in with."""

    operator_id: str
    name: str
    created_at: int


class OperatorMe(msgspec.Struct, frozen=True):
    """Who is signed in on the operator surface."""

    operator: Operator
    session_id: str
    locale: Locale


class OperatorInvitation(msgspec.Struct, frozen=True):
    """Whose one-time secret it is, and whether it sets the first password or a new one."""

    name: str
    purpose: InvitationPurpose


class OperatorToken(msgspec.Struct, frozen=True):
    """A bearer token for the operator surface; shown once, and no longer good than a session of a browser."""

    token: str
    session_id: str
    lasts_s: int


class Consumer(msgspec.Struct, frozen=True):
    """A person on the customer side, known to the platform once, across corps."""

    consumer_id: str
    nickname: str
    phone: str | None
    avatar_file_id: str | None
    guest: bool
    receipts: bool
    locale: Locale
    merged_into: str | None


class SentCode(msgspec.Struct, frozen=True):
    """When the next code may be asked for and how long this one counts."""

    resend_after_s: int
    expires_in_s: int


class DemoCode(msgspec.Struct, frozen=True):
    """A one-time code as the demo's visible inbox shows it."""

    phone: str
    code: str
    sent_at: int


class DemoInbox(msgspec.Struct, frozen=True):
    """The latest codes sent to a phone, newest first."""

    items: list[DemoCode]


class SessionList(msgspec.Struct, frozen=True):
    """One's own devices; ``next`` is always null, a person has few."""

    items: list[Session]
    next: str | None
