"""Files of a backup: linked or copied, sealed by size and SHA-256, on the disk before they are relied on."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from pathlib import Path

CHUNK = 1 << 20
NO_LINK = {errno.EXDEV, errno.EPERM, errno.EACCES, errno.EMLINK, errno.ENOTSUP, errno.ENOSYS}


class BackupError(RuntimeError):
    """A backup cannot be made or used: what was tried, on what, what was found, what to do."""


def inside(path: str) -> str:
    """A path that stays in its folder."""
    if path.startswith("/") or not set(path.split("/")).isdisjoint({"", ".", ".."}):
        raise ValueError("a path inside of the backup")
    return path


class Sealed(BaseModel):
    """A file of a backup: its path from the backup's folder, with /."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    path: Annotated[str, AfterValidator(inside)]
    bytes: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


def place(source: Path, target: Path) -> None:
    """The file at `target`: a hard link where that can be (for files that are never changed in place), else
    a copy.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in NO_LINK:
            raise
        shutil.copyfile(source, target)


def seal(folder: Path, path: Path) -> Sealed:
    return Sealed(path=path.relative_to(folder).as_posix(), bytes=path.stat().st_size, sha256=digest(path))


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fault(folder: Path, sealed: Sealed) -> str | None:
    """What is wrong with a file of the backup in `folder`, None when it is as it was sealed."""
    path = folder / sealed.path
    if not path.is_file():
        return f"{path} is missing"
    size = path.stat().st_size
    if size != sealed.bytes:
        return f"{path} has {size} bytes, it had {sealed.bytes}"
    if digest(path) != sealed.sha256:
        return f"{path} was changed: its SHA-256 is not that of the manifest"
    return None


def settle(folder: Path) -> None:
    """All that is in `folder`, and the names there, lie on the disk."""
    for path in folder.rglob("*"):
        synced(path)
    synced(folder)


def synced(path: Path) -> None:
    """A file's content, or a folder's names, lie on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
