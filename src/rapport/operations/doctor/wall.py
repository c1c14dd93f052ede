"""Whether PostgreSQL itself keeps corps apart, behind the statements that do."""

from sqlalchemy import text

from rapport.kernel.statements import scalar
from rapport.kernel.tx import ReadTx
from rapport.operations.doctor.findings import Finding, ok, warning
from rapport.settings import Settings

_is_held = scalar(text("SELECT row_security_active('entry')"))


def check_wall(tx: ReadTx, settings: Settings) -> Finding:
    """Look whether row-level security holds the role of RAPPORT_DATABASE_URL."""
    if settings.database_url is None:
        return ok("wall", "The embedded database has no roles: its statements keep corps apart.")
    if tx.one(_is_held):
        return ok("wall", "Row-level security holds whoever serves to the corps that each transaction names.")
    return warning(
        "wall",
        "Row-level security does not hold the role of RAPPORT_DATABASE_URL, for it owns the tables or passes them.",
        "Make a role that owns nothing, run `rapport migrate --grant ROLE` as the owner, and serve as that role.",
    )
