"""Installations with real data to back up, restore, look at and move, and the command line that does it."""

import json
import os
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
from click.testing import CliRunner, Result

from rapport.cli import main
from tests.conftest import NO_TLS, Corp, Customer, RunningServer
from tests.features.files import samples
from tests.features.files.test_uploading import upload


def rapport(*arguments: object, url: str | None = None, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run the command line in a process of its own, as an operator does."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("RAPPORT_")} | environment
    if url is not None:
        own["RAPPORT_DATABASE_URL"] = url
    return subprocess.run(
        [sys.executable, "-m", "rapport", *map(str, arguments)],
        capture_output=True, text=True, timeout=120, check=False, env=own,
    )  # fmt: skip


LOGGED = re.compile(r"\d{4}-\d\d-\d\dT\S+ (info|warning|error) ")


def done(*arguments: object, url: str | None = None, **environment: str) -> str:
    """Run a command, here, that must succeed; return what it said."""
    ended = here(*arguments, url=url, **environment)
    assert ended.exit_code == 0, ended.output
    return ended.stdout


def here(*arguments: object, url: str | None = None, **environment: str) -> Result:
    """Run a command in this process."""
    own: dict[str, str | None] = {name: None for name in os.environ if name.startswith("RAPPORT_")}
    ended = CliRunner(env=own | environment | {"RAPPORT_DATABASE_URL": url}).invoke(main, [*map(str, arguments)])
    assert ended.exception is None or isinstance(ended.exception, SystemExit), ended.exc_info
    return ended


def refused(*arguments: object, url: str | None = None, **environment: str) -> str:
    """Run a command, here, that must be refused in one sentence; return it."""
    ended = here(*arguments, url=url, **environment)
    assert ended.exit_code == 1, ended.output
    # Whoever served in this process before may have left its log on the same stream.
    said = [line for line in ended.stderr.strip().splitlines() if not LOGGED.match(line)]
    assert len(said) == 1, ended.stderr
    return said[0]


def diagnose(folder: Path, url: str | None = None, **environment: str) -> dict[str, dict[str, Any]]:
    """Return what the doctor finds, by check."""
    ended = here("doctor", "--json", "--data", folder, url=url, **environment)
    # What a server in this process logs meanwhile stands around it.
    found = json.loads(ended.stdout[ended.stdout.index("{\n") : ended.stdout.rindex("\n}") + 2])
    assert ended.exit_code == int(any(check["status"] == "problem" for check in found["checks"]))
    return {check["name"]: check for check in found["checks"]}


class Lived(msgspec.Struct, frozen=True):
    """What people did in an installation, and how to look at it again later, wherever it is then."""

    corp_id: str
    token: str
    conversation_id: str
    picture: str
    bytes_of_picture: bytes
    texts: list[str]
    cursor: str

    def http(self, server: RunningServer) -> httpx.Client:
        """Return a client of the guide, whose session lives on."""
        return httpx.Client(
            base_url=f"{server.url}/api/staff/",
            headers={"Authorization": f"Bearer {self.token}", "Accept-Language": "en"},
            trust_env=False,
            verify=NO_TLS,
            timeout=20,
        )

    def check_all_there(self, server: RunningServer) -> None:
        """Everything that was acknowledged is there, in order, and the picture holds the same bytes."""
        with self.http(server) as http:
            assert texts_of(http, self.conversation_id)[: len(self.texts)] == self.texts
            assert http.get(f"files/{self.picture}").content == self.bytes_of_picture
            assert http.get(f"files/{self.picture}", params={"size": "thumb"}).status_code == 200


def texts_of(http: httpx.Client, conversation_id: str) -> list[str]:
    """Return every text of a conversation."""
    texts: list[str] = []
    after = 0
    while items := http.get(f"conversations/{conversation_id}/entries", params={"after": after, "limit": 100}).json()[
        "items"
    ]:
        texts += [item["body"]["text"] for item in items if item["kind"] == "text"]
        after = items[-1]["seq"]
    return texts


def say(http: httpx.Client, conversation_id: str, text: str) -> None:
    """Send a text and see it acknowledged."""
    body = {"client_id": uuid.uuid4().hex, "body": {"kind": "text", "text": text}}
    answer = http.post(f"conversations/{conversation_id}/entries", json=body)
    assert answer.status_code in {200, 201}, answer.text


def live(server: RunningServer, texts: int = 12, *, settle: bool = True) -> Lived:
    """Let a guide and customers talk and send a picture."""
    corp: Corp = server.new_corp()
    try:
        return _live(server, corp, texts, settle=settle)
    finally:
        corp.close()


def _live(server: RunningServer, corp: Corp, texts: int, *, settle: bool) -> Lived:
    customer: Customer = corp.meet("xiaoming")
    corp.meet("xiaohong", "李先生")
    guide = corp.http("xiaoming")
    token = guide.headers["Authorization"].removeprefix("Bearer ")
    said = [f"第 {number} 句" for number in range(texts)]
    for text in said:
        say(guide, customer.conversation_id, text)
    file = upload(guide, "image", samples.picture(size=(900, 700))).json()
    body = {"kind": "image"} | {name: file[name] for name in ("file_id", "width", "height", "size")}
    sent = guide.post(
        f"conversations/{customer.conversation_id}/entries", json={"client_id": uuid.uuid4().hex, "body": body}
    )
    assert sent.status_code in {200, 201}, sent.text
    stored = guide.get(f"files/{file['file_id']}").content
    if settle:
        server.settle()
    cursor = guide.get("sync").json()["cursor"]
    return Lived(corp.corp_id, token, customer.conversation_id, file["file_id"], stored, said, cursor)


@contextmanager
def serving(folder: Path, url: str | None, blobs_url: str | None = None) -> Iterator[RunningServer]:
    """Serve an installation for a while."""
    server = RunningServer(folder, database_url=url, blobs_url=blobs_url)
    server.start()
    try:
        yield server
    finally:
        server.stop()
