"""Web push: a message sealed for one browser (RFC 8291, RFC 8188) and this server's proof of who sends it (RFC 8292).

Written on ``cryptography``'s primitives and held to the RFC's own example by a test: the libraries that do it bring
two more HTTP clients, or come as sources only.
"""

import base64
import os
from urllib.parse import urlsplit

import msgspec

from rapport.kernel.keys import POINT_BYTES, SCALAR_BYTES, Keys

AUTH_BYTES = 16
SALT_BYTES = 16
RECORD_BYTES = 4096
MOST_PLAIN_BYTES = RECORD_BYTES - 17 - (SALT_BYTES + 4 + 1 + POINT_BYTES)
PROOF_S = 12 * 3600
_HEADER = b'{"typ":"JWT","alg":"ES256"}'


class _Claims(msgspec.Struct, frozen=True):
    aud: str
    exp: int
    sub: str


def encode_key(raw: bytes) -> str:
    """Return bytes as browsers write keys: base64 for addresses, without padding."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode_key(text: str) -> bytes | None:
    """Return what a browser wrote, or None when it is no base64."""
    try:
        return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return None


def is_public_key(raw: bytes) -> bool:
    """Say whether bytes are a point of P-256 in the form that browsers use."""
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415  40 ms that no start should pay

    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
    except ValueError:
        return False
    return len(raw) == POINT_BYTES


def seal_message(
    browser_key: bytes, auth: bytes, plain: bytes, *, own_scalar: bytes | None = None, salt: bytes | None = None
) -> bytes:
    """Encrypt a message for the browser with this public key and secret; one record, so at most ``MOST_PLAIN_BYTES``.

    ``own_scalar`` and ``salt`` are random in earnest and given for the RFC's example alone.
    """
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415  see is_public_key
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415  same
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415  same
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415  same

    def derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
        return HKDF(hashes.SHA256(), length, salt, info).derive(secret)

    curve = ec.SECP256R1()
    own = (
        ec.generate_private_key(curve)
        if own_scalar is None
        else ec.derive_private_key(int.from_bytes(own_scalar), curve)
    )
    own_key = own.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    salt = os.urandom(SALT_BYTES) if salt is None else salt
    shared = own.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(curve, browser_key))
    secret = derive(shared, auth, b"WebPush: info\0" + browser_key + own_key, 32)
    key = derive(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = derive(secret, salt, b"Content-Encoding: nonce\0", 12)
    header = salt + RECORD_BYTES.to_bytes(4) + bytes([len(own_key)]) + own_key
    return header + AESGCM(key).encrypt(nonce, plain + b"\x02", None)


def prove_sender(keys: Keys, endpoint: str, contact: str, now_s: int) -> str:
    """Return the Authorization header by which a push service knows that this installation sends."""
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415  see is_public_key
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415  same
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature  # noqa: PLC0415  same

    parts = urlsplit(endpoint)
    claims = _Claims(f"{parts.scheme}://{parts.netloc}", now_s + PROOF_S, contact)
    said = f"{encode_key(_HEADER)}.{encode_key(msgspec.json.encode(claims))}"
    private = ec.derive_private_key(int.from_bytes(keys.vapid_private), ec.SECP256R1())
    r, s = decode_dss_signature(private.sign(said.encode(), ec.ECDSA(hashes.SHA256())))
    signature = r.to_bytes(SCALAR_BYTES) + s.to_bytes(SCALAR_BYTES)
    return f"vapid t={said}.{encode_key(signature)}, k={encode_key(keys.vapid_public)}"
