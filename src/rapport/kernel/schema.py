"""The one MetaData that every feature's tables belong to, and the column types that both engines share.

Times are integer microseconds (UTC), flags are small integers, ids and enums are text, structured values are JSON text:
compiled statements run on the driver without SQLAlchemy's type processors, so nothing may depend on them.
"""

from sqlalchemy import BigInteger, Column, Integer, MetaData, SmallInteger, String

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)

# SQLite hands out AUTOINCREMENT only for INTEGER; PostgreSQL needs 64 bits.
BigId = BigInteger().with_variant(Integer, "sqlite")


def text(name: str, *, nullable: bool = False, primary_key: bool = False) -> "Column[str]":
    """Return a text column."""
    return Column(name, String, nullable=nullable, primary_key=primary_key)


def moment(name: str, *, nullable: bool = False) -> "Column[int]":
    """Return a column for an instant in microseconds (UTC)."""
    return Column(name, BigInteger, nullable=nullable)


def number(
    name: str, *, nullable: bool = False, primary_key: bool = False, default: int | None = None
) -> "Column[int]":
    """Return a 64-bit integer column; ``default`` becomes the server's default."""
    server_default = None if default is None else str(default)
    return Column(
        name, BigInteger, nullable=nullable, primary_key=primary_key, autoincrement=False, server_default=server_default
    )


def flag(name: str, *, default: int = 0) -> "Column[int]":
    """Return a column for a flag, 0 or 1."""
    return Column(name, SmallInteger, nullable=False, server_default=str(default))
