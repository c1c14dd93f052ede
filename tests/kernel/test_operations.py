"""What an administrator sees of the machinery: their own corp's failures, the installation's numbers, nobody else's."""

import time
from typing import Any

import httpx
import pytest

from rapport.features.customers.events import RelationCreated
from rapport.kernel.clock import DAY
from rapport.kernel.followers import Follower
from rapport.kernel.jobs import schedule
from tests.conftest import Corp, RunningServer

PATIENCE_S = 20


def read(admin: httpx.Client) -> dict[str, Any]:
    answer = admin.get("operations")
    assert answer.status_code == 200, answer.text
    return answer.json()


def until(admin: httpx.Client, list_name: str, length: int = 1) -> list[dict[str, Any]]:
    deadline = time.monotonic() + PATIENCE_S
    while len(found := read(admin)[list_name]) < length:
        assert time.monotonic() < deadline, f"no {list_name}"
        time.sleep(0.05)
    return found


def poison(server: RunningServer) -> Follower:
    """Let the search's follower fail for whatever comes."""
    server.settle()
    server.application.runtime.followers._backoff_s = 0.001  # noqa: SLF001  the wait is not under test
    follower = server.application.runtime.followers.all["customers.search"]

    def fail(*_: object) -> None:
        raise RuntimeError("cannot digest this")

    follower.handlers[RelationCreated.kind] = fail
    return follower


def test_a_parked_fact_is_its_corps_alone_and_is_replayed(own_server: RunningServer) -> None:
    corp, other = own_server.new_corp(), own_server.new_corp("蓝湾")
    admin, stranger = corp.http("laoban", "admin"), other.http("laoban", "admin")
    follower = poison(own_server)
    corp.meet("xiaoming")
    parked = until(admin, "parked")
    assert [(fact["follower"], fact["kind"]) for fact in parked] == [("customers.search", RelationCreated.kind)]
    assert "cannot digest this" in parked[0]["error"]
    seen = read(stranger)
    assert seen["parked"] == []
    # How many there are is the installation's; whose and why is not in it.
    assert {place["name"]: place["parked"] for place in seen["followers"]}["customers.search"] == 1
    assert corp.corp_id not in str(seen)
    path = f"operations/parked/customers.search/{parked[0]['fact_id']}/replay"
    assert stranger.post(path).status_code == 404
    again = admin.post(path)
    assert (again.status_code, again.json()["code"]) == (409, "still_failing")
    follower.handlers[RelationCreated.kind] = lambda *_: None
    assert admin.post(path).json() == {"replayed": True}
    assert read(admin)["parked"] == []
    corp.close()
    other.close()


def test_a_parked_fact_that_nobody_handles_any_more_says_so(own_server: RunningServer) -> None:
    corp = own_server.new_corp()
    admin = corp.http("laoban", "admin")
    follower = poison(own_server)
    corp.meet("xiaoming")
    path = f"operations/parked/customers.search/{until(admin, 'parked')[0]['fact_id']}/replay"
    # A later version no longer reacts to such facts, or has no such follower.
    del follower.handlers[RelationCreated.kind]
    followers = own_server.application.runtime.followers.all
    for _ in range(2):
        refused = admin.post(path)
        assert (refused.status_code, refused.json()["code"]) == (409, "no_longer_handled")
        assert f"(customers.search, {RelationCreated.kind})" in refused.json()["detail"]
        followers.pop("customers.search", None)
    assert len(read(admin)["parked"]) == 1
    corp.close()


def test_a_failed_job_is_its_corps_alone_and_is_replayed(own_server: RunningServer) -> None:
    corp, other = own_server.new_corp(), own_server.new_corp("蓝湾")
    admin, stranger = corp.http("laoban", "admin"), other.http("laoban", "admin")
    ran: list[str] = []

    def fail(_tx: object, corp_id: str, _body: bytes) -> None:
        ran.append(corp_id)
        if len(ran) <= 8:
            raise RuntimeError("the world is closed")

    own_server.application.runtime.jobs.handle("test.failing", fail)
    own_server.write(lambda tx: schedule(tx, corp.corp_id, "test.failing", "key", {}))
    deadline = time.monotonic() + PATIENCE_S
    while not (failed := read(admin)["failed_jobs"]):
        assert time.monotonic() < deadline, "it is never given up"
        own_server.clock.advance(5 * 60 * 1_000_000)
        own_server.run(_wake(own_server))
        time.sleep(0.1)
    assert (failed[0]["kind"], failed[0]["attempts"]) == ("test.failing", 8)
    seen = read(stranger)
    assert seen["failed_jobs"] == []
    assert seen["jobs"]["failed"] == 1
    path = f"operations/jobs/{failed[0]['id']}/replay"
    assert stranger.post(path).status_code == 404
    assert admin.post(path).json() == {"replayed": True}
    own_server.settle()
    assert read(admin)["failed_jobs"] == []
    assert ran == [corp.corp_id] * 9
    corp.close()
    other.close()


async def _wake(server: RunningServer) -> None:
    server.application.runtime.jobs.wake()


async def test_the_numbers_are_what_happened(own_server: RunningServer) -> None:
    corp = own_server.new_corp()
    admin = corp.http("laoban", "admin")
    customer = corp.meet("xiaoming")
    before = read(admin)
    assert (before["sending"]["per_minute"], before["sending"]["p50_ms"]) == ([], None)
    async with corp.socket("xiaoming") as socket:
        for number in range(4):
            await socket.send(customer.conversation_id, "你好", f"message-{number}")
        own_server.application.runtime.recent.turn()
        now = read(admin)
        assert now["sockets"] == 1
    sending = now["sending"]
    assert sending["per_minute"] == [4]
    assert 0 < sending["p50_ms"] <= sending["p99_ms"] < 5000
    assert now["version"]
    assert now["engine"] in {"sqlite", "postgresql"}
    assert now["roles"] == ["api", "realtime", "worker"]
    assert (now["relay_lag_s"] is None) == (now["engine"] == "sqlite")
    this = [process for process in now["processes"] if process["is_this"]]
    assert len(this) == 1
    assert any(lease.startswith("follower ") for lease in this[0]["leases"])
    corp.close()


def test_growth_is_unknown_until_two_measurements_are_a_day_apart(own_server: RunningServer) -> None:
    corp = own_server.new_corp()
    admin = corp.http("laoban", "admin")
    own_server.settle()
    first = read(admin)["storage"]
    assert first["database_bytes"] > 10_000
    assert first["free_bytes"] > 0
    assert first["files_bytes"] == 0
    assert first["measured_at"] > 0
    assert first["growth_bytes_per_day"] is None
    own_server.clock.advance(2 * DAY)
    admin = corp.http("laoban", "admin")
    own_server.run(_wake(own_server))
    deadline = time.monotonic() + PATIENCE_S
    while (found := read(admin)["storage"])["measured_at"] == first["measured_at"]:
        assert time.monotonic() < deadline, "not measured again"
        time.sleep(0.05)
    assert found["growth_bytes_per_day"] is not None
    assert abs(found["growth_bytes_per_day"]) < 10_000_000
    corp.close()


@pytest.mark.parametrize(("userid", "surface", "status"), [("laoban", "staff", 401), ("laoban", "admin", 200)])
def test_operations_are_for_the_admin_surface(corp: Corp, userid: str, surface: str, status: int) -> None:
    token = corp.token(userid, surface)
    answer = corp.http("laoban", "admin").get("operations", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == status
