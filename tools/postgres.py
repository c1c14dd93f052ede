"""The PostgreSQL that tests and the cluster start: the one that is named, the one that is there, or the distribution's.

The cluster needs more beside it: who decides which of two databases is the primary, and a balancer.
"""

import os
from pathlib import Path

from distribution import install, which
from setup_step import SetupError

OLDEST = 15


def prepare_postgres() -> str:
    """The folder of PostgreSQL's programs; installs them where this user may.

    Raises SetupError with one instruction where there are none and none can be installed.
    """
    named = os.environ.get("POSTGRES_BIN")
    if named:
        if not os.access(Path(named) / "initdb", os.X_OK):
            raise SetupError(f"POSTGRES_BIN={named} holds no initdb that can be started.")
        return named
    found = _installed()
    if found is None and install(["postgresql"]):
        found = _installed()
    if found is None:
        raise SetupError(
            f"The tests need PostgreSQL {OLDEST} or newer. Install it (Debian: sudo apt-get install postgresql), "
            "or name its programs: POSTGRES_BIN=/path/to/bin make test"
        )
    return found


def prepare_cluster() -> str:
    """The folder of PostgreSQL's programs, when all that a cluster needs beside them is there too."""
    programs = prepare_postgres()
    packages = {"haproxy": ["haproxy"], "patroni": ["patroni", "python3-etcd"], "etcd": ["etcd-server"]}
    missing = [package for name, needed in packages.items() if which(name) is None for package in needed]
    if missing and not install(missing):
        raise SetupError(f"The cluster needs more. On Debian: sudo apt-get install {' '.join(missing)}")
    return programs


def _installed() -> str | None:
    """Debian keeps them outside of PATH, one folder per version."""
    versions = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdecimal()]
    newest = sorted(versions, key=lambda path: int(path.parent.name), reverse=True)
    here = [path for path in newest if (path / "initdb").is_file() and int(path.parent.name) >= OLDEST]
    if here:
        return str(here[0])
    initdb = which("initdb")
    return str(Path(initdb).parent) if initdb else None
