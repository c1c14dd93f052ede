"""What every surface where people sign in with a password shares: the shapes of input, the limit per address."""

from typing import Annotated

import msgspec

from rapport.features.identity.passwords import MAX_LENGTH, MIN_LENGTH
from rapport.features.identity.policies import sign_ins_per_address_minute
from rapport.kernel.http.requests import AnyRequest, runtime
from rapport.kernel.http.signing_in import address_of
from rapport.kernel.policy import PLATFORM, get_policy

MINUTE_S = 60
Typed = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Password = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_LENGTH)]
NewPassword = Annotated[str, msgspec.Meta(min_length=MIN_LENGTH, max_length=MAX_LENGTH)]
Device = Annotated[str, msgspec.Meta(max_length=100)]


async def check_address(request: AnyRequest) -> None:
    """Raise TooManyRequests when sign-in was tried too often from the caller's network address."""
    rt = runtime(request)
    times = await rt.db.read_briefly(lambda tx: get_policy(tx, PLATFORM, sign_ins_per_address_minute))
    rt.limiter.check("sign_in", address_of(request), times=times, per_s=MINUTE_S)
