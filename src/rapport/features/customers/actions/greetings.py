"""What a welcome is made of: checking its parts, keeping a member's own and the corp's."""

from contextlib import suppress

import msgspec
from sqlalchemy import delete

from rapport.features.customers.access import is_administrator
from rapport.features.customers.events import GreetingChanged
from rapport.features.customers.policies import (
    welcome_attachments,
    welcome_description_bytes,
    welcome_text_bytes,
    welcome_title_bytes,
)
from rapport.features.customers.queries.welcomes import CORP_DEFAULT
from rapport.features.customers.tables import greeting
from rapport.features.customers.types import GreetingPart, GreetingParts, ImagePart, LinkPart, TextPart
from rapport.features.files.api import check_attachable, share_with_corp
from rapport.features.files.errors import FileNotAttachable
from rapport.features.files.types import File
from rapport.kernel.actor import MemberActor
from rapport.kernel.errors import InvalidInput, NotAllowed
from rapport.kernel.journal import Audience
from rapport.kernel.policy import get_policy
from rapport.kernel.statements import command, p, upsert
from rapport.kernel.texts import clean_line, clean_paragraph
from rapport.kernel.tx import Tx

MAX_TEXT = 20_000
"""Characters; the policies count bytes and are stricter."""

_put = upsert(greeting).values({column.name: p(column.name) for column in greeting.columns})
_put_greeting = command(
    _put.on_conflict_do_update(
        index_elements=["corp_id", "userid"],
        set_={name: _put.excluded[name] for name in ("parts", "changed_at", "changed_by")},
    )
)
_drop_greeting = command(delete(greeting).where(greeting.c.corp_id == p("corp_id"), greeting.c.userid == p("userid")))


def check_greeting(tx: Tx, actor: MemberActor, parts: GreetingParts) -> str:
    """Return a greeting as it is stored; its pictures are kept for the corp from now on.

    One text at most and ``customers.welcome_attachments`` pictures and links (product-rules.md §3). Raises
    InvalidInput, and FileNotAttachable for a picture that is not there or not the actor's to send.
    """
    texts = [part for part in parts if isinstance(part, TextPart)]
    limit = get_policy(tx, actor.corp_id, welcome_attachments)
    if not parts:
        raise InvalidInput(
            "greeting", "至少要有一项；不需要欢迎语请传 null", "needs at least one part; send null for none"
        )
    if len(texts) > 1:
        raise InvalidInput("greeting", "只能有一段文字", "takes one text only")
    if len(parts) - len(texts) > limit:
        raise InvalidInput("greeting", f"最多 {limit} 个附件", f"takes at most {limit} pictures and links")
    checked = [_check_part(tx, actor, f"greeting[{place}]", part) for place, part in enumerate(parts)]
    return msgspec.json.encode(checked).decode()


def _check_part(tx: Tx, actor: MemberActor, path: str, part: GreetingPart) -> GreetingPart:
    match part:
        case TextPart():
            text = clean_paragraph(f"{path}.text", part.text, MAX_TEXT)
            if text is None:
                raise InvalidInput(f"{path}.text", "内容是空的", "is empty")
            _check_bytes(f"{path}.text", text, get_policy(tx, actor.corp_id, welcome_text_bytes))
            return TextPart(text)
        case ImagePart():
            file = _keep_picture(tx, actor, part.file_id)
            return ImagePart(file.file_id, file.width or 0, file.height or 0, file.size)
        case LinkPart():
            title = clean_line(f"{path}.title", part.title, MAX_TEXT)
            description = clean_paragraph(f"{path}.description", part.description, MAX_TEXT) or ""
            _check_bytes(f"{path}.title", title, get_policy(tx, actor.corp_id, welcome_title_bytes))
            _check_bytes(f"{path}.description", description, get_policy(tx, actor.corp_id, welcome_description_bytes))
            if part.image_file_id is not None:
                _keep_picture(tx, actor, part.image_file_id)
            return LinkPart(part.url, title, description, part.image_file_id)


def _check_bytes(path: str, text: str, limit_bytes: int) -> None:
    size = len(text.encode())
    if size > limit_bytes:
        raise InvalidInput(
            path,
            f"最多 {limit_bytes} 字节，现在是 {size} 字节",
            f"at most {limit_bytes} bytes are accepted, got {size}",
        )


def set_own_greeting(tx: Tx, actor: MemberActor, parts: GreetingParts | None) -> None:
    """Keep the greeting of the member's own customers, or (None) forget it. Announces GreetingChanged to the member."""
    _set(tx, actor, actor.userid, parts, Audience(people=(actor.person,)))


def set_corp_greeting(tx: Tx, actor: MemberActor, parts: GreetingParts | None) -> None:
    """Keep the greeting of all who have none of their own, or (None) forget it.

    Raises NotAllowed unless the actor is an administrator. Announces GreetingChanged to the corp.
    """
    if not is_administrator(actor):
        raise NotAllowed
    _set(tx, actor, CORP_DEFAULT, parts, Audience(corp=True))


def _set(tx: Tx, actor: MemberActor, userid: str, parts: GreetingParts | None, audience: Audience) -> None:
    if parts is None:
        tx.run(_drop_greeting, corp_id=actor.corp_id, userid=userid)
    else:
        stored = check_greeting(tx, actor, parts)
        tx.run(
            _put_greeting,
            corp_id=actor.corp_id,
            userid=userid,
            parts=stored,
            changed_at=tx.now,
            changed_by=actor.userid,
        )
    tx.emit(actor.corp_id, GreetingChanged(userid), audience)


def _keep_picture(tx: Tx, actor: MemberActor, file_id: str) -> File:
    file = check_attachable(tx, actor, file_id, "image")
    # A colleague's picture that the actor may send is kept already by what shows it to the actor.
    with suppress(FileNotAttachable):
        share_with_corp(tx, actor, file_id)
    return file
