"""Handing a session to a browser and taking it back, and what is noted of whoever signs in."""

from litestar.datastructures import Cookie

from rapport.kernel.actor import Surface
from rapport.kernel.http.credentials import cookie_name
from rapport.kernel.http.requests import AnyRequest, runtime


def _secure(request: AnyRequest) -> bool:
    """Whether browsers reach us by HTTPS; over plain HTTP a Secure cookie would be dropped."""
    public = runtime(request).settings.public_url
    return request.url.scheme == "https" or (public is not None and public.startswith("https://"))


def session_cookie(request: AnyRequest, surface: Surface, secret: str, lasts_s: int) -> Cookie:
    """Return the cookie that signs a browser in on a surface."""
    return Cookie(
        key=cookie_name(surface),
        value=secret,
        max_age=lasts_s,
        path="/",
        httponly=True,
        secure=_secure(request),
        samesite="lax",
    )


def forgotten_cookie(request: AnyRequest, surface: Surface) -> Cookie:
    """Return the cookie that signs a browser out of a surface and leaves the others alone."""
    return session_cookie(request, surface, "", 0)


def address_of(request: AnyRequest) -> str:
    """Return the network address of the caller (of the balancer's client where the operator trusts the balancer)."""
    return request.client.host if request.client else ""


def user_agent_of(request: AnyRequest) -> str:
    """Return what the caller's program calls itself."""
    return request.headers.get("user-agent", "")
