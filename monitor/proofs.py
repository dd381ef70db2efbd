"""Proof that an operator hands in (a signed receipt, a screenshot): kept under its SHA-256, never changed."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from notifier.message import FORBIDDEN
from notifier.oneline import one_line
from store.advice import RESTORE

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = "proofs"  # in data_dir
MOST = 100 * 2**20  # bytes of a proof
CHUNK = 2**20
KEPT = re.compile(r"[0-9a-f]{64}-[^/]+$")
LONGEST = 180  # bytes of the name, so that hash and name fit into the 255 of a file system


class ProofError(ValueError):
    """The file is no proof, or its copy is not what was handed in: the file, and why."""

    def __init__(self, path: Path | str, why: str) -> None:
        super().__init__(f"proof {path}: {why}")


def keep(folder: Path, path: Path) -> str:
    """Copies the file into `folder`, whole or not at all; returns the copy's name, SHA256-NAME.

    The same file again is kept once. Raises ProofError, OSError.
    """
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    with opened(path) as source:
        descriptor, name = tempfile.mkstemp(prefix=".proof-", dir=folder)
        made = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as copy:
                digest = copied(path, source, copy)
            kept = f"{digest}-{plain(path.name)}"
            place(made, folder / kept)
        finally:
            made.unlink(missing_ok=True)
    return kept


def opened(path: Path) -> BinaryIO:
    """The file; without waiting for the other end of a pipe. Raises ProofError, OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ProofError(path, "not a file")
    return os.fdopen(descriptor, "rb")


def copied(path: Path, source: BinaryIO, copy: BinaryIO) -> str:
    """Copies all bytes onto the disk; returns their SHA-256."""
    digest, size = hashlib.sha256(), 0
    for chunk in chunks(source):
        size += len(chunk)
        if size > MOST:
            raise ProofError(path, f"more than {MOST // 2**20} MiB: a scan or a mail is smaller")
        digest.update(chunk)
        copy.write(chunk)
    if not size:
        raise ProofError(path, "the file is empty")
    copy.flush()
    os.fchmod(copy.fileno(), 0o640)
    os.fsync(copy.fileno())
    return digest.hexdigest()


def chunks(source: BinaryIO) -> Iterator[bytes]:
    while chunk := source.read(CHUNK):
        yield chunk


def place(made: Path, final: Path) -> None:
    """Gives the copy its name; one that has the name already has the same bytes, and stays."""
    if final.exists():
        if (why := fault(final.parent, final.name)) is not None:
            raise ProofError(final.name, f"it is kept already, but {why}: {RESTORE}")
        return
    made.replace(final)
    sync(final.parent)


def sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def plain(name: str) -> str:
    """The file's name as every system can keep it."""
    stem, dot, ending = FORBIDDEN.sub("_", one_line(name)).strip(" .").rpartition(".")
    if not dot:
        stem, ending = ending, ""
    ending = ending[:10]
    while len(f"{stem}{dot}{ending}".encode()) > LONGEST:
        stem = stem[:-1]
    return f"{stem}{dot}{ending}" or "proof"


def is_kept(name: str) -> bool:
    """Whether it names a kept file; a proof may also be told in words."""
    return KEPT.match(name) is not None


def fault(folder: Path, kept: str) -> str | None:
    """What is wrong with a kept proof, None when it is whole, or no file."""
    if not is_kept(kept):
        return None
    try:
        with (folder / kept).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return f"{folder / kept}: {error.strerror}"
    return None if kept.startswith(f"{digest}-") else f"{folder / kept}: it was changed"
