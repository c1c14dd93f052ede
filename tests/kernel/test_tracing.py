"""Traces, as a collector gets them: from the caller, over the command, to the followers; and nobody in them."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from rapport.client.socket import Refused
from tests.conftest import RunningServer

CALLER = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLING = "00f067aa0ba902b7"
SAID = "我的银行卡号是六二二五"


class Collector:
    """A collector that speaks OTLP over HTTP."""

    def __init__(self) -> None:
        self.requests: list[ExportTraceServiceRequest] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                assert self.path == "/v1/traces"
                collector.requests.append(ExportTraceServiceRequest.FromString(body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *_: object) -> None:  # noqa: A002  the library's own name
                """Keep quiet."""
                del format

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def spans(self) -> list[Span]:
        return [
            span
            for request in tuple(self.requests)
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def find(self, is_wanted: Callable[[Span], bool]) -> Span:
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            for span in self.spans():
                if is_wanted(span):
                    return span
            time.sleep(0.02)
        raise AssertionError(f"not among {sorted({span.name for span in self.spans()})}")

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def collector() -> Iterator[Collector]:
    found = Collector()
    yield found
    found.close()


@pytest.fixture
def traced(
    collector: Collector,
    tmp_path: Path,
    served_database: Callable[[], str | None],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[RunningServer]:
    """A server that sends its traces to the collector."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    found = RunningServer(tmp_path, database_url=served_database())
    found.start()
    yield found
    found.stop()


def attributes(span: Span) -> dict[str, str | int]:
    return {
        each.key: each.value.int_value if each.value.HasField("int_value") else each.value.string_value
        for each in span.attributes
    }


def entry(client_id: str) -> dict[str, object]:
    return {"client_id": client_id, "body": {"kind": "text", "text": SAID}}


def test_a_request_is_told_of_from_its_caller_to_the_followers(traced: RunningServer, collector: Collector) -> None:
    corp = traced.new_corp()
    customer = corp.meet("xiaoming", "李想然")
    answer = corp.http("xiaoming").post(
        f"conversations/{customer.conversation_id}/entries",
        json=entry("from-a-caller"),
        headers={"traceparent": f"00-{CALLER}-{CALLING}-01"},
    )
    assert answer.is_success, answer.text
    corp.close()
    route = "/api/staff/conversations/{conversation_id}/entries"
    request = collector.find(lambda span: span.name == f"POST {route}")
    assert (request.trace_id.hex(), request.parent_span_id.hex()) == (CALLER, CALLING)
    assert answer.headers["traceparent"] == f"00-{CALLER}-{request.span_id.hex()}-01"
    assert attributes(request) == {
        "http.request.method": "POST",
        "http.route": route,
        "http.response.status_code": answer.status_code,
    }
    sent = collector.find(lambda span: span.parent_span_id == request.span_id)
    assert sent.name == "command send_many"
    assert attributes(sent)["rapport.batch"] == 1
    assert request.start_time_unix_nano <= sent.start_time_unix_nano <= sent.end_time_unix_nano
    linked = collector.find(lambda span: any(link.span_id == sent.span_id for link in span.links))
    assert linked.name.startswith("follower ")
    assert linked.trace_id != request.trace_id
    assert int(attributes(linked)["rapport.facts"]) >= 1
    assert linked.start_time_unix_nano >= sent.start_time_unix_nano


async def test_a_frame_that_writes_is_a_trace_and_one_that_does_not_is_none(
    traced: RunningServer, collector: Collector
) -> None:
    corp = traced.new_corp()
    customer = corp.meet("xiaoming")
    async with corp.socket("xiaoming") as socket:
        await socket.say({"type": "ping", "seqs": {}})
        await socket.send(customer.conversation_id, SAID, "by-frame-1")
        with pytest.raises(Refused):
            await socket.send("nowhere", SAID, "by-frame-2")
    corp.close()
    frame = collector.find(lambda span: span.name == "frame send" and "rapport.refused" not in attributes(span))
    command = collector.find(lambda span: span.parent_span_id == frame.span_id)
    assert command.name == "command send_many"
    assert command.trace_id == frame.trace_id
    assert frame.parent_span_id == b""
    refused = collector.find(lambda span: attributes(span).get("rapport.refused") == "not_found")
    assert refused.status.code == 0, "a refusal is an answer"
    assert not [span for span in collector.spans() if span.name == "frame ping"]


def test_requests_of_two_do_not_mix(traced: RunningServer, collector: Collector) -> None:
    corp = traced.new_corp()
    http = [corp.http("xiaoming"), corp.http("xiaohong")]
    traces = [f"{number + 1:032x}" for number in range(8)]

    def ask(number: int) -> None:
        header = {"traceparent": f"00-{traces[number]}-{CALLING}-01"}
        way = http[number % 2].post("contact-ways", json={"name": "x"}, headers=header)
        assert traces[number] in way.headers["traceparent"]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    corp.close()
    for wanted in traces:
        found = collector.find(lambda span, wanted=wanted: span.trace_id.hex() == wanted)
        assert found.parent_span_id.hex() == CALLING


def test_nobody_is_in_a_trace_and_no_probe_makes_one(traced: RunningServer, collector: Collector) -> None:
    corp = traced.new_corp()
    customer = corp.meet("xiaoming", "李想然")
    http = corp.http("xiaoming")
    http.post(f"conversations/{customer.conversation_id}/entries", json=entry("in-a-trace"))
    for path in ("/healthz", "/readyz", "/metrics"):
        assert "traceparent" not in httpx.get(traced.url + path, trust_env=False).headers
    http.get("conversations/nowhere?secret=13912345678")
    collector.find(lambda span: attributes(span).get("http.response.status_code") == 404)
    traced.settle()
    collector.find(lambda span: span.name.startswith("follower "))
    text = "".join(str(request) for request in collector.requests)
    corp.close()
    people = (SAID, "李想然", "xiaoming", "13912345678", corp.corp_id, customer.conversation_id, customer.consumer_id)
    assert [each for each in people if each in text or each.encode().decode("latin-1") in text] == []
    routes = {attributes(span).get("http.route") for span in collector.spans()}
    assert routes & {"/healthz", "/readyz", "/metrics"} == set()


def test_who_names_no_collector_loads_nothing_of_it() -> None:
    code = (
        "import asyncio, sys, tempfile; from pathlib import Path; from rapport.app import running;"
        "from rapport.settings import Settings\n"
        "async def main():\n"
        "    async with running(Settings(data=Path(tempfile.mkdtemp()))): await asyncio.sleep(0.1)\n"
        "asyncio.run(main())\n"
        "loaded = ('opentelemetry.sdk', 'opentelemetry.exporter', 'opentelemetry.trace', 'prometheus_client')\n"
        "print([name for name in sys.modules if name.startswith(loaded)])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert ran.stdout.splitlines()[-1] == "[]", ran.stdout + ran.stderr
