"""The OpenAPI document: Litestar knows paths and parameters, msgspec knows the shapes exactly (tags, bounds, patterns).

Every operation also answers ``default`` with a Problem. The document is served at ``/api/openapi.json`` and committed
under docs/reference.
"""

from collections.abc import Iterator
from typing import Annotated, Any, get_args, get_origin

import msgspec
from litestar import Litestar, Response, get
from litestar.handlers import HTTPRouteHandler

from rapport.kernel.errors import Problem
from rapport.kernel.http.requests import AnyRequest

Schema = dict[str, Any]
REF = "#/components/schemas/{name}"


def handlers_of(http: Litestar) -> Iterator[HTTPRouteHandler]:
    """Yield every documented HTTP handler of the application."""
    for route in http.routes:
        for handler in getattr(route, "route_handlers", []):
            if isinstance(handler, HTTPRouteHandler) and handler.include_in_schema is not False:
                yield handler


def _plain(annotation: Any) -> Any:  # noqa: ANN401  any annotation
    """The JSON shape behind an annotation: without Annotated and without Response."""
    if get_origin(annotation) is Annotated:
        return _plain(get_args(annotation)[0])
    origin = get_origin(annotation)
    if isinstance(origin, type) and issubclass(origin, Response):
        return _plain(get_args(annotation)[0])
    return annotation


def body_type(handler: HTTPRouteHandler) -> Any | None:  # noqa: ANN401  any annotation
    """Return the type of a handler's JSON input, or None."""
    parameter = handler.parsed_fn_signature.parameters.get("data")
    return None if parameter is None else _plain(parameter.raw)


def answer_type(handler: HTTPRouteHandler) -> Any | None:  # noqa: ANN401  any annotation
    """Return the type of a handler's JSON answer, or None for bytes, streams and empty answers."""
    plain = _plain(handler.parsed_fn_signature.return_type.raw)
    origin = get_origin(plain) or plain
    return plain if isinstance(origin, type) and issubclass(origin, msgspec.Struct) else None


def wire_types(http: Litestar) -> list[Any]:
    """Return every type that crosses HTTP as JSON, once, in a stable order."""
    found: dict[str, Any] = {}
    for handler in handlers_of(http):
        for annotation in (body_type(handler), answer_type(handler)):
            if annotation is not None:
                found[str(annotation)] = annotation
    found[str(Problem)] = Problem
    return [found[name] for name in sorted(found)]


def answer_types(http: Litestar) -> list[Any]:
    """Return every type that the server answers with."""
    found = {str(kind): kind for kind in map(answer_type, handlers_of(http)) if kind is not None}
    return [*found.values(), Problem]


def describe(http: Litestar) -> Schema:
    """Return the OpenAPI 3.1 document of an application."""
    document: Schema = http.openapi_schema.to_schema()
    types = wire_types(http)
    shapes, components = msgspec.json.schema_components(types, ref_template=REF)
    shape_of = {str(kind): shape for kind, shape in zip(types, shapes, strict=True)}
    by_operation = {
        str(handler.operation_id): handler for handler in handlers_of(http) if isinstance(handler.operation_id, str)
    }
    for path in document["paths"].values():
        for operation in path.values():
            handler = by_operation.get(operation["operationId"])
            if handler is not None:
                _describe_operation(operation, handler, shape_of)
            operation["responses"].pop("400", None)
            operation["responses"]["default"] = {
                "description": "Refused; nothing has changed.",
                "content": {"application/problem+json": {"schema": shape_of[str(Problem)]}},
            }
    document["components"]["schemas"] = components
    return document


def _describe_operation(operation: Schema, handler: HTTPRouteHandler, shape_of: dict[str, Schema]) -> None:
    text = (handler.fn.__doc__ or "").strip()
    operation["summary"] = text.partition("\n")[0]
    body, answer = body_type(handler), answer_type(handler)
    if body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": shape_of[str(body)]}},
        }
    if answer is not None:
        for status, response in operation["responses"].items():
            if status.startswith("2"):
                response["content"] = {"application/json": {"schema": shape_of[str(answer)]}}


@get("/api/openapi.json", include_in_schema=False)
async def openapi_document(request: AnyRequest) -> Response[bytes]:
    """Serve the document."""
    state = request.app.state
    if "openapi" not in state:
        state["openapi"] = msgspec.json.encode(describe(request.app))
    return Response(state["openapi"], media_type="application/json")


routes = [openapi_document]
