"""What the daemon is asked for by signals: to stop, to read its settings anew."""

from __future__ import annotations

import os
import signal
from queue import Empty, SimpleQueue
from threading import Event

STOPS = (signal.SIGTERM, signal.SIGINT)


class Asked:
    """Signals are noted by the handler and heeded by the daemon's heart: a handler that takes a lock may
    wait for itself. `broken`: the loop whose fault ends the daemon.
    """

    def __init__(self) -> None:
        self.stop = Event()
        self.reload = False
        self.broken: str | None = None
        self.noted: SimpleQueue[int] = SimpleQueue()  # whose `put` may interrupt itself
        self.stops = 0

    def by_signals(self) -> None:
        """SIGTERM and Ctrl-C end the daemon after what it is doing, a second one at once; SIGHUP reloads."""
        for number in (*STOPS, signal.SIGHUP):
            signal.signal(number, self.note)

    def note(self, number: int, _frame: object = None) -> None:
        self.stops += number in STOPS
        if self.stops > 1:
            os._exit(1)
        self.noted.put(number)

    def heed(self, seconds: float) -> None:
        """Waits so long for a signal, and sets what was asked for."""
        try:
            number = self.noted.get(timeout=seconds) if seconds else self.noted.get_nowait()
        except Empty:
            return
        if number == signal.SIGHUP:
            self.reload = True
        else:
            self.stop.set()

    def to_end(self, loop: str) -> None:
        """A loop has a fault: the daemon ends, to be started again."""
        self.broken = loop
        self.noted.put(signal.SIGTERM)
