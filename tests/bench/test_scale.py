"""The scale model: what may be said of it whatever the figures are."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.scale.assumptions import Assumptions, sources
from bench.scale.measured import KEPT, Measured, read_measured, read_results
from bench.scale.model import Need, estimate
from bench.scale.printing import STAGES, show

ROOT = Path(__file__).parents[2]
COSTS = st.floats(min_value=1, max_value=100_000)
MEASURED = st.builds(
    Measured, socket_kib=COSTS, action_us=COSTS, delivery_us=COSTS, resume_us=COSTS, message_bytes=COSTS
)
ASSUMED = st.builds(
    Assumptions,
    messages_per_user_day=st.floats(0, 500),
    connected_at_peak=st.floats(0, 1),
    deliveries_per_message=st.floats(0, 50),
    spare_share=st.floats(0, 1),
    replicas_per_primary=st.integers(0, 3).map(float),
    hot_days=st.floats(1, 400),
)
USERS = st.integers(0, 100_000_000)
WHOLE = ("sockets", "processes", "serving_machines", "primaries", "database_machines", "machines")


def amounts(need: Need) -> dict[str, float]:
    """Return everything that may only grow; how long a storm takes may fall when a process is added."""
    found: dict[str, float] = {**msgspec.structs.asdict(need), "machines": need.machines}
    del found["storm_s"]
    return found


@given(USERS, USERS, MEASURED, ASSUMED)
def test_more_users_never_need_less(some: int, more: int, measured: Measured, assumed: Assumptions) -> None:
    few, many = (amounts(estimate(users, measured, assumed)) for users in sorted((some, more)))
    assert {name: (few[name], many[name]) for name in few if few[name] > many[name]} == {}


@given(MEASURED, ASSUMED)
def test_nobody_needs_nothing(measured: Measured, assumed: Assumptions) -> None:
    assert set(amounts(estimate(0, measured, assumed)).values()) == {0}


@given(st.integers(1, 50_000_000), MEASURED, ASSUMED)
def test_twice_the_users_need_at_most_twice_and_one(users: int, measured: Measured, assumed: Assumptions) -> None:
    once, twice = (amounts(estimate(number, measured, assumed)) for number in (users, 2 * users))
    assert {name for name in WHOLE if twice[name] > 2 * once[name] + 1} == set()


@given(st.integers(1_000, 50_000_000), MEASURED)
def test_what_costs_more_needs_more(users: int, measured: Measured) -> None:
    before = estimate(users, measured, Assumptions())
    dearer = msgspec.structs.replace(
        measured, action_us=measured.action_us * 2, message_bytes=measured.message_bytes * 2
    )
    after = estimate(users, dearer, Assumptions())
    assert after.serving_cores > before.serving_cores
    assert after.hot_tb == pytest.approx(before.hot_tb * 2)
    assert after.machines >= before.machines


def test_a_process_holds_no_more_sockets_than_it_can() -> None:
    idle = msgspec.structs.replace(read_measured(), action_us=1.0, delivery_us=1.0)
    assumed = Assumptions(sockets_per_process=1_000)
    assert estimate(1_000_000, idle, assumed).processes == 400


def test_every_assumption_has_a_source() -> None:
    assert set(sources()) == set(Assumptions.__struct_fields__)
    assert [
        name for name, source in sources().items() if not source.startswith(("messaging-evidence.md §", "own: "))
    ] == []


def test_figures_come_from_the_results_of_a_run(tmp_path: Path) -> None:
    results = tmp_path / "bench.json"
    lines = [
        {"name": "5,000 idle connections: memory of each", "figure": 11.5},
        {"name": "knee, PostgreSQL, two nodes: users", "figure": 9, "also": {"server µs per action": 1234.5}},
        {"name": "cold start to the first answer", "figure": 3},
    ]
    results.write_bytes(msgspec.json.encode({"machine": "", "lines": lines}))
    assert read_results(results) == {"socket_kib": 11.5, "action_us": 1234.5}
    kept = msgspec.json.decode(KEPT.read_bytes(), type=Measured)
    assert read_measured(results) == msgspec.structs.replace(kept, socket_kib=11.5, action_us=1234.5)
    assert read_measured(tmp_path / "none.json") == kept == read_measured()


def test_the_model_is_printed_with_its_figures_and_its_assumptions() -> None:
    shown = show(STAGES, read_measured(), Assumptions())
    ran = subprocess.run(
        [sys.executable, "-m", "bench.scale"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout == shown + "\n"
    assert [
        word for word in ("60,000,000", "machines", "action_us", *Assumptions.__struct_fields__) if word not in shown
    ] == []
