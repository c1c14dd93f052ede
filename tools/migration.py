"""Write the next migration from the difference between the tables and the migrations.

``tools/migration.py 0002 "Say why."``.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from rapport.kernel.schema import metadata
from rapport.migrations import FOLDER, migrate
from rapport.tables import import_tables

TEMPLATE = '''"""{message}"""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = {down}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    {body}
'''


def main(revision: str, message: str) -> None:
    """Compare and write; the result is read and mended by hand before it is committed."""
    import_tables()
    known = sorted(path.stem for path in (FOLDER / "versions").glob("[0-9]*.py"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "now.db"
        if known:
            migrate(path)
        with create_engine(f"sqlite:///{path}").connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            script = produce_migrations(context, metadata)
    assert script.upgrade_ops is not None
    body = render_python_code(script.upgrade_ops)
    down = f'"{known[-1][:4]}"' if known else "None"
    target = FOLDER / "versions" / f"{revision}_{message.lower().rstrip('.').replace(' ', '_')}.py"
    target.write_text(TEMPLATE.format(message=message, revision=revision, down=down, body=body))
    for fixer in (["check", "--fix", "-q"], ["format", "-q"]):
        subprocess.run([sys.executable, "-m", "ruff", *fixer, str(target)], check=False)
    print(f"{target}: read it, then set HEAD in {FOLDER / '__init__.py'}")


if __name__ == "__main__":
    main(*sys.argv[1:3])
