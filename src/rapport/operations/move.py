# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# apsw's stubs leave its row types partly unknown.
"""Moving an embedded installation to PostgreSQL: all of it or nothing, and nothing changes where it came from.

The epoch stays and numbers go on above the old ones: clients and programs resume from the cursors that they hold.
"""

import msgspec

from rapport.database import FILE_NAME
from rapport.migrations import HEAD, SchemaError
from rapport.operations.embedded import owning_file
from rapport.operations.engines import carry_over, connected_to
from rapport.operations.errors import OperationError
from rapport.operations.tallies import Tally
from rapport.settings import Settings


class Moved(msgspec.Struct, frozen=True):
    """What a move came to."""

    tables: dict[str, Tally]

    @property
    def rows(self) -> int:
        """How many rows there were in all."""
        return sum(tally.rows for tally in self.tables.values())


def move(settings: Settings, to: str) -> Moved:
    """Carry a stopped embedded installation into a bare PostgreSQL database; raises OperationError."""
    path = settings.data / FILE_NAME
    if not path.exists():
        raise OperationError(f"There is no embedded installation in {settings.data} to move.")
    with owning_file(path) as source:
        revision = str(source.execute("SELECT version_num FROM alembic_version").fetchall()[0][0])
        if revision != HEAD:
            raise OperationError(
                f"{path} is at revision {revision}, this program at {HEAD}: run `rapport migrate` first."
            )
        try:
            with connected_to(to, writing=True) as target:
                carried, _ = carry_over(source, target, renew=False)
        except SchemaError as error:
            raise OperationError(str(error).replace("RAPPORT_DATABASE_URL", "--to")) from error
    return Moved(carried)
