"""``python -m bench.scale [--results bench.json] [users …]``: print the model, its figures and its assumptions."""

import argparse
import sys
from pathlib import Path

from bench.scale.assumptions import Assumptions
from bench.scale.measured import read_measured
from bench.scale.printing import STAGES, show


def main() -> int:
    """Print."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("users", nargs="*", type=int, default=list(STAGES), help="numbers of active users")
    parser.add_argument("--results", type=Path, help="bench.json of a run whose figures count instead of the kept ones")
    options = parser.parse_args()
    print(show(options.users, read_measured(options.results), Assumptions()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
