"""What the terminal shows when the demo is ready: where to go, as whom, and the guide's code to scan."""

import io
import socket
import unicodedata
from urllib.parse import urlsplit

import segno

from rapport.demo.cast import GUIDE
from rapport.kernel.http.showcase import DemoCompany
from rapport.settings import Settings

_EVERY_ADDRESS = {"0.0.0.0", "::"}  # noqa: S104  comparing, not binding
_PROBE = ("192.0.2.1", 9)
_ROLES = {
    "member": "成员 member",
    "admin": "管理员 administrator",
    "owner": "负责人 owner",
    "consumer": "顾客 consumer",
}


def reachable_url(settings: Settings, base_url: str) -> str:
    """Return an address that a phone in the same network can open, where the server listens on all of them."""
    if settings.public_url or settings.host not in _EVERY_ADDRESS:
        return base_url
    parts = urlsplit(base_url)
    return f"{parts.scheme}://{_own_address()}:{parts.port}"


def _own_address() -> str:
    """The address of the interface that leads outside; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_PROBE)
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def describe(settings: Settings, company: DemoCompany) -> str:
    """Return the text for the terminal."""
    url = company.base_url
    guide = next(code for code in company.contact_codes if code.userid == GUIDE)
    lines = [
        "",
        f"Rapport  {url}",
        "",
        *_table(
            [
                ("工作台 staff", f"{url}/staff/"),
                ("顾客 consumer", f"{url}/c/"),
                ("管理后台 administration", f"{url}/admin/"),
            ]
        ),
        "",
        f"演示账号 demo accounts（企业 corp：{company.corp}）",
        *_table(
            [
                (
                    f"{_ROLES[account.role]}",
                    account.name,
                    account.login,
                    account.password or "验证码 one-time code: " + (account.code_url or ""),
                )
                for account in company.accounts
            ]
        ),
        "",
        f"{guide.name}的二维码 · code of {guide.name}: {guide.url}",
        "",
        draw_code(guide.url),
        *_warnings(settings, url),
        "Ctrl-C 停止，数据保留在 stops; data stays in " + str(settings.data),
    ]
    return "\n".join(lines)


def draw_code(url: str) -> str:
    """Return a QR code made of block characters."""
    out = io.StringIO()
    segno.make(url, error="l", micro=False).terminal(out=out, compact=True, border=2)
    return out.getvalue()


def _warnings(settings: Settings, url: str) -> list[str]:
    if settings.certificate is not None or url.startswith("https://"):
        return []
    if settings.host in _EVERY_ADDRESS or urlsplit(url).hostname not in {"127.0.0.1", "localhost", "::1"}:
        return [
            "注意：这是普通 HTTP，手机上的录音、离线和通知不可用；需要时请用 CERT=… KEY=… 启动 HTTPS。",
            "Note: over plain HTTP a phone has no microphone, no offline use and no notifications here;",
            "start with CERT=… KEY=… for HTTPS.",
            "",
        ]
    return ["手机扫码请用 make run HOST=0.0.0.0 · to scan with a phone: make run HOST=0.0.0.0", ""]


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(_width(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  " + "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _width(text: str) -> int:
    """Columns in a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
