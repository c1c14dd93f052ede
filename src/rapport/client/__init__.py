"""A client for programs: what tests.

Benches and bots use to speak to a Rapport server over HTTP and the realtime socket.
"""

from rapport.client.http import ApiError, Client
from rapport.client.mirror import Mirror
from rapport.client.socket import Refused, Socket

__all__ = ["ApiError", "Client", "Mirror", "Refused", "Socket"]
