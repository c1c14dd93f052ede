"""What is not measured, each with its source."""

from typing import Annotated, get_args, get_type_hints

import msgspec
from msgspec import Meta

EVIDENCE = "messaging-evidence.md §9"


class Assumptions(msgspec.Struct, frozen=True, kw_only=True):
    """How people behave and what machines there are; whoever knows better changes a field."""

    connected_at_peak: Annotated[float, Meta(description=f"{EVIDENCE}: 40 % of the day's active users at once")] = 0.4
    messages_per_user_day: Annotated[float, Meta(description=f"{EVIDENCE}: 40 sent per user and day")] = 40.0
    peak_factor: Annotated[float, Meta(description=f"{EVIDENCE}: the busiest second is four times the mean")] = 4.0
    deliveries_per_message: Annotated[float, Meta(description=f"{EVIDENCE}: a message reaches 8 on average")] = 8.0
    actions_per_message: Annotated[
        float, Meta(description="messaging-evidence.md §2 (Mattermost): 6.5 opened, 2 scrolled, 1.6 lists, 1 sent")
    ] = 11.1
    reads_per_message: Annotated[
        float, Meta(description="own: whoever is connected moves a read cursor once for a message, coalesced")
    ] = 1.0
    sockets_per_process: Annotated[float, Meta(description=f"{EVIDENCE}: 20,000 sockets in a process")] = 20_000.0
    cores_per_machine: Annotated[float, Meta(description=f"{EVIDENCE}: hosts of 16 cores")] = 16.0
    busy_share: Annotated[
        float, Meta(description="own: below Mattermost's threshold of 85 % (messaging-evidence.md §5)")
    ] = 0.7
    spare_share: Annotated[float, Meta(description=f"{EVIDENCE}: a third more hosts than are needed")] = 1 / 3
    commits_per_primary: Annotated[
        float, Meta(description=f"{EVIDENCE}: 10,000 sends/s on a primary of 16 cores; 4,000 to 7,000 measured on two")
    ] = 10_000.0
    replicas_per_primary: Annotated[float, Meta(description="messaging-evidence.md §4, F14: one that is in step")] = 1.0
    disk_per_primary_tb: Annotated[float, Meta(description=f"{EVIDENCE}: 4 TB of rows on a node")] = 4.0
    kept_days: Annotated[float, Meta(description=f"{EVIDENCE}: 180 days as WeCom")] = 180.0
    hot_days: Annotated[float, Meta(description=f"{EVIDENCE}: 30 days in PostgreSQL, older months in objects")] = 30.0
    cold_ratio: Annotated[float, Meta(description=f"{EVIDENCE}: older months take a sixth")] = 6.0
    media_mb_per_user_month: Annotated[
        float, Meta(description=f"{EVIDENCE}: Mattermost plans 1 to 25 MB; a low figure")
    ] = 5.0
    speedup: Annotated[
        float, Meta(description="own: a core of a server does as much as the core measured on; more is optimism")
    ] = 1.0


def sources() -> dict[str, str]:
    """Return where each assumption is from, by name."""
    found: dict[str, str] = {}
    for name, hint in get_type_hints(Assumptions, include_extras=True).items():
        meta = next(part for part in get_args(hint) if isinstance(part, Meta))
        found[name] = meta.description or ""
    return found
