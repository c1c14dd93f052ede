"""The model: everything follows from the number of active users, monotone and without steps but whole machines."""

from math import ceil

import msgspec

from bench.scale.assumptions import Assumptions
from bench.scale.measured import Measured

DAY_S = 86_400
TB = 1e12


class Need(msgspec.Struct, frozen=True):
    """What so many active users need, at the busiest second; storage after everything that is kept has gathered."""

    users: int
    sockets: int
    socket_memory_gib: float
    messages_per_s: float
    actions_per_s: float
    deliveries_per_s: float
    commits_per_s: float
    serving_cores: float
    """Cores that serve HTTP and sockets, as busy as they may be."""
    processes: int
    serving_machines: int
    storm_s: float
    """Until everybody is back after all serving processes went at once, all cores doing nothing else."""
    primaries: int
    database_machines: int
    hot_tb: float
    cold_tb: float
    media_tb_per_year: float

    @property
    def machines(self) -> int:
        """Serving and database machines; the bus has room on them, the objects are elsewhere."""
        return self.serving_machines + self.database_machines


def estimate(users: int, measured: Measured, assumed: Assumptions) -> Need:
    """Return what ``users`` who are active in a day need."""
    sockets = users * assumed.connected_at_peak
    daily = users * assumed.messages_per_user_day
    messages = daily / DAY_S * assumed.peak_factor
    actions, deliveries = messages * assumed.actions_per_message, messages * assumed.deliveries_per_message
    commits = messages * (1 + assumed.reads_per_message)
    # What an action costs was measured among pairs, so that the first delivery is in it.
    further = max(0.0, deliveries - messages)
    work = (actions * measured.action_us + further * measured.delivery_us) / 1e6 / assumed.speedup
    cores = work / assumed.busy_share
    processes = max(ceil(cores), ceil(sockets / assumed.sockets_per_process))
    cold_days = max(0.0, assumed.kept_days - assumed.hot_days)
    hot_tb = daily * min(assumed.hot_days, assumed.kept_days) * measured.message_bytes / TB
    primaries = max(ceil(commits / assumed.commits_per_primary), ceil(hot_tb / assumed.disk_per_primary_tb))
    back = sockets * measured.resume_us / 1e6 / assumed.speedup
    return Need(
        users=users,
        sockets=ceil(sockets),
        socket_memory_gib=sockets * measured.socket_kib / 2**20,
        messages_per_s=messages,
        actions_per_s=actions,
        deliveries_per_s=deliveries,
        commits_per_s=commits,
        serving_cores=cores,
        processes=processes,
        serving_machines=ceil(processes * (1 + assumed.spare_share) / assumed.cores_per_machine),
        storm_s=back / processes if processes else 0.0,
        primaries=primaries,
        database_machines=ceil(primaries * (1 + assumed.replicas_per_primary)),
        hot_tb=hot_tb,
        cold_tb=daily * cold_days * measured.message_bytes / assumed.cold_ratio / TB,
        media_tb_per_year=users * assumed.media_mb_per_user_month * 12 / 1e6,
    )
