"""What Prometheus reads: true numbers, no names of anybody, and not for everybody."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from rapport.client.socket import Refused
from rapport.kernel.metrics.meters import BATCH_BOUNDS, SEND_BOUNDS_S, CommitMeter, Histogram, quantile
from tests.conftest import NO_TLS, Corp, RunningServer

DOCS = Path(__file__).parents[2] / "docs" / "observability.md"
Samples = dict[str, float]


def get(server: RunningServer, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.get(f"{server.url}/metrics", headers=named, trust_env=False, verify=NO_TLS, timeout=20)


def scrape(server: RunningServer) -> Samples:
    """Return every sample by ``name{label=value,…}``."""
    page = get(server)
    assert page.status_code == 200, page.text
    return {
        name_of(sample.name, sample.labels): sample.value
        for family in text_string_to_metric_families(page.text)
        for sample in family.samples
    }


def name_of(name: str, labels: dict[str, str]) -> str:
    inner = ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
    return f"{name}{{{inner}}}" if inner else name


def entry(client_id: str, body: str = "你好") -> dict[str, Any]:
    return {"client_id": client_id, "body": {"kind": "text", "text": body}}


async def test_messages_and_frames_are_counted_once(own_server: RunningServer) -> None:
    corp = own_server.new_corp()
    customer = corp.meet("xiaoming")
    before = scrape(own_server)
    async with corp.socket("xiaoming") as guide, customer.socket() as person:
        assert scrape(own_server)["rapport_sockets{surface=staff}"] == 1
        assert scrape(own_server)["rapport_sockets{surface=consumer}"] == 1
        for number in range(3):
            await guide.send(customer.conversation_id, "你好", f"frame-no-{number}")
            await person.expect("entry")
        with pytest.raises(Refused):
            await guide.send("nowhere", "你好", "lost-frame")
    http = corp.http("xiaoming")
    path = f"conversations/{customer.conversation_id}/entries"
    assert http.post(path, json=entry("by-http-1")).status_code in {200, 201}
    assert http.post("conversations/nowhere/entries", json=entry("by-http-2")).status_code == 404
    after = scrape(own_server)

    def grew(name: str) -> float:
        return after[name] - before.get(name, 0)

    assert grew("rapport_messages_accepted_total") == 4
    assert grew("rapport_send_seconds_count") == 4
    assert 0 < grew("rapport_send_seconds_sum") < 4 * 5
    assert grew("rapport_messages_refused_total{code=not_found}") == 2
    # Two hellos, four sends of the guide's.
    assert grew("rapport_frames_received_total") == 6
    # Two welcomes, three acknowledgements, one refusal, three entries at each of the two; later ones may come.
    assert grew("rapport_frames_sent_total") >= 12
    assert after["rapport_sockets{surface=staff}"] == after["rapport_sockets{surface=consumer}"] == 0
    assert grew("rapport_commit_seconds_count") >= 4
    assert grew("rapport_commit_commands_sum") >= grew("rapport_commit_commands_count")
    route = "method=POST,route=/api/staff/conversations/{conversation_id}/entries"
    assert grew(f"rapport_http_requests_total{{{route},status=2xx}}") == 1
    assert grew(f"rapport_http_requests_total{{{route},status=4xx}}") == 1
    assert grew(f"rapport_http_seconds_count{{{route}}}") == 2
    corp.close()


def test_the_machinery_shows_where_it_stands(own_server: RunningServer) -> None:
    own_server.new_corp().close()
    own_server.settle()
    found = scrape(own_server)
    followers = own_server.application.runtime.followers.all
    assert followers
    for name in followers:
        assert found[f"rapport_follower_lag_facts{{follower={name}}}"] == 0
        assert found[f"rapport_follower_lag_seconds{{follower={name}}}"] == 0
        assert found[f"rapport_parked_facts{{follower={name}}}"] == 0
    assert found["rapport_database_up"] == 1
    assert found["rapport_database_bytes"] > 10_000
    assert found["rapport_data_free_bytes"] > 0
    assert found["rapport_jobs{state=waiting}"] > 0
    assert found["rapport_jobs{state=failed}"] == 0
    assert found["process_resident_memory_bytes"] > 0
    assert found["process_open_fds"] > 0


def test_no_label_names_anybody_however_many_there_are(own_server: RunningServer) -> None:
    corp = own_server.new_corp()
    customer = corp.meet("xiaoming", "李想")
    http = corp.http("xiaoming")
    http.get(f"conversations/{customer.conversation_id}")
    http.get("members/xiaohong")
    scrape(own_server)
    before = len(scrape(own_server))
    for number in range(30):
        httpx.get(f"{own_server.url}/nowhere/{number}/xiaoming", trust_env=False, verify=NO_TLS)
        httpx.request(f"BREW{number}", f"{own_server.url}/api/staff/me", trust_env=False, verify=NO_TLS)
    page = get(own_server).text
    for name in (corp.corp_id, customer.conversation_id, customer.consumer_id, "xiaoming", "xiaohong", "李想", "BREW"):
        assert name not in page
    # One route for what leads nowhere, one method for what is none, with the buckets of each.
    assert len(scrape(own_server)) - before < 60
    corp.close()


def test_metrics_are_for_this_machine_alone(server: RunningServer, corp: Corp) -> None:
    assert get(server).status_code == 200
    for proxied in ({"x_forwarded_for": "127.0.0.1"}, {"forwarded": "for=127.0.0.1"}, {"x_real_ip": "127.0.0.1"}):
        answer = get(server, **proxied)
        assert answer.status_code == 403
        assert answer.json()["code"] == "metrics_closed"
    assert "rapport_" not in get(server, via="1.1 proxy", authorization=f"Bearer {corp.token('laoban', 'admin')}").text


def test_a_token_of_the_operator_opens_them_and_nothing_else_does(
    tmp_path: Path,
    served_database: Callable[[], str | None],
    corp: Corp,
) -> None:
    guarded = RunningServer(tmp_path, database_url=served_database(), metrics_token="the operator's own")
    guarded.start()
    try:
        assert get(guarded).status_code == 403
        assert get(guarded, authorization="Bearer something else").status_code == 403
        assert get(guarded, cookie="rapport_admin=the operator's own").status_code == 403
        assert get(guarded, authorization=f"Bearer {corp.token('laoban', 'admin')}").status_code == 403
        assert get(guarded, authorization="Bearer the operator's own", x_forwarded_for="8.8.8.8").status_code == 200
    finally:
        guarded.stop()


@pytest.mark.postgresql
def test_a_process_that_serves_nobody_is_watched_too(tmp_path: Path, served_database: Callable[[], str | None]) -> None:
    worker = RunningServer(tmp_path, database_url=served_database(), role="worker")
    worker.start()
    try:
        found = scrape(worker)
        assert found["rapport_database_up"] == 1
        assert found["rapport_relay_silent_seconds"] < 5
        ready = httpx.get(f"{worker.url}/readyz", trust_env=False, verify=NO_TLS, timeout=20)
        assert ready.status_code == 200, ready.text
    finally:
        worker.stop()


def test_a_database_that_does_not_answer_is_a_number_too(own_server: RunningServer) -> None:
    own_server.alter("ALTER TABLE parked_fact RENAME TO gone")
    found = scrape(own_server)
    assert found["rapport_database_up"] == 0
    assert "rapport_messages_accepted_total" in found
    assert "rapport_database_bytes" not in found


def test_every_metric_is_documented_and_every_documented_one_is_there(own_server: RunningServer) -> None:
    corp = own_server.new_corp()
    corp.http("xiaoming").get("me")
    families = text_string_to_metric_families(get(own_server).text)
    corp.close()
    shown = {family.name for family in families if family.name.startswith("rapport_")}
    documented = {name.removesuffix("_total") for name in re.findall(r"`(rapport_\w+)`", DOCS.read_text())}
    of_one_engine = {
        True: {"rapport_relay_lag_seconds", "rapport_relay_silent_seconds"},
        False: {"rapport_database_log_bytes"},
    }
    assert shown == documented - of_one_engine[own_server.settings.database_url is None]


@pytest.mark.parametrize("commands", [1, 2, 3, 4, 5, 63, 64, 65, 511, 512, 513])
def test_a_commit_is_counted_in_the_bucket_that_holds_it(commands: int) -> None:
    meter, other = CommitMeter(), Histogram(BATCH_BOUNDS)
    meter.note(commands, 0.001)
    other.observe(commands)
    assert meter.commands.counts == other.counts
    assert (meter.commands.total, meter.seconds.total, sum(meter.seconds.counts)) == (commands, 0.001, 1)


@pytest.mark.parametrize(("share", "expected"), [(0.5, 0.0015), (0.99, 0.00496)])
def test_a_quantile_lies_where_its_bucket_says(share: float, expected: float) -> None:
    counts = [0] * (len(SEND_BOUNDS_S) + 1)
    counts[1], counts[3] = 100, 2
    if share > 0.98:
        counts[1] = 1
    found = quantile(SEND_BOUNDS_S, counts, share)
    assert found is not None
    assert abs(found - expected) < 0.0002
    assert quantile(SEND_BOUNDS_S, [0] * len(counts), share) is None
