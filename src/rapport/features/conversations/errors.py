"""Why something cannot be said, read or taken back."""

from rapport.kernel.errors import Refusal


class ConversationClosed(Refusal):
    """The relation behind the conversation ended; history stays readable."""

    status = 409
    code = "conversation_closed"
    errcode = 84061
    zh = "对方已不在联系中，消息不能送达，历史仍可查看。"
    en = "This contact has ended: messages can no longer be delivered; the history stays readable."


class TextTooLong(Refusal):
    """A text over the policy's limit, counted in UTF-8 bytes."""

    status = 422
    code = "text_too_long"
    errcode = 40058
    zh = "文字太长：最多 {limit_bytes} 字节（约 {characters} 个汉字），收到 {size_bytes} 字节。"
    en = "The text is too long: at most {limit_bytes} bytes are accepted, got {size_bytes}."


class TextEmpty(Refusal):
    """Nothing but white space."""

    status = 422
    code = "text_empty"
    errcode = 44004
    zh = "内容是空的，请写点什么。"
    en = "There is nothing in it; write something."


class TextNotAllowed(Refusal):
    """Control characters have no meaning in a message and hide what it says."""

    status = 422
    code = "text_not_allowed"
    errcode = 40058
    zh = "文字里有不能显示的控制字符（位置 {position}）。"
    en = "The text holds a control character that cannot be shown (at position {position})."


class RecallTooLate(Refusal):
    """The recall window of the policy is over."""

    status = 409
    code = "recall_too_late"
    errcode = 301064
    zh = "超过 {window} 的消息不能撤回。"
    en = "Messages older than {window} cannot be recalled."


class NotYourMessage(Refusal):
    """Only one's own messages can be recalled."""

    status = 403
    code = "not_your_message"
    errcode = 60011
    zh = "只能撤回自己发的消息。"
    en = "You can only recall messages of your own."


class NothingToRecall(Refusal):
    """System lines and recalls are not messages."""

    status = 409
    code = "nothing_to_recall"
    errcode = 301064
    zh = "这一条不能撤回。"
    en = "This entry cannot be recalled."


class CannotTalkToYourself(Refusal):
    """A direct conversation needs somebody else."""

    status = 422
    code = "cannot_talk_to_yourself"
    errcode = 40031
    zh = "不能和自己开会话。"
    en = "A conversation needs somebody else."


class UnknownMembers(Refusal):
    """Some of the named members do not exist in the corp or have left."""

    status = 422
    code = "unknown_members"
    errcode = 60111
    zh = "没有这些成员，或已离开：{userids}。"
    en = "These members do not exist or have left: {userids}."


class GroupTooLarge(Refusal):
    """A group over the policy's size."""

    status = 422
    code = "group_too_large"
    errcode = 86217
    zh = "群最多 {limit} 人。"
    en = "A group holds at most {limit} people."
