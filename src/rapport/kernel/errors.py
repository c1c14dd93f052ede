"""Refusals: one class per rule, each with its HTTP status, its code, its WeCom errcode and its text in both languages.

A refusal is an answer, not an accident: it says what was wrong and what is accepted, and nothing has changed
(unless ``keeps_writes`` says that the trace of the refusal itself stays, as with a failed password).
"""

from typing import ClassVar

import msgspec

from rapport.kernel.actor import Locale


class FieldProblem(msgspec.Struct, frozen=True):
    """What is wrong with one field: its path in the input and a sentence in the caller's language."""

    path: str
    problem: str


class Problem(msgspec.Struct, frozen=True):
    """The body of every refusal (RFC 9457, application/problem+json)."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errcode: int
    fields: list[FieldProblem]
    trace: str | None
    retry_after_s: int | None


class Refusal(Exception):  # noqa: N818  a refusal is an expected answer
    """Base of all refusals; subclasses set the class attributes, instances the parameters of the text."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "refused"
    errcode: ClassVar[int] = 40000
    zh: ClassVar[str] = "不能这样做。"
    en: ClassVar[str] = "That cannot be done."
    keeps_writes: ClassVar[bool] = False

    def __init__(self, *, retry_after_s: int | None = None, **params: object) -> None:
        super().__init__(self.code)
        self.params = params
        self.retry_after_s = retry_after_s

    def text(self, locale: Locale) -> str:
        """Return the sentence for the person, with its parameters filled in."""
        return (self.zh if locale == "zh-CN" else self.en).format(**self.params)

    def fields(self, locale: Locale) -> list[FieldProblem]:
        """Return what is wrong field by field; empty for refusals that are not about one field."""
        del locale
        return []

    def problem(self, locale: Locale, trace: str | None = None) -> Problem:
        """Return the refusal as its wire shape."""
        text = self.text(locale)
        return Problem(
            type=f"/docs/errors#{self.code}",
            title=text,
            status=self.status,
            code=self.code,
            detail=text,
            errcode=self.errcode,
            fields=self.fields(locale),
            trace=trace,
            retry_after_s=self.retry_after_s,
        )


class InvalidInput(Refusal):
    """The input has the wrong shape; every wrong field is named with what is accepted."""

    status = 422
    code = "invalid_input"
    errcode = 40058
    zh = "输入不正确：{summary_zh}"
    en = "The input is not valid: {summary_en}"

    def __init__(self, path: str, zh: str, en: str) -> None:
        super().__init__(summary_zh=f"{path}：{zh}" if path else zh, summary_en=f"{path}: {en}" if path else en)
        self._path, self._zh, self._en = path, zh, en

    def fields(self, locale: Locale) -> list[FieldProblem]:
        """Return the one wrong field."""
        return [FieldProblem(self._path, self._zh if locale == "zh-CN" else self._en)]


class NotFound(Refusal):
    """The object does not exist, or belongs to somebody else: the two look the same from outside."""

    status = 404
    code = "not_found"
    errcode = 40078
    zh = "没有找到。"
    en = "Not found."


class NotSignedIn(Refusal):
    """No session, an expired one or a revoked one."""

    status = 401
    code = "not_signed_in"
    errcode = 40014
    zh = "请先登录。"
    en = "Sign in first."


class NotAllowed(Refusal):
    """The actor lacks the right; the text says who has it."""

    status = 403
    code = "not_allowed"
    errcode = 60011
    zh = "没有权限，请联系企业管理员。"
    en = "You have no permission for this; ask an administrator of your corp."


class TooManyRequests(Refusal):
    """A rate limit was reached; ``retry_after_s`` says when to try again."""

    status = 429
    code = "too_many_requests"
    errcode = 45009
    zh = "操作太频繁，请 {retry_after_s} 秒后再试。"
    en = "Too many requests; try again in {retry_after_s} seconds."

    def __init__(self, *, retry_after_s: int) -> None:
        super().__init__(retry_after_s=retry_after_s)
        self.params["retry_after_s"] = retry_after_s


