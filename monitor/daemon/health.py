"""Whether the daemon works: which of its loops came round lately, and what stands in the way."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog
from deltalake.exceptions import DeltaError
from sqlalchemy.exc import SQLAlchemyError

from store.database import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

log = structlog.get_logger()
STORE = (StoreError, SQLAlchemyError, DeltaError, OSError)  # what a full disk or a held lock comes as


@dataclass(slots=True)
class Loop:
    """`limit`: seconds within which it gives a sign of life while it works."""

    limit: float
    beat: float


@dataclass(slots=True)
class Health:
    """Signs of life of each loop, and the troubles that were not overcome yet, by what they are about."""

    loops: dict[str, Loop] = field(default_factory=dict)
    troubles: dict[str, str] = field(default_factory=dict)

    def expect(self, loop: str, limit: float) -> None:
        """From now on this loop is to give a sign of life every `limit` seconds."""
        self.loops[loop] = Loop(limit, time.monotonic())

    def beat(self, loop: str) -> None:
        self.loops[loop].beat = time.monotonic()

    def hung(self, now: float) -> list[str]:
        """Loops that gave no sign of life for too long. `now`: monotonic seconds."""
        return [name for name, loop in list(self.loops.items()) if now - loop.beat > loop.limit]

    def unready(self) -> str | None:
        """What keeps the daemon from its work, in words, or None."""
        words = [f"{about}: {trouble}" for about, trouble in list(self.troubles.items())]
        words += [f"{loop}: hung" for loop in self.hung(time.monotonic())]
        return "; ".join(words) or None

    def over(self, about: str) -> None:
        """The trouble is none any more."""
        self.troubles.pop(about, None)

    @contextmanager
    def overcoming(self, about: str) -> Iterator[None]:
        """A piece of work. A store that fails is logged, and a trouble until the work succeeds."""
        try:
            yield
        except STORE as error:
            self.troubles[about] = f"{type(error).__name__}: {error}"[:300]
            log.exception("work_failed", about=about)
        else:
            self.over(about)
