"""The installation's keys: made once, for their owner alone, and never replaced in silence."""

import json
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from rapport.kernel.keys import FILE_NAME, KeysError, make_keys, open_keys


def test_keys_survive_and_differ_between_installations(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    made = open_keys(one, make=True)
    assert open_keys(one, make=True) == open_keys(one, make=False) == made
    assert stat.S_IMODE((one / FILE_NAME).stat().st_mode) == 0o600
    assert [file.name for file in one.iterdir()] == [FILE_NAME]
    assert made != open_keys(other, make=True)
    assert made.secret.hex() not in repr(made)


def test_the_pair_belongs_together(tmp_path: Path) -> None:
    keys = make_keys(tmp_path)
    private = ec.derive_private_key(int.from_bytes(keys.vapid_private), ec.SECP256R1())
    encoding, form = serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    assert private.public_key().public_bytes(encoding, form) == keys.vapid_public


def test_a_seal_depends_on_secret_purpose_and_text(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    keys = make_keys(tmp_path)
    seals = {keys.seal("a", "x"), keys.seal("b", "x"), keys.seal("a", "y"), make_keys(other).seal("a", "x")}
    assert len(seals) == 4
    assert keys.seal("a", "x") in seals


def test_keys_are_never_replaced(tmp_path: Path) -> None:
    made = make_keys(tmp_path)
    with pytest.raises(KeysError, match="already"):
        make_keys(tmp_path)
    assert open_keys(tmp_path, make=False) == made


def test_what_is_wrong_is_said(tmp_path: Path) -> None:
    file = tmp_path / FILE_NAME
    with pytest.raises(KeysError, match="put it back from the backup"):
        open_keys(tmp_path, make=False)
    make_keys(tmp_path)
    whole = json.loads(file.read_bytes())
    for mode in (0o640, 0o604, 0o666):
        file.chmod(mode)
        with pytest.raises(KeysError, match="chmod 600"):
            open_keys(tmp_path, make=True)
    file.chmod(0o600)
    for content in (b"", b"{}", b"\xff", json.dumps({**whole, "secret": "AAAA"}).encode()):
        file.write_bytes(content)
        with pytest.raises(KeysError, match="damaged"):
            open_keys(tmp_path, make=True)
    file.unlink()
    file.mkdir(mode=0o700)
    with pytest.raises(KeysError, match="cannot be read"):
        open_keys(tmp_path, make=True)
