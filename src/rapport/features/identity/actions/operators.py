"""Operators: who runs the platform. Made and helped on the machine's command line, never over the network."""

import re

from sqlalchemy import insert

from rapport.features.identity.actions.accounts import create_account, create_invitation, forget_password
from rapport.features.identity.errors import OperatorExists
from rapport.features.identity.queries import find_account_by_login, get_operator
from rapport.features.identity.tables import operator
from rapport.features.identity.types import InvitationPurpose, Operator
from rapport.kernel.errors import InvalidInput, NotFound
from rapport.kernel.policy import PLATFORM
from rapport.kernel.statements import insertion
from rapport.kernel.texts import clean_line
from rapport.kernel.tx import Tx

MAX_NAME = 64
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")
_insert = insertion(insert(operator))


def create_operator(tx: Tx, login: str, name: str) -> tuple[Operator, str]:
    """Add an operator; return them and the one-time secret with which they set a password.

    Raises OperatorExists (in any case of letters) and InvalidInput.
    """
    if _LOGIN.fullmatch(login) is None:
        raise InvalidInput(
            "operator",
            "由 1 到 64 个字母、数字或 _ . @ - 组成，以字母或数字开头",
            "1 to 64 letters, digits or _ . @ -, beginning with a letter or digit",
        )
    cleaned = clean_line("operator_name", name, MAX_NAME)
    if find_account_by_login(tx, PLATFORM, login, None) is not None:
        raise OperatorExists
    tx.run(_insert, operator_id=login, name=cleaned, created_at=tx.now)
    create_account(tx, PLATFORM, login, None, None, role="operator")
    return get_operator(tx, login), create_invitation(tx, PLATFORM, login, "invite")


def reset_operator(tx: Tx, login: str) -> tuple[Operator, str]:
    """Return a new one-time secret for an operator: sessions end, the password and earlier secrets stop working.

    A lock is lifted when the new password is set. Raises NotFound.
    """
    found = find_account_by_login(tx, PLATFORM, login, None)
    if found is None:
        raise NotFound
    purpose: InvitationPurpose = "invite" if found.password_hash is None else "reset"
    forget_password(tx, PLATFORM, found.userid)
    return get_operator(tx, found.userid), create_invitation(tx, PLATFORM, found.userid, purpose)
