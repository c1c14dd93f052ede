"""Write what is generated from the types: OpenAPI, AsyncAPI, the reference pages, the web apps' TypeScript.

``make gen`` writes; ``tools/reference.py --check`` exits 1 when something on disk is not what the types say.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from litestar import Litestar

from rapport import app as composition
from rapport.kernel import journal, policy
from rapport.kernel.errors import Refusal
from rapport.kernel.http.application import build_http
from rapport.kernel.http.openapi import answer_types, describe, wire_types
from rapport.kernel.realtime.frames import client_frames, server_frames
from rapport.settings import Settings

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "docs" / "reference"
CONTRACT = ROOT / "web" / "src" / "contract" / "generated.ts"
NOTE = "Generated from the server's types by `make gen`; do not edit."
REF = "#/components/schemas/"
Schema = dict[str, Any]


async def _application() -> Litestar:
    with tempfile.TemporaryDirectory() as folder:
        async with composition.running(Settings(data=Path(folder))) as application:
            return build_http(composition.routes, application.runtime)


def all_types(http: Litestar) -> list[Any]:
    """Return every type that crosses HTTP or the socket, once."""
    return [*wire_types(http), *client_frames.values(), *server_frames.values()]


def _plain_name(name: str) -> str:
    """``Page_Member_`` becomes ``PageOfMember``."""
    head, _, rest = name.partition("_")
    return head if not rest else f"{head}Of{rest.rstrip('_').replace('_', '')}"


def typescript(schema: Schema) -> str:  # noqa: PLR0911  one answer per kind of schema
    """Return a JSON Schema as a TypeScript type."""
    if "$ref" in schema:
        return _plain_name(schema["$ref"].rpartition("/")[2])
    if "const" in schema:
        return json.dumps(schema["const"], ensure_ascii=False)
    if "enum" in schema:
        return " | ".join(json.dumps(value, ensure_ascii=False) for value in schema["enum"])
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(typescript(option) for option in schema["anyOf"]))
    match schema.get("type"):
        case "array":
            inner = typescript(schema.get("items", {}))
            return f"({inner})[]" if "|" in inner else f"{inner}[]"
        case "object" if "properties" not in schema:
            return f"Record<string, {typescript(schema.get('additionalProperties') or {})}>"
        case "integer" | "number":
            return "number"
        case "string" | "boolean" | "null" as plain:
            return plain
        case _:
            return "unknown"


def _interface(name: str, schema: Schema, *, sent: bool) -> str:
    lines: list[str] = []
    if text := schema.get("description"):
        lines.append(f"/** {' '.join(text.split())} */")
    if "properties" not in schema:
        return "\n".join([*lines, f"export type {_plain_name(name)} = {typescript(schema)}"])
    lines.append(f"export interface {_plain_name(name)} {{")
    required = set(schema["properties"] if sent else schema.get("required", []))
    for field, part in schema["properties"].items():
        if text := part.get("description"):
            lines.append(f"  /** {' '.join(text.split())} */")
        lines.append(f"  {field}{'' if field in required else '?'}: {typescript(part)}")
    return "\n".join([*lines, "}"])


def contract(types: list[Any], answers: list[Any]) -> str:
    """Return the web apps' types."""
    _, components = msgspec.json.schema_components(types, ref_template=REF + "{name}")
    parts = [f"// {NOTE}\n// Times are integer microseconds since the Unix epoch, UTC."]
    # What the server sends is always complete; a default only spares clients from saying it.
    sent = msgspec.json.schema_components(answers, ref_template=REF + "{name}")[1]
    parts += [_interface(name, schema, sent=name in sent) for name, schema in sorted(components.items())]
    for title, frames in (("ClientFrame", client_frames), ("ServerFrame", server_frames)):
        names = "".join(f"\n  | {cls.__name__}" for cls in frames.values())
        parts.append(f"export type {title} ={names}")
    return "\n\n".join(parts) + "\n"


def asyncapi() -> Schema:
    """Return the frames as an AsyncAPI 3.0 document."""
    frames = [*client_frames.values(), *server_frames.values()]
    _, schemas = msgspec.json.schema_components(frames, ref_template=REF + "{name}")
    directions = {"fromClient": client_frames, "fromServer": server_frames}
    messages = {
        f"{direction}.{tag}": {"name": tag, "summary": _first_line(cls), "payload": {"$ref": REF + cls.__name__}}
        for direction, group in directions.items()
        for tag, cls in group.items()
    }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Rapport realtime", "version": "1", "description": NOTE, "license": {"name": "Apache-2.0"}},
        "channels": {
            surface: {
                "address": f"/realtime/{surface}",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            }
            for surface in ("staff", "consumer")
        },
        "operations": {
            f"{direction}.{surface}": {
                "action": "receive" if direction == "fromClient" else "send",
                "channel": {"$ref": f"#/channels/{surface}"},
                "messages": [
                    {"$ref": f"#/channels/{surface}/messages/{direction}.{tag}"} for tag in directions[direction]
                ],
            }
            for direction in directions
            for surface in ("staff", "consumer")
        },
        "components": {"messages": messages, "schemas": schemas},
    }


