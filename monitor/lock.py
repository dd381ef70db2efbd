"""One writer of measurements a data folder: a second daemon is told who holds it."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class HeldError(RuntimeError):
    """Another process holds the data folder: try again later."""

    temporary = True


@contextmanager
def held(data_dir: Path) -> Iterator[None]:
    """Holds the folder until the block ends or the process dies. Raises HeldError with the holder's pid."""
    path = data_dir / "rightsizer.lock"
    with path.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            pid = file.read().strip() or "unknown"
            raise HeldError(
                f"{data_dir} is held by another rightsizer (pid {pid}): stop it first, or wait until it ends"
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
