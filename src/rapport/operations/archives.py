"""A backup as it lies there: a folder or one tar file, whole or not there at all.

It is an embedded installation (``rapport.db``, ``keys.json``, ``files/``) with two lists beside: ``files.jsonl``
names every file with its size and SHA-256, ``manifest.json`` says what the rest must be. The manifest is sealed with a
SHA-256 of its own and comes last.
"""

import hashlib
import os
import secrets
import shutil
import tarfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path, PurePosixPath

import msgspec

from rapport.operations.errors import OperationError
from rapport.operations.tallies import Tally

FORMAT = 1
MANIFEST, DATABASE, KEYS, LISTING, FILES = "manifest.json", "rapport.db", "keys.json", "files.jsonl", "files"
CHUNK = 1024 * 1024


class Part(msgspec.Struct, frozen=True):
    """A part of the backup: its size and what its bytes must hash to."""

    size: int
    sha256: str


class KeptFile(msgspec.Struct, frozen=True):
    """A line of the list of files."""

    name: str
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds, and of what; times in microseconds (UTC)."""

    format: int
    version: str
    revision: str
    engine: str
    epoch: str
    started_at: int
    ended_at: int
    tables: dict[str, Tally]
    parts: dict[str, Part]
    files: int
    file_bytes: int
    missing: list[str]
    """Files whose bytes the installation itself had lost; at most the first hundred names."""
    seal: str = ""

    def sealed(self) -> "Manifest":
        """Return the manifest with its seal."""
        return msgspec.structs.replace(self, seal=self._hash())

    @property
    def is_intact(self) -> bool:
        """Whether nothing was changed since it was sealed."""
        return self.seal == self._hash()

    def _hash(self) -> str:
        bare = msgspec.structs.replace(self, seal="")
        return hashlib.sha256(msgspec.json.encode(bare, order="deterministic")).hexdigest()


def part_of(path: Path) -> Part:
    """Hash a file."""
    with path.open("rb") as file:
        return Part(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


def place_of(name: str) -> str:
    """Return where the bytes of a name lie in a backup, as in an installation's folder."""
    return f"{FILES}/{name[-2:]}/{name}"


