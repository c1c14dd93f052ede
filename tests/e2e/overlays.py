"""Everything of the three apps that opens above a page: where it is written, and how one gets there by keyboard."""

import re
from pathlib import Path

import msgspec

WEB = Path(__file__).parents[2] / "web" / "src"
_OPENS = re.compile(r"<(?:Dialog|Sheet|Menu|ContextMenu|Popover|ImageViewer)\b|await confirm\(")
STAFF, CONSUMER = "features/conversations/staff", "features/conversations/consumer"
THREAD, CODES = "features/conversations/components", "features/customers/staff"
WAYS, GREETING = "features/customers/admin/ways", "features/customers/admin/greeting"
MEMBERS, DEPARTMENTS = "features/organization/admin/members", "features/organization/admin/departments"
CHAT, THEIR_CHAT = "/staff/chats/{customer_chat}", "/c/chats/{consumer_chat}"


class Step(msgspec.Struct, frozen=True):
    """One thing on the page that is chosen with Enter, by its role and the folder and key of its name."""

    role: str
    folder: str = ""
    key: str = ""
    css: str = ""
    """Instead of a name."""
    types: str = ""
    """What is typed into it, instead of pressing Enter."""
    reveal: str = ""
    """What has to be under the pointer for it to show."""


class Overlay(msgspec.Struct, frozen=True):
    """Something that opens; the last step opens it."""

    sources: tuple[str, ...]
    path: str
    steps: tuple[Step, ...]
    opens: str = "dialog"
    phone: bool = False
    shortcut: str = ""
    """Pressed on the last step, instead of Enter."""
    is_modal: bool = True
    """Whether Tab stays inside."""
    back: Step | None = None
    """Where the focus belongs afterwards, if not to what was chosen."""
    closes: Step | None = None
    """What closes it where Esc must not."""

    @property
    def name(self) -> str:
        """What the test is called."""
        return f"{Path(self.sources[0]).stem} {self.opens}{' phone' if self.phone else ''}"


def sources() -> set[str]:
    """Return the files of the apps that open something."""
    found = [
        path for part in ("apps", "features") for path in (WEB / part).rglob("*") if path.suffix in {".vue", ".ts"}
    ]
    return {str(path.relative_to(WEB)) for path in found if _OPENS.search(path.read_text("utf-8"))}


def button(folder: str, key: str) -> Step:
    """Return the step of pressing a button."""
    return Step("button", folder, key)


def item(folder: str, key: str) -> Step:
    """Return the step of choosing from an open menu."""
    return Step("menuitem", folder, key)