class BodyTooLarge(Refusal):
    """The request's body is over the limit of its route."""

    status = 413
    code = "body_too_large"
    errcode = 40006
    zh = "内容太大，最多 {limit_bytes} 字节。"
    en = "The body is too large; at most {limit_bytes} bytes are accepted."


class TryAgain(Refusal):
    """The server could not commit (disk full, restarting); nothing changed and the same request may be repeated."""

    status = 503
    code = "try_again"
    errcode = -1
    zh = "系统繁忙，请稍后重试，内容没有丢失。"
    en = "The system is busy; try again shortly. Nothing was lost."


class NotReady(Refusal):
    """This process should get no work just now; the fields name each part that is in the way."""

    status = 503
    code = "not_ready"
    errcode = -1
    zh = "暂时不能提供服务：{parts}。"
    en = "Not ready to serve: {parts}."

    def __init__(self, parts: list[str]) -> None:
        super().__init__(retry_after_s=5, parts=", ".join(parts))
        self._parts = parts

    def fields(self, locale: Locale) -> list[FieldProblem]:
        """Return each part that is in the way."""
        text = "没有准备好" if locale == "zh-CN" else "not ready"
        return [FieldProblem(part, text) for part in self._parts]


class MetricsClosed(Refusal):
    """The metrics were asked for from another machine, or without the token that the operator set."""

    status = 403
    code = "metrics_closed"
    errcode = 48002
    zh = "指标只对本机开放；从别处读取需要 RAPPORT_METRICS_TOKEN。"
    en = "Metrics are open to this machine alone; from elsewhere they need RAPPORT_METRICS_TOKEN."


class MissingHeader(Refusal):
    """A browser's unsafe request without the header that no other site can set."""

    status = 403
    code = "missing_header"
    errcode = 40058
    zh = "缺少请求头 X-Rapport: 1。"
    en = "The request header X-Rapport: 1 is missing."


class KeyReused(Refusal):
    """An idempotency key came again with a different request."""

    status = 409
    code = "idempotency_key_reused"
    errcode = 40058
    zh = "这个 Idempotency-Key 已用于另一个请求。"
    en = "This Idempotency-Key was used for a different request."


class StillFailing(Refusal):
    """A parked fact was handed to its follower again and failed again; it stays parked."""

    status = 409
    code = "still_failing"
    errcode = -1
    zh = "又试了一次，还是失败：{error}。事件仍然搁置，没有任何改动。"
    en = "It was tried again and failed again: {error}. The fact stays parked and nothing was changed."


class NoLongerHandled(Refusal):
    """A parked fact's follower, or its reaction to such facts, is not in this version any more; it stays parked."""

    status = 409
    code = "no_longer_handled"
    errcode = -1
    zh = "这个版本里已经没有谁处理这类事件（{follower}，{kind}），无法重试。事件仍然搁置，没有任何改动。"
    en = (
        "Nothing in this version handles such facts any more ({follower}, {kind}), so it cannot be tried again. "
        "The fact stays parked and nothing was changed."
    )


class ServedElsewhere(Refusal):
    """This process has another role; the balancer sent the request to the wrong one."""

    status = 421
    code = "served_elsewhere"
    errcode = 40000
    zh = "此进程不提供这项服务，请检查负载均衡的配置。"
    en = "This process does not serve that: check where the balancer sends it."


class MethodNotAllowed(Refusal):
    """The path exists, the method does not."""

    status = 405
    code = "method_not_allowed"
    errcode = 43001
    zh = "这个地址不接受该方法。"
    en = "This address does not accept that method."


class Broken(Refusal):
    """An accident on our side; the trace id finds it in the log."""

    status = 500
    code = "broken"
    errcode = -1
    zh = "出错了，编号 {trace}。没有任何改动。"
    en = "Something went wrong, reference {trace}. Nothing was changed."
