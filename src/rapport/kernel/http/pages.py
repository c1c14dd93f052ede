"""Pages that need no web app: the start page with the three doors, and what to do when the apps are not built.

Both languages stand side by side, because nobody has said yet which one they read.
"""

import base64
import hashlib

_STYLE = """
:root{color-scheme:light dark;--canvas:#F6F7F6;--surface:#FFF;--line:#D8DEDC;--text:#17211F;--muted:#55625E;
--primary:#0B6E63}
@media (prefers-color-scheme:dark){
:root{--canvas:#0F1514;--surface:#161D1B;--line:#2B3532;--text:#E7EDEB;--muted:#A3B0AB;--primary:#5CC7B8}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:24px 16px;
background:var(--canvas);color:var(--text);
font:400 15px/1.55 system-ui,-apple-system,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
main{width:100%;max-width:440px}
h1{margin:0 0 4px;font-size:25px;line-height:1.3;font-weight:600}
p{margin:0 0 24px;color:var(--muted)}
ul{list-style:none;margin:0;padding:0;
background:var(--surface);border:1px solid var(--line);border-radius:12px;overflow:hidden}
li+li{border-top:1px solid var(--line)}
a{display:block;padding:14px 16px;color:inherit;text-decoration:none}
a:hover b{text-decoration:underline}
a:focus-visible{outline:2px solid var(--primary);outline-offset:-3px;border-radius:10px}
b{display:block;font-weight:600;color:var(--primary)}
a span{font-size:13px;color:var(--muted)}
code{display:block;margin:8px 0 16px;padding:12px 16px;
background:var(--surface);border:1px solid var(--line);border-radius:10px;
font:13px/1.5 ui-monospace,Menlo,Consolas,monospace;color:var(--text)}
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The content security policy of these pages: no script at all, this one style."""


def _page(title: str, body: str) -> bytes:
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><main>{body}</main></body></html>"
    ).encode()


def _door(address: str, zh: str, en: str, who_zh: str, who_en: str) -> str:
    return (
        f'<li><a href="{address}"><b>{zh} <span lang="en">{en}</span></b>'
        f'<span>{who_zh} · <span lang="en">{who_en}</span></span></a></li>'
    )


START_PAGE = _page(
    "Rapport",
    '<h1>Rapport</h1><p>人即服务。<span lang="en">A named, verified person answers.</span></p><ul>'
    + _door("/staff/", "工作台", "Staff", "导购、店长和同事", "guides, managers, colleagues")
    + _door("/c/", "我的会话", "My conversations", "顾客", "customers")
    + _door("/admin/", "管理后台", "Administration", "企业管理员", "administrators of a corp")
    + "</ul>",
)
NOT_BUILT_PAGE = _page(
    "Rapport",
    "<h1>网页应用尚未构建</h1><p>服务器在运行，接口可用，但缺少网页文件。在项目目录运行：</p>"
    '<div lang="en"><h1>The web apps are not built</h1>'
    "<p>The server runs and its interface answers, but the pages are missing. In the project's folder run:</p></div>"
    "<code>make run</code>",
)
MISSING_PAGE = _page(
    "Rapport",
    '<h1>没有这个页面</h1><p lang="en">There is no such page.</p>'
    '<ul><li><a href="/"><b>回到首页 <span lang="en">Back to the start</span></b></a></li></ul>',
)
