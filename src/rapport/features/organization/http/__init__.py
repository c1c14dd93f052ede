"""The routes of organization: sign-in, oneself, the directory, administration, public windows; operators' corps."""

from typing import Any

from rapport.features.organization.http import (
    administration,
    consumers,
    corps,
    directory,
    me,
    platform,
    policies,
    sign_in,
    windows,
)

routes: list[Any] = [
    *sign_in.routes,
    *me.routes,
    *consumers.routes,
    *directory.routes,
    *administration.routes,
    *corps.routes,
    *policies.routes,
    *platform.routes,
    *windows.routes,
]
