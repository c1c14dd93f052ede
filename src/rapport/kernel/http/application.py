"""The HTTP application: handlers mounted, refusals rendered, bodies bounded, the API described by its own types."""

import re
from collections.abc import Callable
from typing import Any, cast

import msgspec
import structlog
from litestar import Litestar, Request, Response
from litestar.datastructures import State
from litestar.exceptions import (
    ClientException,
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, License, SecurityScheme

from rapport import __version__
from rapport.kernel.errors import (
    BodyTooLarge,
    Broken,
    InvalidInput,
    MethodNotAllowed,
    NotFound,
    Refusal,
    ServedElsewhere,
)
from rapport.kernel.http import openapi
from rapport.kernel.http.observed import FAILED, trace_of
from rapport.kernel.http.requests import locale_of
from rapport.kernel.http.strict import StrictRequest
from rapport.kernel.http.validation import invalid_input
from rapport.kernel.runtime import Runtime

MAX_JSON_BYTES = 1024 * 1024
log = structlog.get_logger()
_encode = msgspec.json.encode
_MISSING = re.compile(r"^Missing required \w+ parameter '(?P<name>[^']+)'")


# The framework's name for the body: callers know their own fields only.
_BODY = re.compile(r"^data(\.|(?=\[)|$)")


def _find_cause(error: BaseException) -> Exception | None:
    """The msgspec or decoding error behind a framework's exception."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError)):
            return cause
        cause = cause.__cause__ or cause.__context__
    return None


def as_refusal(error: Exception, trace: Callable[[], str]) -> Refusal:  # noqa: PLR0911  one answer per kind of error
    """Return what to answer to an exception; an accident is logged under a reference and answered by that reference."""
    match error:
        case Refusal():
            return error
        case MethodNotAllowedException():
            return MethodNotAllowed()
        case NotFoundException():
            return NotFound()
        case HTTPException(status_code=413):
            return BodyTooLarge(limit_bytes=MAX_JSON_BYTES)
        case ValidationException() | ClientException():
            return _invalid(error)
        case msgspec.DecodeError() | UnicodeDecodeError() | RecursionError():
            return invalid_input(error)
        case _:
            log.error("accident", trace=trace(), error=error, exc_info=error)
            return Broken(trace=trace())


def _invalid(error: ValidationException | ClientException) -> Refusal:
    cause = _find_cause(error)
    if cause is not None:
        return invalid_input(cause)
    extra = cast("list[dict[str, Any]] | dict[str, Any] | None", error.extra)
    if isinstance(extra, list) and extra:
        first = extra[0]
        translated = invalid_input(msgspec.ValidationError(str(first.get("message", error.detail))))
        found = translated.fields("en")[0].problem, translated.fields("zh-CN")[0].problem
        return InvalidInput(_BODY.sub("", str(first.get("key", ""))), found[1], found[0])
    missing = _MISSING.match(error.detail)
    if missing is not None:
        return InvalidInput(missing["name"], "缺少这个参数", "this parameter is missing")
    return invalid_input(msgspec.ValidationError(error.detail))


def render_problem(request: Request[Any, Any, State], error: Exception) -> Response[bytes]:
    """Answer an exception with problem+json in the caller's language."""
    scope = cast("dict[str, Any]", request.scope)
    refusal = as_refusal(error, lambda: trace_of(scope))
    problem = refusal.problem(locale_of(request), trace_of(scope) if refusal.status >= FAILED else None)
    headers = {"cache-control": "no-store"}
    if problem.retry_after_s is not None:
        headers["retry-after"] = str(problem.retry_after_s)
    return Response(
        _encode(problem), status_code=problem.status, media_type="application/problem+json", headers=headers
    )


async def _refuse_nul(request: Request[Any, Any, State]) -> None:
    """No name of anything holds U+0000: an address that does leads nowhere, whichever engine would be asked."""
    if "\0" in request.scope["path"]:
        raise NotFound


def _serve_elsewhere(request: Request[Any, Any, State], error: Exception) -> Response[bytes]:
    """Answer for a process without the role: what it does not know, others may."""
    return render_problem(request, ServedElsewhere() if isinstance(error, NotFoundException) else error)


def build_process_http(routes: list[Any], rt: Runtime) -> Litestar:
    """Return what a process answers that does not serve HTTP: how it is."""
    return Litestar(
        request_class=StrictRequest,
        route_handlers=routes,
        state=State({"runtime": rt}),
        exception_handlers={Exception: _serve_elsewhere},
        openapi_config=None,
    )


def build_http(routes: list[Any], rt: Runtime) -> Litestar:
    """Return the application with every feature's routes."""
    return Litestar(
        request_class=StrictRequest,
        before_request=_refuse_nul,
        route_handlers=[*routes, *openapi.routes],
        state=State({"runtime": rt}),
        exception_handlers={Exception: render_problem},
        request_max_body_size=MAX_JSON_BYTES,
        openapi_config=OpenAPIConfig(
            title="Rapport",
            version=__version__,
            description="The interface of Rapport's own apps and of integrators. Errors are application/problem+json.",
            license=License(name="Apache-2.0", identifier="Apache-2.0"),
            path="/api/litestar",
            render_plugins=[],
            components=Components(
                security_schemes={
                    "bearer": SecurityScheme(type="http", scheme="bearer", description="A token from POST …/tokens"),
                }
            ),
            security=[{"bearer": []}],
        ),
        logging_config=None,
        debug=False,
    )
