"""A loaded corp is as sound as one that grew, and works like one."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import msgspec
import psycopg
import pytest
from sqlalchemy import func, select

from rapport.features.conversations.access import Viewer
from rapport.features.conversations.queries.lists import list_conversations
from rapport.features.customers.actions.search_words import search_words
from rapport.features.customers.queries.tallies import CODES_IN_USE, RELATIONS, read_tally, relations_of
from rapport.features.customers.tables import contact_way, customer, relation
from rapport.features.identity.api import find_consumers, open_session
from rapport.features.organization.tables import corp
from rapport.kernel.clock import SECOND
from rapport.kernel.engines.postgres_tx import PostgresReadTx
from rapport.kernel.statements import p, query, scalar
from rapport.kernel.tx import ReadTx, Tx
from rapport.operations.load.ahead import made_ahead, made_in_turn
from rapport.operations.load.loading import Founding, Load
from rapport.operations.load.plans import Plan, Size
from rapport.settings import Settings
from tests.conftest import NO_TLS, RunningServer
from tests.operations.installations import diagnose, done, refused, say, serving
from tests.services import Postgres

NewDatabase = Callable[[], str | None]
FIRST = ("--corp", "甲公司", "--short-name", "甲", "--owner", "boss", "--owner-name", "老板")
SMALL = ("--profile", "retailer", "--members", 20, "--customers", 400, "--messages", 900)
SIZE = Size(20, 400, 900)

_corp_of = scalar(select(corp.c.corp_id).where(corp.c.short_name == p("short_name")))
_relations = query(
    select(
        relation.c.userid,
        relation.c.external_userid,
        relation.c.status,
        relation.c.code,
        relation.c.remark,
        relation.c.company,
        relation.c.phones,
        relation.c.search,
        customer.c.consumer_id,
    )
    .join(
        customer,
        (customer.c.corp_id == relation.c.corp_id) & (customer.c.external_userid == relation.c.external_userid),
    )
    .where(relation.c.corp_id == p("corp_id")),
    lambda *columns: columns,
)
_accepted = query(
    select(contact_way.c.code, contact_way.c.accepted).where(contact_way.c.corp_id == p("corp_id")),
    lambda *columns: columns,
)
_customers = scalar(select(func.count()).select_from(customer).where(customer.c.corp_id == p("corp_id")))

MISSING = {"public_url", "sms", "wall"}
"""What the doctor misses in an installation that nobody configured, looked at as the owner of its tables."""


@pytest.fixture
def installation(tmp_path: Path, new_database: NewDatabase) -> tuple[Path, str | None]:
    """An installation as ``rapport init`` makes it."""
    folder, url = tmp_path / "data", new_database()
    done("init", "--data", folder, *FIRST, url=url)
    return folder, url


def steps_of(folder: Path, url: str | None, *, chunk: int) -> Load:
    return Load(Settings(data=folder, database_url=url), Founding("山野公司", "山野", SIZE), chunk=chunk)


def check_counts(tx: ReadTx, corp_id: str) -> None:
    """Whatever is counted or copied anywhere is what the rows say."""
    rows = tx.all(_relations, corp_id=corp_id)
    active = [row for row in rows if row[2] == "active"]
    assert read_tally(tx, corp_id, RELATIONS) == len(active)
    userids = {row[0] for row in rows}
    assert {userid: read_tally(tx, corp_id, relations_of(userid)) for userid in userids} == {
        userid: sum(row[0] == userid for row in active) for userid in userids
    }
    accepted: dict[str, int] = dict(tx.all(_accepted, corp_id=corp_id))
    assert read_tally(tx, corp_id, CODES_IN_USE) == len(accepted)
    assert accepted == {code: sum(row[3] == code for row in rows) for code in accepted}
    consumers = find_consumers(tx, [row[8] for row in rows])
    for _, _, _, _, remark, company, phones, search, consumer_id in rows:
        words = [consumers[consumer_id].nickname, remark, company]
        assert search == search_words(words, msgspec.json.decode(phones, type=list[str]))
    assert tx.one(_customers, corp_id=corp_id) == SIZE.customers


def sign_in(server: RunningServer, corp_id: str, userid: str) -> httpx.Client:
    def open_one(tx: Tx) -> str:
        who: dict[str, Any] = {"surface": "staff", "corp_id": corp_id, "userid": userid, "consumer_id": None}
        return open_session(tx, **who, device="test", user_agent="test", ip="127.0.0.1").secret

    return httpx.Client(
        base_url=f"{server.url}/api/staff/",
        headers={"Authorization": f"Bearer {server.write(open_one)}"},
        trust_env=False,
        verify=NO_TLS,
        timeout=20,
    )


def all_of(http: httpx.Client, path: str) -> list[dict[str, Any]]:
    """Return every item of a list, page by page."""
    items: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        page = http.get(path, params={"limit": 30} | ({} if after is None else {"after": after})).json()
        items += page["items"]
        after = page["next"]
        if after is None:
            return items


def test_a_loaded_corp_is_sound_and_its_members_work_in_it(installation: tuple[Path, str | None]) -> None:
    folder, url = installation
    said = done("load", "--data", folder, *SMALL, url=url)
    assert "Loaded 山野户外零售有限公司: " in said
    assert "/staff/invitation#" in said
    found = diagnose(folder, url)
    assert {name for name, check in found.items() if check["status"] != "ok"} <= MISSING
    with serving(folder, url) as server:
        corp_id = server.read(lambda tx: tx.one(_corp_of, short_name="山野"))
        assert corp_id is not None
        server.read(lambda tx: check_counts(tx, corp_id))
        with sign_in(server, corp_id, "u00003") as http:
            check_a_member(http)
        with sign_in(server, corp_id, "u00000") as owner:
            assert owner.get("me").json()["corp"]["verified_at"] is not None
            assert [one["members"] for one in owner.get("departments").json()["items"] if one["parent_id"] is None] == [
                20
            ]


def log_of(http: httpx.Client, conversation_id: str) -> list[dict[str, Any]]:
    """Return a whole log, page by page: how long it is, is left to chance."""
    found: list[dict[str, Any]] = []
    while not found or found[0]["seq"] > 1:
        before = {"before": found[0]["seq"]} if found else {}
        answer = http.get(f"conversations/{conversation_id}/entries", params={"limit": 100, **before}).json()
        assert answer["items"], "a log begins with its first entry"
        found = answer["items"] + found
    return found


def check_a_member(http: httpx.Client) -> None:
    """Lists, search, logs, counts, resuming and sending, as a member sees them."""
    customers = all_of(http, "customers")
    assert len(customers) > 5
    conversations = all_of(http, "conversations")
    assert {one["conversation_id"] for one in customers} <= {one["conversation_id"] for one in conversations}
    unpinned = [one["last_at"] for one in conversations if not one["pinned"]]
    # Stamps of a load are a second apart: within one, either may come first.
    assert all(later <= earlier + SECOND for earlier, later in itertools.pairwise(unpinned))
    name = customers[0]["name"]
    assert name in [one["name"] for one in http.get("customers", params={"search": name}).json()["items"]]
    talked = max(conversations, key=lambda one: one["count"])
    entries = log_of(http, talked["conversation_id"])
    assert [one["seq"] for one in entries] == list(range(1, talked["last_seq"] + 1))
    assert entries[-1] == talked["last"]
    assert sum(one["kind"] == "text" for one in entries) == talked["count"]
    assert [one["sent_at"] for one in entries] == sorted(one["sent_at"] for one in entries)
    cursor = http.get("sync").json()["cursor"]
    assert http.get("sync", params={"cursor": cursor}).json()["conversations"] == []
    is_open = next(one for one in reversed(conversations) if one["state"] == "open")
    say(http, is_open["conversation_id"], "您好，好久不见。")
    changed = http.get("sync", params={"cursor": cursor}).json()["conversations"]
    assert [one["conversation_id"] for one in changed] == [is_open["conversation_id"]]
    first = next(one for one in http.get("conversations").json()["items"] if not one["pinned"])
    assert first["conversation_id"] == is_open["conversation_id"]


def test_a_load_that_broke_off_goes_on_where_it_stopped(installation: tuple[Path, str | None]) -> None:
    folder, url = installation
    broken = steps_of(folder, url, chunk=90).steps()
    assert [next(broken).customers for _ in range(3)] == [0, 90, 180]
    broken.close()
    found = diagnose(folder, url)
    assert found["logs"]["status"] == found["tails"]["status"] == found["numbers"]["status"] == "ok"
    other = ("--members", 20, "--customers", 500, "--messages", 900)
    assert "--customers 400" in refused("load", "--data", folder, "--profile", "retailer", *other, url=url)
    again = steps_of(folder, url, chunk=90)
    assert again.check() == 180
    assert [step.customers for step in again.steps()] == [270, 360, 400]
    assert again.loaded is not None
    corp_id = again.loaded.corp_id
    with serving(folder, url) as server:
        server.read(lambda tx: check_counts(tx, corp_id))


def test_a_second_corp_of_the_same_name_is_refused_and_another_is_loaded_beside(
    installation: tuple[Path, str | None],
) -> None:
    folder, url = installation
    assert "corp called 甲" in refused("load", "--data", folder, *SMALL, "--short-name", "甲", url=url)
    for short_name in ("乙", "丙"):
        done("load", "--data", folder, *SMALL, "--short-name", short_name, url=url)
    found = diagnose(folder, url)
    assert {name for name, check in found.items() if check["status"] != "ok"} <= MISSING
    assert "corp called 乙" in refused("load", "--data", folder, *SMALL, "--short-name", "乙", url=url)


@pytest.mark.sqlite
def test_an_embedded_database_that_is_served_is_not_loaded(installation: tuple[Path, str | None]) -> None:
    folder, url = installation
    with serving(folder, url):
        assert "in use" in refused("load", "--data", folder, *SMALL, url=url)


@pytest.mark.postgresql
def test_who_is_held_by_row_level_security_loads_nothing(tmp_path: Path, postgres: Postgres) -> None:
    url = postgres.new_served_database()
    done("init", "--data", tmp_path, *FIRST, url=url)
    assert "the role that owns the tables" in refused("load", "--data", tmp_path, *SMALL, url=url)


def test_without_an_installation_nothing_is_loaded(tmp_path: Path, new_database: NewDatabase) -> None:
    assert "rapport init" in refused("load", "--data", tmp_path / "none", *SMALL, url=new_database())


def test_rows_made_in_a_process_beside_are_the_same() -> None:
    plan = Plan("ww0000000000000000", "seed", SIZE, 1_790_000_000_000_000, 1, 800)
    ranges = [(0, 250), (250, 400)]
    beside = list(made_ahead(plan, ranges))
    assert beside == list(made_in_turn(plan, ranges))
    assert sum(row[5] == "text" for made in beside for row in made.entries) == SIZE.messages


@pytest.mark.postgresql
def test_a_page_reads_no_more_of_a_member_who_has_many(installation: tuple[Path, str | None]) -> None:
    folder, url = installation
    assert url is not None
    # So many that reading them all is never the cheaper plan.
    few = Founding("山野公司", "山野", Size(members=2, customers=12_000, messages=12_000))
    load = Load(Settings(data=folder, database_url=url), few)
    assert [step.customers for step in load.steps()] == [0, 12_000]
    assert load.loaded is not None
    viewer = Viewer(load.loaded.corp_id, "m:u00000")
    with psycopg.connect(url) as connection:
        tx = PostgresReadTx(connection, 0, 0)
        # From the sixth time on, a prepared statement has one plan for whatever it is given.
        for _ in range(8):
            assert len(list_conversations(tx, [viewer], "all", None, 30).items) >= 30
        before = rows_read(connection)
        list_conversations(tx, [viewer], "all", None, 30)
        assert rows_read(connection) - before < 500


def rows_read(connection: "psycopg.Connection[tuple[Any, ...]]") -> int:
    """Return how many rows of conversations this transaction has read."""
    found = connection.execute(
        "SELECT sum(seq_tup_read + idx_tup_fetch)::int FROM pg_stat_xact_user_tables"
        " WHERE relname IN ('participant', 'conversation', 'entry')"
    ).fetchone()
    assert found is not None
    return found[0]
