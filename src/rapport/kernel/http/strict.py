"""A request whose JSON body is decoded once, exactly as its handler's type says: no text for numbers, no 1 for true."""

from typing import Any

import msgspec
from litestar import Request

from rapport.kernel.http.openapi import body_type

_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}


class StrictRequest(Request[Any, Any, Any]):
    """Litestar converts bodies and query parameters alike and leniently; bodies are decoded here, before it can."""

    async def json(self) -> Any:  # noqa: ANN401  whatever the handler declares
        """Return the body as the handler's input type; raises msgspec's errors."""
        kind = body_type(self.route_handler)
        if kind is None:
            return await super().json()
        decoder = _decoders.get(kind)
        if decoder is None:
            decoder = _decoders[kind] = msgspec.json.Decoder(kind)
        return decoder.decode(await self.body())
