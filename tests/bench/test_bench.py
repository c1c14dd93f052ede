"""The bench runs from end to end. How long anything takes is no test's business: machines are shared."""

import os
import re
import subprocess
import sys
from pathlib import Path

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


def run_bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bench", *arguments]
    return subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False, timeout=300)


def test_every_line_is_measured_beside_its_floor(tmp_path: Path) -> None:
    ran = run_bench("--quick", "--results", str(tmp_path))
    assert ran.returncode == 0, ran.stderr
    lines = msgspec.json.decode((tmp_path / "bench.json").read_bytes())["lines"]
    assert [line["name"] for line in lines] == ROWS
    assert [line["name"] for line in lines if not all(figure > 0 for figure in line["rounds"])] == []
    assert {line["name"] for line in lines if line["floor"] is None} == {ROWS[1], ROWS[11]}
    shown = (tmp_path / "bench.md").read_text()
    assert [name for name in ROWS if name not in shown] == []
    assert shown in ran.stdout


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
