"""Windows as anybody can check them."""

from typing import Annotated, Any

from litestar import get
from litestar.params import PathParameter

from rapport.features.organization.queries.windows import get_window_by_id
from rapport.features.organization.types import Window
from rapport.kernel.http.requests import AnyRequest, runtime


@get("/api/public/windows/{window_id:str}", operation_id="publicWindow", tags=["windows"], security=[{}])
async def public_window(request: AnyRequest, window_id: Annotated[str, PathParameter(max_length=64)]) -> Window:
    """Say who stands behind a window now: which corp, verified since when, still there or not."""
    return await runtime(request).db.read(lambda tx: get_window_by_id(tx, window_id))


routes: list[Any] = [public_window]
