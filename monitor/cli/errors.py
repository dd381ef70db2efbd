"""What an operator reads when something fails: what was tried, on what, what was answered, what to do."""

from __future__ import annotations

import errno
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from store.advice import RESTORE

EXIT_FAILED = 1
EXIT_FINDINGS = 3
EXIT_TEMPORARY = 75
ADVICE = {
    errno.EACCES: "no permission: run as the user who owns it, or give it to the one who runs this",
    errno.EPERM: "no permission: run as the user who owns it, or give it to the one who runs this",
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
        advice = absent(error) or ADVICE.get(error.errno, error.strerror or "the system refused")
        return Message(f"{where}{advice}", error.errno in TEMPORARY)
    if type(error).__module__.split(".")[0] in OURS or isinstance(error, FileNotFoundError):
        return Message(str(error), getattr(error, "temporary", False) or overtaken(error.__cause__))
    return foreign(error)


def absent(error: OSError) -> str | None:
    """What to do about a folder that cannot be made, or that is missing where a file was to be made."""
    if error.errno != errno.ENOENT or not error.filename:
        return None
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    if frame is not None and frame.tb_frame.f_code.co_name == "mkdir":
        return "this folder cannot be made: check data_dir in the settings"
    folder = Path(os.fsdecode(error.filename)).absolute().parent
    return None if folder.exists() else f"there is no folder {folder}: make it, or check the path"


def overtaken(error: BaseException | None) -> bool:
    """Whether another writer of the lake was faster."""
    lake = sys.modules.get("deltalake.exceptions")
    return lake is not None and isinstance(error, lake.CommitFailedError)


def foreign(error: BaseException) -> Message | None:
    """Errors of the libraries that an operator can mend; a library that was not loaded cannot have raised."""
    alchemy = sys.modules.get("sqlalchemy.exc")
    if alchemy is not None and isinstance(error, alchemy.DatabaseError):
        return of_register(error, alchemy.OperationalError, (alchemy.DataError, alchemy.DatabaseError))
    if overtaken(error):
        return Message(f"another process wrote the lake at the same time, try again: {line(error)}", True)
    lake = sys.modules.get("deltalake.exceptions")
    if lake is not None and isinstance(error, lake.DeltaError):
        return Message(f"the lake answered: {line(error)}")
    arrow = sys.modules.get("pyarrow")
    if arrow is not None and isinstance(error, arrow.ArrowInvalid):
        return Message(f"a file of measurements cannot be read: {line(error)}; `rightsizer doctor` names it")
    if isinstance(error, OSError) and str(error):
        return Message(line(error))
    return None


def of_register(
    error: BaseException, operational: type[BaseException], bad: tuple[type[BaseException], ...]
) -> Message | None:
    """What the register answered; a broken constraint or statement is a fault of the program."""
    said = line(getattr(error, "orig", None) or error)
    if isinstance(error, operational):
        full, busy = "full" in said, "locked" in said or "lock timeout" in said
        advice = "make room and run the same command again" if full else "check the register and its folder"
        advice = "another process holds it, try again" if busy else advice
        return Message(f"the register answered: {said}; {advice}", full or busy)
    if type(error) not in bad:
        return None
    damaged = "malformed" in said or "not a database" in said
    advice = RESTORE if damaged else "it cannot keep what was to be stored"
    return Message(f"the register answered: {said}; {advice}")


def line(error: object) -> str:
    """On one line: what stands before the details that libraries append."""
    return " ".join(str(error).strip().split("\n")[0].split())
