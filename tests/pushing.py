"""A push service that keeps what it is sent, and devices that can open it."""

import base64
import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def text_of(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def bytes_of(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Device:
    """A browser's subscription: its keys, and what its service worker would be handed."""

    def __init__(self, service: "PushService", name: str) -> None:
        self.name = name
        self.path = f"/{name}"
        self._private = ec.generate_private_key(ec.SECP256R1())
        self._auth = os.urandom(16)
        self._service = service
        self.subscription = {
            "endpoint": f"{service.origin}{self.path}",
            "expirationTime": None,
            "keys": {"p256dh": text_of(self._public), "auth": text_of(self._auth)},
        }

    @property
    def _public(self) -> bytes:
        form = serialization.PublicFormat.UncompressedPoint
        return self._private.public_key().public_bytes(serialization.Encoding.X962, form)

    def open(self, sealed: bytes) -> dict[str, Any]:
        """Decrypt as RFC 8291 tells a browser to."""
        salt, length = sealed[:16], sealed[20]
        sender, content = sealed[21 : 21 + length], sealed[21 + length :]
        shared = self._private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))

        def derive(secret: bytes, salt: bytes, info: bytes, size: int) -> bytes:
            return HKDF(hashes.SHA256(), size, salt, info).derive(secret)

        secret = derive(shared, self._auth, b"WebPush: info\0" + self._public + sender, 32)
        key = derive(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = derive(secret, salt, b"Content-Encoding: nonce\0", 12)
        plain = AESGCM(key).decrypt(nonce, content, None)
        assert plain[-1:] == b"\x02"
        return json.loads(plain[:-1])

    def told(self) -> list[dict[str, Any]]:
        """Return what the device was told each time it was woken."""
        return [self.open(body) for path, _, body in self._service.got if path == self.path]

    @property
    def count(self) -> int:
        return sum(path == self.path for path, _, _ in self._service.got)


class PushService:
    """A push service on a free port; ``answers`` says what it answers by path, 201 otherwise."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: dict[str, list[int]] = {}
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                service.got.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
                waiting = service.answers.get(self.path, [])
                self.send_response(waiting.pop(0) if waiting else 201)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base's own name
                """Say nothing."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self._http.server_address[1]}"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