ROW = Step("button", css="[data-row-open]")
NEW = button(STAFF, "list.new")
MEMBER_MORE = button(MEMBERS, "member.more")
OVERLAYS = [
    Overlay(("apps/customer/parts/InstallSheet.vue",), "/c/me", (button("apps/customer/parts", "install.how"),)),
    Overlay(
        ("features/identity/consumer/ConsumerSignOut.vue",),
        "/c/me",
        (button("features/identity", "sign_out.action"),),
        "alertdialog",
    ),
    Overlay((f"{CONSUMER}/ConsumerRow.vue",), "/c/", (button(CONSUMER, "row.menu"),), "menu"),
    Overlay(("features/customers/consumer/RelationSheet.vue",), THEIR_CHAT, (button(CONSUMER, "chat.card"),)),
    Overlay(
        ("features/customers/consumer/RelationSheet.vue",),
        THEIR_CHAT,
        (button(CONSUMER, "chat.card"), button("features/customers/consumer", "card.end")),
        "alertdialog",
    ),
    Overlay(("apps/staff/pages/MessagesPage.vue",), "/staff/", (NEW,), "menu"),
    Overlay(("apps/staff/pages/MessagesPage.vue",), "/staff/", (NEW,), "menu", phone=True),
    Overlay((f"{STAFF}/NewConversation.vue",), "/staff/", (NEW, item(STAFF, "new.direct"))),
    Overlay((f"{STAFF}/NewConversation.vue",), "/staff/", (NEW, item(STAFF, "new.group")), phone=True),
    Overlay((f"{STAFF}/Switcher.vue",), "/staff/", (button(STAFF, "list.search"),), phone=True),
    Overlay((f"{STAFF}/Switcher.vue",), "/staff/", (NEW,), shortcut="Control+k"),
    Overlay((f"{STAFF}/ShortcutHelp.vue",), "/staff/", (NEW,), shortcut="Control+/"),
    Overlay(
        (f"{STAFF}/ConversationList.vue",),
        "/staff/",
        (Step("button", STAFF, "list.more_of", reveal="[data-row]"),),
        "menu",
    ),
    Overlay((f"{STAFF}/ChatPane.vue",), CHAT, (button(STAFF, "chat.more"),), "menu"),
    Overlay((f"{THREAD}/MessageLog.vue",), CHAT, (Step("article", css="article[tabindex='0']"),), "menu"),
    Overlay((f"{THREAD}/MessageLog.vue",), CHAT, (button(THREAD, "message.open_image"),)),
    Overlay(
        (f"{THREAD}/EmojiPicker.vue",),
        CHAT,
        (button(THREAD, "composer.emoji"),),
        is_modal=False,
        back=Step("textbox", THREAD, "composer.label"),
    ),
    Overlay((f"{THREAD}/Composer.vue",), CHAT, (button(THREAD, "composer.more"),), "menu", phone=True),
    Overlay(
        (f"{THREAD}/LinkCardDialog.vue",),
        CHAT,
        (
            Step("textbox", THREAD, "composer.label", types="https://example.com/shoes"),
            button(THREAD, "composer.link.offer"),
        ),
    ),
    Overlay((f"{CODES}/ContactWayForm.vue",), "/staff/code", (button(CODES, "ways.new"),)),
    Overlay((f"{CODES}/ContactWays.vue",), "/staff/code", (button(CODES, "ways.show"),)),
    Overlay((f"{CODES}/ContactWays.vue",), "/staff/code", (button(CODES, "ways.more"),), "menu"),
    Overlay(
        (f"{CODES}/ContactWays.vue",),
        "/staff/code",
        (button(CODES, "ways.more"), item(CODES, "ways.close")),
        "alertdialog",
    ),
    Overlay(
        ("features/identity/SignOutButton.vue",),
        "/staff/me",
        (button("features/identity", "sign_out.action"),),
        "alertdialog",
    ),
    Overlay(
        ("features/identity/staff/DeviceList.vue",),
        "/staff/me",
        (button("features/identity/staff", "devices.revoke_all"),),
        "alertdialog",
    ),
    Overlay(("apps/admin/AdminFrame.vue",), "/admin/", (button("apps/admin", "frame.menu"),), phone=True),
    Overlay((f"{WAYS}/NewWaySheet.vue",), "/admin/contact-ways", (button(WAYS, "new.action"),)),
    Overlay((f"{WAYS}/WaySheet.vue",), "/admin/contact-ways", (ROW,)),
    Overlay((f"{WAYS}/WaySheet.vue",), "/admin/contact-ways", (ROW, button(WAYS, "close.action")), "alertdialog"),
    Overlay((f"{GREETING}/LinkDialog.vue",), "/admin/welcomes", (button(GREETING, "parts.add_link"),)),
    Overlay((f"{MEMBERS}/NewMemberSheet.vue",), "/admin/members", (button(MEMBERS, "add.action"),)),
    Overlay((f"{MEMBERS}/MemberSheet.vue",), "/admin/members", (ROW,)),
    Overlay((f"{MEMBERS}/MemberSheet.vue",), "/admin/members", (ROW,), phone=True),
    Overlay((f"{MEMBERS}/MemberSheet.vue",), "/admin/members?member=wangzhuang", (MEMBER_MORE,), "menu"),
    Overlay(
        (f"{MEMBERS}/member_steps.ts",),
        "/admin/members?member=wangzhuang",
        (MEMBER_MORE, item(MEMBERS, "step.depart")),
        "alertdialog",
    ),
    Overlay(
        (f"{MEMBERS}/InvitationDialog.vue",),
        "/admin/members?member=fangfang",
        (MEMBER_MORE, item(MEMBERS, "step.invite")),
        closes=button(MEMBERS, "link.done"),
    ),
    Overlay((f"{DEPARTMENTS}/DepartmentDialog.vue",), "/admin/departments", (button(DEPARTMENTS, "create.action"),)),
    Overlay(
        (f"{DEPARTMENTS}/DepartmentsScreen.vue",),
        "/admin/departments",
        (button(DEPARTMENTS, "departments.more"),),
        "menu",
    ),
    Overlay(
        ("features/organization/admin/policies/PolicyDialog.vue",),
        "/admin/policies",
        (button("features/organization/admin/policies", "policy.edit"),),
    ),
    Overlay(
        ("features/organization/admin/devices/DevicesScreen.vue",),
        "/admin/devices",
        (button("features/organization/admin/devices", "end.name"),),
        "alertdialog",
    ),
    Overlay(
        ("features/operations/admin/TroubleCards.vue",),
        "/admin/operations",
        (button("features/operations/admin", "replay.job"),),
        "alertdialog",
    ),
]
