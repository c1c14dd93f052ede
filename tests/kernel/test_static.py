"""The pages of the product as a browser gets them."""

import base64
import gzip
import hashlib
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from rapport.kernel.http.static import StaticApps

SCRIPT = "export const greeting = '您好';\n" * 200


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for app in ("staff", "c", "admin"):
        assets = tmp_path / app / "assets"
        assets.mkdir(parents=True)
        (tmp_path / app / "index.html").write_text(f"<html><head><title>{app}</title></head><body></body></html>")
        (assets / "index-AbC123.js").write_text(SCRIPT)
        (tmp_path / app / "sw.js").write_text("self.addEventListener('fetch', () => {})")
        (tmp_path / app / "manifest.webmanifest").write_text('{"name":"Rapport"}')
        (tmp_path / app / ".vite").mkdir()
        (tmp_path / app / ".vite" / "manifest.json").write_text("{}")
        (tmp_path / app / "notes.secret").write_text("nobody's business")
    (tmp_path / "c" / "landing.html").write_text("<html><head><title>landing</title></head><body></body></html>")
    (tmp_path / "outside.js").write_text("secret")
    return tmp_path


@pytest.fixture
async def browser(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(folder) as client:
        yield client


def client_of(folder: Path) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(StaticApps(folder)), base_url="http://shop.test")


@pytest.mark.parametrize(
    ("path", "ours"),
    [
        ("/", True),
        ("/staff", True),
        ("/staff/conversations/1", True),
        ("/c/", True),
        ("/admin/assets/x.js", True),
        ("/q/abc", True),
        ("/w/abc", True),
        ("/q/abc.png", False),
        ("/q/abc.svg", False),
        ("/api/staff/me", False),
        ("/files/1", False),
        ("/staffroom", False),
        ("/healthz", False),
    ],
)
def test_which_addresses_are_pages(path: str, ours: bool, tmp_path: Path) -> None:
    assert StaticApps(tmp_path).handles(path) is ours


@pytest.mark.parametrize("path", ["/staff/", "/staff/conversations/42", "/staff/settings/devices"])
async def test_an_address_inside_an_app_is_that_apps_page(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(path)
    assert answer.status_code == 200
    assert "<title>staff</title>" in answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("path", ["/q/abc", "/w/abc"])
async def test_a_code_and_a_window_open_the_customers_landing_page(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(path)
    assert "<title>landing</title>" in answer.text
    assert f'<meta property="og:url" content="http://shop.test{path}">' in answer.text
    assert "content-security-policy" in answer.headers


async def test_what_a_link_preview_shows_cannot_be_made_to_carry_markup(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/q/%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E")
    assert "<script>" not in answer.text


async def test_pages_allow_no_inline_script_and_no_frame(browser: httpx.AsyncClient) -> None:
    headers = (await browser.get("/c/")).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["script-src"] == "'self'"
    assert policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["connect-src"] == "'self' ws: wss:"
    assert headers["x-content-type-options"] == "nosniff"
    assert "microphone=(self)" in headers["permissions-policy"]
    assert headers["referrer-policy"] == "strict-origin-when-cross-origin"


async def test_hashed_files_are_kept_and_everything_else_is_asked_about(browser: httpx.AsyncClient) -> None:
    assert "immutable" in (await browser.get("/staff/assets/index-AbC123.js")).headers["cache-control"]
    for path in ("/staff/", "/staff/sw.js", "/staff/manifest.webmanifest"):
        assert (await browser.get(path)).headers["cache-control"] == "no-cache"


async def test_an_unchanged_page_is_not_sent_again_and_a_new_build_is(browser: httpx.AsyncClient, folder: Path) -> None:
    first = await browser.get("/staff/")
    again = await browser.get("/staff/", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    (folder / "staff" / "index.html").write_text("<html><head><title>a new build</title></head></html>")
    fresh = await browser.get("/staff/", headers={"if-none-match": first.headers["etag"]})
    assert fresh.status_code == 200
    assert "a new build" in fresh.text


@pytest.mark.parametrize(
    ("accepted", "encoding"), [("gzip, deflate, br", "gzip"), ("gzip;q=0", None), ("identity", None), ("br", None)]
)
async def test_text_is_compressed_for_who_can_read_it(
    browser: httpx.AsyncClient, accepted: str, encoding: str | None
) -> None:
    async with browser.stream("GET", "/staff/assets/index-AbC123.js", headers={"accept-encoding": accepted}) as answer:
        raw = b"".join([chunk async for chunk in answer.aiter_raw()])
    assert answer.headers.get("content-encoding") == encoding
    assert (gzip.decompress(raw) if encoding else raw).decode() == SCRIPT
    assert int(answer.headers["content-length"]) == len(raw)
    assert answer.headers["vary"] == "accept-encoding"


async def test_head_says_what_get_would(browser: httpx.AsyncClient) -> None:
    got, head = await browser.get("/staff/sw.js"), await browser.head("/staff/sw.js")
    assert head.content == b""
    assert head.headers == got.headers


@pytest.mark.parametrize(
    "path",
    [
        "/staff/assets/gone-1.js",
        "/staff/%2e%2e/outside.js",
        "/staff/..%2foutside.js",
        "/staff//etc/passwd",
        "/staff/.vite/manifest.json",
        "/staff/notes.secret",
        "/staff/a%00b.js",
    ],
)
async def test_what_is_no_file_of_an_app_is_not_served(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(path, headers={"sec-fetch-mode": "no-cors"})
    assert answer.status_code == 404
    assert "secret" not in answer.text


async def test_a_folder_without_its_slash_leads_to_the_app(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/staff")
    assert (answer.status_code, answer.headers["location"]) == (308, "/staff/")


async def test_pages_are_only_read(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/staff/")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


async def test_the_start_page_leads_to_the_three_apps_and_its_style_is_the_allowed_one(
    browser: httpx.AsyncClient,
) -> None:
    answer = await browser.get("/")
    assert re.findall(r'href="([^"]+)"', answer.text) == ["/staff/", "/c/", "/admin/"]
    style = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style.group(1).encode()).digest()).decode()
    assert f"'sha256-{digest}'" in answer.headers["content-security-policy"]


async def test_without_a_build_the_page_says_what_to_do(tmp_path: Path) -> None:
    async with client_of(tmp_path) as browser:
        for path in ("/staff/", "/q/abc"):
            answer = await browser.get(path)
            assert answer.status_code == 503
            assert "make run" in answer.text
            assert "网页应用尚未构建" in answer.text
