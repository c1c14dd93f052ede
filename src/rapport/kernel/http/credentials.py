"""Reading who calls from the request: the surface decides which credential counts, it is never guessed."""

from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie

from rapport.kernel.actor import Locale, Surface

Headers = Iterable[tuple[bytes, bytes]]


def cookie_name(surface: Surface) -> str:
    """The name of a surface's cookie; each has one of its own, so that signing in to one leaves the others alone."""
    return f"rapport_{surface}"


def header(headers: Headers, name: bytes) -> str | None:
    """Return one header's value, or None."""
    for key, value in headers:
        if key == name:
            return value.decode("latin-1")
    return None


def cookie_of(headers: Headers, surface: Surface) -> str | None:
    """Return the secret in the surface's cookie, or None."""
    raw = header(headers, b"cookie")
    name = cookie_name(surface)
    if raw is None or name not in raw:
        return None
    try:
        morsel = SimpleCookie(raw).get(name)
    except CookieError:
        return None
    return morsel.value if morsel is not None else None


def bearer_of(headers: Headers) -> str | None:
    """Return the bearer token of a program, or None."""
    value = header(headers, b"authorization")
    if value is None:
        return None
    scheme, _, token = value.partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def credential_of(headers: Headers, surface: Surface) -> str | None:
    """Return the bearer token, else the surface's cookie."""
    return bearer_of(headers) or cookie_of(headers, surface)


def locale_of_headers(headers: Headers) -> Locale | None:
    """Return the language that Accept-Language prefers among ours, or None when it names neither."""
    raw = header(headers, b"accept-language")
    if raw is None:
        return None
    ranked: list[tuple[float, int, Locale]] = []
    for place, part in enumerate(raw.split(",")):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            weight = 0.0
        language = tag.split("-")[0].lower()
        if language in {"zh", "en"}:
            ranked.append((-weight, place, "zh-CN" if language == "zh" else "en"))
    return min(ranked)[2] if ranked else None
