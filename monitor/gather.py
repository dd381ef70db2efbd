"""All sources side by side: a slow or broken one holds up nobody else."""

from __future__ import annotations

from queue import Empty, Queue
from threading import Event, Semaphore, Thread
from typing import TYPE_CHECKING

import structlog

from collectors.collector import Batch, Failure, Reason
from store.lake import SAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from collectors.collector import Collector

log = structlog.get_logger()
LOOK = 0.5  # seconds between two looks at `stop`
Found = tuple["Collector", Batch | None]


def gather(
    collectors: Sequence[Collector], now: datetime, stop: Event | None = None
) -> Iterator[tuple[Collector, Batch]]:
    """Every batch of every collector, as it comes; each collector runs in a thread of its own.

    A collector goes on when the caller takes the next batch, that is when its own is stored. One that raises,
    which is a fault of the program, is logged with its traceback and counts as one failure. When `stop` is
    set, what is under way is left.
    """
    found: Queue[Found] = Queue()
    left = Event()
    stored = {collector.name: Semaphore(0) for collector in collectors}
    for collector in collectors:
        told = (stored[collector.name], left)
        Thread(target=drain, args=(collector, now, found, told), name=collector.name, daemon=True).start()
    working = len(collectors)
    try:
        while working and not (stop is not None and stop.is_set()):
            try:
                collector, batch = found.get(timeout=LOOK)
            except Empty:
                continue
            if batch is None:
                working -= 1
                continue
            yield collector, batch
            stored[collector.name].release()
    finally:
        left.set()
        for waiting in stored.values():
            waiting.release()


def drain(collector: Collector, now: datetime, found: Queue[Found], told: tuple[Semaphore, Event]) -> None:
    stored, left = told
    try:
        for batch in collector.collect(now):
            found.put((collector, batch))
            stored.acquire()
            if left.is_set():
                return
    except Exception as error:  # one broken source must not stop the others
        log.exception("collector_broken", source=collector.name)
        failure = Failure(collector.name, None, Reason.BROKEN, f"{type(error).__name__}: {error}"[:200])
        found.put((collector, Batch(SAMPLES.empty_table(), (failure,))))
    finally:
        found.put((collector, None))
