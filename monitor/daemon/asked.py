"""What the daemon is asked for by signals: to stop, to read its settings anew."""

from __future__ import annotations

import os
import signal
from threading import Event


class Asked:
    """`heard` wakes the daemon's heart for either. `broken`: the loop whose fault ends the daemon."""

    def __init__(self) -> None:
        self.stop = Event()
        self.reload = Event()
        self.heard = Event()
        self.broken: str | None = None

    def by_signals(self) -> None:
        """SIGTERM and Ctrl-C end the daemon after what it is doing, a second one at once; SIGHUP reloads."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.to_stop)
        signal.signal(signal.SIGHUP, self.to_reload)

    def to_stop(self, _number: int, _frame: object) -> None:
        if self.stop.is_set():
            os._exit(1)
        self.stop.set()
        self.heard.set()

    def to_end(self, loop: str) -> None:
        """A loop has a fault: the daemon ends, to be started again."""
        self.broken = loop
        self.stop.set()
        self.heard.set()

    def to_reload(self, _number: int, _frame: object) -> None:
        self.reload.set()
        self.heard.set()
