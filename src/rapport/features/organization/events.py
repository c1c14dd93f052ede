"""The facts that organization announces; all go to every member of the corp who is connected."""

from rapport.kernel.journal import Audience, Fact, fact

EVERYONE = Audience(corp=True)


@fact("organization.corp_changed")
class CorpChanged(Fact, frozen=True):
    """The corp's name, short name, logo, time zone, verification or suspension changed."""

    corp_id: str


@fact("organization.department_changed")
class DepartmentChanged(Fact, frozen=True):
    """A department was created, changed or removed."""

    department_id: int


@fact("organization.member_created")
class MemberCreated(Fact, frozen=True):
    """A member was added to the corp."""

    userid: str


@fact("organization.member_changed")
class MemberChanged(Fact, frozen=True):
    """What colleagues or customers see of a member, or the member's status, changed."""

    userid: str


@fact("organization.member_departed")
class MemberDeparted(Fact, frozen=True):
    """A member left the corp; the window says so, and what the member had waits for a successor."""

    userid: str


CorpChanged.example = CorpChanged("ww1a2b3c4d5e6f7g8h")
DepartmentChanged.example = DepartmentChanged(3)
MemberCreated.example = MemberCreated("chenxiaoyu")
MemberChanged.example = MemberChanged("chenxiaoyu")
MemberDeparted.example = MemberDeparted("chenxiaoyu")
