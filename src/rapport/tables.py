"""Imports every module that declares tables, so that the metadata is whole (migrations, checks)."""

from importlib import import_module
from pkgutil import iter_modules

from rapport import features
from rapport.kernel import followers, installation, jobs, journal, leases, policy, storage
from rapport.kernel.http import requests
from rapport.kernel.schema import metadata

KERNEL = (followers, installation, jobs, journal, leases, policy, requests, storage)


def import_tables() -> None:
    """Import the tables of the kernel and of each feature."""
    for found in iter_modules(features.__path__):
        name = f"rapport.features.{found.name}.tables"
        try:
            import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                raise


__all__ = ["KERNEL", "import_tables", "metadata"]
