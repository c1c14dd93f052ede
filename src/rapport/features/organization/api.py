"""What other features, the demo and the command line may ask of organization."""

from rapport.features.organization.actions.corps import create_corp, verify_corp
from rapport.features.organization.actions.departments import create_department
from rapport.features.organization.actions.members import create_member
from rapport.features.organization.actions.standing import activate_member, verify_member
from rapport.features.organization.queries.corps import (
    ask_badge,
    badge_of,
    file_url,
    find_corps,
    get_corp,
    is_suspended,
)
from rapport.features.organization.queries.me import read_consumer_me, read_staff_me
from rapport.features.organization.queries.members import ask_members, find_members, get_member, member_person
from rapport.features.organization.queries.windows import check_serving, get_window

__all__ = [
    "activate_member",
    "ask_badge",
    "ask_members",
    "badge_of",
    "check_serving",
    "create_corp",
    "create_department",
    "create_member",
    "file_url",
    "find_corps",
    "find_members",
    "get_corp",
    "get_member",
    "get_window",
    "is_suspended",
    "member_person",
    "read_consumer_me",
    "read_staff_me",
    "verify_corp",
    "verify_member",
]
