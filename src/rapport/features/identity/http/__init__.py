"""The routes of identity: devices on every surface, operators, one-time codes, the demo's inbox."""

from typing import Any

from rapport.features.identity.http import codes, devices, operators

routes: list[Any] = [*codes.routes, *devices.routes, *operators.routes]
