"""Who acts: every command and query takes an actor, and the actor decides the tenant."""

from typing import Literal

import msgspec

Surface = Literal["staff", "consumer", "admin", "operator"]
Locale = Literal["zh-CN", "en"]
Role = Literal["owner", "admin", "member"]


class MemberActor(msgspec.Struct, frozen=True):
    """A member of one corp, signed in on the staff or the admin surface."""

    corp_id: str
    userid: str
    session_id: str
    role: Role
    surface: Surface
    locale: Locale

    @property
    def person(self) -> str:
        """The member's person id inside the corp."""
        return f"m:{self.userid}"


class ConsumerActor(msgspec.Struct, frozen=True):
    """A consumer, known to the platform once, across corps."""

    consumer_id: str
    session_id: str
    locale: Locale


class OperatorActor(msgspec.Struct, frozen=True):
    """Somebody who runs the platform: founds, verifies and suspends corps, and belongs to none."""

    operator_id: str
    session_id: str
    locale: Locale


class SystemActor(msgspec.Struct, frozen=True):
    """The product itself, on behalf of one corp; ``reason`` says which rule acted."""

    corp_id: str
    reason: str


SignedIn = MemberActor | ConsumerActor | OperatorActor
Actor = SignedIn | SystemActor
