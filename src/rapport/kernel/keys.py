"""The installation's own keys: made once with it, kept beside its database and never inside.

A copy of the database alone must not be enough to guess short secrets (one-time codes), nor to speak for the
installation. The file belongs into the backup, and to nobody but the account that runs the server.
"""

import hashlib
import hmac
import os
import secrets
import stat
from pathlib import Path

import msgspec

FILE_NAME = "keys.json"
SECRET_BYTES = 32
SCALAR_BYTES = 32
POINT_BYTES = 65


class KeysError(Exception):
    """The keys cannot be used; the message is one sentence for the operator."""


class OtherKeysError(KeysError):
    """The keys belong to another installation than the database."""

    def __init__(self) -> None:
        super().__init__(
            "The keys in the data folder are those of another installation than the database: put its own keys.json "
            "back, or remove the wrong one and make new keys with `rapport keys`."
        )


class Keys(msgspec.Struct, frozen=True):
    """A random secret, and the P-256 key pair (scalar, uncompressed point) by which push services know this server."""

    secret: bytes
    vapid_private: bytes
    vapid_public: bytes

    def __repr__(self) -> str:
        return "Keys(…)"

    @property
    def fingerprint(self) -> str:
        """What tells these keys from others and gives nothing of them away."""
        return self.seal("fingerprint", "")

    def seal(self, purpose: str, text: str) -> str:
        """Return what a short secret is stored as: worthless without this file. One ``purpose`` never fits another."""
        return hmac.new(self.secret, f"{purpose}\n{text}".encode(), hashlib.sha256).hexdigest()


def open_keys(folder: Path, *, make: bool) -> Keys:
    """Return the keys of a folder; where there are none, new ones if ``make`` says so. Raises KeysError."""
    file = folder / FILE_NAME
    if make and not file.exists():
        return make_keys(folder)
    return _read(file)


def make_keys(folder: Path) -> Keys:
    """Make new keys, durable and readable by their owner alone. Raises KeysError when there are some already."""
    file = folder / FILE_NAME
    keys = _generate()
    temporary = folder / f"{FILE_NAME}.{secrets.token_hex(6)}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(msgspec.json.format(msgspec.json.encode(keys)) + b"\n")
            out.flush()
            os.fsync(out.fileno())
        # A link and not a rename: keys that are there already are never replaced.
        os.link(temporary, file)
    except FileExistsError as error:
        raise KeysError(f"There are keys in {file} already; nothing was changed.") from error
    finally:
        temporary.unlink()
    return keys


def _generate() -> Keys:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415  only a new installation pays for it
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415  same

    private = ec.generate_private_key(ec.SECP256R1())
    point = private.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    scalar = private.private_numbers().private_value.to_bytes(SCALAR_BYTES)
    return Keys(secrets.token_bytes(SECRET_BYTES), scalar, point)


def _read(file: Path) -> Keys:
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        if mode & 0o077:
            raise KeysError(f"{file} is open to others (mode {mode:03o}): close it with `chmod 600 {file}`.")
        keys = msgspec.json.decode(file.read_bytes(), type=Keys)
    except FileNotFoundError as error:
        raise KeysError(
            f"There is no {file}, which belongs to the database beside it: put it back from the backup, "
            "or make new keys with `rapport keys`."
        ) from error
    except OSError as error:
        raise KeysError(f"{file} cannot be read ({error.strerror}): it must belong to who runs the server.") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise KeysError(f"{file} is damaged ({error}): put it back from the backup.") from error
    sizes = (len(keys.secret), len(keys.vapid_private), len(keys.vapid_public))
    if sizes != (SECRET_BYTES, SCALAR_BYTES, POINT_BYTES):
        raise KeysError(f"{file} is damaged (a key has the wrong length): put it back from the backup.")
    return keys