def _first_line(cls: type) -> str:
    return " ".join((cls.__doc__ or "").split())


def _table(head: list[str], rows: list[list[str]]) -> str:
    escaped = [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(f"| {' | '.join(row)} |" for row in escaped)]
    return "\n".join(lines)


def _page(title: str, text: str, *tables: str) -> str:
    return "\n\n".join([f"# {title}", f"<!-- {NOTE} -->", text, *tables]) + "\n"


def _subclasses(cls: type[Refusal]) -> Iterator[type[Refusal]]:
    for found in cls.__subclasses__():
        yield found
        yield from _subclasses(found)


def errors_page() -> str:
    """Return the page of every refusal."""
    found = {cls.code: cls for cls in _subclasses(Refusal) if cls.__module__.startswith("rapport.")}
    rows = [
        [f'<a id="{code}"></a>`{code}`', str(cls.status), str(cls.errcode), cls.zh, cls.en]
        for code, cls in sorted(found.items())
    ]
    return _page(
        "Errors",
        "Every refusal is `application/problem+json`; nothing has changed then. Texts follow `Accept-Language`.",
        _table(["code", "HTTP", "errcode", "中文", "English"], rows),
    )


def facts_page() -> str:
    """Return the page of every fact."""
    rows = [
        [
            f"`{kind}` v{cls.version}",
            " ".join((cls.__doc__ or "").split()),
            f"`{msgspec.json.encode(cls.example).decode()}`",
        ]
        for kind, cls in sorted(journal.registry.items())
    ]
    return _page(
        "Facts", "What the journal records; ids only, never contents.", _table(["fact", "meaning", "example"], rows)
    )


def policies_page() -> str:
    """Return the page of every policy."""
    rows = [
        [
            f"`{name}`",
            found.zh,
            found.en,
            f"{json.dumps(found.default)} {found.unit}",
            ", ".join(f"{preset}: {json.dumps(value)}" for preset, value in found.presets.items()) or "–",
            " … ".join("" if bound is None else str(bound) for bound in (found.minimum, found.maximum)),
            found.source,
        ]
        for name, found in sorted(policy.registry.items())
    ]
    head = ["policy", "中文", "English", "default", "presets", "bounds", "source"]
    return _page("Policies", "Every limit of the product; a corp's administrators change them.", _table(head, rows))


def frames_page() -> str:
    """Return the page of every frame."""
    tables: list[str] = []
    for title, group in (("From the client", client_frames), ("From the server", server_frames)):
        _, schemas = msgspec.json.schema_components(list(group.values()), ref_template="{name}")
        rows = [
            [
                f"`{tag}`",
                ", ".join(f"`{field}`" for field in schemas[cls.__name__]["properties"] if field != "type"),
                _first_line(cls),
            ]
            for tag, cls in group.items()
        ]
        tables.append(f"## {title}\n\n" + _table(["type", "fields", "meaning"], rows))
    text = (
        "WebSocket `/realtime/staff` and `/realtime/consumer`: one JSON object per text message, told apart by `type`. "
        "Shapes are in [asyncapi.json](asyncapi.json)."
    )
    return _page("Realtime", text, *tables)


def settings_page() -> str:
    """Return the page of every setting, from the docstrings under the fields."""
    source = (ROOT / "src/rapport/settings.py").read_text()
    rows: list[list[str]] = []
    for field in Settings.__struct_fields__:
        after = source.split(f"    {field}: ", 1)[1]
        declared, _, rest = after.partition("\n")
        text = rest.split('"""')[1].removesuffix(f" RAPPORT_{field.upper()}")
        rows.append([f"`RAPPORT_{field.upper()}`", f"`{declared.partition(' = ')[2]}`", text])
    text = "Environment variables of a process; the command line's options come first."
    return _page("Settings", text, _table(["variable", "default", "meaning"], rows))


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def documents() -> dict[Path, str]:
    """Return every generated file by path."""
    http = asyncio.run(_application())
    return {
        CONTRACT: contract(all_types(http), [*answer_types(http), *server_frames.values()]),
        REFERENCE / "openapi.json": _json(describe(http)),
        REFERENCE / "asyncapi.json": _json(asyncapi()),
        REFERENCE / "realtime.md": frames_page(),
        REFERENCE / "errors.md": errors_page(),
        REFERENCE / "facts.md": facts_page(),
        REFERENCE / "policies.md": policies_page(),
        REFERENCE / "settings.md": settings_page(),
    }


def main() -> int:
    """Write, or with ``--check`` compare."""
    stale: list[Path] = []
    for path, text in documents().items():
        if path.exists() and path.read_text() == text:
            continue
        stale.append(path)
        if "--check" not in sys.argv:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    for path in stale:
        print(("stale: " if "--check" in sys.argv else "wrote ") + str(path.relative_to(ROOT)))
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
