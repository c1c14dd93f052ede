"""The facts that identity announces."""

from rapport.kernel.journal import Fact, fact


@fact("identity.sessions_revoked")
class SessionsRevoked(Fact, frozen=True):
    """Sessions ended; every socket they hold is closed. Audience: those sessions."""

    session_ids: tuple[str, ...]


@fact("identity.account_disabled")
class AccountDisabled(Fact, frozen=True):
    """A member can no longer sign in. Audience: nobody."""

    userid: str


@fact("identity.account_enabled")
class AccountEnabled(Fact, frozen=True):
    """A member can sign in again. Audience: nobody."""

    userid: str


@fact("identity.consumer_changed")
class ConsumerChanged(Fact, frozen=True):
    """A consumer's nickname, picture, language, choices or phone changed. Audience: the consumer."""

    consumer_id: str


@fact("identity.consumer_merged")
class ConsumerMerged(Fact, frozen=True):
    """A guest turned out to be a known consumer. Audience: the known consumer."""

    guest_id: str
    consumer_id: str


SessionsRevoked.example = SessionsRevoked(("01k8z3v7p2m4q6s8t0w2y4a6c8",))
AccountDisabled.example = AccountDisabled("chenxiaoyu")
AccountEnabled.example = AccountEnabled("chenxiaoyu")
ConsumerChanged.example = ConsumerChanged("01k8z3v7p2m4q6s8t0w2y4a6c9")
ConsumerMerged.example = ConsumerMerged("01k8z3v7p2m4q6s8t0w2y4a6ca", "01k8z3v7p2m4q6s8t0w2y4a6c9")
