"""Whether this node leads: collects, judges, and writes letters. Alone on SQLite, by a lease on a server."""

from __future__ import annotations

import os
import secrets
import socket
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from store.lease import DeposedError, check, extend, release, take

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from monitor.installation import Installation

log = structlog.get_logger()
LASTS = timedelta(seconds=20)  # a leader that is not heard of for so long is succeeded
RENEW = 5.0  # seconds between two renewals, and between two tries to succeed


def node() -> str:
    """The name of the machine, as people know it."""
    return socket.gethostname()


class Leading:
    """`epoch` 0: this node does not lead. On SQLite, where one daemon holds the folder, it always does."""

    def __init__(self, house: Installation) -> None:
        self.register = house.register
        self.alone = house.register.engine.dialect.name == "sqlite"
        self.holder = f"{node()}:{os.getpid()}:{secrets.token_hex(4)}"
        self.epoch = 1 if self.alone else 0
        self.sure_until = 0.0

    def holds(self) -> bool:
        """May this node begin a step? By the monotonic clock, which goes on while the process is frozen."""
        return self.alone or (self.epoch > 0 and time.monotonic() < self.sure_until)

    def renew(self) -> None:
        """Takes or renews the lease. Raises what the register raises; the lease then runs out by itself."""
        if self.alone:
            return
        asked = time.monotonic()
        with self.register.aside() as db:
            epoch = extend(db, self.holder, LASTS) or 0
        if not epoch:
            asked = time.monotonic()
            with self.register.write() as db:
                epoch = take(db, self.holder, LASTS) or 0
        if epoch != self.epoch:
            log.info("leads" if epoch else "follows", holder=self.holder, epoch=epoch or self.epoch)
        self.epoch, self.sure_until = epoch, asked + LASTS.total_seconds()

    def fence(self, db: Session) -> None:
        """Raises DeposedError when another node leads by now."""
        if self.alone:
            return
        if self.epoch == 0:
            raise DeposedError(f"{self.holder} does not lead: nothing was written")
        check(db, self.holder, self.epoch)

    def release(self) -> None:
        """Another node need not wait until the lease runs out."""
        if not self.alone and self.epoch:
            with self.register.write() as db:
                release(db, self.holder)
