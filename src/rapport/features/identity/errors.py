"""What identity refuses, one class per rule."""

from rapport.kernel.errors import Refusal


class WrongCredentials(Refusal):
    """Corp, login and password do not belong together; the same answer whichever of them is wrong."""

    status = 401
    code = "wrong_credentials"
    errcode = 40001
    zh = "企业、账号或密码不对。第一次登录请打开管理员发给你的邀请链接设置密码。"
    en = (
        "The corp, the login or the password is wrong. "
        "If this is your first sign-in, set a password with the invitation link from your administrator."
    )
    keeps_writes = True


class WrongOperatorCredentials(Refusal):
    """Login and password of an operator do not belong together; the same answer whichever of them is wrong."""

    status = 401
    code = "wrong_operator_credentials"
    errcode = 40001
    zh = "账号或密码不对。第一次登录请先用命令行给出的一次性密钥设置密码。"
    en = (
        "The login or the password is wrong. "
        "If this is your first sign-in, set a password with the one-time secret that the command line gave."
    )
    keeps_writes = True


class OperatorExists(Refusal):
    """Another operator has this login."""

    status = 409
    code = "operator_exists"
    errcode = 60102
    zh = "已经有使用这个账号的平台运营者。"
    en = "There is an operator with this login already."


class LockedOut(Refusal):
    """Too many wrong passwords in a row; nothing is accepted until the time is over."""

    status = 429
    code = "locked_out"
    errcode = 45009
    zh = "密码错误次数过多，请 {minutes} 分钟后再试，或请管理员重置密码。"
    en = "Too many wrong passwords; try again in {minutes} minutes, or ask an administrator for a reset."
    keeps_writes = True

    def __init__(self, *, retry_after_s: int) -> None:
        super().__init__(retry_after_s=retry_after_s, minutes=-(-retry_after_s // 60))


class AccountIsDisabled(Refusal):
    """The password was right, but the member is suspended or has left."""

    status = 403
    code = "account_disabled"
    errcode = 60011
    zh = "这个账号已停用，请联系企业管理员。"
    en = "This account is disabled; ask an administrator of your corp."


class NotAnAdministrator(Refusal):
    """The password was right, but the member has no administrator's role."""

    status = 403
    code = "not_an_administrator"
    errcode = 60011
    zh = "你不是这家企业的管理员。"
    en = "You are not an administrator of this corp."


class WrongPassword(Refusal):
    """The current password given to change it is wrong."""

    status = 403
    code = "wrong_password"
    errcode = 40001
    zh = "当前密码不对。"
    en = "The current password is wrong."
    keeps_writes = True


class WeakPassword(Refusal):
    """The new password is on the list of common ones, or is made of the corp's or the member's own words."""

    status = 422
    code = "weak_password"
    errcode = 40058
    zh = "这个密码太容易被猜到：请不要用常见密码、企业名称、姓名、账号或手机号，至少 8 个字符。"
    en = (
        "This password is easy to guess: avoid common passwords and the names of the corp or yourself, "
        "your login and phone; at least 8 characters."
    )


class InvitationGone(Refusal):
    """The link was used, replaced by a newer one, or is too old."""

    status = 410
    code = "invitation_gone"
    errcode = 41030
    zh = "这个链接已失效，请向管理员要一个新的。"
    en = "This link no longer works; ask an administrator for a new one."


class LoginTaken(Refusal):
    """Another member of the corp has this userid or phone."""

    status = 409
    code = "login_taken"
    errcode = 60102
    zh = "这个账号或手机号已被本企业其他成员使用。"
    en = "Another member of this corp already has this userid or phone."


class CodeTooSoon(Refusal):
    """A code was sent to this phone a moment ago."""

    status = 429
    code = "code_too_soon"
    errcode = 45009
    zh = "验证码刚刚发送过，请 {retry_after_s} 秒后再试。"
    en = "A code was sent a moment ago; ask again in {retry_after_s} seconds."

    def __init__(self, *, retry_after_s: int) -> None:
        super().__init__(retry_after_s=retry_after_s)
        self.params["retry_after_s"] = retry_after_s


class TooManyCodes(Refusal):
    """This phone asked for too many codes within a day."""

    status = 429
    code = "too_many_codes"
    errcode = 45009
    zh = "这个手机号今天请求验证码的次数已达上限，请明天再试。"
    en = "This phone has asked for too many codes today; try again tomorrow."


class WrongCode(Refusal):
    """The code is wrong, used, too old, or was tried too often; the same answer for all."""

    status = 401
    code = "wrong_code"
    errcode = 40029
    zh = "验证码不对或已失效，请核对，或重新获取。"
    en = "The code is wrong or no longer valid; check it, or ask for a new one."
    keeps_writes = True


class CodesUnavailable(Refusal):
    """The operator has set up no way to send codes."""

    status = 503
    code = "codes_unavailable"
    errcode = 60011
    zh = "这里还没有开通短信验证码，请联系平台运营者。"
    en = "One-time codes are not set up here; ask the operator of this platform."
