"""The server under test: the product itself, on the core that it is given (a process of ``bench.processes``)."""

import argparse
import logging
import os
import sys
from pathlib import Path

import structlog
import uvloop

from rapport.serving import serve
from rapport.settings import Settings


def main() -> None:
    """Serve a folder until SIGTERM; print the address once the server answers."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--core", type=int)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--database-url")
    parser.add_argument("--role", default=Settings().role)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    if options.core is not None:
        os.sched_setaffinity(0, {options.core})
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    settings = Settings(data=options.data, database_url=options.database_url, role=options.role, port=options.port)
    uvloop.run(serve(settings, ready=lambda url: print(url, flush=True)))


if __name__ == "__main__":
    main()
