"""The command ``rapport`` as an operator uses it: separate processes, real ports."""

import asyncio
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from rapport.client import Socket
from tests.scanning import picture_of, scan

READY_S = 120
RAPPORT = [sys.executable, "-m", "rapport"]
FAST = {"RAPPORT_PASSWORD_MEMORY_KIB": "64", "RAPPORT_PASSWORD_ROUNDS": "1", "PYTHONUNBUFFERED": "1"}
INSTALL = ["--corp", "山海有限公司", "--short-name", "山海", "--owner", "boss", "--owner-name", "老板"]


def rapport(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*RAPPORT, *arguments], capture_output=True, text=True, timeout=READY_S, check=False, env=os.environ | FAST
    )


@contextmanager
def running(*arguments: str, until: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Start a server and read its output until the line that ends its announcement."""
    process = subprocess.Popen(
        [*RAPPORT, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        env=os.environ | FAST,
    )
    assert process.stdout is not None
    said: list[str] = []
    try:
        for line in process.stdout:
            said.append(line)
            if until in line:
                break
        yield process, "".join(said)
    finally:
        process.kill()
        process.wait(20)
        process.stdout.close()


def stop(process: "subprocess.Popen[str]", how: signal.Signals = signal.SIGINT) -> int:
    process.send_signal(how)
    return process.wait(20)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "data"


@pytest.fixture(scope="module")
def first_start(folder: Path) -> tuple[str, dict[str, Any], int]:
    """The demo's first start: what it printed, its demo.json, how it ended; some answers are checked meanwhile."""
    with running("demo", "--data", str(folder), "--port", "0", until="Ctrl-C") as (process, said):
        demo = json.loads((folder / "demo.json").read_text())
        check_accounts(demo)
        check_codes(demo)
        check_conversations(demo)
        return said, demo, asyncio.run(stop_before_a_socket(process, demo))


async def stop_before_a_socket(process: "subprocess.Popen[str]", demo: dict[str, Any]) -> int:
    """Stop the server and see that an open socket is told to come back before it is closed."""
    token = next(account["token"] for account in demo["accounts"] if account["userid"] == "xiaoming")
    async with Socket(demo["base_url"], "staff", token=token, cookie=None) as socket:
        stopped = asyncio.create_task(asyncio.to_thread(stop, process))
        assert (await socket.expect("bye"))["reason"] == "restart"
        await socket.closed()
        return await stopped


def check_accounts(demo: dict[str, Any]) -> None:
    """Every account signs in the way demo.json says, and its token works for programs."""
    shown = httpx.get(f"{demo['base_url']}/api/public/demo", trust_env=False).json()
    assert [account["login"] for account in shown["accounts"]] == [account["login"] for account in demo["accounts"]]
    assert "token" not in shown["accounts"][0]
    for account in demo["accounts"]:
        surface, own = account["surface"], {"Authorization": f"Bearer {account['token']}"}
        me = httpx.get(f"{demo['base_url']}/api/{surface}/me", headers=own, trust_env=False)
        assert me.status_code == 200, me.text
        if account["password"] is None:
            assert httpx.get(account["code_url"], trust_env=False).json() == {"items": []}
        else:
            entry = {key: account[key] for key in ("login", "password")} | {"corp": demo["corp"], "device": "test"}
            signed_in = httpx.post(f"{demo['base_url']}/api/{surface}/sign-in", json=entry, trust_env=False)
            assert signed_in.status_code == 200, signed_in.text


def check_codes(demo: dict[str, Any]) -> None:
    for code in demo["contact_codes"]:
        url = f"{demo['base_url']}/api/consumer/contact-ways/{code['code']}"
        landing = httpx.get(url, trust_env=False).json()
        assert landing["status"] == "open"
        assert code["url"] == f"{demo['base_url']}/q/{code['code']}"
        assert code["userid"] in [window["userid"] for window in landing["windows"]]


def check_conversations(demo: dict[str, Any]) -> None:
    """The guide's screen looks lived in: waiting at different ages, unread, and read ones."""
    guide = next(account for account in demo["accounts"] if account["userid"] == "xiaoming")
    with httpx.Client(
        base_url=f"{demo['base_url']}/api/staff/",
        headers={"Authorization": f"Bearer {guide['token']}"},
        trust_env=False,
    ) as http:
        page = http.get("conversations", params={"limit": 30}).json()
        assert len(page["items"]) >= 30
        assert page["counts"]["waiting"] >= 5
        assert page["counts"]["unread"] >= 3
        waiting = http.get("conversations", params={"segment": "waiting"}).json()["items"]
        ages_min = sorted((time.time() - item["waiting_since"] / 1e6) / 60 for item in waiting)
        assert ages_min[0] < 15
        assert ages_min[-1] > 60
        kinds = {item["kind"] for item in page["items"]}
        assert kinds == {"direct", "group", "customer"}
        wang = next(item for item in page["items"] if any(p["name"] == "王姐 · 37 码" for p in item["people"]))
        entries = http.get(f"conversations/{wang['conversation_id']}/entries", params={"after": 0}).json()["items"]
        assert {"system", "text", "image", "link", "voice"} <= {entry["kind"] for entry in entries}
        sent = [entry["sent_at"] for entry in entries]
        assert sent == sorted(sent)
        assert max(sent) <= time.time() * 1e6
        assert min(sent) > (time.time() - 31 * 86_400) * 1e6
        voice = next(entry for entry in entries if entry["kind"] == "voice")["body"]
        assert 2000 < voice["duration_ms"] < 5000
        assert http.get(f"files/{voice['file_id']}").status_code == 200


def test_the_demo_says_where_to_go_as_whom_and_shows_the_guides_code(first_start: tuple[str, Any, int]) -> None:
    said, demo, _ = first_start
    for needed in (f"{demo['base_url']}/staff/", f"{demo['base_url']}/admin/", "xiaoming", "HOST=0.0.0.0"):
        assert needed in said
    assert demo["contact_codes"][0]["url"] in said
    assert scan(picture_of(said)) == [demo["contact_codes"][0]["url"]]


def test_the_demo_ends_on_ctrl_c_without_a_word_of_alarm(first_start: tuple[str, Any, int]) -> None:
    said, _, code = first_start
    assert code == 0
    assert "Traceback" not in said
    # A machine that stands still for a moment says so; that is its own business.
    assert [line for line in said.splitlines() if "warning" in line and "slow_command" not in line] == []


def test_tokens_are_for_the_folders_owner_alone(first_start: tuple[str, Any, int], folder: Path) -> None:
    assert first_start[2] == 0
    assert stat.S_IMODE((folder / "demo.json").stat().st_mode) == 0o600


def test_a_second_start_keeps_everything(first_start: tuple[str, Any, int], folder: Path) -> None:
    _, before, _ = first_start
    keys = (folder / "keys.json").read_bytes()
    with running("run", "--data", str(folder), "--port", "0", until="Ctrl-C") as (process, said):
        assert "preparing" not in said
        after = json.loads((folder / "demo.json").read_text())
        assert stop(process, signal.SIGTERM) == 0
    assert (folder / "keys.json").read_bytes() == keys
    tokens = [[account["token"] for account in demo["accounts"]] for demo in (before, after)]
    assert tokens[0] == tokens[1]
    assert [code["code"] for code in before["contact_codes"]] == [code["code"] for code in after["contact_codes"]]


def test_a_demo_leaves_an_installation_alone(tmp_path: Path) -> None:
    assert rapport("init", "--data", str(tmp_path / "real"), *INSTALL).returncode == 0
    database = (tmp_path / "real" / "rapport.db").read_bytes()
    refused = rapport("demo", "--data", str(tmp_path / "real"), "--port", "0")
    assert refused.returncode == 1
    assert "holds an installation" in refused.stderr
    assert (tmp_path / "real" / "rapport.db").read_bytes() == database


def test_an_installation_begins_with_its_owner_setting_a_password(tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    made = rapport("init", "--data", data, "--public-url", "https://talk.example.com", *INSTALL)
    assert made.returncode == 0, made.stderr
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    link = next(word for word in made.stdout.split() if "/staff/invitation#" in word)
    assert link.startswith("https://talk.example.com/")
    secret = link.rpartition("#")[2]
    with running("serve", "--data", data, "--port", "0", until="answers at") as (process, said):
        url = said.rstrip().rpartition(" ")[2]
        entry = {"password": "a long enough secret", "device": "laptop"}
        accepted = httpx.post(f"{url}/api/staff/invitations/{secret}", json=entry, trust_env=False)
        assert accepted.status_code == 200, accepted.text
        assert accepted.json()["member"]["role"] == "owner"
        assert accepted.json()["corp"]["badge"] == "@山海"
        assert httpx.get(f"{url}/api/public/demo", trust_env=False).status_code == 404
        assert httpx.get(f"{url}/healthz", trust_env=False).json()["status"] == "ok"
        assert stop(process) == 0


def test_an_installation_has_an_operator_who_founds_corps(tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    made = rapport("init", "--data", data, *INSTALL, "--operator", "ops", "--operator-name", "小运")
    assert made.returncode == 0, made.stderr
    first = one_time_secret(made.stdout)
    with running("serve", "--data", data, "--port", "0", until="answers at") as (process, said):
        url = f"{said.rstrip().rpartition(' ')[2]}/api/operator"
        entry = {"login": "ops", "password": "a long enough secret"}
        accepted = httpx.post(f"{url}/invitations/{first}", json={"password": entry["password"]}, trust_env=False)
        assert accepted.json()["operator"]["name"] == "小运"
        token = httpx.post(f"{url}/tokens", json=entry, trust_env=False).json()["token"]
        own = {"Authorization": f"Bearer {token}"}
        corps = httpx.get(f"{url}/corps", headers=own, trust_env=False).json()["items"]
        assert [corp["corp"]["badge"] for corp in corps] == ["@山海"]
        # Beside the running server: another operator, and a new secret for the first.
        added = rapport("operator", "add", "second", "--name", "小营", "--data", data)
        password = {"password": "another long secret"}
        answer = httpx.post(f"{url}/invitations/{one_time_secret(added.stdout)}", json=password, trust_env=False)
        assert answer.json()["operator"]["operator_id"] == "second"
        reset = rapport("operator", "reset", "ops", "--data", data)
        assert httpx.get(f"{url}/me", headers=own, trust_env=False).status_code == 401
        answer = httpx.post(f"{url}/invitations/{one_time_secret(reset.stdout)}", json=password, trust_env=False)
        assert answer.json()["operator"]["operator_id"] == "ops"
        assert stop(process) == 0
    assert "There is no operator nobody" in rapport("operator", "reset", "nobody", "--data", data).stderr
    assert "already" in rapport("operator", "add", "OPS", "--name", "x", "--data", data).stderr
    assert "There is no installation" in rapport("operator", "add", "x", "--name", "x", "--data", "nowhere").stderr


def one_time_secret(said: str) -> str:
    return next(word for word in said.split() if "/api/operator/invitations/" in word).rpartition("/")[2]


def test_an_installation_does_not_start_without_its_keys(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert rapport("init", "--data", str(data), *INSTALL).returncode == 0
    keys = data / "keys.json"
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    assert "already" in rapport("keys", "--data", str(data)).stderr
    start = ("serve", "--data", str(data), "--port", "0")
    keys.chmod(0o644)
    assert f"chmod 600 {keys}" in rapport(*start).stderr
    before = keys.read_bytes()
    keys.unlink()
    stopped = rapport(*start)
    assert stopped.returncode == 1
    assert "put it back from the backup" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert not keys.exists()
    assert rapport("keys", "--data", str(data)).returncode == 0
    assert keys.read_bytes() != before
    with running(*start, until="answers at") as (process, _):
        assert stop(process) == 0


def test_an_installation_is_made_once(tmp_path: Path) -> None:
    assert rapport("init", "--data", str(tmp_path / "data"), *INSTALL).returncode == 0
    again = rapport("init", "--data", str(tmp_path / "data"), *INSTALL)
    assert again.returncode == 1
    assert "already; nothing was changed" in again.stderr


def test_what_init_refuses_leaves_nothing(tmp_path: Path) -> None:
    wrong = ["--corp", "山海有限公司", "--short-name", "@", "--owner", "boss", "--owner-name", "老板"]
    refused = rapport("init", "--data", str(tmp_path / "data"), *wrong)
    assert refused.returncode == 1
    assert "short_name" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert [file for file in (tmp_path / "data").rglob("*") if file.is_file()] == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["serve", "--data", "nowhere"], "There is no installation in nowhere"),
        (["demo"], "Missing option '--data'"),
        (["run", "--port", "99999"], "99999 is not in the range"),
        (["run", "--certificate", "gone.pem"], "does not exist"),
    ],
)
def test_what_stops_a_command_is_one_sentence(arguments: list[str], sentence: str) -> None:
    stopped = rapport(*arguments)
    assert stopped.returncode in {1, 2}
    assert sentence in stopped.stderr
    assert "Traceback" not in stopped.stderr


def test_a_stopping_server_serves_on_until_a_balancer_has_noticed(tmp_path: Path) -> None:
    data, drain_s = str(tmp_path / "data"), 1.5
    assert rapport("init", "--data", data, *INSTALL).returncode == 0
    start = ("serve", "--data", data, "--port", "0")
    os.environ["RAPPORT_DRAIN_S"] = str(drain_s)
    try:
        with running(*start, until="answers at") as (process, said):
            url = said.rstrip().rpartition(" ")[2]
            assert httpx.get(f"{url}/readyz", trust_env=False).status_code == 200
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            while (answer := httpx.get(f"{url}/readyz", trust_env=False)).status_code == 200:
                assert time.monotonic() < began + drain_s, "a stopping server stays ready"
            assert [field["path"] for field in answer.json()["fields"]] == ["draining"]
            while process.poll() is None and time.monotonic() < began + drain_s - 0.3:
                # New connections too: the balancer still sends some.
                assert httpx.get(f"{url}/api/public/corps/x", trust_env=False).status_code < 500
            assert process.wait(20) == 0
            assert time.monotonic() - began >= drain_s
        os.environ["RAPPORT_DRAIN_S"] = "600"
        with running(*start, until="answers at") as (process, _):
            process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
            assert process.poll() is None
            # A second signal cuts the pause short.
            assert stop(process) == 0
    finally:
        del os.environ["RAPPORT_DRAIN_S"]


def test_a_taken_port_is_said_before_anything_is_made(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        stopped = rapport("demo", "--data", str(tmp_path / "data"), "--port", str(port))
    assert stopped.returncode == 1
    assert f"Cannot listen on 127.0.0.1:{port}" in stopped.stderr
    assert not (tmp_path / "data" / "rapport.db").exists()
