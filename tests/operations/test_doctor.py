"""What the doctor says of sound installations, and of each way of not being sound."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apsw
import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from rapport.kernel.ids import Ids
from tests.conftest import RunningServer
from tests.operations.installations import Lived, diagnose, done, here, live, refused, serving

NewDatabase = Callable[[], str | None]
CHECKS = {
    "schema", "logs", "tails", "cursors", "numbers", "followers", "parked", "jobs", "leases", "clock", "store", "files",
    "wall", "disk", "keys", "public_url", "certificate", "sms",
}  # fmt: skip
FIT = {
    "RAPPORT_PUBLIC_URL": "https://talk.example.com",
    "RAPPORT_SMS": "http",
    "RAPPORT_SMS_URL": "https://sms.example.com",
}


class Installation:
    """A stopped installation that a test may spoil."""

    def __init__(self, folder: Path, url: str | None, lived: Lived) -> None:
        self.folder = folder
        self.url = url
        self.lived = lived

    def run(self, statement: str) -> None:
        """Change the database behind everybody's back."""
        if self.url is None:
            connection = apsw.Connection(str(self.folder / "rapport.db"))
            connection.execute(statement).fetchall()
            connection.close()
            return
        with psycopg.connect(self.url) as connection:
            connection.execute(statement.encode())

    def found(self, check: str, **environment: str) -> tuple[str, str]:
        """Return what one check says."""
        finding = diagnose(self.folder, self.url, **environment)[check]
        assert (finding["advice"] is None) == (finding["status"] == "ok")
        return finding["status"], finding["said"]


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory, new_database: NewDatabase) -> tuple[Path, Lived]:
    """A backup from which each test gets an installation of its own."""
    folder, url = tmp_path_factory.mktemp("sound"), new_database()
    with serving(folder / "data", url) as server:
        lived = live(server, texts=4)
        done("backup", "--to", folder / "backup.tar", "--data", folder / "data", url=url)
    return folder / "backup.tar", lived


@pytest.fixture
def sick(tmp_path: Path, backup: tuple[Path, Lived], new_database: NewDatabase) -> Installation:
    """An installation that nobody serves, to be spoiled."""
    path, lived = backup
    url = new_database()
    assert here("restore", path, "--data", tmp_path / "data", url=url).exit_code == 0
    return Installation(tmp_path / "data", url, lived)


def test_a_sound_installation_is_sound_while_it_serves(own_server: RunningServer) -> None:
    live(own_server)
    checks = diagnose(own_server.folder, own_server.settings.database_url, **FIT)
    assert set(checks) == CHECKS
    assert {name: check["said"] for name, check in checks.items() if check["status"] != "ok"} == {}


@pytest.mark.postgresql
def test_a_transaction_that_stays_open_is_no_problem(own_server: RunningServer) -> None:
    """It holds the horizon back, below what others have numbered since."""
    url = own_server.settings.database_url
    assert url is not None
    with psycopg.connect(url) as connection:
        connection.execute("SELECT pg_current_xact_id()")
        live(own_server, settle=False)
        assert diagnose(own_server.folder, url)["numbers"]["status"] == "ok"


def test_people_get_a_line_per_check_and_what_to_do(sick: Installation) -> None:
    said = here("doctor", "--data", sick.folder, url=sick.url)
    assert said.exit_code == 0
    lines = said.stdout.splitlines()
    assert {line.split()[1] for line in lines if not line.startswith(" ")} == CHECKS
    assert any(line.startswith("warning  public_url") for line in lines)
    assert any("Set RAPPORT_PUBLIC_URL" in line for line in lines)
    (sick.folder / "keys.json").unlink()
    assert here("doctor", "--data", sick.folder, url=sick.url).exit_code == 1


SPOILT = [
    ("DELETE FROM entry WHERE seq = 2", "logs", "problem", "holes"),
    ("DELETE FROM entry WHERE seq = 1", "logs", "problem", "holes"),
    ("UPDATE conversation SET last_seq = last_seq + 1, shown_seq = 1", "logs", "problem", "holes"),
    (
        "INSERT INTO entry VALUES ('c', 'gone', 1, 1, 'i', 'text', 'm:x', 'y', NULL, '{}', 1, 0)",
        "logs",
        "problem",
        "without a conversation in c/gone",
    ),
    ("UPDATE conversation SET count = count + 1", "tails", "problem", "Counts differ"),
    ("UPDATE conversation SET shown_seq = last_seq + 1", "tails", "problem", "Counts differ"),
    ("UPDATE participant SET read_seq = 999", "cursors", "problem", "further than the log"),
    ("UPDATE participant SET last_seq = 999", "cursors", "problem", "further than the log"),
    ("UPDATE participant SET mark = 900000000000000000", "numbers", "problem", "below 900000000000000000"),
    ("UPDATE follower_cursor SET cursor = 0; UPDATE journal SET at = 1", "followers", "warning", "Facts wait for"),
    (
        "INSERT INTO parked_fact VALUES ('lists', 1, 'c', 'k', '{}', '{}', 6, 'boom', 1, 1)",
        "parked",
        "warning",
        "lists (1)",
    ),
    (
        "INSERT INTO job (corp_id, kind, key, body, state, run_at, attempts) VALUES ('', 'x', '', '', 'failed', 1, 8)",
        "jobs",
        "warning",
        "given up: x (1)",
    ),
    ("UPDATE job SET run_at = 1, state = 'waiting'", "jobs", "warning", "long after their time"),
    ("UPDATE lease SET held_until = 9000000000000000", "leases", "problem", "longer than any may"),
    ("UPDATE journal SET at = 9000000000000000", "clock", "problem", "in the future"),
    ("UPDATE alembic_version SET version_num = '0000'", "schema", "problem", "this program needs"),
    ("UPDATE alembic_version SET version_num = '9999'", "schema", "problem", "newer than"),
]


