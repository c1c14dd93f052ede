"""The bench runs from end to end. How long anything takes is no test's business: machines are shared."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec

ROOT = Path(__file__).parents[2]
ROWS = [
    "20 idle connections: memory of each",
    "resume of 10 among 40 conversations: queries",
    "resume of 10 among 40 conversations: server CPU",
    "GET conversation: server CPU per read",
    "GET me: server CPU per read",
    "first page of 40 conversations: server CPU",
    "group of 5 online: server CPU per delivery",
    "group of 9 online: server CPU per delivery",
    "durable 1:1, 4 senders: server CPU per message",
    "durable 1:1, 4 senders: messages per second",
    "durable 1:1, 4 senders: p99 at half load",
    "write-ahead log after the messages",
    "cold start to the first answer",
    "PostgreSQL, two nodes, 4 senders: messages per second",
]
STORM = [
    f"40 come back after {end}: {what}"
    for end in ("kill -9", "SIGTERM")
    for what in ("until the last is in step", "server CPU per resume", "p99 of others' sends meanwhile")
]
SLOW = ["2 of 5 stop reading: until the others have a message", "2 of 5 stop reading: memory for each until cut off"]
USERS = [
    "knee, embedded, one core: users with 20 s between actions",
    "a message stored in the embedded database",
    "knee, PostgreSQL, two nodes, all on the same two cores: users with 20 s between actions",
    "a message stored on PostgreSQL",
]
LAG = [
    f"followers, {where}, {load} load: oldest message not followed, nine looks in ten"
    for where in ("embedded", "PostgreSQL, two nodes")
    for load in ("half", "full")
]
SCALE = [f"model: {users} active users" for users in ("10,000", "1,000,000", "60,000,000")]


def run_bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bench", *arguments]
    return subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False, timeout=300)


Lines = list[dict[str, Any]]


def run_quickly(folder: Path, *names: str) -> tuple[Lines, str]:
    """Run lines, or without a name those that are not on demand; return them and what was printed."""
    ran = run_bench(*names, "--quick", "--results", str(folder))
    assert ran.returncode == 0, ran.stderr
    lines: Lines = msgspec.json.decode((folder / "bench.json").read_bytes())["lines"]
    assert [line["name"] for line in lines if not all(figure > 0 for figure in line["rounds"])] == []
    return lines, ran.stdout


def test_every_line_is_measured_beside_its_floor(tmp_path: Path) -> None:
    lines, printed = run_quickly(tmp_path)
    assert [line["name"] for line in lines] == ROWS
    assert {line["name"] for line in lines if line["floor"] is None} == {ROWS[1], ROWS[11]}
    shown = (tmp_path / "bench.md").read_text()
    assert [name for name in ROWS if name not in shown] == []
    assert shown in printed


def test_everybody_comes_back_after_the_server_ended(tmp_path: Path) -> None:
    lines, _ = run_quickly(tmp_path, "storm")
    assert [line["name"] for line in lines] == STORM
    for line in lines:
        assert line["floor"] is not None
        assert line["also"].get("errors", 0) == 0
        assert line["also"].get("asked what changed", 40) == 40
        assert line["also"].get("sent again", 1) <= 20


def test_whoever_stops_reading_is_cut_off(tmp_path: Path) -> None:
    lines, _ = run_quickly(tmp_path, "slow")
    assert [line["name"] for line in lines] == SLOW
    assert lines[1]["also"]["cut off"] == 2


def test_users_are_simulated_on_both_engines(tmp_path: Path) -> None:
    lines, _ = run_quickly(tmp_path, "users")
    assert [line["name"] for line in lines] == USERS
    assert [line["rounds"] for line in lines if line["unit"] == "users"] == [[160], [160]]
    assert [line["also"]["errors %"] for line in lines if line["unit"] == "users"] == [0, 0]


def test_followers_catch_up_on_both_engines(tmp_path: Path) -> None:
    lines, _ = run_quickly(tmp_path, "lag")
    assert [line["name"] for line in lines] == LAG
    assert [line["name"] for line in lines if line["also"]["others after ms"] <= 0] == []


def test_the_scale_model_is_a_line_too(tmp_path: Path) -> None:
    lines, printed = run_quickly(tmp_path, "scale")
    assert [line["name"] for line in lines] == SCALE
    assert "connected_at_peak" in printed


def test_what_counting_adds_is_measured_alone() -> None:
    command = [sys.executable, "-m", "bench.counting"]
    ran = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stderr
    found = re.fullmatch(r"counting a message: (\d+) ns \(budget 1500 ns\)\n", ran.stdout)
    assert found is not None, ran.stdout
    assert int(found[1]) > 0


def test_a_line_that_there_is_not_is_named() -> None:
    ran = run_bench("sending-everything")
    assert ran.returncode == 2
    assert "sending-everything" in ran.stderr


def test_the_retailer_is_loaded_and_asked_on_both_engines(tmp_path: Path) -> None:
    ran = run_bench("retailer", "--quick", "--customers", "400", "--results", str(tmp_path))
    assert ran.returncode == 0, ran.stderr
    lines = msgspec.json.decode((tmp_path / "bench.json").read_bytes())["lines"]
    found = [line["name"] for line in lines]
    for engine in ("embedded", "PostgreSQL"):
        assert f"{engine}, 40 customers: rows loaded per second" in found
        assert f"{engine}, 400 customers: rows loaded per second" in found
        asked = [
            line for line in lines if line["name"].startswith(f"{engine}, 400 customers: ") and line["unit"] == "ms"
        ]
        assert len(asked) == 7
        assert [line["name"] for line in asked if not (line["figure"] > 0 and line["also"]["p99 ms"] > 0)] == []
