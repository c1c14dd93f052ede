"""Writes docs/reference anew from the types: what `make gen` starts, inside .venv.

openapi.json is what the running server answers, asyncapi.json and realtime.md come from the registry of frames.
"""

import asyncio
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import msgspec

from rapport import __version__
from rapport.app import running
from rapport.kernel.realtime.frames import client_frames, server_frames
from rapport.settings import Settings

REFERENCE = Path(__file__).resolve().parent.parent / "docs" / "reference"
SURFACES = ("staff", "consumer")
Schema = dict[str, Any]
Frames = Mapping[str, type[msgspec.Struct]]


def main() -> None:
    """Write every generated page; the same types give the same bytes."""
    REFERENCE.mkdir(parents=True, exist_ok=True)
    _write("openapi.json", _as_json(asyncio.run(openapi())))
    _write("asyncapi.json", _as_json(asyncapi(client_frames, server_frames)))
    _write("realtime.md", realtime_page(client_frames, server_frames))


async def openapi() -> Schema:
    """The document as a client gets it, from a server on an empty database."""
    with tempfile.TemporaryDirectory() as folder:
        async with (
            running(Settings(data=Path(folder))) as application,
            httpx.AsyncClient(transport=httpx.ASGITransport(application.asgi), base_url="http://rapport") as client,
        ):
            return (await client.get("/api/openapi.json")).raise_for_status().json()


def asyncapi(client: Frames, server: Frames) -> Schema:
    """AsyncAPI 3.0 of the sockets: what the server receives is what clients send."""
    payloads, schemas = schemas_of(client, server)
    messages = {key: {"name": key.partition(".")[2], "payload": payload} for key, payload in payloads.items()}
    of_channel = {key: {"$ref": f"#/components/messages/{key}"} for key in messages}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Rapport realtime", "version": __version__, "license": {"name": "Apache-2.0"}},
        "defaultContentType": "application/json",
        "channels": {surface: {"address": f"/realtime/{surface}", "messages": of_channel} for surface in SURFACES},
        "operations": {
            f"{surface}.{direction}": {
                "action": action,
                "channel": {"$ref": f"#/channels/{surface}"},
                "messages": [
                    {"$ref": f"#/channels/{surface}/messages/{key}"} for key in messages if key.startswith(direction)
                ],
            }
            for surface in SURFACES
            for direction, action in (("client", "receive"), ("server", "send"))
        },
        "components": {"messages": messages, "schemas": schemas},
    }


def schemas_of(client: Frames, server: Frames) -> tuple[dict[str, Schema], dict[str, Schema]]:
    """The payload of each message (`client.read` and `server.read` are two), and every schema that they lead to."""
    keys = [*(f"client.{name}" for name in client), *(f"server.{name}" for name in server)]
    payloads, schemas = msgspec.json.schema_components(
        [*client.values(), *server.values()], ref_template="#/components/schemas/{name}"
    )
    return dict(zip(keys, payloads, strict=True)), schemas


def realtime_page(client: Frames, server: Frames) -> str:
    """The same for people."""
    payloads, schemas = schemas_of(client, server)
    parts = [
        "# Realtime",
        "<!-- Written by `make gen` from the frames' types. -->",
        "WebSocket at `/realtime/staff` and `/realtime/consumer`: text frames, one JSON object each, told by `type`.",
        "The types named here are in [asyncapi.json](asyncapi.json).",
    ]
    for title, direction in (("Client to server", "client."), ("Server to client", "server.")):
        keys = sorted(key for key in payloads if key.startswith(direction))
        parts += [
            f"## {title}",
            *(_section(key.removeprefix(direction), schemas[shape(payloads[key])]) for key in keys),
        ]
    return "\n\n".join(parts) + "\n"


def _section(name: str, schema: Schema) -> str:
    fields = {field: of for field, of in schema["properties"].items() if field != "type"}
    needed = set(schema.get("required", ()))
    rows = [f"| `{field}` | {shape(of)} | {'yes' if field in needed else 'no'} |" for field, of in fields.items()]
    table = ["", "| field | type | required |", "|---|---|---|", *rows] if rows else []
    return "\n".join([f"### {name}", "", " ".join(schema.get("description", "").split()), *table])


def shape(schema: Schema) -> str:
    """A JSON schema in a few words: `text, at most 64` or `list of Person`."""
    match schema:
        case {"$ref": str(ref)}:
            words = ref.rpartition("/")[2]
        case {"anyOf": list(options)}:
            words = " or ".join(shape(option) for option in options)
        case {"enum": list(values)}:
            words = " or ".join(f"`{value}`" for value in values)
        case {"type": "array", "items": of}:
            words = f"list of {shape(of)}{_limits(schema)}"
        case {"type": "object", "additionalProperties": dict(of)}:
            words = f"object of {shape(of)}{_limits(schema)}"
        case _:
            words = f"{schema.get('type', 'anything')}{_limits(schema)}"
    return words


def _limits(schema: Schema) -> str:
    words = {
        "minimum": "at least",
        "maximum": "at most",
        "minLength": "length at least",
        "maxLength": "length at most",
        "minItems": "items at least",
        "maxItems": "items at most",
        "maxProperties": "entries at most",
    }
    return "".join(f", {word} {schema[key]}" for key, word in words.items() if key in schema)


def _as_json(document: Schema) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _write(name: str, text: str) -> None:
    (REFERENCE / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
