"""Why a device cannot be woken."""

from rapport.kernel.errors import Refusal


class UnknownPushService(Refusal):
    """The address is not one of a push service that the operator trusts: this server calls no others."""

    status = 422
    code = "unknown_push_service"
    errcode = 40058
    zh = "不支持这个浏览器的推送服务，请联系平台运营者。"
    en = "This browser's push service is not among those this platform sends to; ask its operator."
