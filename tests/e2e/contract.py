"""Whether what the apps say and hear is what the reference describes."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
JSON_TYPES = {"application/json", "application/problem+json"}
Schema = dict[str, Any]


class HttpContract:
    """``openapi.json``: finds the operation of a call and checks both bodies against it."""

    def __init__(self, document: Schema) -> None:
        self._components = document["components"]
        self._operations = [
            (re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), path, operations)
            for path, operations in document["paths"].items()
        ]

    def describes(self, path: str) -> bool:
        """Return whether the reference speaks of this address at all; it leaves out pages and their files."""
        return path.startswith(("/api/", "/files/")) or (path.startswith("/q/") and path.endswith((".png", ".svg")))

    def check_request(self, method: str, path: str, body: bytes | None, content_type: str) -> str | None:
        """Return what is wrong with a request, or None."""
        operation = self._find(method, path)
        if operation is None:
            return f"{method} {path} is not described"
        described = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content_type != "application/json":
            return None
        if described is None:
            return f"{method} {path} sends JSON that is not described: {body!r}"
        return self._check(f"{method} {path} sends", described["schema"], body or b"")

    def check_response(self, method: str, path: str, status: int, content_type: str, body: bytes) -> str | None:
        """Return what is wrong with an answer, or None."""
        operation = self._find(method, path)
        if operation is None:
            return f"{method} {path} is not described"
        responses = operation["responses"]
        answer = responses.get(str(status)) or (responses.get("default") if status >= 400 else None)
        if answer is None:
            return f"{method} {path} answers {status}, which is not described"
        content = answer.get("content", {}).get(content_type)
        if content_type not in JSON_TYPES:
            return None
        if content is None:
            return f"{method} {path} answers {status} with {content_type}, which is not described"
        return self._check(f"{method} {path} answers {status} with", content["schema"], body)

    def _find(self, method: str, path: str) -> Schema | None:
        found = [(pattern, operations) for pattern, _, operations in self._operations if pattern.fullmatch(path)]
        # An address without placeholders is meant before one that has them.
        found.sort(key=lambda pair: pair[0].pattern.count("[^/]+"))
        return next((operations[method.lower()] for _, operations in found if method.lower() in operations), None)

    def _check(self, what: str, schema: Schema, body: bytes) -> str | None:
        return _check(what, _validator(json.dumps({**schema, "components": self._components})), body)


class FrameContract:
    """``asyncapi.json``: each frame names its type, and its type its shape."""

    def __init__(self, document: Schema) -> None:
        self._components = document["components"]
        self._channels = {channel["address"]: channel["messages"] for channel in document["channels"].values()}

    def check(self, path: str, *, sent: bool, text: str) -> str | None:
        """Return what is wrong with a frame on a socket, or None."""
        messages = self._channels.get(path)
        if messages is None:
            return f"socket {path} is not described"
        side = "fromClient" if sent else "fromServer"
        kind = json.loads(text)["type"]
        if f"{side}.{kind}" not in messages:
            return f"{path}: {side} {kind} is not described"
        payload = self._components["messages"][f"{side}.{kind}"]["payload"]
        validator = _validator(json.dumps({**payload, "components": self._components}))
        return _check(f"{path}: {side} {kind}", validator, text.encode())


@cache
def _validator(schema: str) -> Any:  # noqa: ANN401  the library's own type has no public name
    return jsonschema_rs.validator_for(schema)


def _check(what: str, validator: Any, body: bytes) -> str | None:  # noqa: ANN401  see above
    try:
        value = json.loads(body)
    except ValueError:
        return f"{what} no JSON: {body[:200]!r}"
    problems = [f"{error.message} at {error.instance_path}" for error in validator.iter_errors(value)]
    return f"{what} {body[:400].decode()}: {'; '.join(problems)}" if problems else None


@cache
def http_contract() -> HttpContract:
    """Return the committed reference of HTTP."""
    return HttpContract(json.loads((REFERENCE / "openapi.json").read_text()))


@cache
def frame_contract() -> FrameContract:
    """Return the committed reference of the sockets."""
    return FrameContract(json.loads((REFERENCE / "asyncapi.json").read_text()))
