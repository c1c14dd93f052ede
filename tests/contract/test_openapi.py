"""The OpenAPI document against the running server.

Whatever is sent, no 500, and every answer has the shape that is promised.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from rapport.features.identity.api import create_operator, open_session
from rapport.kernel.policy import PLATFORM
from rapport.kernel.tx import Tx
from tests.conftest import RunningServer

ROOT = Path(__file__).parents[2]
EXAMPLES = 15
CHECKS = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
SURFACES = ("staff", "consumer", "admin", "operator")


@pytest.fixture(scope="module")
def credentials(server: RunningServer) -> Iterator[dict[str, dict[str, str]]]:
    """Headers of a signed-in person per surface; the corp has a customer and a conversation to stumble over."""
    corp = server.new_corp()
    customer = corp.meet("xiaoming")
    cookies = "; ".join(f"{name}={value}" for name, value in customer.http.cookies.items())
    yield {
        "staff": {"Authorization": f"Bearer {corp.token('xiaoming')}"},
        "admin": {"Authorization": f"Bearer {corp.token('laoban', 'admin')}"},
        "consumer": {"Cookie": cookies, "X-Rapport": "1"},
        "operator": {"Authorization": f"Bearer {operator_token(server)}"},
    }
    corp.close()


def operator_token(server: RunningServer) -> str:
    """Add an operator and open a session."""

    def enter(tx: Tx) -> str:
        create_operator(tx, "ops", "Operator")
        return open_session(
            tx, surface="operator", corp_id=PLATFORM, userid="ops", consumer_id=None, device="", user_agent="", ip=""
        ).secret

    return server.write(enter)


# Ending every session, or the one that the test itself uses, would only test being signed out.
# Codes' pictures share their path with the landing page, which is HTML.
LEFT_OUT = re.compile(r"sign-out|/sessions$|/me/password|^/q/")
SCHEMA = schemathesis.openapi.from_dict(json.loads((ROOT / "docs/reference/openapi.json").read_text()))
OPERATIONS = {
    operation.label: operation
    for operation in (found.ok() for found in SCHEMA.get_all_operations())  # pyright: ignore[reportAttributeAccessIssue]  a wrong document fails here
    if not LEFT_OUT.search(operation.path)
}


@pytest.mark.parametrize("label", list(OPERATIONS))
def test_no_input_breaks_the_server(label: str, server: RunningServer, credentials: dict[str, dict[str, str]]) -> None:
    operation = OPERATIONS[label]
    surface = next((name for name in SURFACES if operation.path.startswith(f"/api/{name}/")), None)
    headers = {**(credentials[surface] if surface else {}), "Accept-Language": "en"}

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=CHECKS, database=None)
    @given(case=operation.as_strategy() | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
    def check(case: schemathesis.Case) -> None:
        case.call_and_validate(
            base_url=server.url,
            headers=headers,
            session=session,
            checks=[not_a_server_error, content_type_conformance, response_schema_conformance],
        )

    with requests.Session() as session:
        session.trust_env = False
        check()


def test_the_reference_is_what_the_types_say() -> None:
    found = subprocess.run(
        [sys.executable, "-W", "ignore", str(ROOT / "tools" / "reference.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize(
    ("method", "path", "content", "mime", "status"),
    [
        ("POST", "/api/staff/sign-in", b"{", "application/json", 422),
        ("POST", "/api/staff/sign-in", b'{"corp": "\xff\xfe"}', "application/json", 422),
        ("POST", "/api/staff/sign-in", b"", "application/json", 422),
        ("POST", "/api/staff/sign-in", b"[" * 100_000, "application/json", 422),
        ("POST", "/api/staff/sign-in", b" " * (1024 * 1024 + 1), "application/json", 413),
        ("POST", "/api/staff/sign-in", b"corp=a", "application/x-www-form-urlencoded", 422),
        ("POST", "/api/consumer/codes", b'{"phone": 13800138000}', "application/json", 422),
        ("POST", "/api/consumer/codes", b'{"phone": true}', "application/json", 422),
        ("PUT", "/api/staff/sign-in", b"{}", "application/json", 405),
        ("GET", "/api/nowhere", None, "application/json", 404),
        ("GET", "/api/staff/me", None, "application/json", 401),
    ],
)
def test_hostile_requests_get_a_problem(
    server: RunningServer, method: str, path: str, content: bytes | None, mime: str, status: int
) -> None:
    answer = httpx.request(
        method,
        server.url + path,
        content=content,
        headers={"Content-Type": mime, "Accept-Language": "en"},
        trust_env=False,
    )
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(answer.json()) >= {"type", "title", "status", "code", "detail", "fields"}
    assert "Traceback" not in answer.text
