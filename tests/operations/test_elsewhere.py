"""Backups that cross from a folder to S3 and back, and backups of an older version."""

from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import pytest

from rapport.kernel.keys import make_keys
from rapport.migrations import HEAD, upgrade_sql
from rapport.operations.archives import DATABASE, FORMAT, KEYS, LISTING, Manifest, Writing, part_of
from rapport.operations.embedded import tallies_of
from tests.operations.installations import diagnose, done, live, refused, serving
from tests.services import S3, S3_KEYS, names_in_s3, running_s3

NewDatabase = Callable[[], str | None]


@pytest.fixture(scope="module")
def s3() -> Iterator[S3]:
    """A server that speaks S3."""
    with running_s3() as found:
        yield found


def test_files_go_from_a_folder_to_s3_and_back(tmp_path: Path, s3: S3, new_database: NewDatabase) -> None:
    home, cloud, back = new_database(), new_database(), new_database()
    bucket = s3.new_bucket()
    given = S3_KEYS | {"RAPPORT_BLOBS_URL": bucket}
    with serving(tmp_path / "home", home) as server:
        lived = live(server)
        done("backup", "--to", tmp_path / "home.tar", "--data", tmp_path / "home", url=home)
    done("restore", tmp_path / "home.tar", "--data", tmp_path / "cloud", url=cloud, **given)
    assert names_in_s3(bucket) == {lived.picture, f"thumb-{lived.picture}"}
    assert not (tmp_path / "cloud" / "files").exists()
    assert diagnose(tmp_path / "cloud", cloud, **given)["files"]["status"] == "ok"
    with serving(tmp_path / "cloud", cloud, bucket) as server:
        lived.check_all_there(server)
        done("backup", "--to", tmp_path / "cloud.tar", "--data", tmp_path / "cloud", url=cloud, **given)
    done("restore", tmp_path / "cloud.tar", "--data", tmp_path / "back", url=back)
    with serving(tmp_path / "back", back) as server:
        lived.check_all_there(server)


def test_a_store_that_does_not_answer_stops_both_ways(tmp_path: Path, new_database: NewDatabase) -> None:
    url, again, store = new_database(), new_database(), S3()
    store.start()
    try:
        bucket = store.new_bucket()
        with serving(tmp_path / "data", url, bucket) as server:
            live(server)
    finally:
        store.stop()
    given = S3_KEYS | {"RAPPORT_BLOBS_URL": bucket}
    said = refused("backup", "--to", tmp_path / "backup.tar", "--data", tmp_path / "data", url=url, **given)
    assert "store of files does not answer" in said
    assert diagnose(tmp_path / "data", url, **given)["store"]["status"] == "problem"
    with serving(tmp_path / "other", again) as server:
        live(server)
        done("backup", "--to", tmp_path / "other.tar", "--data", tmp_path / "other", url=again)
    bare = new_database()
    said = refused("restore", tmp_path / "other.tar", "--data", tmp_path / "new", url=bare, **given)
    assert "does not answer as it should" in said
    assert not (tmp_path / "new").exists()
    done("restore", tmp_path / "other.tar", "--data", tmp_path / "new", url=bare)


def test_a_backup_of_an_older_version_is_brought_up(tmp_path: Path, new_database: NewDatabase) -> None:
    writing = Writing(tmp_path / "old")
    database, keys, listing = writing.scratch("a"), writing.scratch("b"), writing.scratch("c")
    connection = apsw.Connection(str(database))
    connection.execute(upgrade_sql(None, to="0001")).fetchall()
    connection.execute("INSERT INTO installation VALUES ('epoch', 'old')")
    tables = tallies_of(connection)
    connection.close()
    (tmp_path / "made").mkdir()
    make_keys(tmp_path / "made")
    keys.write_bytes((tmp_path / "made" / KEYS).read_bytes())
    listing.touch()
    parts = {DATABASE: part_of(database), KEYS: part_of(keys), LISTING: part_of(listing)}
    for name, path in ((DATABASE, database), (KEYS, keys), (LISTING, listing)):
        writing.add(name, path)
    writing.finish(
        Manifest(
            format=FORMAT, version="0.0.1", revision="0001", engine="sqlite", epoch="old", started_at=1, ended_at=2,
            tables=tables, parts=parts, files=0, file_bytes=0, missing=[],
        )
    )  # fmt: skip
    assert HEAD > "0001"
    url = new_database()
    done("restore", tmp_path / "old", "--data", tmp_path / "new", url=url)
    with serving(tmp_path / "new", url) as server:
        lived = live(server)
        lived.check_all_there(server)
    assert {name for name, check in diagnose(tmp_path / "new", url).items() if check["status"] == "problem"} == set()
