"""What the service manager is told, by its datagram protocol; nothing where nobody listens."""

from __future__ import annotations

import os
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Manager:
    """`address`: where datagrams go ("": nowhere). `watchdog`: within how many seconds it must hear that all
    is well; None: it does not ask.
    """

    address: str = ""
    watchdog: float | None = None

    def tell(self, *words: str) -> None:
        """Such as READY=1 or STATUS=...; a manager that does not listen any more is no fault of ours."""
        if not self.address:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
            try:
                out.sendto("\n".join(words).encode("utf-8"), self.address)
            except OSError:
                return

    def reloading(self) -> None:
        self.tell("RELOADING=1", f"MONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")


def manager(environment: Mapping[str, str]) -> Manager:
    """Whom $NOTIFY_SOCKET names, and the watchdog when it is meant for this process."""
    address = environment.get("NOTIFY_SOCKET", "")
    if address.startswith("@"):
        address = "\0" + address[1:]
    meant = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    microseconds = environment.get("WATCHDOG_USEC", "")
    asks = meant and microseconds.isdecimal() and int(microseconds) > 0
    return Manager(address, int(microseconds) / 1e6 if asks else None)
