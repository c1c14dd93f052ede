"""Who is signed in, as the apps show it."""

from rapport.features.identity.api import find_consumer
from rapport.features.organization.ports import corps_of_consumer
from rapport.features.organization.queries.corps import file_url, find_corps, get_corp
from rapport.features.organization.queries.members import get_member
from rapport.features.organization.types import ConsumerMe, StaffMe
from rapport.kernel.actor import Locale
from rapport.kernel.errors import NotFound
from rapport.kernel.phones import mask_phone
from rapport.kernel.tx import ReadTx


def read_staff_me(tx: ReadTx, corp_id: str, userid: str, session_id: str, locale: Locale) -> StaffMe:
    """Return a signed-in member with the corp; raises NotFound."""
    return StaffMe(get_member(tx, corp_id, userid), get_corp(tx, corp_id), session_id, locale)


def read_consumer_me(tx: ReadTx, consumer_id: str, session_id: str) -> ConsumerMe:
    """Return a signed-in consumer with the corps met so far; raises NotFound."""
    found = find_consumer(tx, consumer_id)
    if found is None:
        raise NotFound
    met = corps_of_consumer.joined(tx, consumer_id)
    corps = find_corps(tx, met)
    return ConsumerMe(
        consumer_id=found.consumer_id,
        nickname=found.nickname,
        phone=None if found.phone is None else mask_phone(found.phone),
        guest=found.guest,
        avatar_url=file_url(found.avatar_file_id),
        locale=found.locale,
        session_id=session_id,
        receipts=found.receipts,
        corps=[corps[corp_id] for corp_id in met if corp_id in corps],
    )
