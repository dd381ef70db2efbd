"""What an operator reads when something fails: what was tried, on what, what was answered, what to do."""

from __future__ import annotations

import errno
import sys
from dataclasses import dataclass

EXIT_FAILED = 1
EXIT_FINDINGS = 3
EXIT_TEMPORARY = 75
ADVICE = {
    errno.EACCES: "no permission: run as the user who owns it (`sudo -u rightsizer`)",
    errno.EPERM: "no permission: run as the user who owns it (`sudo -u rightsizer`)",
    errno.EROFS: "the file system is read-only: check data_dir in the settings",
    errno.ENOSPC: "the disk is full: make room and run the same command again; nothing is half stored",
    errno.ENOENT: "nothing lies there: check the path",
    errno.EISDIR: "this is a folder: name a file in it",
    errno.ENOTDIR: "a part of the path is a file, not a folder",
}
TEMPORARY = {errno.ENOSPC, errno.EAGAIN, errno.EBUSY}
OURS = ("config", "store", "collectors", "rules", "monitor", "notifier", "filing", "catalog")


@dataclass(frozen=True, slots=True)
class Message:
    text: str
    temporary: bool = False


def explain(error: BaseException) -> Message | None:
    """The error in words for a person, None for a fault of the program (which keeps its traceback)."""
    if isinstance(error, OSError) and error.errno is not None:
        where = f"{error.filename}: " if error.filename else ""
        advice = ADVICE.get(error.errno, error.strerror or "the system refused")
        return Message(f"{where}{advice}", error.errno in TEMPORARY)
    if type(error).__module__.split(".")[0] in OURS or isinstance(error, FileNotFoundError):
        return Message(str(error), getattr(error, "temporary", False))
    return foreign(error)


def foreign(error: BaseException) -> Message | None:
    """Errors of the libraries that an operator can mend; a library that was not loaded cannot have raised."""
    alchemy = sys.modules.get("sqlalchemy.exc")
    if alchemy is not None and isinstance(error, alchemy.OperationalError):
        said = str(error.orig).strip()
        full = "full" in said
        advice = "make room and run the same command again" if full else "check the register and its folder"
        return Message(f"the register answered: {said}; {advice}", full or "locked" in said)
    lake = sys.modules.get("deltalake.exceptions")
    if lake is not None and isinstance(error, lake.CommitFailedError):
        return Message(f"another process wrote the lake at the same time, try again: {error}", temporary=True)
    if lake is not None and isinstance(error, lake.DeltaError):
        return Message(f"the lake answered: {str(error).strip()}")
    return None
