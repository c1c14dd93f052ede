"""Rapport: every employee is a verified window of the company's service."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("rapport-server")
except PackageNotFoundError:
    __version__ = "0+source"
