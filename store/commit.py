"""One commit to a table of the lake: what feeds it, who may write beside it, and what happens when another
writer was faster.

Delta refuses an append that began before files were taken out of the table and ends after it, although it has
read none of them; its batches cannot be read twice. So nobody takes files out while somebody appends.
"""

from __future__ import annotations

import fcntl
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic, sleep
from typing import IO, TYPE_CHECKING, TypeVar

from deltalake.exceptions import CommitFailedError

from store.layout import LakeBusyError, LakeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pyarrow as pa

T = TypeVar("T")
TRIES = 10
PATIENCE = 120.0  # seconds that an append waits for files that are being joined
LOOK = 0.05  # seconds between two looks


@dataclass
class Source:
    """Batches on their way into the lake; `failure` is what stopped them."""

    batches: Iterator[pa.RecordBatch]
    failure: Exception | None = None

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        try:
            yield from self.batches
        except Exception as error:
            self.failure = error
            raise


@contextmanager
def beside_others(folder: Path) -> Iterator[None]:
    """Appending, as many as like; waits while files are being taken out. Raises LakeBusyError."""
    with (folder / "append.lock").open("a+") as lock:
        until = monotonic() + PATIENCE
        while not locked(lock, fcntl.LOCK_SH):
            if monotonic() > until:
                raise LakeBusyError(
                    f"files of {folder} are being joined since {PATIENCE:.0f} s: try again later; who holds "
                    "append.lock is shown by `lslocks`"
                )
            sleep(LOOK)
        yield


@contextmanager
def alone(folder: Path) -> Iterator[bool]:
    """Taking files out: False when somebody is appending; it is then left for another time."""
    with (folder / "append.lock").open("a+") as lock:
        yield locked(lock, fcntl.LOCK_EX)


def locked(lock: IO[str], kind: int) -> bool:
    """Holds the lock until the file is closed. False: others hold it."""
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def again_if_overtaken(write: Callable[[], T]) -> T:
    """Writes, and once more from the newest state when another writer was faster. Raises LakeError."""
    for _ in range(TRIES):
        try:
            return write()
        except CommitFailedError as error:
            overtaken = error
    raise LakeError(f"other writers were faster {TRIES} times ({overtaken}): try again") from overtaken