@pytest.mark.parametrize(("statement", "check", "status", "said"), SPOILT)
def test_what_is_wrong_in_the_database_is_found(
    sick: Installation, statement: str, check: str, status: str, said: str
) -> None:
    sick.run(statement)
    found = sick.found(check)
    assert found[0] == status
    assert said in found[1]


def test_lost_torn_and_left_over_bytes_are_found(sick: Installation) -> None:
    (picture,) = (sick.folder / "files").rglob(sick.lived.picture)
    (thumbnail,) = (sick.folder / "files").rglob(f"thumb-{sick.lived.picture}")
    assert sick.found("files")[0] == "ok"
    stray = Ids(RunningServer(sick.folder).clock).new()
    left = sick.folder / "files" / stray[-2:] / stray
    left.parent.mkdir(exist_ok=True)
    left.write_bytes(b"left")
    assert sick.found("files")[0] == "ok", "it may have come just now"
    age(left, timedelta(days=3))
    assert sick.found("files") == ("warning", f"1 stored names belong to no file any more: {stray}.")
    whole = picture.read_bytes()
    picture.write_bytes(whole[:100])
    status, said = sick.found("files")
    assert (status, said[:22]) == ("problem", "0 files have no bytes ")
    assert "1 other bytes" in said
    picture.unlink()
    thumbnail.unlink()
    status, said = sick.found("files")
    assert status == "problem"
    assert said.startswith("2 files have no bytes")


def age(path: Path, by: timedelta) -> None:
    then = (datetime.now(UTC) - by).timestamp()
    os.utime(path, (then, then))


def test_keys_that_others_can_read_are_found(sick: Installation) -> None:
    (sick.folder / "keys.json").chmod(0o644)
    status, said = sick.found("keys")
    assert status == "problem"
    assert "chmod 600" in said


@pytest.mark.parametrize(
    ("days", "status", "said"), [(100, "ok", "good until"), (5, "warning", "ends on"), (-1, "problem", "ended on")]
)
def test_a_certificate_is_looked_at_before_it_ends(
    sick: Installation, tmp_path: Path, days: int, status: str, said: str
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "talk.example.com")])
    ends = datetime.now(UTC) + timedelta(days=days, hours=1)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = builder.not_valid_before(ends - timedelta(days=400)).not_valid_after(ends).sign(key, hashes.SHA256())
    (tmp_path / "chain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (tmp_path / "key.pem").touch(mode=0o600)
    given = {"RAPPORT_CERTIFICATE": str(tmp_path / "chain.pem"), "RAPPORT_KEY": str(tmp_path / "key.pem")}
    found = sick.found("certificate", **given)
    assert found[0] == status
    assert said in found[1]
    (tmp_path / "chain.pem").write_text("nothing of the kind")
    assert sick.found("certificate", **given)[0] == "problem"


def test_where_there_is_nothing_to_look_at_is_one_sentence(tmp_path: Path, new_database: NewDatabase) -> None:
    assert "There is no installation in" in refused("doctor", "--data", tmp_path / "nowhere", url=new_database())
    lost = refused("doctor", "--data", tmp_path, url="postgresql://rapport:hush@127.0.0.1:1/nothing")
    assert "does not let us in" in lost
    assert "hush" not in lost


@pytest.mark.sqlite
def test_a_damaged_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "rapport.db").write_bytes(b"nothing of the kind" * 1000)
    assert "is damaged" in refused("doctor", "--data", tmp_path)


def test_a_backup_can_be_looked_at_itself(sick: Installation, tmp_path: Path) -> None:
    done("backup", "--to", tmp_path / "backups", "--data", sick.folder, url=sick.url)
    (made,) = (tmp_path / "backups").iterdir()
    checks = diagnose(made)
    assert {name for name, check in checks.items() if check["status"] == "problem"} == set()