class Writing:
    """A backup that is being written, beside the name that it gets when it is whole."""

    def __init__(self, target: Path) -> None:
        """Begin in ``target``, a name that must be free, or a folder in which a name is made; OperationError."""
        self.target = target
        if target.exists():
            raise OperationError(f"There is something at {target} already: choose another name.")
        self._is_tar = target.suffix == ".tar"
        self._staging = target.parent / f".{target.name}.{secrets.token_hex(4)}.unfinished"
        try:
            self._staging.mkdir(mode=0o700)
        except OSError as error:
            raise OperationError(f"Nothing can be written into {target.parent} ({error.strerror}).") from error
        self._tar: tarfile.TarFile | None = None
        if self._is_tar:
            descriptor = os.open(self._staging / "tar", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            self._tar = tarfile.open(fileobj=os.fdopen(descriptor, "wb"), mode="w")  # noqa: SIM115  closed at the end

    def scratch(self, name: str) -> Path:
        """Return where a part may be made before it is added."""
        return self._staging / name

    def add(self, name: str, path: Path) -> None:
        """Take a finished file, which moves into the backup."""
        if self._tar is not None:
            self._tar.add(path, name, recursive=False)
            path.unlink()
            return
        to = self._staging / name
        to.parent.mkdir(parents=True, exist_ok=True)
        path.replace(to)

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest, make everything durable and give it its name."""
        encoded = msgspec.json.format(msgspec.json.encode(manifest.sealed())) + b"\n"
        if self._tar is not None:
            entry = tarfile.TarInfo(MANIFEST)
            entry.size, entry.mode = len(encoded), 0o600
            self._tar.addfile(entry, BytesIO(encoded))
            self._close_tar()
            whole = self._staging / "tar"
        else:
            (self._staging / MANIFEST).write_bytes(encoded)
            whole = self._staging
        # Once for all of them: a sync for each of a million small files would take hours.
        os.sync()
        if self.target.exists():
            raise OperationError(f"There is something at {self.target} by now: choose another name.")
        whole.rename(self.target)
        os.sync()
        shutil.rmtree(self._staging, ignore_errors=True)

    def abandon(self) -> None:
        """Remove what was written so far."""
        self._close_tar()
        shutil.rmtree(self._staging, ignore_errors=True)

    def _close_tar(self) -> None:
        if self._tar is not None:
            file = self._tar.fileobj
            self._tar.close()
            assert file is not None, "it was opened on one"
            file.close()
            self._tar = None


def read_manifest(backup: Path) -> Manifest:
    """Return the manifest of an unpacked backup; raises OperationError for what is none, or not ours to read."""
    try:
        manifest = msgspec.json.decode((backup / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError:
        raise OperationError(f"There is no whole backup in {backup}: it has no {MANIFEST}.") from None
    except OSError as error:
        raise OperationError(f"The backup {backup} cannot be read ({error.strerror}).") from error
    except msgspec.MsgspecError as error:
        raise OperationError(f"The backup {backup} is damaged: its {MANIFEST} cannot be read ({error}).") from error
    if manifest.format != FORMAT:
        raise OperationError(f"The backup {backup} is of a newer version ({manifest.version}): update Rapport first.")
    if not manifest.is_intact or manifest.parts.keys() != {DATABASE, KEYS, LISTING}:
        raise OperationError(f"The backup {backup} is damaged: its {MANIFEST} is not what was written.")
    return manifest


def check_part(backup: Path, name: str, expected: Part) -> None:
    """Raise OperationError unless a part is there, whole and unchanged."""
    try:
        found = part_of(backup / name)
    except FileNotFoundError:
        raise OperationError(f"The backup {backup} is damaged: {name} is missing; take another one.") from None
    except OSError as error:
        raise OperationError(f"The backup {backup} cannot be read: {name} ({error.strerror}).") from error
    if found.size != expected.size:
        raise OperationError(
            f"The backup {backup} is damaged: {name} has {found.size} bytes instead of {expected.size}; "
            "take another one."
        )
    if found.sha256 != expected.sha256:
        raise OperationError(
            f"The backup {backup} is damaged: {name} holds other bytes than were written; take another one."
        )


def listed_files(backup: Path) -> Iterator[KeptFile]:
    """Yield the files of an unpacked backup whose list was checked."""
    with (backup / LISTING).open("rb") as lines:
        for line in lines:
            kept = msgspec.json.decode(line, type=KeptFile)
            if "/" in kept.name or kept.name.startswith("."):
                raise OperationError(f"The backup {backup} is not one of ours: {kept.name} is no name of a file.")
            yield kept


def unpack(tar: Path, into: Path) -> None:
    """Unpack a tar file into an empty folder; raises OperationError for a broken one."""
    try:
        with tarfile.open(tar) as archive:
            for entry in archive:
                _unpack_one(archive, entry, tar, into)
    except (tarfile.TarError, EOFError) as error:
        reason = str(error).partition("\n")[0]
        raise OperationError(f"The backup {tar} is damaged: it cannot be unpacked ({reason}).") from error
    except OSError as error:
        raise OperationError(f"The backup {tar} cannot be unpacked ({error.strerror or error}).") from error


def _unpack_one(archive: tarfile.TarFile, entry: tarfile.TarInfo, tar: Path, into: Path) -> None:
    """Write one file of our own making below ``into``; links, devices and ways out of it are not ours.

    Python's own filter for this is younger than the oldest Python that is supported.
    """
    name = PurePosixPath(entry.name)
    if entry.isdir() and not name.is_absolute() and ".." not in name.parts:
        return
    source = archive.extractfile(entry) if entry.isreg() else None
    if source is None or name.is_absolute() or ".." in name.parts:
        raise OperationError(f"The backup {tar} is not one of ours: it holds {entry.name}.")
    target = into / name
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with source, target.open("xb") as file:
        shutil.copyfileobj(source, file, CHUNK)
    target.chmod(0o600)
