"""Log lines: events with ids, never what people are called, say or know.

Whatever an exception says may repeat what somebody typed (a database quotes the row, a parser the input), so only its
class, its code and the places it came through are written. What a library logs is cut down to where it logged.
"""

import contextlib
import logging
import re
import sys
import traceback
from collections.abc import Callable, Mapping, MutableMapping
from pathlib import Path
from typing import Any, Literal, TextIO, cast

import msgspec
import structlog

Format = Literal["text", "json"]
Level = Literal["debug", "info", "warning", "error"]
Event = MutableMapping[str, Any]

FIELDS = frozenset(
    {
        *("time", "level", "event", "trace", "error", "where", "library"),
        *("method", "route", "status", "milliseconds", "microseconds"),
        *("command", "commands", "attempts", "given_up", "kind", "key", "follower", "fact"),
        *("wal_bytes", "files", "host", "doing"),
    }
)
"""What a line may hold (docs/observability.md); a test reads the calls, and whatever else is given is left out."""
MOST_PLACES = 12
MOST_CHARACTERS = 200
MOST_CAUSES = 5
_REPR = re.compile(r"([A-Za-z_][\w.]*)\(.*\)", re.DOTALL)
_WORDS = re.compile(r"[A-Za-z_][A-Za-z_ ]{0,60}")
_SOURCES = Path(__file__).parents[2]
_SAYS_NOTHING_PERSONAL = ("uvicorn",)
"""Libraries whose texts are written, without what they would fill in."""


def configure_logs(form: Format, level: Level, stream: TextIO | None = None) -> None:
    """Write this process's log to a stream (stderr), one line per event; libraries' lines too."""
    number = logging.getLevelNamesMapping()[level.upper()]
    render = _as_json if form == "json" else _as_text
    structlog.configure(
        processors=[_stamp, structlog.processors.add_log_level, _name_error, _keep_fields(render)],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *_: _Lines(stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[_Libraries()], level=number, force=True)


class _Lines:
    """Writes lines and never fails: a full disk under the log is no reason to stop serving."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def msg(self, line: str) -> None:
        """Write one line whole, or lose it."""
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(line + "\n")
            self._stream.flush()

    debug = info = warning = error = exception = critical = msg


def name_error(error: BaseException) -> str:
    """Return what may be said of an exception: its class, its code, and the same of what caused it."""
    names: list[str] = []
    found: BaseException | None = error
    while found is not None and len(names) < MOST_CAUSES:
        code = getattr(found, "sqlstate", None) or getattr(found, "code", None) or getattr(found, "errno", None)
        names.append(type(found).__name__ + (f"[{code}]" if isinstance(code, (str, int)) else ""))
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)
    return " < ".join(names)


def places_of(error: BaseException) -> list[str]:
    """Return the last places an exception came through, the innermost last."""
    frames = traceback.extract_tb(error.__traceback__)[-MOST_PLACES:]
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]


def _short(path: str) -> str:
    file = Path(path)
    if file.is_relative_to(_SOURCES):
        return str(file.relative_to(_SOURCES))
    return "/".join(file.parts[-2:])


def _stamp(_logger: object, _method: str, event: Event) -> Event:
    event["time"] = structlog.processors.TimeStamper(fmt="iso", utc=True)(None, "", {})["timestamp"]
    return event


def _name_error(_logger: object, _method: str, event: Event) -> Event:
    given, said = event.pop("exc_info", None), event.get("error")
    error = said if isinstance(said, BaseException) else given if isinstance(given, BaseException) else None
    if error is None and given:
        error = cast("BaseException | None", given[1]) if isinstance(given, tuple) else sys.exc_info()[1]
    if isinstance(error, BaseException):
        event["error"] = name_error(error)
        if given:
            event["where"] = places_of(error)
    elif said is not None:
        written = _REPR.fullmatch(str(said))
        event["error"] = written[1] if written else said if _WORDS.fullmatch(str(said)) else "unnamed"
    return event


def _keep_fields(render: Callable[[Mapping[str, Any]], str]) -> Callable[[object, str, Event], str]:
    def keep(_logger: object, _method: str, event: Event) -> str:
        kept = {name: event.pop(name) for name in ("time", "level", "event")}
        kept |= {name: _plain(value) for name, value in event.items() if name in FIELDS}
        return render(kept)

    return keep


def _plain(value: object) -> object:
    if isinstance(value, (bool, int, float)) or value is None:
        return value
    if isinstance(value, list):
        return [str(each)[:MOST_CHARACTERS] for each in value]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  whatever was given
    return str(value)[:MOST_CHARACTERS]


def _as_json(event: Mapping[str, Any]) -> str:
    return msgspec.json.encode(event).decode()


def _as_text(event: Mapping[str, Any]) -> str:
    rest = (f"{name}={_word(value)}" for name, value in event.items() if name not in {"time", "level", "event"})
    return " ".join([event["time"], f"{event['level']:<7}", event["event"], *rest])


def _word(value: object) -> str:
    text = " > ".join(value) if isinstance(value, list) else str(value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  made above
    return text if re.fullmatch(r"[\w./:<>@{}+-]+", text, re.ASCII) else msgspec.json.encode(text).decode()


class _Libraries(logging.Handler):
    """Turns what libraries log into events of ours."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write where something was logged; what it says only of libraries that fill in nothing personal."""
        place = f"{_short(record.pathname)}:{record.lineno}"
        speaks = record.name.split(".")[0] in _SAYS_NOTHING_PERSONAL
        said = " ".join(str(record.msg).split())[:MOST_CHARACTERS] if speaks else "library_said"
        log = structlog.get_logger()
        log.log(record.levelno, said, library=f"{record.name} {place}", exc_info=record.exc_info or None)
