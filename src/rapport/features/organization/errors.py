"""What organization refuses, one class per rule."""

from rapport.kernel.errors import Refusal


class CorpSuspended(Refusal):
    """The platform took the corp out of service; nobody of it signs in until it is reopened."""

    status = 403
    code = "corp_suspended"
    errcode = 60011
    zh = "这家企业已被平台暂停服务，请联系平台运营者。"
    en = "This corp is suspended by the platform; ask its operator."


class CorpAlready(Refusal):
    """The corp is verified, suspended or open already."""

    status = 409
    code = "corp_already"
    errcode = 60011
    zh = "这家企业已经是“{status_zh}”状态。"
    en = "The corp is {status_en} already."

    def __init__(self, status: str) -> None:
        zh = {"verified": "已认证", "suspended": "已暂停", "open": "正常"}[status]
        super().__init__(status_zh=zh, status_en=status)


class NotAWaitingOwner(Refusal):
    """Operators hand out links for owners who never signed in; whoever has a password is the corp's own matter."""

    status = 409
    code = "not_a_waiting_owner"
    errcode = 60011
    zh = "只能为从未登录过的超级管理员生成链接；其他成员请由企业自己的管理员重置。"
    en = "A link is made for an owner who never signed in; everybody else is reset by the corp's own administrators."


class MemberCannotServe(Refusal):
    """The member is not active, not real-name verified or not in the customer-contact scope (product-rules.md §1)."""

    status = 409
    code = "member_cannot_serve"
    errcode = 84061
    zh = "这位成员暂时不能服务客户：需要已激活、已实名、并在客户联系范围内。"
    en = "This member cannot serve customers: active, real-name verified and in the customer-contact scope is needed."


class LastOwner(Refusal):
    """A corp keeps at least one active owner."""

    status = 409
    code = "last_owner"
    errcode = 60011
    zh = "这是企业唯一的超级管理员，请先指定另一位。"
    en = "This is the corp's only active owner; make somebody else an owner first."


class OwnerRequired(Refusal):
    """Only owners give roles and act on owners and administrators."""

    status = 403
    code = "owner_required"
    errcode = 60011
    zh = "只有超级管理员可以这样做。"
    en = "Only an owner of the corp can do this."


class WrongStatus(Refusal):
    """The member's present status does not allow the step."""

    status = 409
    code = "wrong_status"
    errcode = 60011
    zh = "成员现在的状态是“{status_zh}”，不能这样做。"
    en = "The member is {status_en}, so this cannot be done."

    def __init__(self, status: str) -> None:
        zh = {"invited": "待激活", "active": "已激活", "suspended": "已停用", "departed": "已离职"}[status]
        super().__init__(status_zh=zh, status_en=status)


class AlreadyVerified(Refusal):
    """The real-name check is done once per person and stays (product-rules.md §1)."""

    status = 409
    code = "already_verified"
    errcode = 60011
    zh = "这位成员已经实名认证，不能重复或撤销。"
    en = "This member's real name is verified already; that is done once and not undone."


class ShortNameTaken(Refusal):
    """Another corp of this platform has the short name."""

    status = 409
    code = "short_name_taken"
    errcode = 40058
    zh = "这个企业短名已被使用。"
    en = "Another corp already has this short name."


class UnknownDepartment(Refusal):
    """A department that the corp does not have was named."""

    status = 422
    code = "unknown_department"
    errcode = 60123
    zh = "没有编号为 {department_id} 的部门。"
    en = "There is no department with the id {department_id}."


class DepartmentInUse(Refusal):
    """A department with members or departments below it stays."""

    status = 409
    code = "department_in_use"
    errcode = 60005
    zh = "部门下还有成员或子部门，请先移走。"
    en = "The department still has members or departments below it; move them first."


class RootDepartment(Refusal):
    """The root of the tree stays and has no parent."""

    status = 409
    code = "root_department"
    errcode = 60007
    zh = "根部门不能删除或移动。"
    en = "The root department can be neither removed nor moved."


class DepartmentCircle(Refusal):
    """A department cannot lie below itself."""

    status = 409
    code = "department_circle"
    errcode = 60009
    zh = "部门不能移到自己或自己的下级之下。"
    en = "A department cannot be moved below itself."


class TooManyDepartments(Refusal):
    """The corp has as many departments as it may have."""

    status = 409
    code = "too_many_departments"
    errcode = 60006
    zh = "部门数量已达上限 {most}。"
    en = "The corp has reached its limit of {most} departments."


class AboveCeiling(Refusal):
    """The platform allows no more than its ceiling."""

    status = 422
    code = "above_ceiling"
    errcode = 40058
    zh = "平台规定不超过 {ceiling}。"
    en = "The platform's ceiling is {ceiling}."
