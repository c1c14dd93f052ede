"""HTTP: one person on one surface, by bearer token or by the cookie of a sign-in."""

import secrets
import time
from types import TracebackType
from typing import Any, Literal, Self

import httpx

from rapport.client.socket import Socket

Surface = Literal["staff", "consumer", "admin"]
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


class ApiError(Exception):
    """The server refused; ``problem`` is the body of the answer (application/problem+json)."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('code')}: {problem.get('detail')}")
        self.status = status
        self.problem = problem
        self.code = str(problem.get("code"))


def new_client_id() -> str:
    """Return a time-ordered id for a message: 26 characters, milliseconds first, 80 random bits after."""
    value = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    return "".join(_ALPHABET[(value >> shift) & 31] for shift in range(125, -5, -5))


class Client:
    """One person's view of the server. Methods return decoded JSON and raise ``ApiError``."""

    def __init__(self, base_url: str, surface: Surface, *, token: str | None = None, language: str = "en") -> None:
        self.base_url = base_url.rstrip("/")
        self.surface = surface
        self.token = token
        headers = {"X-Rapport": "1", "Accept-Language": language}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        self.http = httpx.AsyncClient(base_url=self.base_url, headers=headers, timeout=30, trust_env=False)

    async def __aenter__(self) -> Self:
        """Use the client and close it afterwards."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self.http.aclose()

    async def call(self, method: str, path: str, body: object = None, **query: object) -> Any:  # noqa: ANN401  JSON
        """Call a path of this surface (``conversations``) or an absolute one (``/healthz``)."""
        url = path if path.startswith("/") else f"/api/{self.surface}/{path}"
        given = {name: str(value) for name, value in query.items() if value is not None}
        answer = await self.http.request(method, url, json=body, params=given)
        return self._decode(answer)

    def _decode(self, answer: httpx.Response) -> Any:  # noqa: ANN401  JSON
        if answer.is_success:
            return answer.json() if answer.content else None
        if "json" in answer.headers.get("content-type", ""):
            raise ApiError(answer.status_code, answer.json())
        raise ApiError(answer.status_code, {"code": "no_problem", "detail": answer.text[:200]})

    async def get(self, path: str, **query: object) -> Any:  # noqa: ANN401  JSON
        """Read."""
        return await self.call("GET", path, **query)

    async def post(self, path: str, body: object = None, **query: object) -> Any:  # noqa: ANN401  JSON
        """Do."""
        return await self.call("POST", path, body, **query)

    async def patch(self, path: str, body: object) -> Any:  # noqa: ANN401  JSON
        """Change."""
        return await self.call("PATCH", path, body)

    async def delete(self, path: str) -> Any:  # noqa: ANN401  JSON
        """Remove."""
        return await self.call("DELETE", path)

    async def upload(self, kind: str, data: bytes, mime: str, name: str = "file", **query: object) -> Any:  # noqa: ANN401  JSON
        """Store a file and return what the server knows of it."""
        given = {"kind": kind, "name": name} | {key: str(value) for key, value in query.items()}
        answer = await self.http.post(
            f"/api/{self.surface}/files", content=data, params=given, headers={"Content-Type": mime}
        )
        return self._decode(answer)

    async def send(self, conversation_id: str, text: str, client_id: str | None = None) -> Any:  # noqa: ANN401  JSON
        """Send a text."""
        body = {"client_id": client_id or new_client_id(), "body": {"kind": "text", "text": text}}
        return await self.post(f"conversations/{conversation_id}/entries", body)

    def socket(self) -> Socket:
        """Return a realtime socket of the same person; use it with ``async with``."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())
        return Socket(self.base_url, self.surface, token=self.token, cookie=cookie or None)
