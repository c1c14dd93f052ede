"""Every route of the three apps, with an address that shows something there and one that shows nothing."""

import re
from pathlib import Path
from typing import Any

import httpx
import msgspec

from tests.conftest import NO_TLS
from tests.e2e.conftest import World

APPS = Path(__file__).parents[2] / "web" / "src" / "apps"
_PATH = re.compile(r"path: (?:'([^']+)'|SIGN_IN)")
_SIGN_IN = re.compile(r"SIGN_IN = '([^']+)'")


class Screen(msgspec.Struct, frozen=True):
    """A route as the router writes it, and where to look at it. ``{…}`` are ids of the demo company."""

    app: str
    route: str
    path: str
    signed_in: bool = True
    has_controls: bool = True

    @property
    def name(self) -> str:
        """What the test is called."""
        return self.path.strip("/") or self.app


SCREENS = [
    Screen("customer", "landing", "/q/{code}", signed_in=False),
    Screen("customer", "landing", "/w/{window}", signed_in=False, has_controls=False),
    Screen("customer", "/c/sign-in", "/c/sign-in", signed_in=False),
    Screen("customer", "/c/", "/c/"),
    Screen("customer", "/c/chats/:id", "/c/chats/{consumer_chat}"),
    Screen("customer", "/c/me", "/c/me"),
    Screen("customer", "missing", "/c/nowhere", signed_in=False),
    Screen("staff", "/sign-in", "/staff/sign-in", signed_in=False),
    Screen("staff", "/invitation", "/staff/invitation#{invitation}", signed_in=False),
    Screen("staff", "/", "/staff/"),
    Screen("staff", "chats/:id", "/staff/chats/{customer_chat}"),
    Screen("staff", "chats/:id", "/staff/chats/{group_chat}"),
    Screen("staff", "chats/:id", "/staff/chats/{direct_chat}"),
    Screen("staff", "chats/:id/info", "/staff/chats/{customer_chat}/info"),
    Screen("staff", "/contacts", "/staff/contacts"),
    Screen("staff", ":part(customers|requests|members)/:id?", "/staff/contacts/members"),
    Screen("staff", ":part(customers|requests|members)/:id?", "/staff/contacts/requests"),
    Screen("staff", ":part(customers|requests|members)/:id?", "/staff/contacts/customers/{customer}"),
    Screen("staff", ":part(customers|requests|members)/:id?", "/staff/contacts/members/{member}"),
    Screen("staff", "/code", "/staff/code"),
    Screen("staff", "/me", "/staff/me"),
    Screen("staff", "missing", "/staff/nowhere"),
    Screen("admin", "/sign-in", "/admin/sign-in", signed_in=False),
    Screen("admin", "/", "/admin/"),
    Screen("admin", "/members", "/admin/members"),
    Screen("admin", "/departments", "/admin/departments"),
    Screen("admin", "/contact-ways", "/admin/contact-ways"),
    Screen("admin", "/welcomes", "/admin/welcomes"),
    Screen("admin", "/corp", "/admin/corp"),
    Screen("admin", "/policies", "/admin/policies"),
    Screen("admin", "/devices", "/admin/devices"),
    Screen("admin", "/operations", "/admin/operations"),
    Screen("admin", "/settings", "/admin/settings"),
    Screen("admin", "missing", "/admin/nowhere"),
]
REDIRECTS = {("staff", "/settings")}
BUILT_WITHOUT = {("customer", "/c/kit"), ("staff", "/kit"), ("admin", "/kit")}
"""The gallery of the kit is there for developers alone."""


def routes_of(app: str) -> set[str]:
    """Return the routes that an app's router names, as it writes them."""
    source = (APPS / app / "router.ts").read_text("utf-8")
    sign_in = _SIGN_IN.search(source)
    assert sign_in is not None, f"{app} has no sign-in"
    return {found[1] or sign_in[1] for found in _PATH.finditer(source)}


def find_ids(world: World) -> dict[str, str]:
    """Return ids of things in the demo company that fill the addresses."""
    tokens = {(account.surface, account.login): account.token for account in world.demo.accounts}
    staff, admin = tokens["staff", "xiaoming"], tokens["admin", "linyue"]
    consumer = next(token for (surface, _), token in tokens.items() if surface == "consumer")
    with httpx.Client(base_url=f"{world.url}/api/", trust_env=False, verify=NO_TLS, timeout=20) as http:

        def ask(path: str, token: str) -> Any:  # noqa: ANN401  JSON
            answer = http.get(path, headers={"Authorization": f"Bearer {token}"})
            assert answer.is_success, answer.text
            return answer.json()

        def first(path: str, token: str) -> Any:  # noqa: ANN401  JSON
            return ask(path, token)["items"][0]

        invited = http.post("admin/members/fangfang/invite", headers={"Authorization": f"Bearer {admin}"})
        assert invited.is_success, invited.text
        return {
            "code": world.demo.contact_codes[0].code,
            "window": ask("staff/me", staff)["member"]["window_id"],
            "consumer_chat": first("consumer/conversations", consumer)["conversation_id"],
            "invitation": invited.json()["invitation_url"].partition("#")[2],
            **{
                f"{kind}_chat": first(f"staff/conversations?segment={kind}", staff)["conversation_id"]
                for kind in ("customer", "group", "direct")
            },
            "customer": first("staff/customers", staff)["external_userid"],
            "member": "wangzhuang",
        }
