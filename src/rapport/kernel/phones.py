"""Phone numbers as people type them, as they are stored (E.164), and as they are shown to others."""

import phonenumbers

from rapport.kernel.errors import InvalidInput

DEFAULT_REGION = "CN"
MAX_PHONE = 32
SHORT = 7


def find_phone(text: str) -> str | None:
    """Return what was typed as E.164, or None when it is not a phone number."""
    if len(text) > MAX_PHONE:
        return None
    try:
        number = phonenumbers.parse(text, DEFAULT_REGION)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def parse_phone(text: str, path: str = "phone") -> str:
    """Return what was typed as E.164; InvalidInput naming ``path`` when it is not a phone number."""
    phone = find_phone(text)
    if phone is None:
        raise InvalidInput(
            path,
            "不是有效的手机号，请填写中国大陆手机号，或带国家码（如 +852…）",
            "is not a phone number; give a mainland China number, or one with its country code (+852…)",
        )
    return phone


def mask_phone(phone: str) -> str:
    """Return a stored phone with its middle hidden: 138****8000."""
    national = phone.removeprefix("+86")
    if len(national) <= SHORT:
        return f"{national[:1]}****{national[-2:]}"
    return f"{national[:3]}****{national[-4:]}"
