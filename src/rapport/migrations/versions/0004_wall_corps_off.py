"""Wall corps off from each other."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = (
    "account",
    "contact_way",
    "contact_way_member",
    "conversation",
    "corp_tally",
    "customer",
    "department",
    "entry",
    "failed_sign_in",
    "file_grant",
    "greeting",
    "member",
    "member_department",
    "participant",
    "policy_history",
    "policy_value",
    "relation",
    "stored_file",
    "welcome",
)
REACHED = (
    "strpos(current_setting('rapport.corps', true), ',' || corp_id || ',') > 0"
    " OR current_setting('rapport.corps', true) = '*'"
)


def upgrade() -> None:
    """Apply; the owner of the tables is not held by it, nor is the version before, which serves as the owner."""
    if op.get_context().dialect.name != "postgresql":
        return
    for table in TABLES:
        op.execute(f"CREATE POLICY corp ON {table} USING ({REACHED})")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    # What a consumer uploads is no corp's.
    op.execute("CREATE POLICY consumer ON stored_file USING (corp_id = '')")
    # Values of the platform stand under no corp and hold for all.
    op.execute("CREATE POLICY platform ON policy_value FOR SELECT USING (corp_id = '')")
