"""Where every `make` target starts: old Pythons get one sentence here instead of a syntax error further on."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - telling exactly those is what this file is for
    sys.exit(
        "Rapport needs Python 3.11 or newer, and this is %d.%d. Name another one: make PYTHON=python3.12 run"  # noqa: UP031 - the old ones have no f-strings
        % sys.version_info[:2]
    )

from commands import main  # its syntax is newer than the Pythons turned away above

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
