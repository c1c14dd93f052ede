"""What every line is given."""

from pathlib import Path

import msgspec

from bench.machine import Cores
from bench.seed import Company, Size
from bench.shop import ShopSize

RESULTS = Path(__file__).parent / "results"
"""Where a run leaves what it measured."""


class Scale(msgspec.Struct, frozen=True):
    """How thoroughly to measure."""

    rounds: int
    seconds: float
    senders: tuple[int, ...]
    idle: int
    size: Size
    storms: int
    """How often the server is ended in each way."""
    shop: ShopSize
    """Who the simulated users are."""
    shop_of_nodes: ShopSize
    """Who they are on PostgreSQL, where fewer fit on one machine."""
    users_step: int
    """How many simulated users arrive at a time."""
    users_seconds: float
    lag_seconds: float


FULL = Scale(
    rounds=3,
    seconds=2.0,
    senders=(32, 200),
    idle=5_000,
    size=Size(pairs=200, groups=(100, 2_000), customers=10_000, changed=500),
    storms=1,
    shop=ShopSize(guides=100, met=30, talking=9, history=100),
    shop_of_nodes=ShopSize(guides=40, met=30, talking=9, history=100),
    users_step=50,
    users_seconds=6.0,
    lag_seconds=8.0,
)
QUICK = Scale(
    rounds=1,
    seconds=0.4,
    senders=(4,),
    idle=20,
    size=Size(pairs=4, groups=(5, 9), customers=40, changed=10),
    storms=1,
    shop=ShopSize(guides=2, met=4, talking=3, history=60),
    shop_of_nodes=ShopSize(guides=2, met=4, talking=3, history=60),
    users_step=4,
    users_seconds=1.0,
    lag_seconds=0.6,
)


class Bench(msgspec.Struct, frozen=True):
    """A run: where, on which cores, how thoroughly, with whom."""

    folder: Path
    cores: Cores
    scale: Scale
    company: Company
