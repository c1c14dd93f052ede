"""Why somebody cannot be met, followed or greeted."""

from rapport.kernel.clock import HOUR, SECOND
from rapport.kernel.errors import Refusal


class NotYourCustomer(Refusal):
    """The member does not follow this customer, or there is no such customer in the corp: the two look the same."""

    status = 404
    code = "not_your_customer"
    errcode = 84061
    zh = "没有找到这位客户，或对方还不是你的客户。"
    en = "There is no such customer among yours."


class RelationEnded(Refusal):
    """The customer deleted or blocked the member; scanning a code again starts anew."""

    status = 409
    code = "relation_ended"
    errcode = 84061
    zh = "客户关系已结束，不能再发消息。对方重新扫码后可以继续。"
    en = "This relation has ended; nothing can be sent until the customer scans a code again."


class NoRequestToAnswer(Refusal):
    """Only a waiting (or declined) request can be accepted or declined."""

    status = 409
    code = "no_request_to_answer"
    errcode = 84061
    zh = "没有待处理的添加请求，可能已经处理过了。"
    en = "There is no request to answer; perhaps it was answered before."


class RequestDeclined(Refusal):
    """The member declined; the consumer cannot press them by asking again at once, only after a pause."""

    status = 403
    code = "request_declined"
    errcode = 60011
    zh = "对方没有通过你的请求，{hours} 小时后可以再请一次。如需服务，请联系企业的其他员工。"
    en = (
        "Your request was declined; you can ask again in {hours} hours. "
        "For service, ask another employee of the company."
    )

    def __init__(self, *, again_at: int, now: int) -> None:
        super().__init__(retry_after_s=-(-(again_at - now) // SECOND), hours=-(-(again_at - now) // HOUR))
        self.again_at = again_at


class ContactWayClosed(Refusal):
    """The company closed the code."""

    status = 410
    code = "contact_way_closed"
    errcode = 41044
    zh = "这个二维码已停用，请向员工要一个新的。"
    en = "This code is no longer in use; ask the employee for a new one."


class ContactWayExpired(Refusal):
    """The code's time is over."""

    status = 410
    code = "contact_way_expired"
    errcode = 41044
    zh = "这个二维码已过期，请向员工要一个新的。"
    en = "This code has expired; ask the employee for a new one."


class NobodyServes(Refusal):
    """None of the code's members can serve customers now."""

    status = 410
    code = "nobody_serves"
    errcode = 41054
    zh = "这个二维码的员工目前都不能接待，请联系企业要一个新的。"
    en = "None of this code's employees can serve customers at present; ask the company for another code."


class CustomersFull(Refusal):
    """Member or corp have as many customers as the policies allow."""

    status = 409
    code = "customers_full"
    errcode = 40099
    zh = "客户数量已达上限（{limit}），暂时不能添加，请联系企业管理员。"
    en = "The limit of {limit} customers is reached; nobody can be added now. Ask an administrator of the corp."


class NotYourContactWay(Refusal):
    """A code is changed by who made it or by an administrator; members make codes for themselves alone."""

    status = 403
    code = "not_your_contact_way"
    errcode = 84074
    zh = "只能为自己创建和修改二维码；涉及其他成员的请由管理员操作。"
    en = "You can make and change codes for yourself only; those of other members are an administrator's."


class TooManyContactWays(Refusal):
    """The corp's quota of codes is used up; closing some frees it."""

    status = 409
    code = "too_many_contact_ways"
    errcode = 41045
    zh = "企业的二维码数量已达上限（{limit}），请先停用不用的。"
    en = "The corp has its {limit} codes; close some that are not used."


class TooManyWayMembers(Refusal):
    """More members behind one code than the policy allows."""

    status = 422
    code = "too_many_way_members"
    errcode = 41041
    zh = "一个二维码最多 {limit} 位成员。"
    en = "A code takes at most {limit} members."
