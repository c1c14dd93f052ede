"""What every line is given."""

from pathlib import Path

import msgspec

from bench.machine import Cores
from bench.seed import Company, Size


class Scale(msgspec.Struct, frozen=True):
    """How thoroughly to measure."""

    rounds: int
    seconds: float
    senders: tuple[int, ...]
    idle: int
    size: Size


FULL = Scale(
    rounds=3,
    seconds=2.0,
    senders=(32, 200),
    idle=5_000,
    size=Size(pairs=200, groups=(100, 2_000), customers=10_000, changed=500),
)
QUICK = Scale(
    rounds=1,
    seconds=0.4,
    senders=(4,),
    idle=20,
    size=Size(pairs=4, groups=(5, 9), customers=40, changed=10),
)


class Bench(msgspec.Struct, frozen=True):
    """A run: where, on which cores, how thoroughly, with whom."""

    folder: Path
    cores: Cores
    scale: Scale
    company: Company
